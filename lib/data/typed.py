"""Whether what was read from a file is what its class says: whoever wrote the file may have written anything."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

_PLAIN: dict[str, type | tuple[type, ...]] = {"str": str, "int": int, "bool": bool, "float": (int, float)}
_TEXTS = "tuple[str, ...]"
_YEAR_9999 = 253_370_764_800.0


def require_types(one: Any) -> None:
    """Raises TypeError if a text, a number or a truth of the dataclass, or of what is in it, is another thing."""
    for each in fields(one):
        value = getattr(one, each.name)
        if not isinstance(value, _PLAIN.get(str(each.type), object)):
            raise TypeError
        if each.type == _TEXTS and not (isinstance(value, tuple) and all(isinstance(part, str) for part in value)):
            raise TypeError
        for part in value if isinstance(value, tuple) else (value,):
            if is_dataclass(part):
                require_types(part)


def moment(value: object) -> float:
    """Seconds since 1970; 0 for what is no number, or no moment that a calendar shows."""
    return float(value) if isinstance(value, int | float) and 0 <= value < _YEAR_9999 else 0.0
