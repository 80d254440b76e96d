"""The cells of a result as files and cards write them: every digit, and one value a cell."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyarrow as pa

from lib.engine.result import Json, Result

Cell = None | bool | int | float | str
BLOCK = 20_000


def blocks(result: Result) -> Iterator[Result]:
    """The result in parts that are small enough to be held as Python's values."""
    for start in range(0, result.table.num_rows, BLOCK):
        yield replace(result, table=result.table.slice(start, BLOCK))


def rows_of_cells(result: Result) -> Iterator[tuple[Cell, ...]]:
    """The rows as `Result.rows` gives them, but decimals are text with all their digits, lists and structs JSON."""
    for block in blocks(result):
        yield from zip(*(cells(block, at) for at in range(len(block.columns))), strict=True)


def cells(result: Result, at: int) -> Sequence[Cell]:
    """One column of those, counted from 0."""
    column = result.table.column(at)
    if pa.types.is_decimal(column.type):
        return [None if value is None else format(value, "f") for value in column.to_pylist()]
    return [_flat(value) for value in result.values(at)]


def _flat(value: Json) -> Cell:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value
