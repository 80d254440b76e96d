"""What a click on a mark means for the table: which values its rows have."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from lib.charts.folding import Group
from lib.charts.spec import Spec
from lib.engine.result import Column, Json


def carried(*parts: Group | Json) -> str:
    """What a mark carries as `customdata`: its values as JSON, exact; empty for one that stands for many others."""
    if any(isinstance(one, Group) and one.other for one in parts):
        return ""
    return json.dumps([one.value if isinstance(one, Group) else one for one in parts])


def picked(spec: Spec, columns: Sequence[Column], points: Sequence[Mapping[str, Any]]) -> tuple[tuple[int, Json], ...]:
    """The (column's position, value) pairs of the points that a person picked, as Streamlit's event gives them.

    Several values of one column are alternatives. `spec` is that of the whole result, also where its reduction was
    drawn. Empty for marks that stand for no value: all others together, and ranges of a histogram.
    """
    where = [one for one in _positions(spec) if one < len(columns)]
    pairs: dict[tuple[int, str], Json] = {}
    for point in points:
        values = _values(point.get("customdata"))
        if len(values) == len(where):
            pairs |= {(at, json.dumps(value)): value for at, value in zip(where, values, strict=True)}
    return tuple((at, value) for (at, _), value in pairs.items())


def _positions(spec: Spec) -> list[int]:
    """The columns whose values a mark of the kind carries, in their order."""
    match spec.kind:
        case "bar" | "line" | "area" | "pie":
            places = (spec.x, spec.color if spec.kind != "pie" else None)
        case "scatter":
            places = (spec.x, spec.y[0], spec.color)  # type: ignore[assignment]
        case "heatmap":
            places = (spec.x, spec.y[0])
        case "box":
            places = (spec.x, None)
        case _:
            return []
    return [one for one in places if one is not None]


def _values(given: Any) -> list[Json]:
    if isinstance(given, list | tuple) and given:
        given = given[0]
    if not isinstance(given, str) or not given:
        return []
    try:
        values = json.loads(given)
    except ValueError:  # a selection may come from a figure that is no longer there
        return []
    return values if isinstance(values, list) else []
