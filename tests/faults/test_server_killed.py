"""Kill -9 at random points of a scripted session, again and again, over one and the same workspace."""

from __future__ import annotations

import json
import os
import random
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from lib.board import board
from lib.chat import records
from lib.chat.turns import AskTurn, ChatTurn
from lib.data.workspace import Workspace
from lib.llm.scripted import Asked, Reply, ScriptedUpstream, chat_stream, text_stream
from lib.settings import PROJECT, Settings
from tests.faults.processes import descendants
from tests.faults.session import question, sql, words

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")

SEED = 20_261_124
PATIENCE = 30.0
MOST_LINES = 9
"""As many as one round has."""


@dataclass
class Told:
    """All that the session has said in all its lives."""

    tables: list[list[str]] = field(default_factory=lambda: [[]])
    """As they are; as they will be too when the session was killed on the way."""
    done: dict[str, list[str]] = field(default_factory=lambda: {"asked": [], "chatted": [], "pinned": []})

    def take(self, what: str, more: list[Any]) -> None:
        match what:
            case "tables will be":
                self.tables = [self.tables[0], *more]
            case "tables are":
                self.tables = more
            case "asked" | "chatted" | "pinned":
                self.done[what] += more


@pytest.fixture
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream(otherwise=answered) as scripted:
        yield scripted


def answered(asked: Asked) -> Reply:
    text = asked.raw.decode()
    number = int(re.findall(r"(?:has t|me of )(\d+)", text)[-1])
    if asked.path.endswith("/chat/completions"):
        return chat_stream(*(step for one in words(number) for step in (one, 0.03)))
    return text_stream("```sql\n", 0.03, sql(number), 0.03, "\n```")


def test_killed_eight_times(tmp_path: Path, upstream: ScriptedUpstream) -> None:
    kill_and_look(8, tmp_path / "w", upstream)


@pytest.mark.faults100
def test_killed_a_hundred_times(tmp_path: Path, upstream: ScriptedUpstream) -> None:
    kill_and_look(100, tmp_path / "w", upstream)


def kill_and_look(times: int, folder: Path, upstream: ScriptedUpstream) -> None:
    told, chance = Told(), random.Random(SEED)
    lines: list[int] = []
    for life in range(times):
        lines = lines or chance.sample(range(MOST_LINES + 1), MOST_LINES + 1)  # each number once in ten lives
        arguments = [str(folder), upstream.base_url, upstream.key, str(100 * life + 1)]
        live_and_die(told, lines.pop(), chance.uniform(0, 0.5), arguments)
        look(told, folder)
    assert all(told.done.values())


def live_and_die(told: Told, lines: int, seconds: float, arguments: list[str]) -> None:
    """One life of the session: it says so many lines, and has so long after that. Nothing may outlive it."""
    command = [sys.executable, "-m", "tests.faults.session", *arguments]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE) as server:
        assert server.stdout
        said = [server.stdout.readline() for _ in range(lines)]
        time.sleep(seconds)
        server.send_signal(signal.SIGSTOP)  # so that it has no more children than are seen
        left = [os.pidfd_open(one) for one in descendants(server.pid)]
        server.kill()
        said += server.stdout.readlines()
    for line in said:
        if line.endswith(b"\n"):  # the last one may be half
            what, *more = json.loads(line)
            told.take(what, more)
    for one in left:
        assert select.select([one], [], [], PATIENCE)[0], "a process outlived the server"
        os.close(one)


def look(told: Told, folder: Path) -> None:
    """Everything that was finished is whole, nothing else passes for it, and nothing lies around."""
    with Workspace.open(folder, Settings()) as space:
        assert space.notices == ()
        tables = [one.name for one in space.tables]
        assert tables in told.tables
        told.tables = [tables]
        counts = ", ".join(f"(SELECT count(*) FROM {one})" for one in tables)
        assert not tables or space.run(f"SELECT {counts}").rows() == [[number_in(one) for one in tables]]
        look_at_answers(told, space)
        tiles = board.read(space.folder)
        assert {one.id for one in tiles.tiles} >= set(told.done["pinned"])
        assert all(one.has_rows for one in tiles.tiles)
        look_at_files(space)


def unspoiled(turn: ChatTurn | AskTurn | None) -> ChatTurn | AskTurn:
    assert turn is not None, "a turn is spoiled"
    return turn


def look_at_answers(told: Told, space: Workspace) -> None:
    history = space.history
    asked = [unspoiled(records.restored(history, one)) for one in history.turns("ask")]
    talks = [one.id for one in history.conversations.listed(most=10_000)[0]]
    chatted = [unspoiled(records.restored(history, one)) for talk in talks for one in history.turns("chat", talk)]
    assert {one.id for one in asked if one.state == "done"} >= set(told.done["asked"])
    assert {one.id for one in chatted if one.state == "done"} >= set(told.done["chatted"])
    assert {one.state for one in (*asked, *chatted)} <= {"done", "stopped"}
    for one in asked:
        assert isinstance(one, AskTurn)
        if one.state == "done":
            number = number_in(one.question)
            assert one.question == question(number)
            assert one.answer
            assert one.answer.result
            assert one.answer.result.rows() == [[number]]
    for one in chatted:
        assert isinstance(one, ChatTurn)
        whole = "".join(words(number_in(one.question)))
        assert one.answer == whole if one.state == "done" else whole.startswith(one.answer)


def look_at_files(space: Workspace) -> None:
    names = [one.relative_to(space.folder).as_posix() for one in space.folder.rglob("*") if one.is_file()]
    unfinished = {one for one in names if one.endswith((".part", ".copy", ".wal"))}
    assert unfinished <= {"board/board.json.part"}  # the next write of the board takes its place
    assert len([one for one in names if one.startswith("tables-")]) in (0, 2)
    assert len([one for one in names if one.startswith("deleted-")]) == len(space.deleted)
    assert len([one for one in names if one.startswith("files/")]) == len(space.tables) + len(space.deleted)
    assert not list(space.folder.glob("scratch-*"))


def number_in(text: str) -> int:
    return int(re.findall(r"\d+", text)[-1])
