"""The locked child process: runs one query and ends. Forked by template.py, or started by process.py as a module.

It says that it is ready, waits for one job, gives up everything that a query does not need, and only then looks at
the SQL. It ends with its parent.
"""

from __future__ import annotations

import os
import random
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, NoReturn

if __name__ == "__main__":
    sys.modules["numpy"] = None  # type: ignore[assignment]  # Arrow does without it; it takes half of the start

import duckdb
import pyarrow as pa

from lib.engine import carry, failures, gate, lasting, walls
from lib.engine.wire import PROGRESS, READY, Job, receive_job, send, send_error, send_json
from lib.errors import QueryError, QueryFailed

THREADS = 2
TELL_SECONDS = 0.7
COUNT_SECONDS = 3.0
"""A person who has the first rows should not wait longer than this for their total."""

_MB = 1 << 20


def main(database: duckdb.DuckDBPyConnection) -> NoReturn:
    """Serve one job on standard input and output, with an engine that `prepared` made."""
    pipe = sys.stdout.buffer
    walls.refuse_calls()
    database.execute("SELECT setseed(?)", [random.SystemRandom().uniform(-1, 1)])  # forked ones would all draw the same
    send(pipe, READY)
    job = receive_job(sys.stdin.buffer)
    if job is not None:
        walls.limit(job, THREADS)
        walls.see_only(job.database)
        threading.Thread(target=_end_with_parent, daemon=True).start()
        _serve(database, job, pipe)
    os._exit(0)  # without the interpreter's clean-up, which could wait for the engine's threads


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(0)


def _serve(database: duckdb.DuckDBPyConnection, job: Job, pipe: BinaryIO) -> None:
    try:
        locked(database, job)
        statement = gate.check(job.sql, _tables(database), database)
        lasts = lasting.lasts(statement, lasting.restless(database))
        answer = _Answer.of(database, job, pipe)
        stream = answer.stream()
    except QueryError as e:
        send_error(pipe, e)
    except failures.ENGINE_ERRORS as e:
        send_error(pipe, failures.translated(e, timeout=job.timeout, memory_mb=job.memory_mb))
    else:
        send_json(pipe, {**answer.header(), "lasts": lasts})
        send(pipe, stream)
        send_json(pipe, {"total_rows": answer.count(database, job)})


def prepared(threads: int = THREADS) -> duckdb.DuckDBPyConnection:
    """An engine without a database, with everything done that a job need not wait for."""
    database = duckdb.connect(config={"threads": threads, "async_threads": 0})
    for setting in _STANDING:
        database.execute(f"SET {setting}")
    _tables(database)  # what runs once here runs faster for the job
    gate.check("SELECT 1", [], database)
    lasting.restless(database)
    walls.refused_calls()
    table = database.sql("SELECT 1 AS one, 'a' AS a, now() AS moment ORDER BY ALL").to_arrow_table()
    carry.texts_for_strange_values(database, table)  # opens the time zone's file, which a worker cannot any more
    return database


_STANDING = (
    "TimeZone = 'UTC'",
    "enable_progress_bar = true",  # without it no progress can be asked for
    "enable_progress_bar_print = false",
    "temp_directory = ''",
    "autoinstall_known_extensions = false",
    "autoload_known_extensions = false",
    "allow_community_extensions = false",
    "allow_extension_repositories = 'forbidden'",
    "allow_persistent_secrets = false",
    "python_enable_replacements = false",
    "max_expression_depth = 250",
    "pivot_limit = 500",
)


def _attach(database: duckdb.DuckDBPyConnection, job: Job) -> None:
    path = job.database.replace("'", "''")
    try:
        database.execute(f"ATTACH '{path}' AS data (TYPE duckdb, READ_ONLY)")
    except duckdb.Error as e:
        raise QueryFailed("The tables cannot be read just now.", "Try again when loading has ended.") from e
    database.execute("USE data")


def locked(database: duckdb.DuckDBPyConnection, job: Job) -> duckdb.DuckDBPyConnection:
    """Open the job's tables, and close everything else for good. Raises QueryFailed."""
    _attach(database, job)
    database.execute(f"SET threads = {THREADS}")  # now: the engine's threads have the walls of the one that starts them
    database.execute(f"SET memory_limit = '{job.memory_mb}MiB'")
    database.execute(f"SET max_execution_time = {max(1, round(job.timeout * 1000))}")
    database.execute("SET enable_external_access = false")
    database.execute("SET lock_configuration = true")  # last: nothing can be set after it
    return database


def _tables(database: duckdb.DuckDBPyConnection) -> list[str]:
    sql = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'data' AND schema_name = 'main'"
    return [name for (name,) in database.execute(sql).fetchall()]


@dataclass(frozen=True)
class _Answer:
    sql: str
    columns: list[tuple[str, str]]
    table: pa.Table
    truncated: bool
    started: float
    seconds: float

    @classmethod
    def of(cls, database: duckdb.DuckDBPyConnection, job: Job, pipe: BinaryIO) -> _Answer:
        """Raises QueryError. Tells how far it is meanwhile."""
        started, lines_added = time.monotonic(), 0
        try:
            sql = database.extract_statements(job.sql)[0].query
            query = _bound(database, sql)
            carrying = carry.select(sql, query.types)
            lines_added = carrying.count("\n") - sql.count("\n") - (carrying != sql)
            with _progress_told(database, pipe):
                table, truncated = _fetch(database, carrying, query.columns, job)
            table = carry.texts_for_strange_values(database, table)
        except failures.ENGINE_ERRORS as e:
            raise failures.translated(e, timeout=job.timeout, memory_mb=job.memory_mb, lines_added=lines_added) from e
        columns = [(name, str(one).strip('"')) for name, one in zip(query.columns, query.types, strict=True)]
        return cls(sql, columns, table, truncated, started, time.monotonic() - started)

    def header(self) -> dict[str, Any]:
        return {"columns": self.columns, "truncated": self.truncated, "seconds": self.seconds}

    def stream(self) -> memoryview:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, self.table.schema) as writer:
            writer.write_table(self.table)
        return memoryview(sink.getvalue())

    def count(self, database: duckdb.DuckDBPyConnection, job: Job) -> int | None:
        """All rows of the query; None if they cannot be counted in the time that is left."""
        if not self.truncated:
            return int(self.table.num_rows)
        left = min(COUNT_SECONDS, job.timeout - (time.monotonic() - self.started))
        if left <= 0:
            return None
        timer = threading.Timer(left, database.interrupt)
        timer.start()
        try:
            row = database.execute(f"SELECT count(*) FROM (\n{self.sql}\n)").fetchone()
        except failures.ENGINE_ERRORS:
            return None
        finally:
            timer.cancel()
        return int(row[0]) if row else None


@contextmanager
def _progress_told(database: duckdb.DuckDBPyConnection, pipe: BinaryIO) -> Iterator[None]:
    over = threading.Event()

    def tell() -> None:
        told = 0.0
        while not over.wait(TELL_SECONDS):
            progress = database.query_progress()  # -1 where the engine does not know
            if told < progress < 100:
                send_json(pipe, {PROGRESS: progress})
                told = progress

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()  # nobody else may write meanwhile


def _bound(database: duckdb.DuckDBPyConnection, sql: str) -> duckdb.DuckDBPyRelation:
    """Give columns and types without running the query."""
    try:
        return database.sql(sql)
    except (duckdb.BinderException, duckdb.CatalogException):
        database.execute(sql)  # fails in the same way, but tells the line and the column
        raise


def _fetch(database: duckdb.DuckDBPyConnection, sql: str, names: list[str], job: Job) -> tuple[pa.Table, bool]:
    """The first rows, and whether there are more. Only as much is computed as is fetched."""
    reader = database.sql(sql).to_arrow_reader(min(job.max_rows + 1, 2048))
    batches: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in reader:
        batches.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if size > job.result_mb * _MB:
            raise failures.result_too_big(job.result_mb)
        if rows > job.max_rows:
            break
    reader.close()
    database.abort()
    table = pa.Table.from_batches(batches, reader.schema).rename_columns(names)
    return table.slice(0, job.max_rows), rows > job.max_rows


if __name__ == "__main__":
    main(prepared())
