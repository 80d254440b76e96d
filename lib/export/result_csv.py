"""A result as a CSV file: UTF-8 with a mark, so that spreadsheets read every script right."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from lib.engine.result import Result


def to_csv(result: Result) -> bytes:
    """The rows that the result holds, under their column names. Lists and structs are JSON, missing is empty."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([column.name for column in result.columns])
    writer.writerows([_cell(value) for value in row] for row in result.rows())
    return out.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value
