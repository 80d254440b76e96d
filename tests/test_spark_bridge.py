"""SQLite's meaning in Spark SQL: each construct run in SQLite, on DuckDB and on Sail, with the same rows in all."""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import sqlglot
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlglot import exp

from lib.asking.bridge import bridge
from lib.asking.bridge.spark import allowed
from lib.data.table import Column, Table
from lib.engine.types import quoted
from lib.errors import CannotTranslate
from tests import spark_proofs, sqlite_queries
from tests.command import bayan
from tests.test_bridge import COLUMNS, TABLES, WORDS, _columns, _rows, answers, engine, sqlite
from tests.test_command_line import lines

__all__ = ["engine", "sqlite"]

Ask = Callable[[str], list[tuple[Any, ...]]]
_ARROW: dict[str, tuple[pa.DataType, Callable[[str], Any]]] = {
    "BIGINT": (pa.int64(), int),
    "DOUBLE": (pa.float64(), float),
    "VARCHAR": (pa.string(), str),
    "DATE": (pa.date32(), dt.date.fromisoformat),
    "TIMESTAMP": (pa.timestamp("us"), dt.datetime.fromisoformat),
}


@pytest.fixture(scope="module")
def sail() -> Iterator[Ask]:
    """Ask a Sail server of its own, in a session of UTC with the tables."""
    server_of = pytest.importorskip("pysail.spark", reason="pysail is not installed").SparkConnectServer
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyspark.sql import SparkSession
    server = server_of("127.0.0.1", 0)
    server.start(background=True)
    host, port = server.listening_address
    spark = SparkSession.builder.remote(f"sc://{host}:{port}").create()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    for table in COLUMNS:
        spark.createDataFrame(_arrow(table)).createOrReplaceTempView(table)

    def ask(sql: str) -> list[tuple[Any, ...]]:
        columns = [_without_zone(one).to_pylist() for one in spark.sql(sql).toArrow().columns]
        return list(zip(*columns, strict=True))

    yield ask
    spark.stop()
    server.stop()


def _arrow(table: str) -> pa.Table:
    columns = {}
    for place, (name, type_) in enumerate(_columns(table)):
        kind, read = _ARROW[type_]
        cells = [row[place] for row in _rows(table)]
        columns[name] = pa.array([None if cell is None else read(cell) for cell in cells], kind)
    return pa.table(columns)


def _without_zone(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Moments of a session of UTC, as the engine shows them."""
    return column.cast(pa.timestamp("us")) if pa.types.is_timestamp(column.type) else column


def spark_sql(sql: str) -> str:
    return bridge(sql, TABLES, "spark").sql


@pytest.mark.parametrize("name", spark_proofs.ALL)
def test_means_the_same_in_sqlite_on_duckdb_and_on_spark(
    name: str, sqlite: sqlite3.Connection, engine: duckdb.DuckDBPyConnection, sail: Ask
) -> None:
    sql = spark_proofs.ALL[name]
    wanted = answers(sqlite.execute(sql).fetchall(), sql)
    written = spark_sql(sql)
    assert answers(sail(written), sql) == wanted, written
    assert answers(engine.execute(bridge(sql, TABLES).sql).fetchall(), sql) == wanted


def test_everything_that_may_be_written_has_a_proof() -> None:
    proofs = [spark_sql(sql) for sql in spark_proofs.ALL.values()]
    nodes = {type(node) for sql in proofs for node in sqlglot.parse_one(sql, read="spark").walk()}
    assert nodes >= allowed.NODES.keys() - {exp.Anonymous, exp.Cast}  # functions by name; a CAST is read as TryCast
    written = "\n".join(proofs)
    outside = re.sub(r"'(\\.|[^'\\])*'|`[^`]*`", "''", written)
    assert {one.lower() for one in re.findall(r"(\w+)\(", outside)} >= allowed.FUNCTIONS - {"rand"}
    assert {one.lower() for one in re.findall(r"AS (\w+)(?:\(\d+, \d+\))?\)", outside)} >= {
        one.lower() for one in allowed.TYPES
    }


def test_the_corpus_of_sqlite_gives_its_rows_on_spark(sqlite: sqlite3.Connection, sail: Ask) -> None:
    refused, failed, different = [], [], []
    for name, sql in sqlite_queries.ALL.items():
        try:
            written = spark_sql(sql)
        except CannotTranslate:
            refused.append(name)
            continue
        try:
            rows = answers(sail(written), sql)
        except Exception as e:  # noqa: BLE001 - what the server says, whatever it is
            failed.append((name, written, str(e)[:300]))
            continue
        if rows != answers(sqlite.execute(sql).fetchall(), sql):
            different.append((name, written, rows))
    tried = len(sqlite_queries.ALL) - len(refused)
    assert not different
    assert len(failed) <= 0.05 * tried, failed
    assert len(refused) <= 0.10 * len(sqlite_queries.ALL), refused


REFUSED = {
    "a recursion": ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n", "RECURSIVE"),
    "rows joined to a text": ("SELECT group_concat(name) FROM people", "GROUP_CONCAT"),
    "the printing of a fraction": ("SELECT salary || '!' FROM people", "fraction"),
    "an order that DISTINCT loses": ("SELECT DISTINCT city FROM people ORDER BY age", "DISTINCT"),
    "a row's number": ("SELECT rowid FROM people", "number"),
    "not in with a constant": ("SELECT id FROM people WHERE 1 NOT IN (SELECT age FROM people)", "NOT IN"),
    "not in or else": ("SELECT id FROM people WHERE id NOT IN (SELECT age FROM people) OR id = 1", "IN over a query"),
    "not over in": ("SELECT id FROM people WHERE NOT (id IN (SELECT age FROM people) OR id = 1)", "IN over a query"),
    "in as a value": ("SELECT id IN (SELECT age FROM people) FROM people", "IN over a query"),
    "a piece from before the text": ("SELECT substr(name, 0, 2) FROM people", "SUBSTR"),
    "another regular expression": ("SELECT id FROM people WHERE name REGEXP '^A'", "REGEXP"),
    "a collation": ("SELECT id FROM people ORDER BY name COLLATE NOCASE", "COLLATE"),
    "a function of the engine's own": ("SELECT year(born) FROM people", "SQLite would not take this"),
    "a column that is not there": ("SELECT nam FROM people", "no such column: nam"),
    "a file": ("SELECT * FROM `text./etc/hostname`", "no such table"),
    "a name that Spark replaces": ("SELECT id AS \"${env:HOME}\" FROM people", "name"),
    "a logarithm": ("SELECT log(age) FROM people", "LOG"),
    "a limit that is computed": ("SELECT id FROM people LIMIT 1 + 1", "LIMIT"),
    "a natural join": ("SELECT * FROM people NATURAL JOIN teams", "NATURAL"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_proven_is_refused_with_a_way_out(name: str) -> None:
    sql, told = REFUSED[name]
    with pytest.raises(CannotTranslate, match=re.escape(told)) as caught:
        spark_sql(sql)
    assert caught.value.sql == sql
    assert caught.value.hint


WRITTEN = {
    "widths of numbers": (
        "SELECT age * 2 + 1.5 AS a FROM people WHERE 3 < age",
        "SELECT age * 2L + 1.5D AS a FROM people WHERE 3 < age",
    ),
    "the backslash": ("SELECT 'a\\b' AS a", "SELECT 'a\\\\b' AS a"),
    "what Spark would replace": ("SELECT '${x}' AS a", "SELECT concat('$', '{x}') AS a"),
    "a comment": ("SELECT /*+ BROADCAST(people) */ id FROM people", "SELECT id FROM people"),
    "a name": ('SELECT id AS "a`b" FROM people', "SELECT id AS `a``b` FROM people"),
    "a date": (
        "SELECT id FROM people WHERE born > '1990-01-01'",
        "SELECT id FROM people WHERE born > CAST('1990-01-01' AS DATE)",
    ),
    "an order of groups": (
        "SELECT city FROM people GROUP BY city ORDER BY max(age) DESC",
        "SELECT city FROM (SELECT city AS city, max(age) AS order_1 FROM people GROUP BY city) AS grouped"
        " ORDER BY order_1 DESC",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRITTEN)
def test_is_written_so_that_spark_cannot_read_it_in_another_way(name: str) -> None:
    before, after = WRITTEN[name]
    assert spark_sql(before) == after


_CATALOG = Table("s", "", (
    Column("q", "INTEGER", "q"), Column("price", "DECIMAL(10,2)", "price"),
    Column("at", "TIMESTAMP WITH TIME ZONE", "at"), Column("tags", "VARCHAR[]", "tags"),
), 1, 1)  # fmt: skip
OF_A_CATALOG = {
    "SELECT price FROM s ORDER BY price": "SELECT price FROM s ORDER BY price",
    "SELECT price FROM s WHERE price > 1.5 AND q = 2": "SELECT price FROM s WHERE price > 1.5D AND q = 2",
    "SELECT sum(price * q) AS x FROM s": "SELECT sum(CAST(price AS DOUBLE) * CAST(q AS BIGINT)) AS x FROM s",
    "SELECT DISTINCT price FROM s": "SELECT DISTINCT CAST(price AS DOUBLE) AS price FROM s",
    "SELECT q * q AS y FROM (SELECT q FROM s)": "SELECT q * q AS y FROM (SELECT CAST(q AS BIGINT) AS q FROM s)",
    "SELECT strftime('%Y', at) AS y FROM s": "SELECT date_format(CAST(at AS TIMESTAMP_NTZ), 'yyyy') AS y FROM s",
}


@pytest.mark.parametrize("sql", OF_A_CATALOG)
def test_types_that_sqlite_has_not_are_computed_with_as_it_would(sql: str) -> None:
    assert bridge(sql, [_CATALOG], "spark").sql == OF_A_CATALOG[sql]


def test_a_column_of_lists_is_refused() -> None:
    with pytest.raises(CannotTranslate, match="tags"):
        bridge("SELECT tags FROM s", [_CATALOG], "spark")


@hypothesis_settings(max_examples=40, deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
    | st.text("'\\$\"{}`n\nu0", max_size=8)
)
def test_any_text_and_any_name_arrive_as_they_are(sail: Ask, text: str) -> None:
    literal = "'" + text.replace("'", "''") + "'"
    assert sail(spark_sql(f"SELECT {literal} AS a")) == [(text,)]
    name = quoted("x" + text.replace("${", ""))
    assert sail(spark_sql(f"SELECT {name} FROM (SELECT 1 AS {name})")) == [(1,)]


@hypothesis_settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join))
def test_any_text_ends_in_sql_or_in_a_refusal(text: str) -> None:
    try:
        sql = spark_sql(text)
    except CannotTranslate as e:
        sql = e.detail
    assert sql


def test_the_command_writes_for_spark(tmp_path: Path) -> None:
    file = tmp_path / "teams.csv"
    file.write_text("id,title\n1,Red\n", encoding="utf-8")
    [line] = lines(
        bayan("bridge", str(file), "--to", "spark", stdin='{"id": 1, "sql": "SELECT id / 2 AS h FROM teams"}')
    )
    assert line["sql"] == "SELECT id DIV 2 AS h FROM teams"
    assert [one["code"] for one in line["notes"]] == ["integer_division"]
