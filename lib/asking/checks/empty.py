"""Why nothing came out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlglot import exp

from lib.asking.checks.case import Case
from lib.asking.checks.finding import Finding, listed, shown
from lib.asking.checks.probe import Probe, Step
from lib.asking.checks.reading import DIALECT, Reading, Select
from lib.data.table import counted

MOST_CONDITIONS = 12


def no_rows(case: Case) -> Iterator[Step]:
    """An empty answer, and which condition or join emptied it."""
    select = case.reading.root
    if not case.is_empty or not case.reading.selects:
        return
    if not select:
        if not case.first_rows and isinstance(case.reading.tree, exp.Intersect | exp.Except):
            kind = "in both" if isinstance(case.reading.tree, exp.Intersect) else "in the first part alone"
            yield Finding("no_rows", "note", f"No row is {kind}; run each part by itself to see what it gives.")
        return
    filters = [one for one in select.conjuncts if select.is_filter(one)][:MOST_CONDITIONS]
    texts = [f"({one.sql(DIALECT)})" for one in filters]
    without = (" AND ".join(texts[:n] + texts[n + 1 :]) or "true" for n in range(len(texts)))
    figures = ["count(*)", f"count(*) FILTER (WHERE {' AND '.join(texts) or 'true'})"]
    figures += [f"count(*) FILTER (WHERE {one})" for one in without]
    if asks := select.asks(*figures, without_filters=True):
        yield Probe(asks, _emptied(case.reading, select, filters))


def _emptied(reading: Reading, select: Select, filters: list[exp.Expr]) -> Callable[..., Finding | None]:
    def judge(joined: int, kept: int, *without: int) -> Finding | None:
        names = [source.name for source in select.sources]
        if not joined:
            reason = f"the join of {listed(names)} leaves none; check the columns on which they join"
            if len(names) == 1:
                reason = f"{names[0]} has none; look there first"
            return Finding("no_rows", "problem", f"No row came out: {reason}.")
        if kept:
            return _after_grouping(select)
        most = max(range(len(without)), key=lambda n: without[n])
        if not without[most]:
            said = listed([shown(one.sql(DIALECT)) for one in filters[:3]])
            return Finding("no_rows", "doubt", f"No row came out: {said} leave nothing together; take out two of them.")
        return Finding(
            "no_rows",
            "doubt",
            f"No row came out: without {shown(filters[most].sql(DIALECT))} there would be"
            f" {counted(without[most], 'row')}; take it out to see them.",
            reading.without(filters[most]),
        )

    return judge


def _after_grouping(select: Select) -> Finding | None:
    """What took away the rows that were there before."""
    for key, name in (("having", "HAVING"), ("qualify", "QUALIFY"), ("offset", "OFFSET"), ("limit", "LIMIT")):
        if node := select.node.args.get(key):
            inner = node.this if key in ("having", "qualify") else node.expression
            said = shown(f"{name} {inner.sql(DIALECT)}")
            return Finding("no_rows", "doubt", f"No row came out: {said} leaves none; loosen it to see some.")
    return None
