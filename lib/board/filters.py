"""Filters that hold for every tile whose result has their column, over the rows that the tiles hold."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from lib.board.tile import Tile
from lib.data.table import counted
from lib.engine.result import Result
from lib.engine.types import is_day_or_time, is_number

Kind = Literal["text", "number", "day"]
MOST_VALUES = 1_000
"""Values of a text column that can be chosen from."""
LONGEST = 40


@dataclass(frozen=True)
class Shared:
    """A column that at least two tiles have: the same name, and values of the same kind.

    `values` are those of a text column, None for a missing one; `more` says that there are others. `low` and `high` are
    the ends of a column of numbers or days, None where none of the tiles has a value.
    """

    name: str
    kind: Kind
    values: tuple[str | None, ...] = ()
    more: bool = False
    low: float | dt.date | None = None
    high: float | dt.date | None = None


@dataclass(frozen=True)
class Filter:
    """The rows to keep: those with one of `values`, or from `low` to `high` with both ends."""

    name: str
    kind: Kind
    values: tuple[str | None, ...] = ()
    low: float | dt.date | None = None
    high: float | dt.date | None = None

    def __str__(self) -> str:
        if self.kind == "text":
            shown = [_cut(one) for one in self.values[:5]]
            return f"{self.name}: {', '.join(shown)}" + (" …" if len(self.values) > 5 else "")
        return f"{self.name}: {_end(self.low)} to {_end(self.high)}"


@dataclass(frozen=True)
class Filtered:
    """What filters leave of a result, and what is to be said about it; `says` is empty where there is no filter."""

    result: Result
    says: str = ""


def shared(tiles: Sequence[Tile]) -> tuple[Shared, ...]:
    """The columns by which tiles can be filtered together, in the order in which they appear."""
    results = [one.exhibit.result for one in tiles if one.has_rows]
    appear = Counter(column for one in results for column in _columns(one))
    return tuple(_shared(name, kind, results) for (name, kind), count in appear.items() if count >= 2)


def apply(filters: Sequence[Filter], result: Result) -> Filtered:
    """The rows of a result that all those filters keep whose column it has."""
    if not filters:
        return Filtered(result)
    known = _columns(result)
    mine = [one for one in filters if (one.name, one.kind) in known]
    if not mine:
        return Filtered(result, "Not filtered: it has no such column.")
    table = result.table
    for one in mine:
        table = table.filter(_mask(one, table.column(known[one.name, one.kind])))
    told = f"Only {'; '.join(map(str, mine))}. {table.num_rows:,} of {_of(result)}."
    return Filtered(replace(result, table=table, total_rows=None if result.truncated else table.num_rows), told)


def _of(result: Result) -> str:
    rows = counted(result.table.num_rows, "row")
    return f"the first {rows}" if result.truncated else rows


def _columns(result: Result) -> dict[tuple[str, Kind], int]:
    """Where each column is that a filter can name; of two with one name, the first."""
    found: dict[tuple[str, Kind], int] = {}
    for at, one in enumerate(result.columns):
        kind = _kind(one.type, result.table.schema.field(at).type)
        if kind is not None:
            found.setdefault((one.name, kind), at)
    return found


def _kind(type_: str, carried: pa.DataType) -> Kind | None:
    """By the engine's type, unless a strange value made a text of the column."""
    if is_number(type_):
        return "number" if not _is_text(carried) else None
    if is_day_or_time(type_):
        return "day" if not _is_text(carried) else None
    return "text" if type_ in ("VARCHAR", "BOOLEAN") or type_.startswith("ENUM") else None


def _is_text(carried: pa.DataType) -> bool:
    return bool(pa.types.is_string(carried) or pa.types.is_large_string(carried))


def _shared(name: str, kind: Kind, results: Sequence[Result]) -> Shared:
    columns = [one.table.column(_columns(one)[name, kind]) for one in results if (name, kind) in _columns(one)]
    if kind == "text":
        values = dict.fromkeys(value for one in columns for value in pc.unique(_comparable(kind, one)).to_pylist())
        ordered = sorted(values, key=lambda one: (one is None, one or ""))
        return Shared(name, kind, tuple(ordered[:MOST_VALUES]), len(ordered) > MOST_VALUES)
    ends = [pc.min_max(_finite(kind, one)).as_py() for one in columns]
    lows, highs = ([one[end] for one in ends if one[end] is not None] for end in ("min", "max"))
    return Shared(name, kind, low=min(lows, default=None), high=max(highs, default=None))


def _finite(kind: Kind, column: pa.ChunkedArray) -> pa.ChunkedArray:
    comparable = _comparable(kind, column)
    return comparable if kind == "day" else comparable.filter(pc.is_finite(comparable))


def _mask(one: Filter, column: pa.ChunkedArray) -> pa.ChunkedArray:
    comparable = _comparable(one.kind, column)
    if one.kind == "text":
        return pc.is_in(comparable, value_set=pa.array(one.values, pa.string()))
    ends = [pa.scalar(end, comparable.type) for end in (one.low, one.high)]
    inside = pc.and_(pc.greater_equal(comparable, ends[0]), pc.less_equal(comparable, ends[1]))
    return pc.fill_null(inside, False)


def _comparable(kind: Kind, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column as texts, floats or days; a moment is on the day that the table shows."""
    if kind == "text":
        return pc.cast(column, pa.string())
    if kind == "number":
        return pc.cast(column, pa.float64(), safe=False)
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        column = pc.local_timestamp(column)
    return pc.cast(column, pa.date32(), safe=False)


def _cut(value: str | None) -> str:
    if value is None:
        return "(missing)"
    text = " ".join(value.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _end(value: float | dt.date | None) -> str:
    return f"{value:,.12g}" if isinstance(value, int | float) else str(value)
