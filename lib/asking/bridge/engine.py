"""What the engine itself says of its language: its words, its functions, and whether it can read a text."""

from __future__ import annotations

import json
from functools import cache

import duckdb

_SHAKY_WORDS = ("reserved", "column_name", "type_function")


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    """A connection without tables that only parses and lists; it runs nothing that a person or a model wrote."""
    connection = duckdb.connect(config={"threads": 1, "async_threads": 0})
    connection.execute("SET enable_external_access = false")
    connection.execute("SET max_expression_depth = 250")
    connection.execute("SET lock_configuration = true")
    return connection


@cache
def keywords() -> frozenset[str]:
    """Words that cannot be a name everywhere unless they are quoted."""
    return frozenset(
        word
        for word, category in _rows("SELECT keyword_name, keyword_category FROM duckdb_keywords()")
        if category in _SHAKY_WORDS
    )


@cache
def functions() -> frozenset[str]:
    """Names of all functions, aggregates included."""
    return frozenset(name for (name,) in _rows("SELECT DISTINCT lower(function_name) FROM duckdb_functions()"))


@cache
def aggregates() -> frozenset[str]:
    return frozenset(
        name
        for (name,) in _rows(
            "SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE function_type = 'aggregate'"
        )
    )


def can_read(sql: str) -> bool:
    """Whether the text is one SELECT in the engine's grammar; names and types are not looked at."""
    [(answer,)] = _connection().cursor().execute("SELECT json_serialize_sql(?)", [sql]).fetchall()
    try:
        told = json.loads(answer)
    except RecursionError:
        return False
    return told.get("error") is False and len(told["statements"]) == 1


def _rows(sql: str) -> list[tuple[str, ...]]:
    return _connection().cursor().execute(sql).fetchall()
