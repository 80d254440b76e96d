"""Bars: upright or lying, one series, several side by side, or stacked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from lib.charts import numbers, scales
from lib.charts.labels import escaped, pixels, worded
from lib.charts.numbers import Number, Unit
from lib.charts.picks import carried
from lib.charts.picture import HEIGHT, Drawn, dressed, noted, nothing
from lib.charts.shape import Grid, Rows, Series, grid
from lib.charts.spec import Spec
from lib.charts.theme import MOST_SERIES, Look
from lib.engine.result import Column

MOST_MARKS = 1_500
MOST_CATEGORIES = 30
MOST_SIDE_BY_SIDE = 72
"""Bars in all, where several stand side by side for each category."""
_DWARFED = 2.0
"""All others together are not drawn where their bar would be so many times as long as the longest."""
_FEW = 6
"""Upright bars that have their numbers on top of them: more would not have the room on a telephone."""


def most_categories(spec: Spec, series: int) -> int:
    """How many categories a bar chart shows."""
    if spec.stacked or series < 2:
        return MOST_CATEGORIES
    return max(6, min(MOST_CATEGORIES, MOST_SIDE_BY_SIDE // min(series, MOST_SERIES)))


def bars(spec: Spec, columns: Sequence[Column], rows: Rows, look: Look) -> Drawn:
    """The figure of a spec of bars."""
    color = spec.color
    wide = len(spec.y) if color is None else len({str(row[color]) for row in rows})
    found = grid(spec, columns, rows, most=most_categories(spec, wide), most_series=MOST_SERIES)
    found, notes = _without_the_dwarfing(*_cut(found))
    if not found.values:
        return nothing([worded(columns[y].name) for y in spec.y])
    unit = numbers.unit_of(measured(spec, columns), found.values)
    lies = found.scale == "category" and (spec.horizontal or not scales.labels(found.along).fit)
    figure = go.Figure(
        [
            _trace(spec, one, found, color_of(one, at, look), look.other, unit, lies)
            for at, one in enumerate(found.series)
        ]
    )
    figure.update_layout(barmode="relative" if spec.stacked else "group", bargap=0.25, bargroupgap=0.04)
    log = spec.log and not spec.stacked
    if log and any(one <= 0 for one in found.values):
        notes.append("Bars of zero or less have no place on a logarithmic scale.")
    _axes(figure, spec, columns, found, unit, lies, log)
    height = _lying_height(spec, found) if lies else HEIGHT
    dressed(figure, spec, measure(spec, columns), look, height=height, legend=len(found.series) > 1)
    if _labelled(found, lies) and lies and not log:
        longest = max(pixels(numbers.short(one, unit)) for one in found.values)
        figure.update_layout(margin_r=longest + 14)
    return Drawn(figure, noted(notes))


def _cut(found: Grid) -> tuple[Grid, list[str]]:
    """At most so many marks as a browser paints at once; beyond, the engine has to put rows together."""
    most = max(1, MOST_MARKS // max(1, len(found.series)))
    if len(found.along) <= most:
        return found, list(found.notes)
    note = f"The first {most:,} of {len(found.along):,} places are drawn."
    along = found.along[:most]
    keys = {one.key for one in along}
    series = tuple(
        Series(one.name, {at: value for at, value in one.cells.items() if at in keys}, one.group, one.column)
        for one in found.series
    )
    return Grid(along, {one: found.places[one] for one in keys}, found.scale, series), [*found.notes, note]


def _without_the_dwarfing(found: Grid, notes: list[str]) -> tuple[Grid, list[str]]:
    """Without the bar of all others where it would make the rest unreadable; the note says its number."""
    rest = next((one for one in found.along if one.other), None)
    if rest is None:
        return found, notes
    sums = {one.key: abs(sum(found.totals(one))) for one in found.along if not one.other}
    if abs(sum(found.totals(rest))) <= _DWARFED * max(sums.values(), default=0):
        return found, notes
    total = numbers.full(sum(found.totals(rest)))
    along = tuple(one for one in found.along if not one.other)
    places = {one.key: found.places[one.key] for one in along}
    series = tuple(
        Series(one.name, {at: value for at, value in one.cells.items() if at in places}, one.group, one.column)
        for one in found.series
    )
    kept = [one for one in notes if "all others together" not in one]
    note = f"The {len(along):,} largest are drawn. {rest.label} would have {total} together."
    return Grid(along, places, found.scale, series), [*kept, note]


def color_of(one: Series, at: int, look: Look) -> str:
    return look.other if one.group is not None and one.group.other else look.series[at % len(look.series)]


def measured(spec: Spec, columns: Sequence[Column]) -> str:
    """The name of the column whose numbers are drawn; empty where there are several or rows are counted."""
    return columns[spec.y[0]].name if len(spec.y) == 1 and spec.aggregate != "count" else ""


_AGGREGATED = {
    "none": "{}", "sum": "{}, total", "mean": "{}, average", "median": "{}, median", "min": "{}, lowest",
    "max": "{}, highest", "count": "Number of rows",
}  # fmt: skip


def measure(spec: Spec, columns: Sequence[Column]) -> str:
    """What the numbers are, in words; empty where the legend says it."""
    if spec.aggregate != "count" and len(spec.y) != 1:
        return ""
    name = worded(columns[spec.y[0]].name) if spec.y else ""
    said = _AGGREGATED[spec.aggregate].replace("{}", name)
    return f"{said}, by {worded(columns[spec.color].name, inside=True)}" if spec.color is not None else said


def _trace(spec: Spec, one: Series, found: Grid, color: str, other: str, unit: Unit, lies: bool) -> go.Bar:
    there = [(at, group) for at, group in enumerate(found.along) if group.key in one.cells]
    values = [one.cells[group.key] for _, group in there]
    every_place, every_name = scales.placed(found), scales.hovered(found)
    places = [every_place[at] for at, _ in there]
    names = [every_name[at] for at, _ in there]
    long = [numbers.plotted(value) for value in values]
    rest = [group.other or bool(one.group and one.group.other) for _, group in there]
    text: dict[str, Any] = {}
    if _labelled(found, lies):
        text = {"text": [numbers.short(value, unit) for value in values], "textposition": "outside",
                "textangle": 0, "cliponaxis": False}  # fmt: skip
    return go.Bar(
        name=escaped(one.name),
        x=long if lies else places,
        y=places if lies else long,
        orientation="h" if lies else "v",
        marker={"color": [other if group.other else color for _, group in there], "line": {"width": 0}},
        width=_width(found) if len(found.series) == 1 or spec.stacked else None,
        hoverinfo="text",
        hovertext=[hover(name, one, value, unit, len(found.series)) for name, value in zip(names, values, strict=True)],
        customdata=[
            "" if gone else carried(group, one.group) if one.group else carried(group)
            for gone, (_, group) in zip(rest, there, strict=True)
        ],
        **text,
    )


def _width(found: Grid) -> float | None:
    """Bars on an axis of whole numbers have the width of one; Plotly finds that of days and months."""
    return 0.75 if found.scale == "number" else None


def hover(name: str, one: Series, value: Number | None, unit: Unit, series: int) -> str:
    """The place in bold, then what its number is; `name` is escaped already."""
    what = f"{escaped(one.name)}: " if series > 1 else ""
    return f"<b>{name}</b><br>{what}{escaped(numbers.full(value, unit))}"


def _labelled(found: Grid, lies: bool) -> bool:
    """Whether each bar has its number at its end."""
    return len(found.series) == 1 and (lies or (found.scale == "category" and len(found.along) <= _FEW))


def _axes(
    figure: go.Figure, spec: Spec, columns: Sequence[Column], found: Grid, unit: Unit, lies: bool, log: bool
) -> None:
    column = columns[spec.x or 0]
    along = scales.axis(found, column, upright=not lies)
    if spec.sort == "x_down" and found.scale != "category":
        along |= {"autorange": "reversed"}
    value = numbers.axis(_heights(spec, found), unit, measured(spec, columns), log=log)
    if not log:
        value |= {"zeroline": True}
    if lies:
        figure.update_yaxes(showgrid=False, showline=False, **along)
        figure.update_xaxes(showgrid=True, showline=False, nticks=5, ticks="", **value)
    else:
        figure.update_xaxes(title_text=scales.titled(found, column), **along)
        figure.update_yaxes(nticks=6, **value)
    if _labelled(found, lies) and not log:
        ends = {"range": _room(found, unit, lies), "showticklabels": False, "showgrid": False}
        figure.update_xaxes(**ends) if lies else figure.update_yaxes(**ends)


def _heights(spec: Spec, found: Grid) -> list[Number]:
    """The ends of the bars, which are sums where they are stacked."""
    if not spec.stacked:
        return found.values
    parts = [found.totals(one) for one in found.along]
    return [sum(v for v in one if (v > 0) == up) for one in parts for up in (True, False)]


def _room(found: Grid, unit: Unit, lies: bool) -> list[float]:
    """The range of values, with room at the ends for the numbers that stand there."""
    low, high = min(0.0, *found.values), max(0.0, *found.values)
    span = (high - low) or 1.0
    longest = max(len(numbers.short(one, unit)) for one in found.values)
    below = (0.045 * longest if lies else 0.1) * span if low < 0 else 0.0
    above = 0.0 if lies else 0.1 * span if high > 0 else 0.0
    return [low - below, high + above if high > 0 or low < 0 else 1.0]


def _lying_height(spec: Spec, found: Grid) -> float:
    each = 26 if spec.stacked or len(found.series) == 1 else 13 * len(found.series) + 10
    return max(120, 40 + each * len(found.along))
