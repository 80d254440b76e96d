"""Writes down how queries end: how long each ran, how many rows it gave, and what class of error if any."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from lib.errors import QueryError
from lib.serving import log

if TYPE_CHECKING:
    from lib.engine.seam import RunningQuery

LOOK_SECONDS = 0.25

_lock = threading.Lock()
_open: list[tuple[RunningQuery, str]] = []
_looks = False


def follow(query: RunningQuery, tag: str) -> None:
    """Write a line when the query has ended. A query has no way to tell, so one thread looks after all of them."""
    global _looks
    if not log.is_on():
        return
    with _lock:
        _open.append((query, tag))
        if not _looks:
            _looks = True
            threading.Thread(target=_look, name="query-log", daemon=True).start()


def _look() -> None:
    global _looks
    while True:
        with _lock:
            ended = [one for one in _open if one[0].gone]
            _open[:] = [one for one in _open if not one[0].gone]
            _looks = bool(_open)
        for query, tag in ended:
            _write(query, tag)
        if not _looks:
            return
        threading.Event().wait(LOOK_SECONDS)


def _write(query: RunningQuery, tag: str) -> None:
    rows: int | None = None
    error: QueryError | None = None
    try:
        rows = query.result().table.num_rows
    except QueryError as e:
        error = e
    log.event("query", workspace=tag, seconds=query.seconds, rows=rows, outcome=log.class_of(error))
