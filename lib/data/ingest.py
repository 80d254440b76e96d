"""One file of delimited text becomes one table, and a report that accounts for every row.

A regular file goes to DuckDB's reader as it is, in its strict mode, and its rows are counted a second time from the
bytes. Whenever the reader objects or the counts differ, and for every other file, Python's csv module reads the
records one by one: what cannot be read is listed with its line, the rest goes to DuckDB as a regular file.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb

from lib.data import column_types, names
from lib.data.delimited import LONGEST_CELL, Record, Shape, records, shape
from lib.data.encoding import Text, examine
from lib.data.table import Column, Note, Rejected, Table
from lib.engine.types import quoted
from lib.errors import DataError

ENDINGS = (".csv", ".tsv", ".txt", ".tab", "")
SAMPLE = 1 << 20
MOST_COLUMNS = 20_000
MOST_COLUMN_NOTES = 50
LONGEST_TEXT = 2000
EXAMPLES, EXAMPLE_LENGTH, EXAMPLE_CELLS = 5, 40, 100_000
_DAMAGED = re.compile("[\udc80-\udcff]")

Tell = Callable[[float], None]


class Watch:
    """Where the load is, from 0 to 1. `at` moves within the phase that `phase` opened."""

    def __init__(self) -> None:
        self.low = self.high = self.share = 0.0

    def phase(self, high: float) -> None:
        self.low, self.high = self.high, high
        self.at(0)

    def query(self, percent: float) -> None:
        """Take what DuckDB says of the query that it runs; a negative number says nothing."""
        if percent > 0:
            self.at(percent / 100)

    def at(self, share: float) -> None:
        self.share = self.low + (self.high - self.low) * min(max(share, 0.0), 1.0)


@dataclass(frozen=True)
class _Rows:
    """Where the rows lie as regular text (`relation` can stand after FROM), and what happened on the way there."""

    relation: str
    count: int
    rejected: tuple[Rejected, ...] = ()
    notes: tuple[Note, ...] = ()


def ingest(
    con: duckdb.DuckDBPyConnection, path: Path, file: str, taken: Collection[str], scratch: Path, watch: Watch
) -> Table:
    """Create one table from one file, inside the transaction that is open. Raises DataError."""
    if Path(file).suffix.lower() not in ENDINGS:
        raise DataError(f"{file} is not a CSV, TSV or TXT file.", "Save the table as CSV and upload that.")
    watch.phase(0.1)
    text = examine(path, file, watch.at)
    found, said = _look(path, file, text)
    headers = _headers(found)
    if len(headers) > MOST_COLUMNS:
        raise DataError(f"{file} has {len(headers):,} columns; at most {MOST_COLUMNS:,} can be read.")
    watch.phase(0.5)
    staged = [f"c{number}" for number in range(len(headers))]
    rows = _as_it_is(con, path, text, found, staged)
    if rows is None:
        rows = _rewritten(path, file, text, found, staged, scratch / "rows.csv", watch.at)
    return _build(con, rows, headers, staged, file, taken, said, watch)


# --- before the rows ---


def _look(path: Path, file: str, text: Text) -> tuple[Shape, list[Note]]:
    with _lines(path, text) as (lines, _):
        sample = list(_sample(lines))
        complete = next(lines, None) is None
    found = shape(sample, complete)
    said = []
    if text.encoding == "cp1252":
        said.append(Note("encoding", "The file is not UTF-8; it is read as Windows-1252 (Western European)."))
    if text.encoding in ("utf-16-le", "utf-16-be"):
        said.append(Note("encoding", f"The file is read as {text.encoding.upper()}, which it does not say itself."))
    if found.hint:
        said.append(Note("separator", f'The first line says that "{found.delimiter}" separates the cells.'))
    if found.spaced:
        said.append(Note("spaces", "Spaces after the delimiter are not part of the values."))
    if found.preamble:
        lines_above = "; ".join(one[:80] for one in found.preamble[:5])
        said.append(Note("preamble", f"{len(found.preamble)} lines above the header were left out: {lines_above}"))
    if found.header is None:
        said.append(Note("header", "The first line holds values, not names; the columns are numbered."))
    return found, said


def _sample(lines: Iterator[str]) -> Iterator[str]:
    size = 0
    for line in lines:
        size += len(line)
        yield line
        if size > SAMPLE:
            return


@contextmanager
def _lines(path: Path, text: Text) -> Iterator[tuple[Iterator[str], Callable[[], float]]]:
    """The file's lines with their line ends, and a function that says which share of the bytes was read."""
    encoding = "utf-8-sig" if text.encoding == "utf-8" else text.encoding
    with path.open("rb") as stream, io.TextIOWrapper(stream, encoding, text.errors, newline="") as lines:
        # A zero byte ends a text for half of the programs that will ever see it.
        clean = (line.replace("\0", "") for line in lines) if text.nul else lines
        yield clean, lambda: stream.tell() / text.size


def _headers(found: Shape) -> list[str]:
    """The header's cells, as many as the rows have; empty where the file has no name."""
    given = list(found.header or ())
    return given + [""] * (found.width - len(given))


# --- the rows ---


def _as_it_is(
    con: duckdb.DuckDBPyConnection, path: Path, text: Text, found: Shape, staged: Sequence[str]
) -> _Rows | None:
    if not (text.regular and found.tidy and len(staged) == found.width):
        return None
    relation = _reader(path, staged, found.delimiter, skip=found.body - 1)
    expected = text.lines - (found.body - 1)
    try:
        # In a transaction of its own, because the error that is expected here would end the open one.
        with con.cursor() as probe:
            counted = probe.execute(f"SELECT count(*) FROM {relation}").fetchone()
    except duckdb.Error:
        return None
    return _Rows(relation, expected) if counted == (expected,) else None


def _reader(path: Path, staged: Sequence[str], delimiter: str, skip: int = 0) -> str:
    columns = ", ".join(f"{one}: 'VARCHAR'" for one in staged)
    location = str(path).replace("'", "''")
    return (
        f"read_csv('{location}', auto_detect=false, header=false, skip={skip}, columns={{{columns}}},"
        f" delim='{delimiter}', quote='\"', escape='\"', strict_mode=true, max_line_size={2 * LONGEST_CELL})"
    )


def _rewritten(path: Path, file: str, text: Text, found: Shape, staged: Sequence[str], into: Path, tell: Tell) -> _Rows:
    repair = _Repair(found, len(staged), text.errors != "strict")
    with _lines(path, text) as (lines, share), into.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for number, one in enumerate(records(lines, found.delimiter, found.spaced)):
            if one.line >= found.body:
                cells = repair.cells(one)
                if cells is not None:
                    writer.writerow(cells)
            if number % 10_000 == 0:
                tell(share())
    if len(repair.rejected) > max(20, repair.kept):
        first = repair.rejected[0]
        raise DataError(
            f"Most rows of {file} cannot be read; the first is line {first.line}: {first.reason}.",
            "Check that the rows have as many cells as the header.",
        )
    said = (*repair.notes(), *((Note("nul", "NUL characters were removed."),) if text.nul else ()))
    return _Rows(_reader(into, staged, ","), repair.kept, tuple(repair.rejected), said)


class _Repair:
    """Decides for each record: a row, a row after a repair that loses nothing, or rejected."""

    def __init__(self, found: Shape, width: int, damaged: bool) -> None:
        self._usual, self._width, self._damaged = found.width, width, damaged
        self._empty_lines = self._padded = self._cut = self.kept = 0
        self.rejected: list[Rejected] = []

    def cells(self, one: Record) -> list[str] | None:
        """The row's cells, as many as the table has columns; None if the record is no row of the table."""
        if not one.reason and not one.text.strip() and (self._width > 1 or not one.text):
            self._empty_lines += 1
            return None
        cells = self._fitted(one.cells)
        reason = self._objection(one, cells)
        if reason:
            text = one.text.encode("utf-8", "replace").decode()
            shown = text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…"
            self.rejected.append(Rejected(one.line, reason, shown))
            return None
        self.kept += 1
        return cells

    def _fitted(self, cells: list[str]) -> list[str]:
        if len(cells) > self._width and not any(cell.strip() for cell in cells[self._width :]):
            self._cut += 1
            return cells[: self._width]
        if len(cells) == self._usual < self._width:
            self._padded += 1
            return cells + [""] * (self._width - len(cells))
        return cells

    def _objection(self, one: Record, cells: list[str]) -> str:
        if one.reason:
            return one.reason
        if self._damaged and _DAMAGED.search(one.text):
            return "a character is damaged"
        return "" if len(cells) == self._width else f"{_count(len(cells), 'cell')} where {self._width:,} are expected"

    def notes(self) -> tuple[Note, ...]:
        said = []
        if self._empty_lines:
            said.append(Note("empty_lines", f"{_count(self._empty_lines, 'empty line')} left out."))
        if self._padded:
            said.append(Note("short_rows", f"{_count(self._padded, 'row')} without the last cells; read as missing."))
        if self._cut:
            said.append(Note("long_rows", f"{_count(self._cut, 'row')} with empty cells beyond the last column."))
        return tuple(said)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


# --- the table ---


def _build(
    con: duckdb.DuckDBPyConnection,
    rows: _Rows,
    headers: Sequence[str],
    staged: Sequence[str],
    file: str,
    taken: Collection[str],
    said: Sequence[Note],
    watch: Watch,
) -> Table:
    watch.phase(0.7)
    kinds = column_types.decide(con, rows.relation, staged)
    left_out = [n for n, one in enumerate(kinds) if not headers[n].strip() and not one.filled and rows.count]
    used = [n for n in range(len(headers)) if n not in set(left_out)]
    column_names, name_notes = names.column_names([headers[n] for n in used])
    if any(one.code == "header" for one in said):
        name_notes = ()
    table, table_notes = names.table_name(file, taken, _reserved(con))
    watch.phase(1.0)
    chosen = ", ".join(
        f"{column_types.cast(staged[n], kinds[n])} AS {quoted(name)}"
        for n, name in zip(used, column_names, strict=True)
    )
    con.execute(f"CREATE TABLE {quoted(table)} AS SELECT {chosen} FROM {rows.relation}")
    _check_count(con, table, rows.count, file)
    notes = [*said, *rows.notes, *table_notes, *_capped(name_notes)]
    if left_out:
        notes.append(Note("empty_columns", f"{_count(len(left_out), 'column')} without name and values left out."))
    if not rows.count:
        notes.append(Note("no_rows", "The file has a header and no rows."))
    typing = (column_types.notes(name, kinds[n]) for n, name in zip(used, column_names, strict=True))
    notes += _capped([note for some in typing for note in some])
    examples = _examples(con, table, column_names)
    columns = tuple(
        Column(name, kinds[n].type, headers[n], examples[name]) for n, name in zip(used, column_names, strict=True)
    )
    in_file = rows.count + len(rows.rejected)
    return Table(table, file, columns, rows.count, in_file, rows.rejected, tuple(notes))


def _capped(notes: Sequence[Note]) -> list[Note]:
    """At most so many notes about single columns; the last one counts the rest."""
    more = len(notes) - MOST_COLUMN_NOTES
    if more <= 0:
        return list(notes)
    return [*notes[:MOST_COLUMN_NOTES], Note(notes[0].code, f"The same holds for {_count(more, 'other column')}.")]


def _reserved(con: duckdb.DuckDBPyConnection) -> set[str]:
    asked = "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category IN ('reserved', 'type_function')"
    return {name for (name,) in con.execute(asked).fetchall()}


def _check_count(con: duckdb.DuckDBPyConnection, table: str, expected: int, file: str) -> None:
    counted = con.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone()
    if counted != (expected,):
        raise DataError(f"Not every row of {file} could be read.", "Export the file again and upload that.")


def _examples(con: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """A few distinct values a column, as text, from the first rows."""
    limit = max(5, min(1000, EXAMPLE_CELLS // len(columns)))
    rows = con.execute(f"SELECT * FROM {quoted(table)} LIMIT {limit}").fetchall()
    found = {}
    for position, column in enumerate(columns):
        distinct = dict.fromkeys(str(row[position]) for row in rows if row[position] is not None)
        found[column] = tuple(one[:EXAMPLE_LENGTH] for one in islice(distinct, EXAMPLES))
    return found
