"""What every engine has to do alike: DuckDB, Sail, Sail's cluster, and in a marked run Apache Spark."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from lib.engine.choose import engines
from lib.engine.result import Json, Result
from lib.engine.seam import SqlEngine
from lib.errors import QueryError, QueryFailed, QueryRefused, QueryStopped, QueryTimeout, QueryTooBig
from lib.settings import Settings
from tests.connect import Server, apache_spark, sail

FOREVER = "SELECT sum({id} % 7) AS n FROM range(1000000000000)"
TABLES = {
    "orders": """
        SELECT i::INTEGER AS id, 'n' || (i % 3) AS name, (i * 1.25)::DECIMAL(10,2) AS price,
        i * 0.5::DOUBLE AS share, DATE '2024-01-01' + i::INTEGER AS day,
        TIMESTAMP '2024-01-01 10:20:30.5' AS at, i % 2 = 0 AS even,
        CASE WHEN i % 4 > 0 THEN i END::BIGINT AS some FROM range(20) r(i)""",
    "Größe und Maß": """SELECT 1 AS "ein Wert", 'it''s "so" \\ `here`' AS "a`b""c", 'مرحبا' AS "اسم" """,
    "odd": """SELECT TIME '10:00:00' AS t, 7::UBIGINT AS big, '\\xAB'::BLOB AS raw, [1, 2] AS list,
        {'a': 1, 'b': 'x'} AS pair, NULL::INTEGER AS nothing, INTERVAL 2 DAY AS span, 9::HUGEINT AS huge,
        uuid() AS id, TIMESTAMP '2024-01-01' AS s""",
    "wide": "SELECT repeat('x', 100000) AS text FROM range(30)",
}


@dataclass
class Place:
    """A kind of engine, and where its server is, if it has one."""

    kind: str
    server: Server | None

    def settings(self, **more: object) -> Settings:
        return Settings(engine_url=self.server.url if self.server else "", **more)  # type: ignore[arg-type]

    def name(self, name: str) -> str:
        """A name as this engine's dialect quotes it."""
        mark = "`" if self.server else '"'
        return mark + name.replace(mark, 2 * mark) + mark

    @property
    def forever(self) -> str:
        return FOREVER.format(id="id" if self.server else "range")


SERVED = ["sail", "sail local-cluster", pytest.param("spark", marks=pytest.mark.spark)]


@pytest.fixture(scope="module", params=["duckdb", *SERVED])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    with ExitStack() as stack:
        match request.param:
            case "duckdb":
                yield Place("duckdb", None)
            case "sail":
                yield Place("sail", stack.enter_context(sail()))
            case "sail local-cluster":
                yield Place("sail", stack.enter_context(sail("local-cluster")))
            case _:
                yield Place("spark", stack.enter_context(apache_spark()))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "tables.duckdb"
    with closing(duckdb.connect(path)) as connection:
        for name, sql in TABLES.items():
            connection.execute(f'CREATE TABLE "{name}" AS {sql}')
    return path


@pytest.fixture(scope="module")
def engine(place: Place, database: Path) -> Iterator[SqlEngine]:
    made = engines(database, place.settings(query_result_mb=1), list(TABLES))
    yield made.asked
    made.close()


def run(engine: SqlEngine, sql: str, **limits: float) -> Result:
    with engine.start(sql, **limits) as query:  # type: ignore[arg-type]
        return query.result()


def typed(result: Result) -> list[tuple[str, str]]:
    return [(one.name, one.type) for one in result.columns]


def test_types_and_values_are_those_that_were_loaded(engine: SqlEngine) -> None:
    result = run(engine, "SELECT * FROM orders WHERE id IN (1, 4) ORDER BY id")
    assert typed(result) == [
        ("id", "INTEGER"), ("name", "VARCHAR"), ("price", "DECIMAL(10,2)"), ("share", "DOUBLE"), ("day", "DATE"),
        ("at", "TIMESTAMP"), ("even", "BOOLEAN"), ("some", "BIGINT"),
    ]  # fmt: skip
    assert result.rows() == [
        [1, "n1", 1.25, 0.5, "2024-01-02", "2024-01-01 10:20:30.500000", False, 1],
        [4, "n1", 5, 2.0, "2024-01-05", "2024-01-01 10:20:30.500000", True, None],
    ]
    assert str(result.table.column("price")[0].as_py()) == "1.25"
    assert (result.truncated, result.total_rows) == (False, 2)


def test_names_and_texts_of_every_kind_arrive_as_they_are(engine: SqlEngine, place: Place) -> None:
    result = run(engine, f"SELECT * FROM {place.name('Größe und Maß')}")
    assert typed(result) == [("ein Wert", "INTEGER"), ('a`b"c', "VARCHAR"), ("اسم", "VARCHAR")]
    assert result.rows() == [[1, 'it\'s "so" \\ `here`', "مرحبا"]]


@pytest.mark.parametrize(
    ("column", "value"),
    [("t", "10:00:00"), ("big", 7), ("list", [1, 2]), ("pair", {"a": 1, "b": "x"}), ("nothing", None), ("huge", 9),
     ("raw", "ab"), ("s", "2024-01-01 00:00:00")],
)  # fmt: skip
def test_types_that_an_engine_has_not_come_as_something_that_it_has(
    engine: SqlEngine, column: str, value: Json
) -> None:
    ((got,),) = run(engine, f"SELECT {column} FROM odd").rows()
    assert got in (value, f"{value}.000000")


def test_more_rows_than_allowed_are_cut_and_counted(engine: SqlEngine) -> None:
    result = run(engine, "SELECT id FROM orders ORDER BY id", max_rows=3)
    assert (result.rows(), result.truncated, result.total_rows) == ([[0], [1], [2]], True, 20)
    exact = run(engine, "SELECT id FROM orders ORDER BY id", max_rows=20)
    assert (len(exact.rows()), exact.truncated, exact.total_rows) == (20, False, 20)


def test_no_row_has_columns_all_the_same(engine: SqlEngine) -> None:
    result = run(engine, "SELECT id, name FROM orders WHERE id < 0")
    assert typed(result) == [("id", "INTEGER"), ("name", "VARCHAR")]
    assert (result.rows(), result.total_rows) == ([], 0)


def test_columns_may_have_the_same_name(engine: SqlEngine) -> None:
    result = run(engine, "SELECT id, id FROM orders ORDER BY 1 LIMIT 1")
    assert ([one.name for one in result.columns], result.rows()) == (["id", "id"], [[0, 0]])


def test_questions_give_what_they_have_to(engine: SqlEngine) -> None:
    sql = """WITH t AS (SELECT name, sum(price) AS total FROM orders GROUP BY name)
        SELECT t.name, t.total, count(*) AS n FROM t JOIN orders AS o ON o.name = t.name
        GROUP BY t.name, t.total ORDER BY t.total DESC"""
    assert run(engine, sql).rows() == [["n1", 87.5, 7], ["n0", 78.75, 7], ["n2", 71.25, 6]]


def test_a_query_that_takes_too_long_ends(engine: SqlEngine, place: Place) -> None:
    with pytest.raises(QueryTimeout, match=r"longer than the 0\.5 seconds"):
        run(engine, place.forever, timeout=0.5)
    assert run(engine, "SELECT 1 AS one").rows() == [[1]]


def test_a_query_can_be_stopped_while_another_goes_on(engine: SqlEngine, place: Place) -> None:
    with engine.start(place.forever) as other, engine.start(place.forever) as query:
        assert not query.wait(0.3)
        query.cancel()
        with pytest.raises(QueryStopped):
            query.result()
        assert not other.wait(0.5)
    assert run(engine, "SELECT count(*) AS n FROM orders").rows() == [[20]]


def test_a_query_waits_for_a_place_and_says_so(place: Place, database: Path) -> None:
    made = engines(database, place.settings(queries_at_once=1), list(TABLES))
    try:
        with made.asked.start(place.forever) as first:
            assert not first.wait(0.5)
            with made.asked.start("SELECT 1 AS one") as second:
                assert not second.wait(0.3)
                assert (second.waits, second.seconds, first.waits) == (True, 0.0, False)
                first.cancel()
                assert second.result().rows() == [[1]]
    finally:
        made.close()


def test_a_result_that_is_too_large_is_refused(engine: SqlEngine) -> None:
    with pytest.raises(QueryTooBig, match="larger than the 1 MB"):
        run(engine, "SELECT text FROM wide")


@pytest.mark.parametrize(
    ("sql", "kind", "says"),
    [
        ("SELECT nosuch FROM orders", QueryFailed, "nosuch"),
        ("SELECT * FROM nosuch", QueryFailed, 'There is no table "nosuch"'),
        ("SELECT * FROM order", QueryError, ""),
        ("SELECT FROM WHERE", QueryError, ""),
        ("SELECT 1; SELECT 2", QueryRefused, "Only one SELECT"),
        ("DROP TABLE orders", QueryRefused, "Only one SELECT"),
        ("SELECT * FROM other.orders", QueryRefused, "other.orders"),
        ("", QueryRefused, "no SQL"),
        ("SELECT CAST(name AS INTEGER) AS n FROM orders", QueryFailed, "n"),
    ],
)
def test_errors_are_one_plain_sentence_with_the_sql(
    engine: SqlEngine, sql: str, kind: type[QueryError], says: str
) -> None:
    with pytest.raises(kind, match=says) as caught:
        run(engine, sql)
    assert caught.value.sql == sql
    assert "\n" not in str(caught.value)
    assert "bayan_" not in str(caught.value)


def test_two_workspaces_do_not_see_each_other(place: Place, tmp_path: Path) -> None:
    made = []
    for number in (1, 2):
        path = tmp_path / f"{number}.duckdb"
        with closing(duckdb.connect(path)) as connection:
            connection.execute(f"CREATE TABLE common AS SELECT {number} AS n")
            connection.execute(f"CREATE TABLE only_{number} AS SELECT {number} AS n")
        made.append(engines(path, place.settings(), ["common", f"only_{number}"]))
    try:
        for number, one in enumerate(made, 1):
            assert run(one.asked, "SELECT n FROM common").rows() == [[number]]
            assert run(one.asked, f"SELECT n FROM only_{number}").rows() == [[number]]
        with pytest.raises(QueryFailed, match="There is no table"):
            run(made[1].asked, "SELECT n FROM only_1")
    finally:
        for one in made:
            one.close()


def test_a_closed_engine_runs_nothing(place: Place, database: Path) -> None:
    made = engines(database, place.settings(), list(TABLES))
    made.close()
    made.close()
    with pytest.raises(QueryFailed, match="were closed"):
        made.asked.start("SELECT 1")


@pytest.mark.parametrize("place", SERVED, indirect=True)
def test_a_server_that_was_restarted_gets_the_tables_again(engine: SqlEngine, place: Place) -> None:
    assert place.server is not None
    assert run(engine, "SELECT count(*) AS n FROM orders").rows() == [[20]]
    place.server.kill()
    with pytest.raises(QueryFailed, match="does not answer") as caught:
        run(engine, "SELECT count(*) AS n FROM orders")
    assert "127.0.0.1" not in str(caught.value)
    place.server.start()
    assert run(engine, "SELECT count(*) AS n FROM orders").rows() == [[20]]
