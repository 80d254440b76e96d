"""A result as a grid: sorted, searched, a row opened as a card, totals, and files made when they are clicked."""

from __future__ import annotations

import html
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from lib.data.table import counted
from lib.export.about import size
from lib.ui.grid_columns import WHOLE_BYTES, WHOLE_ROWS, displayed, sent_whole
from lib.ui.grid_files import downloads
from lib.ui.inert import plain

if TYPE_CHECKING:
    import pyarrow as pa

    from lib.engine.result import Result

_MISSING = " class='missing'"
_STYLE = """<style>
.bayan-card { display: grid; grid-template-columns: minmax(6rem, max-content) 1fr; gap: .35rem 1rem; }
.bayan-card, .bayan-card :is(dt, dd) { margin: 0; padding: 0; font-size: .875rem; }
.bayan-card dt { opacity: .65; max-width: 16rem; overflow-wrap: anywhere; }
.bayan-card dd { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; }
.bayan-card dd.missing { opacity: .5; }
</style>"""

About = Callable[[], Sequence[tuple[str, str]]]


@st.fragment
def show(
    result: Result,
    key: str,
    *,
    about: About,
    filtered: pa.Table | None = None,
    label: str = "",
    chart: str = "",
) -> None:
    """The result's rows, or those of them that are `filtered`, with all that a reader does with them.

    `key` is unique on the page. `about` gives what an Excel file says of where the rows come from. `label` names the
    filter: "region is North". `chart` is the key of the chart above, which can be had as a picture.
    """
    part = result if filtered is None else replace(result, table=filtered)
    if filtered is not None:
        st.caption(plain(f"Only rows where {label}: {filtered.num_rows:,} of {result.table.num_rows:,}"))
    chosen = _grid(part, f"{key}-{zlib.crc32(label.encode())}" if label else key)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{size(result)} · {result.seconds:.2f} s")
        with_totals = st.toggle("Totals", key=f"totals-{key}")
        downloads(part, key, about, whole=filtered is None and not result.truncated, chart=chart)
    if with_totals:
        _totals(part, key)
        if result.truncated:
            st.caption(f"Of the first {counted(result.table.num_rows, 'row')}, not of all.")
    if chosen is not None:
        _card(part, chosen)


def _grid(part: Result, key: str) -> int | None:
    """Draw the grid; returns the position of the row that was chosen."""
    rows = part.table.num_rows
    table, config = displayed(part)
    if not sent_whole(part):
        st.dataframe(
            table,
            hide_index=True,
            key=f"table-{key}",
            column_config=config,
            placeholder="NULL",
            alt="The rows of the result",
            lazy=True,
        )
        return _row_by_number(rows, key)
    state = st.dataframe(
        table,
        hide_index=True,
        key=f"table-{key}",
        column_config=config,
        placeholder="NULL",
        on_select="rerun",
        selection_mode="single-row",
        alt="The rows of the result",
        lazy=False,
    )
    chosen = state.selection.rows
    return chosen[0] if chosen and chosen[0] < rows else None


def _row_by_number(rows: int, key: str) -> int | None:
    with st.container(horizontal=True, vertical_alignment="center"):
        number = st.number_input("Open row", 1, rows, None, key=f"row-{key}", placeholder="Number", width=160)
        st.caption(
            f"Searched and selected in up to {WHOLE_ROWS:,} rows of {WHOLE_BYTES >> 20} MB; sorted in any number."
        )
    return None if number is None else number - 1


def _totals(part: Result, key: str) -> None:
    from lib.data.figures import written
    from lib.data.totals import totals

    lines = [
        {
            "column": one.name,
            "values": one.values,
            "missing": one.missing,
            "distinct": one.distinct,
            "sum": written(one.sum),
            "mean": written(one.mean),
            "minimum": written(one.minimum, grouped=one.grouped),
            "maximum": written(one.maximum, grouped=one.grouped),
        }
        for one in totals(part)
    ]
    right = st.column_config.TextColumn(alignment="right")
    whole = st.column_config.NumberColumn(format="%,d")
    st.dataframe(
        lines,
        hide_index=True,
        key=f"sums-{key}",
        column_config=dict.fromkeys(("sum", "mean", "minimum", "maximum"), right)
        | dict.fromkeys(("values", "missing", "distinct"), whole),
        placeholder="",
        alt="A row for each column with its totals",
    )


def _card(part: Result, at: int) -> None:
    """One row with its values whole, however long they are."""
    from lib.export.cells import rows_of_cells

    (row,) = rows_of_cells(replace(part, table=part.table.slice(at, 1)))
    pairs = "".join(
        f"<dt>{html.escape(column.name)}</dt><dd{_MISSING if value is None else ''}>{_shown(value)}</dd>"
        for column, value in zip(part.columns, row, strict=True)
    )
    with st.container(border=True):
        st.caption(f"Row {at + 1:,}")
        st.html(f"{_STYLE}<dl class='bayan-card'>{pairs}</dl>")


def _shown(value: bool | float | str | None) -> str:
    return "NULL" if value is None else html.escape(str(value).lower() if isinstance(value, bool) else str(value))
