"""A pie: the few parts of a whole, each with its name and its share beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import plotly.graph_objects as go

from lib.charts import numbers, scales
from lib.charts.bars import measure, measured
from lib.charts.folding import Group, other
from lib.charts.labels import escaped, shortened, worded
from lib.charts.picks import carried
from lib.charts.picture import HEIGHT, Drawn, dressed, noted, nothing
from lib.charts.shape import Rows, grid
from lib.charts.spec import Spec
from lib.charts.theme import MOST_SERIES, Look
from lib.engine.result import Column

MOST_PARTS = MOST_SERIES
MOST_IN_ORDER = 12
"""Parts that are months, hours and the like: they go round in their order, and colours may come again."""
_LONGEST_LABEL = 16


def pie(spec: Spec, columns: Sequence[Column], rows: Rows, look: Look) -> Drawn:
    """The figure of a spec of a pie, whose `y` is one number or none."""
    found = grid(_by_size(spec), columns, rows, most=MOST_PARTS, most_series=1)
    [series] = found.series or (None,)
    if series is None or not any(value and value > 0 for value in series.cells.values()):
        return nothing([worded(columns[y].name) for y in spec.y])
    parts = _few([(group, value) for group in found.along if (value := series.cells.get(group.key)) and value > 0])
    notes = list(found.notes)
    if any(value < 0 for value in found.values):
        notes.append("Negative numbers are no part of a whole and are left out.")
    whole = math.fsum(value for _, value in parts)
    unit = numbers.unit_of(measured(spec, columns), found.values)
    names = scales.labels([group for group, _ in parts]).full
    shares = [f"{numbers.full(round(100 * value / whole, 1))}%" for _, value in parts]
    figure = go.Figure(
        go.Pie(
            labels=[group.key for group, _ in parts],
            values=[numbers.plotted(value) for _, value in parts],
            text=[
                f"{escaped(shortened(name, _LONGEST_LABEL))}<br><b>{share}</b>"
                for name, share in zip(names, shares, strict=True)
            ],
            textinfo="text",
            textposition="outside",
            automargin=True,
            sort=False,
            direction="clockwise",
            hole=0.5,
            marker={
                "colors": [_colour(group, at, look) for at, (group, _) in enumerate(parts)],
                "line": {"color": look.page, "width": 1.5},
            },
            hoverinfo="text",
            hovertext=[
                f"<b>{escaped(name)}</b><br>{escaped(numbers.full(value, unit))} · {share}"
                for name, share, (_, value) in zip(names, shares, parts, strict=True)
            ],
            customdata=[carried(group) for group, _ in parts],
        )
    )
    figure.add_annotation(
        text=f"<b>{escaped(numbers.short(_exact(whole), unit))}</b><br>in all",
        x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False,
    )  # fmt: skip
    return Drawn(dressed(figure, spec, measure(spec, columns), look, height=HEIGHT), noted(notes))


def _colour(group: Group, at: int, look: Look) -> str:
    return look.other if group.other else look.series[at % len(look.series)]


def _few(parts: list[tuple[Group, numbers.Number]]) -> list[tuple[Group, numbers.Number]]:
    """The largest parts and all others as one. Only parts along time or numbers are still too many here."""
    if len(parts) <= MOST_IN_ORDER:
        return parts
    ranked = sorted(parts, key=lambda one: -one[1])
    large, small = ranked[: MOST_PARTS - 1], ranked[MOST_PARTS - 1 :]
    kept = [one for one in parts if one in large]
    return [*kept, (other(len(small)), math.fsum(value for _, value in small))]


def _by_size(spec: Spec) -> Spec:
    """The largest part first, unless another order is asked for."""
    return replace(spec, color=None, sort="value_down" if spec.sort == "given" else spec.sort)


def _exact(value: float) -> numbers.Number:
    return int(value) if value.is_integer() else value
