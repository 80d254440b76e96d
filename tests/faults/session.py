"""A scripted session, as a process that may be killed: `python -m tests.faults.session FOLDER ADDRESS KEY NUMBER`.

It does what a person does, round by round from NUMBER on, with the rooms that the pages stand on, and says on each line
of standard output what it is about to do or has done. What it said that it has done must be there for ever.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import count
from pathlib import Path

import lib.asking.ask  # noqa: F401 - slow, and needed by the first question: no time of a life is to go into it
from lib.board import board
from lib.chat import records, reply
from lib.chat.answering import answering, take
from lib.chat.conversation import Conversation, stored
from lib.chat.replying import Asked, replying
from lib.chat.turns import AskTurn, ChatTurn
from lib.data.workspace import Source, Workspace
from lib.llm.connect import remote
from lib.settings import Settings
from tests.boards import answer

MOST_TABLES = 3


def question(number: int) -> str:
    return f"How many rows has t{number}?"


def sql(number: int) -> str:
    return f"SELECT count(*) AS n FROM t{number}"


def words(number: int) -> list[str]:
    """What the model says in the round, piece by piece."""
    return ["Once ", "upon ", "a ", "time ", "there ", "were ", f"{number} of them."]


def say(*what: object) -> None:
    print(json.dumps(what), flush=True)  # noqa: T201 - that is what this program is for


def main() -> None:
    folder, address, key, first = sys.argv[1:]
    settings = Settings(llm_base_url=address, llm_api_key=key, remote=True)
    space = Workspace.open(Path(folder), settings)
    say("open")
    for number in count(int(first)):
        _round(number, space, settings)


def _round(number: int, space: Workspace, settings: Settings) -> None:
    new, kept = f"t{number}", f"kept{number}"
    before = [one.name for one in space.tables]
    if len(before) >= MOST_TABLES:
        oldest, *before = before
        _change(before, lambda: space.drop(oldest))
    csv = "a\n" + "".join(f"{row}\n" for row in range(number))
    _change([*before, new], lambda: space.add([Source(f"{new}.csv", csv.encode())]).wait())
    _ask(number, space, settings)
    _chat(number, space, settings)
    say("pinned", board.pin(space.folder, answer(space, question(number), sql(number))).id)
    _change([*before, kept], lambda: space.rename_table(new, kept))


def _change(tables: Sequence[str], change: Callable[[], object]) -> None:
    say("tables will be", tables)
    change()
    say("tables are", tables)


def _ask(number: int, space: Workspace, settings: Settings) -> None:
    turn = AskTurn(question(number), state="running")
    records.save(space.history, turn)
    with closing(answering(turn, [], [remote(settings)], space, settings)) as steps:
        for step in steps:
            take(turn, step, space)
    turn.state = "done"
    records.save(space.history, turn)
    say("asked", turn.id)


def _chat(number: int, space: Workspace, settings: Settings) -> None:
    conversation = Conversation(f"c{number}", created=time.time())
    space.history.conversations.put(stored(conversation))
    turn = ChatTurn(f"Tell me of {number}", conversation=conversation.id, wanted="general")
    records.save(space.history, turn)
    asked = Asked(conversation, (), {}, lambda: [remote(settings)], space, settings)
    reply.start(turn, replying(turn, asked), space, {}).wait()
    say("chatted", turn.id)


if __name__ == "__main__":
    main()
