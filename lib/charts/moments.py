"""Points in time as texts and numbers write them, and the order that they have on the calendar.

`read` takes a column's different values: "2024-01", "Jan 2024", "Q1 2024", "1990s", "Mon", "19th". All of them have to
be written in one form.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Literal

Part = Literal["year", "quarter", "month", "week", "weekday", "day", "hour", "minute"]

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_DAYS = "mon tue wed thu fri sat sun".split()
_ARABIC_MONTHS = "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر".split()
_ARABIC_DAYS = "الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد".split()
_MONTH = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    rf"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|{'|'.join(_ARABIC_MONTHS)})\.?"
)
_DAY = rf"(?P<name>(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?|{'|'.join(_ARABIC_DAYS)})\.?"
_YEAR = r"(?P<year>1[5-9]\d\d|20\d\d|2100)"
_SHORT_YEAR = r"(?P<year>1[5-9]\d\d|20\d\d|2100|'?\d\d)"
_RANGES: Mapping[Part, range] = {
    "year": range(1000, 3000),
    "quarter": range(1, 5),
    "month": range(1, 13),
    "week": range(54),
    "weekday": range(8),
    "day": range(1, 367),
    "hour": range(25),
    "minute": range(61),
}


@dataclass(frozen=True)
class Moments:
    """`at` has the place of each value, which sorts as the calendar does.

    It is an ISO text for points on the calendar and a whole number for others; those that come again, such as weekdays
    and hours, are `cyclic`.
    """

    cyclic: bool
    at: Mapping[str | int | float, str | int]


def read(values: Collection[str]) -> Moments | None:
    """The moments that all these texts are; None when one of them is none, or there are no texts."""
    texts = {one: one.strip().lower() for one in values if len(one) <= _LONGEST}
    if not values or len(texts) < len(values):
        return None
    for form in _FORMS:
        found = _read_as(form, texts)
        if found is not None:
            return Moments(form.cyclic, found)
    return None


def read_numbers(part: Part, values: Collection[int | float]) -> Moments | None:
    """Years, months, hours… as a column of that name has them; None when one is no such number."""
    if not values or any(one not in _RANGES[part] for one in values):
        return None
    if part == "year":
        return Moments(cyclic=False, at={one: f"{int(one):04}-01-01" for one in values})
    return Moments(cyclic=True, at={one: int(one) for one in values})


def ranks(values: Collection[str]) -> dict[str, int]:
    """The place of each text in the calendar's order, from 0; empty when `read` takes them for no moments."""
    found = read(values)
    if found is None:
        return {}
    order = {at: rank for rank, at in enumerate(sorted(set(found.at.values()), key=_calendar_order))}
    return {one: order[found.at[one]] for one in values}


@dataclass(frozen=True)
class _Form:
    """`place` raises ValueError for what its pattern lets through and no calendar has."""

    pattern: re.Pattern[str]
    place: Callable[[re.Match[str]], str | int]
    cyclic: bool = False


def _read_as(form: _Form, texts: Mapping[str, str]) -> dict[str | int | float, str | int] | None:
    found: dict[str | int | float, str | int] = {}
    for given, text in texts.items():
        match = form.pattern.fullmatch(text)
        if match is None:
            return None
        try:
            found[given] = form.place(match)
        except (ValueError, OverflowError):
            return None
    return found


def _instant(match: re.Match[str]) -> str:
    at = dt.datetime.fromisoformat(match[0].upper())
    return (at.astimezone(dt.UTC).replace(tzinfo=None) if at.tzinfo else at).isoformat(" ")


def _day(match: re.Match[str]) -> str:
    return dt.date(_full_year(match["year"]), _month_number(match), int(match["day"])).isoformat()


def _month(match: re.Match[str]) -> str:
    return dt.date(_full_year(match["year"]), _month_number(match), 1).isoformat()


def _quarter(match: re.Match[str]) -> str:
    return dt.date(_full_year(match["year"]), 3 * int(match["quarter"]) - 2, 1).isoformat()


def _week(match: re.Match[str]) -> str:
    return dt.date.fromisocalendar(int(match["year"]), int(match["week"]), 1).isoformat()


def _year(match: re.Match[str]) -> str:
    return f"{int(match['year']):04}-01-01"


def _hour(match: re.Match[str]) -> int:
    hour = int(match["hour"])
    if match["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(hour)
        hour = hour % 12 + (12 if match["half"] == "p" else 0)
    return (hour * 60 + int(match["minute"] or 0)) * 60 + int(match["second"] or 0)


def _month_number(match: re.Match[str]) -> int:
    named = match.groupdict().get("name")
    return int(match["month"]) if named is None else _place(named, _MONTHS, _ARABIC_MONTHS) + 1


def _place(name: str, english: list[str], arabic: list[str]) -> int:
    return arabic.index(name) if name in arabic else english.index(name[:3])


def _full_year(text: str) -> int:
    year = int(text.lstrip("'"))
    if year >= 100:
        return year
    return year + (1900 if year >= 69 else 2000)  # as the files' dates are read


def _calendar_order(at: str | int) -> tuple[bool, int, str]:
    return isinstance(at, str), 0 if isinstance(at, str) else at, str(at)


def _form(pattern: str, place: Callable[[re.Match[str]], str | int], *, cyclic: bool = False) -> _Form:
    return _Form(re.compile(pattern), place, cyclic)


_LONGEST = 40
_FORMS = (
    _form(r"\d{4}-\d\d-\d\d(?:[ t]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:z|[+-]\d\d(?::?\d\d)?)?)?", _instant),
    _form(r"(?P<year>\d{4})[/.](?P<month>\d\d?)[/.](?P<day>\d\d?)", _day),
    _form(rf"{_YEAR}[-/.](?P<month>\d\d?)", _month),
    _form(rf"{_YEAR}(?P<month>0[1-9]|1[0-2])", _month),
    _form(rf"(?P<day>\d\d?)(?:st|nd|rd|th)?[- ]{_MONTH}[- ,]+{_SHORT_YEAR}", _day),
    _form(rf"{_MONTH} (?P<day>\d\d?)(?:st|nd|rd|th)?,? {_YEAR}", _day),
    _form(rf"{_MONTH}[-/ ,]*{_SHORT_YEAR}", _month),
    _form(rf"{_YEAR}[-/ ,]*{_MONTH}", _month),
    _form(rf"q(?P<quarter>[1-4])[-/ ,]*{_SHORT_YEAR}", _quarter),
    _form(rf"{_YEAR}[-/ ,]*q(?P<quarter>[1-4])", _quarter),
    _form(rf"(?P<quarter>[1-4])q[-/ ]?{_SHORT_YEAR}", _quarter),
    _form(rf"{_YEAR}[- ]?w(?:eek ?)?(?P<week>\d\d?)", _week),
    _form(rf"w(?:eek ?)?(?P<week>\d\d?)[-/ ,]+{_YEAR}", _week),
    _form(rf"(?:fy ?)?{_YEAR}s?(?: ?[~–—/-] ?\d\d(?:\d\d)?)?", _year),
    _form(r"(?P<day>\d\d?)[/.-](?P<month>\d\d?)[/.-](?P<year>\d{4})", _day),
    _form(r"(?P<month>\d\d?)[/.-](?P<day>\d\d?)[/.-](?P<year>\d{4})", _day),
    _form(_MONTH, lambda match: _place(match["name"], _MONTHS, _ARABIC_MONTHS), cyclic=True),
    _form(_DAY, lambda match: _place(match["name"], _DAYS, _ARABIC_DAYS), cyclic=True),
    _form(r"q(?P<quarter>[1-4])", lambda match: int(match["quarter"]), cyclic=True),
    _form(
        r"(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:\.\d+)?)?(?: ?(?P<half>[ap])m)?",
        _hour,
        cyclic=True,
    ),
    _form(r"(?P<hour>\d\d?)(?P<minute>)(?P<second>) ?(?P<half>[ap])m", _hour, cyclic=True),
    _form(r"(?P<day>[12]?\d|3[01])(?:st|nd|rd|th)", lambda match: int(match["day"])),
    _form(r"(?:day|week|month|quarter|year|hour) ?(?P<number>\d{1,4})", lambda match: int(match["number"])),
)
