"""What a stranger wrote into a history, a workspace's folder, a board or a report: read as text, or set aside."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from markdown_it import MarkdownIt
from streamlit.testing.v1 import AppTest

from lib.board import board, board_file, evidence
from lib.board.refresh import refresh
from lib.board.tile import Tile
from lib.chat import moving, presets
from lib.chat.portable import from_json
from lib.chat.portable_markdown import to_markdown
from lib.data import homes
from lib.data.workspace import Workspace
from lib.errors import AppError, DataError
from lib.export.proof import proof_of, read_proof, rename_as_in, verify
from lib.settings import PROJECT, SETTINGS, Settings
from tests.attacks import board_files, conversations, folders, reports
from tests.attacks.pickled import was_opened
from tests.attacks.sql_duckdb import written
from tests.boards import BY_REGION, SALES, answer, load
from tests.command import bayan
from tests.inertness import acting

WORD = "document.title"
"""Stands in every hostile text here, and in nothing of ours."""
SECRET = "hunter2"
HONEST = "What was asked honestly?"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for one in SETTINGS:
        monkeypatch.delenv(one.name.upper(), raising=False)
    monkeypatch.setenv("BAYAN_HOME", str(tmp_path / "home"))
    yield
    assert not was_opened()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed workspace with a table, a conversation, an answer with its rows and a board."""
    folder = tmp_path_factory.mktemp("kept") / "workspace"
    with Workspace.open(folder, Settings()) as space:
        load(space)
        board.pin(folder, answer(space, "Pinned?", BY_REGION))
        rows = {"columns": [["one", "INTEGER"]], "truncated": False, "total_rows": 1, "seconds": 0.1}
        space.history.put_result("honest", pa.table({"one": pa.array([1], pa.int32())}))
    honest = {**folders.answered(result=rows), "id": "honest", "question": HONEST}
    talk = {**folders.chat(), "id": "hello", "question": HONEST}
    folders.put_turns(folder, {"honest": honest, "hello": talk})
    return folder


@pytest.fixture
def folder(kept: Path, tmp_path: Path) -> Path:
    """A copy of it where the app looks for the workspace of this machine."""
    return Path(shutil.copytree(kept, tmp_path / "home" / "workspace", symlinks=True))


def opened(name: str) -> AppTest:
    at = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60).run()
    at.switch_page(f"pages/{name}.py").run()
    return at


def said(at: AppTest) -> str:
    parts = [*at.markdown, *at.caption, *at.error, *at.warning]
    return "\n".join(str(part.value) for part in parts).replace("\\", "").replace("\u2060", "")


def close_all() -> None:
    """End what the pages opened, as the end of their sessions would."""
    local = homes.local(Settings(bayan_home=""))
    local.close()


def test_no_row_of_a_history_breaks_a_page_or_acts_on_it(folder: Path) -> None:
    last = {"last": {**folders.ask(), "question": HONEST}, "last said": {**folders.chat(), "question": HONEST}}
    folders.put_turns(folder, {**folders.TURNS, **last})
    at = {name: opened(name) for name in ("ask", "chat")}
    for page in at.values():
        assert not page.exception
        assert acting(page, WORD) == []
    assert HONEST in said(at["ask"])
    assert HONEST in said(at["chat"])
    assert "damaged and not shown" in said(at["ask"])
    close_all()


def test_conversations_of_strange_turns_can_be_exported(folder: Path) -> None:
    folders.put_turns(folder, folders.TURNS)
    with Workspace.open(folder, Settings()) as space:
        every = moving.every(space.history)
        text = "".join(map(to_markdown, every))
    assert HONEST in text
    assert "<script" not in text.replace("\\<", "")


def test_a_report_says_nothing_to_the_terminal(proof: reports.Proof, tmp_path: Path) -> None:
    speaks = reports.CHECKED["SQL that speaks to a terminal"]
    (report := tmp_path / "report.html").write_bytes(reports.filed(speaks, proof, "", ""))
    (sales := tmp_path / "sales.csv").write_bytes(SALES)
    done = bayan("report", "--check", str(report), str(sales))
    assert "]0;owned" in done.stdout
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", done.stdout + done.stderr)


@pytest.mark.parametrize("name", folders.SPOILS)
def test_no_folder_reaches_outside_or_keeps_the_workspace_closed(folder: Path, tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside.duckdb"
    with duckdb.connect(outside) as base:
        base.execute(f"CREATE TABLE loot AS SELECT '{SECRET}' AS region, 1 AS amount")
    (csv := outside.with_suffix(".csv")).write_text(f"region,month,amount\n{SECRET},2024-01-01,1\n", encoding="utf-8")
    before = outside.read_bytes(), csv.read_bytes()
    folders.SPOILS[name](folder, outside)
    with Workspace.open(folder, Settings(max_workspace_mb=64)) as space:
        if "manifest" in name or "outside" in name:
            for one in (*space.deleted, *(table.name for table in space.tables)):
                touched(space, one)
        listed, _ = space.history.conversations.listed()
        assert all(isinstance(one.title, str) and isinstance(one.changed, float) for one in listed)
        board.read(folder)
        assert all(one.name.encode() and one.text.encode() for one in presets.presets(folder))
    assert (outside.read_bytes(), csv.read_bytes()) == before


def touched(space: Workspace, name: str) -> None:
    """Do with a table what reads or deletes the file that its manifest names."""
    for change in (lambda: space.restore(name), lambda: space.read_again(name).wait(), lambda: space.drop(name)):
        with suppress(AppError):
            change()
        assert "loot" not in [one.name for one in space.tables]
        assert SECRET not in str([space.run(f'FROM "{one.name}"').rows() for one in space.tables])


@pytest.mark.parametrize("name", ["conversations of bytes and times of texts",
                                  "a conversation whose times are beyond all",
                                  "a conversation whose body is deep",
                                  "a history without its tables", "a history whose table is a view",
                                  "results that are not ours", "prompts of half a character",
                                  "measurements without end"])  # fmt: skip
def test_pages_of_a_strange_folder_open(folder: Path, tmp_path: Path, name: str) -> None:
    folders.SPOILS[name](folder, tmp_path / "nothing")
    for page in ("chat", "ask", "settings"):
        at = opened(page)
        assert not at.exception, page
    close_all()


def test_an_export_of_a_stranger_adds_text_and_replaces_nothing(folder: Path) -> None:
    with Workspace.open(folder, Settings()) as own:
        before = moving.portable(own.history, "talk")
        taken = 0
        for name, make in conversations.FILES.items():
            try:
                found = from_json(make()).conversations
            except DataError:
                continue
            taken += len(found)
            assert {"talk", "hello", "../../evil"}.isdisjoint(one.id for one in found), name
            for _ in moving.take_in(own.history, found):
                pass
        assert moving.portable(own.history, "talk") == before
        every = moving.every(own.history)
        assert len(every) == taken + 1
        made = "\n\n".join(map(to_markdown, every))
    drawn = MarkdownIt("commonmark").render(made)
    assert re.findall(r"<(script|img|iframe|a href=.javascript)", drawn) == []
    at = opened("chat")
    assert not at.exception
    assert acting(at, WORD) == []
    close_all()


@pytest.fixture(scope="module")
def space() -> Iterator[Workspace]:
    with Workspace.temporary(Settings(query_timeout_seconds=2)) as made:
        load(made)
        yield made


@pytest.fixture(scope="module")
def good(space: Workspace) -> bytes:
    return board_file.save([Tile("1", answer(space, "q", BY_REGION))], 5.0, with_data=True)


@pytest.fixture
def fence(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A file that may not be read, and a path where none may appear."""
    file = tmp_path / "secret.csv"
    file.write_text(f"a\n{SECRET}\n", encoding="utf-8")
    yield str(file), str(tmp_path / "new")
    assert file.read_text(encoding="utf-8") == f"a\n{SECRET}\n"
    assert sorted(one.name for one in tmp_path.iterdir() if one.name != "home") == ["secret.csv"]


def test_a_board_of_a_stranger_is_shown_and_its_sql_meets_the_gate(
    folder: Path, good: bytes, fence: tuple[str, str]
) -> None:
    tiles = []
    for make in board_files.OPENED.values():
        (tile,) = board_file.read(make(good), "x.bayan").tiles
        tiles.append(replace(tile, exhibit=replace(tile.exhibit, sql=written(tile.exhibit.sql, *fence))))
    with Workspace.open(folder, Settings()) as own:
        added = board.add(folder, tiles)
        acts = [tile for tile, name in zip(added, board_files.OPENED, strict=True) if "SQL" in name]
        for _ in refresh(own, acts):
            pass
        after = board.read(folder).tiles
        assert [one.name for one in own.tables] == ["sales"]
        assert own.run("SELECT count(*) FROM sales").rows() == [[3]]
    assert SECRET not in str([one.exhibit.result.rows() for one in after if one.has_rows])
    failed = sum(one.refreshed is not None and one.refreshed.outcome == "failed" for one in after)
    assert failed == sum("SQL" in name and "check" not in name for name in board_files.OPENED)
    at = opened("board")
    assert not at.exception
    assert acting(at, WORD) == []
    close_all()


@pytest.fixture(scope="module")
def proof(space: Workspace) -> reports.Proof:
    result = space.run(BY_REGION)
    one = evidence.exhibit("q", BY_REGION, result, answer(space, "q", BY_REGION).spec, space)
    given: reports.Proof = json.loads(json.dumps(proof_of("Report", [one], 1.0).to_json()))
    return given


@pytest.mark.parametrize("spoil", reports.REFUSED.values(), ids=reports.REFUSED)
def test_a_proof_that_is_none_is_one_sentence(
    proof: reports.Proof, fence: tuple[str, str], spoil: Callable[[reports.Proof], bytes]
) -> None:
    with pytest.raises(DataError):
        read_proof(reports.filed(spoil, proof, *fence))


def test_a_report_of_a_stranger_is_checked_behind_the_gate(
    space: Workspace, proof: reports.Proof, fence: tuple[str, str]
) -> None:
    for name, spoil in reports.CHECKED.items():
        given = read_proof(reports.filed(spoil, proof, *fence))
        with suppress(DataError):  # a name that no table may have
            rename_as_in(given, space)
        verdicts = list(verify(given, space))
        assert SECRET not in str(verdicts), name
        if name.startswith("SQL"):
            assert [one.outcome for one in verdicts if one.holds] == [], name
        assert [one.name for one in space.tables] == ["sales"], name
    assert space.run("SELECT count(*) FROM sales").rows() == [[3]]
