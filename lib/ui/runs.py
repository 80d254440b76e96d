"""Whether a script was stopped by a click on Stop.

Streamlit stops a running script in the same way for Stop, for a new run of the page, for another page, and for a tab
that is closed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import streamlit as st
from streamlit.runtime import get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx

LEAVING_SECONDS = 0.6
"""How long it may take until the next run begins, or a session is known to have ended."""
_KEY = "bayan-runs"


@dataclass
class _Runs:
    count: int = 0


def begin() -> None:
    """Say that a page of this tab runs. Called first in every run."""
    _runs().count += 1


def when_stopped(stop: Callable[[], None]) -> Callable[[], None]:
    """What to call where the script was stopped: it calls `stop` unless the tab runs a page again or has gone by then.

    Made before, because a script that was stopped cannot ask for its session any more.
    """
    context, runs = get_script_run_ctx(), _runs()
    session = context.session_id if context else ""
    asked = session, runs, runs.count, stop
    return threading.Thread(target=_stop_if_still, args=asked, name="bayan-stop", daemon=True).start


def _stop_if_still(session: str, runs: _Runs, before: int, stop: Callable[[], None]) -> None:
    until = time.monotonic() + LEAVING_SECONDS
    while runs.count == before and get_instance().is_active_session(session):
        if time.monotonic() > until:
            stop()
            return
        time.sleep(0.05)


def _runs() -> _Runs:
    if _KEY not in st.session_state:
        st.session_state[_KEY] = _Runs()
    return cast(_Runs, st.session_state[_KEY])
