"""Results that were computed before: for the same SQL on the same tables they need not be computed again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from lib.engine.result import Result
from lib.engine.wire import Job

_BESIDES = 4096
"""Bytes that an entry takes besides its rows and its SQL, about."""


@dataclass(frozen=True)
class Key:
    """What decides a result: the database file as it is, and what was asked of it with which limits of size."""

    database: str
    file: tuple[int, int, int, int]
    sql: str
    max_rows: int
    result_mb: int


def key(job: Job) -> Key | None:
    """The key of the job's result as its file is now; None when that cannot be looked at."""
    try:
        found = Path(job.database).stat()
    except OSError:
        return None
    file = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
    return Key(job.database, file, job.sql, job.max_rows, job.result_mb)


class Kept:
    """Results in memory; where they take too much, the one goes whose last use is longest ago. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._results: OrderedDict[Key, Result] = OrderedDict()
        self._bytes = 0

    def get(self, wanted: Key) -> Result | None:
        with self._lock:
            if wanted in self._results:
                self._results.move_to_end(wanted)
            return self._results.get(wanted)

    def put(self, wanted: Key, result: Result, most: int) -> None:
        """Keep it if it fits in so many bytes; others go where it needs their room."""
        with self._lock:
            self._drop(wanted)
            self._results[wanted] = result
            self._bytes += _size(wanted, result)
            while self._bytes > most:
                self._drop(next(iter(self._results)))

    def forget(self, database: str) -> None:
        """Keep nothing of this database any more."""
        with self._lock:
            for one in [one for one in self._results if one.database == database]:
                self._drop(one)

    def _drop(self, gone: Key) -> None:
        if gone in self._results:
            self._bytes -= _size(gone, self._results.pop(gone))


def _size(wanted: Key, result: Result) -> int:
    return int(result.table.get_total_buffer_size()) + len(wanted.sql) + _BESIDES
