"""The axis on which a grid's places stand: of time, of numbers, or of categories whose labels fit."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lib.charts import numbers, times
from lib.charts.folding import Group
from lib.charts.labels import escaped, pixels, shortened, worded
from lib.charts.shape import Grid
from lib.engine.result import Column, Json

NARROW = 325
"""Pixels that a telephone has for the plot."""
_BETWEEN, LONGEST_LABEL = 6, 24


@dataclass(frozen=True)
class Labels:
    """The labels of categories: `short` for the axis, `full` for hovering, both plain text."""

    short: tuple[str, ...]
    full: tuple[str, ...]

    @property
    def fit(self) -> bool:
        """Whether they stand side by side on a telephone."""
        return len(self.short) * (max(map(pixels, self.short), default=0) + _BETWEEN) <= NARROW


def labels(along: Sequence[Group]) -> Labels:
    """The labels of these groups; days and times are written for people, months and weekdays short where need be."""
    moments = [times.moment(one.value) for one in along if one.value is not None and not one.other]
    known = [one for one in moments if one is not None]
    if known and len(known) == len(moments):
        step = times.grain(known)
        full = [times.written(at, step) if (at := times.moment(one.value)) else one.label for one in along]
    else:
        full = [one.label for one in along]
    found = Labels(tuple(shortened(one, LONGEST_LABEL) for one in full), tuple(full))
    if not found.fit and all(times.place_in_calendar(one.value) is not None for one in along):
        return Labels(tuple(one[:3] for one in full), found.full)
    return found


def hovered(found: Grid) -> list[str]:
    """The places along x as hovering writes them, escaped."""
    if found.scale != "time":
        return [escaped(one) for one in labels(found.along).full]
    moments = _moments(found)
    step = times.grain(moments)
    return [times.written(one, step) for one in moments]


def placed(found: Grid) -> list[Json]:
    """Where the places stand, as Plotly takes them."""
    return [_plain(found.places[one.key]) for one in found.along]


def _plain(place: dt.datetime | numbers.Number | str) -> Json:
    return (
        place.isoformat()
        if isinstance(place, dt.datetime)
        else numbers.plotted(place)
        if not isinstance(place, str)
        else place
    )


def _moments(found: Grid) -> list[dt.datetime]:
    return [at for at in found.places.values() if isinstance(at, dt.datetime)]


def axis(found: Grid, column: Column, *, upright: bool = True) -> dict[str, Any]:
    """Plotly's axis for x. Lying categories go from top to bottom, and each has its label."""
    if found.scale == "time":
        return times.axis(_moments(found), times.grain(_moments(found)))
    if found.scale == "number":
        return _of_numbers(found, column)
    shown = labels(found.along)
    keys = [one.key for one in found.along]
    every = 1 if not upright else _every(shown)
    return {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": keys,
        "tickvals": keys[::every],
        "ticktext": [escaped(one) for one in shown.short[::every]],
        "tickangle": 0,
    } | ({} if upright else {"autorange": "reversed"})  # fmt: skip


def _every(shown: Labels) -> int:
    """Each how-manieth label is shown, so that none touches the next one on a telephone."""
    room = max(1, math.floor(NARROW / (max(map(pixels, shown.short), default=0) + _BETWEEN)))
    return math.ceil(len(shown.short) / room) if shown.short else 1


def _of_numbers(found: Grid, column: Column) -> dict[str, Any]:
    values = [at for at in found.places.values() if isinstance(at, int | float)]
    made = numbers.axis(values, numbers.unit_of(column.name, values), column.name)
    if all(float(one).is_integer() for one in values) and max(values) - min(values) <= 7:
        made |= {"dtick": 1}
    return made


def titled(found: Grid, column: Column) -> str:
    """What is written beside the axis of x, escaped: nothing where its labels say what they are."""
    if found.scale == "time" or all(times.place_in_calendar(one.value) is not None for one in found.along):
        return ""
    return escaped(shortened(worded(column.name), 40))
