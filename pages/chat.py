"""Chat with a model that streams: many conversations, each with its branches."""

import streamlit as st

from lib.ui.frame import open_page

settings = open_page("Chat", "💬")  # paints the heading before the rest is imported

from lib.ui import chat, chat_list, chat_options  # noqa: E402
from lib.ui.chat_state import PARAMETER, talk  # noqa: E402
from lib.ui.live import suggestions  # noqa: E402
from lib.ui.model import badge, can_answer  # noqa: E402
from lib.ui.session import notices, session  # noqa: E402

state = session()
notices(state)
mine = talk(state)
if mine.conversation.created:
    st.query_params[PARAMETER] = mine.conversation.id  # a reload shows the same one
chat_list.show(mine)
chat_list.undo(mine)

ready = can_answer(settings)
with st.container(horizontal=True, vertical_alignment="center"):
    chat_options.options(mine, settings)
    chat_list.menu(mine)
if ready:
    badge(settings, mine.conversation.options.model or settings.llm_chat_model)

typed = st.chat_input("Ask anything", key="chat-input", submit_mode="stop", disabled=not ready)
if typed and typed.strip():
    mine.ask(typed)

welcome = st.empty()
if ready and not mine.branch:
    with welcome.container():
        st.write("Ask about statistics, SQL or charts. For answers from your own files, open **Ask your data**.")
        suggestions(st.empty(), chat.SUGGESTIONS, "chat-suggestion", mine.ask)

chat.show(mine, settings)
