"""How a conversation is answered: its model, its system prompt, and how the words are picked."""

from __future__ import annotations

import streamlit as st

from lib.chat.conversation import Options
from lib.errors import AppError
from lib.llm import builtin, connect
from lib.llm.messages import MOST_TOKENS, Sampling
from lib.settings import Settings
from lib.ui.chat_state import Talk
from lib.ui.frame import show_error


def options(talk: Talk, settings: Settings) -> None:
    """The popover; each conversation has its own values, and a new one begins with those of the one before."""
    now, id_ = talk.conversation.options, talk.conversation.id
    with st.popover("Options", icon=":material/tune:", width="content"):
        chosen = _model_choice(now.model, settings)
        system = st.text_area("System prompt", now.system, key=f"chat-system-{id_}", height=110)
        temperature = st.slider("Temperature", 0.0, 2.0, now.sampling.temperature, 0.05, key=f"chat-temperature-{id_}")
        top_p = st.slider("top_p", 0.05, 1.0, now.sampling.top_p, 0.05, key=f"chat-top-p-{id_}")
        most = st.number_input("max_tokens", 1, MOST_TOKENS, now.sampling.max_tokens, 128, key=f"chat-max-tokens-{id_}")
    sampling = Sampling(temperature, top_p, int(most or now.sampling.max_tokens))
    talk.set_options(Options(chosen, system or "", sampling, now.tables))


def _model_choice(now: str, settings: Settings) -> str:
    if not settings.remote:
        st.selectbox("Model", [builtin.MODEL_ID], disabled=True)
        return now
    names: dict[str, str] = st.session_state.setdefault("chat-models", {settings.llm_chat_model: ""})
    names.setdefault(now or settings.llm_chat_model, "")
    name = st.selectbox(
        "Model",
        list(names),
        list(names).index(now or settings.llm_chat_model),
        key="chat-model",
        format_func=lambda id_: f"{names[id_]} ({id_})" if names.get(id_) else id_,
        accept_new_options=True,
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
    return "" if name == settings.llm_chat_model else name or ""
