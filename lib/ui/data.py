"""The Data page's frame: getting tables in, the list of tables and the choice of one, undoing, deleting everything."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

import streamlit as st

from lib.data.encoding import NAMES
from lib.data.table import Table, counted
from lib.data.workspace import Workspace
from lib.settings import Settings
from lib.ui import tables
from lib.ui.data_state import change, looking
from lib.ui.live import redraw_when
from lib.ui.session import Session, forget_everything
from lib.ui.visitor import may_open_paths

_CHOSEN = "data-table"


def welcome(state: Session, settings: Settings) -> None:
    """What a visitor without a table can do."""
    st.write("Drop the files that you have. Each becomes a table, with a report that accounts for every row.")
    _doors(state, settings)


def more(state: Session, settings: Settings) -> None:
    """The same, for who has tables already."""
    with st.expander("Add files or sample data", icon=":material/add:"):
        _doors(state, settings)


def _doors(state: Session, settings: Settings) -> None:
    tables.uploader(state, settings, "Add files")
    if may_open_paths(settings):
        _path_box(state)
    st.markdown("**Or take sample data**")
    tables.sample_choice(state)


def _path_box(state: Session) -> None:
    with (
        st.form("data-path", border=False, clear_on_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        path = st.text_input("Open a file of this machine by its path", key="data-path-text", placeholder="~/sales.csv")
        if st.form_submit_button("Open", icon=":material/folder_open:") and path and path.strip():
            tables.open_paths(state, [_expanded(path.strip().strip("\"'"))])
            st.rerun()


def _expanded(path: str) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError:  # `~somebody` whom this system does not know
        return Path(path)


def watch_other_tabs(state: Session) -> None:
    """Draw anew when another tab of the same person changes the tables."""
    space, seen = state.workspace, state.workspace.state
    redraw_when(lambda: space.closed or space.state != seen)


def choose(state: Session) -> Table:
    """List the tables; return the one that is chosen."""
    known = state.workspace.tables
    st.dataframe(
        [
            {
                "table": one.name,
                "rows": one.rows,
                "rejected": one.rows_in_file - one.rows,
                "columns": len(one.columns),
                "to check": to_check(one),
                "size": size(one.origin.size) if one.origin else "",
                "source": source(one),
            }
            for one in known
        ],
        hide_index=True,
        column_config={"rows": st.column_config.NumberColumn(format="localized")},
        alt="The tables with their rows, columns, size and source",
    )
    st.caption(f"{counted(len(known), 'table')} · {size(state.workspace.bytes_used)} on disk, with their files")
    names = [one.name for one in known]
    _point_at(names)
    name = st.selectbox("Table", names, key=_CHOSEN, persist_state="session")
    return next(one for one in known if one.name == name)


def _point_at(names: Sequence[str]) -> None:
    """Choose the table that a change asks for, or else one that has just come in."""
    now = looking()
    came = [one for one in names if now.seen is not None and one not in now.seen]
    wanted = [*came[:1], *(one for one in [now.show] if one in names)]
    if wanted:
        st.session_state[_CHOSEN] = wanted[-1]
    elif st.session_state.get(_CHOSEN) not in names:
        st.session_state[_CHOSEN] = names[0]
    now.show, now.seen = "", tuple(names)


def to_check(table: Table) -> str:
    """What a person should look at in the report, in few words."""
    asked = ["day or month first?"] if any(one.order for one in table.columns) else []
    return ", ".join(asked + ([counted(len(table.notes), "note")] if table.notes else []))


def source(table: Table) -> str:
    """The file that a table is from, its part of it, and the encoding."""
    member = table.origin.member if table.origin else ""
    return ", ".join(filter(None, (table.file, member, NAMES.get(table.encoding, table.encoding))))


def size(count: int) -> str:
    """Bytes as a person reads them."""
    if count < 1000:
        return f"{count} bytes"
    units = ((1e9, "GB"), (1e6, "MB"), (1e3, "KB"))
    least, unit = next(one for one in units if count >= one[0])
    return f"{count / least:,.1f} {unit}"


def combine(state: Session) -> None:
    """Offer one table for several that have the same columns."""
    for number, group in enumerate(_alike(state.workspace.own_tables)):
        title = f"{len(group)} tables have the same columns: make one table of them"
        with st.expander(title, icon=":material/merge:"):
            _combine(f"combine-{number}-{group[0].name}", [one.name for one in group], state.workspace)


def _combine(key: str, names: Sequence[str], space: Workspace) -> None:
    chosen = st.multiselect("Tables", names, default=names, key=f"{key}-names")
    into = (st.text_input("Name of the new table", _common_name(names), key=f"{key}-into") or "").strip()
    st.caption("A column source\\_file will say which file each row is from. The single tables go.")
    if st.button("Make one table", key=f"{key}-do", disabled=len(chosen) < 2 or not into):
        change("Putting the tables together", lambda: space.combine(chosen, into), show=into)


def _alike(known: Sequence[Table]) -> list[list[Table]]:
    groups: dict[frozenset[str], list[Table]] = {}
    for one in known:
        if not one.twin:
            groups.setdefault(frozenset(column.name.casefold() for column in one.columns), []).append(one)
    return [group for group in groups.values() if len(group) > 1]


def _common_name(names: Sequence[str]) -> str:
    letters = takewhile(lambda some: len(set(some)) == 1, zip(*names, strict=False))
    return "".join(some[0] for some in letters).rstrip("_0123456789") or f"{names[0]}_and_others"


def forget(state: Session) -> None:
    """Delete everything, after a second word."""
    st.divider()
    with st.popover("Delete everything now", icon=":material/delete_forever:", type="tertiary"):
        st.write(
            "This deletes all tables, their files, all questions and answers, and the board for good. "
            "Nothing of it can come back."
        )
        if st.button("Yes, delete everything", key="forget", type="primary"):
            change("Deleting everything", forget_everything)
