"""SQLite's meaning in the engine's dialect, held against SQLite itself with the same rows."""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lib.asking.bridge import Bridged, bridge
from lib.asking.bridge.notes import MESSAGES
from lib.data.table import Column, Table
from lib.data.workspace import Source, Workspace
from lib.engine import gate
from lib.errors import CannotTranslate, QueryError
from lib.settings import Settings
from tests import native_queries, sqlite_queries
from tests.command import bayan
from tests.test_command_line import lines

PEOPLE = """
    1 | Anna   | Berlin | 1990-05-17 | 2020-03-01 10:30:00 | 2500.5  | 35 | 12     | 1
    2 | bob    | Paris  | 1985-12-31 | 2021-06-15 08:00:00 | 3200.0  | 40 | 007    | 1
    3 | Carla  | Paris  | 2001-09-09 | 2019-11-30 23:59:59 |         | 24 | 12 kg  | 2
    4 | O'Hara | Rome   |            | 2022-01-31 00:00:00 | 4100.25 |    | abc    | 2
    5 | Eve    | berlin | 1990-02-28 |                     | 2500.5  | 28 |        | 3
    6 | Abe    | Berlin | 1979-03-08 | 2020-02-29 12:15:30 | 1800.0  | 46 | 3.5e1x | 1
"""
TEAMS = """
    1 | Red   | 100.0
    2 | Blue  | 250.5
    3 | Green |
    4 | Empty | 75.25
"""
SALES = """
    1 | 1 | 10.5  | 2023-01-05 | first, of all
    2 | 1 | 20.0  | 2023-01-20 | second, one
    3 | 2 | 5.25  | 2023-02-11 | x
    4 | 3 | 7.0   | 2001-09-09 |
    5 | 6 | 99.99 | 2023-03-01 | a,b,c
"""
READINGS = """
    1 | 35 | 1600000000 | 1 | a | 1.5
    2 | x  | 0          | 2 | b | 2.5
    3 | 24 | 86399      | 3 | c |
    4 |    |            | 4 | d | 4.5
"""
COLUMNS = {
    "people": "id BIGINT, name VARCHAR, city VARCHAR, born DATE, joined TIMESTAMP, salary DOUBLE, age BIGINT,"
    " code VARCHAR, team BIGINT",
    "teams": "id BIGINT, title VARCHAR, budget DOUBLE",
    "sales": "id BIGINT, person BIGINT, amount DOUBLE, sold VARCHAR, note VARCHAR",
    "readings": 'id BIGINT, label VARCHAR, seconds BIGINT, "offset" BIGINT, "analyze" VARCHAR, "net value" DOUBLE',
}
ROWS = {"people": PEOPLE, "teams": TEAMS, "sales": SALES, "readings": READINGS}
IN_SQLITE = {"BIGINT": "INTEGER", "DOUBLE": "REAL", "VARCHAR": "TEXT", "DATE": "TEXT", "TIMESTAMP": "TEXT"}


def _columns(table: str) -> list[tuple[str, str]]:
    split = (one.strip().rpartition(" ") for one in COLUMNS[table].split(","))
    return [(name.strip('"'), type_) for name, _, type_ in split]


def _rows(table: str) -> list[list[str | None]]:
    lines = ROWS[table].strip().splitlines()
    return [[cell.strip() or None for cell in line.split("|")] for line in lines]


TABLES = tuple(
    Table(name, f"{name}.csv", tuple(Column(column, type_, column) for column, type_ in _columns(name)), 6, 6)
    for name in COLUMNS
)


@pytest.fixture(scope="module")
def sqlite() -> Iterator[sqlite3.Connection]:
    """SQLite with the tables, and the REGEXP that it leaves to others."""
    database = sqlite3.connect(":memory:")
    database.create_function("regexp", 2, lambda pattern, text: text is not None and bool(re.search(pattern, text)))
    for table in COLUMNS:
        columns = ", ".join(f'"{name}" {IN_SQLITE[type_]}' for name, type_ in _columns(table))
        database.execute(f"CREATE TABLE {table} ({columns})")
        marks = ", ".join("?" * len(_columns(table)))
        database.executemany(f"INSERT INTO {table} VALUES ({marks})", _rows(table))
    yield database
    database.close()


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    database = duckdb.connect(config={"threads": 1})
    for table, columns in COLUMNS.items():
        database.execute(f"CREATE TABLE {table} ({columns})")
        marks = ", ".join("?" * len(_columns(table)))
        database.executemany(f"INSERT INTO {table} VALUES ({marks})", _rows(table))
    yield database
    database.close()


def alike(value: Any) -> Any:
    """A value as it is compared: numbers and texts of numbers as numbers, dates as their text."""
    match value:
        case bool() | int() | float() | Decimal():
            return float(f"{float(value):.9g}")
        case dt.datetime():
            return value.isoformat(sep=" ")
        case dt.date() | dt.time():
            return value.isoformat()
        case str():
            try:
                return float(f"{float(value):.9g}")
            except ValueError:
                return value
    return value


def answers(rows: list[Any], sql: str) -> list[tuple[Any, ...]]:
    """The rows as they are compared: in their order when the query gives one."""
    found = [tuple(alike(value) for value in row) for row in rows]
    return found if "ORDER BY" in sql else sorted(found, key=repr)


@pytest.mark.parametrize("name", sqlite_queries.ALL)
def test_gives_the_rows_that_sqlite_gives(
    name: str, sqlite: sqlite3.Connection, engine: duckdb.DuckDBPyConnection
) -> None:
    sql = sqlite_queries.ALL[name]
    bridged = bridge(sql, TABLES).sql
    gate.check(bridged, COLUMNS)
    wanted = answers(sqlite.execute(sql).fetchall(), sql)
    assert answers(engine.execute(bridged).fetchall(), sql) == wanted, bridged


@pytest.mark.parametrize("name", native_queries.ALL)
def test_native_queries_keep_their_result(name: str, engine: duckdb.DuckDBPyConnection) -> None:
    sql = native_queries.ALL[name]
    bridged = bridge(sql, TABLES).sql
    assert answers(engine.execute(bridged).fetchall(), sql) == answers(engine.execute(sql).fetchall(), sql), bridged


def test_the_native_corpus_is_large_enough() -> None:
    assert len(native_queries.ALL) >= 150


READ_BY_BOTH = ("lateral without the word", "format with braces")


@pytest.mark.parametrize("name", [one for one in native_queries.ALL if not one.startswith("in both")])
def test_native_queries_are_left_alone(name: str) -> None:
    if name.partition(": ")[2] not in READ_BY_BOTH:
        assert bridge(native_queries.ALL[name], TABLES) == Bridged(native_queries.ALL[name])


CHANGES = {
    "double_quotes": ('SELECT id FROM people WHERE city = "Rome"', "SELECT id FROM people WHERE city = 'Rome'"),
    "qualified_name": (
        "SELECT upper(name) AS name FROM people WHERE name = 'bob'",
        "SELECT upper(people.name) AS name FROM people WHERE people.name = 'bob'",
    ),
    "rowid": ("SELECT rowid AS n FROM people", "SELECT (rowid + 1) AS n FROM people"),
    "bare_column": (
        "SELECT name, count(*) FROM people GROUP BY team",
        'SELECT first(people.name) AS "name", count(*) FROM people GROUP BY team',
    ),
    "bare_column_of_extreme": (
        "SELECT name, max(age) FROM people",
        'SELECT arg_max_null(people.name, age) AS "name", max(age) FROM people',
    ),
    "count_distinct": (
        "SELECT count(DISTINCT city, team) AS n FROM people",
        "SELECT count(DISTINCT CASE WHEN NOT city IS NULL AND NOT team IS NULL THEN (city, team) END) AS n FROM people",
    ),
    "value_as_text": (
        "SELECT substr(born, 1, 4) AS y FROM people",
        "SELECT substr(CAST(born AS TEXT), 1, 4) AS y FROM people",
    ),
    "printed_number": (
        "SELECT 'x' || (salary * 1.50) AS s FROM people",
        "SELECT 'x' || CAST(CAST((salary * 1.50) AS DOUBLE) AS TEXT) AS s FROM people",
    ),
    "text_as_number": ("SELECT '12 kg' + 1 AS n", "SELECT 12 + 1 AS n"),
    "condition_as_number": (
        "SELECT avg(age > 30) AS n FROM people",
        "SELECT avg(CAST(age > 30 AS INT)) AS n FROM people",
    ),
    "truth": ("SELECT id FROM people WHERE '1'", "SELECT id FROM people WHERE 1 <> 0"),
    "like_case": ("SELECT id FROM people WHERE name LIKE 'a%'", "SELECT id FROM people WHERE name ILIKE 'a%'"),
    "regexp": (
        "SELECT id FROM people WHERE name REGEXP '^A'",
        "SELECT id FROM people WHERE regexp_matches(name, '^A')",
    ),
    "integer_division": ("SELECT age / 2 AS half FROM people", "SELECT age // 2 AS half FROM people"),
    "wide_product": ("SELECT 100000 * 100000 AS n", "SELECT CAST(100000 AS BIGINT) * 100000 AS n"),
    "division_by_zero": (
        "SELECT salary / age AS x FROM people",
        "SELECT salary / nullif(age, 0) AS x FROM people",
    ),
    "remainder": (
        "SELECT salary % 2 AS x FROM people",
        "SELECT TRY_CAST(trunc(salary) AS BIGINT) % 2 AS x FROM people",
    ),
    "cast": ("SELECT CAST(age AS REAL) AS x FROM people", "SELECT CAST(age AS DOUBLE) AS x FROM people"),
    "mixed_comparison": (
        "SELECT id FROM people WHERE born > '1990'",
        "SELECT id FROM people WHERE CAST(born AS TEXT) > '1990'",
    ),
    "null_order": ("SELECT id FROM people ORDER BY age", "SELECT id FROM people ORDER BY age NULLS FIRST"),
    "first_row": (
        "SELECT (SELECT id FROM people) AS x",
        "SELECT (SELECT id FROM people LIMIT 1) AS x",
    ),
    "no_limit": ("SELECT id FROM people LIMIT -1", "SELECT id FROM people"),
    "min_max": (
        "SELECT max(age, 30) AS x FROM people",
        "SELECT CASE WHEN age IS NULL THEN NULL ELSE greatest(age, 30) END AS x FROM people",
    ),
    "function": (
        "SELECT total(age) AS x FROM people",
        "SELECT coalesce(sum(age), 0.0) AS x FROM people",
    ),
    "date_function": (
        "SELECT date(born, '+7 days') AS d FROM people",
        "SELECT CAST((CAST(born AS TIMESTAMP) + to_days(7)) AS DATE) AS d FROM people",
    ),
    "utc": ("SELECT CURRENT_DATE AS d", "SELECT CAST(make_timestamp(epoch_us(now())) AS DATE) AS d"),
    "mixed_results": (
        "SELECT coalesce(age, 'none') AS a FROM people",
        "SELECT coalesce(CAST(age AS TEXT), 'none') AS a FROM people",
    ),
    "set_order": (
        "SELECT 1 UNION SELECT 2 INTERSECT SELECT 2",
        "(SELECT 1 UNION SELECT 2) INTERSECT SELECT 2",
    ),
    "join_condition": (
        "SELECT 1 AS x FROM sales s JOIN people p ON p.team = t.id JOIN teams t",
        "SELECT 1 AS x FROM sales AS s JOIN people AS p ON TRUE JOIN teams AS t ON TRUE AND p.team = t.id",
    ),
    "syntax": ("SELECT id FROM people LIMIT 1, 2", "SELECT id FROM people LIMIT 2 OFFSET 1"),
}


@pytest.mark.parametrize("code", CHANGES)
def test_each_change_is_small_and_noted(code: str) -> None:
    before, after = CHANGES[code]
    bridged = bridge(before, TABLES)
    assert bridged.sql == after
    assert code in [one.code for one in bridged.notes]


def test_every_note_has_a_case() -> None:
    assert set(CHANGES) == set(MESSAGES)


REFUSED = {
    "an unknown date modifier": ("SELECT date(born, '+1 fortnight') FROM people", "'+1 fortnight'"),
    "a part of a month": ("SELECT date(born, '+1.5 months') FROM people", "part of a month"),
    "an unreadable modifier": ("SELECT date(born, printf('+%d days', 3)) FROM people", "put together"),
    "an unknown part of a date": ("SELECT strftime('%Q', born) FROM people", "'%Q'"),
    "a format out of a column": ("SELECT strftime(name, born) FROM people", "format"),
    "an unknown function": ("SELECT lenght(name) FROM people", "LENGTH"),
    "a function of SQLite's own": ("SELECT last_insert_rowid()", "LAST_INSERT_ROWID"),
    "an odd number of arguments": ("SELECT nullif(1)", "NULLIF"),
    "a printf that is no constant": ("SELECT printf(name, 1) FROM people", "PRINTF"),
    "a type that is not known": ("SELECT typeof((SELECT x FROM nowhere))", "TYPEOF"),
    "two statements": ("SELECT 1; SELECT 2", "2 statements"),
    "a change": ("DELETE FROM people", "SELECT"),
    "no SQL": ("which people are old?", "no SQL"),
    "nothing": ("", "0 statements"),
    "a character that is no text": ("SELECT '\0'", "character"),
    "half a character": ("SELECT '\ud800'", "character"),
    "too long": ("SELECT " + "1 + " * 60_000 + "1", "too long"),
    "too deep": ("SELECT " + "(" * 5_000 + "1" + ")" * 5_000, "too deeply"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_translated_is_refused_with_a_way_out(name: str) -> None:
    sql, told = REFUSED[name]
    with pytest.raises(CannotTranslate, match=re.escape(told)) as caught:
        bridge(sql, TABLES)
    assert caught.value.sql == sql
    assert caught.value.code == "cannot_translate"


def test_another_dialect_is_refused() -> None:
    with pytest.raises(CannotTranslate, match="klingon"):
        bridge("SELECT 1", TABLES, "klingon")


MIXED = {
    "a function of the engine beside a text in double quotes": (
        'SELECT year(born) AS y FROM people WHERE city = "Rome"',
        "SELECT year(born) AS y FROM people WHERE city = 'Rome'",
    ),
    "a function of the engine beside one of SQLite": (
        "SELECT year(born) AS y, iif(age > 30, 1, 2) AS g FROM people",
        "SELECT year(born) AS y, CASE WHEN age > 30 THEN 1 ELSE 2 END AS g FROM people",
    ),
    "a cast of the engine beside a text in double quotes": (
        'SELECT age::DOUBLE AS a FROM people WHERE city = "Rome"',
        "SELECT CAST(age AS DOUBLE) AS a FROM people WHERE city = 'Rome'",
    ),
    "a pattern on a date beside a function of the engine": (
        "SELECT left(name, 1) AS l FROM people WHERE born LIKE '1990%'",
        "SELECT left(name, 1) AS l FROM people WHERE CAST(born AS TEXT) ILIKE '1990%'",
    ),
}


@pytest.mark.parametrize("name", MIXED)
def test_a_mixture_is_bridged_where_the_engine_would_fail(name: str) -> None:
    before, after = MIXED[name]
    assert bridge(before, TABLES).sql == after


UNCHANGED = {
    "a column that is not there": "SELECT nam FROM people",
    "a quoted column that is not there": "SELECT `nam` FROM people",
    "a table that is not there": 'SELECT "a" FROM persons',
    "a name in two tables": "SELECT id FROM people, teams",
    "a subquery over a missing table": "SELECT name FROM people WHERE id IN (SELECT x FROM nowhere)",
}


@pytest.mark.parametrize("name", UNCHANGED)
def test_wrong_names_are_left_to_the_engine(name: str) -> None:
    assert bridge(UNCHANGED[name], TABLES) == Bridged(UNCHANGED[name])


NAMES = {
    "a rewritten expression": ("SELECT age / 2 FROM people", ["age / 2"]),
    "a bare column": ("SELECT name, max(age) FROM people", ["name", "max(age)"]),
    "an alias": ("SELECT age / 2 AS half FROM people", ["half"]),
    "a union": ("SELECT age / 2 FROM people UNION SELECT 1", ["age / 2"]),
    "an alias as a text": ("SELECT age 'years' FROM people", ["years"]),
}


@pytest.mark.parametrize("name", NAMES)
def test_columns_keep_the_names_of_sqlite(
    name: str, sqlite: sqlite3.Connection, engine: duckdb.DuckDBPyConnection
) -> None:
    sql, wanted = NAMES[name]
    assert [one[0] for one in sqlite.execute(sql).description] == wanted
    assert [one[0] for one in engine.execute(bridge(sql, TABLES).sql).description] == wanted


def test_queries_that_name_each_other_again_and_again_end_soon() -> None:
    steps = [f"c{i} AS (SELECT a.x FROM c{i - 1} a, c{i - 1} b)" for i in range(1, 60)]
    sql = f"WITH c0 AS (SELECT 1 AS x), {', '.join(steps)} SELECT x FROM c59 ORDER BY x"
    assert bridge(sql, TABLES).sql.endswith("ORDER BY x NULLS FIRST")


NESTS = {
    "months": "date('now'" + ", '+1 month'" * 40 + ")",
    "greatest": "max(1, " * 60 + "age" + ")" * 60,
    "text arithmetic": "(" * 60 + "name" + " || 'x' + 1)" * 60,
}


@pytest.mark.parametrize("name", NESTS)
def test_nests_that_need_a_value_twice_do_not_explode(name: str) -> None:
    with pytest.raises(CannotTranslate, match="nested too deeply"):
        bridge(f"SELECT {NESTS[name]} FROM people", TABLES)


def test_a_query_over_several_lines_stays_so() -> None:
    assert bridge("SELECT id\nFROM people\nORDER BY age", TABLES).sql.splitlines()[1:3] == ["  id", "FROM people"]


def test_a_table_too_wide_for_sqlite_is_bridged() -> None:
    columns = tuple(Column(f"c{i}", "BIGINT", "") for i in range(3_000))
    wide = Table("wide", "wide.csv", columns, 1, 1)
    assert bridge('SELECT c2999 / 2 AS h FROM wide WHERE "x" = c1', (wide,)).sql.startswith("SELECT c2999 // 2 AS h")


WORDS = [
    *"SELECT FROM WHERE GROUP BY ORDER HAVING LIMIT JOIN ON AS AND OR NOT IN IS NULL LIKE CASE WHEN THEN END".split(),
    *"UNION INTERSECT WITH RECURSIVE OVER PARTITION BETWEEN CAST INTEGER DISTINCT EXISTS COLLATE VALUES".split(),
    *"people teams name age born joined id p t count max min sum strftime date iif coalesce rowid".split(),
    *["(", ")", ",", ".", "*", "=", "<", "+", "-", "/", "%", "||", ";", "::", "[", "]", "'a'", '"b"', "1", "2.5"],
]  # fmt: skip


@hypothesis_settings(max_examples=100, deadline=None)
@given(st.one_of(st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join), st.text(max_size=80)))
@example("SELECT * FROM people WHERE")
@example("SELECT '")
@example("SELECT id FROM people GROUP BY")
@example("SELECT count() FROM people")
@example("SELECT max() FROM people")
@example("SELECT sum(*) FROM people")
@example("SELECT strftime() FROM people")
@example("SELECT CASE END")
@example("SELECT group_concat(DISTINCT)")
@example("WITH a AS (SELECT * FROM a) SELECT * FROM a")
@example("SELECT a.* FROM (SELECT 1) AS a(b, c) ORDER BY 5")
def test_any_text_ends_in_sql_or_in_a_refusal(text: str) -> None:
    try:
        sql = bridge(text, TABLES).sql
    except CannotTranslate as e:
        sql = e.detail
    assert sql


def test_the_command_answers_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "teams.csv"
    file.write_text("id,title\n1,Red\n", encoding="utf-8")
    asked = [
        '{"id": 1, "sql": "SELECT id FROM teams WHERE title = \\"Red\\""}',
        "no request",
        "",
        '{"id": "a", "sql": "SELECT lenght(title) FROM teams"}',
        '{"sql": "SELECT 1"}',
    ]
    first, second, third, fourth = lines(bayan("bridge", str(file), stdin="\n".join(asked)))
    note = {"code": "double_quotes", "message": MESSAGES["double_quotes"]}
    assert first == {"id": 1, "sql": "SELECT id FROM teams WHERE title = 'Red'", "notes": [note], "error": None}
    assert (second["id"], second["sql"], second["notes"]) == (None, "", [])
    assert "JSON" in second["error"]
    assert (third["id"], third["sql"]) == ("a", "")
    assert "LENGTH" in third["error"]
    assert fourth == {"id": None, "sql": "SELECT 1", "notes": [], "error": None}


def test_the_command_knows_its_dialects(tmp_path: Path) -> None:
    assert bayan("bridge", "teams.csv", "--to", "klingon").returncode == 2


def test_bridged_queries_run_on_loaded_files(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    lines = ["id,name,city,born,joined,salary,age,code,team"]
    lines += [",".join(cell or "" for cell in row) for row in _rows("people")]
    file.write_text("\n".join(lines), encoding="utf-8")
    with Workspace.temporary(Settings(bayan_home=str(tmp_path / "home"))) as space:
        with space.add([Source(file.name, file)]) as loading:
            assert loading.wait(60)
        sql = """
            SELECT name, strftime('%Y', born) / 10 AS decade, max(salary) FROM people
            WHERE city LIKE "b%" AND joined > '2020-02' GROUP BY age > 40 ORDER BY decade
        """
        with pytest.raises(QueryError):
            space.run(sql)
        assert space.run(bridge(sql, space.tables).sql).rows() == [["Abe", 197, 1800.0], ["Anna", 199, 2500.5]]
