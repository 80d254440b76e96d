"""Columns of types that SQLite has not: DECIMAL, narrow integers, moments with a time zone.

SQLite computes with 64 bits and doubles. Such a column is converted where something is computed with it, and shown as
it is where a query only selects it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlglot import exp
from sqlglot.expressions import Expr

from lib.asking.bridge.kinds import Kind, kind, known_as
from lib.asking.bridge.scope import Field, found
from lib.asking.bridge.spark.casts import cast

_WITH_ZONE = "TIMESTAMP WITH TIME ZONE"
_SAME = frozenset({"", "BIGINT", "DOUBLE", "TIMESTAMP"})
_TYPES = {Kind.INTEGER: "BIGINT", Kind.REAL: "DOUBLE", Kind.TIMESTAMP: "TIMESTAMP_NTZ"}
_COMPARED = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ, exp.In, exp.Between)
_OVERFLOWING = (exp.Add, exp.Sub, exp.Mul, exp.Neg)


def with_zones(tables: Mapping[str, tuple[Field, ...]]) -> dict[str, tuple[Field, ...]]:
    """The tables with moments that have a time zone as moments; in a session of UTC they read alike."""
    return {
        name: tuple(replace(one, kind=Kind.TIMESTAMP) if one.type == _WITH_ZONE else one for one in fields)
        for name, fields in tables.items()
    }


def computable(column: exp.Column) -> Expr:
    """The column, converted to what SQLite would compute with unless it is only looked at here."""
    what = found(column)
    type_ = _TYPES.get(kind(column))
    if what is None or type_ is None or what.field.type in _SAME:
        return column
    is_inner = _is_selected(column) and not _is_shown(column)
    if kind(column) is Kind.INTEGER:
        stays = not is_inner and not isinstance(column.parent, _OVERFLOWING)
    else:
        stays = isinstance(column.parent, (*_COMPARED, exp.Is)) or _is_shown(column)
    if stays:
        return column
    is_bare = isinstance(column.parent, exp.Select)
    made = cast(column, type_, kind(column))
    if not is_bare:
        return made
    return known_as(exp.Alias(this=made, alias=exp.to_identifier(column.name)), made)


def _is_selected(column: exp.Column) -> bool:
    parent = column.parent.parent if isinstance(column.parent, exp.Alias) else column.parent
    return isinstance(parent, exp.Select)


def _is_shown(column: exp.Column) -> bool:
    """Whether it goes into the result as it is, or orders it, and no group has to be made of it."""
    select = column.find_ancestor(exp.Select)
    if select is None or select.parent is not None or select.args.get("group") or select.args.get("distinct"):
        return False
    return _is_selected(column) or isinstance(column.parent, exp.Ordered)
