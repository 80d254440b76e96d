"""How the next question is asked: what it follows, with how much care, and what the model may be told."""

from __future__ import annotations

import streamlit as st

from lib.settings import Settings
from lib.ui.inert import plain
from lib.ui.session import Session


def following(state: Session) -> None:
    """The earlier answer that the next question follows, where one was picked."""
    picked = next((one for one in state.thread if one.id == state.follows), None)
    if picked is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f":material/subdirectory_arrow_right: Your next question follows: {plain(picked.question)}")
        st.button("Cancel", key="follow-none", type="tertiary", on_click=state.follow_up, args=("",))


def choices(state: Session, settings: Settings) -> None:
    """Switches for the questions to come."""
    with st.popover("How to ask", icon=":material/tune:", type="tertiary"):
        st.toggle(
            "Careful",
            state.careful,
            key="ask-careful",
            on_change=_choose,
            args=(state,),
            help=f"Lets the model answer {settings.careful_answers} times and takes the result that most answers give. "
            "It takes longer.",
        )
        st.toggle(
            "Names and types only",
            state.names_only or settings.names_only,
            key="ask-names-only",
            on_change=_choose,
            args=(state,),
            disabled=settings.names_only,
            help="No cell's value is sent to the model: only names of tables and columns, their types, and your words. "
            "Filters may then be spelled wrongly; the checks say so.",
        )


def _choose(state: Session) -> None:
    """Before anything else of the page: a question that comes with the click is asked as chosen."""
    state.careful, state.names_only = st.session_state["ask-careful"], st.session_state["ask-names-only"]
