"""How many sessions there are: tabs in which a page was drawn, until they are closed."""

from __future__ import annotations

import secrets
import threading

import streamlit as st

from lib.serving import log

_lock = threading.Lock()
_here: set[str] = set()


def come() -> None:
    """Count this tab, once."""
    _visit()


def count() -> int:
    """The sessions of this server."""
    with _lock:
        return len(_here)


def _leave(visit: str) -> None:
    with _lock:
        _here.discard(visit)
    log.event("session_closed", sessions=count())


@st.cache_resource(scope="session", on_release=_leave, show_spinner=False)
def _visit() -> str:
    visit = secrets.token_hex(8)
    with _lock:
        _here.add(visit)
    log.event("session_opened", sessions=count())
    return visit
