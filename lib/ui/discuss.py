"""The way from an answer of the Ask page into a conversation about it."""

from __future__ import annotations

import streamlit as st

from lib.chat.turns import AskTurn
from lib.settings import Settings
from lib.ui import model
from lib.ui.chat_state import PARAMETER, talk
from lib.ui.frame import CHAT
from lib.ui.place import Place
from lib.ui.session import Session
from lib.ui.visitor import address


def button(turn: AskTurn, place: Place, state: Session, settings: Settings, *, ready: bool) -> None:
    """One click opens the Chat page with a conversation that begins with the answer."""
    clicked = st.button(
        "Discuss",
        key=f"discuss-{place.key}",
        icon=":material/forum:",
        type="tertiary",
        disabled=not ready,
        help=None if ready else model.NEEDED,
    )
    if clicked:
        mine = talk(state)
        mine.discuss(turn)
        st.switch_page(CHAT, query_params={**address(settings), PARAMETER: mine.conversation.id})
