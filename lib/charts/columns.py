"""What a result's columns are to a chart: numbers, points in time, labels; how many values, in which order."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal

from lib.charts import moments, names
from lib.engine.result import Column, Json
from lib.engine.types import is_day_or_time, is_number

Role = Literal["number", "time", "label", "identifier", "other"]
Cell = str | int | float | bool
Rows = Sequence[Sequence[Any]]
"""As `Result.rows` gives them."""

_NOT_FINITE = ("NaN", "Infinity", "-Infinity")
_BEGINS = re.compile(r"\D{0,2}([0-9]{1,9})(?![0-9])")
_OPAQUE = ("BLOB", "BIT", "INTERVAL")


@dataclass(frozen=True)
class Facts:
    """A column as it is in a result.

    `rows` counts the rows, `present` the cells with a value, `distinct` the different values. `low`, `high` and `total`
    are of the finite numbers, and 0 where there are none. `at` has the places of points in time, and `cyclic` says
    that they come again, as weekdays do. `length` is that of the longest text. `sorted` says whether the rows lie in
    the column's order, up or down.
    """

    index: int
    name: str
    role: Role
    rows: int
    present: int
    distinct: int
    numeric: bool = False
    low: float = 0.0
    high: float = 0.0
    total: float = 0.0
    at: Mapping[Cell, str | int] | None = None
    cyclic: bool = False
    length: int = 0
    sorted: bool = False

    @property
    def unique(self) -> bool:
        """Whether each row has a value of its own; one row may have none."""
        return self.present >= self.rows - 1 and self.distinct == self.present

    @property
    def adds_up(self) -> bool:
        """Whether its numbers may be summed."""
        return self.role == "number" and names.adds_up(self.name)

    @property
    def is_whole_made_of_parts(self) -> bool:
        """Whether its numbers are shares that make up 1 or 100 %."""
        return names.is_share(self.name) and any(abs(self.total - whole) <= whole / 100 for whole in (1, 100))


class Shape:
    """A result as a chart sees it: its columns by what they are, each in the result's order."""

    def __init__(self, columns: Sequence[Column], rows: Rows) -> None:
        self.count = len(rows)
        self._cells = list(zip(*rows, strict=True)) or [()] * len(columns)
        self._repeats: dict[tuple[int, ...], bool] = {}
        self.columns = [
            _facts(index, one, cells) for index, (one, cells) in enumerate(zip(columns, self._cells, strict=True))
        ]

    @cached_property
    def numbers(self) -> list[Facts]:
        """What is measured; places in an order come last."""
        return sorted(self._with("number"), key=lambda one: names.is_place(one.name))

    @cached_property
    def times(self) -> list[Facts]:
        """Points in time, of which there are several; those of a cycle come last."""
        return sorted((one for one in self._with("time") if one.distinct > 1), key=lambda one: one.cyclic)

    @cached_property
    def labels(self) -> list[Facts]:
        return self._with("label") + [one for one in self._with("time") if one.distinct <= 1]

    @cached_property
    def identifiers(self) -> list[Facts]:
        return self._with("identifier")

    @cached_property
    def measures(self) -> list[Facts]:
        """The numbers; where there are none, numbers that name things or parts of dates."""
        return self.numbers or [one for one in self.columns if one.numeric]

    def repeats(self, *columns: Facts) -> bool:
        """Whether rows share their values in all of these columns."""
        positions = tuple(one.index for one in columns)
        if positions not in self._repeats:
            different = set(zip(*(self._comparable(one) for one in columns), strict=True))
            self._repeats[positions] = len(different) < self.count
        return self._repeats[positions]

    def _comparable(self, column: Facts) -> Sequence[Any]:
        cells = self._cells[column.index]
        return [str(one) for one in cells] if column.role == "other" else cells  # lists and structs have no hash

    def _with(self, role: Role) -> list[Facts]:
        return [one for one in self.columns if one.role == role]


def _facts(index: int, column: Column, cells: Sequence[Json]) -> Facts:
    present = [one for one in cells if one is not None]
    if not present or column.type in _OPAQUE or any(isinstance(one, list | dict) for one in present):
        return Facts(index, column.name, "other", len(cells), len(present), 0)
    values = [one for one in present if isinstance(one, Cell)]
    numbers = _numbers(column.type, values)
    if numbers is not None:
        return _of_numbers(index, column.name, len(cells), values, numbers)
    return _of_labels(index, column, len(cells), values)


def _numbers(type_: str, values: Sequence[Cell]) -> list[int | float] | None:
    """Those that are finite, or None where the column has other things than numbers, or no finite one."""
    finite: list[int | float] = []
    for value in values:
        if isinstance(value, int | float) and not isinstance(value, bool):
            if _is_finite(value):
                finite.append(value)
        elif not (is_number(type_) and value in _NOT_FINITE):
            return None
    return finite or None


def _is_finite(value: int | float) -> bool:
    """Whether it can be drawn: not so an integer beyond every float."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _of_numbers(index: int, name: str, rows: int, values: Sequence[Cell], finite: Sequence[int | float]) -> Facts:
    part = names.part_of_date(name)
    read = moments.read_numbers(part, set(finite)) if part and len(finite) == len(values) else None
    role: Role = "time" if read else "identifier" if names.is_identifier(name) else "number"
    return Facts(
        index, name, role, rows, len(values), len(set(values)),
        numeric=True, low=float(min(finite)), high=float(max(finite)), total=sum(map(float, finite)),
        at=read.at if read else None, cyclic=bool(read and read.cyclic),
        sorted=_is_sorted(finite), length=max(len(str(one)) for one in values),
    )  # fmt: skip


def _of_labels(index: int, column: Column, rows: int, values: Sequence[Cell]) -> Facts:
    texts = {one for one in values if isinstance(one, str)}
    read = None if names.is_identifier(column.name) or len(texts) < len(set(values)) else moments.read(texts)
    role: Role = "time" if read or is_day_or_time(column.type) else "label"
    if column.type == "UUID":
        role = "identifier"
    at = read.at if read else None
    return Facts(
        index, column.name, role, rows, len(values), len(set(values)),
        at=at, cyclic=bool(read and read.cyclic), length=max(len(str(one)) for one in values),
        sorted=_is_sorted([at[one] for one in values] if at else _alphabetical(values)),
    )  # fmt: skip


def _alphabetical(values: Sequence[Cell]) -> list[str] | list[int]:
    """What texts are sorted by: spans such as "5-9" and "10-19" by the number that each begins with."""
    texts = [str(one) for one in values]
    begins = [_BEGINS.match(one) for one in texts]
    return texts if None in begins else [int(one[1]) for one in begins if one]


def _is_sorted(values: Sequence[Any]) -> bool:
    return all(a <= b for a, b in pairwise(values)) or all(a >= b for a, b in pairwise(values))
