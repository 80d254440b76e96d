"""Chat with a model that streams."""

import streamlit as st

from lib.ui import chat
from lib.ui.frame import open_page
from lib.ui.live import suggestions
from lib.ui.model import badge, can_answer
from lib.ui.session import ChatTurn, session

settings = open_page("Chat", "💬")
state = session()

st.title("Chat")
how_place, clear_place = st.columns([3, 1], vertical_alignment="center")
with how_place:
    how = chat.options(settings)
ready = can_answer(settings)
if ready:
    badge(settings, how.model)

typed = st.chat_input("Ask anything", key="chat-input", submit_mode="stop", disabled=not ready)
if not state.chat and ready and not typed:
    st.write("Ask about statistics, SQL or a chart. For answers from your own files, go to **Ask your data**.")
    typed = suggestions(chat.SUGGESTIONS, "chat-suggestion")
if typed:
    state.chat.append(ChatTurn(typed))

if state.chat and clear_place.button("Clear", key="chat-clear", icon="🗑️"):
    state.chat.clear()
    st.rerun()

for turn in state.chat[:-1]:
    chat.draw(turn)

if state.chat:
    chat.last_turn(state, how, settings)
