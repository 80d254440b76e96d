"""Conversations between the history and a file: all branches, with their times and the SQL behind their answers.

What an answer's result held stays here: who imports a conversation runs its SQL on tables of their own.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from typing import cast

from lib.chat import records
from lib.chat.conversation import LONGEST_TITLE, Conversation, Options, restored, stored
from lib.chat.portable import Imported
from lib.chat.portable_values import Portable, PortableTurn
from lib.chat.turns import AskTurn, ChatTurn, new_id
from lib.data.conversations import Conversation as Stored
from lib.data.history import History, Turn
from lib.data.table import counted


def portable(history: History, id_: str) -> Portable:
    """The conversation of that id as values. One that is not there, or not any more, is an empty one."""
    kept = history.conversations.get(id_) or Stored(id_)
    one = restored(kept)
    turns = history.turns("chat", id_)
    follows = records.parents(turns)
    sql = {asked.id: records.sql(asked) for asked in history.turns("ask", id_)}
    read = ((kept, cast("ChatTurn | None", records.restored(history, kept))) for kept in turns)
    told = tuple(_told(turn, kept, follows[kept.id], sql) for kept, turn in read if turn)
    leaf = one.leaf or (told[-1].id if told else "")
    model = one.options.model or next((turn.model for turn in reversed(told) if turn.model), "")
    return Portable(id_, one.title, one.created, one.changed, one.pinned, one.options.system, model, leaf, told)


def every(history: History) -> list[Portable]:
    """All conversations as values, the oldest first."""
    return [portable(history, id_) for id_ in history.conversations.ids()]


def _told(turn: ChatTurn, stored: Turn, parent: str, sql: dict[str, str]) -> PortableTurn:
    return PortableTurn(
        turn.id,
        parent,
        turn.question,
        turn.answer,
        stored.created,
        turn.model,
        sql.get(turn.about, ""),
        turn.attachments,
    )


def notices(imported: Imported) -> tuple[str, ...]:
    """What has to be said of an import: what the file's reader says, and which titles do not fit the list."""
    long = sum(len(_line(one.title)) > LONGEST_TITLE for one in imported.conversations)
    cut = (f"{counted(long, 'title')} cut to {LONGEST_TITLE} characters.",) if long else ()
    return imported.notices + cut


def take_in(history: History, conversations: Sequence[Portable]) -> Generator[int, None, None]:
    """Add them to the list, all of them or none; yields how many have been read. Closing it early adds nothing.

    Those that are there already stay as they are. The model that answered stays with each turn; the next one is that of
    the settings, as nobody knows whether this endpoint has the old one. Raises DataError.
    """
    now = time.time()
    with history.conversations.adding() as add:
        for number, one in enumerate(conversations, 1):
            add(_conversation(one, now), [turn for told in one.turns for turn in _turns(told, one, now)])
            yield number


def _conversation(one: Portable, now: float) -> Stored:
    created = one.created or min((turn.created for turn in one.turns if turn.created), default=now)
    changed = one.changed or max((turn.created for turn in one.turns), default=0.0) or created
    changed = min(changed, now)  # what lies ahead would be the newest for good
    new = Conversation(
        one.id, pinned=one.pinned, leaf=one.leaf, options=Options(system=one.system), created=created, changed=changed
    )
    titled = new.renamed(one.title, "person")
    return stored(titled if titled.title or not one.turns else new.renamed(one.turns[0].question, ""))


def _turns(told: PortableTurn, one: Portable, now: float) -> Iterator[Turn]:
    """The turn, after the question about the tables that it speaks of, if there is one."""
    turn = ChatTurn(
        told.question,
        told.answer,
        "done",
        id=told.id,
        parent=told.parent,
        conversation=one.id,
        model=told.model,
        attachments=told.attachments,
    )
    if told.sql:
        asked = AskTurn(told.question, draft=told.sql, state="done", id=new_id(), conversation=one.id)
        asked.answer_id = asked.id
        turn.way, turn.about = "data", asked.id
        yield _with_times(records.stored(asked), told, now)
    yield _with_times(records.stored(turn), told, now)


def _with_times(turn: Turn, told: PortableTurn, now: float) -> Turn:
    """A tab takes a turn that was never changed for one that could not be written down."""
    return replace(turn, created=told.created, changed=min(told.created or now, now))


def _line(title: str) -> str:
    return " ".join(title.split())
