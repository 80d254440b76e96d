"""SQLite's date functions: a moment is read, moved by modifiers and printed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sqlglot import exp
from sqlglot.expressions import Expr

from lib.asking.bridge.build import (
    as_integer,
    as_number,
    as_text,
    call,
    cast,
    coalesce,
    copied,
    grouped,
    is_number,
    literal_text,
    looks_like_number,
    number_literal,
    text_literal,
    try_cast,
    when,
)
from lib.asking.bridge.kinds import Kind, kind, known
from lib.asking.bridge.notes import Notes
from lib.errors import CannotTranslate

_EPOCH_DAY = "2440587.5"
_LAST_DAY = "5373484"
_MOVE = re.compile(r"([+-]?)\s*(\d+(?:\.\d+)?|\.\d+)\s*(second|minute|hour|day|month|year)s?")
_CLOCK = re.compile(r"([+-]?)(\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?")
_TIME_ALONE = re.compile(r"\d\d:\d\d(:\d\d(\.\d+)?)?")
_UNIT_AT_END = re.compile(r"\s*(second|minute|hour|day|month|year)s?\s*")
_SAME = frozenset("aAbBdGHIjmMpSuUVwWyY%")
_LONGER = {"f": "%S.%g", "F": "%Y-%m-%d", "T": "%H:%M:%S", "R": "%H:%M"}
_MODIFIERS = "'+N days' (or seconds, minutes, hours, months, years), 'start of month', 'weekday N', 'unixepoch'"


def date(node: exp.Anonymous, notes: Notes) -> Expr:
    """DATE(x, ...) is a date, which prints as SQLite's text."""
    if len(node.expressions) == 1 and kind(node.expressions[0]) in (Kind.DATE, Kind.TIMESTAMP):
        return known(node, Kind.DATE)
    notes.add("date_function")
    return cast(_moment_of(node.expressions, notes), "DATE", Kind.DATE)


def time(node: exp.Anonymous, notes: Notes) -> Expr:
    notes.add("date_function")
    return _printed(_moment_of(node.expressions, notes, clock=True), "%H:%M:%S")


def datetime(node: exp.Anonymous, notes: Notes) -> Expr:
    notes.add("date_function")
    return _printed(_moment_of(node.expressions, notes), "%Y-%m-%d %H:%M:%S")


def julianday(node: exp.Anonymous, notes: Notes) -> Expr:
    notes.add("date_function")
    return _julian_day(_moment_of(node.expressions, notes))


def unixepoch(node: exp.Anonymous, notes: Notes) -> Expr:
    notes.add("date_function")
    return _seconds(_moment_of(node.expressions, notes))


def strftime(node: exp.Anonymous, notes: Notes) -> Expr:
    """STRFTIME(format, x, ...); the engine's own order of arguments is known by the place of the format."""
    form, *rest = node.expressions
    if "%" not in (literal_text(form) or "") and rest and "%" in (literal_text(rest[0]) or ""):
        if kind(form) in (Kind.DATE, Kind.TIMESTAMP, Kind.UNKNOWN):
            return known(node, Kind.TEXT)
        form, rest = rest[0], [form, *rest[1:]]
    notes.add("date_function")
    written = literal_text(form)
    if written is None:
        raise CannotTranslate(
            "STRFTIME needs its format as a fixed text here.", "Write the format in quotes, like '%Y-%m'."
        )
    clock = re.search("%[HMSfTRs]", written) is not None
    moment = _moment_of(rest, notes, clock=clock)
    pieces = [_piece(moment, one) for one in _pieces(written)]
    made = pieces[0] if pieces else text_literal("")
    for one in pieces[1:]:
        made = exp.DPipe(this=made, expression=one)
    return known(made, Kind.TEXT, digits=re.fullmatch("(%[YmdHMSjwWsuUV])+", written) is not None)


def current(node: Expr, notes: Notes) -> Expr:
    """CURRENT_DATE, CURRENT_TIME and CURRENT_TIMESTAMP are those of UTC."""
    notes.add("utc")
    if isinstance(node, exp.CurrentDate):
        return cast(_now(), "DATE", Kind.DATE)
    return _printed(_now(), "%H:%M:%S" if isinstance(node, exp.CurrentTime) else "%Y-%m-%d %H:%M:%S")


def _moment_of(arguments: Sequence[Expr], notes: Notes, *, clock: bool = False) -> Expr:
    """A TIMESTAMP out of a time value and its modifiers; `clock` says that a time of day alone makes sense."""
    if not arguments:
        notes.add("utc")
        return _now()
    value, *modifiers = arguments
    first = (literal_text(modifiers[0]) or "").strip().lower() if modifiers else ""
    if first in ("unixepoch", "julianday", "auto"):
        moment = _from_number(as_number(value), first)
        modifiers = modifiers[1:]
    else:
        moment = _moment(value, notes, clock)
    for one in modifiers:
        moment = _moved(moment, one, notes)
    return moment


def _moment(value: Expr, notes: Notes, clock: bool) -> Expr:
    written = literal_text(value)
    if written is not None and written.strip().lower() == "now":
        notes.add("utc")
        return _now()
    if written is not None and _TIME_ALONE.fullmatch(written.strip()):
        return try_cast(text_literal(f"2000-01-01 {written.strip()}"), "TIMESTAMP", Kind.TIMESTAMP)
    if written is not None and looks_like_number(written):
        return _from_number(number_literal(written.strip()), "julianday")
    match kind(value):
        case Kind.TIMESTAMP:
            return value
        case Kind.DATE:
            return cast(value, "TIMESTAMP", Kind.TIMESTAMP)
        case Kind.TIME:
            return _on_first_day(value)
        case _ if is_number(value):
            return _from_number(as_number(value), "julianday")
    read = try_cast(value, "TIMESTAMP", Kind.TIMESTAMP)
    if not clock or written is not None:
        return read
    return coalesce(read, _on_first_day(try_cast(copied(value), "TIME", Kind.TIME)), kind=Kind.TIMESTAMP)


def _on_first_day(time: Expr) -> Expr:
    """SQLite puts a time without a date on the first day of 2000."""
    day = cast(text_literal("2000-01-01"), "DATE", Kind.DATE)
    return known(exp.Paren(this=exp.Add(this=day, expression=time)), Kind.TIMESTAMP)


def _from_number(value: Expr, unit: str) -> Expr:
    """A moment out of seconds since 1970 or out of a Julian day; 'auto' takes the small ones as days."""
    microseconds = exp.Mul(this=grouped(copied(value)), expression=number_literal("1e6"))
    since = exp.Paren(this=exp.Sub(this=grouped(copied(value)), expression=number_literal(_EPOCH_DAY)))
    days = exp.Mul(this=since, expression=number_literal("864e8"))
    from_seconds = call("make_timestamp", try_cast(microseconds, "BIGINT", Kind.INTEGER), kind=Kind.TIMESTAMP)
    from_days = call("make_timestamp", try_cast(days, "BIGINT", Kind.INTEGER), kind=Kind.TIMESTAMP)
    if unit == "unixepoch":
        return from_seconds
    within = exp.Between(this=grouped(value), low=number_literal("0"), high=number_literal(_LAST_DAY))
    otherwise = from_seconds if unit == "auto" else None
    return when((within, from_days), otherwise=otherwise, kind=Kind.TIMESTAMP)


def _moved(moment: Expr, modifier: Expr, notes: Notes) -> Expr:
    written = literal_text(modifier)
    if written is None:
        return _moved_by_expression(moment, modifier)
    text = written.strip().lower()
    if found := _MOVE.fullmatch(text):
        return _plus(moment, number_literal(("-" if found[1] == "-" else "") + found[2]), found[3], written)
    if found := _CLOCK.fullmatch(text):
        seconds = int(found[2]) * 3600 + int(found[3]) * 60 + float(found[4] or 0)
        return _plus(moment, number_literal(f"{'-' if found[1] == '-' else ''}{seconds:g}"), "second", written)
    if text in ("start of day", "start of month", "start of year"):
        return call("date_trunc", text_literal(text[9:]), moment, kind=Kind.TIMESTAMP)
    if re.fullmatch("weekday [0-6]", text):
        return _to_weekday(moment, text[-1])
    if text in ("localtime", "utc"):
        notes.add("utc")
        return moment
    raise CannotTranslate(f"The date modifier '{written}' is not known.", f"Use one of {_MODIFIERS}.")


def _moved_by_expression(moment: Expr, modifier: Expr) -> Expr:
    """'-' || n || ' days' and its like: one number between an optional sign and a unit."""
    pieces = list(_joined(modifier))
    sign = literal_text(pieces[0]) if len(pieces) == 3 else ""
    unit = _UNIT_AT_END.fullmatch((literal_text(pieces[-1]) or "").lower())
    if unit is None or len(pieces) not in (2, 3) or sign is None or sign.strip() not in ("", "+", "-"):
        raise CannotTranslate(
            "This date modifier is put together in a way that cannot be read before the query runs.",
            "Write it like '+' || n || ' days'.",
        )
    number = pieces[-2]
    if isinstance(number, exp.Cast) and kind(number.this) is not Kind.TEXT:
        number = number.this
    count = as_integer(number)
    return _plus(moment, known(exp.Neg(this=grouped(count)), Kind.INTEGER) if sign == "-" else count, unit[1], "")


def _joined(node: Expr) -> Iterator[Expr]:
    if isinstance(node, exp.Paren):
        yield from _joined(node.this)
    elif isinstance(node, exp.DPipe):
        yield from _joined(node.this)
        yield from _joined(node.expression)
    else:
        yield node


def _plus(moment: Expr, count: Expr, unit: str, written: str) -> Expr:
    whole = kind(count) is Kind.INTEGER
    if unit in ("month", "year"):
        if not whole:
            raise CannotTranslate(f"'{written}' moves a date by a part of a {unit}.", "Use whole months or days.")
        return _plus_months(moment, count, unit)
    if unit in ("day", "hour", "minute") and not whole:
        factor = {"day": 86400, "hour": 3600, "minute": 60}[unit]
        count, unit = exp.Mul(this=count, expression=number_literal(str(factor))), "second"
    return _sum(moment, call(f"to_{unit}s", count))


def _plus_months(moment: Expr, count: Expr, unit: str) -> Expr:
    """31 January and one month is 2 or 3 March in SQLite: the days go on from the new month's first."""
    start = call("date_trunc", text_literal("month"), copied(moment), kind=Kind.TIMESTAMP)
    rest = exp.Paren(this=exp.Sub(this=grouped(moment), expression=copied(start)))
    return _sum(_sum(start, call(f"to_{unit}s", count)), rest)


def _to_weekday(moment: Expr, day: str) -> Expr:
    behind = exp.Sub(this=number_literal(str(int(day) + 7)), expression=call("dayofweek", copied(moment)))
    days = exp.Mod(this=exp.Paren(this=behind), expression=number_literal("7"))
    return _sum(moment, call("to_days", cast(days, "INTEGER", Kind.INTEGER)))


def _sum(left: Expr, right: Expr) -> Expr:
    return known(exp.Paren(this=exp.Add(this=left, expression=right)), Kind.TIMESTAMP)


def _now() -> Expr:
    return call("make_timestamp", call("epoch_us", call("now")), kind=Kind.TIMESTAMP)


def _julian_day(moment: Expr) -> Expr:
    days = exp.Div(this=call("epoch", moment), expression=number_literal("86400.0"))
    return known(exp.Paren(this=exp.Add(this=days, expression=number_literal(_EPOCH_DAY))), Kind.REAL)


def _seconds(moment: Expr) -> Expr:
    return cast(call("floor", call("epoch", moment)), "BIGINT", Kind.INTEGER)


def _printed(moment: Expr, form: str) -> Expr:
    return call("strftime", moment, text_literal(form), kind=Kind.TEXT)


def _pieces(written: str) -> list[str]:
    """The format in parts that the engine prints at once: %s and %J stand alone."""
    return [one for one in re.split("(?<!%)((?:%%)*)(%[sJ])", written) if one]


def _piece(moment: Expr, form: str) -> Expr:
    if form == "%s":
        return as_text(_seconds(copied(moment)))
    if form == "%J":
        return as_text(_julian_day(copied(moment)))
    return _printed(copied(moment), re.sub("%(.?)", _engine_form, form))


def _engine_form(found: re.Match[str]) -> str:
    letter = found[1]
    if letter in _LONGER:
        return _LONGER[letter]
    if letter in _SAME and letter:
        return f"%{letter}"
    raise CannotTranslate(f"STRFTIME does not know '%{letter}'.", "Use %Y %m %d %H %M %S %f %j %w %W %s or %J.")
