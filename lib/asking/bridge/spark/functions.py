"""The engine's functions by name, as Spark has them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sqlglot import exp
from sqlglot.expressions import Expr

from lib.asking.bridge.build import call, copied, number_literal, text_literal, when
from lib.asking.bridge.kinds import DATES, NUMBERS, Kind, kind, known_as
from lib.asking.bridge.spark import moments, patterns
from lib.asking.bridge.spark.casts import as_double, tried
from lib.asking.bridge.spark.refusing import cannot

Rewrite = Callable[[exp.Anonymous], Expr]


def function(node: exp.Anonymous) -> Expr:
    """The function as Spark has it; one without a rewrite means the same, or is not allowed."""
    return REWRITES.get(node.name.lower(), _same)(node)


def _same(node: exp.Anonymous) -> Expr:
    return node


def _renamed(to: str) -> Rewrite:
    def rename(node: exp.Anonymous) -> Expr:
        return known_as(call(to, *node.expressions), node)

    return rename


def _texts(node: exp.Anonymous) -> Expr:
    """Functions whose arguments are texts, printed where they are none."""
    node.set("expressions", [patterns.as_text(one) for one in node.expressions])
    return node


def _first_text(node: exp.Anonymous) -> Expr:
    first, *rest = node.expressions
    node.set("expressions", [patterns.as_text(first), *rest])
    return node


def _numbers(node: exp.Anonymous) -> Expr:
    for one in node.expressions:
        if kind(one) not in (Kind.INTEGER, Kind.REAL):
            raise cannot(f"{node.name.upper()} of {kind(one)}", "Cast it to a number first.")
    return node


def _sum(node: exp.Anonymous) -> Expr:
    inside = node.expressions[0]
    value = inside.expressions[0] if isinstance(inside, exp.Distinct) else inside
    if kind(value) not in (Kind.INTEGER, Kind.REAL):
        raise cannot(f"{node.name.upper()} of {kind(value)}", "Cast it to a number first.")
    return node


def _alike(node: exp.Anonymous) -> Expr:
    """Functions that give one of their arguments want all of one kind."""
    kinds = {kind(one) for one in node.expressions if not isinstance(one.unnest(), exp.Null)}
    if len(kinds) > 1 and not kinds <= NUMBERS - {Kind.BOOLEAN} and not kinds <= DATES:
        raise cannot(f"{node.name.upper()} of {' and '.join(sorted(kinds))}", "Cast all to the same type.")
    if kinds == {Kind.INTEGER, Kind.REAL}:
        node.set("expressions", [as_double(one) for one in node.expressions])
    return node


def _round(node: exp.Anonymous) -> Expr:
    """ROUND gives a DOUBLE, and a negative number of digits is none."""
    value, *rest = _numbers(node).expressions
    if rest and not rest[0].is_int:
        raise cannot("ROUND to digits that are no fixed number", "Write how many digits.")
    digits = [exp.Literal.number(max(int(str(one.this)), 0)) for one in rest if isinstance(one, exp.Literal)]
    return call("round", as_double(value), *digits, kind=Kind.REAL)


def _to_whole(node: exp.Anonymous) -> Expr:
    """FLOOR and CEIL give a DOUBLE."""
    [value] = _numbers(node).expressions
    return as_double(call("ceil" if node.name.lower().startswith("ceil") else "floor", value, kind=Kind.INTEGER))


def _root(node: exp.Anonymous) -> Expr:
    """There is no root of a negative number."""
    [value] = _numbers(node).expressions
    there = exp.GTE(this=copied(value), expression=number_literal("0"))
    return when((there, call("sqrt", value)), kind=Kind.REAL)


def _formatted(node: exp.Anonymous) -> Expr:
    """PRINTF with plain places; a missing value is 0 or an empty text, as in SQLite."""
    form, *values = node.expressions
    places = re.findall(r"%-?\d*(?:\.\d+)?([dsf])", str(form.this).replace("%%", ""))
    if len(places) != len(values):
        raise cannot("This format of PRINTF", "Use %d, %s or %.2f.")
    empty = {"d": number_literal("0"), "f": exp.Literal.number("0D"), "s": text_literal("")}
    filled = [call("coalesce", one, empty[at].copy()) for at, one in zip(places, values, strict=True)]
    return call("format_string", form, *filled, kind=Kind.TEXT)


def _cut(node: exp.Anonymous) -> Expr:
    """TRUNC: a cast cuts fractions off; the result stays a DOUBLE."""
    [value] = node.expressions
    return as_double(tried(value, "BIGINT", Kind.INTEGER))


def is_cut(value: Expr) -> bool:
    """Whether it is what TRUNC was written as: a DOUBLE made of a whole number."""
    return type(value) is exp.Cast and type(value.this) is exp.TryCast and kind(value.this) is Kind.INTEGER


def _trimmed(node: exp.Anonymous) -> Expr:
    """LTRIM and RTRIM name the letters first."""
    values = [patterns.as_text(one) for one in node.expressions]
    if len(values) == 2 and node.name.lower() == "trim":
        text, letters = values
        return call("ltrim", letters, call("rtrim", copied(letters), text), kind=Kind.TEXT)
    return call(node.name.lower(), *reversed(values), kind=Kind.TEXT)


def _piece(node: exp.Anonymous) -> Expr:
    """SUBSTR from a place that is counted from 1; what SQLite makes of others differs from engine to engine."""
    text, place, *length = node.expressions
    text = patterns.as_text(text)
    least = _least(place)
    if not length and (least is not None or _is_negative(place)):
        return known_as(call("substr", text, place), node)
    if not length or least is None or least < 1:
        raise cannot("SUBSTR from a place that may lie outside of the text", "Count the place from 1.")
    [letters] = length
    if (_least(letters) or -1) < 0 and not (letters.is_int and letters.name == "0"):
        if not (place.is_int and place.name == "1"):
            raise cannot("SUBSTR of a length that may be negative", "Start at 1.")
        letters = call("greatest", letters, number_literal("0"), kind=Kind.INTEGER)
    return known_as(call("substr", text, place, letters), node)


def _is_negative(node: Expr) -> bool:
    return isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal)


def _least(node: Expr) -> int | None:
    """A whole number that the value never lies below, None when there is none to be told."""
    match node:
        case exp.Paren():
            return _least(node.this)
        case exp.Literal() if node.is_int:
            return int(str(node.this))
        case exp.Literal() if str(node.this).endswith("L"):
            return int(str(node.this)[:-1])
        case exp.Anonymous() if node.name.lower() in ("instr", "length", "count"):
            return 0
        case exp.Add():
            left, right = _least(node.this), _least(node.expression)
            return None if left is None or right is None else left + right
    return None


def _refused(what: str, way_out: str) -> Rewrite:
    def refuse(node: exp.Anonymous) -> Expr:
        raise cannot(what, way_out)

    return refuse


REWRITES: Mapping[str, Rewrite] = {
    **dict.fromkeys("instr lower upper replace hex length".split(), _texts),
    **dict.fromkeys("ltrim rtrim trim".split(), _trimmed),
    **dict.fromkeys("sum avg".split(), _sum),
    **dict.fromkeys("abs sign".split(), _numbers),
    **dict.fromkeys("ceil ceiling floor".split(), _to_whole),
    **dict.fromkeys("coalesce ifnull greatest least".split(), _alike),
    **dict.fromkeys("to_days to_hours to_minutes to_seconds to_months to_years".split(), moments.interval),
    **dict.fromkeys("substr substring".split(), _piece),
    **dict.fromkeys(
        "group_concat string_agg".split(),
        _refused("The order in which GROUP_CONCAT joins rows", "Select the rows, each on a line of its own."),
    ),
    "arg_max_null": _renamed("max_by"),
    "arg_min_null": _renamed("min_by"),
    "date": lambda node: moments.to_date(node.expressions[0]),
    "date_trunc": moments.truncated,
    "dayofweek": moments.weekday,
    "epoch": moments.seconds,
    "epoch_us": moments.microseconds,
    "make_timestamp": moments.from_microseconds,
    "now": moments.now,
    "random": lambda node: call("rand", kind=Kind.REAL),
    "printf": _formatted,
    "regexp_extract": patterns.extract,
    "regexp_matches": patterns.matches,
    "round": _round,
    "sqrt": _root,
    "strftime": moments.printed,
    "trunc": _cut,
}
