"""Arithmetic, casts and conditions: how SQLite turns values into numbers, divides and cuts."""

from __future__ import annotations

import re

from sqlglot import exp
from sqlglot.expressions import Expr

from lib.asking.bridge.build import (
    WHOLE_AT_START,
    as_integer,
    as_number,
    call,
    cast,
    copied,
    grouped,
    is_number,
    is_text,
    literal_text,
    number_literal,
    text_literal,
    when,
)
from lib.asking.bridge.kinds import DATES, Kind, is_digits, kind, known
from lib.asking.bridge.notes import Notes

_ENGINE_TYPES = ("DATE", "TIME", "TIMESTAMP", "DATETIME", "BOOLEAN", "INTERVAL", "UUID", "JSON")


def text_operands(node: exp.Binary, notes: Notes) -> Expr:
    """'12 kg' + 1 is 13: operands of arithmetic become numbers."""
    for side in ("this", "expression"):
        node.set(side, counted(node.args[side], notes))
    return node


def counted(node: Expr, notes: Notes) -> Expr:
    """The value as a number, noted when it was a text or a date."""
    if is_text(node):
        notes.add("text_as_number")
        return grouped(as_number(_bare(node)))
    if kind(node) is Kind.BOOLEAN:
        notes.add("condition_as_number")
        return as_number(node)
    return node


def negated_text(node: exp.Neg, notes: Notes) -> Expr:
    node.set("this", counted(node.this, notes))
    return known(node, kind(node.this))


def division(node: exp.Div, notes: Notes) -> Expr:
    """7 / 2 is 3, and a division by zero gives NULL."""
    left, right = node.this, node.expression
    divisor = _not_zero(right, notes)
    if kind(left) is Kind.INTEGER and kind(right) is Kind.INTEGER:
        notes.add("integer_division")
        return known(exp.IntDiv(this=grouped(left), expression=divisor), Kind.INTEGER)
    return known(exp.Div(this=left, expression=divisor), Kind.REAL)


def division_of_text(node: exp.Div, notes: Notes) -> Expr:
    """'1990' / 10 is 199: a text that starts with a whole number divides like one."""
    sides = [_bare(one) for one in (node.this, node.expression)]
    texts = [one for one in sides if kind(one) is Kind.TEXT and not is_digits(one) and literal_text(one) is None]
    if not texts or any(kind(one) in (Kind.REAL, Kind.UNKNOWN) for one in sides):
        return node
    notes.add("integer_division")
    whole = [call("regexp_matches", copied(one), text_literal(WHOLE_AT_START)) for one in texts]
    left, right = (counted(one, notes) for one in sides)
    quotient = exp.Div(this=left, expression=_not_zero(right, notes))
    cut = call("trunc", copied(quotient))
    return when((exp.and_(*whole, wrap=False), cut), otherwise=quotient, kind=Kind.REAL)


def wide_product(node: exp.Mul, notes: Notes) -> Expr:
    """The engine multiplies small literals in 32 bits."""
    product = _constant(node)
    if product is not None and product >= 1 << 31:
        notes.add("wide_product")
        node.set("this", cast(node.this, "BIGINT", Kind.INTEGER))
    return node


def _constant(node: Expr) -> int | None:
    """The value of a product of small whole literals."""
    node = _bare(node)
    if isinstance(node, exp.Literal):
        return int(node.this) if re.fullmatch(r"\d{1,19}", node.this) and not node.is_string else None
    if not isinstance(node, exp.Mul):
        return None
    left, right = _constant(node.this), _constant(node.expression)
    return None if left is None or right is None else left * right


def remainder(node: exp.Mod, notes: Notes) -> Expr:
    """Both sides are cut to whole numbers first; a remainder by zero gives NULL."""
    sides = []
    for side in (node.this, node.expression):
        if kind(side) not in (Kind.INTEGER, Kind.UNKNOWN):
            notes.add("text_as_number" if is_text(side) else "remainder")
            side = as_integer(_bare(side))
        sides.append(side)
    return known(exp.Mod(this=grouped(sides[0]), expression=_not_zero(sides[1], notes)), Kind.INTEGER)


def casts(node: exp.Cast, notes: Notes) -> Expr:
    """The type's name decides as in SQLite; types that only the engine has keep the engine's meaning."""
    target = node.to.sql(dialect="sqlite").upper()
    if target.startswith(_ENGINE_TYPES):
        return known(node, _engine_kind(target))
    value = _bare(node.this)
    if re.search("INT", target):
        return _noted_cast(node, as_integer(value), "BIGINT", Kind.INTEGER, notes)
    if re.search("CHAR|CLOB|TEXT", target):
        return known(cast(_unprinted(value), "VARCHAR", Kind.TEXT), Kind.TEXT, stored=True)
    if "BLOB" in target:
        return node
    return _noted_cast(node, as_number(value), "DOUBLE", Kind.REAL, notes)


def _noted_cast(node: exp.Cast, value: Expr, type_: str, found: Kind, notes: Notes) -> Expr:
    notes.add("cast")
    if not isinstance(value, exp.Cast) or kind(value) is not found:
        value = cast(value, type_, found)
    return known(value, found, stored=True)


def _unprinted(value: Expr) -> Expr:
    return as_number(value) if kind(value) is Kind.BOOLEAN else value


def truth(node: Expr, notes: Notes) -> Expr:
    """A text as a condition holds when the number at its start is not 0."""
    if not is_text(node):
        return node
    notes.add("truth")
    return known(exp.NEQ(this=counted(node, notes), expression=number_literal("0")), Kind.BOOLEAN)


def branch_conditions(node: exp.Case, notes: Notes) -> Expr:
    """CASE WHEN takes anything as a condition."""
    if node.this is None:
        for branch in node.args["ifs"]:
            branch.set("this", truth(branch.this, notes))
    return node


def truths(node: exp.Connector | exp.Not, notes: Notes) -> Expr:
    for side in ("this", "expression"):
        if isinstance(node.args.get(side), Expr):
            node.set(side, truth(node.args[side], notes))
    return node


def _not_zero(node: Expr, notes: Notes) -> Expr:
    if isinstance(node, exp.Literal) and node.this.strip("0.") not in ("", "e"):
        return node
    notes.add("division_by_zero")
    return call("nullif", node, number_literal("0"), kind=kind(node))


def _bare(node: Expr) -> Expr:
    """Without parentheses, which a function's argument does not need."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def _engine_kind(target: str) -> Kind:
    for found in (*DATES, Kind.BOOLEAN):
        if target.split("(")[0] == found.name:
            return found
    return Kind.TIMESTAMP if target.startswith("DATETIME") else Kind.UNKNOWN


def rounded(node: exp.Anonymous, notes: Notes) -> Expr:
    """ROUND of a text or of a date rounds its number; the result is a REAL."""
    first, *rest = node.expressions
    arguments = [counted(first, notes), *(as_integer(one) if not is_number(one) else one for one in rest)]
    if rest and kind(arguments[1]) is Kind.REAL:
        arguments[1] = as_integer(arguments[1])
    if kind(arguments[0]) is Kind.UNKNOWN:
        return known(node, Kind.REAL)
    return call(node.name, *arguments, kind=Kind.REAL)


def random_integer(node: exp.Anonymous, notes: Notes) -> Expr:
    """SQLite's RANDOM is a 64-bit whole number of either sign."""
    notes.add("function")
    scaled = exp.Mul(
        this=exp.Paren(this=exp.Sub(this=call("random"), expression=number_literal("0.5"))),
        expression=number_literal("1.8446744073709548e19"),
    )
    return cast(scaled, "BIGINT", Kind.INTEGER)
