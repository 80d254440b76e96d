"""A model's words about a result on screen: inert, with the numbers marked that the result does not hold."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lib.chat.backed import Figure, figures
from lib.chat.visible import visible
from lib.data.table import counted
from lib.engine.result import Result
from lib.ui.inert import plain

SQL_OF = {"duckdb": "DuckDB's SQL.", "spark": "Spark's SQL."}
"""What an editor says of the dialect that it wants."""

_MARKS = {"unbacked": ":orange-background[{}]", "asked": ":gray-background[{}]"}
_START = re.compile(r" *(?:- |\d+\. ?)?")
_CELL = re.compile(r"[^|]+")
_DASHES = re.compile(r"\|(?:---\|)+")
_JOINER = "\u2060"  # a mark after a colon would not be one


def marked(words: str, result: Result, question: str) -> str:
    """Markdown of the words as they were compared: without bold, code, links and formulas, which could hide a number.

    `question` is what the person asked, or more text that is on screen beside the words.
    """
    text = visible(words)
    found = [one for one in figures(words, result, question) if one.standing in _MARKS]
    lines: list[str] = []
    at = 0
    for line in text.split("\n"):
        here = [one for one in found if at <= one.start < at + len(line)]
        lines.append(_line(line, at, here))
        at += len(line) + 1
    return "\n".join(lines)


def legend(found: Sequence[Figure]) -> str:
    """One caption that says what the marks mean; '' where there are none."""
    unbacked = sum(one.standing == "unbacked" for one in found)
    asked = sum(one.standing == "asked" for one in found)
    said = [f"{counted(unbacked, 'marked number')} {_are(unbacked)} not in the result."] if unbacked else []
    said += [f"{counted(asked, 'number')} in grey {_are(asked)} only in the question."] if asked else []
    return " ".join(said)


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _line(line: str, at: int, here: Sequence[Figure]) -> str:
    if _DASHES.fullmatch(line):
        return line
    if line.startswith("| "):
        cells = [_drawn(one.group(), at + one.start(), here) for one in _CELL.finditer(line)]
        return f"|{'|'.join(cells)}|"
    start = _START.match(line)
    kept = min([start.end() if start else 0, *(one.start - at for one in here)])  # also a list's number can be marked
    return f"{line[:kept]}{_drawn(line[kept:], at + kept, here)}  " if line else ""


def _drawn(text: str, at: int, figures_: Sequence[Figure]) -> str:
    """Literal Markdown of a text that begins at `at`, with those of the figures marked that lie in it."""
    drawn, done = "", 0
    for one in figures_:
        if at <= one.start and one.end <= at + len(text):
            drawn += _literal(text[done : one.start - at])
            drawn += (_JOINER if drawn.endswith(":") else "") + _MARKS[one.standing].format(plain(one.text))
            done = one.end - at
    return drawn + _literal(text[done:])


def _literal(text: str) -> str:
    """As `plain`, with the blanks at both ends."""
    bare = text.strip()
    return text.replace(bare, plain(bare), 1) if bare else text
