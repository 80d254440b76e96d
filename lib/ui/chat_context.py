"""How full the model's context is, and a summary of what does not fit any more."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator as Place

from lib.chat import summary
from lib.chat.context import measured
from lib.chat.conversation import Summary
from lib.chat.replying import Asked, chosen, covered, exchanges, messages
from lib.chat.turns import ChatTurn
from lib.errors import AppError
from lib.llm.client import CONTEXT
from lib.llm.connect import Models
from lib.llm.messages import Piece
from lib.serving.under_way import under_way
from lib.settings import Settings
from lib.ui import model
from lib.ui.chat_state import Talk
from lib.ui.frame import show_error


def meter(talk: Talk, settings: Settings) -> None:
    """The popover: how much is used, what was left out, and the button that has it summarised."""
    turns = talk.branch
    if not turns:
        return
    asked = talk.asked(turns, settings)
    window = next((one.window for one in reversed(turns) if one.window), CONTEXT)
    sent = messages(ChatTurn(""), asked)
    now = measured(sent, asked.conversation.options.sampling, window, covered(asked))
    with st.popover(f"Context {now.share} %", icon=":material/memory:", width="content"):
        st.progress(now.share / 100, now.sentence())
        if asked.conversation.summary:
            st.caption("What was summarised, as the model is told it:")
            st.code(asked.conversation.summary.text, language=None, wrap_lines=True)
        if now.left_out and st.button("Summarise what is left out", key="chat-summarise", icon=":material/summarize:"):
            _summarise(talk, asked, settings, turns[: covered(asked) + -(-now.left_out // 2)])


@under_way("question")
def _summarise(talk: Talk, asked: Asked, settings: Settings, turns: Sequence[ChatTurn]) -> None:
    """Let the model read the turns that fall out, after what it made of those before them."""
    status, kept = st.empty(), asked.conversation.summary
    before = covered(asked)
    said = kept.text if kept and before else ""
    try:
        with asked.space.question():
            for ready in model.models(settings):
                if isinstance(ready, Models):
                    ready = chosen(ready, asked)
                    parts = summary.pieces(exchanges(turns[before:], asked), ready.client.context_length(ready.chat))
                    for number, part in enumerate(parts, 1):
                        status.caption(f":shimmer[Summarising, part {number} of {len(parts)}]")
                        said = _told(ready, said, part, status)
                else:
                    status.caption(f":shimmer[{ready}]")
    except AppError as e:
        show_error(e)
        return
    talk.change(lambda one: replace(one, summary=Summary(said, turns[-1].id)))
    st.rerun()


def _told(models: Models, said: str, part: str, status: Place) -> str:
    text = ""
    with closing(models.client.chat(models.chat, summary.messages(said, part), summary.SAMPLING)) as events:
        for event in events:
            text += event.text if isinstance(event, Piece) else ""
            status.caption(f":shimmer[Summarising: {len(text.split())} words]")  # lets Stop in
    return summary.cleaned(text)
