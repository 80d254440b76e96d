"""A disk that is really full: one sentence, nothing lost, and it goes on when there is room again."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from lib.board import board
from lib.data.history import Turn
from lib.data.workspace import Source, Workspace
from lib.errors import DataError
from lib.llm.scripted import Asked, Reply, ScriptedUpstream, chat_stream, text_stream
from lib.settings import PROJECT, SETTINGS, Settings
from tests.boards import answer
from tests.faults.conftest import Disk

MB = 1 << 20
SMALL = Source("x.csv", b"a,b\n1,2\n3,4\n")
BIG = b"n,t\n" + b"".join(b"%d,text %d is %d\n" % (i, i % 977, i * 7919) for i in range(60_000))
WAY_OUT = "Make room on the disk, then try again."
WAIT = 30.0


@pytest.fixture
def space(disk: Disk) -> Iterator[Workspace]:
    with Workspace.open(disk.folder / "w", Settings()) as space:
        assert loaded(space, SMALL) == (["x"], [])
        yield space


def loaded(space: Workspace, *files: Source) -> tuple[list[str], list[str]]:
    with space.add(files) as loading:
        assert loading.wait(60)
        return [one.name for one in loading.tables], [str(one) for one in loading.errors]


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.rglob("*") if one.is_file())


def test_while_a_file_is_read(space: Workspace, disk: Disk) -> None:
    """Room for the upload alone, for the copy of the tables too, for the rows too but not to finish them."""
    before = names(space.folder)
    for left, sentence in (
        (1 * MB, "The disk is full, so big.csv could not be kept."),
        (2 * MB, "The disk is full, so the tables are as they were."),
        (3 * MB, "The disk is full, so the tables are as they were."),
        (4 * MB, "The disk is full, so the tables are as they were."),
    ):
        with disk.full(left):
            assert loaded(space, Source("big.csv", BIG)) == ([], [f"{sentence} {WAY_OUT}"]), left
            assert space.run("SELECT sum(a) FROM x").rows() == [[4]]
        assert names(space.folder) == before
    assert loaded(space, Source("big.csv", BIG)) == (["big"], [])
    assert space.run("SELECT count(*) FROM big").rows() == [[60_000]]


def test_while_tables_are_changed_downloaded_and_written_about(space: Workspace, disk: Disk, tmp_path: Path) -> None:
    history = space.history
    history.put(Turn("1", "ask", "q", "done", {"n": 1}))
    history.put_result("1", pa.table({"a": [1]}))
    wide = pa.table({"a": list(range(100_000))})
    exported, pinned = disk.folder / "x.csv", answer(space, "Sum?", "SELECT sum(a) FROM x")
    as_they_were = "The disk is full, so the tables are as they were."
    cases: dict[str, tuple[Callable[[], object], str]] = {
        "rename": (lambda: space.rename_table("x", "y"), as_they_were),
        "drop": (lambda: space.drop("x"), as_they_were),
        "change a type": (lambda: space.change_type("x", "a", "VARCHAR"), as_they_were),
        "download": (lambda: space.export("x", "csv", exported), "The disk is full, so x could not be exported."),
        "turn": (lambda: history.put(Turn("2", "ask", "q" * 9000, "done")), "The questions and answers cannot be kept"),
        "result": (lambda: history.put_result("2", wide), "The questions and answers cannot be kept"),
        "pin": (lambda: board.pin(space.folder, pinned), "The board cannot be kept"),
    }
    before = names(space.folder)
    with disk.full():
        for name, (write, sentence) in cases.items():
            with pytest.raises(DataError) as e:
                write()
            assert str(e.value).startswith(sentence), name
            assert str(e.value).endswith(WAY_OUT), name
        assert history.result("1") == pa.table({"a": [1]})
        assert [one.body for one in history.turns("ask")] == [{"n": 1}]
        assert names(space.folder) == before
        assert not exported.exists()
        space.close()
        with Workspace.open(
            space.folder, Settings()
        ) as again:  # a server that starts on a full disk shows what is there
            assert again.run("SELECT sum(a) FROM x").rows() == [[4]]
            assert [one.body for one in again.history.turns("ask")] == [{"n": 1}]


@pytest.fixture
def at(disk: Disk, upstream: ScriptedUpstream, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The app with a table, its home on the small disk."""
    for one in SETTINGS:
        monkeypatch.delenv(one.name.upper(), raising=False)
    monkeypatch.setenv("LLM_BASE_URL", upstream.base_url)
    monkeypatch.setenv("LLM_API_KEY", upstream.key)
    monkeypatch.setenv("BAYAN_HOME", str(disk.folder))
    at = opened("ask")
    at.file_uploader[0].upload(*_UPLOAD).run()
    assert not at.exception
    return at


_UPLOAD = ("x.csv", b"a,b\n1,2\n3,4\n")


def opened(page: str) -> AppTest:
    at = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60).run()
    return at.switch_page(f"pages/{page}.py").run()


def shown(at: AppTest, text: str) -> bool:
    return any(text in str(one.value) for one in (*at.markdown, *at.caption, *at.warning, *at.error, *at.metric))


def asked(at: AppTest, question: str) -> AppTest:
    at.chat_input[0].set_value(question).run()
    assert not at.exception
    return at


@pytest.mark.parametrize("page", ["ask", "chat"])
def test_an_answer_that_ends_on_a_full_disk_is_kept_when_there_is_room(
    page: str, at: AppTest, disk: Disk, upstream: ScriptedUpstream
) -> None:
    at.switch_page(f"pages/{page}.py").run()
    with ExitStack() as filled:

        def fill(_: Asked) -> Reply:
            filled.enter_context(disk.full())
            return text_stream("```sql\nSELECT sum(a) AS total FROM x\n```")

        upstream.then(*[chat_stream("data")] * (page == "chat"), fill)
        asked(at, "What is the sum of a in x?")
        for tab in (at.run(), opened(page)):  # a reload shows the same
            assert [one.value for one in tab.metric] == ["4"]
            assert not shown(tab, "Being answered in another tab")
            assert shown(tab, "is not kept yet, which is tried again all the time")
            assert shown(tab, WAY_OUT)
    end = time.monotonic() + WAIT
    while shown(at.run(), "is not kept yet"):
        assert time.monotonic() < end
    folder = disk.folder / "workspace"
    with closing(sqlite3.connect(folder / "history.sqlite")) as kept:
        assert {state for (state,) in kept.execute("SELECT state FROM turns")} == {"done"}
    assert list((folder / "results").glob("*.parquet"))
    assert [one.value for one in opened(page).metric] == ["4"]
