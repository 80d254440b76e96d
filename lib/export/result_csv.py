"""A result as a CSV file: UTF-8 with a mark, so that spreadsheets read every script right."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pyarrow as pa

from lib.engine.result import Result


def to_csv(result: Result) -> bytes:
    """The rows that the result holds, under their column names.

    Decimals keep all their digits, lists and structs are JSON, missing values are empty.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([column.name for column in result.columns])
    exact = [i for i, field in enumerate(result.table.schema) if pa.types.is_decimal(field.type)]
    decimals = [result.table.column(i).to_pylist() for i in exact]
    for number, row in enumerate(result.rows()):
        for i, values in zip(exact, decimals, strict=True):
            row[i] = None if values[number] is None else format(values[number], "f")
        writer.writerow([_cell(value) for value in row])
    return out.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value
