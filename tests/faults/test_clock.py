"""The wall clock jumps by days while Bayan runs: nothing loses its order, nobody waits for it, nothing living goes.

What asks for the time is given another one; files get the times that they would have.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path

import pyarrow as pa
import pytest

from lib.data import homes
from lib.data.conversations import Conversation
from lib.data.history import History, Turn
from lib.data.workspace import Source, Workspace
from lib.errors import RateLimited
from lib.llm.client import Client
from lib.llm.messages import Finished, Message
from lib.llm.scripted import ScriptedUpstream, failure
from lib.settings import Settings

DAY = 86_400.0
Jump = Callable[[float], None]


@pytest.fixture
def jump(monkeypatch: pytest.MonkeyPatch) -> Jump:
    """Set the clock so many days ahead of the true time."""
    true = time.time

    def to(days: float) -> None:
        monkeypatch.setattr(time, "time", lambda: true() + days * DAY)

    return to


def test_what_was_said_last_stays_first(tmp_path: Path, jump: Jump) -> None:
    history = History.open(tmp_path / "history.sqlite")
    said: list[str] = []
    for number, days in enumerate((0, 10, -3, 10, -400, 0)):
        jump(days)
        id_ = f"c{number}"
        history.conversations.put(Conversation(id_, id_))
        before = history.put(Turn(id_, "chat", "q", "running", conversation=id_))
        jump(days - 1)
        after = history.put(Turn(id_, "chat", "q", "done", conversation=id_))
        assert after.changed > before.changed  # a tab takes in the newer state
        said.insert(0, id_)
        newest = history.conversations.newest()
        assert newest
        assert newest.id == id_
        assert [one.id for one in history.conversations.listed()[0]] == said
    history.put(Turn("again", "chat", "q", "done", conversation="c2"))
    assert [one.id for one in history.conversations.listed()[0]] == ["c2", "c5", "c4", "c3", "c1", "c0"]
    assert [one.id for one in history.turns("chat", "c2")] == ["c2", "again"]
    history.close()


def test_the_oldest_results_make_room_and_not_the_last_ones(tmp_path: Path) -> None:
    history = History.open(tmp_path / "history.sqlite", 35_000)
    for number in range(6):
        history.put(Turn(str(number), "ask", "q", "done"))
        history.put_result(str(number), pa.table({"a": [random.Random(number).randbytes(10_000)]}))
        if number == 2:  # written while the clock was ten days ahead
            for file in (tmp_path / "results").iterdir():
                ahead = file.stat().st_mtime_ns + int(10 * DAY * 1e9)
                os.utime(file, ns=(ahead, ahead))
    assert [history.result(str(number)) is not None for number in range(6)] == [False] * 3 + [True] * 3
    history.close()


def test_a_workspace_that_was_just_used_outlives_a_jump(tmp_path: Path, jump: Jump) -> None:
    settings = Settings(bayan_home=str(tmp_path), workspace_ttl_hours=1)
    spaces = [homes.visitor(settings, homes.new_id()) for _ in range(2)]
    for space in spaces:
        with space.add([Source("x.csv", b"a\n1\n")]) as loading:
            assert loading.wait(30)
    homes.release(spaces[0])
    for days in (0, 30, -30):
        jump(days)
        assert homes.sweep(settings) == 0
        assert spaces[1].run("SELECT a FROM x").rows() == [[1]]
        with Workspace.open(spaces[0].folder, settings) as again:
            assert [one.name for one in again.tables] == ["x"]
    jump(0)
    os.utime(spaces[0].folder / "used", (time.time() - 2 * DAY, time.time() - 2 * DAY))
    assert homes.sweep(settings) == 1
    homes.release(spaces[1])


@pytest.mark.parametrize("days", [-30, 30])
def test_requests_go_out_as_before(days: float, jump: Jump) -> None:
    """The limits, the patience and what an endpoint wants to be waited for are on no wall clock of ours."""
    soon, late = (formatdate(time.time() + seconds, usegmt=True) for seconds in (0, 100))
    waiting = [
        failure(429, "Slow down", Retry_After=one, Date=formatdate(time.time(), usegmt=True)) for one in (soon, late)
    ]
    with ScriptedUpstream(waiting) as upstream:
        asking = Client(upstream.endpoint(), Settings(llm_requests_per_second=50, llm_burst=1, llm_timeout_seconds=20))
        asking.models()
        jump(days)
        with pytest.raises(RateLimited, match=r"asks to wait (99|100) seconds"):
            list(asking.chat("m", [Message("user", "Hello")]))
        for _ in range(3):
            (finished,) = [one for one in asking.chat("m", [Message("user", "Hello")]) if isinstance(one, Finished)]
            assert 0 <= finished.seconds < DAY


def test_queries_and_loads_go_on(tmp_path: Path, jump: Jump) -> None:
    with Workspace.open(tmp_path / "w", Settings(query_timeout_seconds=60)) as space:
        for number, days in enumerate((30, -30)):
            with space.start("SELECT count(*) FROM range(100000000000)") as query:
                while not query.seconds:
                    assert not query.wait(0.01)
                jump(days)
                assert not query.wait(0.2)
                assert query.seconds < DAY
            with space.add([Source(f"t{number}.csv", b"a\n1\n")]) as loading:
                assert loading.wait(30)
            assert space.run(f"SELECT a FROM t{number}").rows() == [[1]]
