"""SQLite's meaning in the engine's dialect: models write SQLite, the engine runs DuckDB or Spark.

`bridge` asks SQLite whether the text is its own, resolves every name against the loaded tables, and lets small
rewrites change what the engine would refuse or understand otherwise. What is DuckDB's own stays as it is; for Spark
only what SQLite itself takes is translated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lib.asking.bridge import pipeline
from lib.data.table import Note, Table
from lib.errors import CannotTranslate

__all__ = ["DIALECTS", "Bridged", "bridge"]

DIALECTS = ("duckdb", "spark")
"""What can be translated to."""


@dataclass(frozen=True)
class Bridged:
    """SQL for the engine, and what was changed on the way there."""

    sql: str
    notes: tuple[Note, ...] = ()


def bridge(sql: str, tables: Sequence[Table], to: str = "duckdb") -> Bridged:
    """The SQL as the engine has to be told it. Raises CannotTranslate, which says what to write instead."""
    if to not in DIALECTS:
        raise CannotTranslate(f"There is no translation to {to}.", f"Choose {' or '.join(DIALECTS)}.", sql=sql)
    return Bridged(*pipeline.bridged(sql, tables, to))
