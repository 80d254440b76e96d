"""One query on its way to Spark and back.

The server may go on with a query that was stopped, so nobody waits for it: the query has ended when its time is over
or when somebody stopped it, and the thread that still hears the server is left to itself.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from types import TracebackType

from lib.engine.result import Result
from lib.engine.spark.places import Places
from lib.errors import QueryError, QueryFailed, QueryStopped

INTERRUPTS = 30
JOIN_SECONDS = 2.0
"""How long a closing engine waits for the server to let a stopped query go."""


class SparkQuery:
    """Leaving its `with` stops it if it still runs. `run` does the work, in a thread of the query's own."""

    def __init__(
        self,
        sql: str,
        places: Places,
        timeout: float,
        too_late: Callable[[], QueryError],
        run: Callable[[SparkQuery], Result],
        interrupt: Callable[[str], None],
    ) -> None:
        self.tag = f"bayan-{uuid.uuid4().hex}"
        self._sql = sql
        self._places = places
        self._timeout = timeout
        self._too_late = too_late
        self._run = run
        self._interrupt = interrupt
        self._lock = threading.Lock()
        self._done, self._gone = threading.Event(), threading.Event()
        self._waiting = threading.Event()
        self._began: float | None = None
        self._ended_at: float | None = None
        self._outcome: Result | QueryError = QueryFailed("The query ended without an answer.", sql=sql)
        threading.Thread(target=self._work, name="spark-query", daemon=True).start()

    @property
    def waits(self) -> bool:
        """Whether as many queries run as may run at once."""
        return self._waiting.is_set()

    @property
    def doing(self) -> str:
        return "Waiting for a place: other queries are running" if self.waits else ""

    @property
    def seconds(self) -> float:
        if self._began is None:
            return 0.0
        return (self._ended_at or time.monotonic()) - self._began

    @property
    def gone(self) -> bool:
        return self._gone.is_set()

    @property
    def ended(self) -> bool:
        """Whether nobody waits for its result any more."""
        return self._done.is_set()

    @property
    def left(self) -> float:
        """Seconds until its time is over."""
        return max(0.0, self._timeout - self.seconds)

    def wait(self, seconds: float) -> bool:
        return self._done.wait(seconds)

    def result(self) -> Result:
        """Wait for the end. Raises QueryRefused, QueryFailed, QueryTimeout, QueryTooBig or QueryStopped."""
        self._done.wait()
        if isinstance(self._outcome, QueryError):
            raise self._outcome
        return self._outcome

    def cancel(self) -> None:
        self._give_up(QueryStopped("The query was stopped."))
        self._places.wake()

    def join(self) -> None:
        """Wait until the server has let it go, but not for long."""
        self._gone.wait(JOIN_SECONDS)

    def __enter__(self) -> SparkQuery:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cancel()

    def _work(self) -> None:
        try:
            if self._places.enter(self._done, self._waiting):
                self._work_in_place()
        finally:
            self._gone.set()

    def _work_in_place(self) -> None:
        self._began = time.monotonic()
        clock = threading.Timer(self._timeout, lambda: self._give_up(self._too_late()))
        clock.daemon = True
        clock.start()
        try:
            self._end(self._run(self))
        except QueryError as e:
            self._end(e)
        finally:
            clock.cancel()
            self._end(self._outcome)
            self._places.leave(self._done)

    def _give_up(self, why: QueryError) -> None:
        if self._end(why):
            # By a thread of its own: a server that is down would hold up who only wants to stop.
            threading.Thread(target=self._see_off, name="spark-interrupt", daemon=True).start()

    def _see_off(self) -> None:
        """Ask again while it is there: what was asked before the server had begun with it was not heard."""
        for _ in range(INTERRUPTS):
            self._interrupt(self.tag)
            if self._gone.wait(1.0):
                return

    def _end(self, outcome: Result | QueryError) -> bool:
        """Let this be what came of it, unless it has ended; whether it had not."""
        with self._lock:
            if self._done.is_set():
                return False
            if isinstance(outcome, QueryError):
                outcome.sql = self._sql
            self._outcome = outcome
            self._ended_at = time.monotonic()
            self._done.set()
            return True
