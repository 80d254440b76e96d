"""What one workspace may use, what a server does when memory is short, and what its log can hold."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa
import pytest
from packaging.requirements import Requirement
from starlette.requests import Request

from lib.asking.answer import Answer
from lib.chat import records
from lib.chat.turns import AskTurn
from lib.data.spill import on_disk
from lib.data.workspace import Source, Workspace
from lib.engine.result import Column, Result
from lib.errors import NoRoom, NotNow, QueryNotNow
from lib.serving import log, memory
from lib.settings import PROJECT, Settings
from lib.ui.server import health
from tests.bombs import TAKE_TIME

LONG = TAKE_TIME["cross join"]


def _load(space: Workspace, name: str, rows: int) -> list[type[Exception]]:
    """The kinds of errors that loading a table of so many rows gives."""
    with space.add([Source(name, b"a\n" + b"1\n" * rows)]) as loading:
        assert loading.wait(60)
        return [type(one) for one in loading.errors]


def test_questions_a_minute_hold_for_the_folder_whoever_opens_it(tmp_path: Path) -> None:
    settings = Settings(questions_a_minute=2)
    for _ in range(2):  # a workspace that was closed and opened again has asked what it has asked
        with Workspace.open(tmp_path / "w", settings) as space, space.question():
            pass
    with Workspace.open(tmp_path / "w", settings) as space:
        assert not space.may_ask(0)
        with pytest.raises(NotNow, match=r"2 questions.*Ask again in \d+ seconds"), space.question():
            pytest.fail("one question too many was let in")
    with Workspace.open(tmp_path / "other", settings) as other, other.question():
        pass


def test_rows_are_counted_over_all_tables_and_come_back_with_a_deleted_one() -> None:
    with Workspace.temporary(Settings(max_workspace_rows=5)) as space:
        assert _load(space, "x.csv", 3) == []
        assert _load(space, "y.csv", 3) == [NoRoom]
        assert [one.name for one in space.tables] == ["x"]
        assert _load(space, "y.csv", 2) == []
        space.drop("x")
        assert _load(space, "z.csv", 3) == []
        with pytest.raises(NoRoom, match="8 rows; they may have 5"):
            space.restore("x")
        assert space.run("SELECT count(*) FROM z").rows() == [[3]]


def test_a_workspace_may_have_so_many_queries_under_way() -> None:
    with Workspace.temporary(Settings(queries_each=2)) as space, ExitStack() as held:
        first, second = (held.enter_context(space.start(LONG)) for _ in range(2))
        with pytest.raises(QueryNotNow, match="2 queries on these tables are under way"):
            space.start("SELECT 1")
        assert sum(space.queries) == 2
        for one in (first, second):
            one.cancel()
            one.join()
        assert space.run("SELECT 1").rows() == [[1]]


def test_beyond_the_ceiling_nothing_begins_until_there_is_room_again(tmp_path: Path) -> None:
    shed: list[bool] = []
    memory.when_short(lambda: shed.append(True))
    with Workspace.open(tmp_path / "w", Settings()) as space:
        assert _load(space, "x.csv", 1) == []
    with Workspace.open(tmp_path / "w", Settings(memory_ceiling_mb=1)) as full:
        with pytest.raises(QueryNotNow, match="memory is full"):
            full.start("SELECT 1")
        with pytest.raises(NotNow, match="memory is full"), full.question():
            pytest.fail("a question was let in")
        with full.add([Source("y.csv", b"a\n1\n")]) as loading:
            assert loading.wait(60)
        assert [one.code for one in loading.errors] == ["load_not_now"]
        assert shed == [True]
    with Workspace.open(tmp_path / "w", Settings()) as again, again.question():
        assert again.run("SELECT a FROM x").rows() == [[1]]


def test_a_full_server_tells_the_balancer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BAYAN_HOME", str(tmp_path))
    for megabytes, status, said in (("1000000", 200, '"status":"ok"'), ("1", 503, '"status":"full"')):
        monkeypatch.setenv("MEMORY_CEILING_MB", megabytes)
        told = health(Request({"type": "http"}))
        assert told.status_code == status
        assert said in bytes(told.body).decode()


def test_the_ceiling_leaves_queries_their_memory() -> None:
    roomy, tight = Settings(queries_at_once=1, query_memory_mb=64), Settings(queries_at_once=4, query_memory_mb=128)
    assert memory.ceiling(roomy) - memory.ceiling(tight) in (448 << 20, 0)
    assert memory.ceiling(Settings(memory_ceiling_mb=7)) == 7 << 20


def test_rows_that_the_history_holds_leave_memory_and_stay_the_same(tmp_path: Path) -> None:
    table = pa.table({"n": range(200_000), "text": ["some words"] * 200_000})
    moved = on_disk(table, tmp_path)
    assert moved.equals(table)
    assert list(tmp_path.iterdir()) == []
    del moved
    turn = AskTurn("q", state="done", answer=Answer("q", sql="SELECT 1", result=_result(table)))
    with Workspace.temporary(Settings()) as space:
        records.save(space.history, turn)
        before = pa.total_allocated_bytes()
        del table
        records.move_to_disk(space.folder)
        assert pa.total_allocated_bytes() < before
        assert turn.answer is not None
        assert turn.answer.result is turn.kept
        records.save(space.history, turn)
        (stored,) = space.history.turns("ask")
        back = records.restored(space.history, stored)
        assert isinstance(back, AskTurn)
        assert back.answer is not None
        assert back.answer.result is not None
        assert turn.answer.result is not None
        assert back.answer.result.table.equals(turn.answer.result.table)


def _result(table: pa.Table) -> Result:
    return Result((Column("n", "BIGINT"), Column("text", "VARCHAR")), table, False, table.num_rows, 0.1)


def test_quotas_are_for_who_serves_others_and_a_setting_goes_before() -> None:
    alone = Settings()
    assert (alone.max_workspace_rows, alone.questions_a_minute, alone.queries_each) == (None, None, None)
    served = Settings(questions_a_minute=0, queries_each=3).for_others()
    assert (served.max_workspace_rows, served.questions_a_minute, served.queries_each) == (20_000_000, 0, 3)


def test_the_log_takes_numbers_and_words_of_the_program_only(capsys: pytest.CaptureFixture[str]) -> None:
    log.begin(Settings(bayan_log="json"))
    try:
        log.event("query", seconds=0.12345, rows=3, outcome="done", workspace="0a1b2c3d", error="my sister's salary")
        log.event("failure", outcome=log.class_of(ValueError("cell 4711")), where="answer:12")
    finally:
        log.end()
    log.event("server_stopped")
    written = capsys.readouterr().err
    assert '"seconds": 0.123, "rows": 3, "outcome": "done", "workspace": "0a1b2c3d"}' in written
    assert '"outcome": "ValueError", "where": "answer:12"' in written
    assert "salary" not in written
    assert "4711" not in written
    assert len(written.splitlines()) == 2


@pytest.mark.parametrize(("settings", "wanted"), [
    (Settings(), False), (Settings(bayan_shared=True), True), (Settings(bayan_log="json"), True),
    (Settings(bayan_shared=True, bayan_log="off"), False),
])  # fmt: skip
def test_the_log_is_written_where_bayan_is_shared(settings: Settings, wanted: bool) -> None:
    assert log.wanted(settings) is wanted


def test_the_lock_has_every_requirement_in_its_range_with_hashes_and_no_host() -> None:
    text = (PROJECT / "requirements.lock").read_text("utf-8")
    pinned = {Requirement(line.rstrip(" \\")).name.lower(): line for line in text.splitlines() if line[:1].isalpha()}
    for line in (PROJECT / "requirements.txt").read_text("utf-8").splitlines():
        wanted = line.partition("  #")[0].strip()
        if wanted and not wanted.startswith("#"):
            one = Requirement(wanted)
            (version,) = re.findall(r"==([^ ;]+)", pinned[one.name.lower()])
            assert one.specifier.contains(version), wanted
    assert "://" not in text
    assert text.count("--hash=sha256:") >= len(pinned)
