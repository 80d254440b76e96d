"""Missing values that change what a number means."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlglot import exp

from lib.asking.checks.case import Case
from lib.asking.checks.finding import Finding, shown
from lib.asking.checks.probe import Ask, Probe, Step
from lib.asking.checks.reading import DIALECT, Reading, Select, plain_column
from lib.asking.checks.words import stems
from lib.data.table import counted

NOTABLE = 0.05
"""The share of rows without a value from which on an average says little about all rows."""


def average_without_missing(case: Case) -> Iterator[Step]:
    """AVG over a column of which a notable part is missing."""
    for select in case.reading.selects:
        for one in select.aggregates:
            column = plain_column(one.this) if isinstance(one, exp.Avg) else None
            base = select.base(column) if column else None
            if not column or not base or _is_padded(select, base.alias):
                continue
            if asks := select.asks("count(*)", f"count({column.sql(DIALECT)})"):
                yield Probe(asks, _left_out(base.column.name))


def _left_out(name: str) -> Callable[..., Finding | None]:
    def judge(rows: int, present: int) -> Finding | None:
        missing = rows - present
        if not rows or missing < NOTABLE * rows:
            return None
        return Finding(
            "average_without_missing",
            "note",
            f"{missing:,} of {counted(rows, 'row')} have no {shown(name)} and are left out of the average; say so when"
            " you use it.",
        )

    return judge


def missing_as_zero(case: Case) -> Iterator[Step]:
    """An average in which missing values count as zeros: SUM(x) / COUNT(*), or AVG(COALESCE(x, 0))."""
    for select in case.reading.selects:
        for average, column in _averages_with_zeros(select):
            asks = select.asks("count(*)", f"count({column.sql(DIALECT)})")
            if asks:
                yield Probe(asks, _as_zeros(case.reading, average, column))


def _averages_with_zeros(select: Select) -> Iterator[tuple[exp.Expr, exp.Column]]:
    for one in select.own(exp.Div):
        sums, counts = list(one.this.find_all(exp.Sum)), list(one.expression.find_all(exp.Count))
        whole = len(sums) == len(counts) == 1 and isinstance(counts[0].this, exp.Star)
        if whole and (column := plain_column(sums[0].this)) and select.base(column):
            yield one, column
    for average in select.own(exp.Avg):
        inner = average.this
        zero = isinstance(inner, exp.Coalesce) and [one.name for one in inner.expressions] in (["0"], ["0.0"])
        if zero and (column := plain_column(inner.this)) and select.base(column):
            yield average, column


def _as_zeros(reading: Reading, average: exp.Expr, column: exp.Column) -> Callable[..., Finding | None]:
    def judge(rows: int, present: int) -> Finding | None:
        if rows == present:
            return None
        return Finding(
            "missing_as_zero",
            "doubt",
            f"{counted(rows - present, 'row')} without {shown(column.name)} count as zeros in this average; use"
            f" AVG({shown(column.name)}) to leave them out.",
            reading.with_replaced(average, exp.Avg(this=column.copy())),
        )

    return judge


def count_without_missing(case: Case) -> Iterator[Step]:
    """COUNT(column) where the question counts rows and the column is missing in some."""
    for select in case.reading.selects:
        for one in select.aggregates:
            column = plain_column(one.this) if isinstance(one, exp.Count) else None
            base = select.base(column) if column else None
            if not column or not base or _is_padded(select, base.alias) or not case.question.counts(base.table.name):
                continue
            asks = select.asks("count(*)", f"count({column.sql(DIALECT)})")
            if asks and not case.question.stems & stems(base.column.name):
                yield Probe(asks, _uncounted(case.reading, one, base.column.name))


def _uncounted(reading: Reading, count: exp.Expr, name: str) -> Callable[..., Finding | None]:
    def judge(rows: int, present: int) -> Finding | None:
        if rows == present:
            return None
        return Finding(
            "count_without_missing",
            "doubt",
            f"{counted(rows - present, 'row')} without {shown(name)} are not counted; use COUNT(*) to count all.",
            reading.with_replaced(count, exp.Count(this=exp.Star())),
        )

    return judge


def not_in_missing(case: Case) -> Iterator[Step]:
    """NOT IN a query that gives a missing value: then it holds for no row at all."""
    for select in case.reading.selects:
        for one in select.own(exp.In):
            query = one.args.get("query")
            inner = query.this if isinstance(query, exp.Subquery) else query
            if not isinstance(one.parent, exp.Not) or not isinstance(inner, exp.Select) or len(inner.expressions) != 1:
                continue
            if asks := _missing_in(case.reading.select(inner)):
                yield Probe(asks, _never(inner))


def _missing_in(inner: Select) -> tuple[Ask, ...]:
    value = inner.node.expressions[0].unalias()
    if not isinstance(value, exp.Column):
        return ()
    return inner.asks(f"count(*) FILTER (WHERE {value.sql(DIALECT)} IS NULL)")


def _never(inner: exp.Select) -> Callable[..., Finding | None]:
    def judge(missing: int) -> Finding | None:
        if not missing:
            return None
        name = shown(inner.expressions[0].alias_or_name)
        return Finding(
            "not_in_missing",
            "problem",
            f"NOT IN never holds here, because {counted(missing, 'row')} of its list have no {name}; add"
            f" {name} IS NOT NULL to the inner query.",
        )

    return judge


def equals_missing(case: Case) -> Iterator[Step]:
    """A comparison with NULL by = or <>, which never holds."""
    for select in case.reading.selects:
        for one in select.own(exp.EQ, exp.NEQ):
            if isinstance(one.expression, exp.Null) or isinstance(one.this, exp.Null):
                other = one.this if isinstance(one.expression, exp.Null) else one.expression
                test: exp.Expr = exp.Is(this=other.copy(), expression=exp.null())
                test = test if isinstance(one, exp.EQ) else exp.Not(this=test)
                yield Finding(
                    "equals_missing",
                    "problem",
                    f"{shown(one.sql(DIALECT))} never holds: nothing equals NULL; write {shown(test.sql(DIALECT))}.",
                    case.reading.with_replaced(one, test),
                )


def _is_padded(select: Select, alias: str) -> bool:
    return any(one.padded for one in select.sources if one.alias == alias)
