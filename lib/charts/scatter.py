"""Points: a number against a number or a time, with groups, sizes and shades."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from lib.charts import numbers, times
from lib.charts.folding import OTHER, Group, groups, kept, key_of, other
from lib.charts.labels import escaped, shortened, worded
from lib.charts.numbers import Number, Unit
from lib.charts.picks import carried
from lib.charts.picture import HEIGHT, MEASURE_LETTERS, Drawn, dressed, noted, nothing
from lib.charts.shape import Rows
from lib.charts.spec import Spec
from lib.charts.theme import MOST_SERIES, Look
from lib.engine.result import Column, Json
from lib.engine.types import is_number

MOST_POINTS = 20_000
"""A person sees no difference to more, and a browser without a graphics card paints these within a second."""
_MOST_TOLD = 5_000
"""Points of which each can be clicked and tells all of its values."""
_MANY = 1_500
"""Points from which on the graphics card draws them."""
_SEED = 7
_LARGEST_MARK = 34


@dataclass(frozen=True)
class _Point:
    x: Json
    y: Number
    row: Sequence[Json]


def scatter(spec: Spec, columns: Sequence[Column], rows: Rows, look: Look) -> Drawn:
    """The figure of a spec of points."""
    points, notes = _points(spec, columns, rows)
    if not points:
        return nothing([worded(columns[at].name) for at in (spec.x or 0, spec.y[0])])
    shaded = spec.color is not None and _is_shade(columns[spec.color], points, spec.color)
    parts, said = ([(None, points)], []) if shaded or spec.color is None else _parts(spec.color, points, columns)
    largest = _largest(spec, columns, points)
    traces = []
    for at, (group, part) in enumerate(parts):
        trace = _trace(spec, columns, part, group, len(points), largest)
        color = look.other if group and group.other else look.series[at % len(look.series)]
        trace.update(marker_color=_shades(spec, columns, part) if shaded else color)
        traces.append(trace)
    figure = go.Figure(traces)
    if shaded:
        _shade(figure, columns[spec.color or 0], look)
    _axes(figure, spec, columns, points)
    if spec.log and any(one.y <= 0 for one in points):
        notes.append("Points at zero or less have no place on a logarithmic scale.")
    measure = f"{worded(columns[spec.y[0]].name)} against {worded(columns[spec.x or 0].name, inside=True)}"
    if spec.size is not None:
        measure += f"; size: {worded(columns[spec.size].name, inside=True)}"
    dressed(figure, spec, shortened(measure, 2 * MEASURE_LETTERS), look, height=HEIGHT, legend=len(parts) > 1)
    return Drawn(figure, noted([*notes, *said]))


def _points(spec: Spec, columns: Sequence[Column], rows: Rows) -> tuple[list[_Point], list[str]]:
    x, y = spec.x or 0, spec.y[0]
    made = [(_across(row[x], columns[x]), number, row) for row in rows
            if (number := numbers.number(row[y], columns[y].type)) is not None]  # fmt: skip
    points = [_Point(across, numbers.plotted(up) or 0, row) for across, up, row in made if across is not None]
    notes = []
    if gone := len(rows) - len(points):
        notes.append(f"{gone:,} of {len(rows):,} rows have no place on one of the axes and are left out.")
    if len(points) > MOST_POINTS:
        notes.append(f"A random {MOST_POINTS:,} of {len(points):,} points.")
        points = random.Random(_SEED).sample(points, MOST_POINTS)  # noqa: S311  # the same ones every time
    return points, notes


def _across(value: Json, column: Column) -> Json:
    """Where the value stands on the axis of x: a number, ISO text, or a label; None if nowhere."""
    if is_number(column.type):
        return numbers.plotted(numbers.number(value, column.type))
    at = times.moment(value)
    if at is not None:
        return at.isoformat()
    return None if value is None or _is_time(column) else key_of(value)


def _is_time(column: Column) -> bool:
    return column.type == "DATE" or column.type.startswith("TIMESTAMP")


def _is_shade(column: Column, points: Sequence[_Point], color: int) -> bool:
    """Whether the column's numbers are shades of one scale; few whole ones are groups."""
    if not is_number(column.type):
        return False
    values = {key_of(one.row[color]) for one in points}
    return len(values) > MOST_SERIES


def _parts(
    color: int, points: list[_Point], columns: Sequence[Column]
) -> tuple[list[tuple[Group | None, list[_Point]]], list[str]]:
    found = groups(one.row[color] for one in points)
    sizes = dict.fromkeys(found, 0.0)
    for one in points:
        sizes[key_of(one.row[color])] += 1
    stay = kept(sizes, MOST_SERIES + 1, with_other=True) if len(found) > MOST_SERIES else set(found)
    members: dict[str, list[_Point]] = {key: [] for key in found if key in stay}
    rest: list[_Point] = []
    for one in points:
        members.get(key_of(one.row[color]), rest).append(one)
    parts: list[tuple[Group | None, list[_Point]]] = [(found[key], part) for key, part in members.items()]
    if not rest:
        return parts, []
    left = len(found) - len(stay)
    note = (
        f"The {len(stay)} largest of {len(found):,} groups ({worded(columns[color].name, inside=True)}) have colours."
    )
    return [*parts, (found.get(OTHER) or other(left), rest)], [note]


def _largest(spec: Spec, columns: Sequence[Column], points: Sequence[_Point]) -> float:
    if spec.size is None:
        return 0.0
    return max((_sized(one, spec.size, columns) for one in points), default=0.0)


def _sized(one: _Point, size: int, columns: Sequence[Column]) -> float:
    """A point's size: its area is in proportion to the number, and nothing is smaller than nothing."""
    return max(0.0, float(numbers.number(one.row[size], columns[size].type) or 0))


def _trace(
    spec: Spec, columns: Sequence[Column], part: Sequence[_Point], group: Group | None, total: int, largest: float
) -> go.Scatter | go.Scattergl:
    kind = go.Scattergl if total > _MANY else go.Scatter
    marker: dict[str, Any] = {"size": 8 if total <= 300 else 6 if total <= 3_000 else 4}
    marker["opacity"] = 0.85 if total <= 100 else 0.6 if total <= 3_000 else 0.35
    if largest and spec.size is not None:
        sizes = np.array([_sized(one, spec.size, columns) for one in part])
        marker |= {"size": sizes, "sizemode": "area", "sizemin": 3,
                   "sizeref": 2 * largest / _LARGEST_MARK**2, "opacity": 0.65}  # fmt: skip
    told = (
        _told(spec, columns, part, group)
        if total <= _MOST_TOLD
        else _told_by_axes(columns[spec.x or 0], columns[spec.y[0]])
    )
    return kind(
        name=escaped(group.label) if group else "",
        x=np.array([one.x for one in part]),
        y=np.array([one.y for one in part]),
        mode="markers",
        marker=marker,
        **told,
    )


def _told(spec: Spec, columns: Sequence[Column], part: Sequence[_Point], group: Group | None) -> dict[str, Any]:
    """What hovering and a click tell of each point. Arrays, because Plotly looks at every entry of a list."""
    x, y = spec.x or 0, spec.y[0]
    gone = group is not None and group.other
    carries = ["" if gone else carried(one.row[x], one.row[y], *_colored(spec, one)) for one in part]
    hover = _hover(spec, columns, part)
    return {"hoverinfo": "text", "hovertext": np.array(hover, object), "customdata": np.array(carries, object)}


def _told_by_axes(x: Column, y: Column) -> dict[str, Any]:
    """Where points lie so near that nobody meant just this one."""
    across, up = (escaped(shortened(worded(one.name), 40)).replace("%", "&#37;") for one in (x, y))
    format_ = ":,.6~g" if is_number(x.type) else ""
    return {"hovertemplate": f"{across}: %{{x{format_}}}<br>{up}: %{{y:,.6~g}}<extra></extra>"}


def _colored(spec: Spec, one: _Point) -> list[Json]:
    return [] if spec.color is None else [one.row[spec.color]]


def _hover(spec: Spec, columns: Sequence[Column], part: Sequence[_Point]) -> list[str]:
    """For each point the names and values of all columns that it shows."""
    named = [
        (at, escaped(shortened(worded(columns[at].name), 40)), _written(columns[at], part, at)) for at in spec.columns
    ]
    return ["<br>".join(f"{name}: {write(one.row[at])}" for at, name, write in named) for one in part]


def _written(column: Column, part: Sequence[_Point], at: int) -> Any:
    if is_number(column.type):
        found = [numbers.number(one.row[at], column.type) for one in part]
        unit = numbers.unit_of(column.name, found)
        return lambda value: escaped(numbers.full(numbers.number(value, column.type), unit))
    moments = [known for one in part if (known := times.moment(one.row[at]))]
    step = times.grain(moments) if moments else "day"

    def write(value: Json) -> str:
        known = times.moment(value)
        return times.written(known, step) if known else escaped(Group.of(value).label)

    return write


def _shades(spec: Spec, columns: Sequence[Column], part: Sequence[_Point]) -> list[Number | None]:
    color = spec.color or 0
    return [numbers.plotted(numbers.number(one.row[color], columns[color].type)) for one in part]


def _shade(figure: go.Figure, column: Column, look: Look) -> None:
    scale = [[at / (len(look.scale) - 2), one] for at, one in enumerate(look.scale[1:])]
    figure.update_traces(
        marker_colorscale=scale,
        marker_colorbar={
            "thickness": 10, "outlinewidth": 0, "len": 0.9, "exponentformat": "B",
            "title": {"text": escaped(shortened(worded(column.name), 14)), "font": {"size": 12}},
        },
        marker_showscale=True,
    )  # fmt: skip


def _axes(figure: go.Figure, spec: Spec, columns: Sequence[Column], points: Sequence[_Point]) -> None:
    x, y = columns[spec.x or 0], columns[spec.y[0]]
    title = escaped(shortened(worded(x.name), 40))
    moments = [at for one in points if (at := times.moment(one.x))]
    if is_number(x.type):
        values = [one.x for one in points if isinstance(one.x, int | float)]
        figure.update_xaxes(showgrid=True, nticks=6, zeroline=False, title_text=title,
                            **numbers.axis(values, numbers.unit_of(x.name, values), x.name))  # fmt: skip
    elif len(moments) == len(points):
        figure.update_xaxes(**times.axis(moments, times.grain(moments)))
    else:
        found = groups(one.row[spec.x or 0] for one in points)
        every = math.ceil(len(found) / 12)
        keys = list(found)[::every]
        figure.update_xaxes(type="category", tickvals=keys, title_text=title,
                            ticktext=[escaped(shortened(found[one].label, 14)) for one in keys])  # fmt: skip
    ups = [one.y for one in points]
    unit: Unit = numbers.unit_of(y.name, ups)
    figure.update_yaxes(nticks=6, title_text="", **numbers.axis(ups, unit, y.name, log=spec.log))
