"""The cells of a result, ready to be asked whether one of them says a number. Made once; a million rows take a second.

Numbers are compared exactly, whatever their type: whole ones as integers, others by their shortest decimal text. All
texts are searched for codes and names; of those that look like a number or a date, the first `MOST_TEXTS` are read.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from lib.chat.calendar import Calendar, is_day
from lib.chat.meanings import Amount, Clock, Day, Quarter, Ratio, Said, Times
from lib.chat.moments import MONTHS
from lib.chat.numerals import in_ascii, numbers
from lib.data.words import words
from lib.engine.result import Result

MOST_TEXTS = 10_000
MOST_HITS = 5_000
"""Texts with a number in them that are looked at for what stands beside it."""
_OFF, _SHARE_OFF = Decimal("0.05"), Decimal("0.02")
_PRECISION = 1_000
"""Digits, more than any number has that is read."""
_LONGEST_NUMBER, _LONGEST_MONTH = 100, 12
_LIKE_A_NUMBER = r"^(\p{L}{1,4}[^\p{L}\p{N}])?\P{L}*\p{N}\P{L}*(\p{L}{1,4}\.?)?$|^[12]\p{N}{3}-\p{N}{2}"
_DATED = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d))?(?!\d)")
_INT64 = (-(2**63), 2**63 - 1)

Numbers = npt.NDArray[Any]


class Cells:
    """What the cells hold: numbers, days, times of day, and texts with digits, the columns' names among them."""

    def __init__(self, result: Result) -> None:
        total = result.total_rows
        self.rows = total if total is not None else None if result.truncated else result.table.num_rows
        self.columns = len(result.columns)
        whole: list[Numbers] = []
        broken: list[Numbers] = []
        exact: list[Decimal] = []
        dated: list[pa.ChunkedArray] = []
        timed: list[pa.ChunkedArray] = []
        texts: list[pa.ChunkedArray] = []
        self._periods: dict[str, set[int]] = {"month": set(), "quarter": set()}
        for column, leaf in _named_leaves(result):
            kind = leaf.type
            if pa.types.is_integer(kind) and kind != pa.uint64():
                whole.append(leaf.drop_null().to_numpy().astype(np.int64))
                self._add_period(column, whole[-1])
            elif pa.types.is_floating(kind):
                broken.append(_floats(leaf))
            elif pa.types.is_decimal(kind) or kind == pa.uint64():
                exact += [Decimal(one) for one in leaf.unique().drop_null().to_pylist()]
            elif pa.types.is_date(kind) or pa.types.is_timestamp(kind):
                dated.append(leaf)
            elif pa.types.is_time(kind):
                timed.append(leaf)
            elif _is_text(kind):
                texts.append(pa.chunked_array(leaf.unique().cast(pa.string())))
            elif not (pa.types.is_boolean(kind) or pa.types.is_null(kind) or pa.types.is_binary(kind)):
                texts.append(pa.chunked_array([[str(one) for one in leaf[:MOST_TEXTS].to_pylist()]], pa.string()))
        every = pa.chunked_array([chunk for one in texts for chunk in one.chunks], pa.string()).unique().drop_null()
        has_digit = pc.match_substring_regex(every, r"\p{N}")
        self._periods["month"] |= _months(every.filter(pc.invert(has_digit)))
        names = pa.array([one.name for one in result.columns], pa.string())
        self._texts = pa.concat_arrays([_plain(names), _plain(every.filter(has_digit))])
        read, days = _read(self._texts)
        self._whole = np.sort(np.concatenate([np.array([], np.int64), *whole]))
        self._broken = np.sort(np.concatenate([np.array([], np.float64), *broken]))
        self._exact = sorted({*exact, *read})
        self._calendar = Calendar(dated, timed, days)

    def says(self, amount: Amount) -> bool:
        """Whether a number is this amount, or rounds to it as it is written and is off by at most 5 %."""
        with localcontext(prec=_PRECISION):
            target = amount.value * amount.scale
            half = amount.scale / 2 * Decimal(10) ** -amount.places
            return any(abs(one - target) <= min(half, abs(one) * _OFF) for one in self._near(target))

    def says_share(self, share: Ratio) -> bool:
        """Whether a number is the fraction, or its percentage, with as many decimals as the cell has."""
        return any(
            abs(one - exact) <= exact * _SHARE_OFF and one == round(exact, max(0, -_power(one)))
            for exact in (Decimal(times * share.part) / share.of for times in (1, 100))
            for one in self._near(exact)
        )

    def says_times(self, times: Times) -> bool:
        """Whether a number that need not be whole is the factor: a count of two does not say "twice"."""
        found = (*_around(self._broken, times.factor), *self._exact_around(Decimal(times.factor)))
        return any(one == times.factor for one in found)

    def says_day(self, day: Day) -> bool:
        """Whether a date is that day or lies in that month or year, or two columns name the year and the month."""
        if self._calendar.has(day):
            return True
        named = day.year is not None and day.day is None and day.month in self._periods["month"]
        return named and self._says_year(day.year or 0)

    def says_quarter(self, quarter: Quarter) -> bool:
        """Whether a date lies in it, or a column of quarters has it."""
        if self._calendar.has_quarter(quarter):
            return True
        named = quarter.number in self._periods["quarter"]
        return named and (quarter.year is None or self._says_year(quarter.year))

    def says_time(self, clock: Clock) -> bool:
        """Whether a time of day is that one."""
        return self._calendar.has_time(clock)

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

    def _add_period(self, column: str, values: Numbers) -> None:
        for period in self._periods.keys() & set(words(column)):
            self._periods[period].update(np.unique(values[(values >= 1) & (values <= 12)]).tolist())

    def _says_year(self, year: int) -> bool:
        return self.says(Amount(Decimal(year))) or self._calendar.has(Day(year))

    def _near(self, target: Decimal) -> Iterator[Decimal]:
        """The numbers next to the target, above and below."""
        yield from map(Decimal, _around(self._whole, min(max(int(target), _INT64[0]), _INT64[1])))
        yield from (Decimal(repr(one)) for one in _around(self._broken, float(target)))
        yield from self._exact_around(target)

    def _exact_around(self, target: Decimal) -> list[Decimal]:
        at = bisect_left(self._exact, target)
        return self._exact[max(0, at - 1) : at + 2]

    def _with(self, part: str) -> list[str]:
        hits = self._texts.filter(pc.match_substring(self._texts, part))
        return [str(one) for one in hits[:MOST_HITS].to_pylist()]


def _around(values: Numbers, target: float) -> list[Any]:
    at = int(np.searchsorted(values, target))
    found: list[Any] = values[max(0, at - 1) : at + 2].tolist()
    return found


def _named_leaves(result: Result) -> Iterator[tuple[str, pa.ChunkedArray]]:
    for number, column in enumerate(result.columns):
        for leaf in _leaves(result.table.column(number)):
            yield column.name, leaf


def _leaves(column: pa.ChunkedArray) -> Iterator[pa.ChunkedArray]:
    """The column, or the columns that its lists, structs and maps are made of."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        yield column.cast(kind.value_type)
    elif pa.types.is_map(kind):
        for part, type_ in (("keys", kind.key_type), ("items", kind.item_type)):
            yield from _leaves(pa.chunked_array([getattr(one, part) for one in column.chunks], type_))
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        yield from _leaves(pc.list_flatten(column))
    elif pa.types.is_struct(kind):
        for at in range(kind.num_fields):
            yield from _leaves(pc.struct_field(column, [at]))
    else:
        yield column


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _floats(leaf: pa.ChunkedArray) -> Numbers:
    """The finite numbers as they are shown: a FLOAT is kept as 0.10000000149 and shown as 0.1."""
    found = leaf.drop_null().to_numpy()
    found = found if found.dtype == np.float64 else found.astype(str).astype(np.float64)
    finite: Numbers = found[np.isfinite(found)]
    return finite


def _plain(texts: pa.StringArray) -> pa.StringArray:
    """In lower case, with ASCII digits and one character for its likes."""
    ascii_ = pc.string_is_ascii(texts)
    others = pc.utf8_normalize(texts.filter(pc.invert(ascii_)), form="NFKC").to_pylist()
    foreign = pa.array([in_ascii(str(one).lower()) for one in others], pa.string())
    return pa.concat_arrays([pc.ascii_lower(texts.filter(ascii_)), foreign])


def _months(texts: pa.StringArray) -> set[int]:
    """The months that are texts of their own."""
    short = texts.filter(pc.less_equal(pc.utf8_length(texts), _LONGEST_MONTH))
    found = {str(one).lower() for one in short.to_pylist()}
    return {number for names in MONTHS for number, name in enumerate(names, 1) if name in found}


def _read(texts: pa.StringArray) -> tuple[list[Decimal], set[str]]:
    """The numbers that are all of a text, and the days and months with which one begins."""
    amounts: list[Decimal] = []
    days: set[str] = set()
    for text in texts.filter(pc.match_substring_regex(texts, _LIKE_A_NUMBER))[:MOST_TEXTS].to_pylist():
        found = numbers(text) if len(text) <= _LONGEST_NUMBER else ()
        if len(found) == 1 and _is_all_of(found[0], text):
            with localcontext(prec=_PRECISION):
                amounts += [one.value * one.scale for one in found[0].meanings if isinstance(one, Amount)]
        if (dated := _DATED.match(text)) and is_day(Day(*(int(one) if one else 1 for one in dated.groups()))):
            days.add(dated.group())
    return amounts, days


def _is_all_of(one: Said, text: str) -> bool:
    return not re.search(r"\w", text[: one.start] + text[one.end :])


def _power(number: Decimal) -> int:
    power = number.normalize().as_tuple().exponent
    return power if isinstance(power, int) else 0
