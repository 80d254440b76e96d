"""The buttons that give a result as a file; each file is made when its button is clicked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

import streamlit as st

from lib.data.table import counted
from lib.ui import picture

if TYPE_CHECKING:
    from lib.engine.result import Result

Kind = Literal["csv", "xlsx", "parquet", "json"]
About = Callable[[], Sequence[tuple[str, str]]]

_MIME: dict[Kind, str] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
}


def downloads(part: Result, key: str, about: About, *, whole: bool, chart: str) -> None:
    """Draw them. Unless they are the `whole` result, the first one says how many rows it holds."""
    neutral = bool(st.session_state.get(f"neutral-{key}", True))
    label = (
        "Download CSV"
        if whole
        else f"Download {'this' if part.table.num_rows == 1 else 'these'} {counted(part.table.num_rows, 'row')} as CSV"
    )
    _button("csv", label, key, lambda: _csv(part, neutral), icon=":material/download:")
    with st.popover("More formats", type="tertiary", key=f"formats-{key}", on_change="rerun") as more:
        if not more.open:
            return
        with st.container(horizontal=True, gap="small"):
            _button("xlsx", "Excel", key, lambda: _xlsx(part, about), width="stretch")
            _button("parquet", "Parquet", key, lambda: _parquet(part), width="stretch")
            _button("json", "JSON", key, lambda: _json(part), width="stretch")
        if chart:
            picture.buttons(chart)
        st.toggle(
            "CSV without formulas",
            value=True,
            key=f"neutral-{key}",
            help="Puts an apostrophe before texts that a spreadsheet would run as a formula.",
        )


def _button(
    kind: Kind,
    label: str,
    key: str,
    content: Callable[[], bytes],
    *,
    icon: str | None = None,
    width: Literal["content", "stretch"] = "content",
) -> None:
    st.download_button(
        label,
        data=content,
        file_name=f"result.{kind}",
        mime=_MIME[kind],
        key=f"{kind}-{key}",
        on_click="ignore",
        icon=icon,
        width=width,
    )


# Each file's library is imported with the click: the first paint needs none of them.


def _csv(part: Result, neutral: bool) -> bytes:
    from lib.export.result_csv import to_csv

    return to_csv(part, neutral=neutral)


def _xlsx(part: Result, about: About) -> bytes:
    from lib.export.result_xlsx import to_xlsx

    return to_xlsx(part, about())


def _parquet(part: Result) -> bytes:
    from lib.export.result_parquet import to_parquet

    return to_parquet(part)


def _json(part: Result) -> bytes:
    from lib.export.result_json import to_json

    return to_json(part)
