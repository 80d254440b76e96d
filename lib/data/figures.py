"""How the numbers of a column are written: with how many decimals, and with thousands or without."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from lib.engine.result import Column

DIGITS = 15
"""Of a decimal number: so many survive in a float, which is all that a browser and a spreadsheet have."""
_LARGEST = 10**DIGITS
_MOST_DECIMALS = 10
_MOST_EXACT_DECIMALS = 4

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_YEARS = {"year", "yr", "yyyy"}
_NAMES = {"id", "code", "zip", "zipcode", "postcode", "phone", "key", "isbn", "ean", "sku"}


@dataclass(frozen=True)
class Figures:
    """`grouped` numbers have their thousands apart; `fits` says whether a float has all digits of every one."""

    decimals: int
    grouped: bool
    fits: bool

    def text(self, value: float) -> str:
        """One of the column's numbers."""
        comma = "," if self.grouped else ""
        return f"{value:{comma}}" if isinstance(value, int) else f"{value:{comma}.{self.decimals}f}"


def of(column: Column, values: pa.ChunkedArray) -> Figures | None:
    """How the column's numbers are written, or None if it has no numbers."""
    kind = values.type
    if pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale == 0):
        return Figures(0, not _are_names(column.name, values), _largest(values) < _LARGEST)
    if pa.types.is_decimal(kind):
        return Figures(kind.scale, True, _largest(values) * 10**kind.scale < _LARGEST)
    if pa.types.is_floating(kind):
        finite = _finite(values)
        return Figures(_decimals(finite), True, not finite.size or float(np.abs(finite).max()) < _LARGEST)
    return None


def written(value: object, *, grouped: bool = True) -> str:
    """One value on its own: a number with all its digits, an endless one with as many as say something."""
    if value is None:
        return ""
    if isinstance(value, float) and math.isfinite(value):
        return f"{value:,.{_decimals(np.array([value]))}f}"
    if isinstance(value, int | Decimal) and grouped:
        return f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    return str(value)


def _are_names(name: str, values: pa.ChunkedArray) -> bool:
    """Whether the integers tell things apart instead of counting them: nobody writes the year 2,024."""
    words = [one.lower() for one in _WORD.findall(name)]
    if not words:
        return False
    if _YEARS & set(words):
        ends = pc.min_max(values).as_py()
        return ends["min"] is None or (ends["min"] >= 1000 and ends["max"] <= 2999)
    return words[-1] in _NAMES


def _largest(values: pa.ChunkedArray) -> int | Decimal:
    ends = pc.min_max(values).as_py()
    return 0 if ends["min"] is None else max(abs(ends["min"]), abs(ends["max"]))


def _finite(values: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    numbers = values.drop_null().to_numpy().astype(np.float64)
    finite: npt.NDArray[np.float64] = numbers[np.isfinite(numbers)]
    return finite


def _decimals(finite: npt.NDArray[np.float64]) -> int:
    """As many as the numbers have; of endless ones so many that most of them show three digits."""
    if not finite.size:
        return 0
    for decimals in range(_MOST_EXACT_DECIMALS + 1):
        if bool((np.round(finite, decimals) == finite).all()):
            return decimals
    sizes = np.abs(finite[finite != 0])
    small = np.floor(np.log10(float(np.quantile(sizes, 0.1, method="lower"))))
    whole = np.floor(np.log10(float(sizes.max())))
    return int(np.clip(2 - small, 2, max(2, min(_MOST_DECIMALS, DIGITS - 2 - whole))))
