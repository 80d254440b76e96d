"""The sections of the Settings page, in the order in which they are read.

Each is a container of its own. What is drawn anew by itself keeps the place that it had when the page was drawn: with
a changing number of elements before it, it would land on its neighbour.
"""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator as Place

from lib.engine.limits import limits as limits_of_the_system
from lib.llm import builtin
from lib.llm.profiles import PROFILES, profile_for
from lib.settings import Settings
from lib.ui import appearance, connection_test, endpoint, load, usage
from lib.ui.inert import plain
from lib.ui.model import can_answer
from lib.ui.session import Session
from lib.ui.visitor import may_see_load


def models(settings: Settings) -> bool:
    """Where models answer, which ones, and how they are asked; returns whether a question can be asked now."""
    with st.container():
        with st.container():
            st.header("Models")
            endpoint.where(settings)
            endpoint.pickers(settings)
            ready = can_answer(settings)
        usage.builtin_state(settings)
        with st.expander("How models are asked", type="compact"):
            st.markdown("\n".join(f"- {what}: **{plain(value)}**" for what, value in _asking(settings)))
            st.caption("These come from the environment or from `.streamlit/secrets.toml`; the README lists them all.")
    return ready


def connection(settings: Settings, ready: bool) -> Place:
    """The test of the connection; returns the place where it is run."""
    with st.container():
        st.header("Connection")
        return connection_test.button(settings, ready)


def limits(settings: Settings) -> None:
    """What goes to the endpoint now, and what this session's answers took."""
    with st.container():
        st.header("Limits and usage")
        usage.limits_and_usage(settings)


def server(settings: Settings) -> None:
    """How busy the server is, for who may see that."""
    with st.container():
        if may_see_load(settings):
            st.header("This server")
            load.now(settings)


def privacy(state: Session, settings: Settings) -> None:
    """What models may be told: the same switch as on the Ask page."""
    with st.container():
        st.header("Privacy")
        st.toggle(
            "Names and types only",
            state.names_only or settings.names_only,
            key="settings-names-only",
            on_change=_take_privacy,
            args=(state,),
            disabled=settings.names_only,
            help="No cell's value is sent to a model: only names of tables and columns, their types, and your words.",
        )
        if settings.names_only:
            st.caption("Whoever runs this Bayan has switched this on for everybody.")
        if not settings.remote:
            st.caption("The built-in model runs on the machine that runs Bayan: nothing leaves it either way.")


def walls() -> None:
    """What keeps a query in its box on this machine."""
    with st.container():
        st.header("What a query cannot do")
        st.caption(
            "Whatever its SQL says, a query runs in a process of its own, as one read-only SELECT over the loaded"
            " tables, behind the engine's own lock. What the system of the machine that runs Bayan adds to that was"
            " found out by trying:"
        )
        with st.spinner("Trying what the system adds …"):
            found = limits_of_the_system()
        st.markdown("\n".join(f"- {_LOCKS[one.holds]} **{one.name}**: {one.says}" for one in found))


_LOCKS = {True: ":material/lock:", False: ":material/lock_open:"}


def look() -> None:
    """The appearance."""
    with st.container():
        st.header("Appearance")
        appearance.choose()


def _take_privacy(state: Session) -> None:
    state.names_only = st.session_state["settings-names-only"]


def _asking(settings: Settings) -> list[tuple[str, str]]:
    model = settings.llm_sql_model if settings.remote else builtin.MODEL_ID
    profile = profile_for(model, settings.sql_profile)
    name = next(name for name, one in PROFILES.items() if one == profile)
    return [
        ("SQL is asked for with the profile", f"{name}, in {profile.dialect}'s dialect"),
        ("Failing SQL goes back to the model", f"at most {settings.max_repairs} times"),
        ("Answers compared in careful mode", str(settings.careful_answers)),
    ]
