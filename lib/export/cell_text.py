"""The cells of a result as a reader sees them in a report: exact, and no longer than a table can bear."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pyarrow as pa

from lib.board.fingerprint import DIGITS
from lib.engine.result import Result
from lib.engine.types import is_number

LONGEST_CELL = 300
_NO_AMOUNT = re.compile(r"(^|_|\b)(id|code|key|zip|phone|year|yr|yyyy|isbn|nr|no)(\b|_|$)", re.IGNORECASE)
"""Names of numbers whose digits are not grouped: they count nothing."""


Rows = tuple[tuple[str | None, ...], ...]


def cells(result: Result, rows: int, columns: int) -> Rows:
    """The first rows and columns as texts, None where a value is missing; long ones are cut.

    Decimals keep all their digits, floating-point numbers as many as are compared.
    """
    table = result.table.slice(0, rows).select(range(min(columns, result.table.num_columns)))
    shown = result.columns[:columns]
    few = replace(result, columns=shown, table=table)
    exact = {at: one.to_pylist() for at, one in enumerate(table.columns) if pa.types.is_decimal(one.type)}
    grouped = [is_number(one.type) and not _NO_AMOUNT.search(one.name) for one in shown]
    lines = []
    for at, row in enumerate(few.rows()):
        values = [exact[n][at] if n in exact else value for n, value in enumerate(row)]
        texts = [_text(value, group) for value, group in zip(values, grouped, strict=True)]
        lines.append(tuple(text if text is None else _short(text) for text in texts))
    return tuple(lines)


def cut_in(rows: Rows) -> int:
    """How many of the texts were cut."""
    return sum(cell is not None and len(cell) == LONGEST_CELL and cell.endswith("…") for row in rows for cell in row)


def rounded(value: float) -> str:
    """A number as it is said and not as it is checked: "1,234", "22.68", "0.0123"."""
    if isinstance(value, int) or abs(value) >= 1000:
        return format(value, ",.0f" if isinstance(value, float) else ",")
    return format(value, ".2f" if abs(value) >= 1 else ".3g")


def _text(value: Any, group: bool) -> str | None:
    comma = "," if group else ""
    match value:
        case None | str():
            return value
        case bool():
            return str(value).lower()
        case int():
            return format(value, comma)
        case float():
            return format(value, f"{comma}.{DIGITS}g")
        case list() | dict():
            return json.dumps(value, ensure_ascii=False)
    return format(value, f"{comma}f")


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"
