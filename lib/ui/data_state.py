"""What the Data page remembers between two drawings, and how it waits: measuring with Stop, changing with a spinner."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import streamlit as st

from lib.errors import AppError, QueryStopped
from lib.ui.frame import show_error
from lib.ui.inert import plain

_KEY = "bayan-data"
_MOST_KEPT = 30

Found = TypeVar("Found")


@dataclass
class Looking:
    """The page's own state: `show` is the table to show next, `seen` are those listed last, `error` what went wrong."""

    show: str = ""
    seen: tuple[str, ...] | None = None
    error: AppError | None = None
    found: dict[str, tuple[object, Any]] = field(default_factory=dict)
    """What was measured, under its name: what it is about, and the outcome or an AppError."""

    def keep(self, name: str, about: object, outcome: object) -> None:
        """Keep an outcome until it is about something else, or too many others came after it."""
        self.found.pop(name, None)
        self.found[name] = about, outcome
        while len(self.found) > _MOST_KEPT:
            del self.found[next(iter(self.found))]

    def forget(self, name: str) -> None:
        """Measure it again when it is next shown."""
        self.found.pop(name, None)


def looking() -> Looking:
    """The page's state in this tab."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Looking()
    return cast(Looking, st.session_state[_KEY])


def measured(name: str, about: object, steps: Callable[[], Generator[str, None, Found]]) -> Found | None:
    """What the steps find, asked once for `about`; None when they failed or were stopped, which is said."""
    now = looking()
    if name not in now.found or now.found[name][0] != about:
        _follow(name, about, steps())
    outcome = now.found[name][1]
    if isinstance(outcome, AppError):
        if isinstance(outcome, QueryStopped):
            st.caption(outcome.detail)
        else:
            show_error(outcome)
        st.button("Try again", key=f"again-{name}", icon=":material/refresh:", on_click=now.forget, args=(name,))
        return None
    return cast(Found, outcome)


def _follow(name: str, about: object, steps: Generator[str, None, Found]) -> None:
    """Show the steps until their end; Stop and leaving the page end the query with them."""
    now, started = looking(), time.monotonic()
    stopped = QueryStopped("Stopped before it was finished.")
    place = st.empty()
    with place.container(horizontal=True, vertical_alignment="center"):
        status = st.empty()
        st.button(
            "Stop",
            key=f"stop-{name}",
            icon=":material/stop_circle:",
            type="tertiary",
            on_click=now.keep,
            args=(name, about, stopped),
        )
    try:
        with closing(steps):
            while True:
                step = next(steps)
                status.caption(f":shimmer[{plain(step)}] · {time.monotonic() - started:.0f} s")
    except StopIteration as end:
        now.keep(name, about, end.value)
    except AppError as e:
        now.keep(name, about, e)
    place.empty()


def change(doing: str, do: Callable[[], object], show: str = "") -> None:
    """Change the tables and draw the page anew, with the table `show` if one is named; an error is shown then."""
    now = looking()
    with st.spinner(doing):
        try:
            do()
            now.show = show or now.show
        except AppError as e:
            now.error = e
    st.rerun()


def last_error() -> None:
    """Say what the last change met, once."""
    now = looking()
    if now.error is not None:
        show_error(now.error)
        now.error = None
