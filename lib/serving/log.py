"""What happens, as JSON lines on standard error: how many, how long, how it ended; never what it was about.

A line has numbers and words of the program's own. Whatever else is handed in is left out: a question, a cell, SQL, a
name, a key or an address cannot be logged by mistake.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Literal

from lib.errors import AppError
from lib.settings import Settings

Event = Literal[
    "server_started",
    "server_stopping",
    "server_stopped",
    "session_opened",
    "session_closed",
    "question_asked",
    "question_answered",
    "query",
    "load",
    "refused",
    "memory_shed",
    "failure",
]

_WORD = re.compile(r"[A-Za-z_]{1,40}(:\d{1,6})?|[0-9a-f]{8}")
_LOGGER = logging.getLogger("bayan")
_LOGGER.propagate = False
_LOGGER.setLevel(logging.CRITICAL)


def wanted(settings: Settings) -> bool:
    """Whether what happens is written down: as the setting says, else where Bayan is shared."""
    return settings.bayan_log == "json" if settings.bayan_log else settings.bayan_shared


def begin(settings: Settings) -> None:
    """Write from now on, if that is wanted; what others write about addresses and exceptions is silenced then."""
    if not wanted(settings):
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    _LOGGER.handlers = [handler]
    _LOGGER.setLevel(logging.INFO)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)  # names each visitor's address
    logging.getLogger("streamlit.error_util").disabled = True  # shows what an exception says, which may be a cell


def end() -> None:
    """Write nothing more."""
    _LOGGER.handlers = []
    _LOGGER.setLevel(logging.CRITICAL)


def is_on() -> bool:
    return _LOGGER.isEnabledFor(logging.INFO)


def event(what: Event, **fields: float | str | None) -> None:
    """Write one line. A text that is no single word of the program's own is left out."""
    if not is_on():
        return
    line: dict[str, object] = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": what}
    for name, value in fields.items():
        if isinstance(value, str) and not _WORD.fullmatch(value):
            continue
        line[name] = round(value, 3) if isinstance(value, float) else value
    _LOGGER.info(json.dumps({name: value for name, value in line.items() if value is not None}))


def class_of(error: BaseException | None) -> str:
    """How an outcome is called: "done", or the error's code or class. What the error says stays out."""
    if error is None:
        return "done"
    return error.code if isinstance(error, AppError) else type(error).__name__
