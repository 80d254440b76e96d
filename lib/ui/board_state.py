"""What the Board page remembers between two drawings: the board as it was read, its pictures, what was said last."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import streamlit as st

from lib.board import board
from lib.board.board import Board
from lib.board.filters import Filter, Filtered, apply
from lib.board.tile import Tile
from lib.charts.reduced import paint
from lib.charts.spec import Spec
from lib.data.workspace import Workspace
from lib.engine.result import Result
from lib.errors import AppError
from lib.ui.frame import show_error
from lib.ui.session import Session

if TYPE_CHECKING:
    from lib.board.board_file import Opened
    from lib.charts.draw import Drawn

_KEY = "bayan-board"


@dataclass(frozen=True)
class Picture:
    """A tile's rows behind the filters, and their chart. It holds as long as what it was made of."""

    source: Result
    spec: Spec
    filters: tuple[Filter, ...]
    dark: bool
    filtered: Filtered
    drawn: Drawn
    of_all_rows: bool
    """Whether the chart shows more than the rows that are held."""


@dataclass
class Shown:
    """The page's own state in one tab."""

    space: Workspace
    board: Board = field(default_factory=Board)
    seen: int = -1
    """The board's revision that is shown."""
    filters: tuple[Filter, ...] = ()
    pictures: dict[str, Picture] = field(default_factory=dict)
    editing: str = ""
    """The tile whose form is open."""
    refreshing: tuple[str, ...] = ()
    """The tiles to refresh when the page has been drawn."""
    said: str = ""
    """What the last refresh came to."""
    error: AppError | None = None
    opened: tuple[str, Opened | AppError] | None = None
    """The file that was chosen last, by Streamlit's id, with what it holds."""
    openings: int = 0
    """How many files were added: each time the uploader starts anew."""

    @property
    def tiles(self) -> tuple[Tile, ...]:
        return self.board.tiles

    def picture(self, tile: Tile) -> Picture:
        """The tile as it is to be drawn now; made once for the same rows, chart, filters and theme."""
        dark, one = st.context.theme.type == "dark", tile.exhibit
        old = self.pictures.get(tile.id)
        if old and old.source is one.result and (old.spec, old.filters, old.dark) == (one.spec, self.filters, dark):
            return old
        filtered = apply(self.filters, one.result)
        whole = one.reduced if filtered.result is one.result else None
        drawn = paint(one.spec, filtered.result, whole, dark=dark)
        new = self.pictures[tile.id] = Picture(
            one.result, one.spec, self.filters, dark, filtered, drawn, whole is not None and drawn.figure is not None
        )
        return new


def current(state: Session) -> Shown:
    """The page's state in this tab, with the board as it is now; one that cannot be read ends the page."""
    shown = cast("Shown | None", st.session_state.get(_KEY))
    if shown is None or shown.space is not state.workspace:
        shown = st.session_state[_KEY] = Shown(state.workspace)
    folder = state.workspace.folder
    try:
        if shown.seen != (revision := board.revision(folder)):
            shown.board, shown.seen = board.read(folder), revision
            known = {one.id for one in shown.tiles}
            shown.pictures = {id_: one for id_, one in shown.pictures.items() if id_ in known}
    except AppError as e:
        show_error(e)
        st.stop()
    return shown
