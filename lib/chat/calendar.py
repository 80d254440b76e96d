"""The dates and times of day in a result, ready to be asked whether one of them lies where a text says."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from lib.chat.meanings import Clock, Day, Quarter

Days = npt.NDArray[np.datetime64]
_LENGTHS = {"M": len("2024-01"), "D": len("2024-01-05")}


class Calendar:
    """Made of columns of dates and timestamps, of times of day, and of texts that are ISO days and months."""

    def __init__(
        self, dated: Sequence[pa.ChunkedArray], timed: Sequence[pa.ChunkedArray], texts: Collection[str]
    ) -> None:
        self._dated, self._timed, self._texts = dated, timed, texts

    def has(self, day: Day) -> bool:
        """Whether a date is that day, or lies in that month or year."""
        if day.year is None:
            return (day.month, day.day) in self.days_of_years
        if day.month is None:
            return _holds(self._years, np.datetime64(f"{day.year:04}", "Y"))
        if day.day is None:
            return _holds(self._months, _month(day.year, day.month))
        return is_day(day) and _holds(self._days, np.datetime64(f"{day.year:04}-{day.month:02}-{day.day:02}", "D"))

    def has_quarter(self, quarter: Quarter) -> bool:
        """Whether a date lies in it; in that quarter of any year where it names none."""
        if quarter.year is None:
            return any((month - 1) // 3 + 1 == quarter.number for month, _ in self.days_of_years)
        months = [_month(quarter.year, 3 * quarter.number - after) for after in range(3)]
        return any(_holds(self._months, one) for one in months)

    def has_time(self, clock: Clock) -> bool:
        """Whether a time of day is that one, to the second where it says so."""
        asked = (clock.hour * 60 + clock.minute) * 60 + (clock.second or 0)
        if clock.second is not None:
            return asked in self._seconds
        return any(one // 60 == asked // 60 for one in self._seconds)

    @cached_property
    def days_of_years(self) -> frozenset[tuple[int, int]]:
        """Every month with a day of it that is there."""
        months = self._days.astype("M8[M]")
        days = (self._days - months.astype("M8[D]")).astype(int) + 1
        return frozenset(zip((months.astype(int) % 12 + 1).tolist(), days.tolist(), strict=True))

    @cached_property
    def _days(self) -> Days:
        columns = [_local(one).cast(pa.date32(), safe=False).unique().drop_null() for one in self._dated]
        return _joined([one.to_numpy(zero_copy_only=False) for one in columns], self._texts, "D")

    @cached_property
    def _months(self) -> Days:
        return _joined([self._days], self._texts, "M")

    @cached_property
    def _years(self) -> Days:
        return _joined([self._months], (), "Y")

    @cached_property
    def _seconds(self) -> frozenset[int]:
        stamps = [_local(one) for one in self._dated if pa.types.is_timestamp(one.type)]
        return frozenset(one for some in (*stamps, *self._timed) for one in _seconds_of(some))


def is_day(day: Day) -> bool:
    """Whether the calendar has it."""
    try:
        np.datetime64(f"{day.year:04}-{day.month:02}-{day.day:02}", "D")
    except ValueError:
        return False
    return True


def _joined(columns: Sequence[Days], texts: Collection[str], unit: Literal["Y", "M", "D"]) -> Days:
    read = [np.datetime64(one, unit) for one in texts if len(one) == _LENGTHS.get(unit)]
    parts = [one.astype(f"M8[{unit}]") for one in columns]
    return np.unique(np.concatenate([np.array(read, f"M8[{unit}]"), *parts]))


def _month(year: int, month: int) -> np.datetime64:
    return np.datetime64(f"{year:04}-{month:02}", "M")


def _holds(values: Days, one: np.datetime64) -> bool:
    at = int(np.searchsorted(values, one))
    return at < len(values) and bool(values[at] == one)


def _local(stamps: pa.ChunkedArray) -> pa.ChunkedArray:
    """As they are shown: in their own time zone."""
    return pc.local_timestamp(stamps) if pa.types.is_timestamp(stamps.type) and stamps.type.tz else stamps


def _seconds_of(times: pa.ChunkedArray) -> list[int]:
    hour, minute, second = (pc.cast(part(times), pa.int32()) for part in (pc.hour, pc.minute, pc.second))
    found = pc.add(pc.multiply(pc.add(pc.multiply(hour, 60), minute), 60), second)
    return [int(one) for one in found.unique().drop_null().to_pylist()]
