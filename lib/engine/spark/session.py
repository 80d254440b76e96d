"""One session on a Spark Connect server, and what can be asked of it."""

from __future__ import annotations

import atexit
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import cast

import pyarrow as pa
from pyspark.errors import PySparkException
from pyspark.sql.types import StructType

from lib.engine.failures import result_too_big
from lib.engine.result import Column
from lib.engine.spark import columns, failures
from lib.errors import QueryFailed

with warnings.catch_warnings():
    warnings.simplefilter("ignore", FutureWarning)  # about pandas 3, which is not used here: results come as Arrow
    from pyspark.sql.connect.client import DefaultChannelBuilder
    from pyspark.sql.connect.client.retries import DefaultPolicy
    from pyspark.sql.connect.dataframe import DataFrame
    from pyspark.sql.connect.session import SparkSession

warnings.filterwarnings("ignore", module=r"pyspark\.sql\.connect\.client\.retries")  # what failed is told as an error

CONNECT_SECONDS = 5.0
_MB = 1 << 20
_USER = "bayan"
_CHANNEL = [("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 500)]
"""A server that is back is found at once; by itself gRPC would stay away from it for up to two minutes."""
_CONFIGURATION = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "false",
}


class Session:
    """Tables that are sent to it are its own: no other session sees them. Safe to use from several threads."""

    def __init__(self, url: str) -> None:
        """Raises QueryFailed for an address that cannot be used, and what `failures.ERRORS` names."""
        builder = _channel(url)
        host, port = builder.endpoint.rsplit(":", 1)
        # The client itself would wait far longer for a server that is not there.
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS).close()
        self._spark = SparkSession(connection=builder, userId=_USER)
        self._spark.client.set_retry_policies([DefaultPolicy(max_retries=3, max_backoff=1_000)])
        self.version = self._spark.version
        for name, value in _CONFIGURATION.items():
            with suppress(PySparkException):  # an engine that has not this setting has nothing to be set
                self._spark.conf.set(name, value)

    def send(self, table: pa.Table, view: str) -> None:
        """Make a view of the rows."""
        self._spark.createDataFrame(table).createOrReplaceTempView(view)

    def attach(self, source: str, view: str) -> None:
        """Make a view of what the server itself reads: Parquet files by their address, or a table of its catalog."""
        read = self._spark.read
        found = read.parquet(source) if "/" in source else read.table(source)
        found.createOrReplaceTempView(view)

    def table(self, sql: str, most: int, tag: str, most_mb: int) -> tuple[tuple[Column, ...], pa.Table]:
        """The columns and the first rows of a query. `interrupt` with the same tag ends it.

        Raises QueryTooBig when they take more than `most_mb`.
        """
        client = self._spark.client
        schema: tuple[Column, ...] = ()
        parts: list[pa.Table] = []
        with self._tagged(tag):
            first = cast(DataFrame, self._spark.sql(sql).limit(most))
            for one in client.to_table_as_iterator(first._plan.to_proto(client), {}):
                if isinstance(one, StructType):
                    schema = columns.columns(one)
                    continue
                one.validate(full=True)
                parts.append(one)
                if sum(part.nbytes for part in parts) > most_mb * _MB:
                    self.interrupt(tag)
                    raise result_too_big(most_mb)
        if not parts:
            raise QueryFailed("The engine gave no result.", "Try again.")
        return schema, pa.concat_tables(parts)

    def count(self, sql: str, tag: str) -> int:
        """How many rows a query gives."""
        with self._tagged(tag):
            return int(self._spark.sql(sql).count())

    @contextmanager
    def _tagged(self, tag: str) -> Iterator[None]:
        """What this thread asks for in the block goes by the tag."""
        self._spark.addTag(tag)
        try:
            yield
        finally:
            self._spark.removeTag(tag)

    def interrupt(self, tag: str) -> None:
        """Ask the server to end what runs under this tag, and nothing else."""
        with suppress(*failures.ERRORS):
            self._spark.interruptTag(tag)

    def close(self) -> None:
        """Let the server forget it."""
        with suppress(*failures.ERRORS):
            self._spark.stop()
        atexit.unregister(self._spark.client._on_exit)  # the client would be kept until the program ends


def _channel(url: str) -> DefaultChannelBuilder:
    try:
        builder = DefaultChannelBuilder(url, _CHANNEL)
        names_session = builder.session_id is not None
    except (PySparkException, ValueError):  # their messages have the address in them, with its token
        raise QueryFailed("ENGINE_URL is no address of Spark Connect.", "Write it as sc://host:port.") from None
    if names_session:
        raise QueryFailed("ENGINE_URL must not name a session: each workspace has its own.", "Leave session_id out.")
    return builder
