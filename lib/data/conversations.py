"""The list of conversations: their titles, which of them are pinned, and in which of them something was said."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lib.data.typed import moment

if TYPE_CHECKING:
    from lib.data.history import Turn

_COLUMNS = "id, title, pinned, body, created, changed"
_PUT = """
    INSERT INTO conversations (id, title, pinned, body, created, changed) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET title = excluded.title, pinned = excluded.pinned, body = excluded.body
"""
_ADD_TURN = """
    INSERT INTO turns (id, kind, conversation, question, state, body, created, changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
# Every word has to be somewhere: in the title, in a question or in an answer.
_SAYS = """({title} OR id IN (
    SELECT conversation FROM turns WHERE kind = 'chat'
    AND ({question} OR {answer})))"""
# JSON has the characters of ASCII as they are: where a word is not even in the body, none has to be parsed.
_BODY = "(body LIKE {value} ESCAPE '\\' AND {answer})"
_PLACES = {"title": "title", "question": "question", "answer": "iif(json_valid(body), body ->> '$.answer', '')"}
_NEWEST_FIRST = "ORDER BY pinned DESC, changed DESC LIMIT :most OFFSET :skip"


@dataclass(frozen=True)
class Conversation:
    """A conversation without its turns. `body` is JSON; times are seconds since 1970, `changed` of the last turn."""

    id: str
    title: str = ""
    pinned: bool = False
    body: dict[str, Any] = field(default_factory=dict)
    created: float = 0.0
    changed: float = 0.0


class Conversations:
    """Made by a History, whose connection it uses. What goes wrong is a DataError."""

    def __init__(
        self, used: Callable[[], AbstractContextManager[sqlite3.Connection]], wrote: Callable[[], None]
    ) -> None:
        self._used, self._wrote = used, wrote

    def newest(self) -> Conversation | None:
        """The one in which something was said last."""
        with self._used() as connection:
            asked = f"SELECT {_COLUMNS} FROM conversations WHERE deleted = 0 ORDER BY changed DESC LIMIT 1"
            row = connection.execute(asked).fetchone()
        return _conversation(row) if row else None

    def listed(self, search: str = "", most: int = 50, skip: int = 0) -> tuple[tuple[Conversation, ...], int]:
        """Those that say all words of `search`, pinned ones first, then the newest first; and how many there are."""
        words = search.split()
        where = " AND ".join(["deleted = 0", *(_says(word, f":word{at}") for at, word in enumerate(words))])
        asked = f"SELECT {_COLUMNS}, count(*) OVER () FROM conversations WHERE {where} {_NEWEST_FIRST}"
        values = {"most": most, "skip": skip, **{f"word{at}": _literal(word) for at, word in enumerate(words)}}
        with self._used() as connection:
            rows = connection.execute(asked, values).fetchall()
        return tuple(_conversation(row[:-1]) for row in rows), rows[0][-1] if rows else 0

    def get(self, id_: str) -> Conversation | None:
        """None if there is none, or if it was deleted."""
        with self._used() as connection:
            return _found(connection, id_)

    def put(self, one: Conversation) -> None:
        """Write a conversation, or its changes, down. Its times are set when it is new, unless they are given."""
        with self._used() as connection:
            self._write(connection, one)

    def ids(self) -> list[str]:
        """Of all of them, in the order in which they were begun."""
        with self._used() as connection:
            return [
                id_ for (id_,) in connection.execute("SELECT id FROM conversations WHERE deleted = 0 ORDER BY created")
            ]

    @contextmanager
    def adding(self) -> Iterator[Callable[[Conversation, Sequence[Turn]], None]]:
        """Gives what adds a new conversation with its turns, with the times that they have.

        All that was added is on the disk together at the end; nothing of it if the block is left otherwise.
        """

        def add(one: Conversation, turns: Sequence[Turn]) -> None:
            connection.execute(_PUT, (one.id, one.title, one.pinned, json.dumps(one.body), one.created, one.changed))
            connection.executemany(_ADD_TURN, map(_row, turns))

        with self._used() as connection:
            connection.execute("BEGIN")
            try:
                yield add
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            self._wrote()

    def change(self, id_: str, how: Callable[[Conversation], Conversation]) -> Conversation | None:
        """Replace a conversation by what `how` makes of it as it is now, whoever else changes it."""
        with self._used() as connection:
            found = _found(connection, id_)
            if found is None or (made := how(found)) == found:
                return found
            self._write(connection, made)
            return made

    def _write(self, connection: sqlite3.Connection, one: Conversation) -> None:
        created = one.created or time.time()
        row = (one.id, one.title, one.pinned, json.dumps(one.body), created, one.changed or created)
        connection.execute(_PUT, row)
        self._wrote()

    def delete(self, id_: str) -> None:
        """Take it off the list. It can be restored until the history is opened the next time."""
        self._set_deleted(id_, time.time())

    def restore(self, id_: str) -> None:
        """Put it on the list again."""
        self._set_deleted(id_, 0.0)

    def _set_deleted(self, id_: str, at: float) -> None:
        with self._used() as connection:
            connection.execute("UPDATE conversations SET deleted = ? WHERE id = ?", (at, id_))
            self._wrote()


def _found(connection: sqlite3.Connection, id_: str) -> Conversation | None:
    row = connection.execute(f"SELECT {_COLUMNS} FROM conversations WHERE id = ? AND deleted = 0", (id_,)).fetchone()
    return _conversation(row) if row else None


def _row(turn: Turn) -> tuple[str | float, ...]:
    body = json.dumps(turn.body)
    return (turn.id, turn.kind, turn.conversation, turn.question, turn.state, body, turn.created, turn.changed)


def _says(word: str, value: str) -> str:
    """SQLite compares without regard to case by itself where only the letters of ASCII have one, and that is faster."""
    how = "{} LIKE {} ESCAPE '\\'" if word.isascii() else "folded({}) LIKE {} ESCAPE '\\'"
    places = {name: how.format(place, value) for name, place in _PLACES.items()}
    if word.isascii() and not set('"\\') & set(word):
        places["answer"] = _BODY.format(value=value, answer=places["answer"])
    return _SAYS.format(**places)


def _literal(word: str) -> str:
    return "%" + re.sub(r"([%_\\])", r"\\\1", word if word.isascii() else word.casefold()) + "%"


def _conversation(row: tuple[Any, ...]) -> Conversation:
    id_, title, pinned, text, created, changed = row
    try:
        body = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        body = {}
    return Conversation(
        id_,
        title if isinstance(title, str) else "",
        bool(pinned),
        body if isinstance(body, dict) else {},
        moment(created),
        moment(changed),
    )
