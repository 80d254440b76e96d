"""The child process that loads files: it alone writes a workspace's database, and it may be killed at any time.

Standard input carries one JSON line and then stays open for as long as the parent lives; standard output carries
JSON lines: {"progress": share}, then {"table": {...}} or {"error": [detail, hint]} for each file, in order.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb

from lib.data.ingest import ingest
from lib.data.table import Table
from lib.data.watch import Watch
from lib.engine.types import quoted
from lib.errors import DataError

TELL_EVERY = 0.2
SETTINGS = (
    "SET enable_progress_bar = true",
    "SET enable_progress_bar_print = false",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET memory_limit = '1500MB'",
)


def main() -> None:
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    database, scratch = Path(request["database"]), Path(request["scratch"])
    if request["base"] and not database.exists():
        # A copy that was interrupted must not be taken for a database.
        part = database.with_suffix(".part")
        shutil.copyfile(request["base"], part)
        part.rename(database)
    con = duckdb.connect(database, config={"threads": 2})
    for setting in (*SETTINGS, f"SET temp_directory = '{str(scratch).replace(chr(39), chr(39) * 2)}'"):
        con.execute(setting)
    for name in request["drop"]:
        con.execute(f"DROP TABLE {quoted(name)}")
    for one in request["files"]:
        _tell(_load(con, Path(one["path"]), one["name"], scratch))
    con.close()
    # Leaves at once: the interpreter's own farewell costs 50 ms and has nothing to save.
    sys.stdout.flush()
    os._exit(0)


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


def _load(con: duckdb.DuckDBPyConnection, path: Path, file: str, scratch: Path) -> dict[str, Any]:
    watch = Watch()
    con.begin()
    try:
        with _told(con, watch):
            table = _one_table(con, path, file, scratch, watch)
    except DataError as e:
        con.rollback()
        return {"error": [e.detail, e.hint]}
    con.commit()
    return {"table": asdict(table)}


def _one_table(con: duckdb.DuckDBPyConnection, path: Path, file: str, scratch: Path, watch: Watch) -> Table:
    taken = [name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
    try:
        return ingest(con, path, file, taken, scratch, watch)
    except (duckdb.OutOfMemoryException, MemoryError) as e:
        raise DataError(f"{file} needs more memory than there is.", "Load a smaller part of it.") from e
    except duckdb.Error as e:
        reason = str(e).splitlines()[0].removeprefix("Invalid Input Error: ").rstrip(".")
        raise DataError(f"{file} cannot be read as a table: {reason}.", "Export the file again as CSV.") from e
    except OSError as e:
        raise DataError(f"{file} cannot be read: {e.strerror or 'the disk does not answer'}.") from e


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


def _tell(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
