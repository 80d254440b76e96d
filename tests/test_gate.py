"""The gate alone: what it lets pass, what it refuses, and what it says then."""

from __future__ import annotations

import re
from typing import Any

import duckdb
import pytest

from lib.engine import gate
from lib.errors import QueryError, QueryFailed, QueryRefused
from tests.attacks import ATTACKS, written
from tests.honest import HONEST

TABLES = ("t", "فروش")


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_is_refused(name: str) -> None:
    with pytest.raises(QueryError) as caught:
        gate.check(written(ATTACKS[name], "/etc/passwd", "/tmp/never"), TABLES)
    assert re.fullmatch(r"[A-Z].+[.)]", caught.value.detail, re.DOTALL)


@pytest.mark.parametrize("name", HONEST)
def test_honest_query_passes(name: str) -> None:
    gate.check(HONEST[name], TABLES)


SENTENCES = {
    "another kind": (
        "INSERT INTO t VALUES (1)",
        QueryRefused,
        "Only one SELECT statement can run here; this one is an INSERT.",
    ),
    "kind without a name": (
        "CONNECT 'x'",
        QueryRefused,
        "Only one SELECT statement can run here; this one is of another kind.",
    ),
    "two": ("SELECT 1; SELECT 2", QueryRefused, "Only one SELECT statement can run here; this text has 2."),
    "nothing": (" -- nothing", QueryRefused, "There is no SQL to run."),
    "empty": ("", QueryRefused, "There is no SQL to run."),
    "pivot": ("PIVOT t ON s USING count(*)", QueryRefused, "A PIVOT has to name its values here."),
    "pivot in a subquery": ("SELECT * FROM (PIVOT t ON s)", QueryRefused, "A PIVOT has to name its values here."),
    "function": ("SELECT current_setting('x')", QueryRefused, "The function current_setting cannot be used here."),
    "table function": ("FROM read_csv('x')", QueryRefused, "The table function read_csv cannot be used here."),
    "file": ("FROM 'a/x.csv'", QueryRefused, 'Only loaded tables can be read, and "a/x.csv" is not one.'),
    "schema": ("FROM s.t", QueryRefused, 'Only loaded tables can be read, and "s.t" is not one.'),
    "write in a CTE": (
        "WITH x AS (DELETE FROM t RETURNING *) FROM x",
        QueryRefused,
        "DELETE inside a query cannot run here: tables are only read.",
    ),
    "placeholder": ("SELECT ?", QueryRefused, "The SQL has a placeholder (? or $name)."),
    "unknown table": ("FROM orders", QueryFailed, 'There is no table "orders".'),
    "syntax": ("SELEC 1", QueryFailed, 'Syntax error at or near "SELEC" (line 1, column 1).'),
    "syntax further on": (
        "SELECT 'é',\n  1 FROM FROM",
        QueryFailed,
        'Syntax error at or near "FROM" (line 2, column 10).',
    ),
    "too long": (
        "SELECT 1 --" + "x" * 100_000,
        QueryRefused,
        "The SQL is too long: 100,011 characters; at most 100,000 can run.",
    ),
    "too many subqueries": ("(SELECT " * 200 + "1" + ")" * 200, QueryRefused, "The SQL is nested too deeply."),
    "too deep": ("SELECT " + " || ".join(["'a'"] * 3000), QueryRefused, "The SQL is nested too deeply."),
}


@pytest.mark.parametrize(("sql", "kind", "detail"), SENTENCES.values(), ids=SENTENCES)
def test_says_what_was_refused(sql: str, kind: type[QueryError], detail: str) -> None:
    with pytest.raises(kind) as caught:
        gate.check(sql, TABLES)
    assert caught.value.detail == detail
    assert caught.value.sql == sql


def test_names_the_tables_that_are_meant() -> None:
    with pytest.raises(QueryFailed) as caught:
        gate.check("FROM custmers", ("customers", "orders"))
    assert caught.value.hint == "Did you mean: customers."


def test_names_the_tables_when_none_is_near() -> None:
    with pytest.raises(QueryFailed) as caught:
        gate.check("FROM x", ("customers", "orders"))
    assert caught.value.hint == "The tables are: customers, orders."


UNKNOWN = {
    "query node": {"node": {"type": "TELEPORT_QUERY_NODE", "cte_map": {"map": []}}},
    "row source": {"node": {"type": "SELECT_NODE", "from_table": {"type": "CLOUD_REF", "table_name": "t"}}},
    "expression": {"node": {"type": "SELECT_NODE", "select_list": [{"class": "X", "type": "RUN_SHELL"}]}},
    "deep inside": {"node": {"type": "SELECT_NODE", "new_key": [[{"other": {"type": "RUN_SHELL"}}]]}},
}


@pytest.mark.parametrize("statement", UNKNOWN.values(), ids=UNKNOWN)
def test_what_a_later_engine_may_add_is_refused(statement: dict[str, Any]) -> None:
    with pytest.raises(QueryRefused):
        gate.judge(statement, "", TABLES)


def test_never_binds() -> None:
    """A parser that opened files or tables would fail here: it has neither."""
    gate.check("SELECT no_such_column, no_such_function(1) FROM t", TABLES)


def test_every_table_function_of_the_engine_was_thought_of() -> None:
    """What this engine has besides the listed ones is refused, whatever its name."""
    names = duckdb.connect().execute(
        "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type IN ('table', 'table_macro')"
    )
    others = [name for (name,) in names.fetchall() if name not in gate.TABLE_FUNCTIONS]
    assert len(others) > 50
    for name in others:
        with pytest.raises(QueryRefused):
            gate.check(f"SELECT * FROM {name}('x')", TABLES)
