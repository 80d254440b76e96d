"""Fingerprints of tables and results: the same for the same content, in whatever order the rows come."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lib.engine.result import Json, Result
from lib.engine.types import quoted

if TYPE_CHECKING:
    from lib.data.table import Table
    from lib.data.workspace import Workspace

DIGITS = 12
"""Of a floating-point number: sums that were added up in another order differ after these."""
_encode = json.JSONEncoder(sort_keys=True).encode  # json.dumps makes an encoder for each row


def of_result(result: Result) -> str:
    """The fingerprint of the rows that the result holds, with the names and types of its columns."""
    digest = hashlib.sha256(json.dumps([(one.name, one.type) for one in result.columns]).encode())
    for line in sorted(_encode(_rounded(row)) for row in result.rows()):
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()[:32]


def of_table(space: Workspace, table: Table) -> str:
    """The fingerprint of a whole table, taken in the engine. Raises QueryError."""
    digest = hashlib.sha256(json.dumps([(one.name, one.type) for one in table.columns]).encode())
    digest.update(json.dumps(space.run(_sums(table), own=True).rows()).encode())
    return digest.hexdigest()[:32]


def _sums(table: Table) -> str:
    """The rows' hashes added up: an order of rows does not change a sum, and unlike XOR it counts repeats."""
    cells = ", ".join(f"{quoted(one.name)} := {_cell(quoted(one.name), one.type)}" for one in table.columns)
    row = f"CAST(struct_pack({cells}) AS VARCHAR)"
    return f"SELECT count(*), CAST(sum(md5_number_lower({row})) AS VARCHAR) FROM {quoted(table.name)}"


def _cell(name: str, type_: str) -> str:
    return f"format('{{:.{DIGITS}g}}', {name})" if type_ in ("DOUBLE", "FLOAT") else name


def _rounded(value: Sequence[Json] | Json) -> Json:
    if isinstance(value, float) and math.isfinite(value):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, list):
        return [_rounded(one) for one in value]
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return value  # type: ignore[return-value]  # a sequence of values is a list here
