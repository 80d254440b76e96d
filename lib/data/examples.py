"""A few values of each column, for prompts and people."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import duckdb

from lib.engine.types import quoted

EXAMPLES, LENGTH, CELLS = 5, 40, 100_000
AT_ONCE = 200
"""Columns of one query: the time that DuckDB takes for a query grows with the square of its columns."""


def examples(con: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """A few distinct values of each of the columns, as text, from the table's first rows."""
    limit = max(EXAMPLES, min(1000, CELLS // len(columns)))
    found = {}
    for start in range(0, len(columns), AT_ONCE):
        some = columns[start : start + AT_ONCE]
        # As text already here: Python needs another package to hold a time with a zone.
        chosen = ", ".join(f"{quoted(one)}::VARCHAR" for one in some)
        rows = con.execute(f"SELECT {chosen} FROM {quoted(table)} LIMIT {limit}").fetchall()
        for column, values in zip(some, zip(*rows, strict=True) if rows else [()] * len(some), strict=True):
            distinct = dict.fromkeys(one for one in values if one is not None)
            found[column] = tuple(one[:LENGTH] for one in islice(distinct, EXAMPLES))
    return found
