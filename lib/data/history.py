"""Questions and answers as they happened: one SQLite file, and a folder with the tables of the answers.

Several threads may use one History: they take turns. What `put` was given is on the disk when it returns.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from lib.data.conversations import Conversations
from lib.data.snapshots import Snapshots
from lib.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

Kind = Literal["chat", "ask"]
Part = Literal["answer", "chart"]
"""Whose table it is: the answer's own, or what the engine made of all its rows for the chart."""
MAIN = "main"
RESULTS = "results"
MOST_RESULTS = 1 << 30

MIGRATIONS = (
    """
    CREATE TABLE turns (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, conversation TEXT NOT NULL,
        question TEXT NOT NULL, state TEXT NOT NULL, body TEXT NOT NULL, created REAL NOT NULL, changed REAL NOT NULL
    );
    """,
    # A turn that runs belongs to the process that answers it: only those of a dead one are to be stopped.
    """
    ALTER TABLE turns ADD COLUMN process TEXT NOT NULL DEFAULT '';
    CREATE INDEX turns_of_conversation ON turns (kind, conversation, number);
    """,
    """
    CREATE TABLE conversations (
        id TEXT PRIMARY KEY, title TEXT NOT NULL, pinned INTEGER NOT NULL, body TEXT NOT NULL,
        created REAL NOT NULL, changed REAL NOT NULL, deleted REAL NOT NULL DEFAULT 0
    );
    INSERT INTO conversations (id, title, pinned, body, created, changed)
        SELECT conversation, substr(question, 1, 60), 0, '{}', created,
            (SELECT max(changed) FROM turns AS later WHERE later.conversation = first.conversation)
        FROM turns AS first
        WHERE number IN (SELECT min(number) FROM turns WHERE kind = 'chat' GROUP BY conversation);
    """,
)
"""The versions of the schema: each script makes one of the one before. Those that were published never change."""

_PROCESS = secrets.token_hex(8)
_COLUMNS = "id, kind, question, state, body, conversation, created, changed"
_ANSWER = "iif(json_valid(body), coalesce(body ->> '$.answer_id', id), '')"
_SHAPE = """
    SELECT one.type, one.name, info.name FROM sqlite_master AS one LEFT JOIN pragma_table_info(one.name) AS info
    ORDER BY 1, 2, 3
"""
# Times of one turn always grow, also when the clock is set back: tabs tell by them which state is newer.
_PUT = """
    INSERT INTO turns (id, kind, conversation, question, state, body, created, changed, process)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, conversation = excluded.conversation,
        question = excluded.question, state = excluded.state, body = excluded.body, process = excluded.process,
        changed = max(excluded.changed, turns.changed + 0.000001)
    RETURNING created, changed
"""


# Where something was said last stays the newest, also when the clock is set back.
_SAID = """
    UPDATE conversations SET changed = max(:now, (SELECT ifnull(max(changed), 0) + 0.000001 FROM conversations
        WHERE id <> :id)) WHERE id = :id
"""


@dataclass(frozen=True)
class Turn:
    """One question with its answer so far. `body` is JSON, `state` "running" while it is being answered.

    `created` and `changed` are seconds since 1970; `put` sets them.
    """

    id: str
    kind: Kind
    question: str
    state: str
    body: dict[str, Any] = field(default_factory=dict)
    conversation: str = MAIN
    created: float = 0.0
    changed: float = 0.0


class History:
    """Made by `open`. What goes wrong is a DataError."""

    def __init__(
        self, connection: sqlite3.Connection, snapshots: Snapshots, notice: str = "", held: object = None
    ) -> None:
        self._connection: sqlite3.Connection | None = connection
        self._held = held
        self._lock = threading.Lock()
        self._snapshots = snapshots
        self._forgotten: set[str] = set()
        self._revision = 0
        self.conversations = Conversations(self._used, self._wrote)
        self.notice = notice
        """A sentence about what had to be set aside, or empty."""

    @classmethod
    def open(cls, path: Path, most: int = MOST_RESULTS) -> History:
        """The history in that file, brought to the newest version of its schema.

        A damaged file is set aside under another name. One that a newer version of Bayan wrote is left alone; what
        happens then is not kept. Turns that ran in a process that died are stopped. The results take at most `most`
        bytes: beyond that, the oldest ones go.
        """
        results = path.with_name(RESULTS)
        try:
            _require_what_results_belong_to(path, results)
            history = cls(_connected(path), Snapshots(results, most))
        except _Damaged:
            notice = _set_aside(path)
            history = cls(_connected(path), Snapshots(results, most), notice)
        except _Newer:
            brief = tempfile.TemporaryDirectory(prefix="bayan-")
            return cls(_connected(Path(":memory:")), Snapshots(Path(brief.name), most), _NEWER, brief)
        history._begin()
        return history

    @property
    def revision(self) -> int:
        """A number that grows with every write of this process."""
        return self._revision

    def turns(self, kind: Kind, conversation: str = MAIN) -> tuple[Turn, ...]:
        """The turns of a conversation in the order in which they were put first."""
        asked = f"SELECT {_COLUMNS} FROM turns WHERE kind = ? AND conversation = ? ORDER BY number"
        with self._used() as connection:
            turns = map(_turn, connection.execute(asked, (kind, conversation)))
            return tuple(one for one in turns if one)

    def with_answer(self, answer_id: str) -> tuple[Turn, ...]:
        """The questions of all conversations whose body names that answer, in the order in which they were put."""
        asked = f"SELECT {_COLUMNS} FROM turns WHERE kind = 'ask' AND {_ANSWER} = ? ORDER BY number"
        with self._used() as connection:
            turns = map(_turn, connection.execute(asked, (answer_id,)))
            return tuple(one for one in turns if one)

    def put(self, turn: Turn) -> Turn:
        """Write a turn, or its changes, down; returns it with its times. It is on the disk then.

        A turn that was forgotten while it was being answered stays so.
        """
        now = time.time()
        given = (turn.id, turn.kind, turn.conversation, turn.question, turn.state, json.dumps(turn.body), now, now)
        with self._used() as connection:
            if turn.id in self._forgotten:
                return replace(turn, created=now, changed=now)
            created, changed = connection.execute(_PUT, (*given, _PROCESS)).fetchone()
            if turn.kind == "chat":
                connection.execute(_SAID, {"now": changed, "id": turn.conversation})
            self._wrote()
        return replace(turn, created=created, changed=changed)

    def put_result(self, turn_id: str, table: pa.Table, part: Part = "answer") -> None:
        """Keep a table of a turn; it is on the disk when this returns."""
        with self._used():
            if turn_id not in self._forgotten:
                self._snapshots.put(_snapshot(turn_id, part), table)
                self._wrote()

    def result(self, turn_id: str, part: Part = "answer") -> pa.Table | None:
        """A table of a turn as it was put; None if there is none, or none that can be read."""
        with self._used():
            return self._snapshots.get(_snapshot(turn_id, part))

    def forget(self, turn_id: str) -> None:
        """Delete a turn and its result."""
        self._delete("id = ?", turn_id)

    def clear(self, kind: Kind, conversation: str = MAIN) -> None:
        """Delete a conversation with its results."""
        self._delete("kind = ? AND conversation = ?", kind, conversation)

    def close(self) -> None:
        """Put everything into the one file. Closing again does nothing; any other use is a DataError then.

        What still runs here is stopped: nobody can write down any more how it ended.
        """
        with self._lock, suppress(sqlite3.Error):
            connection, self._connection = self._connection, None
            if connection:
                with closing(connection):
                    connection.execute(
                        "UPDATE turns SET state = 'stopped' WHERE state = 'running' AND process = ?", (_PROCESS,)
                    )

    def _begin(self) -> None:
        """Stop the turns of the dead, and delete what they left and what was deleted."""
        with self._used() as connection:
            connection.execute(
                "DELETE FROM turns WHERE conversation IN (SELECT id FROM conversations WHERE deleted > 0)"
            )
            connection.execute("DELETE FROM conversations WHERE deleted > 0")
            connection.execute(
                "UPDATE turns SET state = 'stopped' WHERE state = 'running' AND process <> ?", (_PROCESS,)
            )
            asked = connection.execute("SELECT id FROM turns WHERE kind = 'ask'")  # the others have no results
            self._snapshots.keep_only(_snapshots(one for (one,) in asked))
            suspect = f"SELECT {_COLUMNS} FROM turns WHERE iif(json_valid(body), json_type(body) <> 'object', true)"
            if damaged := [row for row in connection.execute(suspect) if _turn(row) is None]:
                self.notice = f"{self.notice} {spoiled(len(damaged))}".strip()

    def _delete(self, which: str, *values: str) -> None:
        with self._used() as connection:
            gone = [one for (one,) in connection.execute(f"DELETE FROM turns WHERE {which} RETURNING id", values)]
            self._forgotten.update(gone)
            self._snapshots.remove(_snapshots(gone))
            self._wrote()

    def _wrote(self) -> None:
        self._revision += 1

    @contextmanager
    def _used(self) -> Iterator[sqlite3.Connection]:
        """One thread at a time."""
        with self._lock:
            if self._connection is None:
                raise DataError("These questions and answers were closed.", "Open the page again.")
            try:
                yield self._connection
            except (sqlite3.Error, OSError) as e:
                raise _failed(e) from e


class _Damaged(Exception):
    """The file is no SQLite file, or not a whole one."""


class _Newer(Exception):
    """The file's schema is one that is not known here."""


_NEWER = (
    "The questions and answers were kept by a newer version of Bayan. They are left as they are; "
    "what is asked now is not kept."
)


def _require_what_results_belong_to(path: Path, results: Path) -> None:
    """Raises _Damaged if there are results and no turns at all: they would go as those that nobody asked for."""
    if not (path.exists() and path.stat().st_size) and any(results.glob("*")):
        raise _Damaged


def _connected(path: Path) -> sqlite3.Connection:
    """The file, opened, checked and migrated. Raises DataError, _Damaged and _Newer."""
    try:
        if path.name != ":memory:":
            path.touch(mode=0o600)
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection)
        except BaseException:
            connection.close()
            raise
    except sqlite3.DatabaseError as e:
        if e.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise _Damaged from e
        raise _failed(e) from e
    except OSError as e:
        raise _failed(e) from e
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise _Newer
    if version < 0 or connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise _Damaged
    # With FULL, what was written survives a loss of power, too. What is deleted is overwritten.
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.create_function("folded", 1, _folded, deterministic=True)
    for number, script in enumerate(MIGRATIONS[version:], version + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;")
    if connection.execute(_SHAPE).fetchall() != _shape():
        raise _Damaged  # other tables, views or triggers than ours would be run by what is written here


@cache
def _shape() -> list[tuple[Any, ...]]:
    """What `_SHAPE` finds where every migration was made."""
    with closing(sqlite3.connect(":memory:")) as fresh:
        fresh.executescript("".join(MIGRATIONS))
        return fresh.execute(_SHAPE).fetchall()


def _folded(text: object) -> str:
    return text.casefold() if isinstance(text, str) else ""


def _set_aside(path: Path) -> str:
    """Rename the file and what belongs to it; the sentence about it."""
    now = f"damaged-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S%f}Z-"
    moved = []
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm", RESULTS):
        with suppress(FileNotFoundError):
            path.with_name(name).rename(path.with_name(now + name))
            moved.append(now + name)
    shown = " and ".join(one for one in moved if one.endswith((path.name, RESULTS)))
    return (
        f"The questions and answers could not be read: their file is damaged. What there was is set aside as {shown}."
    )


def _turn(row: tuple[Any, ...]) -> Turn | None:
    """None if its body is not what `put` writes."""
    id_, kind, question, state, text, *rest = row
    try:
        body = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None
    return Turn(id_, kind, question, state, body, *rest) if isinstance(body, dict) else None


def spoiled(count: int) -> str:
    """The sentence about so many questions that are not as they were written."""
    are = "question with its answer is" if count == 1 else "questions with their answers are"
    return f"{count:,} {are} damaged and not shown; the file keeps what there is."


def _snapshots(turn_ids: Iterable[str]) -> list[str]:
    return [_snapshot(one, part) for one in turn_ids for part in get_args(Part)]


def _snapshot(turn_id: str, part: Part) -> str:
    return turn_id if part == "answer" else f"{part}\0{turn_id}"


def _failed(e: sqlite3.Error | OSError) -> DataError:
    return DataError(f"The questions and answers cannot be kept: {e}.", "Make room on the disk, then try again.")
