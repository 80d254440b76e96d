"""Dates and times on Spark: TIMESTAMP_NTZ, a moment without a time zone, is what the engine calls TIMESTAMP."""

from __future__ import annotations

import datetime as dt
import re

from sqlglot import exp
from sqlglot.expressions import Expr

from lib.asking.bridge.build import call, copied, literal_text, null, number_literal, text_literal
from lib.asking.bridge.kinds import Kind, kind, known
from lib.asking.bridge.spark.casts import cast, tried
from lib.asking.bridge.spark.patterns import as_text, matching
from lib.asking.bridge.spark.refusing import cannot

_CLOCK = r"\d\d:\d\d(:\d\d(\.\d+)?)?"
_MOMENT = rf"^(\d{{4}}-\d\d-\d\d([ T]{_CLOCK}Z?)?)\s*$"
_TIME = rf"^({_CLOCK})\s*$"
_FORMS = {"Y": "yyyy", "m": "MM", "d": "dd", "H": "HH", "M": "mm", "S": "ss", "g": "SSS", "j": "DDD"}
_INTERVALS = {"to_days": 0, "to_hours": 1, "to_minutes": 2, "to_seconds": 3, "to_years": 0, "to_months": 1}


def to_date(value: Expr) -> Expr:
    if kind(value) is Kind.DATE:
        return value
    if kind(value) is Kind.TIMESTAMP or literal_text(value) is not None:
        return cast(value, "DATE", Kind.DATE)
    raise cannot("CAST to DATE", "Use DATE(x).")


def to_moment(value: Expr) -> Expr:
    """A text is a moment when it is written like SQLite's; every other is none."""
    match kind(value):
        case Kind.TIMESTAMP:
            return value
        case Kind.DATE:
            return cast(value, "TIMESTAMP_NTZ", Kind.TIMESTAMP)
        case Kind.TEXT if (written := literal_text(value)) is not None:
            return _fixed(written)
        case Kind.TEXT:
            return tried(matching(value, _MOMENT), "TIMESTAMP_NTZ", Kind.TIMESTAMP)
        case _ if isinstance(value, exp.Null):
            return cast(value, "TIMESTAMP_NTZ", Kind.TIMESTAMP)
    raise cannot("CAST to TIMESTAMP", "Use DATETIME(x).")


def _fixed(written: str) -> Expr:
    found = re.match(f"(?a:{_MOMENT})", written)
    try:
        moment = dt.datetime.fromisoformat(found[1].removesuffix("Z")) if found else None
    except ValueError:
        moment = None
    value = null() if moment is None else text_literal(moment.isoformat(sep=" "))
    return cast(value, "TIMESTAMP_NTZ", Kind.TIMESTAMP)


def on_first_day(value: Expr) -> Expr:
    """A time of day is one of the first day of 2000; it stands in for the sum of both."""
    clock = call("nullif", matching(value, _TIME), text_literal(""), kind=Kind.TEXT)
    return tried(exp.DPipe(this=text_literal("2000-01-01 "), expression=clock), "TIMESTAMP_NTZ", Kind.TIME)


def moved(node: exp.Binary) -> Expr:
    """A moment and an interval, or the days between two moments."""
    right: Expr = node.expression
    return known(right, Kind.TIMESTAMP) if kind(right) is Kind.TIME else node


def interval(node: exp.Anonymous) -> Expr:
    """TO_DAYS(n) and its like."""
    [count] = node.expressions
    place = _INTERVALS[node.name]
    maker = "make_ym_interval" if node.name in ("to_years", "to_months") else "make_dt_interval"
    type_ = "DECIMAL(18, 6)" if place == 3 else "INT"
    return call(maker, *(number_literal("0") for _ in range(place)), cast(count, type_, kind(count)))


def truncated(node: exp.Anonymous) -> Expr:
    unit, moment = node.expressions
    return cast(call("date_trunc", unit, moment), "TIMESTAMP_NTZ", Kind.TIMESTAMP)


def from_microseconds(node: exp.Anonymous) -> Expr:
    return cast(call("timestamp_micros", *node.expressions), "TIMESTAMP_NTZ", Kind.TIMESTAMP)


def now(node: exp.Anonymous) -> Expr:
    return call("current_timestamp")


def microseconds(node: exp.Anonymous) -> Expr:
    return call("unix_micros", *node.expressions, kind=Kind.INTEGER)


def seconds(node: exp.Anonymous) -> Expr:
    """EPOCH(x), with fractions."""
    [moment] = node.expressions
    micros = call("unix_micros", cast(moment, "TIMESTAMP", Kind.TIMESTAMP), kind=Kind.INTEGER)
    return known(exp.Paren(this=exp.Div(this=micros, expression=exp.Literal.number("1e6D"))), Kind.REAL)


def weekday(node: exp.Anonymous) -> Expr:
    """Sunday is 0 for the engine and 1 for Spark."""
    return known(exp.Paren(this=exp.Sub(this=node, expression=number_literal("1"))), Kind.INTEGER)


def printed(node: exp.Anonymous) -> Expr:
    """STRFTIME(moment, format) in parts that Spark prints at once."""
    moment, form = node.expressions
    written = literal_text(form)
    if written is None or kind(moment) not in (Kind.TIMESTAMP, Kind.DATE):
        raise cannot("This use of STRFTIME", "Write STRFTIME('%Y-%m', x).")
    parts = [_part(moment, one) for one in re.split("(?<!%)((?:%%)*)(%[wW])", written) if one]
    made = parts[0] if parts else text_literal("")
    for one in parts[1:]:
        made = exp.DPipe(this=made, expression=one)
    return known(made, Kind.TEXT)


def _part(moment: Expr, form: str) -> Expr:
    if form == "%w":
        return as_text(weekday(call("dayofweek", copied(moment), kind=Kind.INTEGER)))
    if form == "%W":
        return _week(moment)
    pieces = re.findall("%(.)|([^%]+)", form)
    made = "".join(_form(letter) if letter else _quoted(text) for letter, text in pieces)
    return call("date_format", copied(moment), text_literal(made), kind=Kind.TEXT)


def _week(moment: Expr) -> Expr:
    """The week of the year, counted from its first Monday: (day of the year + 6 - days since Monday) / 7."""
    since_monday = exp.Mod(
        this=exp.Paren(this=exp.Add(this=call("dayofweek", copied(moment)), expression=number_literal("5"))),
        expression=number_literal("7"),
    )
    days = exp.Add(this=call("dayofyear", copied(moment)), expression=number_literal("6"))
    week = exp.IntDiv(this=exp.Paren(this=exp.Sub(this=days, expression=since_monday)), expression=number_literal("7"))
    return call("lpad", cast(week, "STRING", Kind.TEXT), number_literal("2"), text_literal("0"), kind=Kind.TEXT)


def _form(letter: str) -> str:
    if letter == "%":
        return _quoted("%")
    if letter not in _FORMS:
        raise cannot(f"STRFTIME's %{letter}", "Use %Y %m %d %H %M %S %f %j %w %W %s or %J.")
    return _FORMS[letter]


def _quoted(text: str) -> str:
    return re.sub("[A-Za-z']+", lambda found: "'" + found[0].replace("'", "''") + "'", text)
