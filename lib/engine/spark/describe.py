"""What the server tells of the tables that it reads itself: columns, some rows, and how many there are."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping

from lib.engine.result import Result
from lib.engine.shared import SharedTable
from lib.engine.spark import columns, failures
from lib.engine.spark.session import Session
from lib.errors import QueryError, QueryFailed

LOOKED_AT = 200
"""Rows of each table that examples are taken from."""
LOOK_SECONDS = 60.0
LOOKED_MB = 64
_VIEW = "bayan_described"


def describe(url: str, sources: Mapping[str, str]) -> tuple[tuple[SharedTable, ...], str]:
    """The tables that can be read, and a sentence about those that cannot. Raises QueryError if nobody answers."""
    try:
        session = Session(url)
    except failures.ERRORS as e:
        raise failures.translated(e, {}) from e
    found: list[SharedTable] = []
    trouble: list[str] = []
    try:
        for name, source in sources.items():
            try:
                found.append(_described(session, name, source))
            except (QueryError, *failures.ERRORS):  # the server's own words would tell where it looked
                trouble.append(name)
    finally:
        session.close()
    said = f"The engine cannot read {', '.join(trouble)}: look at ENGINE_TABLES." if trouble else ""
    return tuple(found), said


def _described(session: Session, name: str, source: str) -> SharedTable:
    tag = f"bayan-{uuid.uuid4().hex}"
    clock = threading.Timer(LOOK_SECONDS, session.interrupt, [tag])
    clock.daemon = True
    clock.start()
    try:
        session.attach(source, _VIEW)
        sql = f"SELECT * FROM {_VIEW}"
        schema, table = session.table(sql, LOOKED_AT, tag, LOOKED_MB)
        if not schema:  # Sail makes a table without columns of files that are not there
            raise QueryFailed("There is no column.")
        rows = session.count(sql, tag)
    finally:
        clock.cancel()
    return SharedTable(name, Result(schema, columns.shown(table), rows > table.num_rows, rows, 0.0), rows)
