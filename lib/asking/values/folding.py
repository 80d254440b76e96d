"""Texts as they are compared: without case, accents, punctuation and the variants of one letter."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

_VARIANTS = {
    "ا": "ٱ",
    "ي": "ىیې",
    "ك": "کڪ",
    "ه": "ةہەھ",
    "": "ءـ",
    "o": "ø",
    "l": "ł",
    "d": "đð",
    "i": "ı",
    "ae": "æ",
    "oe": "œ",
    "th": "þ",
    **{str(digit): chr(0x0660 + digit) + chr(0x06F0 + digit) for digit in range(10)},
}
_ALIKE = str.maketrans({one: letter for letter, variants in _VARIANTS.items() for one in variants})
# Accents of Latin, Greek and Cyrillic, points of Hebrew, vowel signs of Arabic: those of India belong to the spelling.
_ACCENTS = r"[\x{0300}-\x{036F}\x{0591}-\x{05C7}\x{0610}-\x{061A}\x{064B}-\x{065F}\x{0670}\x{06D6}-\x{06ED}]+"


def folded(texts: pa.StringArray) -> pa.StringArray:
    """Each text's words in lower case with one blank between them; empty for a text without letters and digits."""
    # Texts of plain ASCII, mostly all of them, need a far smaller automaton than those of any script.
    words = _spaced(pc.ascii_lower(texts), "[^a-z0-9]+")
    ascii_ = pc.string_is_ascii(texts)
    if pc.all(ascii_).as_py():
        return words
    others = pc.invert(ascii_)
    plain = pa.array([_plain(one) for one in pc.filter(texts, others).to_pylist()], pa.string())
    plain = _spaced(pc.replace_substring_regex(plain, _ACCENTS, ""), r"[^\pL\pN\pM]+")
    return pc.replace_with_mask(words, others, plain)


def _spaced(texts: pa.StringArray, between: str) -> pa.StringArray:
    return pc.utf8_trim(pc.replace_substring_regex(texts, between, " "), " ")


def folded_each(texts: Sequence[str]) -> list[str]:
    """As `folded`, for a few texts."""
    return [str(one) for one in folded(pa.array(texts, pa.string())).to_pylist()]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text.casefold()).translate(_ALIKE)
