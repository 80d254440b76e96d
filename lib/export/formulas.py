"""What a spreadsheet takes for a formula when it opens a CSV file, and how to keep it from that."""

from __future__ import annotations

import re

MARK = "'"

# A sign may stand behind blanks and quotes, and may be a full-width one. A tab or a line's end at the start counts too:
# it is skipped before the rest is looked at.
_FORMULA = re.compile(r"[\t\r\n]|[\s\x00-\x1f\u200b-\u200f\u2060\ufeff\"'`]*[=+\-@|＝＋－＠]")
_HARMLESS = re.compile(r"[+-]?[0-9][0-9\s.,]*([eE][+-]?[0-9]+)?\s?%?|[+-]+")
# Where another separator than the comma is usual, a cell is cut there, and its rest is a cell of its own.
_INNER = re.compile(r"(?<=[;\t\r\n])(?=[ \"']*(?:[=@]|[+-][A-Za-z@=]))")


def neutral(text: str) -> str:
    """The text as a cell that is shown and never reckoned: an apostrophe stands before what would be a formula.

    Numbers with a sign, telephone numbers and dashes stay as they are.
    """
    if _HARMLESS.fullmatch(text):
        return text
    safe = _INNER.sub(MARK, text)
    return MARK + safe if _FORMULA.match(text) else safe
