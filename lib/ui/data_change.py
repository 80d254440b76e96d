"""Changing a table by hand: names, types with a look at what would fail, deleting."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import streamlit as st

from lib.data.asked import asked
from lib.data.conversion import TYPES, conversion
from lib.data.table import Column, Table, counted
from lib.data.workspace import Workspace
from lib.engine.types import quoted
from lib.ui.data_state import change, measured
from lib.ui.inert import plain
from lib.ui.session import Session

EXAMPLES, EXAMPLE_LENGTH = 5, 60


@dataclass(frozen=True)
class Trial:
    """What a change of type would do: how many values fail, and some of them with their number of rows."""

    failing: int
    examples: tuple[tuple[str, int], ...]


def show(table: Table, state: Session) -> None:
    """The forms, one below the other."""
    space = state.workspace
    if new := _renamed("Name of the table", table.name, f"rename-{table.name}"):
        change("Renaming", lambda: space.rename_table(table.name, new), show=new)
    names = [one.name for one in table.columns]
    name = st.selectbox("Column to change", names, key=f"change-column-{table.name}")
    column = next((one for one in table.columns if one.name == name), table.columns[0])
    if new := _renamed("Name of the column", column.name, f"rename-{table.name}-{column.name}"):
        change("Renaming", lambda: space.rename_column(table.name, column.name, new))
    _type(table, column, space)
    st.divider()
    if st.button("Delete this table", key=f"delete-{table.name}", icon=":material/delete:", help="It can be undone."):
        change("Deleting", lambda: space.drop(table.name))


def _renamed(label: str, name: str, key: str) -> str:
    """A name to change; what was typed when it was sent, else empty."""
    with st.form(key, border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        typed = (st.text_input(label, name, key=f"{key}-text") or "").strip()
        sent = st.form_submit_button("Rename")
    return typed if sent and typed != name else ""


def _type(table: Table, column: Column, space: Workspace) -> None:
    key = f"{table.name}-{column.name}"
    types = list(dict.fromkeys((column.type, *TYPES)))
    wanted = st.selectbox("Type of the column", types, key=f"type-{key}-{column.type}")
    if wanted == column.type:
        return
    trial = measured(f"type-{key}-{wanted}", table, lambda: _trying(table, column, wanted, space))
    if trial is None:
        return
    if trial.failing:
        st.warning(_failing(trial, table), icon=":material/warning:")
    else:
        st.caption(f":material/check: Every value can become {wanted}.")
    label = f"Change to {wanted}" + (f" and lose {counted(trial.failing, 'value')}" if trial.failing else "")
    if st.button(label, key=f"change-type-{key}-{wanted}"):
        change("Changing the type", lambda: space.change_type(table.name, column.name, wanted))


def _failing(trial: Trial, table: Table) -> str:
    examples = ", ".join(f"“{plain(value)}” ({counted(count, 'row')})" for value, count in trial.examples)
    return f"{trial.failing:,} of {counted(table.rows, 'row')} would become missing, for example {examples}."


def _trying(table: Table, column: Column, wanted: str, space: Workspace) -> Generator[str, None, Trial]:
    name = quoted(column.name)
    became = conversion(column.name, column.type, wanted)
    shown = f"left({name}::VARCHAR, {EXAMPLE_LENGTH})"
    sql = (
        f"WITH failing AS (SELECT {shown} AS v, count(*) AS n FROM {quoted(table.name)}"
        f" WHERE {name} IS NOT NULL AND ({became}) IS NULL GROUP BY ALL)"
        f" SELECT v, n, sum(n) OVER ()::BIGINT FROM failing ORDER BY n DESC, v LIMIT {EXAMPLES}"
    )
    result = yield from asked(space, sql, "Trying every value")
    rows = result.rows()
    return Trial(int(str(rows[0][2])) if rows else 0, tuple((str(row[0]), int(str(row[1]))) for row in rows))
