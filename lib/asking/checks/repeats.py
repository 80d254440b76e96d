"""Joins that multiply rows before they are added up, averaged or counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlglot import exp

from lib.asking.checks.case import Case
from lib.asking.checks.finding import Finding, listed
from lib.asking.checks.probe import Probe, Step
from lib.asking.checks.question import Question
from lib.asking.checks.reading import DIALECT, Select, Source
from lib.asking.checks.words import stems
from lib.engine.types import quoted

EXACT_ROWS = 200_000
"""Rows of a table up to which they are counted exactly; above, an estimate tells (within 5 %)."""
EXACTLY, ABOUT = 1.005, 1.15
"""How often a row must occur on average to be called repeated: by exact numbers, and by estimates."""

_ADDING = (exp.Sum, exp.Avg)


def repeated_rows(case: Case) -> Iterator[Step]:
    """SUM, AVG or COUNT over a table whose rows a join repeats."""
    for select in case.reading.selects:
        if len(select.sources) < 2 or select.group is None or not select.aggregates:
            continue
        for source in select.tables:
            verb = _aggregated(case.question, select, source)
            if verb and (asks := select.asks(*_counts(select, source))):
                yield Probe(asks, _repeated(select, source, verb))


def unjoined_tables(case: Case) -> Iterator[Step]:
    """Tables side by side without a condition that joins them: every row of one with every row of the other."""
    for select in case.reading.selects:
        loose = _loose(select)
        if loose and all(source.table and source.table.rows > 1 for source in (select.sources[0], loose)):
            yield Finding(
                "unjoined_tables",
                "problem",
                f"Nothing joins {loose.name} with {select.sources[0].name}, so every row of one stands"
                " beside every row of the other; say on which columns they join.",
            )


def _aggregated(question: Question, select: Select, source: Source) -> str:
    """What is done with the source's rows that repeating them would falsify, "" if nothing."""
    for one in select.aggregates:
        if one.find(exp.Distinct):
            continue
        owners = {base.alias for column in _amounts(one) if (base := select.base(column))}
        if isinstance(one, _ADDING) and owners == {source.alias} and not _is_per_other(question, select, source):
            return "added up" if isinstance(one, exp.Sum) else "averaged"
        if isinstance(one, exp.Count) and source.table and question.counts(source.table.name):
            others = [other for other in select.tables if other.table and other.table is not source.table]
            if not any(question.counts(other.table.name) for other in others if other.table):
                return "counted"
    return ""


def _amounts(aggregate: exp.Expr) -> list[exp.Column]:
    """The columns whose values it takes; those of the conditions in it are not: SUM(CASE ... THEN 1) only counts."""
    conditions = [one for part in aggregate.find_all(exp.If) for one in part.this.find_all(exp.Column)]
    return [one for one in aggregate.find_all(exp.Column) if not any(one is other for other in conditions)]


def _is_per_other(question: Question, select: Select, source: Source) -> bool:
    """Whether the question wants one value a row of another table: "seats per flight"."""
    others = [one.table.name for one in select.tables if one.table and one.alias != source.alias]
    return any(question.per & stems(name) for name in others)


def _counts(select: Select, source: Source) -> tuple[str, str]:
    row = f"{quoted(source.alias)}.rowid"
    groups = [one.sql(DIALECT) for one in select.group or ()]
    which = f"hash({', '.join([*groups, row])})"
    large = max(one.table.rows for one in select.tables if one.table) > EXACT_ROWS
    distinct = f"approx_count_distinct({which})" if large else f"count(DISTINCT {which})"
    return f"count({row})", f"{distinct} FILTER (WHERE {row} IS NOT NULL)"


def _repeated(select: Select, source: Source, verb: str) -> Callable[..., Finding | None]:
    large = max(one.table.rows for one in select.tables if one.table) > EXACT_ROWS

    def judge(rows: int, distinct: int) -> Finding | None:
        if not distinct or rows / distinct < (ABOUT if large else EXACTLY):
            return None
        name, others = source.name, [one.name for one in select.sources if one is not source]
        return Finding(
            "repeated_rows",
            "problem" if verb == "added up" else "doubt",
            f"The join with {listed(others)} repeats rows of {name}, about {rows / distinct:.1f} times each, before"
            f" they are {verb}; aggregate {name} before joining, or take each row once.",
        )

    return judge


def _loose(select: Select) -> Source | None:
    """A source that no condition connects with the first one."""
    joins = select.node.args.get("joins") or []
    if any(
        one.args.get("using") or one.args.get("method") or one.args.get("kind") in ("SEMI", "ANTI", "POSITIONAL")
        for one in joins
    ):
        return None
    names = [one.alias.casefold() for one in select.sources]
    connected = {names[0]} if names else set()
    conditions = [*select.conjuncts, *(one.args["on"] for one in joins if one.args.get("on"))]
    links = [select.aliases(one) for one in conditions]
    for _ in names:
        for link in links:
            if link & connected:
                connected |= link
    return next((one for one, name in zip(select.sources, names, strict=True) if name not in connected), None)
