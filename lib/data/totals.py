"""What each column of a result comes to: how many values, how many differ, their sum, mean and ends."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from lib.data import figures
from lib.engine.result import Result

_EXACT = Context(prec=80)
"""Digits for the sum of ten million numbers of 38 digits, with room to spare."""

Number = int | float | Decimal
End = Number | dt.date | dt.time


@dataclass(frozen=True)
class Total:
    """Of the rows that a result holds.

    `sum` and `mean` are None for what is no number, and for numbers that tell things apart, such as years.
    `minimum` and `maximum` are None for what is neither a number nor a time. `grouped` says whether the numbers are
    written with their thousands apart.
    """

    name: str
    values: int
    missing: int
    distinct: int
    sum: Number | None = None
    mean: float | None = None
    minimum: End | None = None
    maximum: End | None = None
    grouped: bool = True


def totals(result: Result) -> list[Total]:
    """A total for each column, in their order."""
    return [_total(result, at) for at in range(len(result.columns))]


def _total(result: Result, at: int) -> Total:
    column = result.table.column(at)
    total = Total(result.columns[at].name, len(column) - column.null_count, column.null_count, _distinct(result, at))
    how = figures.of(result.columns[at], column)
    if how is not None and how.grouped and total.values:
        added = _sum(column)
        total = replace(total, sum=added, mean=float(added) / total.values)
    if how is not None or pa.types.is_temporal(column.type):
        ends = pc.min_max(column).as_py()
        total = replace(total, minimum=ends["min"], maximum=ends["max"], grouped=how is None or how.grouped)
    return total


def _distinct(result: Result, at: int) -> int:
    column = result.table.column(at)
    if pa.types.is_nested(column.type):
        return len({str(one) for one in result.values(at) if one is not None})
    return int(pc.count_distinct(column, mode="only_valid").as_py())


def _sum(column: pa.ChunkedArray) -> Number:
    """Exact for integers and decimals."""
    if pa.types.is_floating(column.type):
        return float(pc.sum(column).as_py())
    values: list[Any] = column.drop_null().to_pylist()
    if pa.types.is_integer(column.type):
        return int(sum(values))
    added = Decimal(0)
    for one in values:
        added = _EXACT.add(added, one)
    return added
