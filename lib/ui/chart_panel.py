"""The panel under a chart: its kind, columns, order and title, changed by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from lib.charts.choose import MOST_SEEN
from lib.charts.kinds import of_kind
from lib.charts.places import Places, places
from lib.charts.spec import KINDS, SORTS, Kind, Sort, Spec

if TYPE_CHECKING:
    from lib.engine.result import Result

LONGEST_TITLE = 200
_NONE = -1
"""Instead of a column's position; None would give the box a button that empties it."""

_KINDS: dict[Kind, str] = {
    "table": "Table only",
    "metric": "Number",
    "bar": "Bars",
    "line": "Line",
    "area": "Area",
    "scatter": "Points",
    "pie": "Pie",
    "histogram": "Histogram",
    "box": "Box plot",
    "heatmap": "Heatmap",
}
_SORTS: dict[Sort, str] = {
    "given": "As in the table",
    "x": "By label",
    "x_down": "By label, from the end",
    "value": "Smallest first",
    "value_down": "Largest first",
}
_SORTED: tuple[Kind, ...] = ("bar", "pie", "heatmap", "box")
_STACKED: tuple[Kind, ...] = ("bar", "area")
_SEVERAL: tuple[Kind, ...] = ("bar", "line", "area", "metric")
_LOGARITHMIC: tuple[Kind, ...] = ("bar", "line", "scatter", "histogram", "box")


def show(spec: Spec, result: Result, question: str, key: str, change: Callable[[Spec], None]) -> None:
    """A panel that is closed at first; `change` gets the spec as a person made it."""
    with st.expander("Change the chart", key=f"panel-{key}", type="compact", on_change="rerun") as panel:
        if panel.open:
            _Panel(spec, result, question, f"{key}-{spec.kind}", change).draw()


class _Panel:
    """The widgets. Their keys hold the kind: a chart of another kind begins with its own choices."""

    def __init__(self, spec: Spec, result: Result, question: str, key: str, change: Callable[[Spec], None]) -> None:
        self._spec, self._question, self._key, self._change = spec, question, key, change
        self._columns, self._rows = result.columns, result.spread(MOST_SEEN)

    def draw(self) -> None:
        spec = self._spec
        can = places(spec.kind, self._columns, self._rows)
        with st.container(horizontal=True):
            self._kind()
            self._column("x", "Across", can.x, spec.x)
            self._y(can)
            self._column("color", "Colour", (_NONE, *can.color), spec.color)
            if spec.kind == "scatter":
                self._column("size", "Size", (_NONE, *can.size), spec.size)
            if spec.kind in _SORTED:
                self._select("sort", "Order", SORTS, spec.sort, _SORTS.__getitem__)
        with st.container(horizontal=True, vertical_alignment="center"):
            if spec.kind in _STACKED:
                self._toggle("stacked", "Stacked", spec.stacked)
            if spec.kind in _LOGARITHMIC:
                self._toggle("log", "Log scale", spec.log)
            if spec.kind == "bar":
                self._toggle("horizontal", "Lying bars", spec.horizontal)
        if spec.kind != "table":
            key = f"chart-title-{self._key}"
            st.text_input("Title", spec.title, LONGEST_TITLE, key=key, on_change=self._take, args=("title", key))

    def _kind(self) -> None:
        drawable = [one for one in KINDS if one == self._spec.kind or self._of(one)]
        key = f"chart-kind-{self._key}"
        st.selectbox("Kind", drawable, drawable.index(self._spec.kind), _KINDS.__getitem__, key, width=150,
                     on_change=self._become, args=(key,))  # fmt: skip

    def _of(self, kind: Kind) -> Spec | None:
        return of_kind(kind, self._columns, self._rows, self._question)

    def _become(self, key: str) -> None:
        if spec := self._of(st.session_state[key]):
            self._change(replace(spec, title=self._spec.title))

    def _column(self, field: str, label: str, options: Sequence[int], now: int | None) -> None:
        if len(options) > 1 or (options and now is None):
            self._select(field, label, options, _NONE if now is None else now, self._name)

    def _y(self, can: Places) -> None:
        if len(can.y) < 2:
            return
        key = f"chart-y-{self._key}"
        if self._spec.kind in _SEVERAL:
            st.multiselect("Values", can.y, self._spec.y, self._name, key, width=260,
                           on_change=self._take_y, args=(key,))  # fmt: skip
        else:
            st.selectbox("Value", can.y, can.y.index(self._spec.y[0]), self._name, key, width=150,
                         on_change=self._take_y, args=(key,))  # fmt: skip

    def _name(self, position: int) -> str:
        return "None" if position == _NONE else self._columns[position].name or "unnamed"

    def _select(self, field: str, label: str, options: Sequence[Any], now: Any, named: Callable[[Any], str]) -> None:
        key = f"chart-{field}-{self._key}"
        choices = list(options) if now in options else [now, *options]
        st.selectbox(label, choices, choices.index(now), named, key, width=150, on_change=self._take, args=(field, key))

    def _toggle(self, field: str, label: str, now: bool) -> None:
        key = f"chart-{field}-{self._key}"
        st.toggle(label, now, key, on_change=self._take, args=(field, key))

    def _take(self, field: str, key: str) -> None:
        chosen: Any = st.session_state[key]
        taken: dict[str, Any] = {field: None if chosen == _NONE else chosen}
        self._change(replace(self._spec, **taken))

    def _take_y(self, key: str) -> None:
        chosen = st.session_state[key]
        y = tuple(chosen) if isinstance(chosen, list) else (chosen,)
        if y:
            self._change(replace(self._spec, y=y))
