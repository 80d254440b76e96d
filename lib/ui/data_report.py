"""What was done to get a table: every note, every rejected line, and the two readings that a person can change."""

from __future__ import annotations

import csv
import io

import streamlit as st

from lib.data.encoding import NAMES
from lib.data.table import Column, Table, counted
from lib.ui.data_state import change
from lib.ui.inert import plain
from lib.ui.session import Session


def show(table: Table, state: Session) -> None:
    """The load report, which accounts for every row of the file."""
    in_file = counted(table.rows_in_file, "row")
    rejected = table.rows_in_file - table.rows
    st.markdown(f"{in_file} in {plain(table.file)} = **{table.rows:,} loaded** + **{rejected:,} rejected**")
    _encoding(table, state)
    for column in table.columns:
        if column.order:
            _order(table, column, state)
    for note in table.notes:
        st.caption(f":material/info: {plain(note.message)}")
    if not table.notes:
        st.caption("Nothing had to be repaired or decided.")
    if table.rejected:
        _rejected(table)


def _encoding(table: Table, state: Session) -> None:
    if not table.encoding:
        return
    names = list(dict.fromkeys((table.encoding, *NAMES)))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Encoding of the file",
            names,
            format_func=lambda name: NAMES.get(name, name),
            key=f"encoding-{table.name}-{table.encoding}",
            help="Strange letters in the table? Choose another one: the file is read again.",
        )
        if st.button("Read again", key=f"read-again-{table.name}", disabled=chosen == table.encoding):
            change("Reading again", lambda: state.workspace.read_again(table.name, chosen))


def _order(table: Table, column: Column, state: Session) -> None:
    read, other = ("day", "month") if column.order == "day_first" else ("month", "day")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/help: Every date of **{plain(column.name)}** could be read with the day or the month first."
            f" They were read with the **{read}** first."
        )
        if st.button("Swap day and month", key=f"swap-{table.name}-{column.name}", help=f"Read the {other} first."):
            change("Swapping day and month", lambda: state.workspace.swap_days(table.name, column.name))


def _rejected(table: Table) -> None:
    st.markdown(f"**{counted(len(table.rejected), 'line')} rejected**")
    st.dataframe(
        [{"line": one.line, "reason": one.reason, "text": one.text} for one in table.rejected],
        hide_index=True,
        key=f"rejected-{table.name}",
        alt="The rejected lines with their reasons",
    )
    st.download_button(
        "Download the rejected lines",
        data=lambda: rejected_csv(table),
        file_name=f"{table.name}_rejected.csv",
        mime="text/csv",
        key=f"download-rejected-{table.name}",
        on_click="ignore",
        icon=":material/download:",
    )


def rejected_csv(table: Table) -> bytes:
    """The rejected lines as CSV with the columns line, reason and text; UTF-8 with a mark, for spreadsheets."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["line", "reason", "text"])
    writer.writerows([one.line, one.reason, one.text] for one in table.rejected)
    return out.getvalue().encode("utf-8-sig", "backslashreplace")
