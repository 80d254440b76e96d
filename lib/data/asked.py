"""Queries of Bayan's own on a person's tables: in the locked engine, step by step, so that a page can stop them."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from lib.data.workspace import Workspace
    from lib.engine.result import Result

Given = TypeVar("Given")


def asked(
    workspace: Workspace, sql: str, step: str, *, max_rows: int | None = None, own: bool = True
) -> Generator[str, None, Result]:
    """The query's result; yields `step` about every 0.1 s until then. Closing it stops the query. Raises QueryError.

    What a person or a model wrote is not Bayan's `own`.
    """
    with workspace.start(sql, max_rows=max_rows, own=own) as query:
        yield step
        while not query.wait(0.1):
            yield query.doing or step
        return query.result()


def finished(steps: Generator[str, None, Given]) -> Given:
    """What the steps return in the end."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            given: Given = end.value
            return given
