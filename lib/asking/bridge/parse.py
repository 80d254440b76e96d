"""Text to tree and back. The tree keeps SQLite's functions under their own names, for the rewrites to know them."""

from __future__ import annotations

import logging
from typing import Any, ClassVar

from sqlglot import ErrorLevel, exp, parse
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.dialects.sqlite import SQLite
from sqlglot.errors import SqlglotError
from sqlglot.expressions import Expr
from sqlglot.parsers.sqlite import SQLiteParser as _SQLiteParser

from lib.asking.bridge.engine import keywords
from lib.errors import CannotTranslate

logging.getLogger("sqlglot").setLevel(logging.CRITICAL)  # what it cannot read is answered with an error


class PlainSQLite(SQLite):
    """SQLite's grammar, where every function is just a name with arguments."""

    class Parser(_SQLiteParser):
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {"CAST": _SQLiteParser.FUNCTION_PARSERS["CAST"]}
        NO_PAREN_FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {"CASE": _SQLiteParser.NO_PAREN_FUNCTION_PARSERS["CASE"]}

        def _parse_term(self, parse_mod: bool = True) -> Expr | None:
            """In SQLite LIMIT 5 % 3 is a remainder and no share."""
            return super()._parse_term()


def parsed(sql: str) -> Expr:
    """The tree of one statement. Raises CannotTranslate when it is not one statement of SQLite."""
    try:
        statements = [one for one in parse(sql, read=PlainSQLite) if one is not None]
    except SqlglotError as e:
        raise CannotTranslate(
            "This is no SQL that can be read.", "Write one SELECT in SQLite's or DuckDB's dialect.", sql=sql
        ) from e
    if len(statements) != 1:
        raise CannotTranslate(
            f"Only one SELECT can be translated; this text has {len(statements)} statements.",
            "Write one SELECT.",
            sql=sql,
        )
    return statements[0]


def rendered(tree: Expr, *, pretty: bool = False) -> str:
    """The tree as the engine's SQL, `pretty` over several lines; names that the engine reserves are quoted."""
    for name in tree.find_all(exp.Identifier):
        if str(name.this).lower() in keywords():
            name.set("quoted", True)
    return tree.sql(dialect=DuckDB, pretty=pretty, normalize_functions=False, unsupported_level=ErrorLevel.IGNORE)


def as_written(tree: Expr) -> str:
    """The tree as SQLite would be told it, on one line."""
    return tree.sql(dialect=SQLite, normalize_functions=False, unsupported_level=ErrorLevel.IGNORE)
