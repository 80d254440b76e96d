"""Numbers on a chart: with thousands, in few letters, with the unit that a column's name tells, and their axis."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lib.engine.result import Json
from lib.engine.types import is_number

Number = int | float
_LARGEST_EXACT = 1 << 53
_LARGEST = 1e300
"""Beyond it sums and the lengths of axes could be infinite."""

_CURRENCIES = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥", "inr": "₹", "$": "$", "€": "€", "£": "£", "¥": "¥"}
_CURRENCY = re.compile(r"(?:^|[_\W])(usd|eur|gbp|jpy|inr)(?:$|[_\W])|([$€£¥])", re.IGNORECASE)
_PERCENT = re.compile(r"(^|[_\W])(pct|percent|percentage)($|[_\W])|%\)?$", re.IGNORECASE)
_SHARE = re.compile(r"(^|[_\W])(share|proportion|fraction)($|[_\W])", re.IGNORECASE)
_SCALES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))
_NO_THOUSANDS = re.compile(r"(^|[_\W])(year|yr|yyyy)($|[_\W])", re.IGNORECASE)


@dataclass(frozen=True)
class Unit:
    """What stands before and after a number; a `share` of one is written in percent."""

    before: str = ""
    after: str = ""
    share: bool = False


def number(value: Json, type_: str) -> Number | None:
    """The value as a number that an axis can show; None for what is missing, no number, or as good as infinite."""
    if isinstance(value, bool) or value is None or isinstance(value, list | dict):
        return None
    if isinstance(value, str):  # numbers that JSON does not have come as text
        if not is_number(type_):
            return None
        try:
            return int(value) if value.lstrip("-").isdigit() else _finite(float(value))
        except (ValueError, OverflowError):
            return None
    return value if isinstance(value, int) else _finite(value)


def plotted(value: Number | None) -> Number | None:
    """As Plotly's JSON can hold it: integers of any size, rounded beyond the exact ones."""
    return float(value) if isinstance(value, int) and abs(value) > _LARGEST_EXACT else value


def _finite(value: float) -> float | None:
    return value if abs(value) <= _LARGEST else None


def unit_of(name: str, values: Iterable[Number | None]) -> Unit:
    """The unit of a column, as far as its name tells and its values agree."""
    present = [abs(value) for value in values if value is not None]
    if _SHARE.search(name) and present and max(present) <= 1:
        return Unit(share=True)
    if _PERCENT.search(name) and present and max(present) > 1:
        return Unit(after="%")
    if found := _CURRENCY.search(name):
        return Unit(before=_CURRENCIES[(found[1] or found[2]).lower()])
    return Unit()


def full(value: Number | None, unit: Unit = Unit()) -> str:
    """The number as exactly as a reader wants it: integers in full, fractions with at least three digits that count."""
    if value is None:
        return "no value"
    if unit.share:
        return f"{_signed(value * 100, _rounded)}%"
    if isinstance(value, float) and value != 0 and not 1e-6 <= abs(value) < 1e15:
        return f"{unit.before}{value:.4g}{unit.after}".replace("-", "−")
    return _signed(value, lambda one: f"{unit.before}{_rounded(one)}{unit.after}")


def short(value: Number | None, unit: Unit = Unit()) -> str:
    """The number in few letters: 1.2M."""
    if value is None:
        return ""
    if unit.share or abs(value) < 10_000 or abs(value) >= 1e15:
        return full(_of_three_digits(value), unit)
    scale, letter = next((one, letter) for one, letter in _SCALES if abs(value) >= one)
    return _signed(value, lambda one: f"{unit.before}{_trimmed(f'{one / scale:.3g}')}{letter}{unit.after}")


def axis(values: Sequence[Number | None], unit: Unit, name: str = "", *, log: bool = False) -> dict[str, Any]:
    """Plotly's axis for these values: thousands up to 10,000, then k, M and B, and no year with a comma."""
    largest = max((abs(value) for value in values if value is not None), default=0)
    common: dict[str, Any] = {"tickprefix": unit.before, "ticksuffix": unit.after, "separatethousands": True}
    if log:
        return {**common, "type": "log", "dtick": 1, "exponentformat": "B", "minexponent": 3}
    if unit.share:
        return {"tickformat": ".0%" if largest >= 0.1 else "~%"}
    if _NO_THOUSANDS.search(name) and 1000 <= largest < 3000:
        return {"tickformat": "d"}
    if largest >= 1e15 or 0 < largest < 1e-4:
        return {**common, "exponentformat": "power"}
    return {**common, "exponentformat": "B" if largest >= 10_000 else "none", "minexponent": 3}


def _signed(value: Number, write: Any) -> str:
    return ("−" if value < 0 else "") + str(write(abs(value)))


def _rounded(value: Number) -> str:
    """With thousands; two digits after the point, or as many as show three that count."""
    if isinstance(value, int):
        return f"{value:,}"
    digits = 2 if value >= 1 or value == 0 else 2 - math.floor(math.log10(value))
    return _trimmed(f"{value:,.{digits}f}")


def _of_three_digits(value: Number) -> Number:
    return value if isinstance(value, int) or value.is_integer() else float(f"{value:.3g}")


def _trimmed(text: str) -> str:
    """Without zeros after the point, and without an exponent."""
    if "e" in text:
        text = f"{Decimal(text):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
