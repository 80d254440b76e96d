"""Which type a column of text can have without losing anything, decided by all of its values.

Only what can be written back becomes a number or a date. Each repair on the way there is a remark; where the cells
contradict each other, or a number would lose something, the column stays text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeVar

import duckdb

from lib.data import dates, numbers
from lib.data.kind import Kind, Remark
from lib.data.table import Note
from lib.engine.types import quoted

Item = TypeVar("Item")

MISSING = (
    "", "-", "--", "---", "—", "–", ".", "..", "...", "…", "?", "na", "n/a", "n.a.", "#n/a", "<na>", "nan", "nat",
    "nil", "null", "<null>", "(null)", "\\n", "none", "(none)", "missing", "unknown", "blank", "(blank)",
    "#ref!", "#div/0!", "#value!", "#num!", "#name?", "#null!",
)  # fmt: skip
_MARKS = ", ".join(f"'{one}'" for one in MISSING)
TYPES = ("BIGINT", "DOUBLE", "DATE", "TIMESTAMP")
FIRST_ROWS = 20_000
COLUMNS_AT_ONCE = 100
_SPACES = " \t\r\n\u00a0\u202f"

PLAIN = {
    "BIGINT": numbers.PLAIN_WHOLE,
    "DOUBLE": numbers.PLAIN,
    "DATE": dates.ISO_DATE,
    "TIMESTAMP": dates.ISO_TIMESTAMP,
}
_LONG_AS_MISFIT = f"({numbers.PLAIN}) AND NOT ({numbers.LONG})"
_GUARDED = {**PLAIN, "DOUBLE": _LONG_AS_MISFIT}
MISFIT = "does not fit the type of its column"


@dataclass(frozen=True)
class _Counts:
    """Of one column: cells that are not empty, those of them that are no mark for "missing", and what these fit.

    `either` counts the numbers whose point could separate thousands, `numbers` and `dates` what could be one of them.
    """

    cells: int = 0
    present: int = 0
    long: int = 0
    either: int = 0
    numbers: int = 0
    dates: int = 0
    fits: tuple[int, ...] = (0,) * len(TYPES)

    @property
    def plain(self) -> str:
        """The simplest type that fits all cells as they are; empty if none does."""
        possible = (one for one, fits in zip(TYPES, self.fits, strict=True) if fits == self.present)
        return next(possible, "") if self.present else ""

    @property
    def settled(self) -> bool:
        """Whether the plain type says it all: no marks, nothing rounded, one way to read it."""
        return bool(self.plain) and self.present == self.cells and not self.long and not self.decorated_number

    @property
    def decorated_number(self) -> bool:
        """Whether these cells may be numbers that need a closer look."""
        if self.plain:
            return self.plain == "DOUBLE" and self.either == self.present
        return 0 < self.present == self.numbers and not self.decorated_date

    @property
    def decorated_date(self) -> bool:
        return not self.plain and 0 < self.present == self.dates

    @property
    def evident(self) -> str:
        """A number with a point that cannot separate thousands proves that points are decimal points."""
        return numbers.POINT if self.plain == "DOUBLE" and self.either < self.present else ""


def decide(
    con: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str], trust: bool = False
) -> tuple[Kind, ...]:
    """The kinds of the text columns of a relation (anything that can stand after FROM), in their order.

    With `trust`, a plain type that the first rows suggest is not checked with the others: its kind is not `sure`, and
    `cast` raises for a cell that does not fit.
    """
    counted = con.execute(f"SELECT count(*) FROM (SELECT 1 FROM {relation} LIMIT {FIRST_ROWS})").fetchone()
    if counted is None or counted[0] < FIRST_ROWS:
        found = _count(con, relation, columns)
        kinds = _closer(con, relation, found, found) | _plain(found)
        return tuple(kinds[one] for one in columns)
    first = f"(SELECT * FROM {relation} LIMIT {FIRST_ROWS})"
    found = _count(con, first, columns)
    # The first rows only rule out types. What is left is checked with every row: a plain type by itself, the columns
    # that it does not fit as they are, and those that need it anyway, cell by cell.
    likely = {one: counts.plain for one, counts in found.items() if counts.settled}
    fitting = {one: Kind(kind, trimmed=False, sure=False) for one, kind in likely.items()}
    if not trust:
        fitting = _fitting(con, relation, likely)
    open_ = [one for one in columns if one not in fitting and (one in likely or _is_open(found[one]))]
    whole = found | (_count(con, relation, open_) if open_ else {})
    unclear = {one: whole[one] for one in columns if one not in fitting}
    kinds = _closer(con, relation, unclear, whole, first) | _plain(unclear) | fitting
    return tuple(kinds[one] for one in columns)


def _is_open(counts: _Counts) -> bool:
    """Whether the first rows leave a plain type possible, but do not settle it."""
    return not counts.present or (bool(counts.plain) and not counts.decorated_number)


def _plain(found: Mapping[str, _Counts]) -> dict[str, Kind]:
    """The kinds of the columns that need no closer look."""
    kinds = {}
    for column, counts in found.items():
        if counts.decorated_number or counts.decorated_date:
            continue
        if not counts.plain:
            kinds[column] = Kind("VARCHAR", filled=counts.cells > 0)
            continue
        long = counts.long if counts.plain == "DOUBLE" else 0
        remarks = (Remark("rounded", long, numbers.ROUNDED),) if long else ()
        kinds[column] = Kind(counts.plain, marks=counts.cells - counts.present, remarks=remarks)
    return kinds


def _closer(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    found: Mapping[str, _Counts],
    everywhere: Mapping[str, _Counts],
    first: str = "",
) -> dict[str, Kind]:
    """The kinds of the columns that may hold decorated numbers or dates, by every row.

    `everywhere` are all columns, because one of them may prove what another leaves open; `first` are the first rows,
    if there are more.
    """
    dated = [one for one, counts in found.items() if counts.decorated_date]
    days = _days(con, relation, dated, first)
    numerals = _numerals(con, relation, [one for one, counts in found.items() if counts.decorated_number])
    order = dates.evidence(one for _, one in days.values())
    style = numbers.evidence(
        [*(one.evident for _, one in numerals.values()), *(one.evident for one in everywhere.values())]
    )
    kinds = {one: Kind("VARCHAR") for one in dated}
    kinds |= {one: _with_marks(dates.settle(cells, order), count, cells) for one, (count, cells) in days.items()}
    kinds |= {one: _with_marks(numbers.settle(cells, style), count, cells) for one, (count, cells) in numerals.items()}
    return kinds


def _with_marks(kind: Kind, cells: int, look: dates.Days | numbers.Numerals) -> Kind:
    return replace(kind, marks=cells - look.present if kind.type != "VARCHAR" else 0)


def _fitting(con: duckdb.DuckDBPyConnection, relation: str, likely: Mapping[str, str]) -> dict[str, Kind]:
    """Of the columns with a likely type, those whose every value fits it."""
    found = {}
    for some in _batched(likely.items(), COLUMNS_AT_ONCE):
        terms = [
            f"count({quoted(column)}) - count(CASE WHEN {_about(_GUARDED[kind], quoted(column))} THEN 1 END)"
            for column, kind in some
        ]
        answer = con.execute(f"SELECT {', '.join(terms)} FROM {relation}").fetchone() or ()
        for (column, kind), others in zip(some, answer, strict=True):
            if not others:
                found[column] = Kind(kind, trimmed=False)
    return found


def _about(expression: str, text: str) -> str:
    return re.sub(r"\bv\b", lambda _: text, expression)


def _batched(items: Iterable[Item], size: int) -> Iterator[tuple[Item, ...]]:
    """As itertools.batched, which came with Python 3.12."""
    source = iter(items)
    while some := tuple(islice(source, size)):
        yield some


def _cells(relation: str, columns: Sequence[str], alike: str = "") -> str:
    """One row a cell, so that a query has the same few expressions for ten columns and for ten thousand.

    With `alike`, one row for all cells of a column for which that expression is the same: it becomes their v.
    """
    cells = f"UNPIVOT {relation} ON {', '.join(map(quoted, columns))} INTO NAME n VALUE v"
    text = f"trim(v, '{_SPACES}')"
    present = f"CASE WHEN lower({text}) IN ({_MARKS}) THEN NULL ELSE {text} END"
    source = f"(SELECT n, 1 AS cell, {present} AS v FROM ({cells}))"
    if not alike:
        return source
    source = f"(SELECT *, {alike} AS alike FROM {source})"
    return f"(SELECT n, sum(cell) AS cell, min(v) AS shown, alike AS v FROM {source} GROUP BY n, alike)"


def _count(con: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str]) -> dict[str, _Counts]:
    conditions = (numbers.LONG, numbers.EITHER, numbers.SCREEN, dates.SCREEN, *PLAIN.values())
    counts = ", ".join(f"count(CASE WHEN {one} THEN 1 END)" for one in conditions)
    asked = f"SELECT n, sum(cell)::BIGINT, count(v), {counts} FROM {_cells(relation, columns)} GROUP BY n"
    found = dict.fromkeys(columns, _Counts())
    for name, cells, present, long, either, number, date, *fits in con.execute(asked).fetchall():
        found[name] = _Counts(cells, present, long, either, number, date, tuple(fits))
    return found


def _numerals(
    con: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str]
) -> dict[str, tuple[int, numbers.Numerals]]:
    """For each column its cells that are not empty, and what they look like as numbers."""
    if not columns:
        return {}
    asked, source = numbers.tally(_cells(relation, columns, numbers.SHAPE))
    rows = con.execute(f"SELECT n, sum(cell)::BIGINT, {asked} FROM {source} GROUP BY n").fetchall()
    return {name: (cells, numbers.Numerals(*row)) for name, cells, *row in rows}


def _days(
    con: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str], first: str
) -> dict[str, tuple[int, dates.Days]]:
    """For each column its cells that are not empty, and what they look like as dates."""
    if not columns:
        return {}
    if not first:
        return _days_in(con, _cells(relation, columns), dates.FORMS)
    early = [days for _, days in _days_in(con, _cells(first, columns), dates.FORMS).values()]
    forms = tuple(dict.fromkeys(form for days in early for form in days.plausible))
    repeated = all(days.distinct * 2 < days.present for days in early)
    return _days_in(con, _cells(relation, columns, "v" if repeated else ""), forms) if forms else {}


def _days_in(
    con: duckdb.DuckDBPyConnection, source: str, forms: Sequence[dates.Form]
) -> dict[str, tuple[int, dates.Days]]:
    asked = dates.tally(forms)
    rows = con.execute(f"SELECT n, sum(cell)::BIGINT, {asked} FROM {source} GROUP BY n").fetchall()
    return {name: (cells, dates.days(forms, row)) for name, cells, *row in rows}


def cast(column: str, kind: Kind) -> str:
    """The expression that gives the column its type. What does not convert is a mark for "missing"."""
    name = quoted(column)
    if kind.type == "VARCHAR":
        return name
    if not kind.sure:
        fits = _about(_GUARDED[kind.type], name)
        return f"CASE WHEN {fits} THEN {name}::{kind.type} WHEN {name} IS NULL THEN NULL ELSE error('{MISFIT}') END"
    if not kind.trimmed:
        return f"{name}::{kind.type}"
    # Without trim, DuckDB moves the cast into its CSV reader, where TRY_CAST fails like CAST.
    text = f"trim({name}, '{_SPACES}')"
    value = _about(kind.value, text) if kind.value else f"TRY_CAST({text} AS {kind.type})"
    return f"CASE WHEN lower({text}) IN ({_MARKS}) THEN NULL ELSE {value} END" if kind.marks else value


def notes(name: str, kind: Kind) -> tuple[Note, ...]:
    """What giving the column its type did to its cells."""
    missing = (Remark("missing", kind.marks, "with a mark such as NA: read as missing."),) if kind.marks else ()
    return tuple(one.note(name) for one in (*missing, *kind.remarks))
