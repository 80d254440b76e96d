"""A chart with the rows that it is drawn from: the result's own, or what the engine made of all of them."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lib.charts.spec import Spec
from lib.engine.result import Result

if TYPE_CHECKING:
    from lib.charts.draw import Drawn

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reduced:
    """What the engine made of all rows of an answer, the spec that fits it, and a sentence that says how."""

    spec: Spec
    result: Result
    note: str


def paint(spec: Spec, result: Result, reduced: Reduced | None, *, dark: bool = False) -> Drawn:
    """The chart of a result, from what was made of all its rows where that was needed."""
    if reduced is None:
        return _drawn(spec, result, dark)
    drawn = _drawn(reduced.spec, reduced.result, dark)
    return replace(drawn, note=f"{reduced.note} {drawn.note}".strip())


def _drawn(spec: Spec, result: Result, dark: bool) -> Drawn:
    """The figure; without one, and with a sentence, where a value is such that it cannot be drawn.

    Every value should be drawn, but whatever one of them does, the answer and the page around it have to stay.
    """
    from lib.charts.draw import Drawn, draw  # with Plotly, which is slow to import

    try:
        return draw(spec, result.columns, result.rows(), dark=dark)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        _log.exception("a chart of the kind %s could not be drawn", spec.kind)
        return Drawn(None, "These values cannot be drawn in this way; choose another kind of chart.")
