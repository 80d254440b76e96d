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

from lib.data.delimited import LONGEST_CELL, Record, Shape, in_a_row, rows_and_records, shape
from lib.data.encoding import NAMES, Text, examine
from lib.data.staged import Staged, columns
from lib.data.table import Note, Rejected, counted
from lib.data.watch import Tell, Watch
from lib.errors import DataError

SAMPLE = 1 << 20
MOST_COLUMNS = 20_000
LONGEST_TEXT = 2000
MOST_LISTED = 10_000
_DAMAGED = re.compile("[\udc80-\udcff]")


def read_text(
    con: duckdb.DuckDBPyConnection, path: Path, file: str, encoding: str, scratch: Path, watch: Watch
) -> Staged:
    """The rows of a text file; `encoding` is the one that a person chose, or empty. Raises DataError."""
    watch.phase(0.1)
    text = examine(path, file, watch.at, encoding=encoding)
    found, said = _look(path, file, text)
    headers = _headers(found)
    if len(headers) > MOST_COLUMNS:
        raise DataError(f"{file} has {len(headers):,} columns; at most {MOST_COLUMNS:,} can be read.")
    watch.phase(0.5)

    def rewritten() -> Staged:
        rows = _rewritten(path, file, text, found, headers, scratch / "rows.csv", watch.at)
        if encoding and not rows.count and (rows.rejected or found.width == 1):
            # A table without rows would hide that the choice was wrong.
            raise DataError(f"No row of {file} can be read as {NAMES[encoding]}.", "Choose another encoding.")
        return replace(rows, notes=(*said, *rows.notes))

    rows = _as_it_is(path, text, found, headers)
    return replace(rows, notes=tuple(said), again=rewritten) if rows else rewritten()


def _look(path: Path, file: str, text: Text) -> tuple[Shape, list[Note]]:
    with _lines(path, text) as (lines, _):
        sample = list(_sample(lines))
        complete = next(lines, None) is None
    found = shape(sample, complete)
    said = list(text.notes)
    if found.hint:
        mark = "a tab" if found.delimiter == "\t" else f'"{found.delimiter}"'
        said.append(Note("separator", f"The first line says that {mark} separates the cells."))
    if found.spaced:
        said.append(Note("spaces", "Spaces after the delimiter are not part of the values."))
    if found.preamble:
        above = f"{counted(len(found.preamble), 'line')} above the header left out"
        said.append(Note("preamble", f"{above}: {in_a_row(found.preamble)}"))
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
    with path.open("rb") as stream, io.TextIOWrapper(stream, text.codec, text.errors, newline="") as lines:
        # A zero byte ends a text for half of the programs that will ever see it.
        clean = (line.replace("\0", "") for line in lines) if text.nul else lines
        yield clean, lambda: stream.tell() / text.size


def _headers(found: Shape) -> list[str]:
    """The header's cells, as many as the rows have; empty where the file has no name."""
    given = list(found.header or ())
    return given + [""] * (found.width - len(given))


def _as_it_is(path: Path, text: Text, found: Shape, headers: Sequence[str]) -> Staged | None:
    """The rows of a regular file where they lie; whether DuckDB reads as many of them is seen when it has."""
    if not (text.regular and found.tidy and len(headers) == found.width):
        return None
    relation = csv_relation(path, len(headers), found.delimiter, skip=found.body - 1)
    return Staged(relation, tuple(headers), text.lines - (found.body - 1), encoding=text.encoding)


def csv_relation(path: Path, width: int, delimiter: str = ",", skip: int = 0) -> str:
    """A regular UTF-8 file of `width` cells a row, as text columns of staged names."""
    texts = ", ".join(f"{one}: 'VARCHAR'" for one in columns(width))
    location, mark = str(path).replace("'", "''"), delimiter.replace("'", "''")
    return (
        f"read_csv('{location}', auto_detect=false, header=false, skip={skip}, columns={{{texts}}},"
        f" delim='{mark}', quote='\"', escape='\"', strict_mode=true, max_line_size={2 * LONGEST_CELL})"
    )


def _rewritten(
    path: Path, file: str, text: Text, found: Shape, headers: Sequence[str], into: Path, tell: Tell
) -> Staged:
    width, damaged = len(headers), text.errors != "strict"
    repair = _Repair(found, width, damaged)
    with _lines(path, text) as (lines, share), into.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=found.delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n")
        plain = 0 if damaged else width
        for number, one in enumerate(rows_and_records(lines, found.delimiter, found.spaced, plain, found.body)):
            if isinstance(one, str):
                stream.write(one.rstrip("\r\n") + "\n")
                repair.kept += 1
            elif one.line >= found.body and (cells := repair.cells(one)) is not None:
                writer.writerow(cells)
            if number % 10_000 == 0:
                tell(share())
    if repair.dropped > max(20, repair.kept):
        first = repair.rejected[0]
        raise DataError(
            f"Most rows of {file} cannot be read; the first is line {first.line}: {first.reason}.",
            "Check that the rows have as many cells as the header.",
        )
    said = (*repair.notes(), *((Note("nul", "NUL characters were removed."),) if text.nul else ()))
    return Staged(
        csv_relation(into, width, found.delimiter),
        tuple(headers),
        repair.kept,
        tuple(repair.rejected),
        said,
        encoding=text.encoding,
        unlisted=repair.dropped - len(repair.rejected),
    )


class _Repair:
    """Decides for each record: a row, a row after a repair that loses nothing, or rejected."""

    def __init__(self, found: Shape, width: int, damaged: bool) -> None:
        self._usual, self._width, self._damaged = found.width, width, damaged
        self._empty_lines = self._padded = self._cut = self.kept = self.dropped = 0
        self.rejected: list[Rejected] = []

    def cells(self, one: Record) -> list[str] | None:
        """The row's cells, as many as the table has columns; None if the record is no row of the table."""
        if not one.reason and not one.text.strip() and (self._width > 1 or not one.text):
            self._empty_lines += 1
            return None
        cells = self._fitted(one.cells)
        reason = self._objection(one, cells)
        if reason:
            self._reject(one, reason)
            return None
        self.kept += 1
        return cells

    def _reject(self, one: Record, reason: str) -> None:
        self.dropped += 1
        if len(self.rejected) < MOST_LISTED:
            text = one.text.encode("utf-8", "replace").decode()
            shown = text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…"
            self.rejected.append(Rejected(one.line, reason, shown))

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
