"""The comparisons of a query that are about one column of a table: what is asked of its cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sqlglot import exp

from lib.asking.checks.reading import DIALECT, Base, Reading, Select

Kind = Literal["equal", "like", "range"]

_LIKE = (exp.Like, exp.ILike)
_RANGE = (exp.GT, exp.GTE, exp.LT, exp.LTE)
_WRAPPERS = (exp.Lower, exp.Upper, exp.Trim, exp.Paren, exp.Collate)


@dataclass(frozen=True)
class Condition:
    """A comparison with something that is the same for all rows.

    `holds` is SQL over the bare table that is true where the cell is what the query names, also when the query wants
    the others (`denied`). `literal` is the value that the whole cell is compared with, None if it is not that plain.
    """

    node: exp.Expr
    kind: Kind
    base: Base
    holds: str
    literal: exp.Literal | None
    denied: bool = False

    @property
    def sql(self) -> str:
        return self.node.sql(DIALECT)

    @property
    def value(self) -> str:
        return self.literal.name if self.literal else ""


def conditions(reading: Reading) -> Iterator[Condition]:
    """All of the query, in WHERE and ON, in CASE and FILTER."""
    for select in reading.selects:
        for node in select.own(exp.EQ, exp.NEQ, exp.In, *_LIKE, *_RANGE, exp.Between):
            yield from _of(select, node)


def _of(select: Select, node: exp.Expr) -> Iterator[Condition]:
    denied = isinstance(node, exp.NEQ) or isinstance(node.parent, exp.Not)
    if isinstance(node, exp.In):
        for value in node.expressions:
            yield from _equal(select, node, node.this, value, denied)
    elif isinstance(node, exp.Between):
        base = select.only(node.this)
        if base and not any(_varies(one) for one in (node.args["low"], node.args["high"])):
            yield Condition(node, "range", base, _over_table(node), None, denied)
    elif isinstance(node, exp.EQ | exp.NEQ):
        left, right = node.this, node.expression
        yield from _equal(select, node, *((right, left) if _varies(right) else (left, right)), denied)
    elif (base := select.only(node.this if _varies(node.this) else node.expression)) and _one_side(node):
        kind: Kind = "like" if isinstance(node, _LIKE) else "range"
        literal = _literal(node.expression) if kind == "like" and is_plain(node.this) else None
        yield Condition(node, kind, base, _over_table(node), literal, denied)


def _equal(select: Select, node: exp.Expr, about: exp.Expr, value: exp.Expr, denied: bool) -> Iterator[Condition]:
    base = select.only(about)
    if base and not _varies(value):
        holds = _over_table(exp.EQ(this=about.copy(), expression=value.copy()))
        yield Condition(node, "equal", base, holds, _literal(value) if is_plain(about) else None, denied)


def is_plain(node: exp.Expr) -> bool:
    """Whether it is a whole column, its case and its type apart."""
    while isinstance(node, _WRAPPERS) or (isinstance(node, exp.Cast | exp.TryCast) and node.to.is_type("text")):
        node = node.this
    return isinstance(node, exp.Column)


def _literal(node: exp.Expr) -> exp.Literal | None:
    while isinstance(node, (*_WRAPPERS, exp.Cast)):
        node = node.this
    return node if isinstance(node, exp.Literal) else None


def _varies(node: exp.Expr) -> bool:
    """Whether it is another thing from row to row, or missing in all of them."""
    return any(node.find_all(exp.Column, exp.Query, exp.Placeholder, exp.AggFunc, exp.Null))


def _one_side(node: exp.Expr) -> bool:
    return _varies(node.this) != _varies(node.expression)


def _over_table(node: exp.Expr) -> str:
    """The comparison as SQL over the table alone, which has no other name there."""
    copy = node.copy()
    for column in copy.find_all(exp.Column):
        column.set("table", None)
    return copy.sql(DIALECT)
