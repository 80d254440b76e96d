"""What the checks can say of an answer from an engine that is not DuckDB.

They read DuckDB's SQL and ask DuckDB. A query of another dialect is read as DuckDB's where it has nothing but what
both write and mean alike, which a test proves construct by construct; of any other nothing is checked, and that is
said. Tables that the engine reads itself cannot be looked into either.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from lib.asking.checks.finding import Finding, listed, shown
from lib.data.table import SharedTable, Table

NOT_CHECKED = Finding(
    "not_checked",
    "note",
    "This answer was not checked: the checks read DuckDB's SQL, and this query says things that they cannot read.",
)
_ALIKE = frozenset(
    """
    Select From Join Where Group Having Order Ordered Limit Offset With CTE Subquery Union Table TableAlias Star Column
    Identifier Alias Literal Boolean Null Paren Case If Neg Not And Or Add Sub Mul EQ NEQ GT GTE LT LTE Is In Between
    Exists Count Sum Avg Min Max Distinct Coalesce Upper Lower
    """.split()
)


def in_duckdb(sql: str, dialect: str) -> str | None:
    """The query as DuckDB would be told it; None if anything in it could mean another thing there."""
    try:
        trees = sqlglot.parse(sql, read=dialect)
        if len(trees) != 1 or trees[0] is None or any(type(one).__name__ not in _ALIKE for one in trees[0].walk()):
            return None
        return trees[0].sql("duckdb", comments=False)
    except (SqlglotError, RecursionError):
        return None


def out_of_reach(sql: str, tables: Sequence[Table]) -> tuple[Finding, ...]:
    """A note about the tables of the query into which the checks could not look."""
    shared = {one.name.lower(): one.name for one in tables if isinstance(one, SharedTable)}
    if not shared:
        return ()
    read = {one.name.lower() for one in sqlglot.parse_one(sql, read="duckdb").find_all(exp.Table)}
    names = [shown(name) for folded, name in shared.items() if folded in read]
    if not names:
        return ()
    return (
        Finding(
            "partly_checked",
            "note",
            f"The SQL was checked, but not against the rows of {listed(names)}: the engine reads them itself.",
        ),
    )
