"""The kind of an expression that no rewrite has named, as it follows from its parts."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.expressions import Expr

from lib.asking.bridge.kinds import Kind, common, kind, kind_of_type, known, known_as


def inferred(node: Expr) -> Expr:
    """The node with the kind that follows from its parts."""
    match node:
        case exp.Literal():
            if node.is_string:
                return known(node, Kind.TEXT)
            return known(node, Kind.INTEGER if str(node.this).isdecimal() else Kind.REAL)
        case exp.Boolean() | exp.Predicate() | exp.Connector() | exp.Not():
            return known(node, Kind.BOOLEAN)
        case exp.Paren() | exp.Alias() | exp.Window() | exp.Filter() | exp.Ordered() | exp.Collate():
            return known_as(node, node.this)
        case exp.Distinct() if len(node.expressions) == 1:
            return known_as(node, node.expressions[0])
        case exp.Add() | exp.Sub() | exp.Mul():
            return known(node, _of_arithmetic(node))
        case exp.Div():
            return known(node, Kind.REAL)
        case exp.IntDiv() | exp.Mod():
            return known(node, Kind.INTEGER)
        case exp.DPipe():
            return known(node, Kind.TEXT)
        case exp.BitwiseAnd() | exp.BitwiseOr() | exp.BitwiseLeftShift() | exp.BitwiseRightShift():
            return known(node, Kind.INTEGER)
        case exp.Cast():
            return known(node, kind_of_type(node.to.sql(dialect="duckdb")))
    return node


def _of_arithmetic(node: exp.Binary) -> Kind:
    kinds = {kind(one) for one in (node.this, node.expression) if not isinstance(one.unnest(), exp.Null)}
    if not kinds:
        return Kind.INTEGER
    return Kind.UNKNOWN if Kind.UNKNOWN in kinds else common(kinds)
