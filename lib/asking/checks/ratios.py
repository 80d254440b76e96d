"""Divisions by zero, and shares that are larger than the whole."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator

from sqlglot import exp

from lib.asking.checks.case import Case
from lib.asking.checks.finding import Finding, shown
from lib.asking.checks.probe import Ask, Probe, Step
from lib.asking.checks.reading import DIALECT, Select
from lib.data.table import counted

_GUARDS = (exp.Case, exp.If, exp.Filter)
_SHARE = re.compile(r"percent|share|proportion|pct|fraction|ratio|%|نسبة|المئوية", re.IGNORECASE)
_GROWTH = re.compile(
    r"change|grow|increas|decreas|more than|compared|relative|faster|higher than|ratio of", re.IGNORECASE
)


def division_by_zero(case: Case) -> Iterator[Step]:
    """A divisor that is zero in some rows, which gives an infinite or a missing number."""
    for select in case.reading.selects:
        for one in select.own(exp.Div, exp.IntDiv, exp.Mod):
            divisor = one.expression.unnest()
            if (
                isinstance(divisor, exp.Literal)
                or not divisor.find(exp.Column)
                or one.find_ancestor(*_GUARDS, exp.Where)
            ):
                continue
            if ask := _zeros(select, divisor):
                yield Probe((ask,), _by_zero(divisor))


def _zeros(select: Select, divisor: exp.Expr) -> Ask | None:
    text = divisor.sql(DIALECT)
    if not divisor.find(exp.AggFunc):
        return next(iter(select.asks(f"count(*) FILTER (WHERE ({text}) = 0)")), None)
    if divisor.find(exp.Window) or select.group is None or not (rows := select.asks("count(*)")):
        return None
    groups = ", ".join(one.sql(DIALECT) for one in select.group)
    grouped = f"FROM (SELECT {text} AS divisor {rows[0].rows}{f' GROUP BY {groups}' if groups else ''}) AS groups"
    return Ask(grouped, "count(*) FILTER (WHERE divisor = 0)", rows[0].given, of_query=True)


def _by_zero(divisor: exp.Expr) -> Callable[[int], Finding | None]:
    text = shown(divisor.sql(DIALECT))

    def judge(zeros: int) -> Finding | None:
        if not zeros:
            return None
        return Finding(
            "division_by_zero",
            "doubt",
            f"{text} is 0 in {counted(zeros, 'row')}, and dividing by it gives no number; use NULLIF({text}, 0) or"
            " leave them out.",
        )

    return judge


def share_over_whole(case: Case) -> Iterator[Step]:
    """A percentage over 100, or a share that is below 0."""
    if not _SHARE.search(case.question.text) or _GROWTH.search(case.question.text):
        return
    for place, column in enumerate(case.result.columns):
        if not _is_ratio(case, place, column.name):
            continue
        values = [v for row in case.first_rows if isinstance(v := row[place], int | float) and not isinstance(v, bool)]
        odd = next((v for v in values if math.isfinite(v) and (v > 100.0001 or v < 0)), None)
        if odd is not None:
            yield Finding(
                "share_over_whole",
                "problem",
                f"{shown(column.name)} is {odd:,.4g}, but a part of a whole lies between 0 and 100 %; check what is"
                " divided by what.",
            )


def _is_ratio(case: Case, place: int, name: str) -> bool:
    if _SHARE.search(name):
        return True
    outputs = case.reading.root.node.expressions if case.reading.root else []
    whole = len(outputs) == len(case.result.columns)
    return whole and any(outputs[place].find_all(exp.Div, exp.IntDiv))
