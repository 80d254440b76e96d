"""Chooses a chart from a result: a small spec of data types and counts, never code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lib.charts.spec import Spec
from lib.engine.result import Column
from lib.engine.types import is_day_or_time, is_number, is_whole

MOST_POINTS = 20_000
MOST_SERIES = 10

_YEAR_NAME = re.compile(r"(^|_|\b)(year|yr|yyyy)(\b|_|$)", re.IGNORECASE)
_ID_NAME = re.compile(r"(^|_|\b)(id|code|zip|zipcode|phone|key)$", re.IGNORECASE)


@dataclass(frozen=True)
class _Column:
    index: int
    name: str
    role: Literal["number", "time", "label", "other"]
    distinct: int


def choose(question: str, given: Sequence[Column], rows: Sequence[Sequence[Any]]) -> Spec:
    """The chart that shows this result best; kind `table` when none does.

    `rows` are the values in the columns' order, as `Result.rows` gives them.
    """
    columns = [_describe(i, one.name, one.type, rows) for i, one in enumerate(given)]
    numbers = [c for c in columns if c.role == "number"]
    times = [c for c in columns if c.role == "time"]
    labels = [c for c in columns if c.role == "label"]
    if not rows or not numbers:
        return Spec("table", "There is no number to draw." if rows else "The result has no rows.")
    if len(rows) == 1:
        return _one_row(numbers, columns)
    if times:
        return _over_time(times[0], numbers, labels, rows)
    if labels:
        return _by_label(labels, numbers, rows)
    if len(numbers) == 2 and len(rows) >= 3:
        return _against(numbers[0], numbers[1])
    return Spec("table", "No chart shows these columns better than the table.")


def _describe(index: int, name: str, type_: str, rows: Sequence[Sequence[Any]]) -> _Column:
    values = [row[index] for row in rows if row[index] is not None]
    distinct = len({str(row[index]) for row in rows})
    return _Column(index, name, _role(name, type_, values, distinct), distinct)


def _role(name: str, type_: str, values: list[Any], distinct: int) -> Literal["number", "time", "label", "other"]:
    if is_day_or_time(type_):
        return "time"
    if is_number(type_):
        if not all(isinstance(value, int | float) for value in values):
            return "other"  # infinite, or too large for JSON: such numbers come as text
        if is_whole(type_) and _is_year(name, values) and distinct > 1:
            return "time"
        return "label" if _ID_NAME.search(name) and len(values) > 1 else "number"
    if type_ in ("VARCHAR", "BOOLEAN") or type_.startswith("ENUM"):
        return "label"
    return "other"


def _is_year(name: str, values: list[Any]) -> bool:
    return bool(_YEAR_NAME.search(name)) and all(1000 <= value <= 2999 for value in values)


def _one_row(numbers: list[_Column], columns: list[_Column]) -> Spec:
    if len(columns) <= 4:
        return Spec("metric", "The result is one row.", y=tuple(c.index for c in numbers))
    return Spec("table", "One row of many columns reads best as a table.")


def _over_time(time: _Column, numbers: list[_Column], labels: list[_Column], rows: Sequence[Any]) -> Spec:
    if len(rows) > MOST_POINTS:
        return Spec("table", f"{len(rows):,} points are too many for a line.")
    series = next((c for c in labels if 1 < c.distinct <= MOST_SERIES), None)
    if series is not None:
        return Spec("line", f"{numbers[0].name} over time, a line for each {series.name}.",
                    x=time.index, y=(numbers[0].index,), color=series.index)  # fmt: skip
    if time.distinct < len(rows):
        return Spec("scatter", "Several rows share a point in time.", x=time.index, y=(numbers[0].index,))
    drawn = _same_scale(numbers, rows)
    return Spec("line", "A number over time.", x=time.index, y=tuple(c.index for c in drawn))


def _by_label(labels: list[_Column], numbers: list[_Column], rows: Sequence[Sequence[Any]]) -> Spec:
    axis = max(labels, key=lambda c: c.distinct)
    series = next((c for c in labels if c is not axis and 1 < c.distinct <= MOST_SERIES), None)
    if series is not None and axis.distinct < len(rows):
        return Spec("bar", f"{numbers[0].name} by {axis.name} and {series.name}.",
                    x=axis.index, y=(numbers[0].index,), color=series.index)  # fmt: skip
    if axis.distinct < len(rows):
        if len(numbers) >= 2:
            return _against(numbers[0], numbers[1])
        return Spec("table", f"Several rows share one {axis.name}.")
    drawn = _same_scale(numbers, rows)
    return Spec("bar", f"A number for each {axis.name}.", x=axis.index,
                y=tuple(c.index for c in drawn))  # fmt: skip


def _against(x: _Column, y: _Column) -> Spec:
    return Spec("scatter", f"{y.name} against {x.name}.", x=x.index, y=(y.index,))


def _same_scale(numbers: list[_Column], rows: Sequence[Sequence[Any]]) -> list[_Column]:
    """The first number and those within a factor of 20 of it: others would be flat lines beside it."""
    first = _largest(numbers[0], rows)
    alike = [c for c in numbers if first and 0.05 <= _largest(c, rows) / first <= 20]
    return alike[:4] or numbers[:1]


def _largest(column: _Column, rows: Sequence[Sequence[Any]]) -> float:
    return max((abs(float(row[column.index])) for row in rows if row[column.index] is not None), default=0.0)
