"""The engine through its front door: results, limits, locks, and what it leaves behind."""

from __future__ import annotations

import hashlib
import json
import os
import re
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from lib.engine.engine import Engine
from lib.engine.pool import KEPT_SECONDS
from lib.engine.result import Column, Json
from lib.errors import QueryError, QueryFailed, QueryRefused, QueryStopped, QueryTimeout, QueryTooBig
from lib.settings import Settings
from tests.attacks import ATTACKS, written
from tests.bombs import BOMBS
from tests.honest import HONEST

SECRET = "sk-never-in-a-worker"
FOREVER = "SELECT count(*) FROM range(1000000) a(x), range(1000000) b(y) WHERE x + y = -1"
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")


def make_database(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t (a INTEGER, s VARCHAR, d DATE)")
        connection.execute(
            "INSERT INTO t SELECT i, chr(97 + i % 3), DATE '2024-01-01' + i"
            " FROM (SELECT range::INTEGER AS i FROM range(1, 7))"
        )
        connection.execute('CREATE TABLE "فروش" AS SELECT 5 AS "مبلغ"')
        connection.execute("CREATE SEQUENCE q")
    return path


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_database(tmp_path_factory.mktemp("engine") / "it's my.duckdb")


@pytest.fixture(scope="module")
def engine(database: Path) -> Iterator[Engine]:
    settings = Settings(query_memory_mb=256, query_timeout_seconds=20, queries_at_once=2, result_cache_mb=0)
    with Engine(database, settings) as engine:
        yield engine


def rows(engine: Engine, sql: str) -> list[list[Json]]:
    return engine.run(sql).rows()


# Results


def test_a_result_has_columns_rows_and_their_number(engine: Engine) -> None:
    result = engine.run("SELECT a, s FROM t ORDER BY a LIMIT 2;")
    assert result.columns == (Column("a", "INTEGER"), Column("s", "VARCHAR"))
    assert result.rows() == [[1, "b"], [2, "c"]]
    assert (result.truncated, result.total_rows) == (False, 2)
    assert 0 < result.seconds < 20


def test_column_names_may_repeat(engine: Engine) -> None:
    result = engine.run('SELECT 1 AS a, INTERVAL 1 DAY AS a, 3 AS "A", 1 + 1')
    assert [one.name for one in result.columns] == ["a", "a", "A", "(1 + 1)"]
    assert result.table.column_names == ["a", "a", "A", "(1 + 1)"]
    assert result.rows() == [[1, "1 day", 3, 2]]


def test_no_rows(engine: Engine) -> None:
    result = engine.run("SELECT a, d FROM t WHERE false")
    assert (len(result.columns), result.rows(), result.total_rows) == (2, [], 0)


@pytest.mark.parametrize("name", ["describe", "summarize", "show tables", "pivot", "values", "from alone", "unpivot"])
def test_statements_that_are_not_called_select(engine: Engine, name: str) -> None:
    assert engine.run(HONEST[name]).table.num_rows > 0


def test_honest_queries_run(engine: Engine) -> None:
    some = list(HONEST.items())[::3]  # each costs a process; all are run below, in one
    queries = {name: engine.start(sql) for name, sql in some}
    for name, query in queries.items():
        assert query.result().columns, name


TYPES: dict[str, tuple[str, str, Json]] = {
    "boolean": ("true", "BOOLEAN", True),
    "integer": ("1", "INTEGER", 1),
    "bigint": ("9223372036854775807", "BIGINT", 9223372036854775807),
    "integer of 38 digits": (
        "12345678901234567890123456789012345678::HUGEINT",
        "HUGEINT",
        12345678901234567890123456789012345678,
    ),
    "integer of 39 digits": (
        "170141183460469231731687303715884105727",
        "HUGEINT",
        "170141183460469231731687303715884105727",
    ),
    "sum of integers": ("sum(9007199254740993)", "HUGEINT", 9007199254740993),
    "uhugeint": (
        "340282366920938463463374607431768211455::UHUGEINT",
        "UHUGEINT",
        "340282366920938463463374607431768211455",
    ),
    "decimal": ("1234.56::DECIMAL(10, 2)", "DECIMAL(10,2)", 1234.56),
    "decimal without fraction": ("12345678901234567890123::DECIMAL(38, 0)", "DECIMAL(38,0)", 12345678901234567890123),
    "double": ("0.1::DOUBLE", "DOUBLE", 0.1),
    "not a number": ("'nan'::DOUBLE", "DOUBLE", "NaN"),
    "infinity": ("'-inf'::FLOAT", "FLOAT", "-Infinity"),
    "text": ("'é 東 😀'", "VARCHAR", "é 東 😀"),
    "missing": ("NULL", "NULL", None),
    "missing date": ("NULL::DATE", "DATE", None),
    "date": ("DATE '2024-02-29'", "DATE", "2024-02-29"),
    "endless date": ("'infinity'::DATE", "DATE", "infinity"),
    "date before Christ": ("'0044-03-15 (BC)'::DATE", "DATE", "0044-03-15 (BC)"),
    "far timestamp": ("'12000-01-01 00:00:00'::TIMESTAMP", "TIMESTAMP", "12000-01-01 00:00:00"),
    "time": ("TIME '12:30:00'", "TIME", "12:30:00"),
    "time with nanoseconds": ("'12:30:00.123456789'::TIME_NS", "TIME_NS", "12:30:00.123456789"),
    "time with zone": ("'12:30:00+02'::TIMETZ", "TIME WITH TIME ZONE", "12:30:00+02"),
    "timestamp": ("TIMESTAMP '2024-01-02 03:04:05.5'", "TIMESTAMP", "2024-01-02 03:04:05.500000"),
    "timestamp with zone": (
        "'2024-01-02 03:04:05+02'::TIMESTAMPTZ",
        "TIMESTAMP WITH TIME ZONE",
        "2024-01-02 01:04:05+00:00",
    ),
    "timestamp in seconds": ("'2024-01-02 03:04:05'::TIMESTAMP_S", "TIMESTAMP_S", "2024-01-02 03:04:05"),
    "timestamp in nanoseconds": (
        "'2024-01-02 03:04:05.123456789'::TIMESTAMP_NS",
        "TIMESTAMP_NS",
        "2024-01-02 03:04:05.123456789",
    ),
    "interval": ("INTERVAL 25 HOUR", "INTERVAL", "25:00:00"),
    "binary": ("'ab\\x00'::BLOB", "BLOB", "616200"),
    "bits": ("'1011'::BIT", "BIT", "1011"),
    "uuid": ("'00000000-0000-0000-0000-000000000001'::UUID", "UUID", "00000000-0000-0000-0000-000000000001"),
    "enum": ("'x'::ENUM('x', 'y')", "ENUM('x', 'y')", "x"),
    "json": ("'{\"a\": 1}'::JSON", "JSON", '{"a": 1}'),
    "bignum": ("5::BIGNUM", "BIGNUM", "5"),
    "variant": ("'x'::VARIANT", "VARIANT", "x"),
    "union": ("union_value(k := 1)", "UNION(k INTEGER)", "1"),
    "geometry": ("'POINT(1 2)'::GEOMETRY", "GEOMETRY", "POINT (1 2)"),
    "list": ("[1, NULL, 3]", "INTEGER[]", [1, None, 3]),
    "empty list": ("[]::INTEGER[]", "INTEGER[]", []),
    "array": ("[1, 2]::INTEGER[2]", "INTEGER[2]", [1, 2]),
    "list of intervals": ("[INTERVAL 1 DAY]", "INTERVAL[]", ["1 day"]),
    "list of endless dates": ("['infinity'::DATE]", "DATE[]", "[infinity]"),
    "struct": (
        "{'a': 1.5, 'b c': [DATE '2024-01-01'], 'i': INTERVAL 1 DAY}",
        'STRUCT(a DECIMAL(2,1), "b c" DATE[], i INTERVAL)',
        {"a": 1.5, "b c": ["2024-01-01"], "i": "1 day"},
    ),
    "struct with binary": ("{'b': 'a'::BLOB}", "STRUCT(b BLOB)", {"b": "61"}),
    "tuple": ("(1, 'x')", "TUPLE(INTEGER, VARCHAR)", "(1, x)"),
    "map": ("MAP {'x': 1.5, 'y': 2}", "MAP(VARCHAR, DECIMAL(11,1))", {"x": 1.5, "y": 2.0}),
    "map with numbers as keys": ("MAP {1: 'a'}", "MAP(INTEGER, VARCHAR)", {"1": "a"}),
}


def test_every_type_arrives(engine: Engine) -> None:
    result = engine.run("SELECT " + ", ".join(sql for sql, _, _ in TYPES.values()))
    found = {name: (one.type, value) for name, one, value in zip(TYPES, result.columns, result.rows()[0], strict=True)}
    assert found == {name: (kind, value) for name, (_, kind, value) in TYPES.items()}
    json.dumps(result.rows(), allow_nan=False)


def test_exact_numbers_stay_exact_in_the_table(engine: Engine) -> None:
    table = engine.run("SELECT 0.12345678901234567890123456789::DECIMAL(38, 29) AS d").table
    assert str(table.column(0)[0]) == "0.12345678901234567890123456789"


def test_order_stays(engine: Engine) -> None:
    result = rows(engine, "SELECT i, INTERVAL 1 DAY FROM range(10000) r(i) ORDER BY hash(i)")
    assert [one[0] for one in result] == [
        one[0] for one in rows(engine, "SELECT i FROM range(10000) r(i) ORDER BY hash(i)")
    ]


# First N of M rows


@pytest.mark.parametrize(
    ("sql", "max_rows", "shown", "truncated", "total"),
    [
        ("SELECT * FROM range(5000)", 10, 10, True, 5000),
        ("SELECT * FROM range(5000) -- all;", 4999, 4999, True, 5000),
        ("SELECT * FROM range(5000);", 5000, 5000, False, 5000),
        ("SELECT INTERVAL 1 DAY FROM range(5000)", 3, 3, True, 5000),
        ("SELECT * FROM range(5000) LIMIT 7", 10, 7, False, 7),
        ("SELECT a AS x, a AS x FROM t", 2, 2, True, 6),
        ("SUMMARIZE t", 1, 1, True, 3),
        ("WITH x AS (FROM t) SELECT * FROM x ORDER BY a", 1, 1, True, 6),
    ],
)
def test_rows_are_capped_and_counted(
    engine: Engine, sql: str, max_rows: int, shown: int, truncated: bool, total: int
) -> None:
    result = engine.run(sql, max_rows=max_rows)
    assert (result.table.num_rows, result.truncated, result.total_rows) == (shown, truncated, total)


def test_rows_that_cannot_be_counted_in_time_are_shown_all_the_same(engine: Engine) -> None:
    result = engine.run("SELECT x, y FROM range(10000000) a(x), range(10000000) b(y)", max_rows=5, timeout=1)
    assert (result.table.num_rows, result.truncated, result.total_rows) == (5, True, None)


# Errors

ERRORS = {
    "unknown column": (
        "SELECT nope\nFROM t",
        QueryFailed,
        'Referenced column "nope" not found in FROM clause! Candidate bindings: "a" (line 1, column 8).',
    ),
    "line": ("SELECT a,\n       nope()\nFROM t", QueryFailed, "(line 2, column 8)."),
    "while it runs": ("SELECT s::INTEGER FROM t", QueryFailed, "Could not convert string 'b' to INT32"),
    "line when the columns are cast": (
        "SELECT INTERVAL 1 DAY,\n s::INTEGER FROM t",
        QueryFailed,
        "(line 2, column 3).",
    ),
    "a person's own error": ("SELECT error('stop here')", QueryFailed, "stop here."),
    "overflow": ("SELECT 9223372036854775807 + a FROM t", QueryFailed, "Overflow in addition"),
    "unknown table": ("FROM orders", QueryFailed, 'There is no table "orders".'),
    "syntax": ("SELEC 1", QueryFailed, 'Syntax error at or near "SELEC" (line 1, column 1).'),
    "refused": ("DROP TABLE t", QueryRefused, "Only one SELECT statement can run here; this one is a DROP."),
    "memory": ("SELECT len(range(1000000000))", QueryTooBig, "more than the 256 MB of memory"),
    "large result": ("SELECT repeat('z', 9000) || i FROM range(10000) r(i)", QueryTooBig, "larger than the 64 MB"),
}


@pytest.mark.parametrize(("sql", "kind", "sentence"), ERRORS.values(), ids=ERRORS)
def test_error_is_a_sentence(engine: Engine, sql: str, kind: type[QueryError], sentence: str) -> None:
    with pytest.raises(QueryError) as caught:
        engine.run(sql)
    assert type(caught.value) is kind
    assert sentence in caught.value.detail
    assert "Error:" not in caught.value.detail
    assert caught.value.sql == sql


def test_a_database_that_is_gone(tmp_path: Path) -> None:
    with Engine(tmp_path / "none.duckdb", Settings()) as engine, pytest.raises(QueryFailed) as caught:
        engine.run("SELECT 1")
    assert str(tmp_path) not in str(caught.value)


def test_a_database_that_is_being_written(tmp_path: Path) -> None:
    path = make_database(tmp_path / "x.duckdb")
    with duckdb.connect(str(path)), Engine(path, Settings()) as engine, pytest.raises(QueryFailed, match="just now"):
        engine.run("SELECT 1")


# Stopping and waiting


def test_cancel(engine: Engine) -> None:
    with engine.start(FOREVER) as query:
        assert not query.wait(0.2)
        query.cancel()
        assert query.wait(1.0)
        with pytest.raises(QueryStopped):
            query.result()
    assert rows(engine, "SELECT 1") == [[1]]


def test_cancel_after_the_end_changes_nothing(engine: Engine) -> None:
    query = engine.start("SELECT 1")
    query.result()
    query.cancel()
    assert query.result().rows() == [[1]]


def test_leaving_stops(engine: Engine) -> None:
    with engine.start(FOREVER) as query:
        pass
    assert query.wait(0)


def test_a_query_without_a_place_waits_and_says_so(engine: Engine) -> None:
    with engine.start(FOREVER) as first, engine.start(FOREVER) as second, engine.start("SELECT 1") as third:
        while third.doing != "Waiting for a place: number 1 in line":
            assert not third.wait(0.01)
        assert (third.seconds, third.ahead) == (0, 0)
        fourth = engine.start(FOREVER)
        fourth.cancel()
        with pytest.raises(QueryStopped):
            fourth.result()
        first.cancel()
        assert third.result().rows() == [[1]]
        assert third.ahead is None
        assert not second.wait(0)


def test_a_slow_query_goes_on_without_keeping_others_waiting(database: Path) -> None:
    with (
        Engine(database, Settings(queries_at_once=1)) as engine,
        Engine(make_database(database.parent / "other" / "y.duckdb"), Settings(queries_at_once=1)) as other,
        engine.start(FOREVER) as slow,
    ):
        while not slow.seconds:
            assert not slow.wait(0.01)
        assert rows(other, "SELECT 1") == [[1]]
        assert not slow.wait(0)


def test_nobody_takes_all_places(database: Path) -> None:
    """One workspace asks for ten endless queries at once; another one's are answered all the same."""
    with (
        Engine(database, Settings(queries_at_once=2)) as hostile,
        Engine(make_database(database.parent / "honest" / "y.duckdb"), Settings(queries_at_once=2)) as honest,
    ):
        bombs = [hostile.start(FOREVER) for _ in range(10)]
        while sum(one.seconds > 0 for one in bombs) < 2:
            assert not bombs[0].wait(0.01)
        for number in range(3):
            assert rows(honest, f"SELECT {number}") == [[number]]
        assert not any(one.wait(0) for one in bombs)


def test_a_long_query_says_how_far_it_is(engine: Engine) -> None:
    with engine.start("SELECT sum(sqrt(range)) FROM range(100000000000)") as query:
        while not query.doing.startswith("Running the query: "):
            assert not query.wait(0.01)
        assert re.fullmatch(r"Running the query: \d+ % done", query.doing)


@linux
def test_the_process_that_forks_workers_may_be_killed(engine: Engine) -> None:
    rows(engine, "SELECT 1")
    killed = [os.pidfd_open(pid) for pid in templates()]
    assert killed
    for one in killed:
        signal.pidfd_send_signal(one, signal.SIGKILL)
    assert all_ended(killed)
    for number in range(4):  # the spares that it left, and those of the next one
        assert rows(engine, f"SELECT {number}") == [[number]]
    assert templates()


def test_timeout(engine: Engine) -> None:
    with pytest.raises(QueryTimeout, match="1 seconds"):
        engine.run(FOREVER, timeout=1)


# Locks


def fingerprint(folder: Path) -> dict[str, str]:
    return {str(one): hashlib.sha256(one.read_bytes()).hexdigest() for one in folder.rglob("*") if one.is_file()}


def test_attacks_reach_nothing(tmp_path: Path) -> None:
    database = make_database(tmp_path / "x.duckdb")
    secret = tmp_path / "secret.csv"
    secret.write_text("word\nhunter2\n", encoding="utf-8")
    before = fingerprint(tmp_path)
    new = tmp_path / "new"
    with Engine(database, Settings(queries_at_once=4)) as engine:
        some = list(ATTACKS.items())[::6]  # each costs a process; the others are tried in test_gate and below
        queries = {name: engine.start(written(sql, str(secret), str(new))) for name, sql in some}
        for name, query in queries.items():
            with pytest.raises((QueryRefused, QueryFailed)) as caught:
                query.result()
            assert "hunter2" not in str(caught.value), name
            assert "broke down" not in str(caught.value), name
        assert rows(engine, "SELECT count(*) FROM t") == [[6]]
    assert fingerprint(tmp_path) == before


LOCKED = """
import sys
from lib.engine import worker
from lib.engine.wire import Job
database = worker.locked(worker.prepared(), Job(sys.argv[1], "", 5, 256, 10, 1))
for sql in sys.stdin.read().split("\\1"):
    try:
        print("ran", repr(database.execute(sql).fetchall()), flush=True)
    except Exception as e:
        print("failed", type(e).__name__, flush=True)
"""


def run_locked(database: Path, queries: Iterable[str]) -> list[str]:
    """Run SQL in one process with all locks but the gate, and give a line for each."""
    done = subprocess.run(
        [sys.executable, "-c", LOCKED, str(database)],
        input="\1".join(queries),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_without_the_gate_the_other_locks_hold(tmp_path: Path) -> None:
    database = make_database(tmp_path / "x.duckdb")
    secret = tmp_path / "secret.csv"
    secret.write_text("word\nhunter2\n", encoding="utf-8")
    before = fingerprint(tmp_path)
    cannot_be_sent = {"zero byte", "half a surrogate", "sleep", "sleep, by another name"}
    attacks = [
        written(sql, str(secret), str(tmp_path / "new")) for name, sql in ATTACKS.items() if name not in cannot_be_sent
    ]
    lines = run_locked(database, attacks)
    assert len(lines) == len(attacks)
    assert not [one for one in lines if "hunter2" in one or "root:" in one]
    assert fingerprint(tmp_path) == before


def test_the_locks_do_no_harm_to_honest_queries(database: Path) -> None:
    lines = run_locked(database, HONEST.values())
    assert {name: line for name, line in zip(HONEST, lines, strict=True) if not line.startswith("ran [")} == {}


def templates(of: int | None = None) -> set[int]:
    """The processes from which this process (or another one) has its workers forked."""
    return {pid for pid, (parent, _) in forking().items() if parent == (of or os.getpid())}


def workers(of: int | None = None) -> dict[int, Path]:
    """The worker processes that were forked for this process (or another one), and their folders in /proc."""
    return {pid: folder for pid, (parent, folder) in forking().items() if parent in templates(of)}


def forking() -> dict[int, tuple[int, Path]]:
    """All templates and their workers: the parent of each, and its folder in /proc."""
    found: dict[int, tuple[int, Path]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
                command = (folder / "cmdline").read_text()
            except OSError:
                continue
            if "lib.engine.template" in command:
                found[int(folder.name)] = (int(parent), folder)
    return found


class Peak(threading.Thread):
    """The most memory that any worker held, in MB, looked at every 20 ms."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.mb = 0
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(0.02):
            for folder in workers().values():
                self.mb = max(self.mb, self._of(folder))

    def _of(self, folder: Path) -> int:
        try:
            lines = (folder / "status").read_text().splitlines()
        except OSError:
            return 0
        return max((int(one.split()[1]) // 1024 for one in lines if one.startswith("VmHWM")), default=0)

    def stop(self) -> int:
        self._over.set()
        self.join()
        return self.mb


@linux
def test_bombs_end_in_time_and_memory(database: Path) -> None:
    peak = Peak()
    peak.start()
    with Engine(database, Settings(query_memory_mb=256, queries_at_once=4)) as engine:
        queries = {name: engine.start(sql, timeout=1, max_rows=10_000) for name, sql in BOMBS.items()}
        for name, query in queries.items():
            with pytest.raises((QueryTimeout, QueryTooBig, QueryFailed)):
                query.result()
            assert query.seconds < 2.5, name
        assert rows(engine, "SELECT 1") == [[1]]
    assert 50 < peak.stop() < 800


def test_each_query_has_a_process_of_its_own(database: Path) -> None:
    """What one query could leave behind, no other one meets."""
    with Engine(database, Settings(queries_at_once=2)) as engine, ThreadPoolExecutor(2) as threads:
        seeds = list(threads.map(lambda _: rows(engine, "SELECT setseed(0.5)"), range(2)))
        assert seeds == [[[None]]] * 2
        first, second = rows(engine, "SELECT random()"), rows(engine, "SELECT random()")
        assert first != second


@linux
def test_a_worker_has_no_secret_and_serves_once(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_API_KEY", SECRET)
    with (
        Engine(
            database,
            Settings(),
        ) as engine,
        engine.start(FOREVER) as query,
    ):
        assert not query.wait(0.3)
        seen = workers()
        assert seen
        for folder in seen.values():
            environment = (folder / "environ").read_bytes()
            assert b"PYTHONPATH=" in environment
            assert SECRET.encode() not in environment
            assert b"LLM_API_KEY" not in environment
            assert not any((folder / "cwd").resolve().iterdir())
        query.cancel()
        query.join()
        engine.run("SELECT 1")
        assert not seen.keys() & workers().keys()


CLOSING = """
import sys
from pathlib import Path
from lib.engine.engine import Engine
from lib.settings import Settings
engine = Engine(Path(sys.argv[1]), Settings())
queries = [engine.start(sys.argv[2]) for _ in range(6)]
while not queries[0].seconds:
    queries[0].wait(0.01)
print("runs", flush=True)
sys.stdin.readline()
engine.close()
print(all(query.wait(0) for query in queries), flush=True)
sys.stdin.readline()
"""


@linux
def test_nothing_runs_after_close(database: Path) -> None:
    with talking(CLOSING, database) as other:
        assert other.stdin
        assert other.stdout
        assert other.stdout.readline() == "runs\n"
        assert workers(of=other.pid)
        other.stdin.write("close\n")
        other.stdin.flush()
        assert other.stdout.readline() == "True\n"
        left = [os.pidfd_open(pid) for pid in workers(of=other.pid)]  # spares, which stay for a moment
        for one in left:
            assert select.select([one], [], [], KEPT_SECONDS + 5)[0]
            os.close(one)
        assert not workers(of=other.pid)


def talking(script: str, database: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, str(database), FOREVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_closed_engine_runs_nothing(database: Path) -> None:
    engine = Engine(database, Settings())
    engine.close()
    engine.close()
    with pytest.raises(QueryFailed, match="closed"):
        engine.start("SELECT 1")


@linux
def test_a_worker_that_is_killed_from_outside_does_not_harm_the_next(engine: Engine) -> None:
    with engine.start(FOREVER) as query:
        while not query.seconds:
            assert not query.wait(0.01)
        killed = [os.pidfd_open(pid) for pid in workers()]
        for one in killed:
            signal.pidfd_send_signal(one, signal.SIGKILL)
        with pytest.raises(QueryTooBig):
            query.result()
        assert all_ended(killed)
    assert rows(engine, "SELECT 1") == [[1]]


def all_ended(pidfds: list[int]) -> bool:
    """Wait for the end of these processes, at most 5 seconds for each."""
    ended = [bool(select.select([one], [], [], 5)[0]) for one in pidfds]
    for one in pidfds:
        os.close(one)
    return all(ended)


ORPHANING = """
import sys
from pathlib import Path
from lib.engine.engine import Engine
from lib.settings import Settings
query = Engine(Path(sys.argv[1]), Settings()).start(sys.argv[2])
while not query.seconds:
    query.wait(0.01)
print("runs", flush=True)
query.result()
"""


@linux
def test_a_worker_ends_with_its_parent(database: Path) -> None:
    """Its parent is killed while a query runs; then nobody is left to kill the worker."""
    with talking(ORPHANING, database) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        left = [os.pidfd_open(pid) for pid in workers(of=parent.pid)]
        parent.kill()
    assert left
    assert all_ended(left)
