"""The tables of answers as Parquet files, one an answer."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from lib.data import durable

if TYPE_CHECKING:
    import pyarrow as pa

ENDING = ".parquet"
_SCHEMA = b"schema"


class Snapshots:
    """A folder of tables, each under an id of any kind. They take at most `most` bytes, or the newest one alone."""

    def __init__(self, folder: Path, most: int) -> None:
        self._folder, self._most = folder, most

    def put(self, id_: str, table: pa.Table) -> None:
        """Keep the table; the oldest ones go where it needs their room. Raises OSError."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        durable.write(self._path(id_), lambda stream: write(table, stream))
        self._make_room(self._path(id_))

    def get(self, id_: str) -> pa.Table | None:
        """The table as it was put, or None if it is not there or cannot be read any more."""
        import pyarrow as pa

        try:
            return read(self._path(id_))
        except (OSError, KeyError, TypeError, pa.ArrowException):  # the latter of what is Parquet, but not ours
            return None

    def remove(self, ids: Collection[str]) -> None:
        for one in ids:
            self._path(one).unlink(missing_ok=True)

    def keep_only(self, ids: Collection[str]) -> None:
        """Delete every other file, also those that were never finished."""
        kept = {self._path(one) for one in ids}
        for path in self._folder.glob(f"*{ENDING}*"):
            if path not in kept:
                path.unlink(missing_ok=True)

    def _make_room(self, newest: Path) -> None:
        found = {one: one.stat() for one in self._folder.glob(f"*{ENDING}") if one != newest}
        latest = max((one.st_mtime_ns for one in found.values()), default=0)
        if newest.stat().st_mtime_ns <= latest:  # the clock was set back
            os.utime(newest, ns=(latest + 1, latest + 1))
        taken = newest.stat().st_size + sum(one.st_size for one in found.values())
        for path in sorted(found, key=lambda one: found[one].st_mtime_ns):
            if taken <= self._most:
                return
            path.unlink(missing_ok=True)
            taken -= found[path].st_size

    def _path(self, id_: str) -> Path:
        return self._folder / (hashlib.sha256(id_.encode("utf-8", "surrogatepass")).hexdigest()[:32] + ENDING)


def write(table: pa.Table, stream: BinaryIO) -> None:
    """Write one table as `read` reads it."""
    import pyarrow.parquet as pq  # slow to import, and only answers need it

    pq.write_table(_with_schema(table), stream, compression="zstd")


def read(source: Path | BinaryIO) -> pa.Table:
    """The table with the very types that it had. Raises OSError, KeyError and Arrow's errors for what is none."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(source) as file:
        return _as_it_was(file.read())


def _with_schema(table: pa.Table) -> pa.Table:
    """Parquet has no type for every one of Arrow's: TIMESTAMP_S comes back finer than it went."""
    return table.replace_schema_metadata({_SCHEMA: table.schema.serialize().to_pybytes()})


def _as_it_was(read: pa.Table) -> pa.Table:
    import pyarrow as pa

    schema = pa.ipc.read_schema(pa.py_buffer(read.schema.metadata[_SCHEMA]))
    return pa.Table.from_arrays(read.columns, schema=schema)  # casts what differs
