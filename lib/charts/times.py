"""Times on a chart: read from ISO text and from months and quarters in words, written short, and their axis."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Sequence
from typing import Any, Literal

from lib.engine.result import Json

Grain = Literal["year", "quarter", "month", "day", "minute", "second"]

_ISO = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d{1,9})?)?( ?(Z|[+-]\d\d(:?\d\d)?))?)?")
_ISO_MONTH = re.compile(r"(\d{4})-(\d\d)")
_QUARTER = re.compile(r"(?:Q([1-4])[ -/]?(\d{4})|(\d{4})[ -/]?Q([1-4]))", re.IGNORECASE)
_MONTH_YEAR = re.compile(r"([A-Za-z]{3,9})\.?[ -](\d{4})")
_MONTHS = "january february march april may june july august september october november december".split()
_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_MONTH_STEPS = (1, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12000)
_WORDS: dict[Grain, str] = {
    "year": "{0:%Y}", "month": "{0:%b} {0:%Y}", "day": "{0.day} {0:%b} {0:%Y}",
    "minute": "{0.day} {0:%b} {0:%Y}, {0:%H:%M}", "second": "{0.day} {0:%b} {0:%Y}, {0:%H:%M:%S}",
}  # fmt: skip
_HOVER: dict[Grain, str] = {
    "year": "%Y", "quarter": "Q%q %Y", "month": "%b %Y", "day": "%-d %b %Y", "minute": "%-d %b %Y, %H:%M",
    "second": "%-d %b %Y, %H:%M:%S",
}  # fmt: skip
_STOPS = (
    ((None, 60_000), "%H:%M:%S\n%-d %b %Y"),
    ((60_000, 86_400_000), "%H:%M\n%-d %b %Y"),
    ((86_400_000, 1_209_600_000), "%-d %b\n%Y"),
    (("M1", "M12"), "%b\n%Y"),
    (("M12", None), "%Y"),
)


def moment(value: Json) -> dt.datetime | None:
    """The moment that a value names, in UTC and without a zone; None where it names none on Plotly's calendar."""
    if not isinstance(value, str) or not 7 <= len(value) <= 40:
        return None
    try:
        if _ISO.fullmatch(value):
            return _without_zone(dt.datetime.fromisoformat(_of_microseconds(value)))
        if found := _ISO_MONTH.fullmatch(value):
            return dt.datetime(int(found[1]), int(found[2]), 1)
        if found := _QUARTER.fullmatch(value):
            return dt.datetime(int(found[2] or found[3]), 3 * int(found[1] or found[4]) - 2, 1)
        if (found := _MONTH_YEAR.fullmatch(value)) and (month := _place(found[1], _MONTHS)) is not None:
            return dt.datetime(int(found[2]), month + 1, 1)
    except (ValueError, OverflowError):  # a day that no calendar has
        return None
    return None


def _of_microseconds(value: str) -> str:
    return re.sub(r"(\.\d{6})\d+", r"\1", value).replace(" Z", "Z").replace(" +", "+").replace(" -", "-")


def _without_zone(value: dt.datetime) -> dt.datetime:
    return value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo else value


def place_in_calendar(value: Json) -> int | None:
    """Where a month's or a weekday's name stands in the year or the week."""
    if not isinstance(value, str):
        return None
    month = _place(value, _MONTHS)
    return month if month is not None else _place(value, _DAYS)


def _place(word: str, names: Sequence[str]) -> int | None:
    word = word.strip().rstrip(".").lower()
    return next((at for at, name in enumerate(names) if len(word) >= 3 and name.startswith(word)), None)


def grain(moments: Collection[dt.datetime]) -> Grain:
    """The coarsest step on which all of them lie."""
    if any(one.second or one.microsecond for one in moments):
        return "second"
    if any(one.hour or one.minute for one in moments):
        return "minute"
    if any(one.day != 1 for one in moments):
        return "day"
    if all(one.month == 1 for one in moments):
        return "year"
    return "quarter" if all(one.month % 3 == 1 for one in moments) else "month"


def written(one: dt.datetime, step: Grain) -> str:
    """A moment for people: 5 Jan 2024."""
    if step == "quarter":
        return f"Q{(one.month + 2) // 3} {one.year:04}"
    return _WORDS[step].format(one)


def axis(moments: Collection[dt.datetime], step: Grain) -> dict[str, Any]:
    """Plotly's axis for these moments, with ticks on whole years, months and days that fit a telephone."""
    first, last = min(moments), max(moments)
    ticks: dict[str, Any] = {
        "type": "date",
        "hoverformat": _HOVER[step],
        "tickformatstops": [{"dtickrange": list(between), "value": form} for between, form in _STOPS],
    }
    months = (last.year - first.year) * 12 + last.month - first.month
    if step == "year":
        every = next(one for one in _MONTH_STEPS if (one >= 12 and months / one <= 7) or one == _MONTH_STEPS[-1])
        return ticks | {"dtick": f"M{every}", "tick0": "2000-01-01"}
    if step in ("quarter", "month"):
        least = 3 if step == "quarter" else 1
        every = next(one for one in _MONTH_STEPS if one >= least and months / one <= 9)
        return ticks | {"dtick": f"M{every}", "tick0": "2000-01-01"}
    if step == "day" and (last - first).days <= 6:
        return ticks | {"dtick": 86_400_000, "tick0": "2000-01-01"}
    return ticks
