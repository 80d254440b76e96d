"""Chat with a model that streams: many conversations, each with its branches, joined to the tables."""

import streamlit as st

from lib.ui.frame import open_page

settings = open_page("Chat", "💬")  # paints the heading before the rest is imported

from lib.ui import chat, chat_context, chat_files, chat_list, chat_options, tables  # noqa: E402
from lib.ui.chat_state import talk  # noqa: E402
from lib.ui.live import suggestions  # noqa: E402
from lib.ui.model import badge, can_answer  # noqa: E402
from lib.ui.session import notices, session  # noqa: E402

state = session()
mine = talk(state)
notices(state)

ready = can_answer(settings)
chat_files.question_box(mine, settings, disabled=not ready)
chat_list.name_in_address(mine)

chat_list.show(mine)
chat_list.undo(mine)
tables.follow_loading(state)
tables.errors(state)
with st.container(horizontal=True, vertical_alignment="center"):
    chat_options.options(mine, settings)
    chat_files.picker(mine)
    chat_context.meter(mine, settings)
    chat_list.menu(mine)
if ready:
    badge(settings, mine.conversation.options.model or settings.llm_chat_model)

if ready and not mine.branch:
    chat.welcome(mine)
    suggestions(st.empty(), chat.questions(mine), "chat-suggestion", mine.ask)

chat.show(mine, settings)
chat_list.watch_title(mine)
