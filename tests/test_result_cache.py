"""Results that are kept: given again while nothing changed, and never when they may differ."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from lib.data.workspace import Source, Workspace
from lib.engine import gate, lasting
from lib.engine.engine import Engine
from lib.errors import QueryFailed
from lib.settings import Settings

MB = 1 << 20


def made(path: Path, rows: int = 3) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE TABLE t AS SELECT range AS a FROM range({rows})")
    return path


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with Engine(made(tmp_path / "x.duckdb"), Settings()) as engine:
        yield engine


def test_the_same_question_has_the_very_same_answer(engine: Engine) -> None:
    first = engine.run("SELECT count(*) FROM t")
    with engine.start("SELECT count(*) FROM t") as query:
        assert query.result() is first
    assert engine.run("SELECT count(*)  FROM t") is not first


def test_as_many_rows_as_are_asked_for(engine: Engine) -> None:
    few, all_ = engine.run("SELECT a FROM t", max_rows=2), engine.run("SELECT a FROM t")
    assert (few.table.num_rows, few.total_rows, all_.table.num_rows) == (2, 3, 3)
    assert engine.run("SELECT a FROM t", max_rows=2) is few


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT random() FROM t",
        "SELECT uuid()",
        "FROM t USING SAMPLE 2",
        "SELECT * FROM t TABLESAMPLE RESERVOIR(50%)",
        "WITH x AS (SELECT now() AS moment) SELECT moment FROM x",
    ],
)
def test_what_may_differ_is_asked_again(engine: Engine, sql: str) -> None:
    assert engine.run(sql) is not engine.run(sql)


def test_rows_that_were_not_all_counted_are_asked_for_again(engine: Engine) -> None:
    sql = "SELECT x, y FROM range(10000000) a(x), range(10000000) b(y)"
    first, second = (engine.run(sql, max_rows=5, timeout=1) for _ in range(2))
    assert first.total_rows is None
    assert second is not first


def test_errors_are_not_kept(engine: Engine) -> None:
    errors = []
    for _ in range(2):
        with pytest.raises(QueryFailed) as caught:
            engine.run("SELECT nope FROM t")
        errors.append(caught.value)
    assert errors[0] is not errors[1]


def test_a_file_that_was_changed_is_asked_again(tmp_path: Path) -> None:
    path = made(tmp_path / "x.duckdb")
    with Engine(path, Settings()) as engine:
        assert engine.run("SELECT count(*) FROM t").rows() == [[3]]
        made(path, rows=4)
        assert engine.run("SELECT count(*) FROM t").rows() == [[4]]
        with duckdb.connect(str(path)) as connection:
            connection.execute("INSERT INTO t VALUES (9)")
        assert engine.run("SELECT count(*) FROM t").rows() == [[5]]


def test_nothing_is_kept_of_a_closed_engine(tmp_path: Path) -> None:
    path = made(tmp_path / "x.duckdb")
    with Engine(path, Settings()) as engine:
        first = engine.run("SELECT count(*) FROM t")
    with Engine(path, Settings()) as engine:
        assert engine.run("SELECT count(*) FROM t") is not first


def test_only_so_much_is_kept(tmp_path: Path) -> None:
    """Each result takes a third of the room: of four, the one goes whose use is longest ago."""
    rows = MB // 3 // 8 - 2000
    with Engine(made(tmp_path / "x.duckdb", rows), Settings(result_cache_mb=1, query_max_rows=rows)) as engine:
        results = {number: engine.run(f"SELECT a + {number} AS a FROM t") for number in range(3)}
        assert engine.run("SELECT a + 0 AS a FROM t") is results[0]
        results[3] = engine.run("SELECT a + 3 AS a FROM t")
        for number in (0, 2, 3):
            assert engine.run(f"SELECT a + {number} AS a FROM t") is results[number]
        assert engine.run("SELECT a + 1 AS a FROM t") is not results[1]
        larger = [engine.run("SELECT a, a, a, a FROM t") for _ in range(2)]
        assert larger[0] is not larger[1]


def test_nothing_is_kept_when_that_is_switched_off(tmp_path: Path) -> None:
    with Engine(made(tmp_path / "x.duckdb"), Settings(result_cache_mb=0)) as engine:
        assert engine.run("SELECT 1") is not engine.run("SELECT 1")


def test_workspaces_share_nothing_and_changes_show_at_once() -> None:
    mine, theirs = Workspace.temporary(Settings()), Workspace.temporary(Settings())
    sql = "SELECT sum(n) AS n FROM sales"
    for space, text in ((mine, b"n\n1\n2\n"), (theirs, b"n\n5\n6\n")):
        space.add([Source("sales.csv", text)]).wait()
    assert (mine.run(sql).rows(), theirs.run(sql).rows()) == ([[3]], [[11]])
    assert mine.run(sql) is mine.run(sql)
    before = theirs.run(sql)
    theirs.add([Source("sales.csv", b"n\n7\n")]).wait()
    theirs.replace_twin("sales_2")
    assert theirs.run(sql).rows() == [[7]]
    assert before.rows() == [[11]]
    mine.close()
    theirs.close()


LASTING = {
    "plain": ("SELECT a, count(*) FROM t WHERE a > 1 GROUP BY a ORDER BY 2", True),
    "macro of stable functions": ("SELECT list_sum([1, 2]), nullif(1, 2), split_part('a b', ' ', 1)", True),
    "columns called like functions": (
        "SELECT age, today, random FROM (SELECT 1 AS age, 2 AS today, 3 AS random)",
        True,
    ),
    "statistics": ("SUMMARIZE t", True),
    "random": ("SELECT RANDOM()", False),
    "today without brackets": ("SELECT Current_Date", False),
    "time without brackets": ("SELECT a FROM t WHERE a > (SELECT hour(localtime))", False),
    "a macro that asks the time": ("SELECT ago(INTERVAL 1 DAY)", False),
    "age up to today": ("SELECT age(TIMESTAMP '2020-01-01')", False),
    "the function of a list": ("SELECT list_aggregate([1, 2], 'reservoir_quantile', 0.5, 1)", False),
    "in an order": ("SELECT a FROM t ORDER BY random()", False),
    "in WITH": ("WITH x AS (SELECT uuid() AS u) FROM x", False),
    "sample": ("SELECT * FROM t USING SAMPLE 10%", False),
    "sample of one table": ("SELECT * FROM t, t AS u TABLESAMPLE 10%", False),
}


@pytest.mark.parametrize(("sql", "expected"), LASTING.values(), ids=LASTING)
def test_what_lasts(sql: str, expected: bool) -> None:
    with duckdb.connect() as database:
        assert lasting.lasts(gate.check(sql, ["t"]), lasting.restless(database)) is expected


def test_the_engine_labels_no_other_function_wrongly() -> None:
    """Each function of nothing or of one time that counts as stable gives the same a moment later, elsewhere."""
    with duckdb.connect() as first, duckdb.connect() as second:
        calls = stable_calls(first)
        assert len(calls) > 80
        before, after = values(first, calls), values(second, calls)
        assert {one: (before[one], after[one]) for one in calls if before[one] != after[one]} == {}


def stable_calls(database: duckdb.DuckDBPyConnection) -> list[str]:
    rows = database.execute(
        "SELECT DISTINCT function_name, parameter_types FROM duckdb_functions() WHERE stability = 'CONSISTENT'"
        " AND function_type = 'scalar' AND (len(parameters) = 0 OR len(parameters) = 1"
        " AND list_has_any(parameter_types, ['DATE', 'TIMESTAMP', 'TIMESTAMP WITH TIME ZONE'])) ORDER BY ALL"
    ).fetchall()
    restless = lasting.restless(database)
    given = [(name, ", ".join(f"{kind} '2020-01-02'" for kind in kinds)) for name, kinds in rows]
    return [f'"{name}"({values})' for name, values in given if name not in restless]


def values(database: duckdb.DuckDBPyConnection, calls: list[str]) -> dict[str, str]:
    found = {}
    for call in calls:
        try:
            found[call] = str(database.execute(f"SELECT ({call})::VARCHAR").fetchall())
        except duckdb.Error as e:
            found[call] = type(e).__name__
    return found
