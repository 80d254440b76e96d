"""One Parquet file: DuckDB streams it, types and all."""

from __future__ import annotations

from pathlib import Path

import duckdb

from lib.data.staged import Staged, columns
from lib.errors import DataError


def read_parquet(con: duckdb.DuckDBPyConnection, path: Path, file: str) -> Staged:
    """The rows of the file. Raises DataError if it is damaged."""
    with path.open("rb") as stream:
        stream.seek(-4, 2)
        if stream.read() != b"PAR1":
            raise DataError(f"{file} is damaged: its end is missing.", "Upload the whole file again.")
    location = str(path).replace("'", "''")
    try:
        with con.cursor() as probe:
            shape = probe.execute(f"DESCRIBE SELECT * FROM read_parquet('{location}')").fetchall()
            counted = probe.execute(f"SELECT count(*) FROM read_parquet('{location}')").fetchone()
    except duckdb.Error as e:
        raise DataError(f"{file} is damaged: it is not a valid Parquet file.", "Export the file again.") from e
    relation = f"(SELECT * FROM read_parquet('{location}') AS t({', '.join(columns(len(shape)))}))"
    return Staged(
        relation,
        tuple(one[0] for one in shape),
        counted[0] if counted else 0,
        types=tuple(one[1] for one in shape),
    )
