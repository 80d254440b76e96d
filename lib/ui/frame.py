"""The frame of every page: configuration, navigation, the guard, the error box."""

from __future__ import annotations

import streamlit as st
from streamlit.navigation.page import Page

from lib import settings as settings_room
from lib.errors import AppError, ForeignAddress, SettingError
from lib.settings import PROJECT, Settings
from lib.ui import appearance, connection, garbage, runs, theme_change, visits
from lib.ui.inert import plain
from lib.ui.popover_keys import popover_keys
from lib.ui.visitor import address, let_in

ASK = PROJECT / "pages" / "ask.py"
DATA = PROJECT / "pages" / "data.py"
BOARD = PROJECT / "pages" / "board.py"
CHAT = PROJECT / "pages" / "chat.py"
SETTINGS = PROJECT / "pages" / "settings.py"

# Not the pages' own: Streamlit makes a page's icon the favicon and loads it from another host.
_ICONS = (
    ":material/table_chart:",
    ":material/database:",
    ":material/dashboard:",
    ":material/chat:",
    ":material/settings:",
)

# A grid's own file would hold formulas as they are; Bayan's is offered below the grid.
_NO_FILE_OF_GRIDS = """<style>
[data-testid="stElementToolbarButton"]:has(button[aria-label^="Download as CSV"]) { display: none; }
</style>"""

# Each paragraph takes the direction of its own first letter: Arabic begins at the right, on the same page as English.
_DIRECTIONS = """<style>
[data-testid="stChatMessage"] :is(p, li, td, th), [data-testid="stCaptionContainer"] p, textarea, input[type="text"] {
    unicode-bidi: plaintext; text-align: start;
}
[data-testid="stChatMessage"] button p { text-align: inherit; }
[data-testid="stMarkdownContainer"] p { overflow-wrap: anywhere; }
</style>"""


def navigate() -> Page:
    """Declare the pages and return the one that the address names."""
    garbage.leave_modules_alone()
    runs.begin()
    return st.navigation([st.Page(_home, default=True), *_pages()], position="hidden")


def open_page(title: str, icon: str, *, wide: bool = False) -> Settings:
    """The guard, first line of every page: the settings, with what the visitor chose in this session.

    The frame is the same when app.py did not run before it.

    On a fresh server Streamlit runs a deep link's file of pages/ by itself, so nothing may rely on app.py.
    Raises nothing: a setting that cannot be used is shown and ends the page; so does a login that is still to come.
    """
    wide = wide or appearance.wide()
    st.set_page_config(page_title=f"{title} · Bayan", page_icon=icon, layout="wide" if wide else "centered")
    navigate()
    try:
        settings = settings_room.load()
    except SettingError as e:
        st.title(title)
        show_error(e)
        st.stop()
    with st.sidebar:
        with st.container(gap=None):
            st.markdown("### Bayan")
            popover_keys()
        for page, icon in zip(_pages(), _ICONS, strict=True):
            st.page_link(page, icon=icon, width="stretch", query_params=address(settings))
    st.html(_DIRECTIONS + _NO_FILE_OF_GRIDS + theme_change.HIDDEN + appearance.style())
    theme_change.follow_theme()
    st.title(title)
    visits.come()
    try:
        let_in(settings)
    except ForeignAddress as e:
        show_error(e)
        st.stop()
    return connection.applied(settings)


def show_error(error: AppError) -> None:
    """One plain sentence with the way out."""
    st.error(f"**{plain(error.title)}.** {plain(str(error))}", icon=":material/error:")


def _pages() -> list[Page]:
    return [
        st.Page(ASK, title="Ask your data"),
        st.Page(DATA, title="Data"),
        st.Page(BOARD, title="Board"),
        st.Page(CHAT, title="Chat"),
        st.Page(SETTINGS, title="Settings"),
    ]


def _home() -> None:
    """`/` leads to Ask instead of being it, so that `/ask` is an address too."""
    st.switch_page(ASK, query_params=dict(st.query_params))
