"""Comparisons between values of different types, as SQLite's affinities decide them.

Numbers that a file holds as text are numbers in the loaded table, so a text that looks like a number is compared as
one; every other text is greater than every number.
"""

from __future__ import annotations

import re

from sqlglot import exp
from sqlglot.expressions import Expr

from lib.asking.bridge.build import (
    as_number,
    as_text,
    cast,
    coalesce,
    copied,
    is_number,
    is_text,
    literal_text,
    looks_like_number,
    not_null,
    null,
    number_literal,
    text_literal,
    try_cast,
    when,
)
from lib.asking.bridge.kinds import DATES, Kind, is_digits, is_stored, kind, known
from lib.asking.bridge.notes import Notes

_ISO = {Kind.DATE: r"\d{4}-\d\d-\d\d", Kind.TIMESTAMP: r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", Kind.TIME: r"\d\d:\d\d:\d\d"}
_TRUTHS = {"true": True, "t": True, "yes": True, "false": False, "f": False, "no": False}
_EQUALITIES = (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ)
_GREATER_RIGHT = {exp.LT: True, exp.LTE: True, exp.GT: False, exp.GTE: False}


def comparison(node: exp.Binary, notes: Notes) -> Expr:
    """a < b, a = b and so on between values of any two kinds."""
    left, right = _truths(node.this, node.expression)
    if not _differ(left, right):
        return node if right is node.expression else _of(node, left, right)
    notes.add("mixed_comparison")
    if is_number(left) and is_number(right):
        return _of(node, as_number(left), as_number(right))
    if is_text(left) and is_text(right):
        return _of(node, as_text(left), as_text(right))
    number, text = (left, right) if is_number(left) else (right, left)
    if not isinstance(node, _EQUALITIES) and _are_apart(number, text):
        return _constant(node, number, text)
    number, text = _number_and_text(type(node), as_number(number), text)
    return _of(node, number, text) if is_number(left) else _of(node, text, number)


def between(node: exp.Between, notes: Notes) -> Expr:
    """x BETWEEN a AND b is two comparisons when the types differ."""
    value, low, high = node.this, node.args["low"], node.args["high"]
    if not _differ(value, low) and not _differ(value, high):
        return node
    above = comparison(known(exp.GTE(this=copied(value), expression=low), Kind.BOOLEAN), notes)
    below = comparison(known(exp.LTE(this=value, expression=high), Kind.BOOLEAN), notes)
    return known(exp.Paren(this=exp.And(this=above, expression=below)), Kind.BOOLEAN)


def member(node: exp.In, notes: Notes) -> Expr:
    """x IN (...) with a list of values or a subquery of another type."""
    if node.args.get("query") is not None:
        return _in_query(node, notes)
    value, items = node.this, node.expressions
    if not any(_differ(value, one) for one in items):
        return node
    notes.add("mixed_comparison")
    pairs = [_pair(value, one) for one in items]
    if len({left.sql() for left, _ in pairs}) == 1:
        return known(exp.In(this=pairs[0][0], expressions=[right for _, right in pairs]), Kind.BOOLEAN)
    equalities = [known(exp.EQ(this=left, expression=right), Kind.BOOLEAN) for left, right in pairs]
    return known(exp.Paren(this=exp.or_(*equalities)), Kind.BOOLEAN)


def simple_case(node: exp.Case, notes: Notes) -> Expr:
    """CASE x WHEN a ... compares like x = a."""
    value = node.this
    if value is None or not any(_differ(value, one.this) for one in node.args["ifs"]):
        return node
    for branch in node.args["ifs"]:
        equality = known(exp.EQ(this=copied(value), expression=branch.this), Kind.BOOLEAN)
        branch.set("this", comparison(equality, notes))
    node.set("this", None)
    return node


def _truths(left: Expr, right: Expr) -> tuple[Expr, Expr]:
    """'true' beside a column of truth values is one of them."""
    value = _TRUTHS.get((literal_text(right) or "").lower())
    if value is None or kind(left) is not Kind.BOOLEAN or not is_stored(left):
        return left, right
    return left, known(exp.Boolean(this=value), Kind.BOOLEAN)


def _differ(left: Expr, right: Expr) -> bool:
    one, other = kind(left), kind(right)
    if Kind.UNKNOWN in (one, other) or one is other:
        return False
    return {one, other} != {Kind.INTEGER, Kind.REAL} and not _is_date_as_written(left, right)


def _pair(left: Expr, right: Expr) -> tuple[Expr, Expr]:
    """Both sides of an equality, made comparable; copies."""
    made = comparison(exp.EQ(this=copied(left), expression=copied(right)), Notes())
    return made.this, made.expression


def _of(node: exp.Binary, left: Expr, right: Expr) -> exp.Binary:
    return known(type(node)(this=left, expression=right), Kind.BOOLEAN)


def _is_date_as_written(left: Expr, right: Expr) -> bool:
    """Whether a date is beside a literal that is written just as the date prints; then both stay as they are."""
    for date, other in ((left, right), (right, left)):
        written = literal_text(other)
        if kind(date) in DATES and written is not None and re.fullmatch(_ISO[kind(date)], written):
            return _exists(written)
    return False


def _exists(date: str) -> bool:
    """Whether the engine can read this as a date; 31 February stays a text."""
    return re.search(r"-(02-(29|3\d)|(04|06|09|11)-31|00-|\d\d-00|1[3-9]|[2-9]\d-|\d\d-(3[2-9]|[4-9]))", date) is None


def _are_apart(number: Expr, text: Expr) -> bool:
    """Whether the text can be none that looks like a number, and no affinity makes a text of the number."""
    written = literal_text(text)
    if written is not None:
        return not looks_like_number(written)
    return kind(text) in DATES and (is_stored(number) or not is_stored(text))


def _number_and_text(operator: type[Expr], number: Expr, text: Expr) -> tuple[Expr, Expr]:
    """A number and a text as two numbers or as two texts."""
    written = literal_text(text)
    if written is not None:
        return (number, number_literal(written.strip())) if looks_like_number(written) else (as_text(number), text)
    if kind(text) in DATES:
        return as_text(number), as_text(text)
    if operator in _EQUALITIES and is_stored(text) and not is_stored(number):
        return as_text(number), text
    return number, as_number(text) if is_digits(text) else _in_order(text, kind(number))


def _in_order(text: Expr, beside: Kind) -> Expr:
    """A text as a number to compare with: exact beside integers, and greater than all when it is none."""
    type_, most = ("DOUBLE", "infinity") if beside is Kind.REAL else ("DECIMAL(38, 9)", "9e28")
    beyond = when((not_null(copied(text)), cast(text_literal(most), type_, Kind.REAL)), kind=Kind.REAL)
    return coalesce(try_cast(text, type_, Kind.REAL), beyond, kind=Kind.REAL)


def _constant(node: exp.Binary, number: Expr, text: Expr) -> Expr:
    """Every text is greater than every number; NULL stays unknown."""
    holds = exp.Boolean(this=_GREATER_RIGHT[type(node)] is (node.this is number))
    there = [not_null(one) for one in (number, text) if not isinstance(one, exp.Literal)]
    if not there:
        return known(holds, Kind.BOOLEAN)
    return when((exp.and_(*there, wrap=False), holds), otherwise=null(), kind=Kind.BOOLEAN)


def _in_query(node: exp.In, notes: Notes) -> Expr:
    value, query = node.this, node.args["query"]
    if isinstance(value, exp.Tuple) or not _differ(value, query):
        return node
    notes.add("mixed_comparison")
    node.set("this", as_text(value))
    if kind(query) is not Kind.TEXT:
        print_column(query.this if isinstance(query, exp.Subquery) else query)
    return node


def print_column(query: Expr, position: int = 0) -> None:
    """Let one column of a query be printed as text."""
    while isinstance(query, (exp.Subquery, exp.Paren)):
        query = query.this
    if isinstance(query, exp.SetOperation):
        print_column(query.this, position)
        print_column(query.expression, position)
        return
    if not isinstance(query, exp.Select) or position >= len(query.expressions):
        return
    column = query.expressions[position]
    inner = column.this if isinstance(column, exp.Alias) else column
    if kind(inner) in (Kind.TEXT, Kind.UNKNOWN):
        return
    printed = as_text(copied(inner))
    if isinstance(column, exp.Alias):
        column.set("this", printed)
    else:
        name = exp.to_identifier(inner.name, quoted=True) if isinstance(inner, exp.Column) else None
        column.replace(known(exp.Alias(this=printed, alias=name), Kind.TEXT) if name else printed)
