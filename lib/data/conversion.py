"""How the values of a column become another type. What would change on the way becomes NULL instead."""

from __future__ import annotations

from lib.engine.types import is_number, is_whole, quoted

TYPES = ("VARCHAR", "BIGINT", "DOUBLE", "DATE", "TIMESTAMP", "BOOLEAN")
"""What a person may make of a column."""


def conversion(column: str, source: str, target: str) -> str:
    """The SQL expression that gives the column, of type `source`, the type `target`.

    Text is trimmed first. A number becomes a whole one only if it is whole, a long one a DOUBLE only if no digit is
    lost. A TIMESTAMP gives its DATE.
    """
    name = quoted(column)
    text = f"trim(CAST({name} AS VARCHAR))"
    if target == "VARCHAR" or (source == "BOOLEAN" and target in ("BIGINT", "DOUBLE")):
        return f"CAST({name} AS {target})"
    if target == "DATE" and source.startswith("TIMESTAMP"):
        return f"TRY_CAST({name} AS DATE)"
    if target == "BIGINT":
        return _exact(name if is_number(source) else text, "BIGINT", is_number(source))
    if target == "DOUBLE":
        return f"TRY_CAST({name} AS DOUBLE)" if source == "FLOAT" else _double(name, text, source)
    if target in ("DATE", "TIMESTAMP"):
        return _finite(f"TRY_CAST({text} AS {target})")
    return f"TRY_CAST({text} AS {target})"


def _exact(value: str, target: str, is_number_: bool) -> str:
    whole = f"TRY_CAST({value} AS {target})"
    if is_number_:
        return f"CASE WHEN {whole} = {value} THEN {whole} END"
    # 18 places after the point leave room for every BIGINT before it; DOUBLE sees what is smaller still.
    same = f"TRY_CAST({value} AS DECIMAL(38,18)) = {whole} AND TRY_CAST({value} AS DOUBLE) = {whole}"
    return f"CASE WHEN {_plain(value)} AND {same} THEN {whole} END"


def _double(name: str, text: str, source: str) -> str:
    tried = f"TRY_CAST({text} AS DOUBLE)"
    if is_whole(source):
        return f"CASE WHEN TRY_CAST({tried} AS {source}) = {name} THEN {tried} END"
    if is_number(source):
        return tried
    is_long = f"regexp_full_match({text}, '[-+]?[0-9]+') AND TRY_CAST({text} AS HUGEINT) IS DISTINCT FROM"
    return f"CASE WHEN {_plain(text)} AND NOT ({is_long} TRY_CAST({tried} AS HUGEINT)) THEN {_finite(tried)} END"


def _plain(text: str) -> str:
    """Not 0x10, 1_000 or nan, which DuckDB reads as numbers."""
    return f"regexp_full_match({text}, '[-+0-9.eE]+')"


def _finite(value: str) -> str:
    return f"CASE WHEN isfinite({value}) THEN {value} END"
