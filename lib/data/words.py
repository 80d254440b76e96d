"""The words that a name of a table or column is made of."""

from __future__ import annotations

import re
import unicodedata


def words(name: str) -> tuple[str, ...]:
    """The words of a name in any script and style: `CustomerID` and `customer_id` are both customer, id."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", unicodedata.normalize("NFKC", name))
    return tuple(re.findall(r"[^\W_]+", spaced.casefold()))


def singulars(word: str) -> tuple[str, ...]:
    """The word, and what it may be the plural of."""
    return tuple(
        dict.fromkeys(
            (
                word,
                re.sub(r"(?<=..)s$", "", word),
                re.sub(r"(?<=s|x|z|h)es$", "", word),
                re.sub("ies$", "y", word),
                _IRREGULAR.get(word, word),
            )
        )
    )


_IRREGULAR = {"people": "person", "children": "child", "men": "man", "women": "woman"}
