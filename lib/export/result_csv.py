"""A result as a CSV file: UTF-8 with a mark, so that spreadsheets read every script right."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from lib.engine.result import Result
from lib.engine.types import is_day_or_time, is_number
from lib.export.cells import Cell, rows_of_cells
from lib.export.formulas import neutral as neutral_text

_WITHOUT_LETTERS = ("INTERVAL", "TIME", "TIME WITH TIME ZONE", "UUID", "BLOB", "BIT", "BOOLEAN")


def to_csv(result: Result, *, neutral: bool = True) -> bytes:
    """The rows that the result holds, under their column names, which may repeat.

    Decimals keep all their digits, lists and structs are JSON, missing values are empty. Unless `neutral` is off, no
    spreadsheet takes a text for a formula.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    names = [column.name for column in result.columns]
    writer.writerow(map(neutral_text, names) if neutral else names)
    writer.writerows(_neutral_rows(result) if neutral else rows_of_cells(result))
    return out.getvalue().encode("utf-8-sig")


def _neutral_rows(result: Result) -> Iterable[list[Cell]]:
    texts = [at for at, column in enumerate(result.columns) if _holds_text(column.type)]
    for row in rows_of_cells(result):
        cells = list(row)
        for at in texts:
            cell = cells[at]
            if isinstance(cell, str):
                cells[at] = neutral_text(cell)
        yield cells


def _holds_text(type_: str) -> bool:
    """Whether a cell can hold what somebody wrote; "-Infinity" and "-1 days" are none of that."""
    return not (is_number(type_) or is_day_or_time(type_) or type_ in _WITHOUT_LETTERS)
