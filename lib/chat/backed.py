"""Which numbers in a model's words about a result does the result not hold?

A number is *held* when
- a cell is it, or rounds to it as it is written: 1.2M for 1,234,567, 33.3% for 0.3333 or 33.33. A rounding that is off
  by more than 5 % of the cell is none, whatever stands before it: "about 1 million" does not say 1,400,000;
- it is how many rows there are in all, or, before "columns", how many columns. One row or one column is only meant
  where the word follows: "one row", not "one penguin";
- a text has it together with the word beside it (Route 66), or has the whole code (Q4, A320-214);
- it is a day, a month, a quarter, a year or a time in which a date of the result lies.
The sign counts. A fraction must be all that its cell says: "a third" is 0.3333 or 33.33. "Twice" needs a cell that is
2.0. Words for numbers are read in English and Arabic. What is not held but stands in the question is *asked*.

No figures are: ordinals up to the number of rows, and the numbers before the items of a list.
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from lib.asking.values.phrases import is_stop
from lib.chat.cells import Cells
from lib.chat.meanings import Amount, Both, Clock, Code, Day, Meaning, Place, Quarter, Ratio, Said, Times
from lib.chat.numerals import in_ascii, numbers
from lib.chat.visible import visible
from lib.engine.result import Result

Standing = Literal["held", "asked", "unbacked"]


@dataclass(frozen=True)
class Figure:
    """A number, and where it stands in `visible(words)`."""

    start: int
    end: int
    text: str
    standing: Standing


def figures(words: str, result: Result, question: str) -> tuple[Figure, ...]:
    """Every number of a model's words (Markdown) in its order, none within another, each with its standing.

    Only the rows that `result` has are compared, all of them. `question` may be more text that the reader can see.
    """
    text = visible(words)
    cells, asked = _cells(result), _Asked(question)
    found: list[Figure] = []
    for one in _counted(in_ascii(text), cells):
        held = any(_is_held(meaning, one, text, cells) for meaning in one.meanings)
        standing: Standing = "held" if held else "asked" if asked.has(one, text) else "unbacked"
        found.append(Figure(one.start, one.end, text[one.start : one.end], standing))
    return tuple(found)


_MARKER = re.compile(r"^([ ]*)(\d{1,3})[.)](?=\s|$)", re.MULTILINE)
_NOUNS = {
    "row": re.compile(r"\W*(?:\w+\W+)?(?:rows?|results?|records?|lines?|entry|entries|صف|صفوف|سجل|نتيجة)\b", re.I),
    "column": re.compile(r"\W*(?:\w+\W+)?(?:columns?|fields?|عمود|أعمدة)\b", re.I),
}
_BEFORE = re.compile(r"([^\W_]+)([\W_]{1,3})$")
_NEAR = 60
"""Characters before a number in which the word beside it is looked for."""
_AFTER = re.compile(r"([\W_]{1,3})([^\W_]+)")


def _counted(text: str, cells: Cells) -> Iterator[Said]:
    """The numbers without the markers of lists and without ordinals that the rows allow."""
    markers = set(_markers(text))
    for one in numbers(text):
        first = one.meanings[0]
        ranked = isinstance(first, Place) and 1 <= first.number <= (cells.rows or 0)
        if one.start not in markers and not ranked:
            yield one


def _markers(text: str) -> Iterator[int]:
    """Where the numbers of lists begin that count 1, 2, 3."""
    expected: dict[str, int] = {}
    for one in _MARKER.finditer(text):
        number = int(one[2])
        if number == expected.get(one[1], 1) or number == 1:
            expected[one[1]] = number + 1
            yield one.start(2)


def _is_held(meaning: Meaning, one: Said, text: str, cells: Cells) -> bool:
    match meaning:
        case Amount():
            return cells.says(meaning) or _is_size(meaning, one, text, cells) or _is_named(one, text, cells)
        case Place():
            return False
        case Ratio():
            return cells.says_share(meaning)
        case Both(part=part, of=of):
            return all(cells.says(Amount(Decimal(number))) for number in (part, of))
        case Times():
            return cells.says_times(meaning)
        case Day():
            return cells.says_day(meaning)
        case Quarter():
            return cells.says_quarter(meaning)
        case Clock():
            return cells.says_time(meaning)
        case Code():
            return cells.names(in_ascii(meaning.text))
    return False


def _is_size(amount: Amount, one: Said, text: str, cells: Cells) -> bool:
    """Whether it is how many rows or columns there are."""
    number = amount.whole
    if number is None:
        return False
    if number == cells.columns and _NOUNS["column"].match(text, one.end):
        return True
    return number == cells.rows and (number != 1 or bool(_NOUNS["row"].match(text, one.end)))


def _is_named(one: Said, text: str, cells: Cells) -> bool:
    """Whether it is a part of a text that stands here with its neighbour."""
    if not one.core:
        return False
    before, after = _BEFORE.search(text[max(0, one.start - _NEAR) : one.start]), _AFTER.match(text, one.end)
    return cells.has_beside(
        one.core,
        before[1] if before and _tells(before[1], before[2]) else "",
        after[2] if after and _tells(after[2], after[1]) else "",
    )


def _tells(word: str, between: str) -> bool:
    """Whether a number beside this word may be a part of a name: "Route 66", "737-800", but not "of 10"."""
    if in_ascii(word).isdigit():
        return between.strip(" ,;|\n") != "" and "\n" not in between
    return "\n" not in between and not is_stop(word.casefold())


class _Asked:
    """The numbers of a question."""

    def __init__(self, question: str) -> None:
        text = visible(question)
        said = numbers(in_ascii(text))
        self._meanings = {meaning for one in said for meaning in map(_bare, one.meanings)}
        self._texts = {in_ascii(text[one.start : one.end]).casefold() for one in said}

    def has(self, one: Said, text: str) -> bool:
        """Whether it stands there, in whatever writing."""
        written = in_ascii(text[one.start : one.end]).casefold()
        return written in self._texts or any(_bare(meaning) in self._meanings for meaning in one.meanings)


def _bare(meaning: Meaning) -> Meaning:
    """An amount without the way in which it is written."""
    return Amount((meaning.value * meaning.scale).normalize()) if isinstance(meaning, Amount) else meaning


_KEPT: dict[int, tuple[weakref.ref[Result], Cells]] = {}


def _cells(result: Result) -> Cells:
    """The result's cells, made once for as long as the result is there."""
    kept = _KEPT.get(id(result))
    if kept and kept[0]() is result:
        return kept[1]
    cells = Cells(result)
    key = id(result)
    _KEPT[key] = (weakref.ref(result, lambda _: _KEPT.pop(key, None)), cells)
    return cells
