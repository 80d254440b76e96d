"""The history: every turn and result comes back, from every version, and damage is said and never overwritten."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest

from lib.data.history import MIGRATIONS, History, Turn
from lib.data.workspace import Workspace
from lib.errors import DataError
from lib.settings import Settings


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite"


@pytest.fixture(name="history")
def _history(path: Path) -> Iterator[History]:
    history = History.open(path)
    yield history
    history.close()


def _open_again(path: Path, history: History) -> History:
    history.close()
    return History.open(path)


BODY = {"answer": "é “q” \ud83d\ude00", "n": [1, 2.5, None, True, {"deep": ["x"]}]}


def test_turns_come_back_in_order(path: Path, history: History) -> None:
    first = history.put(Turn("1", "ask", "How many?", "asked", BODY))
    second = history.put(Turn("0", "ask", "And now?", "done"))
    history.put(Turn("c", "chat", "Hello", "done"))
    history.put(Turn("d", "ask", "Elsewhere", "done", conversation="other"))
    later = history.put(Turn("1", "ask", "How many?", "done", {"answer": "two"}))
    assert later.created == first.created
    assert later.changed > first.changed
    assert history.turns("ask") == (later, second)
    again = _open_again(path, history)
    assert again.turns("ask") == (later, second)
    assert [one.question for one in again.turns("chat")] == ["Hello"]
    assert [one.id for one in again.turns("ask", "other")] == ["d"]
    assert again.notice == ""


def test_forgetting_and_clearing(path: Path, history: History) -> None:
    table = pa.table({"a": [1]})
    for name in ("1", "2", "3"):
        history.put_result(name, table)
        history.put(Turn(name, "ask", f"secret {name}", "done"))
    history.put(Turn("c", "chat", "stays", "done"))
    history.forget("1")
    assert [one.id for one in history.turns("ask")] == ["2", "3"]
    assert (history.result("1"), history.result("2")) == (None, table)
    history.clear("ask")
    assert (history.turns("ask"), history.result("2"), len(history.turns("chat"))) == ((), None, 1)
    history.close()
    assert list((path.parent / "results").iterdir()) == []
    assert b"secret" not in path.read_bytes()


def test_what_was_forgotten_while_it_was_answered_stays_so(path: Path, history: History) -> None:
    history.put(Turn("1", "chat", "q", "running"))
    history.clear("chat")
    history.put(Turn("1", "chat", "q", "done", {"answer": "late"}))
    history.put_result("1", pa.table({"a": [1]}))
    again = _open_again(path, history)
    assert (again.turns("chat"), again.result("1")) == ((), None)


def test_revision_grows_with_every_write(history: History) -> None:
    writes: list[Callable[[], object]] = [
        lambda: history.put(Turn("1", "ask", "q", "asked")),
        lambda: history.put_result("1", pa.table({"a": [1]})),
        lambda: history.put(Turn("1", "ask", "q", "done")),
        lambda: history.forget("1"),
        lambda: history.clear("ask"),
    ]
    seen = [history.revision]
    for write in writes:
        write()
        seen.append(history.revision)
    history.turns("ask")
    assert seen == sorted(set(seen))
    assert history.revision == seen[-1]


EVERY_TYPE = """
    SELECT 1::TINYINT a, 1::UTINYINT b, 2::USMALLINT c, 3::UINTEGER d, 18446744073709551615::UBIGINT e, 2::HUGEINT f,
        1.5::FLOAT g, 0.1::DOUBLE h, 12345678901234567890.123456789::DECIMAL(38,9) i, 'x' || chr(0) j,
        DATE '0001-01-01' k, TIME '10:00:00.123456' l, TIMESTAMP '2024-01-01 10:00:00.000001' m,
        TIMESTAMP_S '2024-01-01 10:00:00' n, TIMESTAMP_MS '2024-01-01 10:00:00' o, INTERVAL 3 DAY oo,
        TIMESTAMP_NS '2024-01-01 10:00:00.123456789' p, TIMESTAMPTZ '1500-01-01 10:00:00+02' q, [1, NULL, 2] r,
        {'a': 1, 'b': [{'c': TIMESTAMP_S '2024-01-01 10:00:00'}]} s, MAP{'a': [DATE '2024-01-01']} t, true u, NULL v,
        []::INT[] w, 'e'::ENUM('e', 'f') x, [1, 2]::INT[2] y, '\\xAA'::BLOB z, uuid() zz, '12:00:00+02'::TIMETZ zzz,
        bitstring('0101', 4) bb, 170141183460469231731687303715884105727 big, DATE 'infinity' inf, [] nothing
"""


@pytest.mark.parametrize(
    "sql",
    [
        EVERY_TYPE,
        f"{EVERY_TYPE} UNION ALL BY NAME SELECT NULL AS a",
        f"SELECT * FROM ({EVERY_TYPE}) LIMIT 0",
        "SELECT 1 AS a, 'x' AS a, 2.5 AS A",
        'SELECT 1 AS "ä b\n\t""q""", 2 AS "\u202e", 3 AS "a.b", 4 AS "schema", 5 AS " "',
        "SELECT i, i % 7 = 0 AS b, 'text ' || i AS t FROM range(10000) AS r(i)",
        "DESCRIBE SELECT 1",
    ],
)
def test_every_result_comes_back(sql: str, path: Path, history: History) -> None:
    with Workspace.temporary(Settings()) as space:
        table = space.run(sql).table
    history.put(Turn("../t/é\0", "ask", "q", "done"))
    history.put_result("../t/é\0", table)
    back = _open_again(path, history).result("../t/é\0")
    assert back is not None
    assert back.schema.equals(table.schema, check_metadata=True)
    assert back.equals(table)
    assert sorted(one.name for one in path.parent.iterdir()) == [
        "history.sqlite",
        "history.sqlite-shm",
        "history.sqlite-wal",
        "results",
    ]


def test_a_result_that_cannot_be_read_is_none(path: Path, history: History) -> None:
    assert history.result("1") is None
    history.put_result("1", pa.table({"a": [1]}))
    (file,) = (path.parent / "results").iterdir()
    file.write_bytes(file.read_bytes()[:-20])
    assert history.result("1") is None


def test_results_without_a_turn_go(path: Path, history: History) -> None:
    history.put_result("1", pa.table({"a": [1]}))
    history.put_result("2", pa.table({"a": [1]}))
    history.put(Turn("2", "ask", "q", "done"))
    (path.parent / "results" / "x.parquet.part").write_bytes(b"half")
    again = _open_again(path, history)
    assert (again.result("1"), again.result("2")) == (None, pa.table({"a": [1]}))
    assert len(list((path.parent / "results").iterdir())) == 1


def test_version_1_is_brought_to_the_newest(path: Path) -> None:
    rows = [
        ("a", "chat", "main", "q1", "done", '{"x": 1}', 5.0, 6.0),
        ("b", "ask", "main", "q2", "running", "{}", 7.0, 8.0),
    ]
    with sqlite3.connect(path) as old:
        old.executescript(f"{MIGRATIONS[0]} PRAGMA user_version = 1;")
        names = "id, kind, conversation, question, state, body, created, changed"
        old.executemany(f"INSERT INTO turns ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    old.close()
    history = History.open(path)
    assert history.turns("chat") == (Turn("a", "chat", "q1", "done", {"x": 1}, "main", 5.0, 6.0),)
    assert history.turns("ask") == (Turn("b", "ask", "q2", "stopped", {}, "main", 7.0, 8.0),)
    assert history.notice == ""
    history.close()
    with sqlite3.connect(path) as new:
        assert new.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    new.close()


def test_a_migration_that_breaks_off_leaves_the_old_version(path: Path) -> None:
    with sqlite3.connect(path) as old:
        old.executescript(f"{MIGRATIONS[0]} PRAGMA user_version = 1; CREATE VIEW turns_of_conversation AS SELECT 1")
    old.close()
    before = path.read_bytes()
    with pytest.raises(DataError):
        History.open(path)
    with sqlite3.connect(path) as same:
        assert same.execute("PRAGMA user_version").fetchone() == (1,)
        assert "process" not in str(same.execute("SELECT sql FROM sqlite_master").fetchall())
    assert len(path.read_bytes()) == len(before)
    same.close()


def test_a_newer_version_is_left_alone(path: Path, history: History) -> None:
    history.put(Turn("1", "ask", "q", "done"))
    history.close()
    with sqlite3.connect(path) as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    before = path.read_bytes()
    again = History.open(path)
    assert "newer version" in again.notice
    assert again.turns("ask") == ()
    again.put(Turn("2", "ask", "q", "done"))
    again.put_result("2", pa.table({"a": [1]}))
    assert again.result("2") == pa.table({"a": [1]})
    again.close()
    assert path.read_bytes() == before


@pytest.mark.parametrize("how", ["noise", "half", "middle"])
def test_what_is_damaged_is_set_aside(how: str, path: Path, history: History) -> None:
    for number in range(200):
        history.put(Turn(str(number), "ask", "q" * 200, "done"))
    history.close()
    data = path.read_bytes()
    middle = data[:8192] + b"?" * 16384 + data[8192 + 16384 :]
    path.write_bytes({"noise": b"?" * 9000, "half": data[: len(data) // 2], "middle": middle}[how])
    spoiled = path.read_bytes()
    again = History.open(path)
    (aside,) = path.parent.glob("damaged-*-history.sqlite")
    assert aside.name in again.notice
    assert aside.read_bytes() == spoiled
    again.put(Turn("1", "ask", "new", "done"))
    assert [one.question for one in _open_again(path, again).turns("ask")] == ["new"]


@pytest.mark.parametrize("how", ["noise", "empty", "gone"])
def test_results_are_set_aside_with_their_turns(how: str, path: Path, history: History) -> None:
    history.put(Turn("1", "ask", "q", "done"))
    history.put_result("1", pa.table({"a": [1]}))
    history.close()
    (result,) = (path.parent / "results").iterdir()
    kept = result.read_bytes()
    path.unlink()
    if how != "gone":
        path.write_bytes(b"?" * 9000 if how == "noise" else b"")
    again = History.open(path)
    (aside,) = path.parent.glob("damaged-*-results")
    assert (aside / result.name).read_bytes() == kept
    assert "could not be read" in again.notice
    assert aside.name in again.notice
    again.put(Turn("2", "ask", "q", "done"))
    again.put_result("2", pa.table({"a": [2]}))
    again = _open_again(path, again)
    assert (again.notice, again.result("2")) == ("", pa.table({"a": [2]}))
    again.close()


@pytest.mark.parametrize("body", ["{", "", "[]", "5", "[" * 100_000])
def test_a_turn_that_cannot_be_read_stays_in_the_file(body: str, path: Path, history: History) -> None:
    for name in ("1", "2", "3"):
        history.put(Turn(name, "ask", "q", "done", {"n": float("nan")}))
        history.put_result(name, pa.table({"a": [1]}))
    history.close()
    with sqlite3.connect(path) as spoiled:
        spoiled.execute("UPDATE turns SET body = ? WHERE id = '2'", (body,))
    spoiled.close()
    again = History.open(path)
    assert [one.id for one in again.turns("ask")] == ["1", "3"]
    assert again.notice == "1 question with its answer is damaged and not shown; the file keeps what there is."
    assert again.result("2") == pa.table({"a": [1]})
    again.close()
    with sqlite3.connect(path) as same:
        assert same.execute("SELECT body FROM turns WHERE id = '2'").fetchone() == (body,)
    same.close()


def test_results_have_a_bound(path: Path) -> None:
    tables = [pa.table({"a": [random.Random(name).randbytes(10_000)]}) for name in range(6)]
    history = History.open(path, 25_000)
    for number, table in enumerate(tables):
        history.put(Turn(str(number), "ask", "q", "done"))
        history.put_result(str(number), table)
        for file in (path.parent / "results").iterdir():  # the clock of a file may be coarse
            os.utime(file, ns=(0, file.stat().st_mtime_ns - 10**9))
    assert [history.result(str(number)) is not None for number in range(6)] == [False] * 4 + [True] * 2
    assert len(history.turns("ask")) == 6
    history.put_result("0", pa.table({"a": [random.Random(9).randbytes(50_000)]}))
    assert [history.result(str(number)) is not None for number in range(6)] == [True] + [False] * 5
    history.close()


def test_what_runs_in_this_process_goes_on_when_the_history_is_opened_again(path: Path, history: History) -> None:
    history.put(Turn("1", "ask", "q", "running"))
    other = History.open(path)
    assert [one.state for one in other.turns("ask")] == ["running"]
    other.close()


def test_threads_may_use_it_at_once(history: History) -> None:
    table = pa.table({"a": list(range(100))})

    def work(name: int) -> int:
        for number in range(20):
            history.put(Turn(f"{name}-{number}", "chat", "q", "running"))
            history.put_result(f"{name}-{number}", table)
            history.put(Turn(f"{name}-{number}", "chat", "q", "done"))
            assert history.result(f"{name}-{number}") == table
        return len(history.turns("chat"))

    with ThreadPoolExecutor(4) as threads:
        assert max(threads.map(work, range(4), timeout=60)) == 80
    assert {one.state for one in history.turns("chat")} == {"done"}


def test_a_closed_history_says_so(history: History) -> None:
    history.close()
    history.close()
    for use in (
        lambda: history.turns("ask"),
        lambda: history.put(Turn("1", "ask", "q", "done")),
        lambda: history.result("1"),
    ):
        with pytest.raises(DataError, match="were closed"):
            use()


def test_a_workspace_says_what_became_of_its_history(tmp_path: Path) -> None:
    folder = tmp_path / "w"
    Workspace.open(folder, Settings()).close()
    (folder / "history.sqlite").write_bytes(b"noise" * 1000)
    with Workspace.open(folder, Settings()) as space:
        assert "questions and answers could not be read" in space.notices[0]
        assert space.run("SELECT 1").rows() == [[1]]


def test_what_still_runs_at_the_end_is_stopped(path: Path, history: History) -> None:
    history.put(Turn("1", "ask", "q", "running"))
    assert [one.state for one in _open_again(path, history).turns("ask")] == ["stopped"]
