"""What a tile shows: numbers, a chart or a table, with what the filters and the limits left out."""

from __future__ import annotations

import streamlit as st

from lib.board.tile import Tile
from lib.ui import metrics
from lib.ui.board_state import Picture
from lib.ui.grid_columns import displayed
from lib.ui.inert import plain


def picture(tile: Tile, one: Picture, *, height: int) -> None:
    """Draw it, a chart or a table at most so many pixels high."""
    result = one.filtered.result
    if not tile.has_rows:
        st.info("This answer came without its data. Refresh to see it.", icon=":material/refresh:")
        return
    if not result.table.num_rows:
        st.caption("There are no rows." if not one.filtered.says else "The filters leave no rows.")
    elif one.spec.kind == "metric":
        metrics.show(one.spec, result)
    elif one.drawn.figure is not None:
        st.plotly_chart(
            one.drawn.figure,
            key=f"chart-{tile.id}",
            theme=None,
            height=height,
            config={"displayModeBar": False},
            alt=tile.exhibit.heading,
        )
    else:
        rows = min(height, 38 + 35 * result.table.num_rows)
        table, columns = displayed(result)
        st.dataframe(table, hide_index=True, column_config=columns, key=f"rows-{tile.id}", height=rows)
    for sentence in limits(one):
        st.caption(plain(sentence))


def limits(one: Picture) -> list[str]:
    """What is not shown, and why."""
    result = one.filtered.result
    cut = result.truncated and not one.filtered.says and not one.of_all_rows
    total = f"{result.total_rows:,} rows" if result.total_rows else "more"
    first = f"The first {result.table.num_rows:,} of {total}."
    return [one.filtered.says] * bool(one.filtered.says) + [first] * cut + [one.drawn.note] * bool(one.drawn.note)
