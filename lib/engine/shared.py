"""ENGINE_TABLES: tables that the engine reads itself, for everyone and read-only."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from lib.engine.result import Result
from lib.errors import AppError
from lib.settings import Settings

KEPT_SECONDS, KEPT_FAILURE_SECONDS = 600.0, 15.0
"""How long what the server said of its tables holds, and how long it is left alone when it said nothing."""


@dataclass(frozen=True)
class SharedTable:
    """`first` are some of its rows, with the columns; `rows` says how many there are."""

    name: str
    first: Result
    rows: int


@dataclass(frozen=True)
class Told:
    """What the server said of its tables, or why it did not."""

    tables: tuple[SharedTable, ...] = ()
    trouble: str = ""
    until: float = 0.0


_told: dict[tuple[str, str], Told] = {}
_lock = threading.Lock()


def described(settings: Settings) -> Told:
    """The shared tables as the server describes them: asked once, and again after `KEPT_SECONDS`."""
    key = (settings.engine_url, settings.engine_tables)
    with _lock:
        told = _told.get(key)
        if told is None or told.until < time.monotonic():
            told = _told[key] = _asked(settings)
        return told


def _asked(settings: Settings) -> Told:
    from lib.engine.spark.describe import describe  # imports a library that only this setting needs

    try:
        tables, trouble = describe(settings.engine_url, settings.engine_sources)
    except AppError as e:
        tables, trouble = (), str(e)
    return Told(tables, trouble, time.monotonic() + (KEPT_FAILURE_SECONDS if trouble else KEPT_SECONDS))
