"""The pieces of SQL that rewrites are made of. What is passed in becomes part of the result: pass a copy to keep it."""

from __future__ import annotations

import re
from itertools import islice

from sqlglot import exp
from sqlglot.expressions import Expr

from lib.asking.bridge.kinds import DATES, NUMBERS, TEXTS, Kind, is_digits, is_stored, kind, known
from lib.errors import CannotTranslate

NUMBER_AT_START = r"^\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?"
WHOLE_AT_START = r"^\s*[-+]?[0-9]+([^0-9.eE]|$)"
INTEGER_AT_START = r"^\s*[-+]?[0-9]+"
_MOST_COPIED = 1_000
_ONE_PIECE = (exp.Column, exp.Literal, exp.Func, exp.Paren, exp.Cast, exp.Subquery, exp.Case, exp.Null)


def copied(node: Expr) -> Expr:
    """A copy of a value that is needed twice. Raises CannotTranslate when it is so large that nests would explode."""
    if sum(1 for _ in islice(node.walk(), _MOST_COPIED)) == _MOST_COPIED:
        raise CannotTranslate(
            "An expression is nested too deeply to be translated.", "Compute its parts in a WITH query first."
        )
    return node.copy()


def call(name: str, *arguments: Expr, kind: Kind = Kind.UNKNOWN) -> exp.Anonymous:
    return known(exp.Anonymous(this=name, expressions=list(arguments)), kind)


def cast(node: Expr, type_: str, kind: Kind) -> exp.Cast:
    return known(exp.Cast(this=node, to=exp.DataType.build(type_, dialect="duckdb")), kind)


def try_cast(node: Expr, type_: str, kind: Kind) -> exp.TryCast:
    return known(exp.TryCast(this=node, to=exp.DataType.build(type_, dialect="duckdb")), kind)


def text_literal(value: str) -> exp.Literal:
    return known(exp.Literal.string(value), Kind.TEXT)


def number_literal(value: str) -> Expr:
    """A number as it is written in SQL; one with a sign gets its own node, as the parser would make it."""
    found = Kind.INTEGER if re.fullmatch(r"[-+]?\d+", value) else Kind.REAL
    bare = known(exp.Literal.number(value.lstrip("+-")), found)
    return known(exp.Neg(this=bare), found) if value.startswith("-") else bare


def null() -> exp.Null:
    return known(exp.Null(), Kind.UNKNOWN)


def grouped(node: Expr) -> Expr:
    """The node as one operand: in parentheses unless it is one piece anyway."""
    if isinstance(node, _ONE_PIECE):
        return node
    return known(exp.Paren(this=node), kind(node))


def when(*branches: tuple[Expr, Expr], otherwise: Expr | None = None, kind: Kind) -> exp.Case:
    ifs = [exp.If(this=condition, true=value) for condition, value in branches]
    return known(exp.Case(ifs=ifs, default=otherwise), kind)


def is_null(node: Expr) -> exp.Is:
    return known(exp.Is(this=grouped(node), expression=null()), Kind.BOOLEAN)


def not_null(node: Expr) -> exp.Not:
    return known(exp.Not(this=is_null(node)), Kind.BOOLEAN)


def coalesce(*arguments: Expr, kind: Kind) -> exp.Anonymous:
    return call("coalesce", *arguments, kind=kind)


def as_text(node: Expr) -> Expr:
    """The value as SQLite prints it. What is text, or of unknown kind, stays as it is."""
    match kind(node):
        case Kind.TEXT | Kind.UNKNOWN:
            return node
        case Kind.BOOLEAN:
            return cast(as_number(node), "VARCHAR", Kind.TEXT)
        case _ if isinstance(node, exp.Literal):
            return text_literal(node.this)
        case Kind.REAL if not is_stored(node):  # a DECIMAL would print zeros at its end
            node = cast(node, "DOUBLE", Kind.REAL)
    return cast(node, "VARCHAR", Kind.TEXT)


def as_number(node: Expr) -> Expr:
    """The value as SQLite's arithmetic takes it: the number at the start of a text, the year of a date."""
    found = kind(node)
    if found is Kind.BOOLEAN:
        return cast(node, "INTEGER", Kind.INTEGER)
    if found in DATES:
        return call("hour" if found is Kind.TIME else "year", node, kind=Kind.INTEGER)
    if found is not Kind.TEXT:
        return node
    if isinstance(node, exp.Literal):
        return number_literal(_number_at_start(node.this))
    if is_digits(node):
        return try_cast(node, "BIGINT", Kind.INTEGER)
    return _at_start(node, NUMBER_AT_START, "DOUBLE", Kind.REAL)


def as_integer(node: Expr) -> Expr:
    """The value as SQLite casts it to INTEGER: digits at the start of a text, fractions cut off."""
    found = kind(node)
    if found is Kind.TEXT and not is_digits(node):
        return _at_start(node, INTEGER_AT_START, "BIGINT", Kind.INTEGER)
    number = as_number(node)
    if kind(number) is Kind.INTEGER:
        return number
    if kind(number) is Kind.UNKNOWN:
        number = try_cast(number, "DOUBLE", Kind.REAL)
    return try_cast(call("trunc", number, kind=Kind.REAL), "BIGINT", Kind.INTEGER)


def looks_like_number(text: str) -> bool:
    """Whether SQLite's numeric affinity would turn this text into a number."""
    return re.fullmatch(rf"(?a:{NUMBER_AT_START[1:]}\s*)", text) is not None


def literal_text(node: Expr) -> str | None:
    """The text of a literal text, or None."""
    return str(node.this) if isinstance(node, exp.Literal) and node.is_string else None


def is_number(node: Expr) -> bool:
    return kind(node) in NUMBERS


def is_text(node: Expr) -> bool:
    return kind(node) in TEXTS


def _at_start(node: Expr, pattern: str, type_: str, kind: Kind) -> Expr:
    digits = call("regexp_extract", node, text_literal(pattern), kind=Kind.TEXT)
    zero = when((not_null(copied(node)), number_literal("0")), kind=Kind.INTEGER)
    return coalesce(try_cast(digits, type_, kind), zero, kind=kind)


def _number_at_start(text: str) -> str:
    found = re.match(f"(?a:{NUMBER_AT_START[1:]})", text)
    return found.group().strip() if found else "0"
