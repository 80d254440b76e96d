"""How the pages look in this session: the size of the text and the width of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import streamlit as st

_KEY = "bayan-appearance"
_SIZES: Mapping[str, int] = {"Normal": 100, "Large": 115, "Larger": 130}
_WIDTHS = ("Normal", "Wide")


@dataclass
class Appearance:
    """What was chosen; the names are those on the page."""

    size: str = "Normal"
    width: str = "Normal"


def wide() -> bool:
    """Whether every page is to fill the window."""
    return _chosen().width == "Wide"


def style() -> str:
    """CSS for the text's size; Streamlit measures everything in the size of the root's text."""
    return f"<style>html {{ font-size: {_SIZES[_chosen().size]}%; }}</style>"


def choose() -> None:
    """The choices, for this session."""
    now = _chosen()
    size, width = st.columns(2)
    size.radio(
        "Text size", list(_SIZES), list(_SIZES).index(now.size), key="look-size", on_change=_take, horizontal=True
    )
    width.radio("Page width", _WIDTHS, _WIDTHS.index(now.width), key="look-width", on_change=_take, horizontal=True)
    st.caption("Light and dark follow your system; the menu at the top right changes them for this browser.")


def _take() -> None:
    st.session_state[_KEY] = Appearance(st.session_state["look-size"], st.session_state["look-width"])


def _chosen() -> Appearance:
    return cast(Appearance, st.session_state.get(_KEY, Appearance()))
