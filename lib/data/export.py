"""A whole table as a file, written by a child process that streams it."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import BinaryIO, Literal

import duckdb

from lib.data import durable
from lib.data.child import Child
from lib.data.child import request as requested
from lib.data.full_disk import full, is_full
from lib.engine.failures import DAMAGED, RELOAD, is_damage
from lib.engine.types import quoted, text
from lib.errors import DataError

MARK = b"\xef\xbb\xbf"
"""Without it, spreadsheets take UTF-8 for something else."""
CHUNK = 4 << 20


def export(database: Path, table: str, kind: Literal["csv", "parquet"], into: Path, scratch: Path) -> None:
    """Write the table of that database into a file: CSV in UTF-8 with a mark, or Parquet. Raises DataError."""
    rows = scratch / "rows"
    request = {"database": str(database), "table": table, "kind": kind, "rows": str(rows), "scratch": str(scratch)}
    child = Child("lib.data.export", request)
    told = list(child.messages())
    if not child.succeeded() or told:
        if told and told[-1]["full"]:
            raise full(f"{table} could not be exported")
        if told and is_damage(told[-1]["error"]):
            raise DataError(DAMAGED, RELOAD)
        reason = told[-1]["error"] if told else "it may need more memory than there is"
        raise DataError(f"{table} could not be exported: {reason}.")
    try:
        durable.write(into, lambda stream: _copy(rows, MARK if kind == "csv" else b"", stream))
    except OSError as e:
        if is_full(e):
            raise full(f"{into.name} could not be written") from e
        raise DataError(f"{into.name} cannot be written: {(e.strerror or 'the disk does not answer').lower()}.") from e


def _copy(rows: Path, mark: bytes, into: BinaryIO) -> None:
    into.write(mark)
    with rows.open("rb") as stream:
        shutil.copyfileobj(stream, into, CHUNK)


def main() -> None:
    request = requested()
    try:
        with duckdb.connect(request["database"], read_only=True, config={"threads": 2}) as con:
            con.execute("SET memory_limit = '1500MB'")
            con.execute(f"SET temp_directory = {text(request['scratch'])}")
            options = "FORMAT csv, HEADER" if request["kind"] == "csv" else "FORMAT parquet"
            con.execute(f"COPY {quoted(request['table'])} TO {text(request['rows'])} ({options})")
    except duckdb.Error as e:
        sys.stdout.write(json.dumps({"error": str(e).splitlines()[0].rstrip("."), "full": is_full(e)}) + "\n")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
