"""A report as a script for DuckDB's own shell: it reads the files that lie beside it and runs each answer's SQL.

Such a shell is not locked as Bayan's engine is, and an answer may come from a stranger's board. So what the gate would
not let run, and what the shell could take for a command of its own, is written as a comment.
"""

from __future__ import annotations

from collections.abc import Sequence

from lib.board.exhibit import Exhibit, TableMark
from lib.data.column_types import MISSING, TYPES
from lib.data.table import counted
from lib.engine import gate
from lib.engine.types import quoted, text
from lib.errors import QueryError
from lib.export.words import moment, rows_in, visible

_VALUE = "bayan_value"
_MACRO = f"""CREATE OR REPLACE TEMP MACRO {_VALUE}(v) AS
CASE WHEN lower(trim(v)) NOT IN ({", ".join(map(text, MISSING))}) THEN trim(v) END
;"""


def to_sql(title: str, exhibits: Sequence[Exhibit], made: float) -> bytes:
    """The script in UTF-8; `made` is in seconds since 1970."""
    tables = {mark.name: mark for one in sorted(exhibits, key=lambda one: one.read) for mark in one.tables}
    parts = [
        _comment(f"{title}\nWritten {moment(made)}. Run it in the folder of the files: duckdb -f FILE.sql"),
        _comment("What stands for a missing value is read as one, where a column holds no text.") + "\n" + _MACRO,
        *map(_table, tables.values()),
        *(_answer(number, one) for number, one in enumerate(exhibits, 1)),
    ]
    return ("\n\n".join(parts) + "\n").encode("utf-8", "replace")


def _table(mark: TableMark) -> str:
    said = f"Table {mark.name}, from {mark.file}: {counted(mark.rows, 'row')}"
    said += f", fingerprint {mark.fingerprint}" if mark.fingerprint else ""
    reading = _reading(mark)
    if not reading:
        file = f"{mark.name}.parquet"
        said += (
            f"\nBayan mended or unpacked that file, which the shell cannot. Choose this table on the page Your data, "
            f'click on "Download Parquet", and put {file} beside this script.'
        )
        reading = f"FROM read_parquet({text(file)})"
    made = _statement(f"CREATE OR REPLACE TEMP TABLE {quoted(mark.name)} AS\n{reading}")
    return f"{_comment(said)}\n{made}"


def _reading(mark: TableMark) -> str:
    """What reads the table from its file; empty where the engine's own readers do not."""
    names = [name for name, _ in mark.types]
    match mark.reader:
        case "csv" if names and all(type_ in ("VARCHAR", *TYPES) for _, type_ in mark.types):
            chosen = ",\n  ".join(_typed(name, type_) for name, type_ in mark.types)
            texts = ", ".join(f"{text(name)}: 'VARCHAR'" for name in names)
            return f"SELECT\n  {chosen}\nFROM read_csv({text(mark.file)}, header = true, columns = {{{texts}}})"
        case "parquet" if names:
            return f"SELECT * FROM read_parquet({text(mark.file)}) AS t({', '.join(map(quoted, names))})"
    return ""


def _typed(name: str, type_: str) -> str:
    if type_ == "VARCHAR":
        return quoted(name)
    return f"CAST({_VALUE}({quoted(name)}) AS {type_}) AS {quoted(name)}"


def _answer(number: int, one: Exhibit) -> str:
    said = [f"{number}. {one.heading}"]
    said += [f"Asked: {one.question}"] if one.question not in ("", one.heading) else []
    said += [f"Assumption: {each}" for each in one.assumptions]
    said += [f"{found.severity.capitalize()}: {found.message}" for found in one.findings or ()]
    said += [f"Bayan found {rows_in(one.result)}; data read {moment(one.read)}"]
    if one.dialect != "duckdb":
        return _comment("\n".join([*said, f"This is the SQL of another engine: {one.engine}.", one.sql]))
    try:
        gate.check(one.sql, [mark.name for mark in one.tables])
    except QueryError as e:
        return _comment("\n".join([*said, f"This cannot run. {e}", one.sql]))
    statement = _statement(one.sql.rstrip())
    return _comment("\n".join(said)) + "\n" + statement


def _statement(sql: str) -> str:
    """The SQL with its end on a line of its own, where no comment hides it."""
    if any(line.startswith((".", "#")) for line in sql.splitlines()):
        return _comment(f"This is left out, because a shell may take a line of it for a command.\n{sql}")
    return f"{sql}\n;"


def _comment(said: str) -> str:
    """Lines that all begin as a comment does, whatever the text has for line ends."""
    return "\n".join(f"-- {line}" for line in visible(said).splitlines())
