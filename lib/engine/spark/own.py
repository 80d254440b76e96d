"""Bayan's own SQL, which is DuckDB's, where the engine is Spark.

Statistics, keys, values, fingerprints and the figures of checks ask about tables of the workspace. Those lie in its
DuckDB file anyhow, so they are asked there, in the locked engine: it is the same data, nothing is translated, and
nothing can come to mean another thing. A table that only the server has is asked there, in the few constructs below,
which a test runs on both engines; everything else about it is refused, and whoever asked says that it is not known.
"""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from lib.engine.engine import Engine
from lib.engine.seam import RunningQuery
from lib.engine.spark.engine import SparkEngine
from lib.errors import QueryRefused

_SAME = frozenset(
    "Select From Table Identifier Column Alias Limit Literal Star Case If Length GT Left DPipe Count Paren".split()
)


class OwnEngine:
    """Runs Bayan's own SQL: on the workspace's file, or on the server for the tables that only that has."""

    dialect = "duckdb"

    def __init__(self, here: Engine, there: SparkEngine) -> None:
        self._here = here
        self._there = there

    @property
    def name(self) -> str:
        return self._here.name

    def start(self, sql: str, *, timeout: float | None = None, max_rows: int | None = None) -> RunningQuery:
        """Start a query. Raises QueryRefused for one about the server's tables that it could read differently."""
        spark = written_for_spark(sql, self._there.shared)
        if spark is None:
            return self._here.start(sql, timeout=timeout, max_rows=max_rows)
        return self._there.start(spark, timeout=timeout, max_rows=max_rows)

    def close(self) -> None:
        self._here.close()


def written_for_spark(sql: str, shared: frozenset[str]) -> str | None:
    """The query in Spark's SQL; None if it names none of these tables. Raises QueryRefused."""
    if not shared:
        return None
    try:
        tree = sqlglot.parse_one(sql, read="duckdb")
    except (SqlglotError, RecursionError):
        return None
    if not any(one.name.lower() in shared for one in tree.find_all(exp.Table)):
        return None
    if any(type(one).__name__ not in _SAME for one in tree.walk()):
        raise QueryRefused(
            "This cannot be asked of a table that the engine reads itself.", "Ask a question about it instead.", sql=sql
        )
    return tree.sql("spark")
