"""One tile of the board: its title, picture and origin, its menu, and the form that changes it."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from lib.board import board
from lib.board.tile import WIDTHS, Outcome, Tile, Width
from lib.errors import AppError
from lib.settings import Settings
from lib.ui.board_picture import picture
from lib.ui.board_state import Shown
from lib.ui.frame import ASK
from lib.ui.inert import plain, plain_lines
from lib.ui.moment import ago
from lib.ui.session import Session
from lib.ui.visitor import address

if TYPE_CHECKING:
    from collections.abc import Callable

    from lib.board.exhibit import Exhibit

LONGEST_TITLE, LONGEST_NOTE = 200, 2_000
_HEIGHT, _TALL = 300, 620
_SHARES: dict[Width, str] = {2: "A third", 3: "Half", 4: "Two thirds", 6: "The whole row"}
_BADGES: dict[Outcome, str] = {
    "changed": ":orange-badge[:material/change_circle: changed]",
    "unchanged": ":green-badge[:material/check: as before]",
    "failed": ":red-badge[:material/error: old data]",
}
_EDIT, _EARLIER, _LATER, _ASK, _REMOVE = "Edit", "Move earlier", "Move later", "Open the SQL on Ask", "Remove"


def tile(one: Tile, at: int, shown: Shown, state: Session, settings: Settings) -> None:
    """The tile at `at` of the board."""
    exhibit = one.exhibit
    with st.container(border=True, height="stretch", key=f"tile-{one.id}"):
        with st.container(horizontal=True, wrap=False, vertical_alignment="top", gap="small"):
            st.header(plain(exhibit.heading), anchor=False, width="stretch")
            _menu(one, at, shown, state, settings)
        if one.id == shown.editing:
            _form(one, at, shown)
        if exhibit.note:
            st.markdown(plain_lines(exhibit.note))
        picture(one, shown.picture(one), height=_TALL if one.tall else _HEIGHT)
        _origin(one)
        _details(exhibit)


def act(shown: Shown, do: Callable[[], object]) -> None:
    """Change the board; what hinders that is told on the page."""
    try:
        do()
    except AppError as e:
        shown.error = e


def _menu(one: Tile, at: int, shown: Shown, state: Session, settings: Settings) -> None:
    last = len(shown.tiles) - 1
    options = [_EDIT, *[_EARLIER] * (at > 0), *[_LATER] * (at < last), _ASK, _REMOVE]
    folder = shown.space.folder
    chosen = st.menu_button("Menu", options, key=f"menu-{one.id}", type="tertiary", help="Change this answer")
    match chosen:
        case str() if chosen == _EDIT:
            shown.editing = one.id
        case str() if chosen == _EARLIER:
            act(shown, lambda: board.move(folder, one.id, at - 1))
        case str() if chosen == _LATER:
            act(shown, lambda: board.move(folder, one.id, at + 1))
        case str() if chosen == _REMOVE:
            act(shown, lambda: board.remove(folder, one.id))
        case str():
            state.write(one.exhibit.sql)
            st.switch_page(ASK, query_params=address(settings))
        case None:
            return
    st.rerun()


def _form(one: Tile, at: int, shown: Shown) -> None:
    exhibit, key = one.exhibit, f"edit-{one.id}"
    with st.form(key, border=False):
        title = st.text_input("Title", exhibit.title, key=f"{key}-title", max_chars=LONGEST_TITLE,
                              placeholder=exhibit.heading)  # fmt: skip
        note = st.text_area("Note", exhibit.note, key=f"{key}-note", max_chars=LONGEST_NOTE, height=90)
        with st.container(horizontal=True):
            width = st.selectbox("Width", WIDTHS, WIDTHS.index(one.width), _SHARES.__getitem__, key=f"{key}-width")
            place = st.number_input("Place", 1, len(shown.tiles), at + 1, key=f"{key}-place")
        tall = st.checkbox("Tall", one.tall, key=f"{key}-tall")
        with st.container(horizontal=True):
            save = st.form_submit_button("Save", type="primary", key=f"{key}-save")
            cancel = st.form_submit_button("Cancel", key=f"{key}-cancel")
    if not (save or cancel):
        return
    shown.editing = ""
    if save:

        def changed(now: Tile) -> Tile:
            named = replace(now.exhibit, title=(title or "").strip(), note=(note or "").strip())
            return replace(now, exhibit=named, width=width, tall=tall)

        act(shown, lambda: board.change(shown.space.folder, one.id, changed))
        if place != at + 1:
            act(shown, lambda: board.move(shown.space.folder, one.id, int(place) - 1))
    st.rerun()


def _origin(one: Tile) -> None:
    """The question, when the data was read, and what the last refresh brought."""
    exhibit, now = one.exhibit, time.time()
    if exhibit.question and exhibit.heading != exhibit.question:
        st.caption(f"Asked: {plain(exhibit.question)}")
    read = f"Data read {ago(exhibit.read, now)}" if one.has_rows else "No data yet"
    if one.refreshed is None:
        st.caption(read)
        return
    done = one.refreshed
    tried = f" · tried {ago(done.at, now)}" if done.outcome == "failed" else ""
    st.caption(f"{_BADGES[done.outcome]} {read}{tried}")
    if done.says:
        st.caption(plain(done.says))


def _details(exhibit: Exhibit) -> None:
    with st.expander("SQL and checks", type="compact"):
        st.code(exhibit.sql, language="sql", wrap_lines=True)
        for sentence in exhibit.assumptions:
            st.caption(plain(sentence))
        if exhibit.findings is None:
            st.caption("This answer was not checked.")
        elif not exhibit.findings:
            st.caption("The checks found nothing to question.")
        for finding in exhibit.findings or ():
            st.caption(plain(finding.message))
        for mark in exhibit.tables:
            st.caption(plain(f"{mark.name}: {mark.rows:,} rows of {mark.file}"))
        st.caption(plain(" · ".join(filter(None, (exhibit.engine, exhibit.model)))))
