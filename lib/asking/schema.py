"""The tables as the models were shown them in training: CREATE TABLE blocks with comments, example values and keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lib.asking.told import Told
from lib.data.names import one_line
from lib.data.table import Column, Join, Table
from lib.engine.types import is_day_or_time, is_number, is_whole

MOST_EXAMPLES = 6
"""Values in a column's list, those that the question names first."""
LONGEST_EXAMPLE = 40

Quoting = Callable[[str], str]


@dataclass(frozen=True)
class Style:
    """How a schema is written.

    `examples` values are shown of each column. `in_full` is Arctic's form: the values that the question names come
    before them, numbers that are keys have examples too, and foreign keys have names.
    """

    examples: int
    quoting: Quoting
    in_full: bool


def schema(told: Told, style: Style) -> str:
    """One block a table, an empty line between them."""
    named: dict[tuple[str, str], list[str]] = {}
    for one in told.values if style.in_full else ():
        named.setdefault((one.table, one.column), []).append(one.value)
    return "\n\n".join(_create_table(table, told, named, style) for table in told.tables)


def _create_table(table: Table, told: Told, named: Mapping[tuple[str, str], list[str]], style: Style) -> str:
    primary = told.primary.get(table.name, ())
    foreign = [one for one in told.foreign if one.left_table == table.name]
    silent = set() if style.in_full else {*primary, *(one.left_column for one in foreign)}
    lines = [
        _column_line(one, named.get((table.name, one.name), []), style, one.name in silent) for one in table.columns
    ]
    if primary:
        lines.append((f"PRIMARY KEY ({', '.join(map(style.quoting, primary))})", ""))
    lines += [(_foreign_key(one, style), "") for one in foreign]
    last = len(lines) - 1
    body = "\n".join(f"    {text}{',' if at < last else ''}{comment}" for at, (text, comment) in enumerate(lines))
    return f"CREATE TABLE {style.quoting(table.name)} (\n{body}\n);"


def _column_line(column: Column, named: Sequence[str], style: Style, is_silent: bool) -> tuple[str, str]:
    about = "" if _folded(column.label) == _folded(column.name) else one_line(column.label)
    examples = "" if is_silent and is_whole(column.type) else _examples(column, named, style.examples)
    comment = ", ".join(part for part in (about, f"example: {examples}" if examples else "") if part)
    return f"{style.quoting(column.name)} {type_word(column.type)}", f" -- {comment}" if comment else ""


def _examples(column: Column, named: Sequence[str], examples: int) -> str:
    values = [_one_line(one[:LONGEST_EXAMPLE]) for one in (*named, *column.examples[:examples])]
    distinct = list(dict.fromkeys(values))[:MOST_EXAMPLES]
    if not distinct:
        return ""
    return f"[{', '.join(distinct)}]" if is_number(column.type) else repr(distinct)


def _foreign_key(join: Join, style: Style) -> str:
    name = re.sub(r"\W+", "_", f"fk_{join.left_table}_{join.left_column}".lower())
    column, table, target = map(style.quoting, (join.left_column, join.right_table, join.right_column))
    return f"{f'CONSTRAINT {name} ' if style.in_full else ''}FOREIGN KEY ({column}) REFERENCES {table} ({target})"


def quoted(name: str) -> str:
    """A name as DuckDB and SQLite both read it."""
    return name if is_plain(name) else '"' + name.replace('"', '""') + '"'


def in_backticks(name: str) -> str:
    """A name as Arctic was shown it."""
    return name if is_plain(name) else "`" + name.replace("`", "``") + "`"


def is_plain(name: str) -> bool:
    """Whether a name needs no quotes."""
    return bool(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name)) and name.lower() not in _RESERVED


def type_word(duckdb_type: str) -> str:
    """The lower-case word that Spider's and BIRD's schemas use, which the models saw in training."""
    if is_number(duckdb_type):
        return "integer" if is_whole(duckdb_type) else "real"
    if is_day_or_time(duckdb_type):
        return "date" if duckdb_type == "DATE" else "datetime"
    return "boolean" if duckdb_type == "BOOLEAN" else "text"


def _folded(text: str) -> str:
    return re.sub(r"[\s_]+", " ", text).strip().lower()


def _one_line(text: str) -> str:
    return re.sub(r"[\r\n]+", " ", text)


_RESERVED = frozenset(
    """abort action add after all alter always analyse analyze and any array as asc asymmetric attach authorization
    autoincrement before begin between bigint binary bit blob boolean both by call cascade case cast char character
    check cluster coalesce collate column commit condition conflict connect constraint continue convert count create
    cross cube current current_date current_time current_timestamp current_user cursor database databases date day
    deallocate dec decimal declare default deferrable deferred delete desc describe detach distinct div do double drop
    each else end escape except exclude exclusive execute exists exit explain extract fail false fetch filter first
    float following for foreign from full function generated glob global grant group grouping groups having hour if
    ignore immediate in index indexed initially inner inout insert instead int integer intersect interval into is
    isnull join key keys lag last lateral lead leading leave left level like limit local localtime localtimestamp lock
    loop match materialized max merge min minute mod modify month names natural no not nothing notnull null nulls
    numeric of offset on only open option or order others out outer over overlaps partition percent plan position
    pragma preceding precision primary procedure qualify query raise range rank read real recursive references regexp
    reindex release rename replace restrict return returning returns revoke right rollback row rows savepoint schema
    second select session_user set show similar smallint some sql start sum summarize symmetric system table temp
    temporary then time timestamp to top trailing transaction trigger trim true truncate unbounded union unique
    unknown unpivot update usage user using vacuum value values varchar variadic varying view virtual when whenever
    where window with within without work write year zone""".split()
)
