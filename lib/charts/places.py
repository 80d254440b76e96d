"""Which columns of a result may take which part of a chart: what a person who changes a chart chooses from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lib.charts.columns import Facts, Rows, Shape
from lib.charts.kinds import MOST_PARTS
from lib.charts.spec import Kind
from lib.engine.result import Column

MOST_COLORS = 50
"""Different values of a column that may split a chart; drawing puts those beyond its palette together."""


@dataclass(frozen=True)
class Places:
    """The positions of the columns that may be each part; empty for a part that the kind has not.

    A kind that draws nothing without `y` cannot be drawn where `y` is empty; `color` and `size` are always optional.
    """

    x: tuple[int, ...] = ()
    y: tuple[int, ...] = ()
    color: tuple[int, ...] = ()
    size: tuple[int, ...] = ()


def places(kind: Kind, columns: Sequence[Column], rows: Rows) -> Places:
    """What each part of a chart of this kind may be, in the result's order. `rows` are as `Result.rows` gives them."""
    shown = [one for one in Shape(columns, rows).columns if one.role != "other"]
    every, numbers = _positions(shown), _positions(one for one in shown if one.numeric)
    labels = [one for one in shown if one.role != "number"]
    times = [one for one in shown if one.role == "time"]
    splits = _positions(one for one in labels if 1 < one.distinct <= MOST_COLORS)
    match kind:
        case "table":
            return Places()
        case "metric":
            return Places(x=_positions(times), y=numbers)
        case "bar" | "line" | "area":
            return Places(x=every, y=numbers, color=splits)
        case "scatter":
            across = _positions(one for one in shown if one.numeric or one.role == "time")
            return Places(x=across, y=numbers, color=splits, size=_positions(one for one in shown if _may_size(one)))
        case "pie":
            parts = _positions(one for one in shown if 1 < one.distinct <= MOST_PARTS)
            return Places(x=parts, y=_positions(one for one in shown if one.numeric and one.low >= 0 < one.high))
        case "histogram":
            return Places(x=numbers, color=splits)
        case "box":
            return Places(x=_positions(labels), y=numbers)
        case "heatmap":
            return Places(x=_positions(labels), y=_positions(labels), color=numbers)


def _may_size(column: Facts) -> bool:
    return column.role == "number" and 0 <= column.low < column.high


def _positions(columns: Iterable[Facts]) -> tuple[int, ...]:
    return tuple(one.index for one in columns)
