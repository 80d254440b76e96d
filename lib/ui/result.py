"""The result of an answer: its chart, its rows, those that were clicked on, and the way to the board."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import streamlit as st

from lib.chat.turns import AskTurn
from lib.export.about import about
from lib.ui import chart, grid, pin
from lib.ui.inert import plain
from lib.ui.place import Place

if TYPE_CHECKING:
    from lib.asking.answer import Answer
    from lib.engine.result import Json, Result


def show(turn: AskTurn, answer: Answer, result: Result, place: Place) -> None:
    """Draw it. A click on the chart leaves the rows that it stands for, and offers them as the next question."""
    if turn.draft != answer.sql:
        st.caption("The SQL was changed; this is the result from before. Run it to see the new one.")
    picks = chart.show(turn, answer, result, place)
    where = _where(picks, result)
    grid.show(
        result,
        f"{place.key}-{turn.runs}",
        about=lambda: about(answer, result),
        filtered=_picked(picks, result) if picks else None,
        label=where,
        chart=chart.key(turn, place),
    )
    with st.container(horizontal=True):
        if turn.draft == answer.sql:
            pin.button(turn, answer, result, place)
        if picks and not answer.names_only:  # the question would tell the model a cell's value
            st.button(
                plain(f"Ask only where {where}"),
                key=f"ask-picked-{place.key}",
                icon=":material/subdirectory_arrow_right:",
                type="tertiary",
                on_click=place.ask,
                args=(f"Only where {where}",),
            )


def _picked(picks: chart.Picks, result: Result) -> pa.Table:
    """The rows that have one of the picked values in each picked column."""
    matches = [[one in values for one in result.values(column)] for column, values in _by_column(picks).items()]
    return result.table.filter(pa.array([all(row) for row in zip(*matches, strict=True)], pa.bool_()))


def _where(picks: chart.Picks, result: Result) -> str:
    """What was clicked as a condition: "region is North or South and month is 3"."""
    return " and ".join(
        f"{result.columns[one].name} is {' or '.join(map(_shown, values))}" for one, values in _by_column(picks).items()
    )


def _by_column(picks: chart.Picks) -> dict[int, list[Json]]:
    columns: dict[int, list[Json]] = {}
    for column, value in picks:
        columns.setdefault(column, []).append(value)
    return columns


def _shown(value: Json) -> str:
    return "missing" if value is None else str(value)
