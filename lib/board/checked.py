"""Values from somebody's file, taken only as what they have to be. Raises TypeError or ValueError for anything else."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    value.encode()  # half a character is a ValueError: nothing could show it
    return value


def truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def count(value: object) -> int:
    """A whole number from 0 on."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError
    return value


def number(value: object) -> float:
    """A finite number from 0 on."""
    if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
        raise TypeError
    try:
        found = float(value)
    except OverflowError as e:
        raise ValueError from e
    if not math.isfinite(found):
        raise ValueError
    return found


def items(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def record(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TypeError
    return value
