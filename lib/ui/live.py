"""What a page does while an answer is under way: redraw at a bearable rate, notice Stop, redraw after it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib.ui.inert import plain

FRAMES_PER_SECOND = 12


class Pace:
    """Lets a drawing through at most `FRAMES_PER_SECOND` times a second."""

    def __init__(self) -> None:
        self._last = 0.0

    def due(self) -> bool:
        now = time.monotonic()
        if now - self._last < 1 / FRAMES_PER_SECOND:
            return False
        self._last = now
        return True


@st.fragment(run_every=1.0)
def redraw_when(over: Callable[[], bool]) -> None:
    """Draw the page anew once `over()`: Stop ends a script without another run of it.

    Draw this before the answer is waited for, and below what should keep its place; a run of the whole page
    without it ends the watch.
    """
    if over():
        st.rerun()


def suggestions(place: DeltaGenerator, texts: Iterable[str], key: str, take: Callable[[str], None]) -> None:
    """Questions to click on; a click hands the question to `take` before the page is drawn anew."""
    with place.container():
        st.caption("Try one of these")
        for number, text in enumerate(texts):
            st.button(plain(text), key=f"{key}-{number}", on_click=take, args=(text,))


def stop_button(key: str) -> None:
    """A button whose click is enough: Streamlit ends the running script for it, and with it the answer."""
    st.button("Stop", key=key, icon=":material/stop_circle:", type="tertiary")
