"""Served to others, from outside: quotas, health, the log, and an end in which no answer is lost."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Event

import psutil

from lib.data.workspace import Workspace
from lib.llm.scripted import Asked, Reply, ScriptedUpstream, answer, chat_stream, text_stream
from lib.settings import Settings
from tests.served import served, until
from tests.tab import Tab
from tests.titles import titled

QUESTION, WORDS, CELL, FILE = "Who is Rumpelstiltskin?", "A small man called Zebedee", "Xanthippe", "grimoire"
ANSWER = f"</think>\n```sql\nSELECT count(*) AS n FROM {FILE} WHERE name = '{CELL}'\n```"


def _aside(asked: Asked) -> Reply | None:
    """Titles, and which way a question of a conversation goes, out of the order of the answers."""
    asks_for_way = asked.body is not None and asked.body.get("max_tokens") == 3
    return answer("general")(asked) if asks_for_way else titled(asked)


def test_what_a_visitor_may_do_and_what_the_log_says_of_it(tmp_path: Path) -> None:
    with (
        ScriptedUpstream([text_stream(ANSWER), chat_stream(WORDS)], aside=_aside) as upstream,
        served(
            tmp_path / "home",
            BAYAN_SHARED="1", LLM_BASE_URL=upstream.base_url, LLM_API_KEY=upstream.key,
            QUESTIONS_A_MINUTE="2", MAX_WORKSPACE_ROWS="3",
        ) as server,
    ):  # fmt: skip
        assert server.health() == (
            200,
            {"status": "ok", "sessions": 0, "questions": 0, "queries_running": 0, "queries_waiting": 0},
        )
        with Tab(server.url, "ask") as tab:
            tab.drop(f"{FILE}.csv", f"name,age\n{CELL},40\n".encode())
            tab.until(f"{FILE} · 1 row")
            tab.drop("more.csv", b"a\n1\n2\n3\n")
            tab.until("they may have 3")
            tab.ask(f"How many rows have {CELL}?")
            tab.until("Follow up on this")
            # Other tabs of the same visitor have no questions of their own.
            with Tab(server.url, "chat", tab.query) as other, Tab(server.url, "chat", tab.query) as third:
                other.ask(QUESTION)
                other.until(WORDS)
                third.ask("And his sister?")
                third.until("2 questions were asked here in the last minute")
                assert server.health()[1]["sessions"] == 3
                key = tab.query.removeprefix("w=")
                third.go("settings")
                third.until("On your own data")
                assert not third.shows("This server")
        until(lambda: server.health()[1]["sessions"] == 0)
        server.terminate()
        assert server.process.wait(30) == 0
        assert len(upstream.posts) == 2
        written = server.log.read_text()
    for secret in (QUESTION, WORDS, "Zebedee", CELL, FILE, "more", "SELECT", upstream.key, key, str(upstream.port)):
        assert secret not in written
    lines = [json.loads(one) for one in written.splitlines() if one.startswith("{")]
    events = [one["event"] for one in lines]
    assert (events[0], events[-1]) == ("server_started", "server_stopped")
    assert events.count("session_opened") == events.count("session_closed") == 3
    loads = [(one["rows"], one["outcome"]) for one in lines if one["event"] == "load"]
    assert loads == [(1, "done"), (0, "no_room")]
    answered = [(one["kind"], one["outcome"]) for one in lines if one["event"] == "question_answered"]
    assert answered == [("ask", "done"), ("chat", "done"), ("chat", "not_now")]
    assert {one["why"] for one in lines if one["event"] == "refused"} == {"rows", "questions"}
    assert any(one["event"] == "query" and one["rows"] == 1 for one in lines)
    assert len({one["workspace"] for one in lines if "workspace" in one}) == 1


def test_a_stop_lets_answers_finish_and_parks_the_others(tmp_path: Path) -> None:
    file = tmp_path / "small.csv"
    file.write_text("a\n1\n2\n", encoding="utf-8")
    home, rest = tmp_path / "home", Event()
    with ScriptedUpstream(aside=_aside) as upstream:
        remote = {"LLM_BASE_URL": upstream.base_url, "LLM_API_KEY": upstream.key}
        with served(home, [file], STOP_SECONDS="4", **remote) as server:
            with (
                Tab(server.url, "ask") as asking,
                Tab(server.url, "chat") as chatting,
                Tab(server.url, "chat") as late,
            ):
                asking.until("small · 2 rows")
                upstream.then(text_stream("I think", Event()))
                asking.ask("What is the mean of column a?")
                upstream.wait_for(1, 30)
                upstream.then(chat_stream("Once upon a time", rest, " they all lived"))
                chatting.ask("Tell me a story")
                chatting.until("Once upon a time")
                children = server.children()
                server.terminate()
                until(lambda: server.health()[0] == 503)
                assert server.health()[1]["status"] == "draining"
                late.ask("One more?")
                late.until("Bayan is being restarted.")
                rest.set()
                chatting.until("they all lived")
                assert server.process.wait(30) == 0
            until(lambda: not any(map(psutil.pid_exists, (one.pid for one in children))))
        with Workspace.open(home / "workspace", Settings()) as space:
            (asked,) = space.history.turns("ask")
            assert (asked.state, asked.body["error"][0]) == ("failed", "not_now")
            told = [one for id_ in space.history.conversations.ids() for one in space.history.turns("chat", id_)]
            assert {(one.question, one.state, one.body["answer"]) for one in told} == {
                ("Tell me a story", "done", "Once upon a time they all lived"),
                ("One more?", "failed", ""),
            }
        with served(home, **remote) as server, Tab(server.url, "ask") as tab:
            tab.until("Stopped by a restart of Bayan")
            tab.until("Ask again")
            tab.until("small · 2 rows")
            tab.go("settings")
            tab.until("Memory of the server")
