"""Draws a chart's spec with Plotly, in the house's look and with every name and value as text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lib.charts.bars import bars
from lib.charts.heatmap import heatmap
from lib.charts.lines import lines
from lib.charts.picks import picked
from lib.charts.picture import Drawn
from lib.charts.pie import pie
from lib.charts.scatter import scatter
from lib.charts.shape import Rows
from lib.charts.spec import Kind, Spec
from lib.charts.spread import boxes, histogram
from lib.charts.theme import Look, look
from lib.engine.result import Column

__all__ = ["Drawn", "draw", "picked"]

_DRAW: dict[Kind, Callable[[Spec, Sequence[Column], Rows, Look], Drawn]] = {
    "bar": bars,
    "line": lines,
    "area": lines,
    "scatter": scatter,
    "pie": pie,
    "histogram": histogram,
    "box": boxes,
    "heatmap": heatmap,
}


def draw(spec: Spec, columns: Sequence[Column], rows: Sequence[Sequence[Any]], *, dark: bool = False) -> Drawn:
    """The chart of these rows, which are as `Result.rows` gives them.

    No figure for tables and metrics, for specs that do not fit the columns, and where there is nothing to draw, which
    the note then says.
    """
    if spec.kind not in _DRAW or not spec.fits(len(columns)):
        return Drawn(None)
    if not rows:
        return Drawn(None, "The result has no rows to draw.")
    return _DRAW[spec.kind](spec, columns, rows, look(dark))
