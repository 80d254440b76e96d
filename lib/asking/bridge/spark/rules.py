"""Each construct of the translated tree in Spark's words, from the leaves up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from sqlglot import exp
from sqlglot.expressions import Expr

from lib.asking.bridge.build import call, grouped, literal_text
from lib.asking.bridge.infer import inferred
from lib.asking.bridge.kinds import DATES, NUMBERS, Kind, is_digits, is_known, kind, known
from lib.asking.bridge.spark import columns, functions, moments, patterns, queries
from lib.asking.bridge.spark.casts import as_double, cast, tried
from lib.asking.bridge.spark.literals import literal
from lib.asking.bridge.spark.refusing import cannot

Rule = Callable[[Any], Expr]

_TYPES = {
    Kind.INTEGER: "BIGINT",
    Kind.REAL: "DOUBLE",
    Kind.TEXT: "STRING",
    Kind.DATE: "DATE",
    Kind.TIMESTAMP: "TIMESTAMP_NTZ",
}


def rewritten(node: Expr) -> Expr:
    """The tree in Spark's words, changed in place; a new root when the node itself became another."""
    if isinstance(node, exp.DataType):
        return node
    if isinstance(node, exp.Escape):
        return patterns.like(_inside(node.this), str(node.expression.this))
    return _by_rule(_inside(node))


def _inside(node: Expr) -> Expr:
    """The node with everything below it rewritten."""
    for key, value in list(node.args.items()):
        if isinstance(value, Expr):
            node.set(key, rewritten(value))
        elif isinstance(value, list):
            node.set(key, [rewritten(one) if isinstance(one, Expr) else one for one in value])
    return node if is_known(node) else inferred(node)


def _by_rule(node: Expr) -> Expr:
    rule = RULES.get(type(node))
    return node if rule is None else rule(node)


def _compared(node: exp.Binary) -> Expr:
    """Both sides are of one kind by now, or a date stands beside a text that is written as it prints."""
    left, right = node.this, node.expression
    for one, other, side in ((left, right, "expression"), (right, left, "this")):
        node.set(side, _as_date(other, kind(one)))
    _alike(node.this, node.expression, "A comparison")
    return node


def _as_date(value: Expr, beside: Kind) -> Expr:
    """A text beside a date as one, so that nothing is converted unseen."""
    if beside in DATES and literal_text(value) is not None:
        return cast(value, _TYPES[beside], beside)
    return value


def _alike(left: Expr, right: Expr, what: str) -> None:
    kinds = {kind(one) for one in (left, right) if not isinstance(one.unnest(), (exp.Null, exp.Tuple))}
    if len(kinds) == 1 and Kind.UNKNOWN not in kinds:
        return
    if kinds and not kinds <= NUMBERS - {Kind.BOOLEAN} and not kinds <= {Kind.DATE, Kind.TIMESTAMP}:
        raise cannot(f"{what} of {' with '.join(sorted(kinds))}", "Cast both to the same type.")


def _between(node: exp.Between) -> Expr:
    for side in ("low", "high"):
        node.set(side, _as_date(node.args[side], kind(node.this)))
        _alike(node.this, node.args[side], "BETWEEN")
    return node


def _member(node: exp.In) -> Expr:
    if not isinstance(node.this.unnest(), exp.Tuple):
        node.set("expressions", [_as_date(one, kind(node.this)) for one in node.expressions])
        for one in node.expressions:
            _alike(node.this, one, "IN")
        if (query := node.args.get("query")) is not None:
            _alike(node.this, queries.columns(query)[0], "IN")
    return node


def _arithmetic(node: exp.Binary) -> Expr:
    if isinstance(node, (exp.Add, exp.Sub)) and Kind.TIMESTAMP in (kind(node.this), kind(node)):
        return moments.moved(node)
    for one in (node.this, node.expression):
        if kind(one) not in (Kind.INTEGER, Kind.REAL) and not isinstance(one.unnest(), exp.Null):
            raise cannot(f"Arithmetic on {kind(one)}", "Cast it to a number first.")
    return node


def _shifted(name: str) -> Rule:
    def shift(node: exp.Binary) -> Expr:
        places = node.expression
        if kind(node.this) is not Kind.INTEGER or not _is_small(places):
            raise cannot("Moving bits so far", "Multiply or divide.")
        return call(name, node.this, exp.Literal.number(str(places.this).rstrip("L")), kind=Kind.INTEGER)

    return shift


def _is_small(node: Expr) -> bool:
    return isinstance(node, exp.Literal) and str(node.this).rstrip("L").isdecimal() and len(str(node.this)) < 3


def _joined_texts(node: exp.DPipe) -> Expr:
    left, right = patterns.as_text(node.this), patterns.as_text(node.expression)
    return known(exp.DPipe(this=left, expression=right), Kind.TEXT)


def _cast(node: exp.Cast) -> Expr:
    """A conversion between kinds of which Spark's and SQLite's agree."""
    value, target = node.this, node.to.sql(dialect="duckdb").upper()
    tried = isinstance(node, exp.TryCast)
    if target in ("TEXT", "VARCHAR"):
        return patterns.as_text(value)
    if target == "DATE":
        return moments.to_date(value)
    if target == "TIMESTAMP":
        return moments.to_moment(value)
    if target == "TIME" and tried:
        return moments.on_first_day(value)
    if target in ("BIGINT", "INT"):
        return _to_number(node, value, Kind.INTEGER, "BIGINT")
    if target == "DOUBLE" or target.startswith("DECIMAL"):
        return _to_number(node, value, Kind.REAL, target)
    raise cannot(f"CAST to {target}")


def _to_number(node: exp.Cast, value: Expr, to: Kind, type_: str) -> Expr:
    if (written := literal_text(value)) is not None:
        plain = written if "infinity" in written else f"{Decimal(written):f}"
        return cast(exp.Literal.string(plain), type_, to)
    if kind(value) is Kind.TEXT and not is_digits(value) and not patterns.is_extracted(value):
        value = patterns.number_in(value)
    elif kind(value) not in (*NUMBERS, Kind.TEXT) and not isinstance(value.unnest(), exp.Null):
        raise cannot(f"CAST of {kind(value)} to a number")
    if to is Kind.INTEGER and isinstance(value, exp.Literal):
        return value
    if to is Kind.INTEGER and functions.is_cut(value):
        whole: Expr = value.this
        return whole
    if isinstance(node, exp.TryCast) or kind(value) in (Kind.TEXT, Kind.REAL):
        return tried(value, type_, to)
    return cast(value, type_, to)


def _truths(node: exp.Connector | exp.Not) -> Expr:
    for side in ("this", "expression"):
        if isinstance(node.args.get(side), Expr):
            node.set(side, _truth(node.args[side]))
    return node


def _condition(node: exp.Where | exp.Having) -> Expr:
    node.set("this", _truth(node.this))
    return node


def _joined(node: exp.Join) -> Expr:
    if node.args.get("on") is not None:
        node.set("on", _truth(node.args["on"]))
    return node


def _truth(node: Expr) -> Expr:
    """A number as a condition holds when it is not 0."""
    if kind(node) in (Kind.INTEGER, Kind.REAL):
        return known(exp.NEQ(this=grouped(node), expression=exp.Literal.number(0)), Kind.BOOLEAN)
    if kind(node) is not Kind.BOOLEAN and not isinstance(node.unnest(), exp.Null):
        raise cannot(f"A condition of {kind(node)}", "Compare it with something.")
    return node


def _branches(node: exp.Case) -> Expr:
    """All branches are of one kind by now; numbers of both kinds become DOUBLE."""
    values = [one.args["true"] for one in node.args["ifs"]]
    values += [node.args["default"]] if node.args.get("default") is not None else []
    for one in values:
        _alike(values[0], one, "CASE")
    if {kind(one) for one in values} >= {Kind.INTEGER, Kind.REAL}:
        for one in node.args["ifs"]:
            one.set("true", as_double(one.args["true"]))
        if node.args.get("default") is not None:
            node.set("default", as_double(node.args["default"]))
    if node.this is None:
        for one in node.args["ifs"]:
            one.set("this", _truth(one.this))
    else:
        for one in node.args["ifs"]:
            one.set("this", _as_date(one.this, kind(node.this)))
            _alike(node.this, one.this, "CASE")
    return node


def _set_operation(node: exp.SetOperation) -> Expr:
    if not node.args.get("distinct") and not isinstance(node, exp.Union):
        raise cannot(f"{node.key.upper()} ALL")
    return queries.widened(node)


RULES: Mapping[type[Expr], Rule] = {
    **dict.fromkeys((exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod), _arithmetic),
    **dict.fromkeys((exp.BitwiseAnd, exp.BitwiseOr), _arithmetic),
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE), _compared),
    **dict.fromkeys((exp.NullSafeEQ, exp.NullSafeNEQ), _compared),
    **dict.fromkeys((exp.Cast, exp.TryCast), _cast),
    **dict.fromkeys((exp.Union, exp.Except, exp.Intersect), _set_operation),
    **dict.fromkeys((exp.And, exp.Or, exp.Not), _truths),
    **dict.fromkeys((exp.Where, exp.Having), _condition),
    exp.Anonymous: functions.function,
    exp.Between: _between,
    exp.BitwiseLeftShift: _shifted("shiftleft"),
    exp.BitwiseRightShift: _shifted("shiftright"),
    exp.Case: _branches,
    exp.Column: columns.computable,
    exp.DPipe: _joined_texts,
    exp.Glob: patterns.glob,
    exp.ILike: patterns.like,
    exp.In: _member,
    exp.Join: _joined,
    exp.Literal: literal,
}
