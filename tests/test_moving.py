"""Conversations out of the history and back into it, as values, as a file and on the page."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from streamlit.testing.v1 import AppTest

from lib.chat import records
from lib.chat.attach import Attachment, measured
from lib.chat.conversation import Conversation, Options, stored
from lib.chat.moving import every, notices, portable, take_in
from lib.chat.portable import Imported, from_json, to_json
from lib.chat.portable_values import Portable, PortableTurn
from lib.chat.turns import AskTurn, ChatTurn
from lib.data.history import History, Turn
from lib.llm.scripted import ScriptedUpstream
from lib.settings import PROJECT, SETTINGS
from tests.test_portable import conversations, with_places
from tests.titles import titled

FILE = Attachment("notes.txt", "text", "one\n```\ntwo", notes=("It was read as Latin-1.",))
TABLE = Attachment("sales", "table", "region TEXT", table="sales", names_only=True)


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    history = History.open(tmp_path / "history.sqlite")
    yield history
    history.close()


def listed(history: History) -> list[str]:
    found, _ = history.conversations.listed()
    return [one.title for one in found]


def taken(history: History, given: Sequence[Portable]) -> list[Portable]:
    """What the history has of these after they went through a file."""
    assert list(take_in(history, from_json(to_json(given)).conversations)) == list(range(1, len(given) + 1))
    return every(history)


@given(conversations())
@settings(max_examples=30)
def test_a_conversation_goes_through_the_history_without_loss(one: Portable) -> None:
    model = next((turn.model for turn in reversed(one.turns) if turn.model), "")
    one = replace(one, title="Sales", created=5.0, changed=6.0, model=model)
    with tempfile.TemporaryDirectory() as folder:
        history = History.open(Path(folder, "history.sqlite"))
        assert [with_places(back) for back in taken(history, [one])] == [one]
        history.close()


def test_what_the_page_wrote_goes_out_whole(history: History) -> None:
    options = Options("m-9", "Be short.")
    history.conversations.put(stored(Conversation("c", "Sales", "person", True, "t2", options, created=5.0)))
    asked = AskTurn("And by region?", draft="SELECT 2", conversation="c", state="done")
    turns = [
        ChatTurn("How many?", "Seven", "done", id="t1", model="m-1", attachments=(measured(FILE), measured(TABLE))),
        ChatTurn("And by region?", "", "failed", id="t2", parent="t1", about=asked.id, way="data"),
        ChatTurn("How much?", "Nine", "stopped", id="t3", parent="t1"),
    ]
    records.save(history, asked)
    for turn in turns:
        records.save(history, replace(turn, conversation="c"))
    (out,) = every(history)
    assert (out.title, out.pinned, out.system, out.model, out.leaf) == ("Sales", True, "Be short.", "m-9", "t2")
    assert [(one.id, one.parent, one.answer, one.sql) for one in out.turns] == [
        ("t1", "", "Seven", ""), ("t2", "t1", "", "SELECT 2"), ("t3", "t1", "Nine", "")
    ]  # fmt: skip
    assert all(one.created > 1e9 for one in out.turns)
    original, copy = taken(history, [out])
    original, copy = (original, copy) if original.id == "c" else (copy, original)
    assert original == out
    assert with_places(copy) == with_places(replace(out, model="m-1"))  # which models there are elsewhere is not known
    assert copy.turns[0].attachments == (measured(FILE), measured(TABLE))


def test_turns_of_a_version_without_branches_follow_one_another(history: History) -> None:
    old = {"answer": "a", "finished": None, "left_out": 0, "error": None, "runner": ""}
    for id_ in ("t1", "t2", "t3"):
        history.put(Turn(id_, "chat", "q", "done", old, "c"))
    assert [one.parent for one in portable(history, "c").turns] == ["", "t1", "t2"]


def test_the_list_has_each_at_its_date_and_nothing_that_was_there_changes(history: History) -> None:
    turn = (PortableTurn("t", "", "What?", "That.", 50.0),)
    one = Portable("c", "Old", 10.0, 20.0, False, "", "", "t", turn)
    given = [one, replace(one, title="Pinned", pinned=True), replace(one, title="", created=0.0, changed=0.0)]
    first = taken(history, given)
    assert listed(history) == ["Pinned", "What?", "Old"]
    both = taken(history, given)
    assert listed(history) == ["Pinned", "Pinned", "What?", "What?", "Old", "Old"]
    assert [one for one in both if one in first] == first
    assert [(one.created, one.changed) for one in first] == [(10.0, 20.0), (10.0, 20.0), (50.0, 50.0)]


def test_an_import_that_is_stopped_adds_nothing(history: History) -> None:
    one = Portable("c", "Old", 10.0, 20.0, False, "", "", "", ())
    steps = take_in(history, [one, replace(one, id="d")])
    next(steps)
    steps.close()
    assert every(history) == []
    assert taken(history, [one])


def test_a_title_that_is_cut_is_said() -> None:
    one = Portable("c", "long " * 40, 10.0, 20.0, False, "", "", "", ())
    assert notices(Imported((one,), ("As it was.",))) == ("As it was.", "1 title cut to 80 characters.")


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AppTest]:
    for one in SETTINGS:
        monkeypatch.delenv(one.name.upper(), raising=False)
    with ScriptedUpstream(aside=titled) as upstream:
        monkeypatch.setenv("BAYAN_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("LLM_BASE_URL", upstream.base_url)
        monkeypatch.setenv("LLM_API_KEY", upstream.key)
        at = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=30).run()
        yield at.switch_page("pages/chat.py").run()


def importing(at: AppTest, number: int, data: bytes) -> str:
    at.sidebar.file_uploader(key=f"chat-import-{number}").upload("file.json", data).run()
    assert not at.exception
    return "\n".join(str(part.value) for part in [*at.markdown, *at.caption, *at.error, *at.code])


def test_an_export_of_another_program_opens_on_the_page(page: AppTest) -> None:
    said = [{"role": "user", "content": "How many?"}, {"role": "assistant", "content": "Just **seven**."}]
    shown = importing(page, 0, json.dumps({"title": "Counting", "messages": said}).encode())
    assert "1 conversation imported." in shown
    assert "Just **seven**." in shown
    assert "Stopped here" not in shown
    shown = importing(page, 1, b"no JSON")
    assert "no export of conversations" in shown
    page.chat_input[0].set_value("Are you sure?").run()
    assert "A scripted answer." in "\n".join(str(part.value) for part in page.markdown)


def test_sql_that_was_imported_runs_when_a_person_says_so(page: AppTest) -> None:
    turn = PortableTurn("t", "", "How many?", "There are 7.", sql="SELECT 3 + 4 AS n")
    shown = importing(page, 0, to_json([Portable("c", "Sales", 1.0, 1.0, False, "", "", "t", (turn,))]))
    assert "SELECT 3 + 4 AS n" in shown
    assert not page.metric
    next(one for one in page.button if one.label == "Run this SQL on my tables").click().run()
    assert [one.value for one in page.metric] == ["7"]
