"""Many questions over many databases: each database is loaded once, and several questions are under way at once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from lib.asking.answer import Answer
from lib.asking.evaluate.answering import Way, answer
from lib.asking.evaluate.question_file import Asked
from lib.data.workspace import Source, Workspace
from lib.errors import DataError
from lib.settings import Settings

_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Began:
    """The question is being asked now."""

    asked: Asked


@dataclass(frozen=True)
class Unread:
    """A file of a database did not become a table."""

    db: str
    error: DataError


@dataclass(frozen=True)
class Done:
    """The question was answered, or why it was not is in the answer."""

    asked: Asked
    answer: Answer


Event = Began | Unread | Done


def ask_all(
    questions: Sequence[Asked],
    files: Mapping[str, Sequence[Path]],
    way: Way,
    settings: Settings,
    workers: int = 1,
) -> Generator[Event, None, None]:
    """Yield what happens, as it happens, until all are done; `files` are those of each database.

    The questions are asked in their order: those of one database should follow each other. Closing the generator
    stops what is under way. Raises ModelError when no further question could be answered.
    """
    batch = _Batch(questions, files, way, settings)
    with closing(batch), ThreadPoolExecutor(workers, thread_name_prefix="evaluate") as threads:
        try:
            working = [threads.submit(batch.work) for _ in range(workers)]
            for one in working:
                one.add_done_callback(batch.happened.put)
            while working:
                event = batch.happened.get()
                if isinstance(event, Future):
                    working.remove(event)
                    event.result()
                else:
                    yield event
        finally:
            batch.stop.set()


class _Batch:
    """What the workers share."""

    def __init__(
        self,
        questions: Sequence[Asked],
        files: Mapping[str, Sequence[Path]],
        way: Way,
        settings: Settings,
    ) -> None:
        self._waiting = iter(questions)
        self._way = way
        left = Counter(one.db for one in questions)
        self._databases = {db: _Database(db, files[db], settings, left[db]) for db in left}
        self._lock = threading.Lock()
        self.happened: SimpleQueue[Event | Future[None]] = SimpleQueue()
        self.stop = threading.Event()

    def work(self) -> None:
        """Answer one question after the other until there is none, or until it is stopped."""
        while not self.stop.is_set() and (asked := self._next()):
            database = self._databases[asked.db]
            try:
                if space := self._opened(database):
                    self.happened.put(Began(asked))
                    given = answer(asked.question, space, self._way, self.stop.is_set)
                    if given:
                        self.happened.put(Done(asked, given))
            finally:
                database.leave()

    def close(self) -> None:
        """Delete what is left of the databases."""
        for one in self._databases.values():
            one.close()

    def _next(self) -> Asked | None:
        with self._lock:
            return next(self._waiting, None)

    def _opened(self, database: _Database) -> Workspace | None:
        space, errors = database.enter(self.stop)
        for error in errors:
            self.happened.put(Unread(database.name, error))
        return space


class _Database:
    """A workspace that the first question loads and the last one deletes; the others wait for it."""

    def __init__(self, name: str, files: Sequence[Path], settings: Settings, questions: int) -> None:
        self.name = name
        self._files, self._settings = files, settings
        self._left, self._inside = questions, 0
        self._lock = threading.Lock()
        self._space: Workspace | None = None

    def enter(self, stop: threading.Event) -> tuple[Workspace | None, tuple[DataError, ...]]:
        """The workspace and, for who loaded it, why some files are no tables; no workspace once `stop` is set."""
        with self._lock:
            self._left, self._inside = self._left - 1, self._inside + 1
            errors: tuple[DataError, ...] = ()
            if self._space is None and not stop.is_set():
                self._space = Workspace.temporary(self._settings)
                errors = _load(self._files, self._space, stop)
            return (None if stop.is_set() else self._space), errors

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if not self._left and not self._inside:
                self.close()

    def close(self) -> None:
        if self._space:
            self._space.close()


def _load(files: Sequence[Path], space: Workspace, stop: threading.Event) -> tuple[DataError, ...]:
    with space.add([Source(one.name, one) for one in files]) as loading:
        while not loading.wait(_POLL_SECONDS):
            if stop.is_set():
                loading.cancel()
        return loading.errors
