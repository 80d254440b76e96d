"""What proves an answer: the tables that its SQL reads, as they are now, and the engine that ran it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Sequence
from weakref import WeakKeyDictionary

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from lib.asking.checks.finding import Finding
from lib.board import fingerprint
from lib.board.exhibit import Exhibit, TableMark
from lib.charts.spec import Spec
from lib.data.column_types import TYPES
from lib.data.format import by_ending
from lib.data.table import Table
from lib.data.workspace import Workspace
from lib.engine.result import Result
from lib.errors import QueryRefused, QueryTimeout, QueryTooBig

LONGEST_READ = 20_000
"""Characters of SQL that are searched for the names of tables; a longer one is taken to read them all."""
_HARMLESS = {"table_name", "column_name", "renamed", "replaced", "missing", "rounded"}
"""Notes of a table for which the engine's own reader gives the same rows."""

_marks: WeakKeyDictionary[Workspace, tuple[int, dict[str, TableMark]]] = WeakKeyDictionary()
_lock = threading.Lock()


def exhibit(
    question: str,
    sql: str,
    result: Result,
    spec: Spec,
    space: Workspace,
    *,
    standalone: str = "",
    assumptions: Sequence[str] = (),
    findings: Sequence[Finding] | None = None,
    model: str = "",
    title: str = "",
    note: str = "",
) -> Exhibit:
    """The answer with its evidence; `result` is what the SQL gave on the tables as they are now. Raises QueryError."""
    return Exhibit(
        question,
        sql,
        result,
        spec,
        title,
        note,
        standalone,
        tuple(assumptions),
        None if findings is None else tuple(findings),
        model,
        space.engine,
        marks(sql, space),
        time.time(),
        dialect=space.dialect,
    )


def require_dialect(dialect: str, space: Workspace) -> None:
    """Raises QueryRefused for an answer in a dialect that is not the engine's: it could come to mean another thing."""
    if dialect != space.dialect:
        raise QueryRefused("This answer was made by another engine.", "Ask its question again.")


def marks(sql: str, space: Workspace) -> tuple[TableMark, ...]:
    """The tables that a query reads, in their order; all of them where that cannot be told. Raises QueryError.

    Each table's fingerprint is taken once, until something changes in the workspace.
    """
    state = space.state
    names = _read_by(sql, space.dialect)
    found = [one for one in space.tables if names is None or _folded(one.name) in names]
    return tuple(_mark(one, space, state) for one in found)


def _mark(table: Table, space: Workspace, state: int) -> TableMark:
    with _lock:
        known_at, known = _marks.get(space, (-1, {}))
        if known_at != state:
            known = {}
            _marks[space] = state, known
    if table.name not in known:
        known[table.name] = TableMark(
            table.name,
            table.file,
            table.rows,
            len(table.columns),
            _fingerprint(space, table),
            _reader(table),
            tuple((one.name, one.type) for one in table.columns),
        )
    return known[table.name]


def _fingerprint(space: Workspace, table: Table) -> str:
    """Empty for a table that takes more time or memory than a query may, or that is not the workspace's.

    Its answers can be shown all the same.
    """
    try:
        return fingerprint.of_table(space, table)
    except (QueryTimeout, QueryTooBig, QueryRefused):
        return ""


def _reader(table: Table) -> str:
    """Which of the engine's own readers gives the same table from the same file; empty if none is known to."""
    origin = table.origin
    mended = table.rejected or table.rows != table.rows_in_file or {one.code for one in table.notes} - _HARMLESS
    if origin is None or origin.member or mended:
        return ""
    match by_ending(table.file):
        case "text" if table.encoding == "utf-8" and all(one.type in ("VARCHAR", *TYPES) for one in table.columns):
            return "csv"
        case "Parquet":
            return "parquet"
    return ""


def _read_by(sql: str, dialect: str) -> set[str] | None:
    """The names of all that a query reads, tables and what its WITH defines; None where that cannot be told."""
    if len(sql) > LONGEST_READ:
        return None
    try:
        trees = [one for one in sqlglot.parse(sql, read=dialect) if one is not None]
    except (SqlglotError, RecursionError):
        return None
    if not trees or any(tree.find(exp.Command, exp.Show) for tree in trees):
        return None
    return {_folded(one.name) for tree in trees for one in tree.find_all(exp.Table)}


def _folded(name: str) -> str:
    """The engine compares names without the case of ASCII letters, and of no others."""
    return re.sub("[A-Z]+", lambda found: found[0].lower(), name)
