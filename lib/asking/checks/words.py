"""The words of names and of questions."""

from __future__ import annotations

import re
import unicodedata

from rapidfuzz import utils


def words(text: str) -> tuple[str, ...]:
    """The words of a name or a sentence in any script and style: `CustomerID` and `customer_id` are customer, id."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", unicodedata.normalize("NFKC", text))
    return tuple(re.findall(r"[^\W_]+", spaced.casefold()))


def stem(word: str) -> str:
    """A word without its plural."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and re.search(r"(s|x|z|ch|sh)es$", word):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def stems(text: str) -> frozenset[str]:
    """The words of a text without their plurals."""
    return frozenset(map(stem, words(text)))


def folded(text: str) -> str:
    """A value without case, accents, marks and doubled spaces."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return " ".join(utils.default_process(plain).split())
