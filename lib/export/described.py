"""A chart in words, for who cannot see it: its kind, its axes, and what stands out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lib.asking.checks.finding import listed, shown
from lib.charts.spec import Kind, Spec
from lib.data.table import counted
from lib.engine.result import Column
from lib.export.cell_text import rounded

_NAMES: dict[Kind, str] = {
    "bar": "Bar chart",
    "line": "Line chart",
    "area": "Area chart",
    "scatter": "Scatter plot",
    "pie": "Pie chart",
    "histogram": "Histogram",
    "box": "Box plot",
    "heatmap": "Heat map",
}


def described(spec: Spec, columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> str:
    """A few sentences about the chart of these rows, for any kind that has a figure."""
    names = [shown(one.name) or "unnamed" for one in columns]
    said = [f"{_NAMES.get(spec.kind, 'Chart')} of {_axes(spec, names)}; {counted(len(rows), 'row')}."]
    if spec.aggregate == "none":
        said += _extremes(spec, names, rows)
    return " ".join(said)


def _axes(spec: Spec, names: Sequence[str]) -> str:
    x = "" if spec.x is None else names[spec.x]
    if spec.kind == "histogram":
        return x
    numbers = listed([names[one] for one in spec.y]) if spec.y else "rows"
    if spec.aggregate != "none":
        numbers = f"{spec.aggregate} of {numbers}"
    words = f"{numbers} {'against' if spec.kind == 'scatter' else 'by'} {x}" if x else numbers
    if spec.color is None:
        return words
    return f"{words} and {names[spec.color]}" if spec.kind == "heatmap" else f"{words}, for each {names[spec.color]}"


def _extremes(spec: Spec, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """What stands out among the numbers of the first series of columns."""
    number = spec.x if spec.kind == "histogram" else next(iter(spec.y), None)
    if number is None:
        return []
    found = [row for row in rows if isinstance(row[number], int | float)]
    if not found:
        return []
    least, most = (of(found, key=lambda row: row[number]) for of in (min, max))
    if spec.kind in ("histogram", "scatter", "box") or spec.x is None:
        return [f"{names[number]} goes from {rounded(least[number])} to {rounded(most[number])}."]
    at = [x for x in (spec.x, spec.color) if x is not None]
    said = [f"Largest {names[number]}: {_mark(most, at, number)}."]
    return said if least is most else [*said, f"Smallest: {_mark(least, at, number)}."]


def _mark(row: Sequence[Any], at: Sequence[int], number: int) -> str:
    return f"{rounded(row[number])} ({', '.join(_value(row[one]) for one in at)})"


def _value(value: Any) -> str:
    if value is None:
        return "missing"
    return shown(rounded(value) if isinstance(value, float) else value)
