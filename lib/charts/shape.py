"""Rows as a grid of marks: places along x, series, and a number for each of both."""

from __future__ import annotations

import datetime as dt
import math
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from lib.charts import moments, times
from lib.charts.folding import OTHER, Group, groups, kept, key_of, natural_order, other
from lib.charts.labels import worded
from lib.charts.names import adds_up
from lib.charts.numbers import Number, number
from lib.charts.spec import Aggregate, Spec
from lib.engine.result import Column, Json
from lib.engine.types import is_day_or_time, is_number

Rows = Sequence[Sequence[Json]]
Scale = Literal["time", "number", "category"]
Place = dt.datetime | Number | str

_ADD: dict[Aggregate, Callable[[Sequence[Number]], Number]] = {
    "sum": lambda values: sum(values) if all(isinstance(one, int) for one in values) else math.fsum(values),
    "mean": lambda values: statistics.fmean(values),
    "median": lambda values: statistics.median(values),
    "min": min,
    "max": max,
    "count": len,
}
_SAYING: dict[Aggregate, str] = {"sum": "their sum", "mean": "their average"}


@dataclass(frozen=True)
class Series:
    """One series of marks: `cells` has a number, or None for a missing one, by the key of its place along x."""

    name: str
    cells: dict[str, Number | None]
    group: Group | None = None
    column: int | None = None


@dataclass(frozen=True)
class Grid:
    """`places` says where each of `along` stands on the axis of x: the group's key where that is one of categories."""

    along: tuple[Group, ...]
    places: dict[str, Place]
    scale: Scale
    series: tuple[Series, ...]
    notes: tuple[str, ...] = ()

    @property
    def values(self) -> list[Number]:
        """All numbers that are there."""
        return [one for series in self.series for one in series.cells.values() if one is not None]

    def totals(self, one: Group) -> list[Number]:
        """The numbers at one place."""
        return [value for series in self.series if (value := series.cells.get(one.key)) is not None]


def grid(
    spec: Spec, columns: Sequence[Column], rows: Rows, *, most: int, most_series: int, shared: Aggregate = "sum"
) -> Grid:
    """The marks of a spec with an x. Along a scale of categories at most `most` stay; the others become one group.

    `shared` is how rows are put together that share a mark although the spec says that none do.
    """
    x = spec.x if spec.x is not None else 0
    along = groups(row[x] for row in rows)
    scale, places = _scaled(spec, columns[x], along)
    gone = [one for one in along if one not in places]
    notes = [_without_place(rows, x, set(gone), columns[x])] if gone else []
    cells, series = _cells(spec, columns, [row for row in rows if key_of(row[x]) in places] if gone else rows)
    how = shared if spec.aggregate == "none" else spec.aggregate
    with_other = spec.aggregate not in ("none", "sum") or all(adds_up(columns[y].name) for y in spec.y)
    if scale == "category":
        cells, along, said = _folded_along(cells, along, most, with_other, how, columns[x].name)
        places = {one: one for one in along}
        notes += said
    cells, series, said = _folded_series(cells, series, most_series, with_other, how, spec, columns)
    notes += said
    put, is_shared = _put_together(spec, cells, how)
    if is_shared:
        notes.append(f"Where several rows share a mark, it shows {_SAYING[shared]}.")
    made = tuple(replace(one, cells=put.get(name, {})) for name, one in series.items())
    found = Grid(tuple(along[one] for one in places), places, scale, made, tuple(notes))
    return replace(found, along=tuple(_sorted(spec, found)))


def _scaled(spec: Spec, column: Column, along: dict[str, Group]) -> tuple[Scale, dict[str, Place]]:
    """What kind of axis x has, and where its values stand there. What has no place on it is left out."""
    present = [one for one in along.values() if one.value is not None and not one.other]
    instants = {one.key: at for one in present if (at := times.moment(one.value))}
    if len(instants) > 1 and (is_day_or_time(column.type) or len(instants) == len(present) == len(along)):
        if _in_order(spec, list(instants.values())):
            return "time", dict(instants)
    elif is_number(column.type):
        found = {one.key: size for one in present if (size := number(one.value, column.type)) is not None}
        sizes = list(found.values())
        if len(found) > 1 and _in_order(spec, sizes) and _is_dense(spec, sizes):
            return "number", dict(found)
    return "category", {one: one for one in along}


def _in_order(spec: Spec, values: Sequence[dt.datetime] | Sequence[Number]) -> bool:
    """Whether x may be drawn in its own order: always for lines, and for bars that are not in another one."""
    if spec.kind in ("line", "area", "heatmap") or spec.sort in ("x", "x_down"):
        return True
    ranked = sorted(values)
    return spec.sort == "given" and list(values) in (ranked, ranked[::-1])


def _is_dense(spec: Spec, values: Sequence[Number]) -> bool:
    """Whether bars at these numbers stand near each other; those of identifiers would be far apart."""
    if spec.kind in ("line", "area"):
        return True
    whole = all(float(one).is_integer() for one in values)
    return whole and max(values) - min(values) < 3 * len(values)


def _without_place(rows: Rows, x: int, gone: set[str], column: Column) -> str:
    number_of = sum(1 for row in rows if key_of(row[x]) in gone)
    have = "1 row has" if number_of == 1 else f"{number_of:,} rows have"
    return f"{have} no place on the axis ({worded(column.name, inside=True)})."


Cells = dict[tuple[str, str], list[Number | None]]


def _cells(spec: Spec, columns: Sequence[Column], rows: Rows) -> tuple[Cells, dict[str, Series]]:
    """The numbers by series and place, and the series in their order."""
    cells: Cells = defaultdict(list)
    series: dict[str, Series] = {}
    x = spec.x if spec.x is not None else 0
    for row in rows:
        place = key_of(row[x])
        if spec.color is not None:
            name = key_of(row[spec.color])
            if name not in series:
                group = Group.of(row[spec.color])
                series[name] = Series(group.label, {}, group, spec.color)
            names = [(name, spec.y[0] if spec.y else None)]
        else:
            names = [(f"column {y}", y) for y in spec.y] or [("rows", None)]
        for name, y in names:
            cells[name, place].append(1 if y is None else number(row[y], columns[y].type))
    if spec.color is None:
        for y in spec.y:
            series[f"column {y}"] = Series(worded(columns[y].name), {}, column=y)
        if not spec.y:
            series["rows"] = Series("Rows", {})
    return cells, series


def _folded_along(
    cells: Cells, along: dict[str, Group], most: int, with_other: bool, how: Aggregate, name: str
) -> tuple[Cells, dict[str, Group], list[str]]:
    sizes = _sizes(how, along, ((place, values) for (_, place), values in cells.items()))
    stay = kept(sizes, most, with_other=with_other)
    left = len(along) - len(stay)
    if not left or OTHER in along:
        return cells, along, []
    shown = {one: group for one, group in along.items() if one in stay}
    if with_other:
        shown[OTHER] = other(left)
        note = (
            f"The {len(stay):,} largest of {len(along):,} groups ({worded(name, inside=True)}) and all others together."
        )
    else:
        note = f"The {len(stay):,} largest of {len(along):,} groups ({worded(name, inside=True)}) are drawn."
    return _renamed(cells, 1, stay, with_other), shown, [note]


def _sizes(how: Aggregate, keys: Iterable[str], parts: Iterable[tuple[str, list[Number | None]]]) -> dict[str, float]:
    """How large each group is: its number, were it drawn alone."""
    found: dict[str, list[Number]] = {one: [] for one in keys}
    for name, values in parts:
        found[name] += [one for one in values if one is not None]
    return {name: abs(float(_ADD[how](values))) if values else 0.0 for name, values in found.items()}


def _folded_series(
    cells: Cells,
    series: dict[str, Series],
    most: int,
    with_other: bool,
    how: Aggregate,
    spec: Spec,
    columns: Sequence[Column],
) -> tuple[Cells, dict[str, Series], list[str]]:
    if len(series) <= most or spec.color is None:
        first = dict(list(series.items())[:most])
        note = f"The first {most} of {len(series)} columns are drawn."
        return cells, first, [note] if len(first) < len(series) else []
    sizes = _sizes(how, series, ((name, values) for (name, _), values in cells.items()))
    stay = kept(sizes, most + with_other, with_other=with_other)
    shown = {name: one for name, one in series.items() if name in stay}
    left = len(series) - len(stay)
    what = f"The {len(stay)} largest of {len(series):,} series ({worded(columns[spec.color].name, inside=True)})"
    if not with_other:
        return _renamed(cells, 0, stay, False), shown, [f"{what} are drawn."] if left else []
    if left and OTHER not in series:
        rest = other(left)
        shown[OTHER] = Series(rest.label, {}, rest, spec.color)
    elif OTHER in series:
        shown[OTHER] = series[OTHER]
    return _renamed(cells, 0, stay, True), shown, [f"{what} and all others together."] if left > 1 else []


def _renamed(cells: Cells, part: Literal[0, 1], stay: set[str], with_other: bool) -> Cells:
    """What does not stay goes to the group of all others, or away."""
    made: Cells = defaultdict(list)
    for (name, place), values in cells.items():
        this = (name, place)[part]
        if this not in stay and not with_other:
            continue
        target = this if this in stay else OTHER
        made[(target, place) if part == 0 else (name, target)].extend(values)
    return made


def _put_together(spec: Spec, cells: Cells, how: Aggregate) -> tuple[dict[str, dict[str, Number | None]], bool]:
    """A number for each mark, and whether rows share one although the spec says that none do."""
    made: dict[str, dict[str, Number | None]] = defaultdict(dict)
    is_shared = False
    for (name, place), values in cells.items():
        present = [one for one in values if one is not None]
        is_shared = is_shared or (spec.aggregate == "none" and len(present) > 1 and OTHER not in (name, place))
        made[name][place] = _ADD[how](present) if present or how == "count" else None
    return made, is_shared


def _sorted(spec: Spec, found: Grid) -> list[Group]:
    """The places along x in the order in which they are drawn, all others at the end."""
    along = list(found.along)
    if found.scale != "category":
        return sorted(along, key=lambda one: found.places[one.key])
    in_calendar = _in_calendar(along)
    if spec.sort in ("value", "value_down"):
        sums = {one.key: math.fsum(found.totals(one)) for one in along}
        along.sort(key=lambda one: sums[one.key], reverse=spec.sort == "value_down")
    elif in_calendar and (spec.sort in ("x", "x_down") or spec.kind in ("line", "area", "heatmap")):
        last = len(in_calendar)
        along.sort(key=lambda one: in_calendar.get(one.key, last), reverse=spec.sort == "x_down")
    elif spec.sort in ("x", "x_down") or (spec.kind == "heatmap" and all(_is_number(one) for one in along)):
        along = natural_order(along)
        along = along[::-1] if spec.sort == "x_down" else along
    return sorted(along, key=lambda one: one.other)


def _in_calendar(along: Sequence[Group]) -> dict[str, int]:
    """The rank of each text in the calendar; empty where one of them names no time."""
    texts = {one.key: str(one.value) for one in along if one.value is not None and not one.other}
    ranks = moments.ranks(set(texts.values()))
    return {key: ranks[text] for key, text in texts.items()} if ranks else {}


def _is_number(one: Group) -> bool:
    return isinstance(one.value, int | float) or one.other
