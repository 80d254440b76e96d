"""Rows that an inner join leaves out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlglot import exp

from lib.asking.checks.case import Case
from lib.asking.checks.finding import Finding, shown
from lib.asking.checks.probe import Ask, Probe, Step
from lib.asking.checks.reading import DIALECT, Base, Select
from lib.engine.types import quoted

EXACT_ROWS = 200_000
NOTABLE, NOTABLE_OF_KINDS = 0.01, 0.1
"""The share of rows without a partner that is told: where the partner only names what a row is about, and where it
sorts rows into kinds, of which "unknown" is one that nobody misses as much."""


@dataclass(frozen=True)
class _Edge:
    """An inner join: `many` refers to `one`."""

    many: Base
    one: Base


def lost_rows(case: Case) -> Iterator[Step]:
    """Rows of the table that the query is about which find no partner in a join, when no condition asks for one."""
    for select in case.reading.selects:
        if not select.is_alone or select.node.args.get("having"):
            continue
        for edge in _edges(select):
            if _is_listed(select) and not _is_conditional(select, edge) and not _is_of_partner(select, edge):
                yield Probe(_asks(select, edge), _lost(select, edge))


def _edges(select: Select) -> Iterator[_Edge]:
    """Its inner joins by one equal column, from the table with more rows to the other."""
    joins = select.node.args.get("joins") or []
    if any(one.args.get("side") or one.args.get("kind") in ("SEMI", "ANTI") or one.args.get("method") for one in joins):
        return
    pairs = [*_using(select, joins)]
    for node in [*select.conjuncts, *(c for one in joins for c in _parts(one.args.get("on")))]:
        if isinstance(node, exp.EQ) and isinstance(node.this, exp.Column) and isinstance(node.expression, exp.Column):
            pairs.append((select.base(node.this), select.base(node.expression)))
    ends = [(left, right) for left, right in pairs if left and right and left.alias != right.alias]
    loaded = {one.alias for one in select.tables}
    for left, right in ends:
        twice = sum({left.alias, right.alias} == {a.alias, b.alias} for a, b in ends) > 1
        if not twice and {left.alias, right.alias} <= loaded:
            yield _Edge(left, right) if left.table.rows >= right.table.rows else _Edge(right, left)


def _parts(node: exp.Expr | None) -> list[exp.Expr]:
    if isinstance(node, exp.And):
        return [*_parts(node.this), *_parts(node.expression)]
    return [node] if node else []


def _using(select: Select, joins: list[exp.Expr]) -> Iterator[tuple[Base | None, Base | None]]:
    for number, join in enumerate(joins, 1):
        for name in join.args.get("using") or ():
            before = next((b for one in select.sources[:number] if (b := _named(select, one.alias, name.name))), None)
            yield before, _named(select, select.sources[number].alias, name.name)


def _named(select: Select, alias: str, name: str) -> Base | None:
    return select.base(exp.column(exp.to_identifier(name, quoted=True), exp.to_identifier(alias, quoted=True)))


def _is_conditional(select: Select, edge: _Edge) -> bool:
    """Whether a condition is about what lies behind the join: who asks for that wants rows with a partner."""
    beyond = {edge.one.alias.casefold()}
    links = [{e.many.alias.casefold(), e.one.alias.casefold()} for e in _edges(select)]
    through = {edge.many.alias.casefold(), edge.one.alias.casefold()}
    for _ in links:
        for link in links:
            if link != through and link & beyond:
                beyond |= link
    filters = [one for one in select.conjuncts if select.is_filter(one)]
    return any(select.aliases(one) & beyond for one in filters)


def _is_listed(select: Select) -> bool:
    """Whether rows come out one by one or are added up: the best of the rows that have a partner is still the best."""
    return not any(isinstance(one, exp.Max | exp.Min) for one in select.aggregates)


def _is_of_partner(select: Select, edge: _Edge) -> bool:
    """Whether only the partner's columns are aggregated: rows without a partner would add nothing to that."""
    owners = [select.aliases(one) for one in select.aggregates]
    return bool(owners) and all(one == {edge.one.alias.casefold()} for one in owners)


def _asks(select: Select, edge: _Edge) -> tuple[Ask, ...]:
    many, one = edge.many, edge.one
    own = [c for c in select.conjuncts if select.is_filter(c) and select.aliases(c) == {many.alias.casefold()}]
    own = [c for c in own if not c.find(exp.Query)]
    where = f" WHERE {' AND '.join(f'({c.sql(DIALECT)})' for c in own)}" if own else ""
    left = f"{quoted(many.alias)}.{many.sql}"
    partners = f"(SELECT DISTINCT {one.sql} AS partner {one.rows} WHERE {one.sql} IS NOT NULL)"
    rows = f"FROM {quoted(many.table.name)} AS {quoted(many.alias)} LEFT JOIN {partners} ON {left} = partner{where}"
    distinct = "count(DISTINCT {})" if one.table.rows <= EXACT_ROWS else "approx_count_distinct({})"
    label = _label(select, edge)
    return (
        *(Ask(rows, figure, of_query=True) for figure in ("count(*)", "count(partner)", f"count(DISTINCT {left})")),
        *one.asks(f"count({one.sql})", distinct.format(one.sql), distinct.format(label) if label else "0"),
    )


def _label(select: Select, edge: _Edge) -> str:
    """The column of the partner by which the query groups, or which it shows."""
    shows = select.group or tuple(one.unalias() for one in select.node.expressions)
    for node in shows:
        base = select.only(node)
        if base and base.alias == edge.one.alias and base.column != edge.one.column:
            return base.sql
    return ""


def _lost(select: Select, edge: _Edge) -> Callable[..., Finding | None]:
    grouped = bool(select.group)
    best_only = bool(select.node.args.get("limit")) and grouped

    def judge(rows: int, found: int, kinds: int, partners: int, distinct: int, labels: int) -> Finding | None:
        lost = rows - found
        if not rows or not found or distinct < 0.95 * partners or kinds == rows:
            return None
        names = labels >= 0.95 * partners or not labels
        if lost < (NOTABLE if names else NOTABLE_OF_KINDS) * rows or (best_only and not names):
            return None
        many, one = shown(edge.many.table.name), shown(edge.one.table.name)
        return Finding(
            "lost_rows",
            "note",
            f"{lost:,} of {rows:,} rows of {many} ({lost / rows:.0%}) have no partner in {one} and are left out;"
            f" use LEFT JOIN {one} to keep them.",
        )

    return judge
