"""The best spec of each kind that a result can be drawn as."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from lib.charts import axes, names
from lib.charts.columns import Facts, Rows, Shape
from lib.charts.spec import Aggregate, Kind, Sort, Spec
from lib.charts.words import Said, heard
from lib.engine.result import Column

MOST_PARTS = 12
"""Of a pie, also when the question asks for one."""
_FEWEST_TO_SPREAD = 5
_MOST_BOXES = 30
_LONG_LABEL, _MANY_BARS, _MEDIUM_LABEL = 14, 12, 7
_MOST_METRICS = 6


def of_kind(kind: Kind, columns: Sequence[Column], rows: Rows, question: str = "") -> Spec | None:
    """The best chart of this kind, None where the result cannot be drawn so. `rows` are as `Result.rows` gives them."""
    return built(kind, Shape(columns, rows), heard(question))


def built(kind: Kind, shape: Shape, said: Said) -> Spec | None:
    """As `of_kind`, for a result that was looked at and a question that was heard."""
    spec = _BUILDERS[kind](shape, said)
    return spec if spec is not None and spec.fits(len(shape.columns)) else None


def gathered(spec: Spec, columns: Sequence[Column], rows: Rows) -> Spec:
    """The spec with its rows put together where several share a mark: for columns that a person has chosen."""
    if spec.kind not in ("bar", "line", "area", "pie", "heatmap") or spec.aggregate == "count":
        return spec
    shape = Shape(columns, rows)
    if spec.kind == "heatmap":
        number, places = spec.color, (spec.x, *spec.y)
    else:
        number, places = (spec.y[0] if spec.y else None), (spec.x, spec.color)
    if number is None:
        return spec
    found = _aggregate(shape, [shape.columns[number]], *(shape.columns[one] for one in places if one is not None))
    return spec if (found == "none") == (spec.aggregate == "none") else replace(spec, aggregate=found)


def _table(shape: Shape, said: Said) -> Spec:
    return Spec("table", "Shows the rows as they are.")


def _metric(shape: Shape, said: Said) -> Spec | None:
    if not shape.measures:
        return None
    if shape.count == 1:
        earlier = [one for one in shape.measures if names.is_earlier(one.name)]
        shown = [one for one in shape.measures if one not in earlier] or shape.measures
        before = earlier[0].index if len(earlier) == 1 and len(shape.measures) > 1 else None
        reason = f"Shows {_listed(shown)}" + (" beside what it was before." if before is not None else ".")
        return Spec("metric", reason, y=_positions(shown[:_MOST_METRICS]), previous=before)
    time = next((one for one in shape.times if one.unique and not one.cyclic), None)
    shown = axes.drawn(shape, time)
    if time is None or not shown:
        return None
    reason = f"Shows the latest {_name(shown[0])} and how it has changed."
    return Spec("metric", reason, x=time.index, y=(shown[0].index,), sort="x")


def _bar(shape: Shape, said: Said) -> Spec | None:
    found = axes.categories(shape)
    if found is None:
        return None
    x, color = found
    numbers = axes.drawn(shape, x, color)
    if not numbers:
        return _counts(shape, x, said)
    shown = numbers[:1] if color is not None else axes.alike(numbers)
    aggregate = _aggregate(shape, shown, x, *_some(color))
    parts = color is not None and color.role != "time" and shown[0].adds_up
    return Spec(
        "bar",
        _sentence(shown, x, color, aggregate, "for each"),
        x=x.index,
        y=_positions(shown),
        color=_position(color),
        aggregate=aggregate,
        sort=_order_of_bars(x, shown, color, aggregate),
        stacked=_may_stack(shown) and (parts if said.stacked is None else said.stacked),
        horizontal=_lies(x, said),
    )


def _counts(shape: Shape, x: Facts, said: Said) -> Spec | None:
    """Bars that count the rows of each label, where labels come again."""
    if x.distinct == x.present:
        return None
    sort: Sort = "x" if x.at is not None or x.numeric else "value_down"
    reason = f"Shows how many rows there are for each {_name(x)}."
    return Spec("bar", reason, x=x.index, aggregate="count", sort=sort, horizontal=_lies(x, said))


def _line(shape: Shape, said: Said) -> Spec | None:
    return _lines("line", shape)


def _area(shape: Shape, said: Said) -> Spec | None:
    spec = _lines("area", shape)
    if spec is None or not _may_stack([shape.columns[one] for one in spec.y]):
        return None
    several = spec.color is not None or len(spec.y) > 1
    return replace(spec, stacked=several)


def _lines(kind: Kind, shape: Shape) -> Spec | None:
    found = axes.over_time(shape) or axes.categories(shape) or _first_of(axes.points(shape))
    if found is None or found[0].distinct < 2:
        return None
    x, color = found
    numbers = axes.drawn(shape, x, color)
    if not numbers:
        return None
    shown = numbers[:1] if color is not None else axes.of_one_size(numbers)
    aggregate = _aggregate(shape, shown, x, *_some(color))
    ordered = x.at is not None or x.role in ("time", "number")
    return Spec(
        kind,
        _sentence(shown, x, color, aggregate, "over"),
        x=x.index,
        y=_positions(shown),
        color=_position(color),
        aggregate=aggregate,
        sort="x" if ordered else "given",
    )


def _scatter(shape: Shape, said: Said) -> Spec | None:
    found = axes.points(shape)
    if found is None:
        return None
    x, y = found
    groups = (one for one in shape.labels if 1 < one.distinct <= axes.MOST_SERIES)
    color = next(groups, None)
    sizes = (one for one in shape.numbers if one not in (x, y) and 0 <= one.low < one.high and one.adds_up)
    size = next(sizes, None)
    reason = f"Sets {_name(y)} against {_name(x)}" + (f", coloured by {_name(color)}." if color else ".")
    return Spec("scatter", reason, x=x.index, y=(y.index,), color=_position(color), size=_position(size))


def _pie(shape: Shape, said: Said) -> Spec | None:
    counted = [one for one in shape.numbers[:1] if one.unique and len(shape.numbers) > 1]
    labels = [*shape.labels, *shape.times, *shape.identifiers, *counted]
    x = next((one for one in labels if 1 < one.distinct <= MOST_PARTS), None)
    if x is None:
        return None
    numbers = axes.drawn(shape, x)
    if not numbers:
        reason = f"Shows the share of each {_name(x)} in the rows."
        return Spec("pie", reason, x=x.index, aggregate="count", sort="value_down") if not x.unique else None
    number = numbers[0]
    if number.low < 0 or number.high <= 0:
        return None
    aggregate = _aggregate(shape, [number], x)
    sort: Sort = "x" if x.at is not None else "value_down"
    reason = f"Shows the share of each {_name(x)} in {_name(number)}."
    return Spec("pie", reason, x=x.index, y=(number.index,), aggregate=aggregate, sort=sort)


def _histogram(shape: Shape, said: Said) -> Spec | None:
    spread = next((one for one in shape.numbers if one.present >= _FEWEST_TO_SPREAD and one.distinct > 1), None)
    if spread is None:
        return None
    return Spec("histogram", f"Shows how often {_name(spread)} is how large.", x=spread.index)


def _box(shape: Shape, said: Said) -> Spec | None:
    spread = next((one for one in shape.numbers if one.present >= _FEWEST_TO_SPREAD and one.distinct > 1), None)
    if spread is None:
        return None
    groups = (one for one in (*shape.labels, *shape.times, *shape.identifiers) if _is_group(one))
    x = next(groups, None)
    reason = f"Shows how {_name(spread)} spreads" + (f" for each {_name(x)}." if x else ".")
    return Spec("box", reason, x=_position(x), y=(spread.index,), sort="x" if x and x.at is not None else "given")


def _heatmap(shape: Shape, said: Said) -> Spec | None:
    sides = [one for one in (*shape.times, *shape.labels) if one.distinct > 1 and not one.unique]
    if len(sides) < 2:
        return None
    x, y = sides[:2] if sides[0].role == "time" else sorted(sides[:2], key=lambda one: one.distinct)
    number = next(iter(shape.numbers), None)
    aggregate: Aggregate = _aggregate(shape, [number], x, y) if number else "count"
    what = _name(number) if number else "how many rows there are"
    reason = f"Shows {what} for each {_name(x)} and {_name(y)}."
    return Spec("heatmap", reason, x=x.index, y=(y.index,), color=_position(number), aggregate=aggregate, sort="x")


_BUILDERS: dict[Kind, Callable[[Shape, Said], Spec | None]] = {
    "table": _table,
    "metric": _metric,
    "bar": _bar,
    "line": _line,
    "area": _area,
    "scatter": _scatter,
    "pie": _pie,
    "histogram": _histogram,
    "box": _box,
    "heatmap": _heatmap,
}


def _aggregate(shape: Shape, numbers: Sequence[Facts], *marks: Facts) -> Aggregate:
    """How rows that share a mark become one: by the sum of what adds up, by the mean of anything else."""
    if not shape.repeats(*marks):
        return "none"
    return "sum" if all(one.adds_up for one in numbers) else "mean"


def _order_of_bars(x: Facts, shown: Sequence[Facts], color: Facts | None, aggregate: Aggregate) -> Sort:
    """A ranking and labels in their order stay as the query gave them; other labels are ranked."""
    ranked = color is None and aggregate == "none" and shown[0].sorted
    if x.at is not None or x.role in ("time", "number"):
        return "given" if ranked else "x"
    if ranked or (x.sorted and aggregate == "none"):
        return "given"
    return "value_down"


def _may_stack(shown: Sequence[Facts]) -> bool:
    """Negative parts would hide behind positive ones."""
    return all(one.low >= 0 for one in shown)


def _lies(x: Facts, said: Said) -> bool:
    if said.horizontal is not None:
        return said.horizontal
    many = x.distinct > _MANY_BARS and x.length > _MEDIUM_LABEL
    return x.at is None and x.role != "time" and (x.length > _LONG_LABEL or many)


def _first_of(points: tuple[Facts, Facts] | None) -> tuple[Facts, None] | None:
    return (points[0], None) if points else None


def _is_group(column: Facts) -> bool:
    return 1 < column.distinct <= _MOST_BOXES and column.present >= 3 * column.distinct


def _sentence(shown: Sequence[Facts], x: Facts, color: Facts | None, aggregate: Aggregate, joint: str) -> str:
    what = {"none": "", "sum": "the sum of ", "mean": "the average of "}.get(aggregate, "")
    split = f", split by {_name(color)}" if color else ""
    return f"Shows {what}{_listed(shown)} {joint} {_name(x)}{split}."


def _listed(columns: Sequence[Facts]) -> str:
    named = [_name(one) for one in columns]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"


def _name(column: Facts) -> str:
    short = column.name if len(column.name) <= 60 else f"{column.name[:59]}…"
    return short or "a column without a name"


def _some(column: Facts | None) -> list[Facts]:
    return [] if column is None else [column]


def _position(column: Facts | None) -> int | None:
    return None if column is None else column.index


def _positions(columns: Sequence[Facts]) -> tuple[int, ...]:
    return tuple(one.index for one in columns)
