"""A result as a Parquet file: the one that keeps every type."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from lib.data.names import distinct
from lib.engine.result import Result


def to_parquet(result: Result) -> bytes:
    """The rows that the result holds. Parquet cannot repeat a column name: the second one becomes `name_2`.

    What has no type in Arrow is text, as the engine writes it: intervals, UUIDs, bits.
    """
    columns = [
        _bytes(column) if one.type == "BLOB" else column
        for one, column in zip(result.columns, result.table.columns, strict=True)
    ]
    table = pa.Table.from_arrays(columns, names=distinct([one.name for one in result.columns]))
    out = pa.BufferOutputStream()
    pq.write_table(table, out, compression="zstd")
    made: bytes = out.getvalue().to_pybytes()
    return made


def _bytes(column: pa.ChunkedArray) -> pa.Array:
    """Binary values travel as hex text."""
    return pa.array([None if one is None else bytes.fromhex(one) for one in column.to_pylist()], pa.binary())
