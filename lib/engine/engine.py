"""The seam to DuckDB: SQL in, Result or QueryError out; each query runs in a locked process of its own."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import pyarrow as pa

from lib.engine import failures
from lib.engine.kept import Kept, key
from lib.engine.pool import SLOW_SECONDS, Pool, Ticket
from lib.engine.process import Worker
from lib.engine.result import Column, Result
from lib.engine.wire import PROGRESS, READY, FrameTooBig, Job, receive, send_job
from lib.errors import QueryError, QueryFailed, QueryRefused, QueryStopped, QueryTimeout, QueryTooBig
from lib.settings import Settings

START_SECONDS = 30.0
GRACE_SECONDS = 1.0
"""The engine ends most queries itself when their time is over; the others are killed this much later."""

_MB = 1 << 20
_TOLD = {one.__name__: one for one in (QueryRefused, QueryFailed, QueryTimeout, QueryTooBig)}
_pool = Pool()
_kept = Kept()


class Engine:
    """One DuckDB database file, read-only. Made once for a database: while any engine is open, a worker waits."""

    dialect = "duckdb"
    name = f"DuckDB {version('duckdb')}"

    def __init__(self, database: Path, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._queries: set[Query] = set()
        self._closed = False
        _pool.open(settings.spare_workers)

    def start(self, sql: str, *, timeout: float | None = None, max_rows: int | None = None) -> Query:
        """Start a query; limits that are not given (seconds, rows) are those of the settings."""
        if self._closed:
            raise QueryFailed("These tables were closed.", "Load the files again.", sql=sql)
        job = Job(
            database=str(self._database.absolute()),
            sql=sql,
            timeout=self._settings.query_timeout_seconds if timeout is None else timeout,
            memory_mb=self._settings.query_memory_mb,
            max_rows=self._settings.query_max_rows if max_rows is None else max_rows,
            result_mb=self._settings.query_result_mb,
        )
        self._queries = {one for one in self._queries if not one.gone}
        ticket = Ticket(str(self._database.parent), self._settings.queries_at_once, job.memory_mb)
        query = Query(job, ticket, self._settings.result_cache_mb * _MB)
        self._queries.add(query)
        return query

    def run(self, sql: str, *, timeout: float | None = None, max_rows: int | None = None) -> Result:
        """Start a query and wait for its end. Raises QueryError."""
        with self.start(sql, timeout=timeout, max_rows=max_rows) as query:
            return query.result()

    def close(self) -> None:
        """Stop what still runs. A closed engine runs nothing more; closing it again does nothing."""
        if self._closed:
            return
        self._closed = True
        for query in self._queries:
            query.cancel()
            query.join()
        _kept.forget(str(self._database.absolute()))
        _pool.close()

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Query:
    """One query on its way. Leaving its `with` stops it if it still runs.

    Its result is kept among at most `most_kept` bytes of them, and taken from there if it was kept before.
    """

    def __init__(self, job: Job, ticket: Ticket, most_kept: int) -> None:
        self._job = job
        self._ticket = ticket
        self._most_kept = most_kept
        self._key = key(job) if most_kept else None
        self._done = threading.Event()
        self._gone = threading.Event()
        self._lock = threading.Lock()
        self._worker: Worker | None = None
        self._began: float | None = None
        self._ended_at: float | None = None
        self._progress: float | None = None
        self._outcome: Result | QueryError = QueryFailed("The query ended without an answer.", sql=job.sql)
        threading.Thread(target=self._work, name="query", daemon=True).start()

    @property
    def ahead(self) -> int | None:
        """How many queries go before it, while it waits for a place; None when it does not wait."""
        return self._ticket.ahead

    @property
    def waits(self) -> bool:
        """Whether it waits for a place, because as many queries run as may run at once."""
        return self.ahead is not None

    @property
    def doing(self) -> str:
        """Where it is, in a few words; empty when there is nothing to say."""
        if self.ahead is not None:
            return f"Waiting for a place: number {self.ahead + 1} in line"
        return "" if self._progress is None else f"Running the query: {self._progress:.0f} % done"

    @property
    def seconds(self) -> float:
        """How long it has run, or ran; 0 while it waits for a place or for its worker."""
        if self._began is None:
            return 0.0
        return (self._ended_at or time.monotonic()) - self._began

    def wait(self, seconds: float) -> bool:
        """Wait at most `seconds`; True when the query has ended."""
        return self._done.wait(seconds)

    def result(self) -> Result:
        """Wait for the end. Raises QueryRefused, QueryFailed, QueryTimeout, QueryTooBig or QueryStopped."""
        self._done.wait()
        if isinstance(self._outcome, QueryError):
            raise self._outcome
        return self._outcome

    def cancel(self) -> None:
        """Stop it; a query that has ended stays as it is."""
        _pool.give_up(self._ticket)
        with self._lock:
            if self._worker:
                self._worker.kill()

    def join(self) -> None:
        """Wait until nothing of it is left in this system."""
        self._gone.wait()

    @property
    def gone(self) -> bool:
        return self._gone.is_set()

    def __enter__(self) -> Query:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cancel()
        self._done.wait()

    def _work(self) -> None:
        try:
            if self._key and (kept := _kept.get(self._key)):
                self._outcome = kept
            elif _pool.enter(self._ticket):
                self._work_in_place()
            else:
                self._outcome = _stopped()
        finally:
            self._done.set()
            self._gone.set()

    def _work_in_place(self) -> None:
        try:
            worker = _pool.take()
            try:
                self._outcome = self._asked(worker)
            finally:
                self._ended_at = time.monotonic()
                self._hold(None)
                self._done.set()  # the answer waits neither for the worker's end nor for the next one's start
                worker.end()
        except OSError as e:
            self._outcome = QueryFailed("The engine could not be started.", "Try again in a moment.", sql=self._job.sql)
            self._outcome.__cause__ = e
        finally:
            _pool.leave(self._ticket)
            _pool.refill()

    def _asked(self, worker: Worker) -> Result | QueryError:
        try:
            return self._ask(worker)
        except QueryError as e:
            e.sql = self._job.sql
            return e

    def _ask(self, worker: Worker) -> Result:
        self._hold(worker)
        with _killed_after(START_SECONDS, worker) as late:
            ready = receive(worker.out, at_most=len(READY))
        if ready is None:
            raise self._why_ended(worker, late)
        self._began = time.monotonic()
        with self._calmed(worker), _killed_after(self._job.timeout + GRACE_SECONDS, worker) as late:
            try:
                send_job(worker.to, self._job)
                return self._read(worker.out)
            except FrameTooBig:
                raise failures.result_too_big(self._job.result_mb) from None
            except (BrokenPipeError, _EndedEarly):
                raise self._why_ended(worker, late) from None

    @contextmanager
    def _calmed(self, worker: Worker) -> Iterator[None]:
        """If the block lasts, let the query's place go to others, and their queries first."""

        def calm() -> None:
            _pool.slow(self._ticket)
            worker.calm()

        with _after(SLOW_SECONDS, calm):
            yield

    def _hold(self, worker: Worker | None) -> None:
        """Name the worker that `cancel` has to kill."""
        with self._lock:
            self._worker = worker
            if worker and self._ticket.given_up:
                raise _stopped()

    def _read(self, pipe: BinaryIO) -> Result:
        while PROGRESS in (header := _read_json(pipe)):
            self._progress = header[PROGRESS]
        if "error" in header:
            raise _TOLD[header["error"]](header["detail"], header["hint"])
        stream = receive(pipe, at_most=(self._job.result_mb + 1) * 2 * _MB)
        if stream is None:
            raise _EndedEarly
        try:
            total_rows = _read_json(pipe)["total_rows"]
        except _EndedEarly:  # counting took too long; the rows are here all the same
            total_rows = None
        result = Result(
            columns=tuple(Column(name, kind) for name, kind in header["columns"]),
            table=_table(stream),
            truncated=header["truncated"],
            total_rows=total_rows,
            seconds=header["seconds"],
        )
        if self._key and header["lasts"] and total_rows is not None and key(self._job) == self._key:
            _kept.put(self._key, result, self._most_kept)
        return result

    def _why_ended(self, worker: Worker, late: threading.Event) -> QueryError:
        """Why the worker ended without an answer."""
        if self._ticket.given_up:
            return _stopped()
        if late.is_set():
            return failures.too_long(self._job.timeout)
        status = worker.end(patience=1.0)
        if status == -getattr(signal, "SIGALRM", 0):
            return failures.too_long(self._job.timeout)
        if status in (-getattr(signal, "SIGKILL", 0), -signal.SIGABRT):
            return failures.too_big(self._job.memory_mb)  # no memory for the system, or for the engine
        return QueryFailed("The engine broke down on this query.", "Write it in another way.")


class _EndedEarly(Exception):
    """The worker ended before it had said everything."""


def _read_json(pipe: BinaryIO) -> dict[str, Any]:
    frame = receive(pipe, at_most=16 * _MB)
    if frame is None:
        raise _EndedEarly
    value: dict[str, Any] = json.loads(frame)
    return value


def _table(stream: bytes) -> pa.Table:
    try:
        table = pa.ipc.open_stream(stream).read_all()
        table.validate(full=True)  # it comes from the process that ran a stranger's SQL
    except pa.ArrowInvalid as e:
        raise QueryFailed("The engine gave a result that cannot be read.") from e
    return table


def _stopped() -> QueryStopped:
    return QueryStopped("The query was stopped.")


@contextmanager
def _killed_after(seconds: float, worker: Worker) -> Iterator[threading.Event]:
    """Kill the worker if the block lasts longer than that; the event says whether it did."""
    late = threading.Event()

    def kill() -> None:
        late.set()
        worker.kill()

    with _after(seconds, kill):
        yield late


@contextmanager
def _after(seconds: float, act: Callable[[], None]) -> Iterator[None]:
    """Act if the block lasts longer than that."""
    timer = threading.Timer(seconds, act)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
