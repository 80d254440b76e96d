"""One file of delimited text: where its rows lie, and what had to be mended on the way to them.

A regular file goes to DuckDB's reader as it is, in its strict mode, and its rows are counted a second time from the
bytes. Whenever the reader objects or the counts differ, and for every other file, Python's csv module reads the
records one by one: what cannot be read is listed with its line, the rest goes to DuckDB as a regular file.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb

from lib.data.delimited import LONGEST_CELL, Record, Shape, records, shape
from lib.data.encoding import Text, examine
from lib.data.staged import Staged, columns
from lib.data.table import Note, Rejected, counted
from lib.data.watch import Tell, Watch
from lib.errors import DataError

SAMPLE = 1 << 20
MOST_COLUMNS = 20_000
LONGEST_TEXT = 2000
_DAMAGED = re.compile("[\udc80-\udcff]")


def read_text(
    con: duckdb.DuckDBPyConnection, path: Path, file: str, encoding: str, scratch: Path, watch: Watch
) -> Staged:
    """The rows of a text file; `encoding` is the one that a person chose, or empty. Raises DataError."""
    watch.phase(0.1)
    text = examine(path, file, watch.at)
    found, said = _look(path, file, text)
    headers = _headers(found)
    if len(headers) > MOST_COLUMNS:
        raise DataError(f"{file} has {len(headers):,} columns; at most {MOST_COLUMNS:,} can be read.")
    watch.phase(0.5)
    rows = _as_it_is(con, path, text, found, headers)
    if rows is None:
        rows = _rewritten(path, file, text, found, headers, scratch / "rows.csv", watch.at)
    return replace(rows, notes=(*said, *rows.notes))


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


def _as_it_is(
    con: duckdb.DuckDBPyConnection, path: Path, text: Text, found: Shape, headers: Sequence[str]
) -> Staged | None:
    if not (text.regular and found.tidy and len(headers) == found.width):
        return None
    relation = csv_relation(path, len(headers), found.delimiter, skip=found.body - 1)
    expected = text.lines - (found.body - 1)
    try:
        # In a transaction of its own, because the error that is expected here would end the open one.
        with con.cursor() as probe:
            in_reader = probe.execute(f"SELECT count(*) FROM {relation}").fetchone()
    except duckdb.Error:
        return None
    if in_reader != (expected,):
        return None
    return Staged(relation, tuple(headers), expected, encoding=text.encoding)


def csv_relation(path: Path, width: int, delimiter: str = ",", skip: int = 0) -> str:
    """A regular UTF-8 file of `width` cells a row, as text columns of staged names."""
    texts = ", ".join(f"{one}: 'VARCHAR'" for one in columns(width))
    location = str(path).replace("'", "''")
    return (
        f"read_csv('{location}', auto_detect=false, header=false, skip={skip}, columns={{{texts}}},"
        f" delim='{delimiter}', quote='\"', escape='\"', strict_mode=true, max_line_size={2 * LONGEST_CELL})"
    )


def _rewritten(
    path: Path, file: str, text: Text, found: Shape, headers: Sequence[str], into: Path, tell: Tell
) -> Staged:
    repair = _Repair(found, len(headers), text.errors != "strict")
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
    relation = csv_relation(into, len(headers))
    return Staged(relation, tuple(headers), repair.kept, tuple(repair.rejected), said, encoding=text.encoding)


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
        return "" if len(cells) == self._width else f"{counted(len(cells), 'cell')} where {self._width:,} are expected"

    def notes(self) -> tuple[Note, ...]:
        said = []
        if self._empty_lines:
            said.append(Note("empty_lines", f"{counted(self._empty_lines, 'empty line')} left out."))
        if self._padded:
            said.append(Note("short_rows", f"{counted(self._padded, 'row')} without the last cells; read as missing."))
        if self._cut:
            said.append(Note("long_rows", f"{counted(self._cut, 'row')} with empty cells beyond the last column."))
        return tuple(said)
