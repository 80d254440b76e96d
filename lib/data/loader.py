"""The child process that writes a workspace's database: it alone does, and it may be killed at any time.

It is asked as `lib.data.child` says, and answers with lines of JSON. For each file, in order:
{"progress": share} now and then, {"table": {...}} or {"error": [detail, hint]} for each of its parts, and
{"file": "done"}. For each step: one {"table": {...}}, {"error": ...} or {"step": "done"}. An error that is "fatal"
is one of the tables that were there before: nothing was made.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb

from lib.data import changes, durable
from lib.data.child import alone
from lib.data.child import request as requested
from lib.data.full_disk import full, is_full
from lib.data.ingest import ingest
from lib.data.reading import Reading
from lib.data.table import Table
from lib.data.watch import Watch
from lib.engine.types import quoted, text
from lib.errors import DataError

TELL_EVERY = 0.2
MOST_WASTE = 4
"""Blocks (of 256 KB) that may lie idle in a database however small it is."""
SETTINGS = (
    "SET enable_progress_bar = true",
    "SET enable_progress_bar_print = false",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET memory_limit = '1500MB'",
    "SET TimeZone = 'UTC'",
)
_DAMAGED = "The tables' file is damaged.", "Load the files again into a new workspace."

_speaking = threading.Lock()


def main() -> None:
    request = requested()
    database, scratch = Path(request["database"]), Path(request["scratch"])
    with alone(database.parent):
        # One that was killed after it had finished this very database leaves nothing to do.
        if not database.exists():
            _make_or_tell(request, database, scratch)
    # Leaves at once: the interpreter's own farewell costs 50 ms and has nothing to save.
    os._exit(0)


def _make_or_tell(request: Mapping[str, Any], database: Path, scratch: Path) -> None:
    try:
        _make(request, database, scratch)
    except (duckdb.Error, OSError) as e:
        if not is_full(e):
            raise
        why = full("the tables are as they were")
        _tell({"error": [why.detail, why.hint], "fatal": True})


def _make(request: Mapping[str, Any], database: Path, scratch: Path) -> None:
    part = database.with_suffix(durable.UNFINISHED)
    if request["base"] and not part.exists():
        _copy(Path(request["base"]), part)
        if not _opens(part):
            _tell({"error": _DAMAGED, "fatal": True})
            return
    con = _connected(part, scratch, request["disk_mb"])
    _forget_all_but(con, request["known"])
    for one in request["files"]:
        _load(con, one, scratch)
    if all(_do(con, step) for step in request["steps"]):
        _finish(con, part)
        durable.settle(part, database)


def _copy(base: Path, part: Path) -> None:
    """Copy the database; a copy that was interrupted must not be taken for one."""
    copy = part.with_suffix(".copy")
    shutil.copyfile(base, copy)
    copy.rename(part)


def _opens(copy: Path) -> bool:
    try:
        duckdb.connect(copy, config={"threads": 2}).close()
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        return False
    return True


def _connected(part: Path, scratch: Path, disk_mb: int) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(part, config={"threads": 2})
    spilling = f"SET temp_directory = {text(str(scratch))}", f"SET max_temp_directory_size = '{disk_mb}MiB'"
    for setting in (*SETTINGS, *spilling):
        con.execute(setting)
    return con


def _forget_all_but(con: duckdb.DuckDBPyConnection, known: Sequence[str]) -> None:
    """Drop what a child that died had written before it could say so."""
    for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall():
        if name not in known:
            con.execute(f"DROP TABLE {quoted(name)}")


def _load(con: duckdb.DuckDBPyConnection, one: Mapping[str, Any], scratch: Path) -> None:
    watch = Watch()
    replaced = Table.from_json(one["replaces"]) if one["replaces"] else None
    with _told(con, watch):
        for found in _parts(con, one, scratch, watch):
            if isinstance(found, DataError):
                _tell({"error": [found.detail, found.hint]})
                continue
            _tell({"table": asdict(changes.take_place(con, found, replaced) if replaced else found)})
            replaced = None
    _tell({"file": "done"})


def _parts(
    con: duckdb.DuckDBPyConnection, one: Mapping[str, Any], scratch: Path, watch: Watch
) -> Iterator[Table | DataError]:
    """The file's tables and errors; an error that nobody foresaw ends the file, not the load."""
    path, file = Path(one["path"]), one["name"]
    try:
        yield from ingest(con, path, file, Reading(one["encoding"], one["member"], one["unpacked_mb"]), scratch, watch)
        return
    except DataError as e:
        error = e
    except (duckdb.OutOfMemoryException, MemoryError):
        error = DataError(f"{file} needs more memory than there is.", "Load a smaller part of it.")
    except duckdb.Error as e:
        if is_full(e):
            raise
        reason = str(e).splitlines()[0].removeprefix("Invalid Input Error: ").rstrip(".")
        error = DataError(f"{file} cannot be read as a table: {reason}.", "Export the file again as CSV.")
    except OSError as e:
        if is_full(e):
            raise
        error = DataError(f"{file} cannot be read: {e.strerror or 'the disk does not answer'}.")
    with contextlib.suppress(duckdb.Error):  # there may be nothing to roll back
        con.rollback()
    yield error


def _do(con: duckdb.DuckDBPyConnection, step: Mapping[str, Any]) -> bool:
    try:
        table = changes.apply(con, step)
    except DataError as e:
        _tell({"error": [e.detail, e.hint]})
        return False
    except (duckdb.Error, OSError) as e:
        if is_full(e):
            raise
        reason = str(e).splitlines()[0].rstrip(".")
        _tell({"error": [f"The tables could not be changed: {reason}.", ""]})
        return False
    _tell({"table": asdict(table)} if table else {"step": "done"})
    return True


def _finish(con: duckdb.DuckDBPyConnection, part: Path) -> None:
    """Close the database as one file; write it anew when half of it lies idle."""
    con.execute("CHECKPOINT")
    size = con.execute("SELECT database_name, used_blocks, free_blocks FROM pragma_database_size()").fetchone()
    name, used, free = size or ("", 0, 0)
    if free < max(used, MOST_WASTE):
        con.close()
        return
    compact = part.with_suffix(".copy")
    compact.unlink(missing_ok=True)
    con.execute(f"ATTACH {text(str(compact))} AS compact")
    con.execute(f"COPY FROM DATABASE {quoted(name)} TO compact")
    con.execute("DETACH compact")
    con.close()
    compact.replace(part)


@contextmanager
def _told(con: duckdb.DuckDBPyConnection, watch: Watch) -> Iterator[None]:
    """Tell the parent how far the load is, until the block ends."""
    over = threading.Event()

    def tell() -> None:
        while not over.wait(TELL_EVERY):
            watch.query(con.query_progress())
            _tell({"progress": round(watch.share, 3)})

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()


def _tell(message: Mapping[str, Any]) -> None:
    with _speaking:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
