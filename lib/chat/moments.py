"""Dates and times of day in a text, in English and Arabic."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lib.chat.meanings import Clock, Code, Day, Meaning, Quarter, Said

MONTHS = (
    "january february march april may june july august september october november december".split(),
    "jan feb mar apr may jun jul aug sep oct nov dec".split(),
    "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر".split(),
    "كانون شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين".split(),
)
_NUMBERS = {name: number for names in MONTHS[:3] for number, name in enumerate(names, 1)} | {"sept": 9, "ابريل": 4}
_NAME = "(?P<name>" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + r")\b\.?"
_DAY, _YEAR = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?", r"(?P<year>\d{4})"
_TIME = (
    r"(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?::(?P<second>\d\d)(?:\.\d+)?)?(?!\d|:)\s?(?P<half>[ap]\.?m\b\.?)?"
)
_BEFORE = r"(?<![\w.,:/-])"
_AFTER = r"(?![\w/]|[.,-]\d)"

Read = Callable[[re.Match[str]], tuple[Meaning, ...]]


def _number(found: re.Match[str], group: str) -> int | None:
    text = found.groupdict().get(group)
    return int(text) if text else None


def _day(found: re.Match[str]) -> tuple[Meaning, ...]:
    name = found.groupdict().get("name")
    month = _NUMBERS[name.casefold()] if name else _number(found, "month")
    return (Day(_number(found, "year"), month, _number(found, "day")), Code(found.group()))


def _either_way(found: re.Match[str]) -> tuple[Meaning, ...]:
    first, second, year = (int(one) for one in found.groups())
    year += 2000 if year < 100 else 0
    days = [Day(year, month, day) for day, month in {(first, second), (second, first)} if month <= 12 and day <= 31]
    return (*days, Code(found.group()))


def _quarter(found: re.Match[str]) -> tuple[Meaning, ...]:
    return (Quarter(int(found["quarter"]), _number(found, "year")), Code(found.group()))


def _clock(found: re.Match[str]) -> tuple[Meaning, ...]:
    hour, half = int(found["hour"]), (found["half"] or "")[:1].casefold()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return (Clock(hour, int(found["minute"]), _number(found, "second")), Code(found.group()))


_READERS: tuple[tuple[re.Pattern[str], Read], ...] = tuple(
    (re.compile(_BEFORE + pattern, re.IGNORECASE), read)
    for pattern, read in (
        (rf"{_YEAR}-(?P<month>\d\d)-(?P<day>\d\d)(?:(?=T\d)|{_AFTER})", _day),
        (rf"{_YEAR}[-/](?P<month>0[1-9]|1[0-2]){_AFTER}", _day),
        (rf"{_YEAR}/(?P<month>\d\d?)/(?P<day>\d\d?){_AFTER}", _day),
        (rf"(\d{{1,2}})[/.](\d{{1,2}})[/.](\d{{4}}|\d\d){_AFTER}", _either_way),
        (rf"{_DAY}(?: of)?\s{_NAME}(?:,?\s{_YEAR})?{_AFTER}", _day),
        (rf"{_NAME}\s{_DAY}(?!\d)(?:,?\s{_YEAR})?{_AFTER}", _day),
        (rf"{_NAME},?\s(?:of )?{_YEAR}{_AFTER}", _day),
        (rf"Q(?P<quarter>[1-4])(?:[\s/-]*(?:of )?{_YEAR})?{_AFTER}", _quarter),
        (rf"{_YEAR}[\s/-]?Q(?P<quarter>[1-4]){_AFTER}", _quarter),
        (_TIME + _AFTER, _clock),
    )
)
_AFTER_T = re.compile(rf"(?<=\dT){_TIME}(?:Z\b|[+-]\d\d:?\d\d)?", re.IGNORECASE)


def moments(text: str) -> Iterator[Said]:
    """The dates and times that are whole; digits are ASCII. The readers come in order: a later one may overlap."""
    for pattern, read in (*_READERS, (_AFTER_T, _clock)):
        for found in pattern.finditer(text):
            yield Said(*found.span(), read(found), found.group())
