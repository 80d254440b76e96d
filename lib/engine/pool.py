"""Worker processes: warm spares that wait for the next queries, and places for the queries that run."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from functools import cache
from typing import BinaryIO, cast

from lib.children import bare_environment

SPARES = 2
"""An answer asks at once for its rows and for its chart or its checks; a worker takes 0.4 s to start.

Until a query has found no spare there is one: for the single query of a command a second one would start for nothing.
"""

REFILL_SECONDS = 2.5
"""Where spares were enough, the next one starts so much later: just now the processor draws what was read."""

KEPT_SECONDS = 5.0
"""How long spares outlive the last engine: a page that is loaded anew closes its engine and opens it again."""


class Worker:
    """One child process. It serves one query; `kill` ends it at any time, from any thread."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "lib.engine.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_empty_folder().name,
            env=_environment(),
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def to(self) -> BinaryIO:
        return cast(BinaryIO, self._process.stdin)

    @property
    def out(self) -> BinaryIO:
        return cast(BinaryIO, self._process.stdout)

    def kill(self) -> None:
        self._process.kill()

    def end(self, patience: float = 0.0) -> int:
        """Kill it if it still runs after `patience` seconds, and wait for its end.

        Returns its exit status; below 0 it is the signal that ended it.
        """
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
        self.kill()
        status = self._process.wait()
        self.out.close()
        with suppress(BrokenPipeError):  # what was not yet written has nobody to read it
            self.to.close()
        return status


@cache
def _empty_folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="bayan-worker-")


def _environment() -> dict[str, str]:
    return {**bare_environment(), **_SMALL}


# Nothing reserves address space far ahead of its use, so that a limit on it is a limit on use.
_SMALL = {"MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}


class Pool:
    """The workers of this process. All engines share one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queue: list[object] = []
        self._running = 0
        self._engines = 0
        self._spares: list[Worker] = []
        self._wanted, self._wanted_more = 1, True
        self._ending = threading.Timer(KEPT_SECONDS, self._end_spares)
        self._refilling = threading.Timer(REFILL_SECONDS, self._fill)

    def open(self) -> None:
        """An engine is here: keep spares ready."""
        with self._changed:
            self._engines += 1
        self.refill()

    def close(self) -> None:
        """An engine is gone; a while after the last one no spare is left."""
        with self._changed:
            self._engines -= 1
            if not self._engines:
                self._ending.cancel()
                self._ending = threading.Timer(KEPT_SECONDS, self._end_spares)
                self._ending.daemon = True  # spares of a process that ends go too: they read the end of their pipe
                self._ending.start()

    def _end_spares(self) -> None:
        with self._changed:
            if self._engines:
                return
            gone, self._spares, self._wanted, self._wanted_more = self._spares, [], 1, True
        for spare in gone:
            spare.end()

    def enter(self, at_once: int, given_up: threading.Event, waiting: threading.Event) -> bool:
        """Wait for a place, first come, first served. False if `given_up` was set before there was one."""
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
            while not given_up.is_set() and (self._queue[0] is not ticket or self._running >= at_once):
                waiting.set()
                self._changed.wait()
            waiting.clear()
            self._queue.remove(ticket)
            self._changed.notify_all()
            if given_up.is_set():
                return False
            self._running += 1
            return True

    def leave(self) -> None:
        with self._changed:
            self._running -= 1
            self._changed.notify_all()

    def wake(self) -> None:
        """Let those who wait see that they gave up."""
        with self._changed:
            self._changed.notify_all()

    def take(self) -> Worker:
        """The spare that waits longest if there is one, else a new worker."""
        while True:
            with self._changed:
                spare = self._spares.pop(0) if self._spares else None
                if spare is None:
                    self._wanted, self._wanted_more = SPARES, True
            if spare is None:
                return Worker()
            if spare.alive:
                return spare
            spare.end()

    def refill(self) -> None:
        """Start the spares that are missing: at once if a query had none, else in a while."""
        with self._changed:
            if self._wanted_more:
                self._fill()
            elif not self._refilling.is_alive():
                self._refilling = threading.Timer(REFILL_SECONDS, self._fill)
                self._refilling.daemon = True
                self._refilling.start()

    def _fill(self) -> None:
        # Where no process can be started, the next query finds no spare, tries itself, and tells.
        with self._changed, suppress(OSError):
            self._wanted_more = False
            while self._engines and len(self._spares) < self._wanted:
                self._spares.append(Worker())
