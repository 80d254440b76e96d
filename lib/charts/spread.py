"""How numbers are spread: a histogram of round bins, and boxes of quartiles."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from lib.charts import numbers, scales
from lib.charts.folding import OTHER, Group, groups, kept, key_of
from lib.charts.labels import escaped, shortened, worded
from lib.charts.numbers import Number
from lib.charts.picks import carried
from lib.charts.picture import HEIGHT, Drawn, dressed, noted, nothing
from lib.charts.shape import Rows
from lib.charts.spec import Spec
from lib.charts.theme import Look
from lib.engine.result import Column

MOST_LAYERS = 3
"""Layers of a histogram that can still be told apart where they overlap."""
MOST_BOXES = 20
FEWEST_BINS, MOST_BINS = 8, 30
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_QUIET_POINTS = 2_000
_NARROWEST = 1e-290
"""Bins of less would have no width that a number can say."""


@dataclass(frozen=True)
class _Bins:
    first: float
    width: float
    count: int

    def at(self, value: float) -> int:
        # The quotient of a value on an edge may fall short of the whole number by the last digit.
        return min(self.count - 1, max(0, math.floor((value - self.first) / self.width + 1e-9)))

    def edges(self, at: int) -> tuple[float, float]:
        return self.first + at * self.width, self.first + (at + 1) * self.width


def histogram(spec: Spec, columns: Sequence[Column], rows: Rows, look: Look) -> Drawn:
    """The figure of a spec of a histogram. With a `y`, that is how many times each row counts."""
    x = spec.x or 0
    counted = [(value, _weight(spec, columns, row), row) for row in rows
               if (value := numbers.number(row[x], columns[x].type)) is not None]  # fmt: skip
    if not counted:
        return nothing([worded(columns[x].name)])
    notes = []
    if gone := len(rows) - len(counted):
        notes.append(f"{gone:,} of {len(rows):,} rows have no number to count and are left out.")
    sizes: dict[str, float] = defaultdict(float)
    layers = groups(row[spec.color] for _, _, row in counted) if spec.color is not None else {"": Group("", None, "")}
    for _, weight, row in counted:
        sizes[key_of(row[spec.color]) if spec.color is not None else ""] += weight
    stay = kept(sizes, MOST_LAYERS, with_other=False)
    if len(stay) < len(layers):
        notes.append(f"The {len(stay)} largest of {len(layers):,} groups are drawn.")
    bins = _binned([value for value, _, _ in counted], sum(weight for _, weight, _ in counted))
    figure = go.Figure()
    heights: list[float] = []
    for at, group in enumerate(one for key, one in layers.items() if key in stay):
        counts = [0.0] * bins.count
        for value, weight, row in counted:
            if spec.color is None or key_of(row[spec.color]) == group.key:
                counts[bins.at(float(value))] += weight
        heights += counts
        figure.add_trace(_layer(bins, counts, group, look.series[at], len(stay) > 1, columns[x]))
    figure.update_layout(barmode="overlay", bargap=0)
    values = [value for value, _, _ in counted]
    figure.update_xaxes(nticks=8, **numbers.axis(values, numbers.unit_of(columns[x].name, values), columns[x].name))
    figure.update_yaxes(nticks=6, **numbers.axis(heights, numbers.Unit(), log=spec.log))
    measure = f"Number of rows by {worded(columns[x].name, inside=True)}"
    return Drawn(dressed(figure, spec, measure, look, legend=len(stay) > 1), noted(notes))


def _weight(spec: Spec, columns: Sequence[Column], row: Sequence[object]) -> float:
    if not spec.y:
        return 1.0
    return float(numbers.number(row[spec.y[0]], columns[spec.y[0]].type) or 0)  # type: ignore[arg-type]


def _binned(values: Sequence[Number], weight: float) -> _Bins:
    """Bins whose edges are round numbers; each whole number has its own where there are few of them."""
    low, high = float(min(values)), float(max(values))
    whole = all(isinstance(one, int) for one in values)
    if whole and high - low < MOST_BINS:
        return _Bins(low - 0.5, 1.0, round(high - low) + 1)
    if high - low < _NARROWEST:
        return _Bins(low - 0.5, 1.0, 1)
    wanted = max(FEWEST_BINS, min(MOST_BINS, math.ceil(2 * max(1.0, weight) ** (1 / 3))))
    rough = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(rough))
    width = next(step for step in _STEPS if step * power >= rough * 0.999) * power
    width = max(width, 1.0) if whole else width
    first = math.floor(low / width) * width
    return _Bins(first, width, max(1, math.floor((high - first) / width + 1e-9) + 1))


def _layer(bins: _Bins, counts: Sequence[float], group: Group, color: str, several: bool, column: Column) -> go.Bar:
    edges = [bins.edges(at) for at in range(bins.count)]
    single = bins.width == 1.0 and bins.first != math.floor(bins.first)
    name = escaped(shortened(worded(column.name), 40))
    ranges = [
        numbers.full(_round(low + 0.5)) if single else f"{numbers.full(_round(low))} to {numbers.full(_round(high))}"
        for low, high in edges
    ]
    return go.Bar(
        name=escaped(group.label),
        x=[(low + high) / 2 for low, high in edges],
        y=[numbers.plotted(_round(one)) for one in counts],
        width=bins.width * 0.96,
        marker={"color": color, "opacity": 0.55 if several else 1.0, "line": {"width": 0}},
        hoverinfo="text",
        hovertext=[
            f"{name}: <b>{one}</b><br>{escaped(group.label) + ': ' if several else ''}{_rows(count)}"
            for one, count in zip(ranges, counts, strict=True)
        ],
    )


def _rows(count: float) -> str:
    return "1 row" if count == 1 else f"{numbers.full(_round(count))} rows"


def _round(value: float) -> Number:
    """Without the last digits, which the arithmetic of bins leaves."""
    value = float(f"{value:.12g}")
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def boxes(spec: Spec, columns: Sequence[Column], rows: Rows, look: Look) -> Drawn:
    """The figure of a spec of boxes: a group each, or one for all rows. The boxes lie if their labels need that."""
    y, x = spec.y[0], spec.x
    members: dict[str, list[Number]] = defaultdict(list)
    found = groups(row[x] for row in rows) if x is not None else {"": Group("", None, "")}
    for row in rows:
        if (value := numbers.number(row[y], columns[y].type)) is not None:
            members[key_of(row[x]) if x is not None else ""].append(value)
    if not members:
        return nothing([worded(columns[y].name)])
    notes = []
    stay = kept({key: float(len(values)) for key, values in members.items()}, MOST_BOXES, with_other=False)
    if len(stay) < len(members):
        notes.append(f"The {len(stay)} groups with the most rows of {len(members):,} are drawn.")
    along = [one for key, one in found.items() if key in stay and key != OTHER]
    shown = scales.labels(along)
    lies = x is not None and not shown.fit
    figure = go.Figure()
    for at, group in enumerate(along):
        values = [numbers.plotted(one) for one in members[group.key]]
        where = [group.key] * len(values)
        figure.add_trace(
            go.Box(
                name=escaped(shown.full[at]),
                **({"x": values, "y": where} if lies else {"y": values, "x": where}),
                orientation="h" if lies else "v",
                boxpoints="outliers" if len(values) > 5 else "all",
                quartilemethod="linear",
                line={"color": look.series[0], "width": 1.5},
                marker={"color": look.series[0], "size": 4, "opacity": 0.6},
                customdata=[carried(group)] * len(values) if len(values) <= _QUIET_POINTS else None,
                showlegend=False,
                hoverinfo="x" if lies else "y",
            )
        )
    every = [one for values in members.values() for one in values]
    unit = numbers.unit_of(columns[y].name, every)
    digits = ",.2~f" if max(map(abs, every)) >= 1 else ".4~r"
    scale = numbers.axis(every, unit, columns[y].name, log=spec.log) | {"hoverformat": digits}
    labels = {
        "type": "category", "tickvals": [one.key for one in along],
        "ticktext": [escaped(one) for one in shown.short], "tickangle": 0, "showticklabels": x is not None,
    }  # fmt: skip
    if lies:
        figure.update_yaxes(autorange="reversed", showgrid=False, **labels)
        figure.update_xaxes(nticks=6, showgrid=True, showline=False, **scale)
    else:
        figure.update_xaxes(**labels)
        figure.update_yaxes(nticks=6, **scale)
    measure = worded(columns[y].name) + (f" by {worded(columns[x].name, inside=True)}" if x is not None else "")
    height = max(160, 50 + 34 * len(along)) if lies else HEIGHT
    return Drawn(dressed(figure, spec, measure, look, height=height), noted(notes))
