"""The seam to Spark Connect: a workspace's tables in a session of their own, and the queries on them.

Files are still read into the workspace's own DuckDB file, where every row is accounted for. A table goes from there to
the session when a query first names it, through the locked engine; ENGINE_TABLES are read by the server itself.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from lib.engine import failures as limits
from lib.engine import spark_gate
from lib.engine.engine import Engine
from lib.engine.result import Result
from lib.engine.spark import columns, failures
from lib.engine.spark.places import Places
from lib.engine.spark.query import SparkQuery
from lib.engine.spark.session import Session
from lib.engine.types import quoted
from lib.errors import QueryFailed, QueryStopped, QueryTooBig
from lib.settings import Settings

CLOSE_SECONDS = 1.0
COUNT_SECONDS = 3.0
"""A person who has the first rows should not wait longer than this for their total."""

_ALL_ROWS = 1 << 40
_places: dict[int, Places] = {}
_places_lock = threading.Lock()


class SparkEngine:
    """The tables of one state of a workspace, read-only. `names` are those of its DuckDB file."""

    dialect = "spark"

    def __init__(self, database: Path, settings: Settings, names: Sequence[str]) -> None:
        self._settings = settings
        # What cannot be guessed cannot be the name of a WITH, which would hide the view.
        mark = secrets.token_hex(4)
        own = {one.lower() for one in names}
        self._sources = {name: source for name, source in settings.engine_sources.items() if name.lower() not in own}
        self._views = {name: f"bayan_{mark}_{at}" for at, name in enumerate((*names, *self._sources))}
        self._names = {view: name for name, view in self._views.items()}
        self._names |= {at.partition("*")[0]: name for name, at in self._sources.items() if "/" in at}
        self._queries: set[SparkQuery] = set()
        self._lock, self._sending = threading.Lock(), threading.Lock()
        self._session: Session | None = None
        self._sent: set[str] = set()
        self._closed = False
        most = settings.engine_upload_mb
        self._files = Engine(database, replace(settings, query_result_mb=most, query_memory_mb=max(512, 2 * most)))

    @property
    def shared(self) -> frozenset[str]:
        """The names of the tables that the server reads itself, in small letters."""
        return frozenset(one.lower() for one in self._sources)

    @property
    def name(self) -> str:
        session = self._session
        return f"Spark {session.version}" if session else "Spark"

    def start(self, sql: str, *, timeout: float | None = None, max_rows: int | None = None) -> SparkQuery:
        """Start a query; limits that are not given (seconds, rows) are those of the settings."""
        if self._closed:
            raise QueryFailed("These tables were closed.", "Load the files again.", sql=sql)
        seconds = self._settings.query_timeout_seconds if timeout is None else timeout
        most = self._settings.query_max_rows if max_rows is None else max_rows
        self._queries = {one for one in self._queries if not one.gone}
        query = SparkQuery(
            sql,
            _places_for(self._settings.queries_at_once),
            seconds,
            lambda: limits.too_long(seconds),
            lambda asked: self._answer(asked, sql, most),
            self._interrupt,
        )
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
        for query in self._queries:
            query.join()
        self._files.close()
        self._forget(self._session)

    def _answer(self, query: SparkQuery, sql: str, most: int) -> Result:
        judged = spark_gate.check(sql, self._views)
        try:
            try:
                return self._asked(query, judged, most)
            except _Lost:
                return self._asked(query, judged, most)
        except _Lost as e:
            raise QueryFailed("The engine lost its session twice.", "Try again in a moment.") from e
        except failures.ERRORS as e:
            raise failures.translated(e, self._names) from e

    def _asked(self, query: SparkQuery, judged: spark_gate.Judged, most: int) -> Result:
        session = self._session
        try:
            session = self._ready(judged.tables, query)
            if query.ended:
                raise QueryStopped("The query was stopped.")
            started = time.monotonic()
            schema, table = session.table(judged.sql, most + 1, query.tag, self._settings.query_result_mb)
        except failures.ERRORS as e:
            if session is None or query.ended or not failures.is_lost(e):
                raise
            self._forget(session)
            raise _Lost from e
        seconds = time.monotonic() - started
        truncated = table.num_rows > most
        total = self._count(session, query, judged.sql) if truncated else table.num_rows
        return Result(schema, columns.shown(table.slice(0, most)), truncated, total, seconds)

    def _count(self, session: Session, query: SparkQuery, sql: str) -> int | None:
        """All rows of the query; None if they cannot be counted in the time that is left."""
        tag = f"{query.tag}-count"
        clock = threading.Timer(min(COUNT_SECONDS, query.left), session.interrupt, [tag])
        clock.daemon = True
        clock.start()
        try:
            return session.count(sql, tag)
        except failures.ERRORS:
            return None
        finally:
            clock.cancel()

    def _ready(self, tables: frozenset[str], query: SparkQuery) -> Session:
        """The session, with these tables in it."""
        with self._sending:
            if self._session is None:
                self._session, self._sent = Session(self._settings.engine_url), set()
            for name in sorted(tables - self._sent):
                if name in self._sources:
                    self._session.attach(self._sources[name], self._views[name])
                else:
                    self._session.send(self._rows(name, query), self._views[name])
                self._sent.add(name)
            return self._session

    def _rows(self, name: str, query: SparkQuery) -> pa.Table:
        """A whole table of the workspace, in types that Spark has."""
        most = self._settings.engine_upload_mb
        try:
            read = self._files.run(f"SELECT * FROM {quoted(name)}", timeout=query.left, max_rows=_ALL_ROWS)
        except QueryTooBig:
            raise QueryTooBig(
                f"The table {name} has more than the {most:,} MB that are sent to the engine.",
                "Put its file where the engine can read it and name it in ENGINE_TABLES, or raise ENGINE_UPLOAD_MB.",
            ) from None
        return columns.sendable(read.table)

    def _interrupt(self, tag: str) -> None:
        session = self._session
        if session is not None:
            session.interrupt(tag)

    def _forget(self, session: Session | None) -> None:
        """Let the session go; the next query makes another one and sends its tables again."""
        with self._lock:
            if session is None or session is not self._session:
                return
            self._session = None
        # A server that is away would hold up who only wants to go on.
        closing = threading.Thread(target=session.close, name="spark-close", daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS)


class _Lost(Exception):
    """The server does not know the session any more."""


def _places_for(most: int) -> Places:
    """All engines share them."""
    with _places_lock:
        return _places.setdefault(most, Places(most))
