"""A person's tables: one private folder, one DuckDB file.

DuckDB lets either one writer or many readers open a file. So nothing ever writes the file that is being queried: a
child process copies it, changes the copy, and only when it has ended well does the copy take the place of the
original. Queries under way finish on the file on which they began, which is deleted after the last of them.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from lib.data.loading import Change, Child, Loading, Source
from lib.data.table import Table
from lib.errors import DataError
from lib.settings import Settings

if TYPE_CHECKING:
    from lib.engine.engine import Engine, Query
    from lib.engine.result import Result

__all__ = ["Loading", "Source", "Workspace"]


@dataclass
class _State:
    """The tables as they were at one time: the file that holds them and the queries that read it."""

    database: Path
    settings: Settings
    tables: tuple[Table, ...]
    queries: list[Query] = field(default_factory=list)

    @cached_property
    def engine(self) -> Engine:
        """Made when it is first needed: its libraries are slow to import, and a page without tables needs none."""
        import duckdb

        from lib.engine.engine import Engine

        if not self.database.exists():
            duckdb.connect(self.database).close()
        return Engine(self.database, self.settings)

    def end(self) -> None:
        """Close the engine, if there is one, and delete the file."""
        if "engine" in self.__dict__:
            self.engine.close()
        self.database.unlink(missing_ok=True)


class Workspace:
    """One person's tables. Safe to use from several threads; `close`, or the end of the program, deletes everything."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._folder, self._settings = folder, settings
        self._numbers = count(1)
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._loadings: weakref.WeakSet[Loading] = weakref.WeakSet()
        self._states = [_State(self._next_file(), settings, ())]
        self._finalizer = weakref.finalize(self, _delete, folder, self._states)

    @classmethod
    def create(cls, settings: Settings) -> Workspace:
        """An empty workspace in a folder that nobody but this user of the system can open."""
        return cls(Path(tempfile.mkdtemp(prefix="bayan-")), settings)

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables in the order in which they came."""
        with self._lock:
            return self._newest().tables

    def add(self, files: Sequence[Source]) -> Loading:
        """Start to load files, each into a table of its own; they are all there when the `Loading` has ended."""
        loading = Loading(files, self._settings.max_upload_mb, self._writing, self._begin, self._adopt_added)
        self._loadings.add(loading)
        return loading

    def drop(self, name: str) -> None:
        """Delete a table. Raises DataError if there is none of that name."""
        with self._writing:
            kept = tuple(one for one in self.tables if one.name != name)
            if len(kept) == len(self.tables):
                raise DataError(f"There is no table {name}.")
            change = self._begin()
            if not Child(change, self._folder, (), drop=(name,)).succeeded():
                change.discard()
                raise DataError(f"The table {name} could not be deleted.", "Try again.")
            with self._lock:
                self._adopt(change, kept)

    def start(self, sql: str, *, timeout: float | None = None, max_rows: int | None = None) -> Query:
        """Start a query on the tables as they are now; what is loaded or deleted meanwhile does not disturb it."""
        with self._lock:
            self._sweep()
            newest = self._newest()
            query = newest.engine.start(sql, timeout=timeout, max_rows=max_rows)
            newest.queries.append(query)
            return query

    def run(self, sql: str, *, timeout: float | None = None, max_rows: int | None = None) -> Result:
        """Run a query to its end. Raises QueryError."""
        with self.start(sql, timeout=timeout, max_rows=max_rows) as query:
            return query.result()

    def close(self) -> None:
        """Stop what runs and delete everything. Closing again does nothing."""
        for loading in list(self._loadings):
            loading.cancel()
            loading.wait()
        with self._writing, self._lock:
            self._finalizer()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _newest(self) -> _State:
        if not self._states:
            raise DataError("These tables were deleted.", "Load the files again.")
        return self._states[-1]

    def _next_file(self) -> Path:
        return self._folder / f"tables-{next(self._numbers)}.duckdb"

    def _begin(self) -> Change:
        with self._lock:
            newest = self._newest()
            return Change(self._folder, newest.database if newest.tables else None, self._next_file())

    def _adopt_added(self, change: Change, added: tuple[Table, ...]) -> None:
        with self._lock:
            self._adopt(change, self._newest().tables + added)

    def _adopt(self, change: Change, tables: tuple[Table, ...]) -> None:
        state = _State(change.database, self._settings, tables)
        _ = state.engine  # from now on a worker waits for the first question
        self._states.append(state)
        self._sweep()

    def _sweep(self) -> None:
        """Forget queries that have ended, and older files that none reads any more."""
        for state in self._states:
            state.queries = [one for one in state.queries if not one.gone]
        for state in [one for one in self._states[:-1] if not one.queries]:
            self._states.remove(state)
            state.end()


def _delete(folder: Path, states: list[_State]) -> None:
    while states:
        states.pop().end()
    shutil.rmtree(folder, ignore_errors=True)
