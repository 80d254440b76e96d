"""Days and years that a query asks for and that the data does not have."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator

from sqlglot import exp

from lib.asking.checks.case import Case
from lib.asking.checks.conditions import Condition, conditions
from lib.asking.checks.finding import Finding, shown
from lib.asking.checks.probe import Probe, Step
from lib.asking.checks.reading import Base, Select
from lib.asking.checks.words import words
from lib.data.table import Column
from lib.engine.types import is_day_or_time, is_whole

_YEARS = frozenset("year yr years season founded built opened born established سنة السنة عام العام".split())
_ISO = re.compile(r"\d{4}-\d{2}(-\d{2}([ T].*)?)?")
LEAST_COVERED = 0.5


def is_dated(column: Column) -> bool:
    """Whether its cells are days, times or years, whatever type they are kept as."""
    return is_day_or_time(column.type) or is_year(column) or _is_iso_text(column)


def is_year(column: Column) -> bool:
    """Whether its cells are years, by its name and the values that are known."""
    years = all(one.isdigit() and 1000 <= int(one) <= 2999 for one in column.examples)
    return is_whole(column.type) and bool(words(column.name)[-1:]) and words(column.name)[-1] in _YEARS and years


def _is_iso_text(column: Column) -> bool:
    return column.type == "VARCHAR" and bool(column.examples) and all(map(_ISO.fullmatch, column.examples))


def date_outside(case: Case) -> Iterator[Step]:
    """A day, a year or a range that no row has; says from when to when the data goes."""
    for one in conditions(case.reading):
        if is_dated(one.base.column) and not one.denied:
            column = one.base.sql
            asks = one.base.asks(f"bool_or({one.holds})", f"min({column})::VARCHAR", f"max({column})::VARCHAR")
            yield Probe(asks, _outside(case.reading.name(one.base), one))


def _outside(name: str, one: Condition) -> Callable[..., Finding | None]:
    def judge(found: bool | None, first: str | None, last: str | None) -> Finding | None:
        if found or first is None or last is None:
            return None
        return Finding(
            "date_outside",
            "problem",
            f"No row has {shown(one.sql)}: {name} goes from {_day(first)} to {_day(last)},"
            " so ask for a time within it.",
        )

    return judge


def date_partly(case: Case) -> Iterator[Step]:
    """A range of days of which the data covers less than half."""
    for select in case.reading.selects:
        for base, low, high in _ranges(select):
            figures = (f"min({base.sql})::DATE::VARCHAR", f"max({base.sql})::DATE::VARCHAR")
            yield Probe(base.asks(*figures), _partly(case.reading.name(base), low, high))


def _partly(name: str, low: dt.date, high: dt.date) -> Callable[..., Finding | None]:
    def judge(first: str | None, last: str | None) -> Finding | None:
        start, end = _date(first or ""), _date(last or "")
        if not start or not end or high < start or end < low:
            return None
        asked, covered = (high - low).days + 1, (min(high, end) - max(low, start)).days + 1
        if covered >= LEAST_COVERED * asked:
            return None
        return Finding(
            "date_partly",
            "note",
            f"{name} goes from {start} to {end} only, which is {covered} of the {asked:,} days that"
            " the query asks for; name the days that the data has.",
        )

    return judge


def _ranges(select: Select) -> Iterator[tuple[Base, dt.date, dt.date]]:
    """Columns of days that the WHERE holds between two days, both of them written out."""
    lows: dict[Base, dt.date] = {}
    highs: dict[Base, dt.date] = {}
    for node in select.conjuncts:
        ends: tuple[tuple[dict[Base, dt.date], exp.Expr], ...] = ()
        if isinstance(node, exp.Between):
            ends = ((lows, node.args["low"]), (highs, node.args["high"]))
        elif isinstance(node, exp.GT | exp.GTE):
            ends = ((lows, node.expression),)
        elif isinstance(node, exp.LT | exp.LTE):
            ends = ((highs, node.expression),)
        base = select.only(node.this) if ends else None
        if base and is_day_or_time(base.column.type):
            for side, value in ends:
                if day := _date_of(value):
                    side[base] = day
    for base in lows.keys() & highs.keys():
        if lows[base] < highs[base]:
            yield base, lows[base], highs[base]


def _date_of(node: exp.Expr) -> dt.date | None:
    literal = node.find(exp.Literal)
    return _date(literal.name) if literal and literal.is_string and not node.find(exp.Column, exp.Interval) else None


def _date(value: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value[:10])
    except ValueError:
        return None


def _day(value: str) -> str:
    return shown(value.removesuffix(" 00:00:00"))
