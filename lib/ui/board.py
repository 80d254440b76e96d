"""The board: its tools, its tiles in rows, and the refresh of all of them."""

from __future__ import annotations

import time
from contextlib import closing

import streamlit as st
from streamlit.delta_generator import DeltaGenerator as Place

from lib.board import board
from lib.board.tile import WHOLE, in_rows
from lib.errors import AppError
from lib.settings import Settings
from lib.ui.board_state import Shown
from lib.ui.board_tile import act, tile
from lib.ui.frame import ASK, show_error
from lib.ui.inert import plain
from lib.ui.live import redraw_when, stop_button
from lib.ui.session import Session
from lib.ui.visitor import address

_STYLE = "<style>[class*='st-key-tile-'] h2 { font-size: 1.2rem; padding: 0.3rem 0 0; }</style>"


def welcome(settings: Settings) -> None:
    """What to do with an empty board."""
    st.write(
        "Nothing is pinned yet. Ask a question, then click **Pin to board** below its answer: it stays here with its"
        " chart."
    )
    st.page_link(ASK, label="Ask your data", icon=":material/table_chart:", query_params=address(settings))


def messages(shown: Shown) -> None:
    """What could not be read or kept, and what the last refresh came to."""
    if shown.board.notice:
        st.warning(plain(shown.board.notice), icon=":material/warning:")
    if shown.error is not None:
        show_error(shown.error)
        shown.error = None
    if shown.said:
        st.caption(plain(shown.said))


def undo(shown: Shown) -> None:
    """The way back for what was removed last."""
    if not shown.board.removed:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Removed {plain(shown.board.removed[-1].exhibit.heading)}.")
        st.button(
            "Undo",
            key="board-undo",
            icon=":material/undo:",
            type="tertiary",
            on_click=act,
            args=(shown, lambda: board.restore(shown.space.folder)),
        )


def tiles(shown: Shown, state: Session, settings: Settings) -> None:
    """All tiles, as many in a row as fit; on a phone one below the other."""
    st.html(_STYLE)
    at = 0
    for row in in_rows(shown.tiles):
        left = WHOLE - sum(one.width for one in row)
        places = st.columns([*(one.width for one in row), *[left] * (left > 1)])  # a sixth is shared by the others
        for place, one in zip(places, row, strict=False):
            with place:
                tile(one, at, shown, state, settings)
            at += 1


def refresh_button(shown: Shown) -> None:
    """Refresh all, or how to stop it."""
    if shown.refreshing:
        stop_button("board-stop")
    else:
        st.button("Refresh all", key="board-refresh", icon=":material/refresh:", on_click=_start, args=(shown,))


def _start(shown: Shown) -> None:
    shown.refreshing, shown.said = tuple(one.id for one in shown.tiles), ""


def refresh(shown: Shown, place: Place) -> None:
    """Refresh the tiles that wait for it and draw the page anew; without any, follow what other tabs do."""
    if not shown.refreshing:
        folder, seen, space = shown.space.folder, shown.seen, shown.space
        redraw_when(lambda: space.closed or board.revision(folder) != seen)
        return
    from lib.board.refresh import refresh as steps_of

    waiting = [one for one in shown.tiles if one.id in shown.refreshing]
    shown.refreshing, started = (), time.monotonic()
    try:
        with closing(steps_of(shown.space, waiting)) as steps:
            while True:
                step = next(steps)
                shown.said = f"Stopped: {step.at:,} of {step.of:,} answers were refreshed."
                text = f"{step.at + 1:,} of {step.of:,} · {plain(step.heading)} · {plain(step.doing)}"
                place.progress(step.at / step.of, f"{text} · {time.monotonic() - started:.0f} s")
    except StopIteration as end:
        shown.said = end.value
    except AppError as e:
        shown.error, shown.said = e, ""
    st.rerun()
