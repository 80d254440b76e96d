"""Conversations: kept, found, branched, and answered in the background."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from lib.chat import records, reply
from lib.chat.conversation import Conversation, Options, Summary, beside, branch, change, end_of, restored, stored
from lib.chat.ending import ending
from lib.chat.replying import Asked, replying
from lib.chat.turns import ChatTurn, State
from lib.data import conversations
from lib.data.history import MIGRATIONS, History, Turn
from lib.data.workspace import Workspace
from lib.llm.connect import Models, remote
from lib.llm.messages import Finished, Sampling
from lib.llm.scripted import Drop, ScriptedUpstream, chat_chunk, chat_stream, chunked, event
from lib.settings import Settings

WAIT = 30.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite"


@pytest.fixture
def history(path: Path) -> Iterator[History]:
    history = History.open(path)
    yield history
    history.close()


def keep(history: History, id_: str, title: str = "", *turns: tuple[str, str], pinned: bool = False) -> None:
    """A conversation with these questions and answers."""
    history.conversations.put(conversations.Conversation(id_, title, pinned, created=1.0))
    for number, (question, answer) in enumerate(turns):
        history.put(Turn(f"{id_}-{number}", "chat", question, "done", {"answer": answer}, id_))


def found(history: History, search: str = "") -> list[str]:
    listed, count = history.conversations.listed(search)
    assert count == len(listed)
    return [one.id for one in listed]


# The list


def test_pinned_ones_are_first_and_then_the_newest(history: History) -> None:
    for id_ in "abcd":
        keep(history, id_, id_, ("q", "a"), pinned=id_ == "b")
    assert found(history) == ["b", "d", "c", "a"]
    history.put(Turn("a-0", "chat", "q", "done", {"answer": "more"}, "a"))
    assert found(history) == ["b", "a", "d", "c"]
    newest = history.conversations.newest()
    assert newest
    assert newest.id == "a"
    listed, count = history.conversations.listed(most=2, skip=1)
    assert ([one.id for one in listed], count) == (["a", "d"], 4)


@pytest.mark.parametrize(
    ("search", "ids"),
    [
        ("median", ["c", "a"]),
        ("MEDIAN", ["c", "a"]),
        ("median mean", ["a"]),
        ("straße", ["b"]),
        ("STRAßE", ["b"]),
        ("\\", []),
        ("الرياض", ["b"]),
        ("100%", ["c"]),
        ("_", []),
        ("'", ["c"]),
        ("answer", []),
        ("  ", ["c", "b", "a"]),
    ],
)
def test_all_words_are_found_in_titles_questions_and_answers(history: History, search: str, ids: list[str]) -> None:
    keep(history, "a", "Median and mean", ("Which is larger?", "It depends."))
    keep(history, "b", "Wege", ("Welche Straße?", "في الرياض"))
    keep(history, "c", "", ("q", 'The median is 100% of "it", isn\'t it?'))
    assert found(history, search) == ids


def test_what_is_deleted_comes_back_until_the_history_is_opened_anew(path: Path, history: History) -> None:
    keep(history, "a", "A", ("q", "a"))
    keep(history, "b", "B", ("q", "b"))
    history.put(Turn("asked", "ask", "q", "done", {}, "b"))
    history.conversations.delete("b")
    assert found(history) == ["a"]
    assert history.conversations.get("b") is None
    history.conversations.restore("b")
    assert found(history) == ["b", "a"]
    history.conversations.delete("b")
    history.close()
    again = History.open(path)
    again.conversations.restore("b")
    assert found(again) == ["a"]
    assert again.turns("chat", "b") == again.turns("ask", "b") == ()
    again.close()


def test_a_history_without_conversations_gets_one_of_what_was_said(path: Path) -> None:
    with sqlite3.connect(path) as old:
        old.executescript(f"{MIGRATIONS[0]} {MIGRATIONS[1]} PRAGMA user_version = 2;")
        names = "id, kind, conversation, question, state, body, created, changed"
        rows = [
            ("x", "ask", "main", "A question about tables", "done", "{}", 1.0, 1.0),
            ("a", "chat", "main", "What is a median?", "done", "{}", 5.0, 6.0),
            ("b", "chat", "main", "And a mean?", "done", "{}", 7.0, 8.0),
        ]
        old.executemany(f"INSERT INTO turns ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    old.close()
    history = History.open(path)
    ((one,), _) = history.conversations.listed()
    assert (one.id, one.title, one.created, one.changed) == ("main", "What is a median?", 5.0, 8.0)
    history.close()


def test_a_conversation_comes_back_as_it_was_stored(history: History) -> None:
    options = Options("some/model", "Be brief.", Sampling(0.1, 0.5, 99), tables=False)
    one = Conversation("a", "T", "person", True, "leaf", options, Summary("So far…", "t1"), created=5.0, changed=6.0)
    history.conversations.put(stored(one))
    kept = history.conversations.get("a")
    assert kept
    assert restored(kept) == one


@pytest.mark.parametrize("body", [{}, {"sampling": "x"}, {"sampling": [9, 9, 9]}, {"summary": [1]}, {"summary": 5}])
def test_what_is_missing_or_wrong_gets_its_default(body: dict[str, object]) -> None:
    one = restored(conversations.Conversation("a", "T", body=body))
    assert (one.options, one.summary) == (Options(), None)


def test_a_change_starts_from_what_is_written_down(history: History) -> None:
    keep(history, "a", "A")
    change(history, "a", lambda one: replace(one, pinned=True))
    made = change(history, "a", lambda one: one.renamed("  A new \n title ", "person"))
    assert made
    assert (made.title, made.pinned, made.titled_by) == ("A new title", True, "person")
    assert change(history, "gone", lambda one: one) is None


# The tree of turns


def turns(*pairs: str) -> list[ChatTurn]:
    """Turns named by their letter, each after its parent's: "b<a" follows a."""
    return [ChatTurn(one[0], id=one[0], parent=one[2:]) for one in pairs]


def test_branches() -> None:
    tree = turns("a", "b<a", "c<b", "d<a", "e<d", "f<b")
    assert [one.id for one in branch(tree, "e")] == ["a", "d", "e"]
    assert [one.id for one in branch(tree, "c")] == ["a", "b", "c"]
    assert [one.id for one in branch(tree, "gone")] == ["a", "b", "f"]
    assert branch([], "") == []
    assert [one.id for one in beside(tree, tree[1])] == ["b", "d"]
    assert end_of(tree, "a") == "e"
    assert end_of(tree, "b") == "f"
    assert end_of(tree, "c") == "c"


def test_a_circle_has_an_end() -> None:
    circle = turns("a<b", "b<a", "c<c")
    assert {one.id for one in branch(circle, "a")} == {"a", "b"}
    assert [one.id for one in branch(circle, "c")] == ["c"]
    assert end_of(circle, "a") in ("a", "b")


# The answer in the background


@pytest.fixture
def space(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(tmp_path / "w", Settings()) as space:
        yield space


@pytest.fixture
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream() as scripted:
        yield scripted


def started(
    turn: ChatTurn, upstream: ScriptedUpstream, space: Workspace, *earlier: ChatTurn, goes_on: bool = False
) -> reply.Reply:
    settings = Settings(llm_base_url=upstream.base_url, llm_api_key=upstream.key, remote=True)
    conversation = Conversation("c", "A title", "person")
    models: list[Models | str] = ["Starting the model", remote(settings)]
    asked = Asked(conversation, earlier, {}, lambda: models, space, settings, goes_on=goes_on)
    return reply.start(turn, replying(turn, asked), space, {})


def kept(space: Workspace, turn: ChatTurn) -> ChatTurn:
    (one,) = [one for one in space.history.turns("chat", turn.conversation) if one.id == turn.id]
    found = records.restored(space.history, one)
    assert isinstance(found, ChatTurn)
    return found


def test_an_answer_is_written_down_with_nobody_looking(upstream: ScriptedUpstream, space: Workspace) -> None:
    upstream.then(chat_stream("Hel", "lo"))
    turn = ChatTurn("Hi", conversation="c")
    assert started(turn, upstream, space).wait(WAIT)
    assert (turn.state, turn.answer, turn.model, turn.window) == ("done", "Hello", "qwen/qwen-2.5-7b-instruct", 8192)
    assert kept(space, turn) == turn
    assert reply.current(turn.id) is None


def test_stop_keeps_what_came_and_closes_the_connection(upstream: ScriptedUpstream, space: Workspace) -> None:
    upstream.then(chat_stream("Hel", Event(), "lo"))
    turn = ChatTurn("Hi", conversation="c")
    running = started(turn, upstream, space)
    assert reply.current(turn.id) is running
    (asked,) = upstream.wait_for(1)
    while not turn.answer:
        assert not running.wait(0.01)
    running.stop()
    assert running.wait(WAIT)
    assert asked.closed_by_client.wait(WAIT)
    assert (kept(space, turn).state, kept(space, turn).answer) == ("stopped", "Hel")


def test_a_break_keeps_what_came_and_says_why(upstream: ScriptedUpstream, space: Workspace) -> None:
    upstream.then(chunked(event(chat_chunk("The answer ")), Drop()))
    turn = ChatTurn("Hi", conversation="c")
    assert started(turn, upstream, space).wait(WAIT)
    one = kept(space, turn)
    assert (one.state, one.answer) == ("failed", "The answer ")
    assert one.error
    assert str(one.error)


def test_an_answer_that_was_cut_goes_on_where_it_ended(upstream: ScriptedUpstream, space: Workspace) -> None:
    upstream.then(chat_stream(" and two"))
    turn = ChatTurn("Count", "One", conversation="c")
    assert started(turn, upstream, space, ChatTurn("Hi", "Hello"), goes_on=True).wait(WAIT)
    assert turn.answer == "One and two"
    asked = upstream.posts[0].body["messages"]
    assert [one["role"] for one in asked] == ["system", "user", "assistant", "user", "assistant", "user"]
    assert asked[4]["content"] == "One"


def test_it_ends_with_the_workspace(upstream: ScriptedUpstream, space: Workspace) -> None:
    upstream.then(chat_stream("Hel", Event(), "lo"))
    running = started(ChatTurn("Hi", conversation="c"), upstream, space)
    (asked,) = upstream.wait_for(1)
    space.delete()
    assert running.wait(WAIT)
    assert asked.closed_by_client.wait(WAIT)


# Its end


@pytest.mark.parametrize(
    ("state", "answer", "reason", "said"),
    [
        ("done", "All", "stop", ""),
        ("done", "Half", "length", ""),
        ("done", "", "stop", "without a word"),
        ("done", "", "content_filter", "filter held back"),
        ("done", "", "tool_calls", "a tool"),
        ("stopped", "Half", "", "Stopped here."),
        ("failed", "", "", ""),
        ("running", "", "", ""),
    ],
)
def test_every_end_that_is_none_of_a_whole_answer_is_said(state: State, answer: str, reason: str, said: str) -> None:
    finished = Finished(reason, 1, 1, 0.1, 0.1, estimated=False) if reason else None
    told = ending(ChatTurn("q", answer, state, finished))
    assert said in told
    assert bool(told) == bool(said)
