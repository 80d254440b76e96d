"""What the tables leave to the person: what a second file of one name is to be, and whether a deletion stands."""

from __future__ import annotations

import streamlit as st

from lib.data.table import Table
from lib.data.workspace import Workspace
from lib.ui.data_state import change, looking
from lib.ui.inert import plain
from lib.ui.session import Session


def twins(state: Session) -> None:
    """Ask what a second file of the same name is to be."""
    for one in state.workspace.tables:
        if one.twin:
            with st.container(border=True):
                _twin(one, state.workspace)


def _twin(table: Table, space: Workspace) -> None:
    name, twin = table.name, table.twin
    st.markdown(
        f"**{plain(table.file)}** came in again. The new one is the table **{plain(name)}**, the earlier one is"
        f" **{plain(twin)}**. What should become of it?"
    )
    with st.container(horizontal=True):
        if st.button("Replace", key=f"twin-replace-{name}", help=f"The new rows take the place of {plain(twin)}."):
            change("Replacing", lambda: space.replace_twin(name), show=twin)
        if st.button("Add rows", key=f"twin-append-{name}", help=f"The new rows come into {plain(twin)} too."):
            change("Adding rows", lambda: space.append_to_twin(name), show=twin)
        if st.button("Keep both", key=f"twin-keep-{name}"):
            change("Keeping both", lambda: space.keep_twin(name), show=name)


def undo(state: Session) -> None:
    """Name the table that was deleted last, and those before it, with the way back."""
    space = state.workspace
    if not space.deleted:
        return
    *earlier, last = space.deleted
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Deleted {plain(last)}.")
        _restore_button(state, last, "Undo", "undo")
        if earlier:
            with st.popover("Deleted before", type="tertiary"):
                for number, name in enumerate(dict.fromkeys(reversed(earlier))):
                    _restore_button(state, name, f"Restore {plain(name)}", f"restore-{number}")


def _restore_button(state: Session, name: str, label: str, key: str) -> None:
    if st.button(label, key=key, icon=":material/undo:", type="tertiary"):
        change("Bringing it back", lambda: _restore(state, name))


def _restore(state: Session, name: str) -> None:
    looking().show = state.workspace.restore(name)
