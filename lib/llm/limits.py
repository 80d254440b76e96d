"""How many requests may go to one endpoint: so many a second, so many at once, everybody in turn."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition, Event, Lock

from lib.settings import Settings

POLL_SECONDS = 0.1

Told = Callable[[float, int], None]
"""Is told the least number of seconds to wait (0 when nobody knows) and how many others are ahead."""


class Stopped(Exception):
    """The person who waited does not want the answer any more."""


@dataclass(frozen=True)
class Load:
    """What goes to one endpoint at this moment, all visitors together."""

    last_second: int
    under_way: int
    waiting: int


class Limiter:
    """A token bucket (`rate` a second, `burst` after a pause) and `at_once` slots, first come, first served."""

    def __init__(self, rate: float, burst: int, at_once: int) -> None:
        self._rate, self._burst = rate, burst
        self._tokens, self._filled_at = float(burst), time.monotonic()
        self._at_once = self._free = at_once
        self._started: deque[float] = deque()
        self._queue: deque[object] = deque()
        self._changed = Condition()

    @contextmanager
    def slot(self, stopped: Event, told: Told) -> Iterator[None]:
        """Hold one slot; it is given back however the block is left. Raises Stopped when `stopped` is set."""
        self._wait(stopped, told)
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify_all()

    def hold(self, seconds: float) -> None:
        """Let nobody begin for so long, and no burst after that: the endpoint wants it so."""
        with self._changed:
            self._tokens = min(self._tokens, 0.0)
            self._filled_at = max(self._filled_at, time.monotonic() + seconds)

    def load(self) -> Load:
        """The requests of the last second, those under way, and those that wait for their turn."""
        with self._changed:
            self._forget(time.monotonic())
            return Load(len(self._started), self._at_once - self._free, len(self._queue))

    def _forget(self, now: float) -> None:
        while self._started and self._started[0] < now - 1:
            self._started.popleft()

    def _wait(self, stopped: Event, told: Told) -> None:
        ticket, ahead = object(), None
        with self._changed:
            self._queue.append(ticket)
            try:
                while not (stopped.is_set() or self._may_go(ticket)):
                    if ahead != (ahead := self._queue.index(ticket)):
                        told(self._least_wait(ahead), ahead)
                    self._changed.wait(min(POLL_SECONDS, self._least_wait(0) or POLL_SECONDS))
                if stopped.is_set():
                    raise Stopped
                self._free -= 1
                self._tokens -= 1
                self._started.append(now := time.monotonic())
                self._forget(now)
            finally:
                self._queue.remove(ticket)
                self._changed.notify_all()

    def _may_go(self, ticket: object) -> bool:
        now = time.monotonic()
        self._tokens = min(self._burst, self._tokens + max(0.0, now - self._filled_at) * self._rate)
        self._filled_at = max(self._filled_at, now)
        return self._queue[0] is ticket and self._free > 0 and self._tokens >= 1

    def _least_wait(self, ahead: int) -> float:
        """Seconds until the bucket has a token for the one behind `ahead` others; slots cannot be foretold."""
        held = max(0.0, self._filled_at - time.monotonic())
        return held if self._free <= 0 else held + max(0.0, (ahead + 1 - self._tokens) / self._rate)


_limiters: dict[tuple[str, float, int, int], Limiter] = {}
_limiters_lock = Lock()


def limiter(base_url: str, settings: Settings) -> Limiter:
    """The one limiter of this process for an endpoint, whoever asks."""
    limits = (settings.llm_requests_per_second, settings.llm_burst, settings.llm_at_once)
    with _limiters_lock:
        return _limiters.setdefault((base_url, *limits), Limiter(*limits))


def load_now() -> tuple[int, int]:
    """How many requests are under way and how many wait, at all endpoints together."""
    with _limiters_lock:
        loads = [one.load() for one in _limiters.values()]
    return sum(one.under_way for one in loads), sum(one.waiting for one in loads)
