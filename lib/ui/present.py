"""Presenting: one answer a screen in large type, keys to step, nothing else. The address says which one."""

from __future__ import annotations

import re
from html import escape

import streamlit as st

from lib.board.tile import Tile
from lib.data import figures
from lib.data.figures import Figures
from lib.engine.result import Json
from lib.ui import metrics
from lib.ui.board_picture import limits
from lib.ui.board_state import Picture, Shown
from lib.ui.inert import plain, plain_lines

_PARAMETER = "present"
_ROWS, _COLUMNS = 12, 8
"""Of a table that is read from the back of a room."""

_STYLE = """<style>
[data-testid="stSidebar"], [data-testid="stSidebarCollapsedControl"], [data-testid="stExpandSidebarButton"],
[data-testid="stHeader"], [data-testid="stHeading"]:has(h1) { display: none; }
[data-testid="stMainBlockContainer"] { padding: 3vh 4vw 2vh; max-width: none; }
.st-key-present h2 { font-size: clamp(1.75rem, 3.4vw, 3.5rem); line-height: 1.15; padding: 0 0 0.3em; }
.st-key-present [data-testid="stCaptionContainer"] p { font-size: clamp(1rem, 1.4vw, 1.5rem); }
.st-key-present-note p { font-size: clamp(1.125rem, 1.7vw, 1.75rem); }
.st-key-present-chart, .st-key-present-chart > div { height: 68vh; }
.st-key-present [data-testid="stMetricValue"] { font-size: clamp(4rem, 13vw, 13rem); line-height: 1.1; }
.st-key-present [data-testid="stMetricLabel"] p { font-size: clamp(1.25rem, 2.2vw, 2.5rem); }
.st-key-present [data-testid="stMetricDelta"] { font-size: clamp(1.125rem, 1.8vw, 2rem); }
.st-key-present [data-testid="stMetric"] { margin-top: 10vh; }
.st-key-present table { width: 100%; font-size: clamp(1rem, 1.7vw, 1.875rem); border-collapse: collapse; }
.st-key-present :is(th, td) { padding: 0.3em 0.6em; border-bottom: 1px solid #8886; text-align: start;
    unicode-bidi: plaintext; overflow-wrap: anywhere; }
.st-key-present :is(th, td).number { text-align: end; font-variant-numeric: tabular-nums; }
.st-key-present-keys { position: fixed; bottom: 1vh; right: 2vw; width: auto; opacity: 0.45; }
.st-key-present-keys:is(:hover, :focus-within) { opacity: 1; }
.st-key-present-more { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
</style>"""


def button(shown: Shown) -> None:
    """Begin with the first answer."""
    if st.button("Present", key="present-begin", icon=":material/slideshow:", disabled=not shown.tiles):
        _go(0)
        st.rerun()


def is_on(shown: Shown) -> bool:
    """Whether the address asks for it, and there is something to present."""
    return _PARAMETER in st.query_params and bool(shown.tiles)


def show(shown: Shown) -> None:
    """The answer that the address names, and the keys."""
    last = len(shown.tiles) - 1
    at = _asked(last)
    st.html(_STYLE)
    tile = shown.tiles[at]
    with st.container(key="present"):
        st.header(plain(tile.exhibit.heading), anchor=False)
        if tile.exhibit.note:
            with st.container(key="present-note"):
                st.markdown(plain_lines(tile.exhibit.note))
        _picture(tile, shown.picture(tile))
    _keys(at, last)


def _asked(last: int) -> int:
    asked = re.fullmatch(r"[1-9][0-9]{0,3}", st.query_params[_PARAMETER])
    return min(int(asked[0]) - 1, last) if asked else 0


def _picture(tile: Tile, one: Picture) -> None:
    result = one.filtered.result
    if not tile.has_rows or not result.table.num_rows:
        st.markdown("No data yet." if not tile.has_rows else "There are no rows.")
    elif one.spec.kind == "metric":
        metrics.show(one.spec, result)
    elif one.drawn.figure is not None:
        figure = type(one.drawn.figure)(one.drawn.figure)
        figure.update_layout(font_size=22, legend_font_size=22, autosize=True, height=None)
        figure.update_xaxes(tickfont_size=20, title_font_size=22)
        figure.update_yaxes(tickfont_size=20, title_font_size=22)
        with st.container(key="present-chart", height="stretch"):
            st.plotly_chart(
                figure,
                key=f"present-chart-{tile.id}",
                theme=None,
                height="stretch",
                config={"displayModeBar": False},
                alt=tile.exhibit.heading,
            )
    else:
        _table(one)
    for sentence in limits(one):
        st.caption(plain(sentence))


def _table(one: Picture) -> None:
    """The first rows in type that a canvas could not have."""
    result = one.filtered.result
    columns, rows = result.columns[:_COLUMNS], result.rows()
    written = [figures.of(one, result.table.column(at)) for at, one in enumerate(columns)]
    marks = [' class="number"' if one else "" for one in written]
    head = "".join(f"<th scope='col'{mark}>{escape(one.name)}</th>" for one, mark in zip(columns, marks, strict=True))
    body = "".join(
        "<tr>"
        + "".join(f"<td{mark}>{escape(_text(row[at], written[at]))}</td>" for at, mark in enumerate(marks))
        + "</tr>"
        for row in rows[:_ROWS]
    )
    st.html(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")
    left = [f"the first {_ROWS} of {len(rows):,} rows"] * (len(rows) > _ROWS)
    left += [f"the first {_COLUMNS} of {len(result.columns):,} columns"] * (len(result.columns) > _COLUMNS)
    if left:
        st.caption(f"Shown: {' and '.join(left)}.")


def _keys(at: int, last: int) -> None:
    """What steps: buttons for a pointer, arrows and the space bar, and the keys of a presenter's remote control."""
    with st.container(key="present-keys", horizontal=True, vertical_alignment="center", horizontal_alignment="right"):
        _step(":material/arrow_back:", "Back", "left", max(at - 1, 0))
        st.caption(f"{at + 1} of {last + 1}")
        _step(":material/arrow_forward:", "Next", "right", min(at + 1, last))
        st.button(
            "End", key="present-close", icon=":material/close:", type="tertiary", shortcut="escape", on_click=_end
        )
    with st.container(key="present-more"):
        for key, to in (("space", at + 1), ("pagedown", at + 1), ("pageup", at - 1), ("home", 0), ("end", last)):
            _step("", key, key, min(max(to, 0), last))


def _step(icon: str, name: str, key: str, to: int) -> None:
    st.button(name, key=f"present-{key}", icon=icon or None, type="tertiary", shortcut=key, on_click=_go, args=(to,))


def _go(at: int) -> None:
    st.query_params[_PARAMETER] = str(at + 1)


def _end() -> None:
    st.query_params.pop(_PARAMETER, None)


def _text(value: Json, how: Figures | None) -> str:
    if how is not None and isinstance(value, int | float):
        return how.text(value)
    return "" if value is None else str(value)
