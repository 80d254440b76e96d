"""Which encoding from before Unicode a text is in.

Nothing in the bytes says it, so it is a guess. chardet ranks the candidates, looking only at the cells that are not
ASCII: the digits, delimiters and English headers of a table say nothing and drown the rest. Then each candidate's
text is looked at as a reader would: letters of two scripts in one word, signs in the middle of words, characters that
hardly anyone uses, and accents that no single language has together speak against it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

CANDIDATES = (
    "cp1252", "cp1250", "cp1251", "cp1256", "iso-8859-1", "iso-8859-2", "gb18030", "cp932", "cp949", "big5hkscs",
)  # fmt: skip
EAST_ASIAN = frozenset({"gb18030", "cp932", "cp949", "big5hkscs"})
SAMPLE = 1 << 16
SURE_BY = 0.12
_RANK, _UNRANKED, _STRANGE_ACCENT = 0.02, 6, 0.1
_CUTS = re.compile(rb'[\r\n\t,;"]+')

_WESTERN = (
    "äöüß àâæçéèêëîïôœùûüÿ áéíñóúü àáâãçéêíóôõúü àèéìíòóù åäöé æøåéò ëïéèöüó áðéíóúýþæö õäöüšž àçèéíïóòúü"
).split()
_CENTRAL = "ąćęłńóśźż áčďéěíňóřšťúůýž áäčďéíĺľňóôŕšťúýž áéíóöőúüű ăâîşţ čćđšž äöüß".split()
_ACCENTS = {"cp1252": _WESTERN, "iso-8859-1": _WESTERN, "cp1250": _CENTRAL, "iso-8859-2": _CENTRAL}
_CONSONANTS = frozenset("bcdfghjklmnpqrstvwxzBCDFGHJKLMNPQRSTVWXZ")
_SIGNS = frozenset(
    "–—‘’‚“”„…«»‹›¿¡§°€£¥©®™²³ºª·•½¼¾№±×÷µ‰†´¨\xa0"
    "、。「」『』・ー《》〈〉（）：；，！？％～＆＋－／＝\u3000【】"
    "،؛؟٪﴾﴿ـ\u200c\u200d\u200e\u200f"
)
_WITHIN_WORDS = frozenset("’·ー・-—–\xa0\u3000\u200c\u200dـ")
# The first bytes of the characters that each standard lists as the common ones.
_COMMON = {
    "gb18030": ("gb2312", 0xD7),
    "big5hkscs": ("big5", 0xC6),
    "cp932": ("cp932", 0x97),
    "cp949": ("euc_kr", 0xC8),
}


@dataclass(frozen=True)
class Guess:
    """The candidates that fit the sample, best first; `sure` when the first one is far ahead of any other reading."""

    encodings: tuple[str, ...]
    sure: bool


def foreign_cells(chunks: Iterable[bytes]) -> bytes:
    """The first distinct cells that are not ASCII, a line each."""
    cells: dict[bytes, None] = {}
    size = 0
    for cell in _foreign(chunks):
        if cell not in cells:
            cells[cell] = None
            size += len(cell) + 1
            if size > SAMPLE:
                break
    return b"\n".join(cells)


def _foreign(chunks: Iterable[bytes]) -> Iterator[bytes]:
    left = b""
    for chunk in chunks:
        *lines, left = (left + chunk).split(b"\n")
        # A line that does not end within a sample's length is as good in two pieces.
        left = left[-SAMPLE:]
        yield from _cells_of(lines)
    yield from _cells_of([left])


def _cells_of(lines: Iterable[bytes]) -> Iterator[bytes]:
    for line in lines:
        if not line.isascii():
            yield from (cell for cell in _CUTS.split(line) if not cell.isascii())


def guess(sample: bytes) -> Guess:
    """The likely encodings of a sample of `foreign_cells`."""
    ranked = _ranked(sample)
    scored = []
    for encoding in CANDIDATES:
        try:
            text = sample.decode(encoding)
        except UnicodeDecodeError:
            continue
        rank = ranked.index(encoding) if encoding in ranked else _UNRANKED
        scored.append((_strangeness(text, encoding) + _RANK * rank, rank, encoding, text))
    scored.sort()
    if not scored:
        return Guess((), False)
    best, _, _, text = scored[0]
    others = [score for score, _, _, other in scored if other != text]
    # Of encodings that give the same text, the most common one is named.
    alike = [one for one in CANDIDATES if any(one == encoding and text == other for _, _, encoding, other in scored)]
    rest = [encoding for _, _, encoding, _ in scored if encoding not in alike]
    return Guess((*alike, *rest), not others or others[0] - best > SURE_BY)


def _ranked(sample: bytes) -> list[str]:
    # Imported where it is needed: most files are UTF-8, and its models take a tenth of a second.
    import chardet

    found = chardet.detect_all(
        sample,
        ignore_threshold=True,
        include_encodings=CANDIDATES,
        compat_names=False,
        empty_input_encoding="cp1252",
        max_bytes=SAMPLE,
    )
    names = {"iso8859-1": "iso-8859-1", "iso8859-2": "iso-8859-2"}
    return [names.get(one["encoding"], one["encoding"]) for one in found if one["encoding"]]


def _strangeness(text: str, encoding: str) -> float:
    """How unlike anything that people write the text is, from 0."""
    foreign = [(before, c, after) for before, c, after in _with_neighbours(text) if not c.isascii()]
    total = sum(_strange(before, c, after, encoding) for before, c, after in foreign)
    letters = {c.lower() for _, c, _ in foreign if c.isalpha()}
    alien = min((len(letters.difference(accents)) for accents in _ACCENTS.get(encoding, ())), default=0)
    return total / max(len(foreign), 1) + _STRANGE_ACCENT * alien


def _with_neighbours(text: str) -> Iterator[tuple[str, str, str]]:
    return zip("\n" + text, text, text[1:] + "\n", strict=False)


def _strange(before: str, c: str, after: str, encoding: str) -> float:
    category = unicodedata.category(c)
    if category in ("Cc", "Co", "Cn"):
        return 10
    if category[0] not in "LM":
        within = before.isalpha() and after.isalpha() and c not in _WITHIN_WORDS
        return 2 if c not in _SIGNS else 1 if within else 0
    if encoding in EAST_ASIAN:
        return _strange_east_asian(before, c, after, encoding)
    if encoding in _ACCENTS and before in _CONSONANTS and after in _CONSONANTS and not _is_vowel(c):
        return 0.4
    mixed = sum(3 for one in (before, after) if one.isalpha() and _script(one) != _script(c))
    return mixed + (before.islower() and c.isupper()) + 0.3 * (before.isupper() and c.isupper() and after.islower())


def _is_vowel(c: str) -> bool:
    return unicodedata.normalize("NFD", c.lower())[0] in "aeiouyæœø"


def _strange_east_asian(before: str, c: str, after: str, encoding: str) -> float:
    script = _script(c)
    if script == "half-width kana":
        beside_latin = any(one.isascii() and one.isalpha() for one in (before, after))
        return 3.25 if beside_latin else 0.25
    unusual = 0.0 if _is_common(c, encoding) else 0.7
    return unusual + {"latin": 1.0, "greek": 0.5, "cyrillic": 0.5}.get(script, 0.0)


def _script(c: str) -> str:
    code = ord(c)
    for start, end, name in (
        (0, 0x250, "latin"),
        (0x370, 0x400, "greek"),
        (0x400, 0x530, "cyrillic"),
        (0x600, 0x700, "arabic"),
        (0xFF61, 0xFFA0, "half-width kana"),
    ):
        if start <= code < end:
            return name
    return "other"


@lru_cache(maxsize=20_000)
def _is_common(c: str, encoding: str) -> bool:
    codec, last = _COMMON[encoding]
    try:
        return c.encode(codec)[0] <= last
    except UnicodeEncodeError:
        return False
