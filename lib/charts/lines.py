"""Lines and areas: one or several series over time, over numbers, or over ordered labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from lib.charts import numbers, scales
from lib.charts.bars import color_of, measure, measured
from lib.charts.labels import escaped, worded
from lib.charts.numbers import Number, Unit
from lib.charts.picks import carried
from lib.charts.picture import Drawn, dressed, noted, nothing
from lib.charts.shape import Grid, Rows, Series, grid
from lib.charts.spec import Aggregate, Spec
from lib.charts.theme import MOST_SERIES, Look
from lib.engine.result import Column

MOST_POINTS = 10_000
"""Along x; the engine puts longer lines together."""
_FEW = 40
"""Points that are marked; more than these would touch."""


def lines(spec: Spec, columns: Sequence[Column], rows: Rows, look: Look) -> Drawn:
    """The figure of a spec of lines or areas."""
    shared: Aggregate = "sum" if spec.kind == "area" else "mean"
    found = grid(spec, columns, rows, most=MOST_POINTS, most_series=MOST_SERIES, shared=shared)
    if not found.values:
        return nothing([worded(columns[y].name) for y in spec.y])
    column, notes = columns[spec.x or 0], list(found.notes)
    unit = numbers.unit_of(measured(spec, columns), found.values)
    stacked = spec.kind == "area" and spec.stacked and len(found.series) > 1
    figure = go.Figure(
        [_trace(spec, one, found, color_of(one, at, look), unit, stacked) for at, one in enumerate(found.series)]
    )
    log = spec.log and not stacked
    if log and any(one <= 0 for one in found.values):
        notes.append("Values of zero or less have no place on a logarithmic scale.")
    heights = [sum(found.totals(one)) for one in found.along] if stacked else found.values
    figure.update_xaxes(title_text=scales.titled(found, column), **scales.axis(found, column))
    if spec.sort == "x_down" and found.scale != "category":
        figure.update_xaxes(autorange="reversed")
    figure.update_yaxes(
        nticks=6, **_from_zero(spec, found, log), **numbers.axis(heights, unit, measured(spec, columns), log=log)
    )
    figure.update_layout(hovermode="x unified" if len(found.series) > 1 else "closest", hoverdistance=40)
    dressed(figure, spec, measure(spec, columns), look, legend=len(found.series) > 1)
    return Drawn(figure, noted(notes))


def _from_zero(spec: Spec, found: Grid, log: bool) -> dict[str, Any]:
    """The axis starts at zero where that costs little of the height, and always under an area."""
    if log:
        return {}
    low, high = min(found.values), max(found.values)
    near = low >= 0 and low <= 0.5 * high
    return {"rangemode": "tozero" if near or spec.kind == "area" else "normal", "zeroline": low <= 0 or near}


def _trace(spec: Spec, one: Series, found: Grid, color: str, unit: Unit, stacked: bool) -> go.Scatter:
    there = [at for at, group in enumerate(found.along) if group.key in one.cells]
    values = [one.cells[found.along[at].key] for at in there]
    places, names = scales.placed(found), scales.hovered(found)
    marked = len(there) <= _FEW and len(there) * len(found.series) <= 2 * _FEW
    filled: dict[str, Any] = {}
    if stacked:
        filled = {"stackgroup": "all", "line": {"width": 0.5, "color": color}, "fillcolor": color}
    elif spec.kind == "area":
        alpha = 0.35 if len(found.series) == 1 else 0.18
        filled = {"fill": "tozeroy", "fillcolor": _transparent(color, alpha)}
    several = len(found.series) > 1
    return go.Scatter(
        name=escaped(one.name),
        x=[places[at] for at in there],
        y=[numbers.plotted(value) for value in values],
        mode="lines" if stacked else "lines+markers",
        marker={"color": color, "line": {"width": 0}, **_markers(values, marked)},
        connectgaps=False,
        hoverinfo="x+text+name" if several else "text",
        hovertext=[
            escaped(numbers.full(value, unit)) if several
            else f"<b>{names[at]}</b><br>{escaped(numbers.full(value, unit))}"
            for at, value in zip(there, values, strict=True)
        ],
        customdata=[
            carried(found.along[at], one.group) if one.group else carried(found.along[at]) for at in there
        ],
        **({"line": {"color": color, "width": 2.2}} | filled),
    )  # fmt: skip


def _markers(values: Sequence[Number | None], marked: bool) -> dict[str, Any]:
    """Markers of which as few as can be are drawn; a trace without any takes no click, in Plotly.

    Where not all points are marked, one between two gaps is, because no line shows it.
    """
    if marked:
        return {"size": 6}
    around = [None, *values, None]
    alone = [before is None and after is None for before, after in zip(around, around[2:], strict=False)]
    return {"size": [5 if one else 0 for one in alone]} if any(alone) else {"size": 0, "maxdisplayed": 1}


def _transparent(color: str, alpha: float) -> str:
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"
