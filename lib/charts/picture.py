"""What every chart has: the figure with its note, and the block above it that says what is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from lib.charts.labels import wrapped
from lib.charts.spec import Spec
from lib.charts.theme import Look, template

HEIGHT = 380
"""In pixels: low enough that the SQL and the chart are seen together."""
TITLE_LETTERS, MEASURE_LETTERS = 42, 52
"""The longest lines above a chart that a telephone shows."""
_TITLE_LINE, _MEASURE_LINE, _GAP = 20, 18, 14


@dataclass(frozen=True)
class Drawn:
    """A figure, None for kinds that are none (table, metric); `note` says what of the result it does not show."""

    figure: go.Figure | None
    note: str = ""


def dressed(
    figure: go.Figure, spec: Spec, measure: str, look: Look, *, height: float = HEIGHT, legend: bool = False
) -> go.Figure:
    """The figure in the house's look. Above it stand the spec's title, what is measured, and the legend.

    All of the block is placed in pixels from the top, because Plotly reserves room for a legend but for no title;
    and it puts the first of several lines higher than a single one.
    `height` is that of the plot with its ticks, to which the block's is added.
    """
    title = wrapped(spec.title, TITLE_LETTERS)
    said = wrapped(measure, MEASURE_LETTERS, 2)
    block = _TITLE_LINE * len(title) + _MEASURE_LINE * len(said)
    lines = [f'<span style="font-size:15px"><b>{line}</b></span>' for line in title]
    lines += [f'<span style="font-size:13px">{line}</span>' for line in said]
    top = block + _GAP
    whole = height + block
    figure.update_layout(
        template=template(look),
        height=whole,
        showlegend=legend,
        margin={"l": 6, "r": 14, "t": top, "b": 8, "pad": 0},
        title={
            "text": "<br>".join(lines),
            "x": 0, "xref": "container", "xanchor": "left",
            "y": 1, "yref": "container", "yanchor": "top", "pad": {"l": 6, "t": 7 if len(lines) < 2 else 16},
            "font": {"size": 13},
        },
    )  # fmt: skip
    if legend:
        figure.update_layout(
            legend={
                "orientation": "h", "traceorder": "normal",
                "x": 0, "xref": "container", "xanchor": "left",
                "y": 1 - (block + 6) / whole, "yref": "container", "yanchor": "top",
            }
        )  # fmt: skip
    return figure


def noted(notes: Iterable[str]) -> str:
    """The notes as one text, each said once."""
    return " ".join(dict.fromkeys(filter(None, notes)))


def nothing(columns: Sequence[str]) -> Drawn:
    """For columns in which there is nothing to draw."""
    return Drawn(None, f"There is no number to draw in {' and '.join(columns)}.")
