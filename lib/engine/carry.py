"""How a column of every DuckDB type travels: as an Arrow type that tables, charts and JSON can show.

Types without such a counterpart travel as the text that the engine writes for them; none is dropped or rounded.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa
from duckdb.sqltypes import DuckDBPyType

from lib.engine.types import quoted

_AS_IS = {
    *("boolean", "tinyint", "smallint", "integer", "bigint", "utinyint", "usmallint", "uinteger", "ubigint"),
    *("hugeint", "float", "double", "decimal", "blob", "date", "time"),
    *("timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns", "timestamp with time zone"),
}
_TEXT = "VARCHAR"


def select(sql: str, types: list[DuckDBPyType]) -> str:
    """`sql` itself, or around it the casts that its column types need. Adds a line before it, then."""
    items = [_item(position, one) for position, one in enumerate(types, start=1)]
    if all(item.startswith("#") and item[1:].isdigit() for item in items):
        return sql
    return f"SELECT {', '.join(items)} FROM (\n{sql}\n)"


def _item(position: int, kind: DuckDBPyType) -> str:
    if kind.id == "blob":
        return f"lower(hex(#{position}))"
    carrier = _carrier(kind)
    return f"#{position}" if carrier == str(kind) else f"CAST(#{position} AS {carrier})"


def _carrier(kind: DuckDBPyType) -> str:
    if kind.id == "array":
        return _carrier(_children(kind)[0][1]) + "[]"
    if kind.id == "list":
        return _carrier(_children(kind)[0][1]) + "[]"
    if kind.id == "map":
        return f"MAP({', '.join(_carrier(one) for _, one in _children(kind))})"
    if kind.id == "struct":
        return f"STRUCT({', '.join(f'{quoted(name)} {_carrier(one)}' for name, one in _children(kind))})"
    return str(kind) if kind.id in _AS_IS else _TEXT


def _children(kind: DuckDBPyType) -> list[tuple[str, DuckDBPyType]]:
    return [(name, one) for name, one in kind.children if isinstance(one, DuckDBPyType)]


def texts_for_strange_values(connection: duckdb.DuckDBPyConnection, table: pa.Table) -> pa.Table:
    """Columns with a value that Arrow or Python cannot hold become text.

    Such values are dates outside the years 1 to 9999 (infinity, 44 BC) and integers of 39 digits.
    """
    strange = {at for at in range(table.num_columns) if _is_strange(table.column(at))}
    if not strange:
        return table
    items = (f"CAST(#{at + 1} AS VARCHAR)" if at in strange else f"#{at + 1}" for at in range(table.num_columns))
    plain = table.rename_columns([f"c{at}" for at in range(table.num_columns)])
    connection.register("strange", plain)
    texts = connection.sql(f"SELECT {', '.join(items)} FROM strange").to_arrow_table()
    return texts.rename_columns(table.column_names)


def _is_strange(column: pa.ChunkedArray) -> bool:
    try:
        column.validate(full=True)
        if _holds_times(column.type):
            column.to_pylist()
    except (OverflowError, ValueError):  # Arrow's own error is a ValueError, too
        return True
    return False


def _holds_times(kind: pa.DataType) -> bool:
    if pa.types.is_nested(kind):
        return any(_holds_times(kind.field(at).type) for at in range(kind.num_fields))
    is_wide = pa.types.is_timestamp(kind) and kind.unit != "ns"  # nanoseconds end in the year 2262
    return bool(pa.types.is_date(kind) or is_wide)
