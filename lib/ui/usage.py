"""What models are asked for and what that takes: the endpoint's limits as they are now, and this session's usage."""

from __future__ import annotations

import streamlit as st

from lib.errors import SettingError
from lib.llm import builtin, connect
from lib.llm.limits import limiter
from lib.llm.usage import Spent
from lib.settings import Settings
from lib.ui.connection import connection
from lib.ui.inert import plain
from lib.ui.visitor import for_others

GB = 1e9
_STAGES = {
    "absent": "not downloaded",
    "downloading": "being downloaded",
    "ready": "downloaded, starts with the first question",
    "starting": "starting",
    "serving": "running",
}


@st.fragment(run_every=1.0)
def limits_and_usage(settings: Settings) -> None:
    """Both, drawn anew every second as long as the page is open."""
    _limits(settings)
    _usage(connection().usage.spent())


@st.fragment(run_every=2.0)
def builtin_state(settings: Settings) -> None:
    """How far the built-in model is, its memory and speed; and the button that ends it, on one's own machine."""
    now = builtin.state(settings)
    speed = next(
        (
            one.tokens_per_second
            for one in connection().usage.spent()
            if one.model == builtin.MODEL_ID and one.tokens_per_second
        ),
        0.0,
    )
    said = [_STAGES[now.stage]]
    if now.memory:
        said.append(f"{now.memory / GB:.1f} GB of memory")
    if speed:
        said.append(f"{speed:.1f} tokens a second in your last answer")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f":material/computer: Built-in model: {' · '.join(said)}")
        if now.stage in ("starting", "serving") and not for_others(settings):
            st.button("Stop the built-in model", key="stop-builtin", type="tertiary", on_click=builtin.stop)


def _limits(settings: Settings) -> None:
    address = _address(settings)
    if address is None:
        st.caption("The built-in model is not running, so nothing is asked of it.")
        return
    load = limiter(address, settings).load()
    second, at_once, waiting = st.columns(3)
    second.metric("Requests in the last second", f"{load.last_second} of {settings.llm_requests_per_second:g}")
    at_once.metric("At once", f"{load.under_way} of {settings.llm_at_once}")
    waiting.metric("Waiting", str(load.waiting))
    st.caption(f"All visitors together. After a pause {settings.llm_burst} may go out at once.")


def _address(settings: Settings) -> str | None:
    """The base URL of the endpoint in use; None where there is none at the moment."""
    if settings.remote:
        try:
            return connect.endpoint(settings).base_url
        except SettingError:
            return None
    serving = builtin.serving(settings)
    return serving.endpoint().base_url if serving and serving.wait(0) else None


def _usage(spent: tuple[Spent, ...]) -> None:
    if not spent:
        st.caption("No model has answered in this session yet.")
        return
    st.table([_row(one) for one in spent], hide_index=True)
    about = " Some endpoints gave no counts: those tokens are estimates." if any(s.estimated for s in spent) else ""
    st.caption(
        f"Complete answers of this tab. What was stopped or failed is not counted: nobody says what it took.{about}"
    )


def _row(one: Spent) -> dict[str, str]:
    return {
        "Model": plain(one.model),
        "At": plain(one.place),
        "Requests": f"{one.requests:,}",
        "Tokens in": f"{one.prompt_tokens:,}",
        "Tokens out": f"{one.completion_tokens:,}",
        "Time": f"{one.seconds:,.1f} s",
    }
