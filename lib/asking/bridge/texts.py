"""Text functions and patterns on values that the loaded tables hold as numbers or dates."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.expressions import Expr

from lib.asking.bridge import engine
from lib.asking.bridge.arithmetic import counted, truth
from lib.asking.bridge.build import as_text, call, copied, is_null, is_number, is_text, null, text_literal, when
from lib.asking.bridge.kinds import NUMBERS, Kind, common, is_stored, kind, known
from lib.asking.bridge.notes import Notes
from lib.errors import CannotTranslate

_DIGITS_OF_DATES = {("1", "4"), ("6", "2"), ("9", "2"), ("12", "2"), ("15", "2"), ("18", "2")}


def printed(node: Expr, notes: Notes) -> Expr:
    """The value as text, noted when it was none."""
    made = as_text(node)
    if made is not node:
        notes.add("value_as_text")
    return made


def printed_operands(node: exp.Binary, notes: Notes) -> Expr:
    """x GLOB y: both sides are text."""
    for side in ("this", "expression"):
        node.set(side, printed(node.args[side], notes))
    return node


def concatenated(node: exp.DPipe, notes: Notes) -> Expr:
    """x || y prints both sides; the engine does so too, but for truth values and for zeros at a decimal's end."""
    for side in ("this", "expression"):
        value = node.args[side]
        if kind(value) is Kind.BOOLEAN or (kind(value) is Kind.REAL and not is_stored(value)):
            notes.add("printed_number")
            node.set(side, as_text(value))
    return node


def like(node: exp.Like, notes: Notes) -> Expr:
    """LIKE takes text on both sides and does not tell capitals from small letters."""
    printed_operands(node, notes)
    notes.add("like_case")
    return known(exp.ILike(**node.args), Kind.BOOLEAN)


def regexp(node: exp.RegexpLike, notes: Notes) -> Expr:
    notes.add("regexp")
    return call("regexp_matches", printed(node.this, notes), printed(node.expression, notes), kind=Kind.BOOLEAN)


def printed_first(node: exp.Anonymous, notes: Notes) -> Expr:
    """LOWER, SUBSTR and others take text first; their other arguments stay."""
    first, *rest = node.expressions
    node.set("expressions", [printed(first, notes), *rest])
    return node


def piece(node: exp.Anonymous, notes: Notes) -> Expr:
    """SUBSTR takes text first; the year, month or day out of a date is a text of digits."""
    first, *places = node.expressions
    digits = kind(first) in (Kind.DATE, Kind.TIMESTAMP) and tuple(one.name for one in places) in _DIGITS_OF_DATES
    return known(printed_first(node, notes), Kind.TEXT, digits=digits)


def printed_all(node: exp.Anonymous, notes: Notes) -> Expr:
    """INSTR, REPLACE and TRIM take only text."""
    node.set("expressions", [printed(one, notes) for one in node.expressions])
    return node


def characters(node: exp.Anonymous, notes: Notes) -> Expr:
    """CHAR(65, 66) is 'AB'."""
    notes.add("function")
    return call("concat", *(call("chr", one, kind=Kind.TEXT) for one in node.expressions), kind=Kind.TEXT)


def least_or_greatest(node: exp.Anonymous, notes: Notes) -> Expr:
    """MAX(a, b) is the greater of the two in each row, NULL when one of them is NULL."""
    notes.add("min_max")
    is_max = node.name.lower() == "max"
    arguments, found = _candidates(node.expressions, is_max, notes)
    best = call("greatest" if is_max else "least", *arguments, kind=found)
    missing = [is_null(copied(one)) for one in node.expressions if not isinstance(one, exp.Literal)]
    if not missing:
        return best
    condition: Expr = missing[0]
    for one in missing[1:]:
        condition = exp.Or(this=condition, expression=one)
    return when((condition, null()), otherwise=best, kind=found)


def _candidates(values: list[Expr], is_max: bool, notes: Notes) -> tuple[list[Expr], Kind]:
    """Every text is greater than every number, so that among both only the texts or only the numbers can win."""
    wanted = [one for one in values if (is_text(one) if is_max else is_number(one))]
    if wanted and not any(kind(one) is Kind.UNKNOWN for one in values):
        values = wanted
    return unified([copied(one) for one in values], notes)


def unified(values: list[Expr], notes: Notes) -> tuple[list[Expr], Kind]:
    """Values that share a column, printed when only text unites them."""
    found = common({kind(one) for one in values})
    if found in NUMBERS and found is not Kind.BOOLEAN:
        return [counted(one, notes) for one in values], found
    if found is not Kind.TEXT or all(kind(one) in (Kind.TEXT, Kind.UNKNOWN) for one in values):
        return values, found
    notes.add("mixed_results")
    return [as_text(one) for one in values], found


def unified_arguments(node: exp.Anonymous, notes: Notes) -> Expr:
    """COALESCE and IFNULL of different types give text."""
    values, found = unified(node.expressions, notes)
    node.set("expressions", values)
    return known(node, found)


def chosen(node: exp.Anonymous, notes: Notes) -> Expr:
    """IIF(condition, a, b) is a CASE."""
    if node.name.lower() not in engine.functions():
        notes.add("function")
    condition, *values = node.expressions
    values, found = unified(values, notes)
    otherwise = values[1] if len(values) > 1 else None
    return when((truth(condition, notes), values[0]), otherwise=otherwise, kind=found)


def unified_branches(node: exp.Case, notes: Notes) -> Expr:
    """CASE with branches of different types gives text."""
    branches = node.args["ifs"]
    default = node.args.get("default")
    values = [one.args["true"] for one in branches] + ([default] if default is not None else [])
    values, found = unified(values, notes)
    for branch, value in zip(branches, values, strict=False):
        branch.set("true", value)
    if default is not None:
        node.set("default", values[-1])
    return known(node, found)


def type_name(node: exp.Anonymous, notes: Notes) -> Expr:
    """TYPEOF tells SQLite's own names of types."""
    [value] = node.expressions
    found = kind(value)
    if found is Kind.UNKNOWN:
        raise CannotTranslate("TYPEOF of this value is not known before the query runs.", "Leave TYPEOF out.")
    notes.add("function")
    name = {Kind.INTEGER: "integer", Kind.BOOLEAN: "integer", Kind.REAL: "real"}.get(found, "text")
    return when((is_null(value), text_literal("null")), otherwise=text_literal(name), kind=Kind.TEXT)
