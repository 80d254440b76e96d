"""One table on the Data page: its rows, the statistics of its columns, and the table as a file."""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import streamlit as st

from lib.data.asked import asked
from lib.data.profile import MOST_COLUMNS, ColumnProfile, Profile, profiling
from lib.data.table import SharedTable, Table, counted
from lib.data.workspace import Workspace
from lib.engine.types import quoted
from lib.errors import AppError
from lib.ui import data_change, data_report
from lib.ui.data_state import measured
from lib.ui.inert import plain
from lib.ui.session import Session

if TYPE_CHECKING:
    from lib.engine.result import Result

PREVIEW_ROWS, PREVIEW_COLUMNS, PREVIEW_TEXT = 1_000, 200, 2_000

_SECTIONS = ("Preview", "Columns", "Report", "Change", "Download")


def show(table: Table, state: Session) -> None:
    """The section that is chosen; the others cost nothing. Of a shared table there is nothing but its first rows."""
    if isinstance(table, SharedTable):
        st.caption("The engine reads this table itself, for everyone. It cannot be changed.")
        _preview(table, state.workspace)
        return
    section = st.segmented_control(
        "What to see",
        _SECTIONS,
        default=_SECTIONS[0],
        required=True,
        key="data-section",
        label_visibility="collapsed",
        persist_state="session",
    )
    match section:
        case "Columns":
            _columns(table, state.workspace)
        case "Report":
            data_report.show(table, state)
        case "Change":
            data_change.show(table, state)
        case "Download":
            _download(table, state)
        case _:
            _preview(table, state.workspace)


def _preview(table: Table, space: Workspace) -> None:
    result = measured("preview", table, lambda: _first_rows(table, space))
    if result is None:
        return
    shown = result.table.num_rows
    rows = counted(table.rows, "row") if shown == table.rows else f"First {shown:,} of {table.rows:,} rows"
    wide = len(table.columns) - PREVIEW_COLUMNS
    columns = f" · first {PREVIEW_COLUMNS:,} of {len(table.columns):,} columns" if wide > 0 else ""
    st.caption(f"{rows}{columns}{' · long texts are cut' if _has_cut(result) else ''}")
    st.dataframe(result.table, hide_index=True, key=f"preview-{table.name}", alt="The first rows of the table")


def _first_rows(table: Table, space: Workspace) -> Generator[str, None, Result]:
    chosen = []
    for one in table.columns[:PREVIEW_COLUMNS]:
        name = quoted(one.name)
        cut = f"CASE WHEN length({name}) > {PREVIEW_TEXT} THEN left({name}, {PREVIEW_TEXT}) || '…' ELSE {name} END"
        chosen.append(f"{cut} AS {name}" if one.type == "VARCHAR" else name)
    sql = f"SELECT {', '.join(chosen)} FROM {quoted(table.name)} LIMIT {PREVIEW_ROWS}"
    return asked(space, sql, "Reading the first rows", max_rows=PREVIEW_ROWS)


def _has_cut(result: Result) -> bool:
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = [one for one in result.table.columns if pa.types.is_string(one.type)]
    return any((pc.max(pc.utf8_length(one)).as_py() or 0) > PREVIEW_TEXT for one in texts)


def _columns(table: Table, space: Workspace) -> None:
    pages = -(-len(table.columns) // MOST_COLUMNS)
    page = 1
    if pages > 1:
        page = st.pagination(pages, key=f"columns-{table.name}")
    first = (page - 1) * MOST_COLUMNS
    found = measured(f"columns-{table.name}-{first}", table, lambda: profiling(space, table, first))
    if found is None:
        return
    if pages > 1:
        last = first + len(found.columns)
        st.caption(f"Columns {first + 1:,} to {last:,} of {len(table.columns):,}")
    headers = {one.name: {"header in the file": one.label} for one in table.columns if one.label not in ("", one.name)}
    st.dataframe(
        [_row(one, found) | headers.get(one.name, {}) for one in found.columns],
        hide_index=True,
        key=f"statistics-{table.name}-{first}",
        column_config=_STATISTICS,
        alt="A row for each column with its statistics",
    )
    st.caption(_how(found))


_STATISTICS = {
    "column": st.column_config.TextColumn(pinned=True),
    "histogram": st.column_config.BarChartColumn(
        y_min=0,
        help="Numbers and dates: rows in equal ranges from minimum to maximum. Others: rows with the frequent values.",
    ),
    "missing": st.column_config.NumberColumn(format="localized", width=90),
    "missing %": st.column_config.NumberColumn(format="percent"),
    "distinct": st.column_config.NumberColumn(format="localized", width=95),
    "most frequent": st.column_config.TextColumn(width="large"),
}


def _row(one: ColumnProfile, found: Profile) -> dict[str, object]:
    return {
        "column": one.name,
        "type": one.type,
        "histogram": list(one.bins or (count for _, count in one.top)),
        "missing": one.missing,
        "missing %": one.missing / found.rows if found.rows else 0.0,
        "distinct": one.distinct,
        "minimum": one.minimum,
        "maximum": one.maximum,
        "most frequent": _frequent(one, found),
    }


def _frequent(one: ColumnProfile, found: Profile) -> str:
    if found.sampled_rows:
        return " · ".join(f"{value} (about {count / found.sampled_rows:.1%})" for value, count in one.top)
    return " · ".join(f"{value} ({count:,})" for value, count in one.top)


def _how(found: Profile) -> str:
    endless = [f"{plain(one.name)}: {counted(one.not_finite, 'value')}" for one in found.columns if one.not_finite]
    said = f" NaN or infinite, and left out of minimum and maximum: {', '.join(endless)}." if endless else ""
    if not found.approximate:
        return f"Counted in all {counted(found.rows, 'row')}.{said}"
    return (
        f"Missing, minimum and maximum are from all {found.rows:,} rows. Distinct is an estimate, within about 5 %."
        f" Histograms and frequent values are estimates from about {found.sampled_rows:,} rows.{said}"
    )


def _download(table: Table, state: Session) -> None:
    st.write(f"All {counted(table.rows, 'row')} as a file. It is made when you click.")
    with st.container(horizontal=True):
        _download_button(table.name, "parquet", "Download Parquet", state)
        _download_button(table.name, "csv", "Download CSV", state)
    st.caption("Parquet keeps the types. CSV is UTF-8; missing values are empty there.")


def _download_button(name: str, kind: Literal["csv", "parquet"], label: str, state: Session) -> None:
    st.download_button(
        label,
        data=lambda: _file(state, name, kind),
        file_name=f"{name}.{kind}",
        mime="text/csv" if kind == "csv" else "application/vnd.apache.parquet",
        key=f"download-{kind}-{name}",
        on_click="ignore",
        icon=":material/download:",
    )


def _file(state: Session, name: str, kind: Literal["csv", "parquet"]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table.{kind}"
        try:
            state.workspace.export(name, kind, path)
        except AppError as e:
            state.trouble = e  # the browser says only that there is no file
            raise
        return path.read_bytes()
