"""The answers that were pinned: arranged, filtered, refreshed, presented, saved as a file."""

import streamlit as st

from lib.ui.frame import open_page

settings = open_page("Board", "📌", wide=True)  # paints the heading before the rest is imported

from lib.ui import board, board_files, board_filters, present, report_check  # noqa: E402
from lib.ui.board_state import current  # noqa: E402
from lib.ui.session import notices, session  # noqa: E402

state = session()
notices(state)
shown = current(state)

if present.is_on(shown):
    present.show(shown)
elif not shown.tiles:
    board.messages(shown)
    board.undo(shown)
    board.welcome(settings)
    with st.container(horizontal=True):
        board_files.open_file(shown)
        report_check.check(state)
else:
    board.messages(shown)
    with st.container(horizontal=True, vertical_alignment="center"):
        board.refresh_button(shown)
        present.button(shown)
        board_files.save(shown)
        board_files.open_file(shown)
        board_files.report(shown)
        report_check.check(state)
    progress = st.empty()
    board.undo(shown)
    shown.filters = board_filters.chosen(shown.tiles)
    board.tiles(shown, state, settings)
    # What may take a while comes last, so that the rest of the page is there meanwhile.
    board.refresh(shown, progress)
