"""The values of a column as Excel keeps them, and how it is to show them."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa

from lib.data import figures
from lib.data.figures import Figures
from lib.engine.result import Column, Result
from lib.export.cells import Cell, cells

Value = Cell | Decimal | dt.date | dt.time

_FIRST_DAY = dt.date(1900, 3, 1)
"""Excel takes 1900 for a leap year, and knows no day before it."""
_DAY, _TIME, _FINE = "yyyy-mm-dd", "hh:mm:ss", ".000"
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")


def clean(text: str) -> str:
    """The text without control characters, which XML cannot hold; tabs and line ends stay."""
    return _UNSEEN.sub("", text)


@dataclass(frozen=True)
class ExcelColumn:
    """A column of a sheet; `figures` are those of its numbers, None where it has none."""

    name: str
    kind: pa.DataType
    figures: Figures | None

    @classmethod
    def of(cls, column: Column, values: pa.ChunkedArray) -> ExcelColumn:
        return cls(column.name, values.type, figures.of(column, values))

    @property
    def is_too_long(self) -> bool:
        """Whether its numbers have more digits than Excel keeps. A float never has more than it keeps."""
        return self.figures is not None and not self.figures.fits and not pa.types.is_floating(self.kind)

    @property
    def is_zoned(self) -> bool:
        return pa.types.is_timestamp(self.kind) and self.kind.tz is not None

    def values(self, block: Result, at: int) -> Sequence[Value]:
        """What is written for the rows of the column that has this place in the block."""
        if self.is_too_long:
            return [None if one is None else str(one) for one in cells(block, at)]
        values: list[Any] = block.table.column(at).to_pylist()
        if self.figures is not None:
            return [_number(one) for one in values]
        if pa.types.is_temporal(self.kind):
            return [_moment(one) for one in values]
        if pa.types.is_boolean(self.kind):
            return values
        return [clean(one) if isinstance(one, str) else one for one in cells(block, at)]

    def format_of(self, value: Value) -> str:
        """Excel's pattern for the value; empty for what needs none."""
        match value:
            case bool() | str() | None:
                return ""
            case int() | float() | Decimal():
                return self._number_format
            case dt.datetime():
                return f"{_DAY} {_TIME}{_FINE if value.microsecond else ''}"
            case dt.date():
                return _DAY
            case dt.time():
                return f"{_TIME}{_FINE if value.microsecond else ''}"

    @property
    def _number_format(self) -> str:
        how = self.figures or Figures(0, False, True)
        return ("#,##0" if how.grouped else "0") + ("." + "0" * how.decimals if how.decimals else "")

    def length(self, value: Value) -> int:
        """About how many characters wide it is shown."""
        if isinstance(value, (int, float, Decimal)) and self.figures is not None and not isinstance(value, bool):
            return len(f"{value:,.{self.figures.decimals}f}") + 1
        return len(str(value)) if value is not None else 0


def _number(value: float | Decimal | None) -> Value:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def _moment(value: dt.date | dt.time | None) -> Value:
    """The day or time, or its text where Excel cannot hold it."""
    if isinstance(value, dt.datetime):
        plain = value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo else value
        fine = plain.microsecond % 1000 or getattr(plain, "nanosecond", 0)
        return plain.isoformat(sep=" ") if fine or plain.date() < _FIRST_DAY else plain
    if isinstance(value, dt.time):
        return value.isoformat() if value.microsecond % 1000 else value
    if isinstance(value, dt.date):
        return value.isoformat() if value < _FIRST_DAY else value
    return value
