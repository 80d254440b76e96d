"""The model in use on screen: its badge, and the card that brings the built-in one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import streamlit as st

from lib.errors import SettingError
from lib.llm import builtin, connect
from lib.llm.connect import Models
from lib.llm.usage import Usage
from lib.settings import Settings
from lib.ui.connection import connection
from lib.ui.frame import show_error
from lib.ui.inert import plain

GB = 1e9
NEEDED = "A model has to be ready for this."


def can_answer(settings: Settings) -> bool:
    """Whether a question can be asked now; draws the card of the built-in model when not."""
    if settings.remote:
        return _endpoint_is_usable(settings)
    obstacle = builtin.obstacle(settings)
    if obstacle:
        st.warning(plain(obstacle), icon=":material/computer:")
        return False
    if builtin.is_ready(settings):
        return True
    if settings.llm_builtin == "auto" and builtin.current_fetch() is None:
        builtin.start_fetch(settings)
    _card(settings)
    return False


def is_ready(settings: Settings) -> bool:
    """Whether a question can be asked now; draws nothing."""
    return settings.remote or builtin.is_ready(settings)


def badge(settings: Settings, model: str) -> None:
    """Say which model answers, and where."""
    if settings.remote:
        st.caption(f":material/cloud: {plain(model)} · {plain(connect.endpoint(settings).name)}")
    else:
        st.caption(":material/computer: Built-in model · questions and data stay on this machine")


def models(settings: Settings) -> Iterator[Models | str]:
    """Sentences while the built-in model starts, then the Models, whose answers count as this session's.

    Call it where the page is drawn; what it gives may be walked in any thread, and raises ModelError there.
    """
    return source(settings)()


def source(settings: Settings) -> Callable[[], Iterator[Models | str]]:
    """Gives what `models` gives, as often as it is called, in any thread."""
    return partial(_models, settings, connection().usage)


def _models(settings: Settings, usage: Usage) -> Iterator[Models | str]:
    if settings.remote:
        yield connect.remote(settings, usage)
        return
    serving = builtin.begin(settings)
    while not serving.wait(0.1):
        yield "Starting the built-in model"
    yield connect.local(serving.endpoint(), settings, usage)


def _endpoint_is_usable(settings: Settings) -> bool:
    try:
        connect.endpoint(settings)
    except SettingError as e:
        show_error(e)
        return False
    return True


def _card(settings: Settings) -> None:
    with st.container(border=True, key="builtin-card"):
        st.markdown("**Bayan can run on this machine: one download of 1.1 GB**")
        fetch = builtin.current_fetch()
        if fetch is None or fetch.done:
            st.caption("No key and no account; questions and data then never leave this machine.")
            if fetch is not None and fetch.error is not None:
                show_error(fetch.error)
            if st.button("Download the built-in model", type="primary", key="fetch-model"):
                builtin.start_fetch(settings)
                st.rerun()
        else:
            _progress(fetch)


@st.fragment(run_every=0.5)
def _progress(fetch: builtin.Fetch) -> None:
    if fetch.done:
        st.rerun()
    now = fetch.progress
    share = min(now.bytes_done / now.bytes_total, 1.0) if now.bytes_total else 0.0
    st.progress(share, f"{now.step}: {now.bytes_done / GB:.2f} of {now.bytes_total / GB:.2f} GB{_speed(now)}")
    if st.button("Cancel", key="cancel-fetch"):
        fetch.cancel()


def _speed(now: builtin.Progress) -> str:
    if now.bytes_per_second <= 0:
        return ""
    left = "" if now.seconds_left is None else f", {_time(now.seconds_left)} left"
    return f", {now.bytes_per_second / 1e6:.1f} MB/s{left}"


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
