"""What a number, a date or a code in a text says: the values of a cell for which it would be true."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Amount:
    """`value` times `scale`, written with so many decimals: "1.2 million" is Amount(1.2, 1_000_000, 1)."""

    value: Decimal
    scale: Decimal = Decimal(1)
    places: int = 0

    @property
    def whole(self) -> int | None:
        """The number where it is a plain whole one."""
        return int(self.value) if self.scale == 1 and self.places == 0 and self.value == int(self.value) else None


@dataclass(frozen=True)
class Ratio:
    """A fraction: "1/3", "two thirds", "half"."""

    part: int
    of: int


@dataclass(frozen=True)
class Both:
    """Two numbers of which the second is the whole: "124/344"."""

    part: int
    of: int


@dataclass(frozen=True)
class Times:
    """How often something is as much as another: "twice", "double"."""

    factor: int


@dataclass(frozen=True)
class Day:
    """A day, or as much of it as is said: a year, a month of a year, a day of any year."""

    year: int | None = None
    month: int | None = None
    day: int | None = None


@dataclass(frozen=True)
class Quarter:
    number: int
    year: int | None = None


@dataclass(frozen=True)
class Clock:
    """A time of day; `second` is None where it is not said."""

    hour: int
    minute: int
    second: int | None = None


@dataclass(frozen=True)
class Place:
    """An ordinal: "3rd", "second"."""

    number: int


@dataclass(frozen=True)
class Code:
    """Letters and digits in one word, as names have them: "A320", "N104UW"."""

    text: str


@dataclass(frozen=True)
class Vague:
    """A number that no cell can hold: "hundreds", "10²"."""


Meaning = Amount | Ratio | Both | Times | Day | Quarter | Clock | Place | Code | Vague


@dataclass(frozen=True)
class Said:
    """A number in a text, from `start` to `end`. One of its meanings must be true; `core` are its bare digits."""

    start: int
    end: int
    meanings: tuple[Meaning, ...]
    core: str = ""
