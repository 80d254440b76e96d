"""Conversions between Spark's types, each a plain CAST or one that gives NULL where a value has no such form."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.expressions import Expr

from lib.asking.bridge.kinds import Kind, kind, known


def cast(value: Expr, type_: str, to: Kind) -> exp.Cast:
    return known(exp.Cast(this=value, to=exp.DataType.build(type_, dialect="spark")), to)


def tried(value: Expr, type_: str, to: Kind) -> exp.TryCast:
    return known(exp.TryCast(this=value, to=exp.DataType.build(type_, dialect="spark"), safe=True), to)


def as_double(value: Expr) -> Expr:
    """A whole number with a fraction; what is none, NULL or a DOUBLE, stays as it is."""
    return cast(value, "DOUBLE", Kind.REAL) if kind(value) is Kind.INTEGER else value
