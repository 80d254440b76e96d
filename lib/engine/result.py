"""What a query gives: columns with the engine's types, and rows."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pyarrow as pa

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True)
class Column:
    """A column's name, which may repeat, and its type as the engine writes it: `DECIMAL(10,2)`."""

    name: str
    type: str


@dataclass(frozen=True)
class Result:
    """At most `max_rows` rows; `total_rows` says how many there are, None when that took too long to count."""

    columns: tuple[Column, ...]
    table: pa.Table
    truncated: bool
    total_rows: int | None
    seconds: float

    def rows(self) -> list[list[Json]]:
        """The rows as JSON values.

        Integers of any size stay integers; a decimal becomes an integer if its type has no fraction and else
        the nearest float, whose shortest text is the decimal up to 15 digits. Dates and times become ISO text,
        missing values None, lists lists, structs and maps objects, binary hex text. JSON has no NaN and no
        infinity: they become the texts "NaN", "Infinity" and "-Infinity".
        """
        columns = [self.values(at) for at in range(len(self.columns))]
        return [list(row) for row in zip(*columns, strict=True)]

    def spread(self, most: int) -> list[list[Json]]:
        """At most so many rows as `rows` gives them, in their order and evenly spread over all that it holds."""
        held = self.table.num_rows
        if held <= most:
            return self.rows()
        return replace(self, table=self.table.take([held * n // most for n in range(most)])).rows()

    def values(self, at: int) -> list[Json]:
        """The values of one column, counted from 0, as `rows` gives them."""
        return _column(self.table.column(at))


def _column(column: pa.ChunkedArray) -> list[Json]:
    convert = _converter(column.type)
    return [None if value is None else convert(value) for value in column.to_pylist()]


def _converter(kind: pa.DataType) -> Callable[[Any], Json]:
    if pa.types.is_decimal(kind):
        return int if kind.scale == 0 else float
    return _json


def _json(value: Any) -> Json:
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else _named(value)
        case Decimal():
            return int(value) if value.as_tuple().exponent == 0 else float(value)
        case dt.datetime():
            return value.isoformat(sep=" ")  # as SQL prints it
        case dt.date() | dt.time():
            return value.isoformat()
        case bytes():
            return value.hex()
        case dict():
            return {str(key): _json(one) for key, one in value.items()}
        case [*_, (_, _)] if all(isinstance(one, tuple) for one in value):
            return {_key(key): _json(one) for key, one in value}
        case list():
            return [_json(one) for one in value]
    return str(value)


def _named(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _key(value: Any) -> str:
    key = _json(value)
    return key if isinstance(key, str) else str(key)
