"""Which columns of a result make up a chart: the axis, the number on it, the series."""

from __future__ import annotations

from collections.abc import Sequence

from lib.charts import names
from lib.charts.columns import Facts, Shape

MOST_SERIES = 12
"""More colours are not told apart; drawing puts the others together."""
MOST_NUMBERS = 4
MOST_STEPS = 30
"""Different values of a number that are still an axis of bars."""
_ALIKE = 20


def over_time(shape: Shape) -> tuple[Facts, Facts | None] | None:
    """The time axis and what splits it into series.

    Years and months in columns of their own become a line for each year.
    """
    if not shape.times:
        return None
    time = shape.times[0]
    if time.unique:
        return time, None
    for cycle in shape.times[1:]:
        if cycle.cyclic and not time.cyclic and time.distinct <= MOST_SERIES:
            return cycle, time
    return time, _series(shape, time)


def by_label(shape: Shape) -> tuple[Facts, Facts | None] | None:
    """The categories and what splits each of them: the finer label is the axis, because colours are few."""
    labels = shape.labels or shape.identifiers
    if not labels:
        return None
    things = [one for one in labels if one.unique]
    if things:
        return things[0], None
    first, *others = labels
    for one in others:
        if first.distinct < one.distinct and 1 < first.distinct <= MOST_SERIES < one.distinct:
            return one, first
    axis = first if first.distinct > 1 else max(labels, key=lambda one: one.distinct)
    return axis, _series(shape, axis)


def categories(shape: Shape) -> tuple[Facts, Facts | None] | None:
    """What bars stand for: points in time unless each row is a thing with a name, and else labels or whole numbers."""
    named = any(one.unique for one in shape.labels)
    in_order = any(one.unique and one.sorted for one in shape.times)
    if shape.times and (in_order or not named):
        return over_time(shape)
    return by_label(shape) or _by_number(shape)


def _by_number(shape: Shape) -> tuple[Facts, None] | None:
    """A number of few values that another one is measured for."""
    first = next(iter(shape.numbers), None)
    return (first, None) if first and len(shape.numbers) > 1 and first.distinct <= MOST_STEPS else None


def drawn(shape: Shape, *used: Facts | None) -> list[Facts]:
    """The numbers that are left, the first of them first."""
    return [one for one in shape.measures if one not in used]


def of_one_size(numbers: Sequence[Facts]) -> list[Facts]:
    """The first number and those of its size: others would lie flat beside it."""
    first = _largest(numbers[0])
    kin = [one for one in numbers if first and 1 / _ALIKE <= _largest(one) / first <= _ALIKE]
    return kin[:MOST_NUMBERS] or list(numbers[:1])


def alike(numbers: Sequence[Facts]) -> list[Facts]:
    """Those of its size that are also of its kind: bars of amounts and of averages are not set side by side."""
    kin = of_one_size(numbers)
    return [one for one in kin if one.adds_up == numbers[0].adds_up]


def points(shape: Shape) -> tuple[Facts, Facts] | None:
    """The two columns that a scatter sets against each other, in the result's order."""
    on_a_map = coordinates(shape)
    if on_a_map:
        return on_a_map
    pair = shape.numbers[:2]
    for others in (shape.times, [one for one in shape.identifiers if one.numeric]):
        pair += others[: 2 - len(pair)]
    if len(pair) < 2:
        return None
    x, y = sorted(pair, key=lambda one: (one.role != "time", one.index))
    return (x, y) if y.numeric else None


def coordinates(shape: Shape) -> tuple[Facts, Facts] | None:
    """The degrees of longitude, which lie across, and those of latitude."""
    east = [one for one in shape.numbers if names.is_longitude(one.name)]
    north = [one for one in shape.numbers if names.is_latitude(one.name)]
    return (east[0], north[0]) if east and north else None


def _series(shape: Shape, axis: Facts) -> Facts | None:
    """The label that splits the axis into the fewest marks that overlap; few series are better than many."""
    if axis.unique:
        return None
    others = [one for one in shape.labels if one is not axis and one.distinct > 1 and not one.unique]
    few = [one for one in others if one.distinct <= MOST_SERIES]
    return next(iter(few or others), None)


def _largest(column: Facts) -> float:
    return max(abs(column.low), abs(column.high))
