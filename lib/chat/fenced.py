"""Text from elsewhere inside a prompt: what it is comes first, and nothing in it can end it."""

from __future__ import annotations

import re

from lib.data.names import one_line
from lib.llm.chatml import inert

_TICKS = re.compile("`{2,}")


def fenced(says: str, text: str) -> str:
    """The text under a line that says what it is, in a fence longer than any run of its marks in the text."""
    fence = "`" * max(3, *(len(run) + 1 for run in _TICKS.findall(text)), 3)
    return f"{says}\n{fence}\n{inert(text)}\n{fence}"


def named(name: str) -> str:
    """A name in quotation marks, on one line, without what could end it."""
    return '"' + inert(one_line(name)).translate({ord('"'): "'", ord("`"): "'"}) + '"'
