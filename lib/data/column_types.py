"""Which type a column of text can have without losing anything, decided by all of its values.

Only what reads back as it was written becomes a number or a date: text with leading zeros, plus signs or more than
15 digits before the point (postcodes, telephone numbers, account numbers) stays text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

import duckdb

from lib.data.table import Note
from lib.engine.types import quoted

Item = TypeVar("Item")

MISSING = ("", "na", "n/a", "#n/a", "null", "none", "nan", "-", "--")
TYPES = ("BIGINT", "DOUBLE", "DATE", "TIMESTAMP")
FIRST_ROWS = 20_000
COLUMNS_AT_ONCE = 100

# A mantissa with at most 15 digits before its point; an exponent counts only beside a point or with a sign,
# because 12E4 is as often a code as a number.
_DOUBLE = (
    r"-?((0|[1-9][0-9]{0,14})(\.[0-9]*)?([eE][+-][0-9]{1,3})?"
    r"|(0|[1-9][0-9]{0,14})\.[0-9]*[eE][0-9]{1,3}"
    r"|\.[0-9]+([eE][+-]?[0-9]{1,3})?)"
)
_TIMESTAMP = r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?)?"

PRESENT = f"CASE WHEN lower(trim(v)) IN {MISSING} THEN NULL ELSE trim(v) END"
FITS = {
    "BIGINT": "TRY_CAST(v AS BIGINT)::VARCHAR = v AND length(v) <= 15 + starts_with(v, '-')::INT",
    "DOUBLE": f"regexp_full_match(v, '{_DOUBLE}') AND isfinite(TRY_CAST(v AS DOUBLE))",
    "DATE": "TRY_CAST(v AS DATE)::VARCHAR = v AND length(v) = 10",
    "TIMESTAMP": f"regexp_full_match(v, '{_TIMESTAMP}') AND TRY_CAST(v AS TIMESTAMP) IS NOT NULL",
}
DIGITS = "length(ltrim(translate(split_part(lower(v), 'e', 1), '-.', ''), '0'))"


@dataclass(frozen=True)
class Kind:
    """The type of a column, and how many of its cells hold a mark for "missing" or lose digits.

    `filled` says whether it has any value at all, `plain` that each of them can be cast as it stands.
    """

    type: str
    marks: int = 0
    rounded: int = 0
    filled: bool = True
    plain: bool = False


@dataclass(frozen=True)
class _Counts:
    """Of one column: cells that are not empty, those of them that are no mark for "missing", and what these fit."""

    cells: int = 0
    present: int = 0
    rounded: int = 0
    fits: tuple[int, ...] = (0,) * len(TYPES)

    def possible(self) -> tuple[str, ...]:
        return tuple(one for one, fits in zip(TYPES, self.fits, strict=True) if fits == self.present)


def decide(con: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str]) -> tuple[Kind, ...]:
    """The types of the text columns of a relation (anything that can stand after FROM), in their order."""
    first = _count(con, f"(SELECT * FROM {relation} LIMIT {FIRST_ROWS})", columns)
    counted = con.execute(f"SELECT count(*) FROM (SELECT 1 FROM {relation} LIMIT {FIRST_ROWS})").fetchone()
    if counted is None or counted[0] < FIRST_ROWS:
        return tuple(_kind(first[one]) for one in columns)
    # The first rows only rule out types. The simplest one that they leave is checked with every row; the columns
    # that it does not fit as they are have marks, or another type, and are looked at cell by cell.
    kinds = {one: Kind("VARCHAR") for one in columns}
    likely = {one: first[one].possible()[0] for one in columns if first[one].possible()}
    kinds |= _fitting(con, relation, {one: kind for one, kind in likely.items() if first[one].cells})
    unclear = [one for one in likely if kinds[one].type == "VARCHAR"]
    if unclear:
        kinds |= {one: _kind(counts) for one, counts in _count(con, relation, unclear).items()}
    return tuple(kinds[one] for one in columns)


def _fitting(con: duckdb.DuckDBPyConnection, relation: str, likely: Mapping[str, str]) -> dict[str, Kind]:
    """Of the columns with a likely type, those whose every value fits it."""
    found = {}
    for some in _batched(likely.items(), COLUMNS_AT_ONCE):
        terms = []
        for column, kind in some:
            name = quoted(column)
            rounded = f"length({name}) > 18 AND {_about(DIGITS, name)} > 17" if kind == "DOUBLE" else "false"
            terms += [f"count({name}) - count(*) FILTER ({_about(FITS[kind], name)})", f"count_if({rounded})"]
        answer = con.execute(f"SELECT {', '.join(terms)} FROM {relation}").fetchone() or ()
        for (column, kind), (others, rounded) in zip(some, _batched(answer, 2), strict=True):
            if not others:
                found[column] = Kind(kind, rounded=rounded, plain=True)
    return found


def _about(expression: str, name: str) -> str:
    return re.sub(r"\bv\b", lambda _: name, expression)


def _batched(items: Iterable[Item], size: int) -> Iterator[tuple[Item, ...]]:
    """As itertools.batched, which came with Python 3.12."""
    source = iter(items)
    while some := tuple(islice(source, size)):
        yield some


def _count(con: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str]) -> dict[str, _Counts]:
    """One row a cell, so that the query has the same few expressions for ten columns and for ten thousand."""
    fits = ", ".join(f"count(*) FILTER ({FITS[one]})" for one in TYPES)
    cells = f"UNPIVOT {relation} ON {', '.join(map(quoted, columns))} INTO NAME n VALUE v"
    asked = (
        f"SELECT n, sum(cells)::BIGINT, count(v), count(*) FILTER (length(v) > 18 AND {DIGITS} > 17), {fits}"
        f" FROM (SELECT n, 1 AS cells, {PRESENT} AS v FROM ({cells})) GROUP BY n"
    )
    found = dict.fromkeys(columns, _Counts())
    for name, filled, present, rounded, *counts in con.execute(asked).fetchall():
        found[name] = _Counts(filled, present, rounded, tuple(counts))
    return found


def _kind(one: _Counts) -> Kind:
    possible = one.possible() if one.present else ()
    if not possible:
        return Kind("VARCHAR", filled=one.cells > 0)
    kind = possible[0]
    return Kind(kind, one.cells - one.present, one.rounded if kind == "DOUBLE" else 0)


def cast(column: str, kind: Kind) -> str:
    """The expression that gives the column its type. What does not convert is a mark for "missing"."""
    name = quoted(column)
    if kind.type == "VARCHAR" or kind.plain:
        return f"{name}::{kind.type}"
    # Without trim, DuckDB moves the cast into its CSV reader, where TRY_CAST fails like CAST.
    tried = f"TRY_CAST(trim({name}) AS {kind.type})"
    # "nan" is the one mark that converts.
    return f"CASE WHEN isnan({tried}) THEN NULL ELSE {tried} END" if kind.type == "DOUBLE" and kind.marks else tried


def notes(name: str, kind: Kind) -> tuple[Note, ...]:
    """What giving the column its type did to its cells."""
    said = []
    if kind.marks:
        said.append(Note("missing", f'{_cells(kind.marks)} of "{name}" with a mark such as NA: read as missing.'))
    if kind.rounded:
        said.append(Note("rounded", f'{_cells(kind.rounded)} of "{name}" with more than 17 digits: rounded.'))
    return tuple(said)


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count:,} cells"
