"""The cells of a result, ready to be asked whether one of them says a number. Made once; a million rows take a second.

Numbers are compared exactly, whatever their type: whole ones as integers, others by their shortest decimal text. All
texts are searched for codes and names; only the first `MOST_TEXTS` different ones are read as numbers and dates.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from lib.chat.meanings import Amount, Clock, Day, Quarter, Ratio, Said, Times
from lib.chat.moments import MONTHS
from lib.chat.numerals import in_ascii, numbers
from lib.data.words import words
from lib.engine.result import Result

MOST_TEXTS = 20_000
MOST_HITS = 5_000
"""Texts with a number in them that are looked at for what stands beside it."""
_OFF = Decimal("0.05")
_PARTS_OFF = Decimal("0.02")
_LONGEST_NUMBER = 40
_DATED = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d))?(?!\d)")
_INT64 = (-(2**63), 2**63 - 1)

Days = npt.NDArray[np.datetime64]


class Cells:
    """What the cells hold: numbers, days, times of day, and texts with digits, those of the columns' names with them."""

    def __init__(self, result: Result) -> None:
        total = result.total_rows
        self.rows = total if total is not None else None if result.truncated else result.table.num_rows
        self.columns = len(result.columns)
        whole: list[npt.NDArray[np.int64]] = []
        broken: list[npt.NDArray[np.float64]] = []
        exact: list[Decimal] = []
        self._dated: list[pa.ChunkedArray] = []
        self._timed: list[pa.ChunkedArray] = []
        self._periods: dict[str, set[int]] = {"month": set(), "quarter": set()}
        texts: list[pa.Array] = [pa.array([one.name for one in result.columns], pa.string())]
        for number, column in enumerate(result.columns):
            for leaf in _leaves(result.table.column(number)):
                kind = leaf.type
                if pa.types.is_integer(kind) and kind != pa.uint64():
                    found = leaf.drop_null().to_numpy().astype(np.int64)
                    whole.append(np.unique(found))
                    self._add_period(column.name, whole[-1])
                elif pa.types.is_floating(kind):
                    broken.append(_floats(leaf))
                elif pa.types.is_decimal(kind) or kind == pa.uint64():
                    exact += [Decimal(one) for one in leaf.unique().drop_null().to_pylist()]
                elif pa.types.is_date(kind) or pa.types.is_timestamp(kind):
                    self._dated.append(leaf)
                elif pa.types.is_time(kind):
                    self._timed.append(leaf)
                elif _is_text(kind):
                    texts.append(leaf.unique().cast(pa.string()))
                elif not (pa.types.is_boolean(kind) or pa.types.is_null(kind) or pa.types.is_binary(kind)):
                    texts.append(pa.array([str(one) for one in leaf[:MOST_TEXTS].to_pylist()], pa.string()))
        self._texts = _with_digits(texts)
        self._months = _month_names(texts)
        read, self._text_days = _read(self._texts)
        self._whole = _sorted(whole, np.int64)
        self._broken = _sorted(broken, np.float64)
        self._exact = sorted({*exact, *read})

    def says(self, amount: Amount) -> bool:
        """Whether a number is this amount, or rounds to it as it is written and is off by at most 5 %."""
        target = amount.value * amount.scale
        half = amount.scale / 2 * Decimal(10) ** -amount.places
        return any(abs(one - target) <= min(half, abs(one) * _OFF) for one in self._near(target))

    def says_share(self, share: Ratio) -> bool:
        """Whether a number is the fraction, or its percentage, as exactly as it is written in the cell."""
        return any(
            abs(one - exact) <= abs(exact) * _PARTS_OFF and one == round(exact, max(0, -_power(one)))
            for exact in (Decimal(times * share.part) / share.of for times in (1, 100))
            for one in self._near(exact)
        )

    def says_times(self, times: Times) -> bool:
        """Whether a number that need not be whole is the factor: a count of two does not say "twice"."""
        return any(one == times.factor for one in _around(self._broken, times.factor, float(times.factor))) or any(
            one == times.factor for one in self._exact
        )

    def says_day(self, day: Day) -> bool:
        """Whether a date is that day or lies in that month or year, or two columns name the year and the month."""
        if day.year is None:
            return (day.month, day.day) in self._days_of_years
        if day.month is None:
            return _has(self._years, np.datetime64(f"{day.year:04}", "Y"))
        if day.day is None:
            return _has(self._all_months, _month(day.year, day.month)) or (
                day.month in self._periods["month"] | self._months and self._says_year(day.year)
            )
        return _is_day(day) and _has(self._all_days, np.datetime64(f"{day.year:04}-{day.month:02}-{day.day:02}", "D"))

    def says_quarter(self, quarter: Quarter) -> bool:
        """Whether a date lies in it, or a column of quarters has it."""
        named = quarter.number in self._periods["quarter"]
        if quarter.year is None:
            return named or any((month - 1) // 3 + 1 == quarter.number for month, _ in self._days_of_years)
        months = [_month(quarter.year, 3 * quarter.number - after) for after in range(3)]
        return any(_has(self._all_months, one) for one in months) or (named and self._says_year(quarter.year))

    def says_time(self, clock: Clock) -> bool:
        """Whether a time of day is that one, to the second where it says so."""
        asked = (clock.hour * 60 + clock.minute) * 60 + (clock.second or 0)
        return any(one == asked if clock.second is not None else one // 60 == asked // 60 for one in self._seconds)

    def names(self, code: str) -> bool:
        """Whether a text has the code as a word."""
        word = re.compile(rf"(?<![^\W_]){re.escape(code.casefold())}(?![^\W_])")
        return any(word.search(one) for one in self._with(code.casefold()))

    def has_beside(self, digits: str, before: str, after: str) -> bool:
        """Whether a text has the digits with one of these words (or numbers) beside them: "Route 66"."""
        core = re.escape(digits.casefold())
        ways = [rf"(?<![^\W_]){re.escape(before.casefold())}[\W_]+{core}(?![^\W_])"] if before else []
        ways += [rf"(?<![^\W_]){core}[\W_]+{re.escape(after.casefold())}(?![^\W_])"] if after else []
        beside = re.compile("|".join(ways))
        return bool(ways) and any(beside.search(one) for one in self._with(digits.casefold()))

    def _add_period(self, name: str, values: npt.NDArray[np.int64]) -> None:
        for period in {"month", "quarter"} & set(words(name)):
            self._periods[period] |= {int(one) for one in values if 1 <= one <= 12}

    def _near(self, target: Decimal) -> Iterator[Decimal]:
        """The numbers next to the target, above and below."""
        nearest = int(min(max(target.to_integral_value(), _INT64[0]), _INT64[1]))
        yield from map(Decimal, _around(self._whole, nearest, nearest))
        yield from (Decimal(repr(one)) for one in _around(self._broken, float(target), float(target)))
        at = bisect_left(self._exact, target)
        yield from self._exact[max(0, at - 1) : at + 1]

    def _with(self, part: str) -> list[str]:
        hits = self._texts.filter(pc.match_substring(self._texts, part))
        return [str(one) for one in hits[:MOST_HITS].to_pylist()]

    def _says_year(self, year: int) -> bool:
        return self.says(Amount(Decimal(year))) or self.says_day(Day(year))

    @cached_property
    def _all_days(self) -> Days:
        found = [_local(one).cast(pa.date32(), safe=False).unique().drop_null() for one in self._dated]
        read = [np.datetime64(one, "D") for one in self._text_days if len(one) == len("2024-01-05")]
        return np.unique(np.concatenate([*(one.to_numpy(zero_copy_only=False).astype("M8[D]") for one in found), np.array(read, "M8[D]")]))

    @cached_property
    def _all_months(self) -> Days:
        read = [np.datetime64(one, "M") for one in self._text_days if len(one) == len("2024-01")]
        return np.unique(np.concatenate([self._all_days.astype("M8[M]"), np.array(read, "M8[M]")]))

    @cached_property
    def _years(self) -> Days:
        return np.unique(self._all_months.astype("M8[Y]"))

    @cached_property
    def _days_of_years(self) -> set[tuple[int, int]]:
        months = self._all_days.astype("M8[M]")
        days = (self._all_days - months.astype("M8[D]")).astype(int) + 1
        return set(zip((months.astype(int) % 12 + 1).tolist(), days.tolist(), strict=True))

    @cached_property
    def _seconds(self) -> list[int]:
        stamps = [_local(one) for one in self._dated if pa.types.is_timestamp(one.type)]
        return sorted({one for some in (*stamps, *self._timed) for one in _seconds_of(some)})


def _leaves(column: pa.ChunkedArray) -> Iterator[pa.ChunkedArray]:
    """The column, or the columns that its lists, structs and maps are made of."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        yield column.cast(kind.value_type)
    elif pa.types.is_map(kind):
        for part in ("keys", "items"):
            yield from _leaves(pa.chunked_array([getattr(one, part) for one in column.chunks]))
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        yield from _leaves(pc.list_flatten(column))
    elif pa.types.is_struct(kind):
        for at in range(kind.num_fields):
            yield from _leaves(pc.struct_field(column, [at]))
    else:
        yield column


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def _floats(leaf: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    found = np.unique(leaf.drop_null().to_numpy())
    if found.dtype != np.float64:  # the number that is shown, not the one with which it is kept: 0.1 and not 0.10000000149
        found = found.astype(str).astype(np.float64)
    finite: npt.NDArray[np.float64] = found[np.isfinite(found)]
    return finite


def _sorted(arrays: Sequence[npt.NDArray[np.generic]], kind: type[np.generic]) -> npt.NDArray[np.generic]:
    return np.unique(np.concatenate([np.array([], kind), *arrays]))


def _around(values: npt.NDArray[np.generic], target: float, near: float) -> list[int] | list[float]:
    at = int(np.searchsorted(values, target))
    found: list[int] | list[float] = values[max(0, at - 1) : at + 1].tolist()
    return found


def _with_digits(texts: Sequence[pa.Array]) -> pa.StringArray:
    """The different texts that have a digit, in lower case, with ASCII digits and one character for its likes."""
    every = pa.chunked_array(texts, pa.string()).drop_null().unique()
    some = every.filter(pc.match_substring_regex(every, r"\p{N}"))
    plain = pc.utf8_lower(pc.utf8_normalize(some, form="NFKC"))
    if pc.all(pc.string_is_ascii(plain)).as_py() is not False:
        return plain.unique()
    foreign = pc.match_substring_regex(plain, r"[^\x00-\x7f]")
    others = [in_ascii(str(one)) for one in plain.filter(foreign).to_pylist()]
    return pa.concat_arrays([plain.filter(pc.invert(foreign)), pa.array(others, pa.string())]).unique()


def _month_names(texts: Sequence[pa.Array]) -> set[int]:
    """The months that are texts of their own."""
    every = pc.utf8_lower(pa.chunked_array(texts[1:], pa.string()).drop_null().unique())
    return {
        number
        for names in MONTHS
        for number, name in enumerate(names, 1)
        if pc.any(pc.equal(every, name)).as_py()
    }


def _read(texts: pa.StringArray) -> tuple[list[Decimal], set[str]]:
    """The numbers and the days that are all of a text."""
    amounts: list[Decimal] = []
    days: set[str] = set()
    for text in texts[:MOST_TEXTS].to_pylist():
        found = numbers(text) if len(text) <= _LONGEST_NUMBER else ()
        if len(found) == 1 and _is_all_of(found[0], text):
            amounts += [one.value * one.scale for one in found[0].meanings if isinstance(one, Amount)]
        if (dated := _DATED.match(text)) and _is_day(Day(*(int(one) if one else 1 for one in dated.groups()))):
            days.add(dated.group())
    return amounts, days


def _is_all_of(one: Said, text: str) -> bool:
    return not re.search(r"\w", text[: one.start] + text[one.end :])


def _is_day(day: Day) -> bool:
    try:
        np.datetime64(f"{day.year:04}-{day.month:02}-{day.day:02}", "D")
    except ValueError:
        return False
    return True


def _month(year: int, month: int) -> np.datetime64:
    return np.datetime64(f"{year:04}-{month:02}", "M")


def _has(values: Days, one: np.datetime64) -> bool:
    at = int(np.searchsorted(values, one))
    return at < len(values) and bool(values[at] == one)


def _local(stamps: pa.ChunkedArray) -> pa.ChunkedArray:
    """As they are shown: in their own time zone."""
    return pc.local_timestamp(stamps) if pa.types.is_timestamp(stamps.type) and stamps.type.tz else stamps


def _seconds_of(times: pa.ChunkedArray) -> Iterable[int]:
    parts = (pc.hour(times), pc.minute(times), pc.second(times))
    hour, minute, second = (pc.cast(one, pa.int32()) for one in parts)
    found = pc.add(pc.multiply(pc.add(pc.multiply(hour, 60), minute), 60), second)
    return [int(one) for one in found.unique().drop_null().to_pylist()]


def _power(number: Decimal) -> int:
    power = number.normalize().as_tuple().exponent
    return power if isinstance(power, int) else 0
