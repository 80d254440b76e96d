"""Whether two results say the same: the same rows in any order, under some order of the columns."""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from itertools import accumulate

from lib.engine.result import Json

Rows = Sequence[Sequence[Json]]

TOLERANCE = 1e-6
"""Numbers are the same within this share of them; whole numbers only when they are equal."""

MOST_COLUMNS = 100
"""Wider results have to have their columns in the same order."""

_EXACT = 2.0**53
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,299})(\.\d+)?")
_MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d)[T ]00:00:00(\.0+)?")


def same_rows(expected: Rows, given: Rows) -> bool:
    """Whether the rows are the same as a multiset; 1 is 1.0 and "1", NULL is '', a date is its midnight."""
    if len(expected) != len(given) or not expected:
        return len(expected) == len(given)
    if len(expected[0]) != len(given[0]):
        return False
    left, right = _columns(expected), _columns(given)
    anchors = _anchors(cell for column in (*left, *right) for cell in column if isinstance(cell, float))
    return _matches(_with_anchors(left, anchors), _with_anchors(right, anchors))


Column = list[Hashable]


def _columns(rows: Rows) -> list[Column]:
    return [[_cell(cell) for cell in column] for column in zip(*rows, strict=True)]


def _cell(value: Json) -> Hashable:
    """None, a float or a text; whole numbers that a float cannot hold stay as they are."""
    match value:
        case None | "":
            return None
        case bool() | float():
            return float(value)
        case int():
            return float(value) if abs(value) <= _EXACT else value
        case str() if _NUMBER.fullmatch(value):
            return float(value)
        case str():
            return _MIDNIGHT.sub(r"\1", value) if _MIDNIGHT.fullmatch(value) else value
    return json.dumps(value, sort_keys=True)


def _anchors(numbers: Iterable[float]) -> list[float]:
    """Numbers, growing, each standing for those that follow it and are the same within the tolerance."""
    anchors: list[float] = []
    for one in sorted(set(numbers)):
        if not (anchors and _same(anchors[-1], one)):
            anchors.append(one)
    return anchors


def _same(one: float, other: float) -> bool:
    whole = one.is_integer() and other.is_integer() and abs(other) <= _EXACT
    return one == other or (not whole and math.isclose(one, other, rel_tol=TOLERANCE))


def _with_anchors(columns: list[Column], anchors: list[float]) -> list[Column]:
    return [[_anchor(cell, anchors) if isinstance(cell, float) else cell for cell in column] for column in columns]


def _anchor(number: float, anchors: list[float]) -> float:
    place = bisect_left(anchors, number)
    return number if place < len(anchors) and anchors[place] == number else anchors[place - 1]


def _matches(expected: list[Column], given: list[Column]) -> bool:
    """Put the given columns in place one by one; the rows so far must be the beginnings of the expected ones."""
    if len(expected) > MOST_COLUMNS:
        return Counter(zip(*expected, strict=True)) == Counter(zip(*given, strict=True))
    known: dict[tuple[int, Hashable], int] = {}

    def longer(beginnings: list[int], column: Column) -> list[int]:
        """Each row's beginning with one more cell, as a number that stands for it."""
        return [known.setdefault(both, len(known) + 1) for both in zip(beginnings, column, strict=True)]

    start = [0] * len(expected[0])
    wanted = [Counter(rows) for rows in accumulate(expected, longer, initial=start)]
    cells, offered = [Counter(one) for one in expected], [Counter(one) for one in given]

    def fits(rows: list[int], left: list[int]) -> bool:
        width = len(expected) - len(left)
        fitting = (one for one in left if offered[one] == cells[width])
        tried = ((one, longer(rows, given[one])) for one in fitting)
        return not left or any(
            Counter(more) == wanted[width + 1] and fits(more, [each for each in left if each != one])
            for one, more in tried
        )

    return fits(start, list(range(len(given))))
