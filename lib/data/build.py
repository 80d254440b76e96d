"""Staged rows become a table with types, names, examples and a report."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import islice

import duckdb

from lib.data import column_types, names
from lib.data.staged import Staged
from lib.data.table import Column, Note, Table, counted
from lib.data.watch import Watch
from lib.engine.types import quoted
from lib.errors import DataError

MOST_COLUMN_NOTES = 50
EXAMPLES, EXAMPLE_LENGTH, EXAMPLE_CELLS = 5, 40, 100_000


def build(con: duckdb.DuckDBPyConnection, rows: Staged, file: str, taken: Collection[str], watch: Watch) -> Table:
    """Create the table inside the transaction that is open. Raises DataError."""
    staged, headers = rows.columns, rows.headers
    watch.phase(0.7)
    kinds = column_types.decide(con, rows.relation, staged)
    left_out = [n for n, one in enumerate(kinds) if not headers[n].strip() and not one.filled and rows.count]
    used = [n for n in range(len(headers)) if n not in set(left_out)]
    column_names, name_notes = names.column_names([headers[n] for n in used])
    if any(one.code == "header" for one in rows.notes):
        name_notes = ()
    table, table_notes = names.table_name(file, taken, _reserved(con))
    watch.phase(1.0)
    chosen = ", ".join(
        f"{column_types.cast(staged[n], kinds[n])} AS {quoted(name)}"
        for n, name in zip(used, column_names, strict=True)
    )
    con.execute(f"CREATE TABLE {quoted(table)} AS SELECT {chosen} FROM {rows.relation}")
    _check_count(con, table, rows.count, file)
    notes = [*rows.notes, *table_notes, *_capped(name_notes)]
    if left_out:
        notes.append(Note("empty_columns", f"{counted(len(left_out), 'column')} without name and values left out."))
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
    return [*notes[:MOST_COLUMN_NOTES], Note(notes[0].code, f"The same holds for {counted(more, 'other column')}.")]


def _reserved(con: duckdb.DuckDBPyConnection) -> set[str]:
    asked = "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category IN ('reserved', 'type_function')"
    return {name for (name,) in con.execute(asked).fetchall()}


def _check_count(con: duckdb.DuckDBPyConnection, table: str, expected: int, file: str) -> None:
    loaded = con.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone()
    if loaded != (expected,):
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
