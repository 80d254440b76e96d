"""Staged rows become a table with types, names, examples and a report."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import duckdb

from lib.data import column_types, names
from lib.data.examples import examples
from lib.data.kind import Kind
from lib.data.staged import Staged
from lib.data.table import Column, Note, Table, counted
from lib.data.watch import Watch
from lib.engine.types import quoted
from lib.errors import DataError

MOST_COLUMN_NOTES = 50


def build(con: duckdb.DuckDBPyConnection, rows: Staged, file: str, taken: Collection[str], watch: Watch) -> Table:
    """Create the table inside the transaction that is open, or one that takes its place. Raises DataError."""
    try:
        return _built(con, rows, file, taken, watch)
    except duckdb.OutOfMemoryException:
        raise
    except (duckdb.Error, _RowsMissingError) as e:
        if rows.again is None:
            if isinstance(e, duckdb.Error):
                raise
            raise DataError(f"Not every row of {file} could be read.", "Export the file again and upload that.") from e
        _begin_again(con)
        careful = rows.again()
        notes = dict.fromkeys((*rows.notes, *careful.notes))
        return build(con, replace(careful, notes=tuple(notes)), file, taken, watch)


class _RowsMissingError(Exception):
    """The table has not as many rows as the file."""


@dataclass(frozen=True)
class _Made:
    """A column of the table: its place among the staged ones, its name, and how it came to its type."""

    position: int
    name: str
    kind: Kind


def _built(con: duckdb.DuckDBPyConnection, rows: Staged, file: str, taken: Collection[str], watch: Watch) -> Table:
    watch.phase(0.7)
    table, said = names.table_name(file, taken, _reserved(con))
    notes = [*rows.notes, *said]
    made, about_columns = _columns(rows, _kinds(con, rows, trust=True))
    watch.phase(1.0)
    try:
        loaded = _create(con, table, rows, made)
    except duckdb.Error as e:
        if column_types.MISFIT not in str(e):
            raise
        _begin_again(con)
        made, about_columns = _columns(rows, _kinds(con, rows, trust=False))
        loaded = _create(con, table, rows, made)
    if loaded != rows.count:
        raise _RowsMissingError
    shown = examples(con, table, [one.name for one in made])
    columns = tuple(
        Column(one.name, one.kind.type, rows.headers[one.position], shown[one.name], one.kind.order) for one in made
    )
    rejected = len(rows.rejected) + rows.unlisted
    if rows.unlisted:
        listed = f"{counted(rejected, 'row')} were rejected; the first {len(rows.rejected):,} are listed."
        notes.append(Note("rejected", listed))
    notes += about_columns
    in_file = rows.count + rejected
    return Table(table, file, columns, rows.count, in_file, rows.rejected, tuple(notes), encoding=rows.encoding)


def _begin_again(con: duckdb.DuckDBPyConnection) -> None:
    con.rollback()
    con.begin()


def _kinds(con: duckdb.DuckDBPyConnection, rows: Staged, trust: bool) -> tuple[Kind, ...]:
    if rows.types is not None:
        return tuple(Kind(one) for one in rows.types)
    return column_types.decide(con, rows.relation, rows.columns, trust)


def _columns(rows: Staged, kinds: Sequence[Kind]) -> tuple[list[_Made], list[Note]]:
    """The columns of the table, which are not those without name and values, and what is to be said about them."""
    headers = rows.headers
    used = [n for n, kind in enumerate(kinds) if headers[n].strip() or kind.filled or not rows.count]
    column_names, said = names.column_names([headers[n] for n in used])
    if any(one.code == "header" for one in rows.notes):
        said = ()
    made = [_Made(n, name, kinds[n]) for n, name in zip(used, column_names, strict=True)]
    notes = _capped(said)
    if len(made) < len(kinds):
        left_out = counted(len(kinds) - len(made), "column")
        notes.append(Note("empty_columns", f"{left_out} without name and values left out."))
    if not rows.count and not rows.rejected:
        notes.append(Note("no_rows", "The file has a header and no rows."))
    notes += _capped([note for one in made for note in column_types.notes(one.name, one.kind)])
    return made, notes


def _create(con: duckdb.DuckDBPyConnection, table: str, rows: Staged, made: Sequence[_Made]) -> int:
    """Create the table; how many rows it has."""
    staged = rows.columns
    chosen = ", ".join(
        f"{quoted(staged[one.position]) if rows.types else column_types.cast(staged[one.position], one.kind)}"
        f" AS {quoted(one.name)}"
        for one in made
    )
    created = con.execute(f"CREATE TABLE {quoted(table)} AS SELECT {chosen} FROM {rows.relation}").fetchone()
    return int(created[0]) if created else 0


def _capped(notes: Sequence[Note]) -> list[Note]:
    """At most so many notes about single columns; the last one counts the rest."""
    more = len(notes) - MOST_COLUMN_NOTES
    if more <= 0:
        return list(notes)
    return [*notes[:MOST_COLUMN_NOTES], Note(notes[0].code, f"The same holds for {counted(more, 'other column')}.")]


def _reserved(con: duckdb.DuckDBPyConnection) -> set[str]:
    asked = "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category IN ('reserved', 'type_function')"
    return {name for (name,) in con.execute(asked).fetchall()}
