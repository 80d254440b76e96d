"""The chart of all rows of an answer, where the page holds too few of them or too many to draw."""

from __future__ import annotations

from collections.abc import Generator

from lib.charts.reduce import reduction
from lib.charts.reduced import Reduced
from lib.charts.spec import Spec
from lib.data.asked import asked
from lib.data.workspace import OWN_DIALECT, Workspace
from lib.engine.result import Result
from lib.errors import QueryRefused

MOST_DRAWN = 60_000
"""Rows that the engine may make of all rows; no chart draws more."""


def whole(spec: Spec, sql: str, result: Result, space: Workspace) -> Generator[str, None, Reduced | None]:
    """What the engine makes of all rows of the SQL for its chart; None where those of the result can be drawn.

    Yields what is waited for, about every 0.1 s; closing it stops the query. Raises QueryError.
    """
    plan = reduction(spec, result.columns, sql, result.total_rows, result.table.num_rows)
    if plan is None:
        return None
    if space.dialect != OWN_DIALECT:  # the chart's SQL has the answer's in it, and one text has one dialect
        raise QueryRefused("Charts of all rows are made by DuckDB, and this answer is from another engine.")
    made = yield from asked(space, plan.sql, "Reading all rows for the chart", max_rows=MOST_DRAWN)
    return Reduced(plan.spec, made, plan.note)
