"""Values that a query looks for and that no cell has, or that some cells write in another way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from rapidfuzz import fuzz
from sqlglot import exp

from lib.asking.checks.case import Case
from lib.asking.checks.conditions import Condition, conditions
from lib.asking.checks.dates import is_dated
from lib.asking.checks.finding import Finding, shown
from lib.asking.checks.probe import Ask, Probe, Step
from lib.asking.checks.reading import Base, Reading
from lib.asking.checks.words import folded
from lib.data.table import Column, counted
from lib.engine.types import is_number, text

LEAST_LIKE = 70
"""How alike, of 100, a value must be to be offered."""
FEW_NUMBERS = 60
"""Distinct numbers up to which a column is a list of kinds rather than a measurement."""
CANDIDATES, OTHER_COLUMNS = 100, 40
DISTINCT_ROWS, LENGTH_APART = 200_000, 12
"""Rows of a table up to which all its values are compared; of a larger one, those of about the same length."""
SEARCHED_CELLS = 1_000_000
"""Cells of other columns in which a value is looked for."""
LEAST_PATTERN = 3
"""Letters of a LIKE that are a value rather than a part of one."""
VARIANT_ROWS = 300_000
"""Rows of a table up to which other spellings are looked for: each cell must be folded for it."""


def is_text(column: Column) -> bool:
    """Whether its cells are texts."""
    return column.type == "VARCHAR" or column.type.startswith("ENUM(")


def missing_value(case: Case) -> Iterator[Step]:
    """A filter whose value no cell has, with the nearest one that exists."""
    for one in conditions(case.reading):
        if one.kind == "range" or is_dated(one.base.column):
            continue
        if is_text(one.base.column) and not (one.kind == "like" and len(_core(one)) < LEAST_PATTERN):
            yield _missing_text(case.reading, one)
        elif is_number(one.base.column.type) and one.kind == "equal" and one.literal and not one.literal.is_string:
            yield _missing_number(case.reading, one)


def value_variants(case: Case) -> Iterator[Step]:
    """A filter that takes some cells and leaves others that differ in case or in spaces only."""
    for one in conditions(case.reading):
        if one.kind == "equal" and one.value and is_text(one.base.column) and one.base.table.rows <= VARIANT_ROWS:
            cell = f"lower(trim({one.base.sql}))"
            others = f"FILTER (WHERE {cell} = {text(one.value.strip().lower())} AND NOT ({one.holds}))"
            figures = (f"bool_or({one.holds})", f"count(*) {others}", f"any_value({one.base.sql}) {others}")
            yield Probe(one.base.asks(*figures), _variants(case.reading, one))


def _variants(reading: Reading, one: Condition) -> Callable[..., Finding | None]:
    def judge(found: bool | None, others: int, example: str) -> Finding | None:
        if not found or not others or text(example) in reading.sql:
            return None
        return Finding(
            "value_variants",
            "doubt",
            f'{counted(others, "row")} with {reading.name(one.base)} "{shown(example)}" do not count as'
            f' "{shown(one.value)}"; compare without case and spaces to take them in.',
        )

    return judge


def _missing_text(reading: Reading, one: Condition) -> Probe:
    """Whether a cell has it; the values that are most like it and the other columns that have it are only looked for
    when none has."""
    core = _core(one)
    others = _other_columns(reading, one.base) if core else []
    wanted = text(core.lower())
    asks = list(one.base.asks(f"bool_or({one.holds})"))
    if core:
        asks.append(_nearest(one, wanted))
    asks += [Ask(f"{other.rows}, {_unless_found(one)}", f"bool_or(lower({other.sql}) = {wanted})") for other in others]

    def judge(found: bool | None, candidates: list[str] | None = None, *have: bool | None) -> Finding | None:
        if found:
            return None
        if not core:
            return _no_cell(reading, one, "")
        nearest = best(core, candidates or [])
        other = next((column for column, one_has in zip(others, have, strict=True) if one_has), None)
        if other and folded(nearest) != folded(core):
            return _elsewhere(reading, one, other)
        return _spelled(reading, one, nearest)

    return Probe(tuple(asks), judge)


def _unless_found(one: Condition) -> str:
    """No row when a cell has the value, else one: what is joined with it costs little when all is well."""
    return f"(SELECT 1 {one.base.rows} HAVING bool_or({one.holds}) IS NOT TRUE)"


def _nearest(one: Condition, wanted: str) -> Ask:
    cells = (
        f"SELECT {one.base.sql}::VARCHAR AS v {one.base.rows}, {_unless_found(one)} WHERE {one.base.sql} IS NOT NULL"
    )
    likeness = f"jaro_winkler_similarity(lower(v), {wanted})"
    if one.base.table.rows > DISTINCT_ROWS:
        near = f"abs(length(v) - length({wanted})) <= {LENGTH_APART}"
        return Ask(
            f"FROM (FROM ({cells}) WHERE {near} ORDER BY {likeness} DESC LIMIT {CANDIDATES})", "list(DISTINCT v)"
        )
    likeness += f" + contains(lower(v), {wanted})::INT"
    return Ask(f"FROM (SELECT DISTINCT v FROM ({cells}))", f"arg_max(v, {likeness}, {CANDIDATES})")


def _other_columns(reading: Reading, base: Base) -> list[Base]:
    """The text columns in which a value may be that is not in its own: those of its table first."""
    tables = [base.table, *(one for one in reading.tables if one.name != base.table.name)]
    found: list[Base] = []
    cells = 0
    for table in tables:
        for column in table.columns:
            if is_text(column) and column != base.column and cells + table.rows <= SEARCHED_CELLS:
                cells += table.rows
                found.append(Base(table, column, ""))
    return found[:OTHER_COLUMNS]


def _elsewhere(reading: Reading, one: Condition, other: Base) -> Finding:
    if other.table.name == one.base.table.name:
        way_out = f", but {shown(other.column.name)} has it; compare that column"
        return _no_cell(reading, one, way_out, _with_column(reading, one, other.column))
    name = shown(f"{other.table.name}.{other.column.name}")
    return _no_cell(reading, one, f", but {name} has it; join {shown(other.table.name)} and compare that column")


def _spelled(reading: Reading, one: Condition, nearest: str) -> Finding | None:
    if not nearest:
        return _no_cell(reading, one, " and none is like it; look the value up in the table")
    if text(nearest) in reading.sql:
        return None  # the query takes both spellings to be safe
    said = f'the nearest is "{shown(nearest)}", use it'
    if shown(nearest) == shown(one.value):
        said = "the cells have other spaces in it, use theirs"
    if not one.literal:
        return _no_cell(reading, one, "")
    value = nearest
    if one.kind == "like":
        value = re.sub(r"(%*)[^%]*(%*)", lambda found: found[1] + nearest + found[2], one.value, count=1)
    return _no_cell(reading, one, f"; {said}", reading.with_replaced(one.literal, exp.Literal.string(value)))


def _no_cell(reading: Reading, one: Condition, way_out: str, sql: str = "") -> Finding:
    name = reading.name(one.base)
    if not one.literal:
        message = f"No row has {shown(one.sql)}; look at the values of {name}."
    else:
        verb = "is like" if one.kind == "like" else "is"
        message = f'No cell of {name} {verb} "{shown(one.value)}"{way_out}.'
    return Finding("missing_value", "problem", message, sql)


def _with_column(reading: Reading, one: Condition, other: Column) -> str:
    column = one.node.find(exp.Column)
    if not column:
        return ""
    new = exp.column(exp.to_identifier(other.name, quoted=True), column.args.get("table"))
    return reading.with_replaced(column, new)


def best(wanted: str, candidates: list[str]) -> str:
    """The candidate most like the value, or "" when none is like it. One letter stands for what begins with it."""
    if len(wanted) == 1:
        begun = [one for one in candidates if one.casefold().startswith(wanted.casefold())]
        return begun[0] if len(begun) == 1 else ""
    scored = [(_likeness(folded(wanted), folded(one)), -len(one), one) for one in candidates]
    score, _, found = max(scored, default=(0, 0, ""))
    return found if score >= LEAST_LIKE else ""


def _likeness(one: str, other: str) -> float:
    if not one or not other:
        return 0
    pieces = min(len(one), len(other)) >= LEAST_PATTERN
    parts = fuzz.token_set_ratio(one, other) * 0.9 if pieces else 0
    short = LEAST_LIKE + len(other) / len(one) if pieces and one.startswith(other) else 0
    return max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other), parts, short)


def _core(one: Condition) -> str:
    """The value that a condition looks for, "" if it is a pattern with more than one piece of text."""
    if one.kind != "like":
        return one.value.strip()
    core = one.value.strip("%")
    return "" if "%" in core or "_" in core else core.strip()


def _missing_number(reading: Reading, one: Condition) -> Probe:
    column = one.base.sql
    figures = (
        f"bool_or({one.holds})",
        f"approx_count_distinct({column})",
        f"min({column})",
        f"max({column})",
        f"arg_min({column}, abs({column} - ({one.value})))",
    )

    def judge(found: bool | None, distinct: int, low: float, high: float, nearest: float) -> Finding | None:
        if found or low is None:
            return None
        if distinct > FEW_NUMBERS and low <= float(one.value) <= high:
            return None
        return Finding(
            "missing_value",
            "problem",
            f"No cell of {reading.name(one.base)} is {one.value}: they go from {low:g} to {high:g}, and {nearest:g}"
            " is the nearest.",
        )

    return Probe(one.base.asks(*figures), judge)
