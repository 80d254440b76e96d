"""What a page does while an answer is under way: redraw at a bearable rate, notice Stop, redraw after it."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib.ui.inert import plain
from lib.ui.session import Session

FRAMES_PER_SECOND = 12


T = TypeVar("T")


class Pace:
    """Lets through at most so many a second: drawings by default."""

    def __init__(self, a_second: float = FRAMES_PER_SECOND) -> None:
        self._least = 1 / a_second
        self._last = 0.0

    def due(self) -> bool:
        now = time.monotonic()
        if now - self._last < self._least:
            return False
        self._last = now
        return True


def watch_other_tabs(state: Session) -> None:
    """Follow an answer that is under way in another tab of the same person."""
    space, revision = state.workspace, state.workspace.history.revision
    redraw_when(lambda: space.closed or space.history.revision != revision)


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


def followed(steps: Generator[str, None, T]) -> T:
    """What the steps return; each of them touches the page, which is where Streamlit lets a click in."""
    place = st.empty()
    with closing(steps):
        while True:
            try:
                place.caption(f":shimmer[{next(steps)}]")
            except StopIteration as end:
                place.empty()
                made: T = end.value
                return made
