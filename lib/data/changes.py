"""What the child process does to tables that are already there. Each change gives the table as it is afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from lib.data import durable
from lib.data.conversion import conversion
from lib.data.examples import examples
from lib.data.names import free_name
from lib.data.table import Column, Note, Table, counted
from lib.engine.failures import is_damage
from lib.engine.types import is_number, quoted, text
from lib.errors import DataError

Connection = duckdb.DuckDBPyConnection
SOURCE_FILE = "source_file"


def apply(con: Connection, step: Mapping[str, Any]) -> Table | None:
    """Do one step: `do` names it, `tables` are those that it takes, the rest is its own. Raises DataError."""
    rest = {name: value for name, value in step.items() if name not in ("do", "tables")}
    return _STEPS[step["do"]](con, [Table.from_json(one) for one in step["tables"]], **rest)


def take_place(con: Connection, new: Table, old: Table) -> Table:
    """Put a table in the place of another, under its name."""
    con.execute(f"DROP TABLE {quoted(old.name)}")
    con.execute(f"ALTER TABLE {quoted(new.name)} RENAME TO {quoted(old.name)}")
    return replace(new, name=old.name)


def _drop(con: Connection, tables: Sequence[Table], into: str) -> None:
    """Move a table into a database file of its own; one that is damaged just goes."""
    (table,) = tables
    path = Path(into)
    part = path.with_suffix(durable.UNFINISHED)
    part.unlink(missing_ok=True)
    con.execute(f"ATTACH {text(str(part))} AS kept")
    try:
        con.execute(f"CREATE TABLE kept.{quoted(table.name)} AS FROM {quoted(table.name)}")
    except duckdb.Error as e:
        if not is_damage(str(e)):
            raise
        con.execute("DETACH kept")
        part.unlink()
    else:
        con.execute("DETACH kept")
        durable.settle(part, path)
    con.execute(f"DROP TABLE {quoted(table.name)}")


def _restore(con: Connection, tables: Sequence[Table], path: str, name: str) -> Table:
    (table,) = tables
    con.execute(f"ATTACH {text(path)} AS kept (READ_ONLY)")
    con.execute(f"CREATE TABLE {quoted(name)} AS FROM kept.{quoted(table.name)}")
    con.execute("DETACH kept")
    return replace(table, name=name)


def _rename_table(con: Connection, tables: Sequence[Table], name: str) -> Table:
    (table,) = tables
    con.execute(f"ALTER TABLE {quoted(table.name)} RENAME TO {quoted(name)}")
    return _noted(replace(table, name=name), "renamed", f"The table {table.name} was renamed to {name}.")


def _rename_column(con: Connection, tables: Sequence[Table], column: str, name: str) -> Table:
    (table,) = tables
    con.execute(f"ALTER TABLE {quoted(table.name)} RENAME COLUMN {quoted(column)} TO {quoted(name)}")
    renamed = tuple(replace(one, name=name) if one.name == column else one for one in table.columns)
    return _noted(replace(table, columns=renamed), "renamed", f'The column "{column}" was renamed to "{name}".')


def _change_type(con: Connection, tables: Sequence[Table], column: str, type_: str) -> Table:
    (table,) = tables
    old = next(one for one in table.columns if one.name == column)
    became = conversion(column, old.type, type_)
    lost = _count(con, table.name, f"{quoted(column)} IS NOT NULL AND ({became}) IS NULL")
    con.execute(f"ALTER TABLE {quoted(table.name)} ALTER COLUMN {quoted(column)} SET DATA TYPE {type_} USING {became}")
    said = f'"{column}" was changed from {old.type} to {type_}'
    said += (
        f"; {counted(lost, 'value')} could not be converted and {'is' if lost == 1 else 'are'} missing now."
        if (lost)
        else "."
    )
    changed = replace(old, type=type_, order=old.order if type_ in ("DATE", "TIMESTAMP") else "")
    return _noted(_with_column(con, table, changed), "type_changed", said)


def _swap_days(con: Connection, tables: Sequence[Table], column: str) -> Table:
    (table,) = tables
    old = next(one for one in table.columns if one.name == column)
    name = quoted(column)
    swapped = f"make_date(year({name}), day({name}), month({name}))"
    if old.type != "DATE":
        swapped = f"CAST({swapped} + CAST({name} AS TIME) AS {old.type})"
    con.execute(f"ALTER TABLE {quoted(table.name)} ALTER COLUMN {name} SET DATA TYPE {old.type} USING {swapped}")
    order = "month_first" if old.order == "day_first" else "day_first"
    said = f'Day and month of "{column}" were swapped by hand: read with the {order.replace("_", " ")}.'
    # What was said of the order when the file was read does not hold any more.
    notes = tuple(one for one in table.notes if one.code != "date_order" or f'"{column}"' not in one.message)
    return _noted(replace(_with_column(con, table, replace(old, order=order)), notes=notes), "date_order", said)


def _replace_twin(con: Connection, tables: Sequence[Table], into: str) -> Table:
    new, old = tables
    _drop(con, [old], into)
    con.execute(f"ALTER TABLE {quoted(new.name)} RENAME TO {quoted(old.name)}")
    table = replace(new, name=old.name, twin="")
    return _noted(table, "replaced", f"It took the place of the table {old.name} that was read from {old.file} before.")


def _append_to_twin(con: Connection, tables: Sequence[Table]) -> Table:
    new, old = tables
    types = _common_types(con, [old, new])
    for one in old.columns:
        if types[one.name] != one.type:
            con.execute(
                f"ALTER TABLE {quoted(old.name)} ALTER COLUMN {quoted(one.name)} SET DATA TYPE {types[one.name]}"
            )
    con.execute(f"INSERT INTO {quoted(old.name)} BY NAME SELECT {_chosen(new, old, types)} FROM {quoted(new.name)}")
    con.execute(f"DROP TABLE {quoted(new.name)}")
    joined = f"{counted(new.rows, 'row')} of a later {new.file} were added to {counted(old.rows, 'row')}."
    table = replace(
        _together(con, old.name, [old, new], types),
        notes=_distinct([*old.notes, *(one for one in new.notes if one.code != "table_name"), Note("added", joined)]),
        rejected=old.rejected + new.rejected,
    )
    return replace(table, file=old.file, twin=old.twin)


def _combine(con: Connection, tables: Sequence[Table], into: str) -> Table:
    marker = _marker(tables)
    parts = [_without(one, marker) for one in tables]
    types = _common_types(con, parts)
    selects = []
    for whole, part in zip(tables, parts, strict=True):
        origin = quoted(marker) if whole is not part else text(_origin(whole))
        selects.append(
            f"SELECT {_chosen(part, parts[0], types)}, {origin} AS {quoted(marker)} FROM {quoted(whole.name)}"
        )
    # Under a name of its own first: the new name may be that of a part.
    working = free_name("combined", {one.casefold() for one in _names(con)})
    con.execute(f"CREATE TABLE {quoted(working)} AS {' UNION ALL '.join(selects)}")
    for one in tables:
        con.execute(f"DROP TABLE {quoted(one.name)}")
    con.execute(f"ALTER TABLE {quoted(working)} RENAME TO {quoted(into)}")
    table = _together(con, into, parts, types)
    seen = examples(con, into, [marker])[marker]
    return replace(table, columns=(*table.columns, Column(marker, "VARCHAR", "", seen)))


_STEPS: dict[str, Callable[..., Table | None]] = {
    "drop": _drop,
    "restore": _restore,
    "rename_table": _rename_table,
    "rename_column": _rename_column,
    "change_type": _change_type,
    "swap_days": _swap_days,
    "replace_twin": _replace_twin,
    "append_to_twin": _append_to_twin,
    "combine": _combine,
}


def _together(con: Connection, name: str, parts: Sequence[Table], types: Mapping[str, str]) -> Table:
    """The table that several became; its report is the sum of theirs."""
    said = "; ".join(f"{_origin(one)} ({counted(one.rows, 'row')})" for one in parts)
    seen = examples(con, name, list(types))
    orders = {one.name: {_column(part, one.name).order for part in parts} for one in parts[0].columns}
    columns = tuple(
        replace(
            one,
            type=types[one.name],
            examples=seen[one.name],
            order=one.order if orders[one.name] == {one.order} else "",
        )
        for one in parts[0].columns
    )
    more = len(parts) - 1
    return Table(
        name,
        f"{parts[0].file} and {counted(more, 'more file')}",
        columns,
        sum(one.rows for one in parts),
        sum(one.rows_in_file for one in parts),
        tuple(replace(line, reason=f"{_origin(one)}: {line.reason}") for one in parts for line in one.rejected),
        (
            *(replace(note, message=f"{_origin(one)}: {note.message}") for one in parts for note in one.notes),
            Note("combined", f"Put together from {said}."),
        ),
        encoding=parts[0].encoding if len({one.encoding for one in parts}) == 1 else "",
    )


def _common_types(con: Connection, tables: Sequence[Table]) -> dict[str, str]:
    """The type for each column of the first table that holds the values of all of them. Raises DataError."""
    first = tables[0]
    wanted = {one.name.casefold() for one in first.columns}
    for other in tables[1:]:
        names = {one.name.casefold() for one in other.columns}
        if names != wanted:
            alone = sorted(wanted ^ names)
            raise DataError(
                f"{first.name} and {other.name} have different columns: only one of them has "
                f"{', '.join(alone[:3])}{' and others' if alone[3:] else ''}.",
                "Rename the columns so that they agree, or keep the tables apart.",
            )
    return {one.name: _common_type(con, one.name, tables) for one in first.columns}


def _common_type(con: Connection, column: str, tables: Sequence[Table]) -> str:
    found = {_column(one, column).type: one for one in reversed(tables)}
    if len(found) == 1:
        return next(iter(found))
    if not all(map(is_number, found)):
        kinds = " and ".join(f"{type_} in {one.name}" for type_, one in list(found.items())[::-1][:2])
        raise DataError(f'The column "{column}" has different types: {kinds}.', "Change the type of one of them first.")
    nulls = " UNION ALL ".join(f"SELECT NULL::{type_} AS v" for type_ in found)
    common = str(_value(con, f"SELECT typeof(v) FROM ({nulls}) LIMIT 1"))
    for table in tables:
        _require_exact(con, table, _column(table, column), common)
    return common


def _require_exact(con: Connection, table: Table, column: Column, type_: str) -> None:
    name = quoted(column.name)
    back = f"TRY_CAST(TRY_CAST({name} AS {type_}) AS {column.type})"
    if column.type != type_ and _count(con, table.name, f"{back} IS DISTINCT FROM {name}"):
        raise DataError(
            f'Some numbers of "{column.name}" in {table.name} have too many digits to become {type_}.',
            "Change the column to text (VARCHAR) in both tables first.",
        )


def _chosen(table: Table, first: Table, types: Mapping[str, str]) -> str:
    """The columns of `table` under the names, in the order and with the types of the first."""
    return ", ".join(
        f"CAST({quoted(_column(table, one.name).name)} AS {types[one.name]}) AS {quoted(one.name)}"
        for one in first.columns
    )


def _marker(tables: Sequence[Table]) -> str:
    """The name of the column that says where a row is from: one that no file has a column for."""
    plain = [one for one in tables if not _is_combined(one)]
    return free_name(SOURCE_FILE, {column.name.casefold() for one in plain for column in one.columns})


def _without(table: Table, marker: str) -> Table:
    """A table that was put together before, without its own column for the files."""
    if not (_is_combined(table) and any(one.name == marker for one in table.columns)):
        return table
    return replace(table, columns=tuple(one for one in table.columns if one.name != marker))


def _is_combined(table: Table) -> bool:
    return any(one.code == "combined" for one in table.notes)


def _origin(table: Table) -> str:
    member = table.origin.member if table.origin else ""
    return f"{table.file}, {member}" if member else table.file


def _with_column(con: Connection, table: Table, changed: Column) -> Table:
    seen = examples(con, table.name, [changed.name])[changed.name]
    new = replace(changed, examples=seen)
    return replace(table, columns=tuple(new if one.name == new.name else one for one in table.columns))


def _column(table: Table, name: str) -> Column:
    return next(one for one in table.columns if one.name.casefold() == name.casefold())


def _noted(table: Table, code: str, message: str) -> Table:
    return replace(table, notes=(*table.notes, Note(code, message)))


def _distinct(notes: Sequence[Note]) -> tuple[Note, ...]:
    return tuple(dict.fromkeys(notes))


def _names(con: Connection) -> list[str]:
    return [name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()]


def _count(con: Connection, table: str, where: str) -> int:
    return int(_value(con, f"SELECT count(*) FROM {quoted(table)} WHERE {where}"))


def _value(con: Connection, sql: str) -> Any:
    row = con.execute(sql).fetchone()
    return row[0] if row else None
