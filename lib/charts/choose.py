"""Chooses a chart for a result: a small spec from types, counts, order and the question's words, never code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lib.charts import axes, names
from lib.charts.columns import Facts, Rows, Shape
from lib.charts.kinds import MOST_PARTS, built
from lib.charts.labels import worded
from lib.charts.spec import Kind, Spec
from lib.charts.words import Aim, Said, heard
from lib.engine.result import Column, Result

MOST_ALTERNATIVES = 4
_MOST_PARTS_UNASKED = 7
"""Slices of a pie are compared less well than bars; beyond these they are hardly told apart."""
_MOST_METRICS, _WIDEST_METRIC = 4, 6
_FEWEST_TO_SPREAD = 12
"""Fewer single numbers are read one by one."""
_MOST_NAMED = 30
"""So many things with a name are shown each with its bar, also where the question speaks of a distribution."""
_LONG_CYCLE = 7
"""A week's days are bars; the months of a year and the hours of a day make a curve."""
_LARGE_GRID = 12
_WIDE_RECORD = 5

_CALLED: dict[Kind, str] = {
    "table": "a table", "metric": "a single number", "bar": "bars", "line": "a line", "area": "an area",
    "scatter": "a scatter", "pie": "a pie", "histogram": "a histogram", "box": "boxes", "heatmap": "a heat map",
}  # fmt: skip
_AIMED: dict[Aim, str] = {
    "trend": "a trend", "share": "shares", "distribution": "a distribution", "relation": "a relation",
    "matrix": "a matrix", "pair": "one against the other", "change": "a change",
}  # fmt: skip
_COUNTED: dict[Kind, tuple[Kind, ...]] = {"bar": ("histogram",)}
_SERVES: dict[Aim, tuple[Kind, ...]] = {
    "trend": ("line",), "share": ("pie", "area"), "distribution": ("histogram", "box"), "relation": ("scatter",),
    "matrix": ("heatmap",), "pair": ("scatter",), "change": ("metric",),
}  # fmt: skip


MOST_SEEN = 10_000
"""Rows that are worth looking at: more would choose the same chart, later."""


def chosen(question: str, result: Result) -> Spec:
    """The chart that shows a result best, of however many rows."""
    return choose(question, result.columns, result.spread(MOST_SEEN))


def choose(question: str, columns: Sequence[Column], rows: Rows) -> Spec:
    """The chart that shows this result best, with the next best kinds; `table` when none does.

    `rows` are the values in the columns' order, as `Result.rows` gives them.
    """
    if not rows:
        return Spec("table", "The result has no rows.")
    shape, said = Shape(columns, rows), heard(question)
    named = _meant(said, shape)
    by_shape = _by_shape(shape)
    wanted = (named,) if named else _served(said.aim, shape, by_shape)
    ranked = dict.fromkeys((*wanted, *by_shape, "table"))
    specs = [spec for spec in (built(kind, shape, said) for kind in ranked) if spec is not None]
    first, *others = specs
    alternatives = tuple(one.kind for one in others[:MOST_ALTERNATIVES])
    reason = _with_left_out(_reason(first, said, shape), first, shape)
    return replace(first, reason=reason, alternatives=alternatives)


def _meant(said: Said, shape: Shape) -> Kind | None:
    """Bars where the question calls them a histogram: counts, or a few numbers, that stand beside their labels."""
    found = axes.categories(shape)
    if said.kind != "histogram" or found is None or shape.repeats(*(one for one in found if one is not None)):
        return said.kind
    counted = any(names.is_count(one.name) for one in shape.numbers)
    return "bar" if counted or said.stacked or shape.count <= _MOST_NAMED else "histogram"


def _served(aim: Aim | None, shape: Shape, by_shape: Sequence[Kind]) -> tuple[Kind, ...]:
    """The kinds that show what the question wants to see, where this result has it."""
    match aim:
        case "trend" if shape.times:
            return ("line",)
        case "share" if by_shape[0] == "line":
            return ("area",) if _is_split(shape) else ()
        case "share" if _has_few_parts(shape):
            return ("pie",) if _may_be_parts(shape) else ("bar", "pie")
        case "distribution" if not shape.numbers:
            return ("bar",)
        case "distribution" if _is_raw(shape):
            return ("box",) if by_shape[0] == "box" else ("histogram",)
        case "pair" if _sets_two_against_each_other(shape):
            return ("scatter",)
        case "relation" if shape.count > 1:
            return ("scatter",)
        case "change" if shape.count == 2 and shape.times:
            return ("metric",)
        case "matrix":
            return ("heatmap",)
    return ()


def _sets_two_against_each_other(shape: Shape) -> bool:
    """Two numbers that do not stand side by side as bars: there are many, or they are of other sizes."""
    pair = shape.numbers[:2]
    few = shape.count < _FEWEST_TO_SPREAD
    return len(pair) == 2 and not shape.times and not (few and len(axes.of_one_size(pair)) == 2)


def _is_split(shape: Shape) -> bool:
    found = axes.over_time(shape)
    return found is not None and found[1] is not None


def _has_few_parts(shape: Shape) -> bool:
    found = axes.categories(shape)
    return found is not None and found[1] is None and 1 < found[0].distinct <= _MOST_PARTS_UNASKED


def _may_be_parts(shape: Shape) -> bool:
    """Whether the numbers can be parts of one whole: shares that do not make it up are no parts of it."""
    numbers = shape.numbers
    return not (numbers and names.is_share(numbers[0].name)) or numbers[0].is_whole_made_of_parts


def _is_raw(shape: Shape) -> bool:
    """Whether the rows are single cases, and too many to be looked at one by one."""
    labels = [*shape.labels, *shape.times]
    named = bool(labels) and not shape.repeats(*labels)
    return shape.count > (_MOST_NAMED if named and len(labels) == 1 else _FEWEST_TO_SPREAD) and not (
        named and len(labels) > 1
    )


def _by_shape(shape: Shape) -> tuple[Kind, ...]:
    """The kinds that suit the result whatever was asked, the best first."""
    if not shape.numbers:
        return _without_numbers(shape)
    if shape.count == 1:
        few = len(shape.numbers) <= _MOST_METRICS and len(shape.columns) <= _WIDEST_METRIC
        return ("metric",) if few else ("table", "metric")
    if axes.coordinates(shape):
        return ("scatter", "bar")
    if _is_a_list(shape):
        return ("table", "line", "bar", "scatter")
    found = axes.categories(shape)
    if found is None:
        return _of_numbers(shape)
    x, color = found
    if x.role == "number":
        return _of_numbers(shape)
    if x.role == "time":
        return _over_time(shape, x, color)
    return _by_label(shape, x) if color is None else _by_labels(shape, x, color)


def _is_a_list(shape: Shape) -> bool:
    """Whether the rows are records as they were written down: each with a number of its own and much about it."""
    keyed = any(one.unique for one in shape.identifiers)
    return keyed and len(shape.columns) >= _WIDE_RECORD and shape.count >= _FEWEST_TO_SPREAD


def _without_numbers(shape: Shape) -> tuple[Kind, ...]:
    if shape.times:
        return ("table", "line", "bar", "scatter")
    return ("table", "scatter", "bar") if len(shape.identifiers) > 1 else ("table", "bar", "pie")


def _over_time(shape: Shape, x: Facts, color: Facts | None) -> tuple[Kind, ...]:
    """Lines, but bars for a ranking of periods and for few of them."""
    ranked = color is None and shape.numbers[0].sorted and not x.sorted
    few = x.distinct <= 2 or (x.cyclic and x.distinct <= _LONG_CYCLE)
    if color is None and x.cyclic and sum(one.cyclic for one in shape.times) > 1:
        return ("heatmap", "bar", "line")
    if color is not None and color.role == "time":
        return ("line", "bar", "heatmap")
    if ranked or few:
        return ("bar", "line", "heatmap") if color is not None else ("bar", "line", "metric")
    if color is not None:
        return ("line", "bar", "area", "heatmap")
    if shape.repeats(x) and not shape.numbers[0].adds_up:
        return ("line", "scatter", "bar", "box")
    return ("line", "bar", "area", "scatter")


def _by_label(shape: Shape, x: Facts) -> tuple[Kind, ...]:
    if _points_come_first(shape, x):
        return ("scatter", "bar", "histogram") if len(shape.numbers) > 1 else ("bar", "scatter", "histogram")
    if shape.repeats(x) and not shape.numbers[0].adds_up and shape.count >= _FEWEST_TO_SPREAD:
        return ("box", "bar", "histogram") if x.role == "label" else ("box", "scatter", "bar")
    if len(shape.numbers) > 1 or x.role == "identifier":
        return ("bar", "scatter", "histogram", "box")
    if _makes_parts(shape.numbers[0], x):
        return ("bar", "pie")
    return ("bar", "histogram", "box")


def _points_come_first(shape: Shape, label: Facts) -> bool:
    """Whether the result begins with two numbers and then says whose they are, as one writes down points."""
    numeric = [one for one in shape.columns if one.role in ("number", "identifier") and one.numeric]
    return label.role == "label" and len(numeric) > 1 and numeric[1].index < label.index and shape.count > 2


def _makes_parts(number: Facts, x: Facts) -> bool:
    whole = number.adds_up or number.is_whole_made_of_parts
    return whole and x.distinct <= _MOST_PARTS_UNASKED


def _by_labels(shape: Shape, x: Facts, color: Facts) -> tuple[Kind, ...]:
    if len(shape.numbers) > 1 and all(_points_come_first(shape, one) for one in (x, color)):
        return ("scatter", "bar", "heatmap")
    if min(x.distinct, color.distinct) > _LARGE_GRID:
        return ("heatmap", "bar", "box")
    return ("bar", "heatmap", "scatter", "box")


def _of_numbers(shape: Shape) -> tuple[Kind, ...]:
    if shape.count < 3:
        return ("table", "scatter", "bar")
    if len(shape.numbers) > 1:
        first, second = shape.numbers[:2]
        if first.unique and first.distinct <= axes.MOST_STEPS and names.is_count(second.name):
            return ("bar", "scatter", "line")
        return ("scatter", "line", "histogram") if first.unique and first.sorted else ("scatter", "histogram", "box")
    return ("histogram", "box") if shape.count >= _FEWEST_TO_SPREAD else ("table", "histogram", "box", "scatter")


def _reason(spec: Spec, said: Said, shape: Shape) -> str:
    """One sentence: what the chart shows, and how far that is what the question asked for."""
    shows = spec.reason.removesuffix(".")
    if said.kind is not None and said.kind in (spec.kind, *_COUNTED.get(spec.kind, ())):
        return f"{shows}, as the question asks for {_CALLED[spec.kind]}."
    if said.kind is not None:
        return f"{shows}: {_obstacle(said.kind, shape)}."
    if spec.kind == "table" and not shape.numbers:
        return f"{shows}: there is no number to draw."
    if said.aim is not None and spec.kind in _SERVES[said.aim]:
        return f"{shows}, as the question asks for {_AIMED[said.aim]}."
    return spec.reason


def _with_left_out(reason: str, spec: Spec, shape: Shape) -> str:
    """The sentence with the numbers that the chart does not show."""
    left = [one for one in shape.numbers if one.index not in spec.columns]
    if not left or not spec.y or spec.kind == "metric":
        return reason
    named = worded(left[0].name, inside=True) if len(left) == 1 else f"{len(left)} other numbers"
    return f"{reason.removesuffix('.')}; {named} {'is' if len(left) == 1 else 'are'} in the table only."


def _obstacle(kind: Kind, shape: Shape) -> str:
    """Why the result cannot be drawn as the question asks."""
    if kind == "pie" and any(one.low < 0 for one in shape.numbers):
        return "a pie has no negative parts"
    parts = max((one.distinct for one in (*shape.labels, *shape.identifiers)), default=0)
    if kind == "pie" and parts > MOST_PARTS:
        return f"{parts:,} parts are too many for a pie"
    return f"this result cannot be drawn as {_CALLED[kind]}"
