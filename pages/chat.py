"""Chat with a model that streams."""

import streamlit as st

from lib.ui.frame import open_page

settings = open_page("Chat", "💬")  # paints the heading before the rest is imported

from lib.ui import chat  # noqa: E402
from lib.ui.live import suggestions  # noqa: E402
from lib.ui.model import badge, can_answer  # noqa: E402
from lib.ui.session import notices, session  # noqa: E402

state = session()
notices(state)

ready = can_answer(settings)
with st.container(horizontal=True, vertical_alignment="center"):
    how = chat.options(settings)
    if state.chat:
        st.button("Clear", key="chat-clear", icon=":material/delete:", on_click=state.clear_chat)
if ready:
    badge(settings, how.model)

typed = st.chat_input("Ask anything", key="chat-input", submit_mode="stop", disabled=not ready)
if typed and typed.strip():
    state.ask_chat(typed)

welcome = st.empty()
if ready and not state.chat:
    with welcome.container():
        st.write("Ask about statistics, SQL or charts. For answers from your own files, open **Ask your data**.")
        suggestions(st.empty(), chat.SUGGESTIONS, "chat-suggestion", state.ask_chat)

for turn in state.chat[:-1]:
    chat.draw(turn)
if state.chat:
    chat.last_turn(state, how, settings)
