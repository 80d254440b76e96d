"""The Chat page's parts: the options, a turn, and the stream that fills it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator as Place

from lib.errors import AppError
from lib.llm import builtin, connect
from lib.llm.connect import Models
from lib.llm.messages import Finished, Message, Piece, Sampling, Tick, Trimmed, Waiting
from lib.settings import Settings
from lib.ui import model
from lib.ui.frame import show_error
from lib.ui.inert import plain, plain_lines, prose
from lib.ui.live import Pace, redraw_when, stop_button, watch_other_tabs
from lib.ui.session import Session
from lib.ui.turns import ChatTurn

SAVES_PER_SECOND = 1.0
SYSTEM_PROMPT = "You are a helpful assistant for people who work with data. Answer clearly."

SUGGESTIONS = (
    "Explain the difference between a median and a mean, with a small example",
    "Write a SQL query that finds duplicate e-mail addresses",
    "What should I check before I trust a CSV that somebody sent me?",
    "Suggest five charts for monthly sales by region, and when to use each",
)


@dataclass(frozen=True)
class Options:
    """How the next answer is asked for."""

    model: str
    system: str
    sampling: Sampling


def options(settings: Settings) -> Options:
    """The popover with model, system prompt and sampling; its values outlive a visit to another page."""
    with st.popover("Options", icon=":material/tune:", width="content"):
        chosen = _model_choice(settings)
        system = st.text_area("System prompt", SYSTEM_PROMPT, key="chat-system", height=110, persist_state="session")
        temperature = st.slider("Temperature", 0.0, 2.0, 0.7, 0.05, key="chat-temperature", persist_state="session")
        top_p = st.slider("top_p", 0.05, 1.0, 0.9, 0.05, key="chat-top-p", persist_state="session")
        most = st.number_input("max_tokens", 1, 4096, 2048, 128, key="chat-max-tokens", persist_state="session")
    return Options(chosen, system or "", Sampling(temperature, top_p, int(most or 2048)))


def _model_choice(settings: Settings) -> str:
    if not settings.remote:
        st.selectbox("Model", [builtin.MODEL_ID], disabled=True)
        return builtin.MODEL_ID
    names: dict[str, str] = st.session_state.setdefault("chat-models", {settings.llm_chat_model: ""})
    name = st.selectbox(
        "Model",
        list(names),
        key="chat-model",
        format_func=lambda id_: f"{names[id_]} ({id_})" if names.get(id_) else id_,
        accept_new_options=True,
        persist_state="session",
    )
    if st.button("List the endpoint's models", key="chat-list-models", type="tertiary"):
        try:
            listed = connect.remote(settings).client.models()
            ours = next((one.name for one in listed if one.is_called(settings.llm_chat_model)), "")
            others = {one.id: one.name for one in listed if not one.is_called(settings.llm_chat_model)}
            st.session_state["chat-models"] = {settings.llm_chat_model: ours or "", **others}
            st.rerun()
        except AppError as e:
            show_error(e)
    return name or settings.llm_chat_model


def draw(turn: ChatTurn) -> Place:
    """Draw a turn; return the place of its answer."""
    with st.chat_message("user"):
        st.markdown(plain_lines(turn.question))
    with st.chat_message("assistant"):
        place = st.empty()
        if turn.answer:
            place.markdown(prose(turn.answer))
        _draw_outcome(turn)
    return place


def _draw_outcome(turn: ChatTurn) -> None:
    if turn.left_out:
        st.caption(f"{turn.left_out} older messages were left out: the model's context is full.")
    if turn.state == "stopped":
        st.caption("Stopped here.")
    if turn.state == "running":
        st.caption(":shimmer[Being answered in another tab]")
    if turn.error is not None:
        show_error(turn.error)
    if turn.finished is not None:
        st.caption(_figures(turn.finished))


def _figures(done: Finished) -> str:
    writing = done.seconds - (done.first_token_seconds or 0.0)
    speed = f" · {done.completion_tokens / writing:.1f} tokens/s" if writing > 0.05 and done.completion_tokens else ""
    about = "about " if done.estimated else ""
    cut = " · cut at max\\_tokens" if done.reason == "length" else ""
    return f"{about}{done.completion_tokens:,} tokens{speed} · {done.prompt_tokens:,} in the prompt{cut}"


def answer(state: Session, turn: ChatTurn, how: Options, settings: Settings) -> None:
    """Draw the turn and stream its answer into it; what arrived stays in the turn however the stream ends."""
    state.run(turn)
    place = draw(turn)
    status = st.empty()
    stop_button("chat-stop")
    redraw_when(lambda: turn.state != "running")
    try:
        for ready in model.models(settings):
            if isinstance(ready, Models):
                _stream(state, turn, how, ready, place, status)
            else:
                status.caption(f":shimmer[{ready}]")
        turn.state = "done"
    except AppError as e:
        turn.error, turn.state = e, "failed"
    finally:
        if turn.state == "running":
            turn.state = "stopped"
        state.save(turn)
    st.rerun()


def _messages(turn: ChatTurn, earlier: Sequence[ChatTurn], how: Options) -> list[Message]:
    messages = [Message("system", how.system)] if how.system.strip() else []
    for past in earlier:
        if past.answer:
            messages += [Message("user", past.question), Message("assistant", past.answer)]
    return [*messages, Message("user", turn.question)]


def _stream(state: Session, turn: ChatTurn, how: Options, ready: Models, place: Place, status: Place) -> None:
    messages = _messages(turn, state.chat[:-1], how)
    pace, saving = Pace(), Pace(SAVES_PER_SECOND)
    with closing(ready.client.chat(how.model, messages, how.sampling)) as events:
        for event in events:
            match event:
                case Piece(text=text):
                    turn.answer += text
                    if pace.due():
                        place.markdown(prose(turn.answer) + " ▌")
                    if saving.due():
                        state.save(turn)
                case Tick():
                    status.caption(":shimmer[Thinking]" if not turn.answer else "")
                case Waiting(why=why):
                    status.caption(plain(why))
                case Trimmed(turns=count):
                    turn.left_out = count
                case Finished():
                    turn.finished = event
    place.markdown(prose(turn.answer))


def last_turn(state: Session, how: Options, settings: Settings) -> None:
    """Draw the newest turn with what can be done to it; answer it first when it was only asked."""
    turn = state.chat[-1]
    if turn.state == "asked":
        answer(state, turn, how, settings)
    elif state.editing_question:
        _edit(state, turn)
    elif turn.state == "running":
        draw(turn)
        watch_other_tabs(state)
    else:
        draw(turn)
        with st.container(horizontal=True):
            st.button(
                "Regenerate",
                icon=":material/refresh:",
                key="chat-regenerate",
                on_click=state.ask_chat_again,
                args=(turn.question,),
            )
            if st.button("Edit question", icon=":material/edit:", key="chat-edit"):
                state.editing_question = True
                st.rerun()


def _edit(state: Session, turn: ChatTurn) -> None:
    with st.form("chat-edit-form", border=False):
        question = st.text_area("Your question", turn.question, key="chat-edit-text")
        with st.container(horizontal=True):
            send = st.form_submit_button("Send", type="primary")
            cancel = st.form_submit_button("Cancel")
    if send and question and question.strip():
        state.ask_chat_again(question)
        st.rerun()
    if cancel:
        state.editing_question = False
        st.rerun()
