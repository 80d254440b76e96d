"""Where tables join: what a person has confirmed, and what is likely."""

from __future__ import annotations

import streamlit as st

from lib.data.joins import LikelyJoin, finding
from lib.data.table import Join, Table
from lib.ui.data_state import change, measured
from lib.ui.inert import plain
from lib.ui.session import Session


def show(state: Session) -> None:
    """Confirmed joins first, then the likely ones to confirm or drop."""
    space = state.workspace
    if len(space.own_tables) < 2:
        return
    st.markdown("#### How the tables join")
    judged = space.joins
    for number, join in enumerate(one for one in judged if one.confirmed):
        _confirmed(number, join, state)
    found = measured("joins", _content(space.own_tables), lambda: finding(space, judged))
    known = {one.ends for one in judged}
    likely = [one for one in found or () if one.join.ends not in known]
    for number, one in enumerate(likely):
        _likely(number, one, state)
    if found is not None and not likely and not any(one.confirmed for one in judged):
        st.caption("No two columns look as if their tables join there.")
    _dropped([one for one in judged if not one.confirmed], state)


def _content(tables: tuple[Table, ...]) -> tuple[object, ...]:
    """What the likely joins depend on: not on reports or examples."""
    return tuple((one.name, one.rows, one.columns, one.origin) for one in tables)


def _confirmed(number: int, join: Join, state: Session) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/check: {_left(join)} is in {_right(join)}. You confirmed this.")
        if st.button("Drop", key=f"join-unconfirm-{number}", type="tertiary"):
            change("Dropping", lambda: state.workspace.drop_join(join))


def _likely(number: int, likely: LikelyJoin, state: Session) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(sentence(likely))
        if st.button("Confirm", key=f"join-confirm-{number}"):
            change("Confirming", lambda: state.workspace.confirm_join(likely.join))
        if st.button("Drop", key=f"join-drop-{number}", type="tertiary"):
            change("Dropping", lambda: state.workspace.drop_join(likely.join))


def _dropped(joins: list[Join], state: Session) -> None:
    if not joins:
        return
    with st.expander(f"Dropped ({len(joins)})"):
        for number, join in enumerate(joins):
            _one_dropped(number, join, state)


def _one_dropped(number: int, join: Join, state: Session) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{_left(join)} in {_right(join)}")
        if st.button("Confirm", key=f"join-reconfirm-{number}"):
            change("Confirming", lambda: state.workspace.confirm_join(join))


def sentence(likely: LikelyJoin) -> str:
    """The share of values that match, in words, as Markdown."""
    share = "All" if likely.share == 1 else f"{_percent(likely.share)} of the"
    looked = f" of {likely.looked_at:,} that were looked at" if likely.sampled else ""
    unique = "" if likely.right_is_unique else ", where values repeat"
    return f"{share} values{looked} of {_left(likely.join)} are in {_right(likely.join)}{unique}."


def _percent(share: float) -> str:
    """Never 100 %, which only "all" is."""
    return f"{min(share, 0.999):.1%}".replace(".0%", "%").replace("%", " %")


def _left(join: Join) -> str:
    return f"**{plain(join.left_table)}**.{plain(join.left_column)}"


def _right(join: Join) -> str:
    return f"**{plain(join.right_table)}**.{plain(join.right_column)}"
