"""How the pages look in this session: the size of the text and the width of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import streamlit as st

_KEY = "bayan-appearance"
_SIZES: Mapping[str, int] = {"Normal": 100, "Large": 115, "Larger": 130}
_WIDTHS = ("Normal", "Wide")

# Streamlit's faded text, its red words and its colours of code are too pale to read for many: here they are mixed with
# the colour of the text around, which stands out on a light page and on a dark one. What has no room breaks its lines:
# it would scroll, and no key reaches that.
_LEGIBLE = """
[data-testid="stCaptionContainer"], [data-testid="stExpander"] summary { opacity: 0.8 !important; }
[data-testid="stSliderThumbValue"], button[data-selected="true"], button[kind="tertiary"]:enabled {
    color: inherit !important;
}
button[kind="tertiary"]:enabled:is(:hover, :focus-visible) p { text-decoration: underline; }
.stCode code .token.token { color: color-mix(in srgb, var(--ink, currentColor) 50%, currentColor); }
.token:is(.keyword, .tag, .function, .class-name, .selector, .builtin) { --ink: #1c83e1; }
.token:is(.string, .char, .attr-value, .inserted) { --ink: #09ab3b; }
.token:is(.number, .boolean, .constant, .property, .variable, .symbol) { --ink: #29b09d; }
.token:is(.operator, .entity, .url, .decorator, .atrule, .regex) { --ink: #ed6f13; }
.token:is(.important, .deleted) { --ink: #ff4b4b; }
.token.comment { --ink: #808495; }
.stCode :is(pre, code, code *) { white-space: pre-wrap !important; overflow-wrap: anywhere; }
[data-testid="stTable"] :is(th, td) * { overflow: visible !important; overflow-wrap: anywhere !important; }
"""


@dataclass
class Appearance:
    """What was chosen; the names are those on the page."""

    size: str = "Normal"
    width: str = "Normal"


def wide() -> bool:
    """Whether every page is to fill the window."""
    return _chosen().width == "Wide"


def style() -> str:
    """CSS for the text's size and colours; Streamlit measures everything in the size of the root's text."""
    return f"<style>html {{ font-size: {_SIZES[_chosen().size]}%; }}{_LEGIBLE}</style>"


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
