"""The filters of the board: which columns, and which of their values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator as Place

from lib.board.filters import MOST_VALUES, Filter, Shared, shared
from lib.board.tile import Tile
from lib.ui.inert import plain

_BY = "board-filter-by"
_ENDS = ("from", "to")


def chosen(tiles: Sequence[Tile]) -> tuple[Filter, ...]:
    """Offer the columns that several tiles share; the filters that a person chose."""
    columns = {f"{one.kind}-{one.name}": one for one in shared(tiles)}
    if not columns:
        return ()
    st.session_state[_BY] = [one for one in st.session_state.get(_BY, ()) if one in columns]
    active = len(st.session_state[_BY])
    title = f"Filters ({active})" if active else "Filters"
    with st.expander(title, icon=":material/filter_alt:", type="compact", key="board-filters"):
        names = st.multiselect(
            "Columns that several answers have",
            columns,
            format_func=lambda key: columns[key].name,
            key=_BY,
            persist_state="session",
            placeholder="Choose a column",
        )
        filters = [_filter(columns[name], f"board-filter-{name}") for name in names]
    return tuple(one for one in filters if one is not None)


def _filter(one: Shared, key: str) -> Filter | None:
    if one.kind == "text":
        return _values(one, key)
    if one.low is None or one.high is None:
        st.caption(f"No answer has a value of {plain(one.name)}.")
        return None
    low, high = (_end(one, which, place, f"{key}-{which}") for which, place in zip(_ENDS, st.columns(2), strict=True))
    return Filter(one.name, one.kind, low=low, high=high)


def _end(one: Shared, which: str, place: Place, key: str) -> float | dt.date:
    """One end of a range; at first the one that the values have."""
    label, value = f"{plain(one.name)} {which}", one.low if which == _ENDS[0] else one.high
    if isinstance(value, dt.date):
        day = place.date_input(label, value, dt.date.min, dt.date.max, key=key, persist_state="session")
        return day if isinstance(day, dt.date) else value
    return place.number_input(label, value=value or 0.0, key=key, persist_state="session")


def _values(one: Shared, key: str) -> Filter | None:
    st.session_state[key] = [value for value in st.session_state.get(key, ()) if value in one.values]
    values = st.multiselect(
        plain(one.name),
        one.values,
        format_func=lambda value: "(missing)" if value is None else value,
        key=key,
        persist_state="session",
        placeholder="All values",
    )
    if one.more:
        st.caption(f"The first {MOST_VALUES:,} values can be chosen.")
    return Filter(one.name, one.kind, tuple(values)) if values else None
