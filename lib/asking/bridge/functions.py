"""SQLite's functions by name: what each gives, and how it is written for the engine."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches

from sqlglot import exp
from sqlglot.expressions import Expr

from lib.asking.bridge import arithmetic, dates, engine, texts
from lib.asking.bridge.build import (
    as_integer,
    as_number,
    as_text,
    call,
    cast,
    coalesce,
    copied,
    literal_text,
    number_literal,
    text_literal,
)
from lib.asking.bridge.compare import comparison
from lib.asking.bridge.kinds import Kind, kind, known, known_as
from lib.asking.bridge.notes import Notes
from lib.errors import CannotTranslate

Rewrite = Callable[[exp.Anonymous, Notes], Expr]

AGGREGATES = frozenset(
    "avg count group_concat json_group_array json_group_object max median min string_agg sum total".split()
)
NO_EQUAL = frozenset(
    """changes last_insert_rowid load_extension match randomblob soundex sqlite_compileoption_get sqlite_version
    sqlite_compileoption_used sqlite_offset sqlite_source_id timediff total_changes unistr zeroblob quote""".split()
)


def translated(node: exp.Anonymous, notes: Notes) -> Expr:
    """The function as the engine has it. Raises CannotTranslate when there is none."""
    name = node.name.lower()
    if name in REWRITES:
        try:
            return REWRITES[name](node, notes)
        except (ValueError, IndexError):
            raise CannotTranslate(
                f"{name.upper()} does not take {len(node.expressions)} arguments.", "Check its arguments."
            ) from None
    if name in NO_EQUAL or name not in engine.functions() | _GRAMMAR:
        raise _unknown(name)
    return known(node, KINDS.get(name, Kind.UNKNOWN))


def _unknown(name: str) -> CannotTranslate:
    near = get_close_matches(name, {*REWRITES, *KINDS, *engine.functions()} - NO_EQUAL, n=1)
    hint = f"Did you mean {near[0].upper()}?" if near else "Write it with another function."
    return CannotTranslate(f"There is no function {name.upper()}.", hint)


def summed(node: exp.Anonymous, notes: Notes) -> Expr:
    """SUM of texts adds the numbers at their start, and SUM of conditions counts them."""
    _count_inside(node, notes)
    return known(node, kind(_inside(node)))


def averaged(node: exp.Anonymous, notes: Notes) -> Expr:
    _count_inside(node, notes)
    return known(node, Kind.REAL)


def total(node: exp.Anonymous, notes: Notes) -> Expr:
    """TOTAL is a SUM that is 0.0 where there is nothing to add."""
    notes.add("function")
    _count_inside(node, notes)
    node.set("this", "sum")
    return coalesce(known(node, Kind.REAL), number_literal("0.0"), kind=Kind.REAL)


def counted(node: exp.Anonymous, notes: Notes) -> Expr:
    """COUNT(DISTINCT a, b) counts the pairs in which nothing is missing."""
    [inside] = node.expressions or [exp.Star()]
    if isinstance(inside, exp.Distinct) and len(inside.expressions) > 1:
        notes.add("count_distinct")
        parts = inside.expressions
        complete = exp.and_(*(exp.Not(this=exp.Is(this=copied(one), expression=exp.Null())) for one in parts))
        pair = exp.Case(ifs=[exp.If(this=complete, true=exp.Tuple(expressions=parts))])
        node.set("expressions", [exp.Distinct(expressions=[pair])])
    return known(node, Kind.INTEGER)


def extreme(node: exp.Anonymous, notes: Notes) -> Expr:
    """MAX and MIN of one value aggregate, of several they compare within a row."""
    if len(node.expressions) > 1:
        return texts.least_or_greatest(node, notes)
    return known(node, kind(_inside(node)))


def joined(node: exp.Anonymous, notes: Notes) -> Expr:
    """GROUP_CONCAT joins anything as text."""
    first, *rest = node.expressions
    if isinstance(first, exp.Distinct):
        inner = first.expressions[0]
        rest = [*first.expressions[1:], *rest]
        first.set("expressions", [texts.printed(inner, notes)])
    else:
        first = texts.printed(first, notes)
    node.set("expressions", [first, *(texts.printed(one, notes) for one in rest)])
    return known(node, Kind.TEXT)


def _count_inside(node: exp.Anonymous, notes: Notes) -> None:
    [argument] = node.expressions
    if isinstance(argument, exp.Distinct):
        argument.set("expressions", [_summand(argument.expressions[0], notes)])
    else:
        node.set("expressions", [_summand(argument, notes)])


def _summand(value: Expr, notes: Notes) -> Expr:
    if kind(value) is Kind.TEXT:
        notes.add("text_as_number")
    return arithmetic.counted(value, Notes() if kind(value) is Kind.TEXT else notes)


def _inside(node: exp.Anonymous) -> Expr:
    argument: Expr = node.expressions[0]
    return argument.expressions[0] if isinstance(argument, exp.Distinct) else argument


def first_argument(node: exp.Anonymous, notes: Notes) -> Expr:
    """LIKELY(x), UNLIKELY(x) and LIKELIHOOD(x, p) are x."""
    notes.add("function")
    first: Expr = node.expressions[0]
    return first


def as_like(node: exp.Anonymous, notes: Notes) -> Expr:
    """LIKE(pattern, x) is x LIKE pattern."""
    pattern, value = node.expressions
    return texts.like(exp.Like(this=value, expression=pattern), notes)


def as_glob(node: exp.Anonymous, notes: Notes) -> Expr:
    notes.add("function")
    pattern, value = node.expressions
    return known(texts.printed_operands(exp.Glob(this=value, expression=pattern), notes), Kind.BOOLEAN)


def same_kind(node: exp.Anonymous, notes: Notes) -> Expr:
    """NULLIF, FIRST_VALUE and others give what their first argument is."""
    return known_as(node, node.expressions[0])


def counted_argument(node: exp.Anonymous, notes: Notes) -> Expr:
    """ABS, SIGN and the functions of mathematics take arithmetic."""
    node.set("expressions", [arithmetic.counted(one, notes) for one in node.expressions])
    whole = node.name.lower() in ("abs", "sign") and kind(node.expressions[0]) is Kind.INTEGER
    return known(node, Kind.INTEGER if whole else Kind.REAL)


def null_if(node: exp.Anonymous, notes: Notes) -> Expr:
    """NULLIF(a, b) compares like a = b."""
    left, right = node.expressions
    made = comparison(exp.EQ(this=copied(left), expression=right), notes)
    if made.this == left:
        node.set("expressions", [left, made.expression])
        return known_as(node, left)
    case = exp.Case(ifs=[exp.If(this=made, true=exp.Null())], default=left)
    return known_as(case, left)


def formatted(node: exp.Anonymous, notes: Notes) -> Expr:
    """PRINTF turns each value into the type that its place in the format wants."""
    form, *values = node.expressions
    if node.name.lower() == "format" and "{" in (literal_text(form) or "") and "%" not in form.name:
        return known(node, Kind.TEXT)  # the engine's own FORMAT
    written = literal_text(form)
    places = re.findall(r"%[-+ 0,#]*\d*(?:\.\d+)?.", (written or "").replace("%%", ""))
    if written is None or len(places) != len(values) or not {one[-1] for one in places} <= set("difeEgGsxXc"):
        raise CannotTranslate(
            "PRINTF needs a fixed format with one plain place (%d, %s, %.2f) for each value.",
            "Use ROUND and || instead.",
        )
    notes.add("function")
    made = [_for_place(place, value) for place, value in zip(places, values, strict=True)]
    return call("printf", text_literal(re.sub(r"%([-+ 0,#]*\d*)i", r"%\1d", written)), *made, kind=Kind.TEXT)


def _for_place(place: str, value: Expr) -> Expr:
    if place[-1] in "dixX":
        return cast(as_integer(value), "BIGINT", Kind.INTEGER)
    if place[-1] == "f":
        digits = re.search(r"\.(\d+)", place)
        number = cast(as_number(value), "DOUBLE", Kind.REAL)
        return call("round", number, number_literal(digits[1] if digits else "6"), kind=Kind.REAL)
    if place[-1] in "eEgG":
        return cast(as_number(value), "DOUBLE", Kind.REAL)
    return as_text(value) if kind(value) is not Kind.UNKNOWN else cast(value, "VARCHAR", Kind.TEXT)


def renamed(to: str, then: Rewrite) -> Rewrite:
    def rename(node: exp.Anonymous, notes: Notes) -> Expr:
        notes.add("function")
        node.set("this", to)
        return then(node, notes)

    return rename


def _text(rewrite: Rewrite, found: Kind = Kind.TEXT) -> Rewrite:
    def rewritten(node: exp.Anonymous, notes: Notes) -> Expr:
        return known(rewrite(node, notes), found)

    return rewritten


_GRAMMAR = frozenset({"coalesce", "ifnull", "nullif", "grouping"})
_MATHEMATICS = """
    abs acos asin atan atan2 ceil ceiling cos degrees exp floor ln log log10 log2 pi pow power radians sign sin sqrt
    tan trunc
"""

REWRITES: Mapping[str, Rewrite] = {
    **dict.fromkeys(_MATHEMATICS.split(), counted_argument),
    **dict.fromkeys("lower upper".split(), _text(texts.printed_first)),
    **dict.fromkeys("substr substring".split(), texts.piece),
    **dict.fromkeys("ltrim rtrim trim".split(), _text(texts.printed_all)),
    **dict.fromkeys("first_value last_value lag lead nth_value".split(), same_kind),
    **dict.fromkeys("likely unlikely likelihood".split(), first_argument),
    "avg": averaged,
    "char": texts.characters,
    "coalesce": texts.unified_arguments,
    "count": counted,
    "date": dates.date,
    "datetime": dates.datetime,
    "format": formatted,
    "glob": as_glob,
    "group_concat": joined,
    "hex": _text(texts.printed_first),
    "if": texts.chosen,
    "ifnull": texts.unified_arguments,
    "iif": texts.chosen,
    "instr": _text(texts.printed_all, Kind.INTEGER),
    "julianday": dates.julianday,
    "length": _text(texts.printed_first, Kind.INTEGER),
    "like": as_like,
    "max": extreme,
    "min": extreme,
    "nullif": null_if,
    "printf": formatted,
    "random": arithmetic.random_integer,
    "replace": _text(texts.printed_all),
    "round": arithmetic.rounded,
    "strftime": dates.strftime,
    "string_agg": joined,
    "sum": summed,
    "time": dates.time,
    "total": total,
    "typeof": texts.type_name,
    "unicode": _text(texts.printed_first, Kind.INTEGER),
    "unixepoch": dates.unixepoch,
}

KINDS: Mapping[str, Kind] = {
    **dict.fromkeys("row_number rank dense_rank ntile json_array_length octet_length".split(), Kind.INTEGER),
    **dict.fromkeys("percent_rank cume_dist median".split(), Kind.REAL),
    **dict.fromkeys("concat concat_ws json_type".split(), Kind.TEXT),
}
