"""One file becomes tables, each with a report that accounts for every row."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import duckdb

from lib.data.build import build
from lib.data.table import Table
from lib.data.text_file import read_text
from lib.data.watch import Watch
from lib.errors import DataError

ENDINGS = (".csv", ".tsv", ".txt", ".tab", "")


def ingest(
    con: duckdb.DuckDBPyConnection, path: Path, file: str, taken: Collection[str], scratch: Path, watch: Watch
) -> Table:
    """Create one table from one file, inside the transaction that is open. Raises DataError."""
    if Path(file).suffix.lower() not in ENDINGS:
        raise DataError(f"{file} is not a CSV, TSV or TXT file.", "Save the table as CSV and upload that.")
    rows = read_text(con, path, file, "", scratch, watch)
    return build(con, rows, file, taken, watch)
