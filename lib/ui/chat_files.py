"""What is attached to a question: text files whole, tables as the model is told of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import streamlit as st
from streamlit.elements.widgets.chat import ChatInputValue
from streamlit.typing import UploadedFile

from lib.chat.attach import ENDINGS, Attachment, read_text
from lib.chat.described import describing
from lib.chat.replying import chosen, messages
from lib.chat.turns import ChatTurn
from lib.data.workspace import Source
from lib.errors import AppError
from lib.llm import connect
from lib.llm.client import CONTEXT
from lib.llm.tokens import LEAST_ANSWER, needed
from lib.settings import Settings
from lib.ui import tables
from lib.ui.chat_state import BOX, Talk
from lib.ui.inert import plain
from lib.ui.live import followed

TABLES = tuple(one for one in tables.FILE_TYPES if one not in ("txt", "json"))
FILE_TYPES = sorted({*ENDINGS, *tables.FILE_TYPES})


def question_box(talk: Talk, settings: Settings, *, disabled: bool) -> None:
    """Take a question, files, or both. Files without a question wait for it."""
    typed: ChatInputValue | None = st.chat_input(
        "Ask anything, or drop files here",
        key=BOX,
        accept_file="multiple",
        file_type=FILE_TYPES,
        max_upload_size=settings.max_upload_mb,
        submit_mode="stop",
        disabled=disabled,
    )
    if typed is None:
        return
    picked = st.session_state.get(_picker(talk), [])
    if not typed.files and not picked:
        if typed.text.strip():
            talk.ask(typed.text)
    else:
        _ask_with(talk, typed.text.strip(), typed.files, picked, settings)


def picker(talk: Talk) -> None:
    """The tables that go with the next question, and the files that wait for it."""
    names = [one.name for one in talk.session.workspace.tables]
    if names:
        with st.popover("Attach", icon=":material/attach_file:", width="content"):
            st.multiselect("Tables to attach to the next question", names, key=_picker(talk), format_func=plain)
            st.caption(
                "The model is told columns, statistics and a few rows; under the privacy switch, names and types."
            )
    for number, one in enumerate(talk.pending):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(_about(one))
            st.button("Remove", key=f"chat-pending-{number}", type="tertiary", on_click=talk.drop, args=(number,))


def _picker(talk: Talk) -> str:
    """A new one after each question, so that nothing is picked in it."""
    return f"chat-attach-{talk.conversation.id}-{len(talk.turns)}"


def show(attachments: Sequence[Attachment]) -> None:
    """What went with a question, as the model was told it."""
    for one in attachments:
        with st.expander(_about(one), type="compact"):
            for note in one.notes:
                st.caption(f":material/info: {plain(note)}")
            st.code(one.text, language=None, wrap_lines=True, height=320 if one.text.count("\n") > 12 else "content")


def _about(one: Attachment) -> str:
    icon = "table_chart" if one.kind == "table" else "description"
    return f":material/{icon}: {plain(one.name)} · about {one.tokens:,} tokens"


def _ask_with(talk: Talk, text: str, files: Sequence[UploadedFile], picked: Sequence[str], settings: Settings) -> None:
    """Read the files and ask. The question is written down first: reading may be stopped, and may fail."""
    turn = talk.put(text, talk.pending, state="stopped") if text else None
    gathered: list[Attachment] = []
    try:
        for one in _read(talk, files, picked if turn else (), settings, ChatTurn(text)):
            gathered.append(one)
    except AppError as e:
        if turn is None:
            talk.session.trouble = e
        else:
            turn.error, turn.state = e, "failed"
    if turn is None:
        talk.pending = (*talk.pending, *gathered)
    else:
        turn.attachments = (*turn.attachments, *gathered)
        turn.state = "asked" if turn.error is None else turn.state
        talk.session.save(turn)
    st.rerun()


def _read(
    talk: Talk, files: Sequence[UploadedFile], picked: Sequence[str], settings: Settings, question: ChatTurn
) -> Iterator[Attachment]:
    """Each as soon as it is read. Raises AppError for the first one that cannot be attached."""
    room = _room(talk, question, settings)
    for file in (one for one in files if not _is_table(one)):
        made = read_text(file.name, file.getvalue(), room)
        room -= made.tokens
        yield made
    names = [*picked, *_loaded(talk, [one for one in files if _is_table(one)])]
    names_only = settings.names_only or talk.session.names_only
    for at, name in enumerate(names):
        share = room // (len(names) - at)
        made = followed(describing(talk.session.workspace, name, names_only=names_only, room=share))
        room -= made.tokens
        yield made


def _is_table(file: UploadedFile) -> bool:
    return file.name.rpartition(".")[2].lower() in TABLES


def _loaded(talk: Talk, files: Sequence[UploadedFile]) -> list[str]:
    """The names of the tables that became of the files. Raises DataError for a file that is none."""
    if not files:
        return []
    loading = talk.session.workspace.add([Source(one.name, one) for one in files])
    bar = st.progress(0.0, "Reading files")
    while not loading.wait(0.1):
        file, share = loading.progress
        bar.progress(share or 0.0, f"Reading {plain(file)}")
    for error in loading.errors:
        raise error
    return [one.name for one in loading.tables]


def _room(talk: Talk, question: ChatTurn, settings: Settings) -> int:
    """Tokens for what is attached: earlier turns may be left out for it, the question and an answer may not."""
    window = next((one.window for one in reversed(talk.branch) if one.window), 0) or _window(talk, settings)
    used, _ = needed(messages(question, talk.asked([], settings)))
    return window - max(window // 4, LEAST_ANSWER) - used


def _window(talk: Talk, settings: Settings) -> int:
    """Tokens that the model takes, as its endpoint says."""
    if not settings.remote:
        return CONTEXT
    models = chosen(connect.remote(settings), talk.asked([], settings))
    return models.client.context_length(models.chat)
