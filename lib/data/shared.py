"""The tables that the engine reads itself, as the pages, the prompts and the checks see tables."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from lib.data.table import Column, SharedTable
from lib.settings import Settings

if TYPE_CHECKING:
    from lib.engine import shared

EXAMPLES, LENGTH = 5, 40
FROM = "the engine"
"""Instead of a file: where the engine finds a table is not for everyone who may ask about it."""


def shared_tables(settings: Settings) -> tuple[SharedTable, ...]:
    """The tables of ENGINE_TABLES; none while the engine does not answer."""
    return tuple(map(_table, _told(settings).tables)) if settings.engine_tables else ()


def shared_trouble(settings: Settings) -> str:
    """A sentence about those of them that are away."""
    return _told(settings).trouble if settings.engine_tables else ""


def _told(settings: Settings) -> shared.Told:
    from lib.engine.shared import described  # its libraries are slow to import, and only this setting needs them

    return described(settings)


def _table(one: shared.SharedTable) -> SharedTable:
    columns = tuple(
        Column(column.name, column.type, column.name, _examples(one, at)) for at, column in enumerate(one.first.columns)
    )
    return SharedTable(one.name, FROM, columns, one.rows, one.rows)


def _examples(one: shared.SharedTable, at: int) -> tuple[str, ...]:
    """A few distinct values of a column, of its first rows."""
    values = (str(value) for value in one.first.values(at) if value is not None)
    return tuple(value[:LENGTH] for value in islice(dict.fromkeys(values), EXAMPLES))
