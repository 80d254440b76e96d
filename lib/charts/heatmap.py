"""A heatmap: a grid of two columns whose cells are shaded by a number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import plotly.graph_objects as go

from lib.charts import numbers, scales
from lib.charts.folding import Group
from lib.charts.labels import LETTER, escaped, pixels, worded, wrapped
from lib.charts.numbers import Number, Unit
from lib.charts.picks import carried
from lib.charts.picture import Drawn, dressed, noted, nothing
from lib.charts.shape import Grid, Rows, grid
from lib.charts.spec import Spec
from lib.charts.theme import Look
from lib.engine.result import Column

MOST_COLUMNS, MOST_ROWS = 16, 36
_CELL, _LEGEND = 26, 48
_GRID = 0.75
"""The part of a telephone's width that the labels of the rows leave."""
_WRITTEN = 8
"""Columns of a grid whose cells have the room for their numbers on a telephone."""


def heatmap(spec: Spec, columns: Sequence[Column], rows: Rows, look: Look) -> Drawn:
    """The figure of a spec of a heatmap."""
    across, down = spec.x or 0, spec.y[0]
    number = () if spec.aggregate == "count" or spec.color is None else (spec.color,)
    wanted = replace(spec, x=across, y=number, color=down, aggregate=spec.aggregate if number else "count")
    found = grid(wanted, columns, rows, most=MOST_COLUMNS, most_series=MOST_ROWS, shared="mean")
    if not found.values:
        return nothing([worded(columns[at].name) for at in number])
    lines = _lines(replace(spec, x=down, y=number, color=None), columns, found)
    unit = numbers.unit_of(columns[number[0]].name if number else "", found.values)
    values = [[line.get(one.key) for one in found.along] for line in (cells for _, cells in lines)]
    names, sides = scales.labels(found.along), scales.labels([one for one, _ in lines])
    figure = go.Figure(_cells(found, lines, values, unit, names, sides, look))
    below, room = _below(found, names)
    figure.update_xaxes(
        type="category", showline=False, ticks="", title_text=scales.titled(found, columns[across]), **below
    )
    figure.update_yaxes(
        type="category", tickvals=[one.key for one, _ in lines], ticktext=[escaped(one) for one in sides.short],
        autorange="reversed", showgrid=False,
    )  # fmt: skip
    height = _LEGEND + 40 + room + _CELL * len(lines)
    dressed(figure, spec, _measure(spec, columns, number), look, height=max(200, height))
    _key(figure, found, unit)
    return Drawn(figure, noted(found.notes))


def _below(found: Grid, names: scales.Labels) -> tuple[dict[str, Any], float]:
    """The labels of the columns and the pixels that they need: side by side, in lines, or turned, as they fit."""
    keys = [one.key for one in found.along]
    wide = scales.NARROW * _GRID / len(keys)
    every = math.ceil((max(map(pixels, names.short)) + 8) / wide)
    if every == 1 or found.scale != "category":
        shown = [escaped(one) for one in names.short[::every]]
        return {"tickvals": keys[::every], "ticktext": shown, "tickangle": 0}, 20
    letters = int(wide / LETTER)
    if all(pixels(word) <= wide for one in names.short for word in one.split()):
        shown = ["<br>".join(wrapped(one, letters)) for one in names.short]
        return {"tickvals": keys, "ticktext": shown, "tickangle": 0}, 48
    shown = [escaped(one) for one in names.short]
    return {"tickvals": keys, "ticktext": shown, "tickangle": -90}, max(map(pixels, names.short))


def _lines(spec: Spec, columns: Sequence[Column], found: Grid) -> list[tuple[Group, dict[str, Number | None]]]:
    """The rows of the grid from top to bottom, in the order that a column of x would have."""
    cells = {one.group.key: one.cells for one in found.series if one.group is not None}
    values = [[one.group.value, 1] for one in found.series if one.group is not None and not one.group.other]
    order = grid(
        replace(spec, x=0, y=(1,), aggregate="sum"), [columns[spec.x or 0], Column("rows", "BIGINT")], values,
        most=MOST_ROWS, most_series=1,
    )  # fmt: skip
    known = {one.group.key: one.group for one in found.series if one.group is not None}
    ranked = [one.key for one in order.along] + [key for key in known if key not in order.places]
    return [(known[key], cells[key]) for key in ranked]


def _measure(spec: Spec, columns: Sequence[Column], number: tuple[int, ...]) -> str:
    what = worded(columns[number[0]].name) if number else "Number of rows"
    return (
        f"{what} by {worded(columns[spec.y[0]].name, inside=True)} and {worded(columns[spec.x or 0].name, inside=True)}"
    )


def _cells(
    found: Grid,
    lines: Sequence[tuple[Group, dict[str, Number | None]]],
    values: Sequence[Sequence[Number | None]],
    unit: Unit,
    names: scales.Labels,
    sides: scales.Labels,
    look: Look,
) -> go.Heatmap:
    mixed = min(found.values) < 0 < max(found.values)
    colors = look.diverging if mixed else look.scale
    written = len(found.along) <= _WRITTEN
    return go.Heatmap(
        x=[one.key for one in found.along],
        y=[group.key for group, _ in lines],
        z=[[numbers.plotted(one) for one in line] for line in values],
        zmid=0 if mixed else None,
        colorscale=[[at / (len(colors) - 1), one] for at, one in enumerate(colors)],
        xgap=1.5,
        ygap=1.5,
        text=[[escaped(numbers.short(one, unit)) for one in line] for line in values] if written else None,
        texttemplate="%{text}" if written else None,
        hoverinfo="text",
        hovertext=[
            [
                f"<b>{escaped(side)}</b> · {escaped(name)}<br>{escaped(numbers.full(one, unit))}"
                for name, one in zip(names.full, line, strict=True)
            ]
            for side, line in zip(sides.full, values, strict=True)
        ],
        customdata=[[carried(one, group) for one in found.along] for group, _ in lines],
    )


def _key(figure: go.Figure, found: Grid, unit: Unit) -> None:
    """What the shades mean, between the title and the grid."""
    block = figure.layout.margin.t
    whole = figure.layout.height
    scale = numbers.axis(found.values, unit)
    figure.update_traces(
        colorbar={
            "orientation": "h", "thickness": 9, "len": 0.5, "outlinewidth": 0, "nticks": 4,
            "x": 0, "xanchor": "left", "xpad": 0, "ypad": 2,
            "y": 1 - (block - 6) / whole, "yref": "container", "yanchor": "top",
            **{key: value for key, value in scale.items() if key != "type"},
        }
    )  # fmt: skip
    figure.update_layout(margin_t=block + _LEGEND - 14)
