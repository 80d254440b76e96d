"""Conversations as files: one or all of them out, and those of a file in."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing

import streamlit as st

from lib.chat.portable import MOST_MB
from lib.data.history import History
from lib.data.table import counted
from lib.errors import AppError
from lib.ui.chat_state import Talk
from lib.ui.frame import show_error
from lib.ui.inert import plain

_BAR_AFTER_SECONDS, _BAR_EVERY = 1.0, 50

# What reads and writes the files is imported with the click: the first paint needs none of it.


def downloads(talk: Talk) -> None:
    """The conversation that is shown, as a file."""
    history, id_ = talk.history, talk.conversation.id
    _button("Download as Markdown", "md", f"chat-md-{id_}", "chat", lambda: _markdown(history, id_))
    _button("Download as JSON", "json", f"chat-json-{id_}", "chat", lambda: _json(history, id_))


def everything(talk: Talk) -> None:
    """All conversations as a file, and the way in for those of one; below it what became of the last import."""
    history = talk.history
    with st.popover("Import and export", icon=":material/import_export:", width="stretch"):
        _button("All as Markdown", "md", "chat-all-md", "chats", lambda: _markdown(history))
        _button("All as JSON", "json", "chat-all-json", "chats", lambda: _json(history))
        file = st.file_uploader(
            "Import conversations", type="json", key=f"chat-import-{talk.imports}", max_upload_size=MOST_MB,
            help="Bayan's own JSON, the conversations.json of ChatGPT, or a list of messages with roles. "
            "What is here stays as it is; importing twice makes copies.",
        )  # fmt: skip
        if file is not None:
            talk.imports += 1
            talk.imported = _imported(talk, file.getvalue())
            st.rerun()
    if isinstance(talk.imported, AppError):
        show_error(talk.imported)
    else:
        for sentence in talk.imported:
            st.caption(plain(sentence))


def _button(label: str, ending: str, key: str, name: str, content: Callable[[], bytes]) -> None:
    st.download_button(
        label,
        data=content,
        file_name=f"{name}.{ending}",
        mime="application/json" if ending == "json" else "text/markdown",
        key=key,
        on_click="ignore",
        icon=":material/download:",
        width="stretch",
    )


def _markdown(history: History, id_: str = "") -> bytes:
    from lib.chat.moving import every, portable
    from lib.chat.portable_markdown import to_markdown

    found = [portable(history, id_)] if id_ else every(history)
    return "\n---\n\n".join(map(to_markdown, found)).encode()


def _json(history: History, id_: str = "") -> bytes:
    from lib.chat.moving import every, portable
    from lib.chat.portable import to_json

    return to_json([portable(history, id_)] if id_ else every(history))


def _imported(talk: Talk, data: bytes) -> AppError | tuple[str, ...]:
    """Take in what the file holds, and open it if it is one conversation. Returns what has to be said."""
    from lib.chat.moving import notices, take_in
    from lib.chat.portable import from_json

    try:
        with st.spinner("Reading the file"):
            found = from_json(data)
        bar, total, began = st.empty(), len(found.conversations), time.monotonic()
        with closing(take_in(talk.history, found.conversations)) as steps:
            for number in steps:
                if number % _BAR_EVERY == 0 and time.monotonic() - began > _BAR_AFTER_SECONDS:
                    bar.progress(number / total, f"Importing conversation {number:,} of {total:,}")
    except AppError as e:
        return e
    if total == 1:
        talk.open(found.conversations[0].id)
    came = f"{counted(total, 'conversation')} imported."
    where = " The list has each at its date; the search finds it." if total > 1 else ""
    return (came + where, *notices(found))
