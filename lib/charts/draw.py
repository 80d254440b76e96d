"""Draws a chart's spec with Plotly. Names and labels from data are shown as they are, never as markup."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from lib.charts.spec import Spec
from lib.engine.result import Column

MOST_BARS = 50
MOST_POINTS = 20_000
_LONG_LABEL = 14
_HEIGHT, _BAR_HEIGHT = 380, 26
"""In pixels: low enough that the SQL and the chart are seen together."""


@dataclass(frozen=True)
class Drawn:
    """A figure, None for kinds that are none (table, metric); `note` says what of the result it does not show."""

    figure: go.Figure | None
    note: str = ""


def draw(spec: Spec, columns: Sequence[Column], rows: Sequence[Sequence[Any]], *, dark: bool = False) -> Drawn:
    """The chart of these rows, which are as `Result.rows` gives them."""
    if spec.kind not in ("bar", "line", "scatter") or spec.x is None:
        return Drawn(None)
    names, every = [one.name for one in columns], rows
    rows = rows[: MOST_BARS if spec.kind == "bar" else MOST_POINTS]
    if spec.kind == "line":
        x = spec.x
        rows = sorted((row for row in rows if row[x] is not None), key=lambda row: str(row[x]))
    figure = go.Figure()
    for name, y, part in _series(spec, names, rows):
        figure.add_trace(_trace(spec, name, [row[spec.x] for row in part], [row[y] for row in part]))
    note = f"The first {len(rows):,} of {len(every):,} rows are drawn." if len(rows) < len(every) else ""
    return Drawn(_dressed(figure, spec, spec.x, names, rows), note)


def _series(
    spec: Spec, names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> list[tuple[str, int, list[Sequence[Any]]]]:
    """(name, y column, rows) of each trace: one a column of y, or one a value of the colour column."""
    color = spec.color
    if color is None:
        return [(names[y], y, list(rows)) for y in spec.y]
    values = dict.fromkeys(row[color] for row in rows)
    return [(str(v), spec.y[0], [row for row in rows if row[color] == v]) for v in values]


def _trace(spec: Spec, name: str, x: list[Any], y: list[Any]) -> go.Bar | go.Scatter:
    name = html.escape(name, quote=False)
    x = [_label(value) for value in x]
    if spec.kind == "bar":
        return go.Bar(name=name, x=y, y=x, orientation="h") if _sideways(x) else go.Bar(name=name, x=x, y=y)
    if spec.kind == "line":
        return go.Scatter(name=name, x=x, y=y, mode="lines+markers" if len(x) <= 60 else "lines")
    kind = go.Scattergl if len(x) > 1_000 else go.Scatter
    return kind(name=name, x=x, y=y, mode="markers")


def _label(value: Any) -> Any:
    if value is None:
        return "(missing)"
    return html.escape(value, quote=False) if isinstance(value, str) else value


def _sideways(labels: Sequence[Any]) -> bool:
    return any(isinstance(label, str) and len(label) > _LONG_LABEL for label in labels)


def _dressed(figure: go.Figure, spec: Spec, x: int, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> go.Figure:
    x_title = html.escape(names[x], quote=False)
    y_title = html.escape(names[spec.y[0]], quote=False) if len(spec.y) == 1 else ""
    labels, height = {row[x] for row in rows}, _HEIGHT
    if spec.kind == "bar" and _sideways([row[x] for row in rows]):
        x_title, y_title = y_title, x_title
        figure.update_yaxes(autorange="reversed", type="category")
        height = max(_HEIGHT, 90 + _BAR_HEIGHT * len(labels))
    elif spec.kind == "bar":
        figure.update_xaxes(type="category")
    figure.update_xaxes(title=x_title, automargin=True)
    figure.update_yaxes(title=y_title, automargin=True)
    return figure.update_layout(
        height=height,
        showlegend=len(figure.data) > 1,
        margin={"l": 10, "r": 10, "t": 30, "b": 10},
        barmode="group",
    )
