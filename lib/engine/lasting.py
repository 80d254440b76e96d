"""Whether a query gives the same rows whenever it is asked again of the same tables."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import duckdb

_MISLABELLED = frozenset({"age", "current_localtime", "current_localtimestamp", "reservoir_quantile"})
"""What the engine calls consistent and is not: `age` of one time counts up to today, the quantile is of a sample."""

_CLOCKS = frozenset({"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"})
"""Written without brackets they are columns to the parser, and functions where there is no such column."""


def lasts(statement: dict[str, Any], restless: frozenset[str]) -> bool:
    """Whether the parsed statement calls none of the functions `restless`, asks for no time and takes no sample."""
    left: list[Any] = [statement]
    while left:
        one = left.pop()
        if isinstance(one, list):
            left += one
        elif isinstance(one, dict):
            if one.get("sample") or _names(one) & restless:
                return False
            left += one.values()
    return True


def _names(node: dict[str, Any]) -> set[str]:
    """What the node may call: a function, a clock that looks like a column, or, by a text, the function of a list."""
    if node.get("type") == "COLUMN_REF":
        return {str(one).lower() for one in node["column_names"][-1:]} & _CLOCKS
    literal = node.get("literal")
    text = literal.get("text") if isinstance(literal, dict) else None
    return {str(one).lower() for one in (node.get("function_name"), text) if one}


@cache
def restless(database: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The functions whose results change by themselves, and the macros that call one of them."""
    stable = "stability IS NULL OR stability = 'CONSISTENT'"
    found = database.execute(f"SELECT DISTINCT function_name FROM duckdb_functions() WHERE NOT ({stable})").fetchall()
    names = _MISLABELLED | _CLOCKS | {name for (name,) in found}
    macros = database.execute(
        "SELECT function_name, macro_definition FROM duckdb_functions() WHERE macro_definition IS NOT NULL"
    ).fetchall()
    return names | {name for name, text in macros if names & set(re.findall(r"\w+", text.lower()))}
