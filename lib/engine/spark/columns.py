"""Columns on their way to Spark and back: DuckDB's types as Spark has them, and Spark's types by DuckDB's names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import types as spark

from lib.engine.result import Column
from lib.engine.types import quoted

_NAMES: dict[type[spark.DataType], str] = {
    spark.BooleanType: "BOOLEAN",
    spark.ByteType: "TINYINT",
    spark.ShortType: "SMALLINT",
    spark.IntegerType: "INTEGER",
    spark.LongType: "BIGINT",
    spark.FloatType: "FLOAT",
    spark.DoubleType: "DOUBLE",
    spark.StringType: "VARCHAR",
    spark.VarcharType: "VARCHAR",
    spark.CharType: "VARCHAR",
    spark.BinaryType: "BLOB",
    spark.DateType: "DATE",
    spark.TimestampType: "TIMESTAMP WITH TIME ZONE",
    spark.TimestampNTZType: "TIMESTAMP",
    spark.NullType: "NULL",
}
_WIDER = {pa.uint8(): pa.int16(), pa.uint16(): pa.int32(), pa.uint32(): pa.int64(), pa.uint64(): pa.decimal128(20, 0)}


def columns(schema: spark.StructType) -> tuple[Column, ...]:
    """Names, and types as DuckDB would write them; a type that DuckDB has not goes by Spark's own name."""
    return tuple(Column(one.name, type_name(one.dataType)) for one in schema.fields)


def type_name(kind: spark.DataType) -> str:
    """`DECIMAL(10,2)` for `decimal(10,2)`, `BIGINT[]` for `array<bigint>`."""
    match kind:
        case spark.DecimalType():
            return f"DECIMAL({kind.precision},{kind.scale})"
        case spark.ArrayType():
            return f"{type_name(kind.elementType)}[]"
        case spark.MapType():
            return f"MAP({type_name(kind.keyType)}, {type_name(kind.valueType)})"
        case spark.StructType():
            return f"STRUCT({', '.join(f'{quoted(one.name)} {type_name(one.dataType)}' for one in kind.fields)})"
        case spark.DayTimeIntervalType():
            return "INTERVAL"
    return _NAMES.get(type(kind), kind.simpleString().upper())


def shown(table: pa.Table) -> pa.Table:
    """The table as results are shown: bytes as hexadecimal digits, spans of time as text, as DuckDB's come too."""
    arrays = [_shown(column) for column in table.columns]
    return pa.table(arrays, names=table.column_names) if arrays else table


def _shown(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return _as_text(column, bytes.hex)
    if pa.types.is_duration(kind):
        return _as_text(column, str)
    if pa.types.is_interval(kind):
        return _as_text(column, _span)
    return column


def _as_text(column: pa.ChunkedArray, write: Callable[[Any], str]) -> pa.ChunkedArray:
    texts = [None if one is None else write(one) for one in column.to_pylist()]
    return pa.chunked_array([pa.array(texts, pa.string())])


def _span(value: pa.MonthDayNano) -> str:
    return f"{value.months} months {value.days} days {value.nanoseconds / 1e9:g} seconds"


def sendable(table: pa.Table) -> pa.Table:
    """The table in types that Spark has. No value is lost: what would be goes as text."""
    return pa.table([_sendable(column) for column in table.columns], names=table.column_names)


def _sendable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_timestamp(kind):
        return column.cast(pa.timestamp("us", kind.tz)) if _fits_microseconds(column) else pc.cast(column, pa.string())
    if pa.types.is_time(kind) or pa.types.is_null(kind):
        return column.cast(pa.string())
    return column.cast(_WIDER[kind]) if kind in _WIDER else column


def _fits_microseconds(column: pa.ChunkedArray) -> bool:
    try:
        column.cast(pa.timestamp("us", column.type.tz))
    except pa.ArrowInvalid:
        return False
    return True
