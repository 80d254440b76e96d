"""Words on a chart: names and values from data as text that Plotly shows letter for letter, and never as markup."""

from __future__ import annotations

import html
import json
import re
from textwrap import wrap

from lib.engine.result import Json

MISSING, EMPTY = "(missing)", "(empty)"
LETTER = 6.7
"""Pixels that a letter of an axis takes on average."""

_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)+|[a-z][a-z0-9]*")
_ROWS = re.compile(r"count(_star)?\(\*?\)", re.IGNORECASE)
_ABBREVIATED = {"usd": "USD", "eur": "EUR", "gbp": "GBP", "jpy": "JPY", "inr": "INR", "id": "ID", "pct": "%"}
_BREAK = re.compile(r"[\x00-\x1f\x7f\x85\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
_LONGEST = 300
_ENCODE = json.JSONEncoder(ensure_ascii=True, sort_keys=True).encode


def escaped(text: str) -> str:
    """The text in one line, as Plotly's HTML writes it; what is written from right to left keeps its own order."""
    line = html.escape(_BREAK.sub(" ", text), quote=False)
    return f"\u2068{line}\u2069" if _RIGHT_TO_LEFT.search(line) else line


def shown(value: Json) -> str:
    """A value as a label in full, at most some hundred letters. It is text, not yet escaped."""
    match value:
        case None:
            return MISSING
        case "":
            return EMPTY
        case str():
            return shortened(value, _LONGEST)
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
    return shortened(json.dumps(value, ensure_ascii=False), _LONGEST)


def shortened(text: str, most: int) -> str:
    """At most so many letters of it."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def worded(name: str, *, inside: bool = False) -> str:
    """A column's name as a person would write it: `total_sales_usd` becomes `Total sales USD`, other names stay.

    `inside` a sentence, it does not begin with a capital.
    """
    if _ROWS.fullmatch(name):
        return "number of rows" if inside else "Number of rows"
    if not _IDENTIFIER.fullmatch(name):
        return name
    words = " ".join(_ABBREVIATED.get(word.lower(), word) for word in name.split("_"))
    return words if inside else words[0].upper() + words[1:]


def wrapped(text: str, width: int, most: int = 3) -> list[str]:
    """The text in at most so many lines, which are escaped."""
    return [escaped(line) for line in wrap(text, width, max_lines=most, placeholder=" …")]


def key(value: Json) -> str:
    """A text that two values share only if they are the same one."""
    return _ENCODE(value)


def pixels(text: str) -> float:
    """How wide the text is on an axis, about."""
    return LETTER * len(text)
