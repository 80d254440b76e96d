"""Places for the queries that run on the server at one time, first come, first served."""

from __future__ import annotations

import threading


class Places:
    """`most` of them. A place is free again when its query has ended, whatever the server still does with it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._changed = threading.Condition()
        self._queue: list[object] = []
        self._running: set[threading.Event] = set()

    def enter(self, ended: threading.Event, waiting: threading.Event) -> bool:
        """Wait for a place; `waiting` is set meanwhile. False if `ended` was set before there was one."""
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
            while not ended.is_set() and (self._queue[0] is not ticket or not self._is_free()):
                waiting.set()
                self._changed.wait()
            waiting.clear()
            self._queue.remove(ticket)
            self._changed.notify_all()
            if not ended.is_set():
                self._running.add(ended)
            return not ended.is_set()

    def leave(self, ended: threading.Event) -> None:
        with self._changed:
            self._running.discard(ended)
            self._changed.notify_all()

    def wake(self) -> None:
        """Let those who wait see what has ended."""
        with self._changed:
            self._changed.notify_all()

    def _is_free(self) -> bool:
        self._running = {one for one in self._running if not one.is_set()}
        return len(self._running) < self._most
