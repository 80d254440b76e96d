"""What whole queries need: the order of missing values, set operations, subqueries as values, join conditions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp
from sqlglot.expressions import Expr

from lib.asking.bridge.compare import print_column
from lib.asking.bridge.grouping import is_aggregate
from lib.asking.bridge.kinds import Kind, common
from lib.asking.bridge.notes import Notes
from lib.asking.bridge.scope import Field, own_nodes


def null_order(node: exp.Ordered, notes: Notes) -> Expr:
    """SQLite sorts NULL below everything: first when ascending, last when descending."""
    if node.args.get("nulls_first") and not node.args.get("desc"):
        notes.add("null_order")
    return node


def first_row(query: Expr, notes: Notes) -> None:
    """A subquery used as a value gives its first row."""
    if not isinstance(query, exp.Query) or query.args.get("limit") is not None or _has_one_row(query):
        return
    notes.add("first_row")
    query.set("limit", exp.Limit(expression=exp.Literal.number(1)))


def set_order(query: exp.SetOperation, notes: Notes) -> None:
    """SQLite applies set operations from the left; the engine would intersect first."""
    if isinstance(query, exp.Intersect) and isinstance(query.this, exp.Subquery):
        notes.add("set_order")


def _has_one_row(query: exp.Query) -> bool:
    if not isinstance(query, exp.Select):
        return False
    if query.args.get("from_") is None:
        return True
    aggregates = any(is_aggregate(node) for one in query.expressions for node in own_nodes(one))
    return aggregates and query.args.get("group") is None


def no_limit(query: exp.Query, notes: Notes) -> None:
    """LIMIT -1 lets every row through."""
    limit = query.args.get("limit")
    if isinstance(limit, exp.Limit) and isinstance(limit.expression, exp.Neg):
        notes.add("no_limit")
        query.set("limit", None)


def shared_columns(
    query: exp.SetOperation, left: Sequence[Field], right: Sequence[Field], notes: Notes
) -> tuple[Field, ...]:
    """The columns of both sides as one; those of different types are printed as text."""
    fields = []
    for position, (one, other) in enumerate(zip(left, right, strict=False)):
        found = common({one.kind, other.kind})
        if found is Kind.TEXT and {one.kind, other.kind} & (set(Kind) - {Kind.TEXT, Kind.UNKNOWN}):
            notes.add("mixed_results")
            print_column(query, position)
        fields.append(Field(one.name, found))
    return tuple(fields)


def late_conditions(select: exp.Select, notes: Notes) -> None:
    """A condition may name a table that is joined later; among inner joins it holds there just as well."""
    joins: list[exp.Join] = select.args.get("joins") or []
    if any(one.side or one.method for one in joins):
        return
    names = [one.this.alias_or_name.lower() for one in joins]
    for place, join in enumerate(joins):
        condition = join.args.get("on")
        if condition is None:
            continue
        latest = max((names.index(one) for one in _tables(condition) if one in names), default=place)
        if latest > place:
            notes.add("join_condition")
            join.set("on", exp.Boolean(this=True))
            join.set("kind", None)
            target = joins[latest]
            there = target.args.get("on")
            target.set("on", condition if there is None else exp.and_(there, condition))
            target.set("kind", None)


def _tables(condition: Expr) -> set[str]:
    return {one.table.lower() for one in own_nodes(condition) if isinstance(one, exp.Column)}
