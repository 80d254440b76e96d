"""Which encoding a text is in, and how many records it holds: one pass over its bytes, a second for legacy ones."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lib.data import legacy
from lib.data.table import Note
from lib.errors import DataError

CHUNK = 4 << 20
MARKED = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
ENCODINGS: tuple[tuple[str, str], ...] = (
    ("utf-8", "UTF-8"),
    ("utf-16", "UTF-16 (with a mark)"),
    ("utf-16-le", "UTF-16, little end first"),
    ("utf-16-be", "UTF-16, big end first"),
    ("utf-32", "UTF-32 (with a mark)"),
    ("cp1252", "Windows-1252 (Western European)"),
    ("iso-8859-1", "ISO-8859-1 (Western European)"),
    ("iso-8859-15", "ISO-8859-15 (Western European)"),
    ("cp850", "DOS 850 (Western European)"),
    ("mac-roman", "Mac Roman (Western European)"),
    ("cp1250", "Windows-1250 (Central European)"),
    ("iso-8859-2", "ISO-8859-2 (Central European)"),
    ("cp1251", "Windows-1251 (Cyrillic)"),
    ("koi8-r", "KOI8-R (Cyrillic)"),
    ("cp866", "DOS 866 (Cyrillic)"),
    ("cp1253", "Windows-1253 (Greek)"),
    ("cp1254", "Windows-1254 (Turkish)"),
    ("cp1255", "Windows-1255 (Hebrew)"),
    ("cp1256", "Windows-1256 (Arabic)"),
    ("cp1257", "Windows-1257 (Baltic)"),
    ("cp1258", "Windows-1258 (Vietnamese)"),
    ("cp874", "Windows-874 (Thai)"),
    ("gb18030", "GB18030 (Simplified Chinese)"),
    ("big5hkscs", "Big5 (Traditional Chinese)"),
    ("cp932", "Shift_JIS (Japanese)"),
    ("euc_jp", "EUC-JP (Japanese)"),
    ("cp949", "EUC-KR (Korean)"),
)
NAMES = dict(ENCODINGS)
EXCEPT_LINES_AND_QUOTES = bytes(byte for byte in range(256) if byte not in b'"\n')
# What UTF-8 looks like after a program has taken it for Windows-1252 and saved it again as UTF-8: any letter after an
# Ã or a Â, and the commonest letters of other scripts.
_TWICE = ("Ã©".encode()[:-1], "Â°".encode()[:-1], *(one.encode() for one in ("Ø§", "Ø±", "Ð°", "Ð¾", "Ñ€", "â€")))
_CELL_ENDS = re.compile("[\n\r,;\t]")


@dataclass(frozen=True)
class Text:
    """How to read a file. `errors` is Python's word for what to do with damaged bytes.

    `lines` counts the line ends outside quotation marks, the missing one at the end included. `regular` says that
    every line ends in the same way and that there is no empty line and no NUL, so that the count can be trusted.
    `notes` say what was decided about the encoding.
    """

    encoding: str
    errors: str
    lines: int
    regular: bool
    nul: bool
    size: int
    notes: tuple[Note, ...] = ()

    @property
    def codec(self) -> str:
        """The encoding with which a file is opened: a mark at the start of UTF-8 is no part of the text."""
        return "utf-8-sig" if self.encoding == "utf-8" else self.encoding


def examine(path: Path, file: str, tell: Callable[[float], None], chunk_size: int = CHUNK, encoding: str = "") -> Text:
    """Read the whole file once, `chunk_size` bytes at a time. `encoding` is the one that a person chose, or empty.

    Raises DataError for what is empty or not in the encoding that it names.
    """
    if encoding and encoding not in NAMES:
        raise DataError(f"{encoding[:40]} is not an encoding that can be chosen.", "Choose one of the list.")
    size = path.stat().st_size
    with path.open("rb") as stream:
        start = stream.read(1 << 16)
    if not start.strip(b" \t\r\n\x00" + codecs.BOM_UTF8):
        raise DataError(f"{file} is empty.", "Choose a file with a header line and rows.")
    found = encoding or marked_or_wide(start)
    survey = _Survey(found or "utf-8")
    for chunk, read in _chunks(path, chunk_size):
        survey.take(chunk)
        tell(read / size)
    survey.finish()
    if encoding:
        return _chosen(encoding, survey, file, size)
    if survey.damaged:
        if found not in (None, "utf-8-sig"):
            raise DataError(f"{file} is damaged: it is not valid {_plain(found or '')}.", "Export the file again.")
        return _damaged_or_legacy(path, file, size)
    regular = found in (None, "utf-8-sig") and survey.regular
    notes = (*_unmarked(found), *_twice_encoded(survey))
    return Text(found or "utf-8", "strict", survey.lines, regular, survey.nuls > 0, size, notes)


def marked_or_wide(start: bytes) -> str | None:
    """The encoding by the file's first bytes, or by the zeros that UTF-16 has in every second place."""
    for mark, encoding in MARKED.items():
        if start.startswith(mark):
            return encoding
    even, odd = start[0::2].count(0), start[1::2].count(0)
    for encoding, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if zeros * 50 > len(start) and zeros > 10 * others and _is_table(start, encoding):
            return encoding
    return None


def _is_table(start: bytes, encoding: str) -> bool:
    """Whether the bytes make sense in the encoding: a stray zero in other text must not turn it into Chinese."""
    text = start[: len(start) // 2 * 2].decode(encoding, "replace")
    return "\0" not in text and text.count("\ufffd") < 2 and len(_CELL_ENDS.findall(text)) > 1


def _chunks(path: Path, size: int = CHUNK) -> Iterator[tuple[bytes, int]]:
    with path.open("rb") as stream:
        while chunk := stream.read(size):
            yield chunk, stream.tell()


def _plain(encoding: str) -> str:
    return NAMES.get(encoding.removesuffix("-sig"), encoding.upper())


def _unmarked(found: str | None) -> Iterator[Note]:
    if found in ("utf-16-le", "utf-16-be"):
        yield Note("encoding", f"The file is read as {_plain(found)}, which it does not say itself.")


def _twice_encoded(survey: _Survey) -> Iterator[Note]:
    if survey.twice:
        said = "Letters such as Ã© show that the text was damaged before it came here; it is kept as it is."
        yield Note("damaged_before", said)


def _chosen(encoding: str, survey: _Survey, file: str, size: int) -> Text:
    note = Note("encoding", f"The file is read as {_plain(encoding)}, as chosen.")
    if survey.damaged and encoding.startswith(("utf-16", "utf-32")):
        name = _plain(encoding).removesuffix(" (with a mark)")
        raise DataError(f"{file} is not valid {name}.", "Choose another encoding.")
    regular = encoding == "utf-8" and survey.regular and not survey.damaged
    errors = "surrogateescape" if survey.damaged else "strict"
    return Text(encoding, errors, survey.lines if regular else 0, regular, survey.nuls > 0, size, (note,))


class _Survey:
    def __init__(self, encoding: str) -> None:
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._wide = encoding.startswith(("utf-16", "utf-32"))
        self._quoted = False
        self._last = b"\n"  # so that a first line without any character counts as an empty one
        self._feeds = self._returns = self._pairs = 0
        self._empty = False
        self.lines = self.nuls = 0
        self.damaged = self.twice = False

    def take(self, chunk: bytes) -> None:
        # Most chunks are ASCII without quotes and carriage returns; to look for one byte costs next to nothing.
        if self._wide or not chunk.isascii() or self._decoder.getstate()[0] or b"\0" in chunk:
            self._decode(chunk)
        feeds = chunk.count(b"\n")
        self._feeds += feeds
        joint = self._last + chunk[:1]
        self._empty |= joint in (b"\n\n", b"\n\r") or b"\n\n" in chunk
        if b"\r" in chunk:
            self._returns += chunk.count(b"\r")
            self._pairs += chunk.count(b"\r\n")
            self._empty |= b"\n\r" in chunk
        self._pairs += joint == b"\r\n"
        if b'"' in chunk:
            self._count_lines(chunk)
        elif not self._quoted:
            self.lines += feeds
        self._last = chunk[-1:]

    def _decode(self, chunk: bytes) -> None:
        if not self.damaged:
            try:
                self.nuls += self._decoder.decode(chunk).count("\0")
            except UnicodeError:
                self.damaged = True
        if not self.twice:
            self.twice = any(one in chunk for one in _TWICE)

    def _count_lines(self, chunk: bytes) -> None:
        marks = chunk.translate(None, EXCEPT_LINES_AND_QUOTES).replace(b'""', b"")
        for number, part in enumerate(marks.split(b'"')):
            if (number % 2 == 1) == self._quoted:
                self.lines += len(part)
        self._quoted ^= marks.count(b'"') % 2 == 1

    def finish(self) -> None:
        try:
            self._decoder.decode(b"", final=True)
        except UnicodeError:
            self.damaged = True
        self.lines += self._last != b"\n"

    @property
    def regular(self) -> bool:
        one_kind = self._returns == 0 or self._returns == self._pairs == self._feeds
        return one_kind and not self._empty and not self.nuls and not self._quoted


def _damaged_or_legacy(path: Path, file: str, size: int) -> Text:
    """Not UTF-8: a few damaged characters in UTF-8, or an encoding from before it."""
    wrong = letters = nuls = 0
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for chunk, _ in _chunks(path):
        decoded = decoder.decode(chunk)
        nuls += chunk.count(0)
        wrong += decoded.count("\ufffd")
        letters += len(decoded) - len(decoded.encode("ascii", "ignore"))
    if wrong * 5 < letters:
        return Text("utf-8", "surrogateescape", 0, False, nuls > 0, size)
    guess = legacy.guess(legacy.foreign_cells(chunk for chunk, _ in _chunks(path)))
    for encoding in guess.encodings:
        if _decodes(path, encoding):
            return Text(encoding, "strict", 0, False, nuls > 0, size, (_guessed(guess, encoding),))
    if not guess.encodings:
        raise DataError(f"The encoding of {file} is not known.", "Choose the encoding, or save the file as UTF-8.")
    encoding = guess.encodings[0]
    return Text(encoding, "surrogateescape", 0, False, nuls > 0, size, (_guessed(guess, encoding),))


def _guessed(guess: legacy.Guess, encoding: str) -> Note:
    if guess.sure and encoding == guess.encodings[0]:
        return Note("encoding", f"The file is not UTF-8; it is read as {_plain(encoding)}.")
    return Note(
        "encoding",
        f"The file is not UTF-8; it is probably {_plain(encoding)}. If letters look wrong, choose another encoding.",
    )


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk, _ in _chunks(path):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True
