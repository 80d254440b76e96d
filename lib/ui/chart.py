"""The chart of an answer: chosen when the answer comes, drawn, and clicked on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from lib.board.whole import whole
from lib.charts.choose import MOST_SEEN, chosen
from lib.charts.kinds import gathered
from lib.charts.picks import picked
from lib.charts.reduced import paint
from lib.charts.spec import Kind, Spec
from lib.chat.turns import AskTurn, Chart, Painted
from lib.engine.result import Json, Result
from lib.errors import QueryError
from lib.ui import chart_panel, metrics
from lib.ui.inert import plain
from lib.ui.live import followed
from lib.ui.place import Place
from lib.ui.session import workspace

if TYPE_CHECKING:
    from lib.asking.answer import Answer
    from lib.charts.picture import Drawn

_CLICKED: tuple[Kind, ...] = ("bar", "line", "area", "scatter", "box")
"""Kinds of which the browser says what was clicked."""

Picks = tuple[tuple[int, Json], ...]
"""What was clicked: columns of the result by position, each with its value."""


def key(turn: AskTurn, place: Place) -> str:
    """The key of the chart's element on the page; empty when the answer shows none."""
    last = turn.painted
    return _key(turn, place) if last and last.chart is turn.chart and last.drawn.figure is not None else ""


def _key(turn: AskTurn, place: Place) -> str:
    return f"chart-{place.key}-{turn.runs}"


def show(turn: AskTurn, answer: Answer, result: Result, place: Place) -> Picks:
    """Draw the chart with its panel; returns what of it is clicked on."""
    question = answer.standalone or answer.question
    chart = turn.chart or Chart(chosen(question, result))
    turn.chart = chart = _with_all_rows(turn, chart, answer, result, place)
    picks: Picks = ()
    if chart.spec.kind == "metric":
        metrics.show(chart.spec, result)
    elif chart.spec.kind != "table":
        picks = _figure(turn, chart, result, place)

    def change(spec: Spec) -> None:
        turn.chart = Chart(gathered(spec, result.columns, result.spread(MOST_SEEN)), by_hand=True)
        place.save()

    chart_panel.show(chart.spec, result, question, f"{place.key}-{turn.runs}", change)
    return picks


def _with_all_rows(turn: AskTurn, chart: Chart, answer: Answer, result: Result, place: Place) -> Chart:
    """Let the engine make of all rows what can be drawn, where those of the result are too few or too many."""
    if chart.reduced or chart.note:
        return chart
    try:
        reduced = followed(whole(chart.spec, answer.sql, result, workspace()))
    except QueryError as e:
        chart = replace(chart, note=f"Only the first {result.table.num_rows:,} rows are drawn. {e}")
    else:
        if reduced is None:
            return chart
        chart = replace(chart, reduced=reduced)
    turn.chart = chart
    place.save()
    return chart


def _figure(turn: AskTurn, chart: Chart, result: Result, place: Place) -> Picks:
    dark = st.context.theme.type == "dark"
    drawn = _painted(turn, chart, result, dark)
    if drawn.figure is None:
        st.caption(plain(drawn.note))
        return ()
    event = st.plotly_chart(
        drawn.figure,
        key=_key(turn, place),
        theme=None,
        config={"displaylogo": False},
        on_select="rerun",
        selection_mode="points",
        alt=f"{chart.spec.reason} {drawn.note}",
    )
    hint = "Click on a mark to see its rows." if chart.spec.kind in _CLICKED else ""
    st.caption(plain(" ".join(filter(None, (chart.spec.reason, chart.note, drawn.note, hint)))))
    return picked(chart.spec, result.columns, event["selection"]["points"])


def _painted(turn: AskTurn, chart: Chart, result: Result, dark: bool) -> Drawn:
    """The drawing, made anew only when the chart or the page's theme has changed."""
    last = turn.painted
    if last is None or last.chart is not chart or last.dark != dark:
        last = turn.painted = Painted(chart, dark, paint(chart.spec, result, chart.reduced, dark=dark))
    return last.drawn
