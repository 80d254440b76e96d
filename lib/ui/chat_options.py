"""How a conversation is answered: its model, its system prompt, how the words are picked, and whether tables answer."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from lib.chat import presets
from lib.chat.conversation import Options
from lib.errors import AppError
from lib.llm import builtin, connect
from lib.llm.messages import MOST_TOKENS, Sampling
from lib.settings import Settings
from lib.ui.chat_state import Talk
from lib.ui.frame import show_error
from lib.ui.inert import plain


def options(talk: Talk, settings: Settings) -> None:
    """The popover; each conversation has its own values, and a new one begins with those of the one before."""
    now, id_ = talk.conversation.options, f"{talk.conversation.id}-{talk.options_shown}"
    tables = now.tables
    if talk.session.workspace.tables:
        tables = st.toggle(
            "Answer from my tables",
            now.tables,
            key=f"chat-tables-{id_}",
            help="Questions about your tables are answered by a query, with SQL and rows. Off: by the model alone.",
        )
    with st.popover("Options", icon=":material/tune:", width="content"):
        model = _model_choice(now.model, id_, settings)
        system = _system_prompt(talk, id_)
        temperature = st.slider("Temperature", 0.0, 2.0, now.sampling.temperature, 0.05, key=f"chat-temperature-{id_}")
        top_p = st.slider("top_p", 0.05, 1.0, now.sampling.top_p, 0.05, key=f"chat-top-p-{id_}")
        most = st.number_input("max_tokens", 1, MOST_TOKENS, now.sampling.max_tokens, 128, key=f"chat-max-tokens-{id_}")
    sampling = Sampling(temperature, top_p, int(most or now.sampling.max_tokens))
    talk.set_options(Options(model, system, sampling, tables))


def _model_choice(now: str, id_: str, settings: Settings) -> str:
    if not settings.remote:
        st.markdown(f"Model: {plain(builtin.MODEL_ID)}")
        return now
    own = settings.llm_chat_model
    if settings.lock_models:
        st.markdown(f"Model: {plain(own)}", help="Who runs this Bayan chose the model.")
        return ""
    listed: dict[str, dict[str, str]] = st.session_state.setdefault("chat-models", {})
    names = listed.setdefault(settings.llm_base_url, {own: ""})
    ids = list(dict.fromkeys([own, *names, *filter(None, [now])]))
    chosen = st.selectbox(
        "Model",
        ids,
        ids.index(now or own),
        key=f"chat-model-{id_}",
        format_func=lambda one: f"{names[one]} ({one})" if names.get(one) else one,
        accept_new_options=True,
    )
    if st.button("List the endpoint's models", key="chat-list-models", type="tertiary"):
        try:
            served = connect.remote(settings).client.models()
            ours = next((one.name for one in served if one.is_called(own)), "")
            listed[settings.llm_base_url] = {
                own: ours,
                **{one.id: one.name for one in served if not one.is_called(own)},
            }
            st.rerun()
        except AppError as e:
            show_error(e)
    return "" if chosen == own else chosen or ""


# System prompts


def _system_prompt(talk: Talk, id_: str) -> str:
    """The prompt as text, and the ones that have a name."""
    now, folder = talk.conversation.options.system, talk.session.workspace.folder
    known = {one.name: one for one in presets.presets(folder)}
    named = next((one.name for one in known.values() if one.text == now), None)
    st.selectbox(
        "System prompt",
        list(known),
        list(known).index(named) if named else None,
        key=f"chat-preset-{id_}-{named}",
        placeholder="Your own words",
        on_change=_take_preset,
        args=(talk, known, f"chat-preset-{id_}-{named}"),
    )
    system = st.text_area("Its words", now, key=f"chat-system-{id_}", height=110, max_chars=presets.LONGEST_PROMPT)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Keep it under a name", key=f"chat-preset-name-{id_}", max_chars=presets.LONGEST_NAME)
        st.button("Keep", key="chat-preset-keep", on_click=_keep, args=(talk, name or "", system or ""),
                  disabled=not (name and name.strip()))  # fmt: skip
        if named and known[named].own:
            st.button("Delete", key="chat-preset-delete", on_click=_forget, args=(talk, named))
    return system or ""


def _take_preset(talk: Talk, known: dict[str, presets.Preset], key: str) -> None:
    if (name := st.session_state[key]) in known:
        talk.options_shown += 1
        talk.set_options(replace(talk.conversation.options, system=known[name].text))


def _keep(talk: Talk, name: str, text: str) -> None:
    talk.session.written(lambda: presets.keep(talk.session.workspace.folder, name, text))
    talk.set_options(replace(talk.conversation.options, system=text))


def _forget(talk: Talk, name: str) -> None:
    talk.session.written(lambda: presets.forget(talk.session.workspace.folder, name))
