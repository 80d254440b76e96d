"""The board as files: saved and opened as one of Bayan's own, and as a report for everybody."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from lib.board import board, board_file
from lib.board.board_file import Opened
from lib.board.exhibit import Exhibit
from lib.data.names import file_name
from lib.data.table import counted
from lib.errors import AppError
from lib.ui.board_state import Shown
from lib.ui.board_tile import act
from lib.ui.frame import show_error
from lib.ui.inert import plain
from lib.ui.moment import ago

_TITLE, _TITLES = "Board", 20


def save(shown: Shown) -> None:
    """The board as a file, with or without its rows."""
    with st.popover("Save", icon=":material/save:"):
        st.write("One file that Bayan opens on any machine.")
        _save_button(shown, "With its data", "board", with_data=True)
        _save_button(shown, "Without its data", "board-no-data", with_data=False)
        st.caption("Without its data, the file has questions, SQL and charts; a refresh brings the rows.")


def _save_button(shown: Shown, label: str, name: str, *, with_data: bool) -> None:
    st.download_button(
        label,
        data=lambda: board_file.save(shown.tiles, time.time(), with_data=with_data),
        file_name=f"{name}{board_file.ENDING}",
        mime="application/octet-stream",
        key=f"save-{name}",
        on_click="ignore",
        icon=":material/download:",
        width="stretch",
    )


def open_file(shown: Shown) -> None:
    """Add the answers of a file, once they have been seen."""
    with st.popover("Open", icon=":material/folder_open:"):
        given = st.file_uploader(
            "Open a board that was saved",
            type=board_file.ENDING[1:],
            key=f"board-open-{shown.openings}",
            max_upload_size=board_file.MOST_MB,
        )
        if given is None:
            return
        opened = _read(shown, given)
        if isinstance(opened, AppError):
            show_error(opened)
            return
        _offer(shown, opened)


def _read(shown: Shown, given: UploadedFile) -> Opened | AppError:
    if shown.opened is None or shown.opened[0] != given.file_id:
        try:
            read: Opened | AppError = board_file.read(given.getvalue(), file_name(given.name))
        except AppError as e:
            read = e
        shown.opened = given.file_id, read
    return shown.opened[1]


def _offer(shown: Shown, opened: Opened) -> None:
    count = len(opened.tiles)
    st.write(
        f"{counted(count, 'answer')}, {opened.with_data:,} with data, saved {ago(opened.saved, time.time())}. "
        "Its SQL runs when you refresh."
    )
    for one in opened.tiles[:_TITLES]:
        st.caption(plain(one.exhibit.heading))
    if count > _TITLES:
        st.caption(f"and {count - _TITLES} more")
    st.button(
        f"Add {counted(count, 'answer')} to the board",
        key="board-open-add",
        type="primary",
        disabled=not count,
        on_click=_add,
        args=(shown, opened),
    )


def _add(shown: Shown, opened: Opened) -> None:
    act(shown, lambda: board.add(shown.space.folder, opened.tiles))
    shown.opened = None
    shown.openings += 1


def report(shown: Shown) -> None:
    """All answers as one document: to read, to edit, to run."""
    with st.popover("Report", icon=":material/description:"):
        left_out = sum(not one.has_rows for one in shown.tiles)
        _report_button(shown, "Web page", "report.html", "text/html", _html)
        _report_button(shown, "Markdown", "report.md", "text/markdown", _markdown)
        _report_button(shown, "SQL script", "report.sql", "application/sql", _sql)
        st.caption("The web page opens offline and carries the proof of its answers.")
        if left_out:
            st.caption(f"{counted(left_out, 'answer')} without data will not be in it. Refresh first.")


def _report_button(shown: Shown, label: str, file: str, mime: str, make: Callable[[Sequence[Exhibit]], bytes]) -> None:
    st.download_button(
        label,
        data=lambda: make([one.exhibit for one in shown.tiles if one.has_rows]),
        file_name=file,
        mime=mime,
        key=file,
        on_click="ignore",
        icon=":material/download:",
        width="stretch",
    )


# Each is imported when it is clicked on: reports bring Plotly with them.
def _html(exhibits: Sequence[Exhibit]) -> bytes:
    from lib.export.report import to_html

    return to_html(_TITLE, exhibits, time.time())


def _markdown(exhibits: Sequence[Exhibit]) -> bytes:
    from lib.export.report_markdown import to_markdown

    return to_markdown(_TITLE, exhibits, time.time())


def _sql(exhibits: Sequence[Exhibit]) -> bytes:
    from lib.export.report_sql import to_sql

    return to_sql(_TITLE, exhibits, time.time())
