"""A table as a model is told of it in a conversation: its columns, their statistics, and a few rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.chat.attach import Attachment, measured
from lib.data.asked import asked, finished
from lib.data.profile import LONGEST, MOST_COLUMNS, ColumnProfile, profiling
from lib.data.table import SharedTable, Table, counted
from lib.engine.types import quoted
from lib.errors import DataError

if TYPE_CHECKING:
    from lib.data.workspace import Workspace
    from lib.engine.result import Json

MOST_ROWS = 5
MOST_FREQUENT = 3
"""Values that are told of a column."""


@dataclass(frozen=True)
class _Told:
    """How much is told. What does not fit goes in this order: rows, frequent values, statistics, the last columns."""

    rows: int
    frequent: bool
    statistics: bool
    columns: int


@dataclass(frozen=True)
class Known:
    """All that can be told of a table; under `names_only` nothing but its columns."""

    table: Table
    profiles: tuple[ColumnProfile, ...] = ()
    approximate: bool = False
    rows: tuple[Sequence[Json], ...] = ()
    names_only: bool = False


def describe_table(workspace: Workspace, table_name: str, *, names_only: bool, room: int) -> Attachment:
    """The table in at most `room` tokens; what was left out for them is said in its text and its notes.

    Under `names_only` it is the names and types of the columns, and no query is run. Raises DataError where there is
    no such table or not even one column fits, and QueryError.
    """
    return finished(describing(workspace, table_name, names_only=names_only, room=room))


def describing(
    workspace: Workspace, table_name: str, *, names_only: bool, room: int
) -> Generator[str, None, Attachment]:
    """As `describe_table`, step by step: yields what it does, and stops its query when it is closed."""
    table = next((one for one in workspace.tables if one.name == table_name), None)
    if table is None:
        raise DataError(f"There is no table {table_name}.", "Choose one that is there.")
    # What the engine reads itself is not counted for this: it may be larger than any machine.
    bare = names_only or isinstance(table, SharedTable)
    known = Known(table, names_only=True) if bare else (yield from knowing(workspace, table))
    return fitted(known, room)


def knowing(workspace: Workspace, table: Table) -> Generator[str, None, Known]:
    """Yield what is done, then return what the engine says of the table. Raises QueryError."""
    profiles: list[ColumnProfile] = []
    approximate = False
    for first in range(0, len(table.columns), MOST_COLUMNS):
        found = yield from profiling(workspace, table, first)
        profiles += found.columns
        approximate = found.approximate
    sql = f"SELECT * FROM {quoted(table.name)} LIMIT {MOST_ROWS}"
    result = yield from asked(workspace, sql, "Reading the first rows")
    return Known(table, tuple(profiles), approximate, tuple(result.rows()))


def fitted(known: Known, room: int) -> Attachment:
    """As much of it as fits. Raises DataError where that is not even one column."""
    for told in _less_and_less(known, room):
        made = _made(known, told)
        if made.tokens <= room:
            return made
    least = _made(known, _Told(0, False, False, 1)).tokens
    raise DataError(
        f"The table {known.table.name} takes at least {least:,} tokens, and the model has room for {max(room, 0):,}.",
        "Start a new conversation, or choose a model with a longer context.",
    )


def _less_and_less(known: Known, room: int) -> Iterator[_Told]:
    width = len(known.table.columns)
    if not known.names_only:
        yield from (_Told(rows, True, True, width) for rows in range(min(MOST_ROWS, len(known.rows)), -1, -1))
        yield _Told(0, False, True, width)
    yield _Told(0, False, False, width)
    low, high = 0, width
    while low < high:
        middle = (low + high + 1) // 2
        fits = _made(known, _Told(0, False, False, middle)).tokens <= room
        low, high = (middle, high) if fits else (low, middle - 1)
    if low:
        yield _Told(0, False, False, low)


def _made(known: Known, told: _Told) -> Attachment:
    left_out = tuple(_left_out(known, told))
    text = "\n".join([*_lines(known, told), *left_out])
    return measured(
        Attachment(known.table.name, "table", text, table=known.table.name, notes=left_out, names_only=known.names_only)
    )


def _left_out(known: Known, told: _Told) -> Iterator[str]:
    width = len(known.table.columns)
    if known.names_only:
        yield "Only names and types are told: the privacy switch is on."
    else:
        if told.rows < min(MOST_ROWS, len(known.rows)):
            kept = f"all but {counted(told.rows, 'example row')}" if told.rows else "the example rows"
            yield f"Left out for lack of room: {kept}."
        if not told.frequent:
            yield "Left out for lack of room: the most frequent values."
        if not told.statistics:
            yield "Left out for lack of room: the statistics of the columns."
    if told.columns < width:
        yield f"Left out for lack of room: the last {width - told.columns:,} of {width:,} columns."


def _lines(known: Known, told: _Told) -> Iterator[str]:
    table = known.table
    size = counted(len(table.columns), "column")
    yield size if known.names_only else f"{counted(table.rows, 'row')}, {size}, from the file {table.file}"
    yield ""
    profiles: Sequence[ColumnProfile | None] = known.profiles if told.statistics else [None] * len(table.columns)
    about = " (about)" if known.approximate and told.statistics else ""
    yield f"Columns with their types{' and statistics' if told.statistics else ''}{about}:"
    for column, found in list(zip(table.columns, profiles, strict=True))[: told.columns]:
        yield f"- {column.name}: {column.type}" + (f"; {_statistics(found, told.frequent)}" if found else "")
    if told.rows:
        yield ""
        yield f"The first {counted(told.rows, 'row')} of {table.rows:,} as CSV; a value that ends with … is longer:"
        yield _as_csv([[one.name for one in table.columns], *known.rows[: told.rows]])


def _statistics(found: ColumnProfile, frequent: bool) -> str:
    said = [f"{found.missing:,} missing", f"{found.distinct:,} distinct"]
    if found.minimum is not None:
        said.append(f"from {found.minimum} to {found.maximum}")
    if found.not_finite:
        said.append(f"{found.not_finite:,} not a finite number")
    if frequent and found.top and found.top[0][1] > 1:
        said.append("most frequent: " + ", ".join(f"{value} ({rows:,})" for value, rows in found.top[:MOST_FREQUENT]))
    return "; ".join(said)


def _as_csv(rows: Sequence[Sequence[Json]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([[_cell(value) for value in row] for row in rows])
    return out.getvalue().rstrip("\n")


def _cell(value: Json) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"
