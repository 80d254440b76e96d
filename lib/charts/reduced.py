"""A chart with the rows that it is drawn from: the result's own, or what the engine made of all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lib.charts.spec import Spec
from lib.engine.result import Result

if TYPE_CHECKING:
    from lib.charts.draw import Drawn


@dataclass(frozen=True)
class Reduced:
    """What the engine made of all rows of an answer, the spec that fits it, and a sentence that says how."""

    spec: Spec
    result: Result
    note: str


def paint(spec: Spec, result: Result, reduced: Reduced | None, *, dark: bool = False) -> Drawn:
    """The chart of a result, from what was made of all its rows where that was needed."""
    from lib.charts.draw import draw  # with Plotly, which is slow to import

    if reduced is None:
        return draw(spec, result.columns, result.rows(), dark=dark)
    drawn = draw(reduced.spec, reduced.result.columns, reduced.result.rows(), dark=dark)
    return replace(drawn, note=f"{reduced.note} {drawn.note}".strip())
