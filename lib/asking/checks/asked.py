"""Parts of the question that the query does not mention."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from rapidfuzz import fuzz
from sqlglot import exp

from lib.asking.checks.case import Case
from lib.asking.checks.dates import is_year
from lib.asking.checks.finding import Finding, shown
from lib.asking.checks.probe import Ask, Probe, Step
from lib.asking.checks.question import Number
from lib.asking.checks.reading import Reading
from lib.asking.checks.values import is_text
from lib.asking.checks.words import folded, stem, stems, words
from lib.data.table import Column, Table
from lib.engine.types import is_day_or_time, quoted, text

_MONTHS = "january february march april may june july august september october november december".split()
_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_MONTH = re.compile(
    r"\b(?:(January|February|April|June|July|August|September|October|November|December)"
    r"|(?:in|of|during|since|until|before|after)\s+(March|May))\b"
)
_SCALED = frozenset(
    "hour hours minute minutes second seconds day days week weeks month months year years kg kilogram kilograms kilo"
    " km kilometer kilometers kilometre kilometres mile miles meter meters metre metres foot feet ton tons cm mm"
    " percent % century decade decades dollar dollars cent cents".split()
)
_TIMES = frozenset("day days week weeks month months year years decade decades".split())
_PERCENT = frozenset("% percent pct per".split())
_PLAIN = frozenset("sql id ids ok i csv".split())
MOST_COLUMNS, MOST_NAMES = 24, 3
SMALL_TABLE = 2_000_000
LIKE = 85


def unmentioned_number(case: Case) -> Iterator[Step]:
    """A year, a month or another number of the question that is nowhere in the SQL."""
    if not case.reading.selects:
        return
    exact, near = _numbers(case.reading)
    for one in case.question.numbers:
        if _is_in(one, exact, near):
            continue
        if one.is_year:
            yield from _unless_all(case, one.text, partial(_only_year, one.text))
        elif not case.reading.used or not one.unit.startswith(("st", "nd", "rd", "th")):
            yield _unmentioned("number", f"{one.text} {one.unit}" if one.value != _plain(one.text) else one.text)
    for month in {"".join(one) for one in _MONTH.findall(case.question.text)}:
        number = _MONTHS.index(month.casefold()) + 1
        if number not in exact | near and month[:3].casefold() not in case.reading.sql.casefold():
            yield from _unless_all(case, month, partial(_only_month, number))


def _plain(number: str) -> float:
    """What a number says without the word after it; 0 for one that is spelled."""
    return float(number.replace(",", "")) if number[0].isdigit() else 0


def _numbers(reading: Reading) -> tuple[set[float], set[float]]:
    """The numbers of the query, and those that one more or one less of would also say, as `> 4` says `>= 5`."""
    exact: set[float] = set()
    near: set[float] = set()
    for node in reading.nodes(exp.Literal, exp.Identifier):
        if isinstance(node, exp.Identifier) and (node.arg_key != "this" or isinstance(node.parent, exp.TableAlias)):
            continue  # T1 and T2 are no numbers
        found = {float(one) for one in re.findall(r"\d+(?:\.\d+)?", node.name)} | {
            float(one) for one in re.findall(r"\d+", node.name)
        }
        exact |= found
        if node.find_ancestor(exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.Offset):
            near |= {one + step for one in found for step in (-1, 1)}
        if node.find_ancestor(exp.Between) and len(node.name) == 10:
            near |= {float(node.name[:4]) - 1} if node.name[:4].isdigit() else set()
    return exact, near


def _is_in(one: Number, exact: set[float], near: set[float]) -> bool:
    values = {one.value} | ({one.value / 100} if one.unit in _PERCENT else set()) | ({_plain(one.text)} - {0})
    if values & exact or one.value in near:
        return True
    if one.unit in _TIMES and any(1900 <= m <= 2100 for m in exact):
        return True  # "older than 20 years" as `year < 1993`
    return one.unit in _SCALED and any(m % one.value == 0 or one.value % m == 0 for m in exact if m > 1)


def _unmentioned(what: str, value: str) -> Finding:
    return Finding(
        f"unmentioned_{what}",
        "doubt",
        f'The question says "{shown(value)}" and the query does not; check whether a condition is missing.',
    )


def _unless_all(case: Case, said: str, figure: Callable[[Column], str]) -> Iterator[Step]:
    """Nothing is missing when all the rows there are lie in that time anyway."""
    asks = tuple(
        Ask(f"FROM {quoted(table.name)}", figure(column))
        for table in case.reading.used
        for column in table.columns
        if is_day_or_time(column.type) or (is_year(column) and figure(column))
    )
    asks = tuple(ask for ask in asks if ask.figure)
    if not asks:
        yield _unmentioned("number", said)
    else:
        yield Probe(asks, lambda *all_there: None if any(all_there) else _unmentioned("number", said))


def _only_year(year: str, column: Column) -> str:
    value = quoted(column.name) if is_year(column) else f"year({quoted(column.name)})"
    return f"min({value}) = {year} AND max({value}) = {year}"


def _only_month(month: int, column: Column) -> str:
    if is_year(column):
        return ""
    return f"min(month({quoted(column.name)})) = {month} AND max(month({quoted(column.name)})) = {month}"


def unmentioned_value(case: Case) -> Iterator[Step]:
    """A name of the question that is a value in the tables and that the SQL does not look for."""
    if not case.reading.selects:
        return
    literals = _literals(case.reading)
    known = folded(" ".join(literals))
    foreign = [one for one in literals if folded(one) and not _is_said(one, case.question.text)]
    for name in case.question.quoted:
        if not _is_mentioned(name, known, literals, case) and not foreign:
            yield _unmentioned("value", name)
    names = [one for one in case.question.names if not _is_mentioned(one, known, literals, case)]
    names += _adjectives(case)
    for name in names[:MOST_NAMES]:
        columns = _text_columns(case) if not foreign else []
        if columns:
            asks = tuple(Ask(f"FROM {quoted(table.name)}", _holds(column, name)) for table, column in columns)
            yield Probe(asks, partial(_if_a_value, name, columns))


def _literals(reading: Reading) -> list[str]:
    return [one.name for one in reading.nodes(exp.Literal) if one.is_string]


def _is_said(literal: str, question: str) -> bool:
    core = folded(literal.strip("%"))
    return not core or core in folded(question) or fuzz.partial_ratio(core, folded(question)) >= LIKE


def _is_mentioned(name: str, known: str, literals: list[str], case: Case) -> bool:
    plain = folded(name)
    if not plain or plain in known or any(folded(one) and folded(one) in plain for one in literals):
        return True
    if any(fuzz.partial_ratio(plain, folded(one)) >= LIKE for one in literals if len(folded(one)) > 2):
        return True
    schema = stems(" ".join([case.reading.sql, *(t.name for t in case.reading.used), *_column_names(case.reading)]))
    common = {*_MONTHS, *_DAYS, *_PLAIN}
    return all(stem(word) in schema or word in common for word in words(name))


def _column_names(reading: Reading) -> list[str]:
    return [f"{column.name} {column.label}" for table in reading.used for column in table.columns]


def _adjectives(case: Case) -> list[str]:
    """Words before a table's noun that are a value of it which the query does not use: "female penguins"."""
    found = []
    used = {one.name.casefold() for select in case.reading.selects for one in select.node.find_all(exp.Column)}
    for table in case.reading.used:
        noun = stem((words(table.name) or ("",))[-1])
        befores = {a for a, b in zip(case.question.words, case.question.words[1:], strict=False) if stem(b) == noun}
        for column in table.columns:
            if column.type == "VARCHAR" and column.name.casefold() not in used:
                found += [one for one in befores if one in {folded(value) for value in column.examples}]
    return found


def _text_columns(case: Case) -> list[tuple[Table, Column]]:
    names = {one.name for one in case.reading.used}
    found = [
        (table, column)
        for table in case.reading.used
        for column in table.columns
        if is_text(column) and table.rows <= SMALL_TABLE
    ]
    return found[:MOST_COLUMNS] if names else []


def _holds(column: Column, name: str) -> str:
    cell = f"lower({quoted(column.name)})"
    wanted = text(name.lower())
    return f"bool_or({cell} = {wanted})" if len(name) < 3 else f"bool_or(contains({cell}, {wanted}))"


def _if_a_value(name: str, columns: list[tuple[Table, Column]], *has: bool | None) -> Finding | None:
    found = next((column for (_, column), one in zip(columns, has, strict=True) if one), None)
    if not found:
        return None
    return Finding(
        "unmentioned_value",
        "doubt",
        f'The question says "{shown(name)}", which {shown(found.name)} has, and the query does not look for it; add a'
        " condition.",
    )
