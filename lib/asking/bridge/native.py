"""Whether a text is SQLite's or the engine's own: SQLite itself is asked, and never runs anything.

The text is only prepared (EXPLAIN), on a database in memory with empty tables of the loaded names, behind an
authorizer that lets nothing pass but reading.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from enum import Enum, auto

from lib.asking.bridge import engine
from lib.asking.bridge.kinds import Kind, kind_of_type
from lib.data.table import Table
from lib.engine.types import quoted

_ALLOWED = frozenset((sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE))
_AFFINITIES = {Kind.INTEGER: "INTEGER", Kind.REAL: "REAL", Kind.BOOLEAN: "INTEGER"}
_BUILT_IN_SOMETIMES = """
    acos asin atan atan2 ceil ceiling cos degrees exp floor ln log log10 log2 mod pi pow power radians regexp sin sqrt
    tan trunc
"""
_MOST_MISSING = 30


class Verdict(Enum):
    """SQLite can prepare the text; or it misses a column or table; or it misses functions that the engine has, or
    finds another fault that is none of grammar; or it cannot read it."""

    SQLITE = auto()
    UNKNOWN_NAME = auto()
    NOT_QUITE = auto()
    OTHER_GRAMMAR = auto()


def verdict(sql: str, tables: Sequence[Table]) -> Verdict:
    """What SQLite says of the text."""
    with closing(_prepared(tables)) as database:
        whole = Verdict.SQLITE
        for _ in range(_MOST_MISSING):
            message = _refusal(database, sql)
            if message is None:
                return whole
            fault, name = _fault(message)
            if fault is Verdict.UNKNOWN_NAME and _is_other_text(name, sql):
                return Verdict.OTHER_GRAMMAR
            if fault is not None:
                return fault
            database.create_function(name, -1, _nothing)
            whole = Verdict.NOT_QUITE
    return Verdict.NOT_QUITE


def refusal(sql: str, tables: Sequence[Table]) -> str | None:
    """Why SQLite would not run the text, in its own words, or None."""
    with closing(_prepared(tables)) as database:
        return _refusal(database, sql)


def _fault(message: str) -> tuple[Verdict | None, str]:
    """What SQLite's message means, and the name in it; None for a function that only the engine has."""
    what, _, name = message.partition(": ")
    word = name.lower()
    if re.search("syntax error|unrecognized token|incomplete input", message):
        return Verdict.OTHER_GRAMMAR, ""
    if what in ("no such table", "no such function") and word in engine.keywords():
        return Verdict.OTHER_GRAMMAR, name
    if what in ("no such column", "no such table", "ambiguous column name"):
        return Verdict.UNKNOWN_NAME, name
    if what == "no such function":
        return (None if word in engine.functions() else Verdict.SQLITE), name
    return Verdict.NOT_QUITE, name


def _is_other_text(name: str, sql: str) -> bool:
    """Whether SQLite took a list like [1, 2], or the mark of a text like E'a\\n', for a name."""
    return f"[{name}]" in sql or (name in ("E", "e") and re.search(rf"\b{name}'", sql) is not None)


def _prepared(tables: Sequence[Table]) -> sqlite3.Connection:
    database = sqlite3.connect(":memory:")
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    for name in _BUILT_IN_SOMETIMES.split():
        database.create_function(name, -1, _nothing)
    for table in tables:
        columns = ", ".join(
            f"{quoted(one.name)} {_AFFINITIES.get(kind_of_type(one.type), 'TEXT')}" for one in table.columns
        )
        try:
            database.execute(f"CREATE TABLE {quoted(table.name)} ({columns})")
        except sqlite3.Error:  # more columns than SQLite can have, or a name that it keeps for itself
            continue
    database.set_authorizer(lambda action, *rest: sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY)
    return database


def _refusal(database: sqlite3.Connection, sql: str) -> str | None:
    """Why SQLite cannot prepare the text, or None."""
    try:
        database.execute(f"EXPLAIN {sql}").close()
    except (sqlite3.Error, sqlite3.Warning, ValueError, UnicodeError) as e:
        return str(e)
    return None


def _nothing(*arguments: object) -> None:
    return None
