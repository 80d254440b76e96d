"""Conditions that do not say what they seem to."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from lib.asking.checks.case import Case
from lib.asking.checks.finding import Finding, shown
from lib.asking.checks.probe import Step
from lib.asking.checks.reading import DIALECT


def loose_or(case: Case) -> Iterator[Step]:
    """`x = 1 OR x = 2 AND y`: AND binds first, so `y` restricts the second alternative only."""
    for select in case.reading.selects:
        where = select.node.args.get("where")
        top = where.this if where else None
        if not isinstance(top, exp.Or):
            continue
        left, right = _last(top.this), top.expression
        for first, tied in ((left, right), (right, left)):
            if isinstance(tied, exp.And) and _about(first) and _about(first) in _abouts(tied):
                yield Finding(
                    "loose_or",
                    "doubt",
                    f"In {shown(top.sql(DIALECT))} the AND belongs to one side of OR only; put the alternatives in"
                    " parentheses.",
                )
                break


def _last(node: exp.Expr) -> exp.Expr:
    return node.expression if isinstance(node, exp.Or) else node


def _about(node: exp.Expr) -> str:
    """The column that a plain comparison with a value is about."""
    equal = isinstance(node, exp.EQ | exp.Like | exp.ILike) and isinstance(node.expression, exp.Literal)
    return node.this.sql(DIALECT) if equal and isinstance(node.this, exp.Column) else ""


def _abouts(node: exp.And) -> set[str]:
    return {_about(one) for one in node.flatten()}
