"""What a page does while an answer is under way: redraw at a bearable rate, notice Stop, redraw after it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import streamlit as st

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

    Draw this before the answer; a run of the whole page without it ends the watch.
    """
    if over():
        st.rerun()


def suggestions(texts: Iterable[str], key: str) -> str | None:
    """Questions to click on, gone as soon as one was taken."""
    place = st.empty()
    chosen = place.pills("Try one of these", list(texts), format_func=plain, key=key)
    if chosen:
        place.empty()
    return chosen
