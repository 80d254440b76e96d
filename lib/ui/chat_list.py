"""The list of conversations beside the page: search, open, begin a new one; and what can be done to the one shown."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lib.chat.conversation import Conversation, restored
from lib.ui import chat_moving
from lib.ui.chat_state import BOX, PARAMETER, Talk
from lib.ui.inert import plain
from lib.ui.jumping import jump_key
from lib.ui.live import watch_other_tabs

LISTED = 30


def name_in_address(talk: Talk) -> None:
    """A reload shows the same conversation; a new one has no name yet."""
    if talk.conversation.created:
        st.query_params[PARAMETER] = talk.conversation.id
    elif PARAMETER in st.query_params:
        del st.query_params[PARAMETER]


def show(talk: Talk) -> None:
    """The list in the sidebar."""
    with st.sidebar:
        st.button("New chat", key="chat-new", icon=":material/add_comment:", width="stretch",
                  shortcut="ctrl+shift+o", on_click=_new, args=(talk,))  # fmt: skip
        with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
            search = st.text_input("Search chats", key="chat-search", type="search", placeholder="Search chats",
                                   label_visibility="collapsed", live=True, max_chars=200) or ""  # fmt: skip
            jump_key("chat-search")
        conversations = talk.history.conversations
        found, count = conversations.listed(search, most=LISTED)
        for kept in found:
            _entry(restored(kept), talk)
        if count > LISTED:
            st.caption(f"{count - LISTED:,} more: search for words of the title, a question or an answer.")
        elif search and not found:
            st.caption("No chat says that.")
        chat_moving.everything(talk)
        talk.cursor.show()


def _new(talk: Talk) -> None:
    talk.new()
    talk.cursor.into(BOX)


def _entry(one: Conversation, talk: Talk) -> None:
    shown = one.id == talk.conversation.id
    st.button(
        plain(one.name),
        key=f"chat-open-{one.id}",
        icon=":material/keep:" if one.pinned else None,
        type="secondary" if shown else "tertiary",
        width="stretch",
        on_click=talk.open,
        args=(one.id,),
        wrap=False,
    )


def menu(talk: Talk) -> None:
    """What can be done to the conversation that is shown."""
    one = talk.conversation
    if not one.created:
        return
    with st.popover("Chat", icon=":material/more_horiz:", width="content"):
        key = f"chat-title-{one.id}"
        if st.session_state.get(key) != one.title:  # not in a box of its own, which would not have the focus
            st.session_state[key] = one.title
        st.text_input("Title", key=key, on_change=_rename, args=(talk, key))
        pin, icon = ("Unpin", "keep_off") if one.pinned else ("Pin", "keep")
        st.button(pin, key="chat-pin", icon=f":material/{icon}:", on_click=partial(talk.pin, not one.pinned))
        chat_moving.downloads(talk)
        st.button("Delete", key="chat-delete", icon=":material/delete:", on_click=talk.delete)


def watch_title(talk: Talk) -> None:
    """Draw anew when the model's title is there: it comes after the answer."""
    if talk.conversation.created and not talk.conversation.titled_by and talk.under_way is None:
        watch_other_tabs(talk.session)


def _rename(talk: Talk, key: str) -> None:
    """Before a title by the model is taken in, which would take the box with what was typed off the page."""
    talk.rename(st.session_state[key] or "")


def undo(talk: Talk) -> None:
    """The way back for the conversation that was deleted last."""
    if talk.removed is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Deleted {plain(talk.removed.name)}.")
        st.button("Undo", key="chat-undo", icon=":material/undo:", type="tertiary", on_click=talk.restore)
