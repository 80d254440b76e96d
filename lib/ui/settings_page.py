"""What is configured, to read: no secret is shown, and nothing can be changed from a browser."""

from __future__ import annotations

import streamlit as st

from lib.errors import SettingError
from lib.llm import builtin, connect
from lib.llm.profiles import PROFILES, profile_for
from lib.settings import Settings
from lib.ui.inert import plain


def configured(settings: Settings) -> None:
    """Which models answer, where, and how they are asked."""
    st.markdown("\n".join(f"- {what}: **{plain(value)}**" for what, value in (*_models(settings), *_asking(settings))))
    st.caption(
        "To change this, set `LLM_BASE_URL`, `LLM_API_KEY`, `LLM_CHAT_MODEL`, `LLM_SQL_MODEL`, `SQL_PROFILE`,"
        " `MAX_REPAIRS`, `CAREFUL_ANSWERS` or `NAMES_ONLY` in the environment before Bayan is started, or in"
        " `.streamlit/secrets.toml`."
    )


def _models(settings: Settings) -> list[tuple[str, str]]:
    if settings.remote:
        return [
            ("Models answer at", _host(settings)),
            ("Chat model", settings.llm_chat_model),
            ("SQL model", settings.llm_sql_model),
            ("Built-in model", "not used, because an endpoint is set"),
        ]
    there = "is here" if builtin.is_ready(settings) else "is not here yet"
    return [
        ("Models answer at", "this machine, no endpoint is set"),
        ("Chat and SQL model", f"the built-in one, {builtin.MODEL_ID}, which {there}"),
    ]


def _asking(settings: Settings) -> list[tuple[str, str]]:
    model = settings.llm_sql_model if settings.remote else builtin.MODEL_ID
    profile = profile_for(model, settings.sql_profile)
    name = next(name for name, one in PROFILES.items() if one == profile)
    return [
        ("SQL is asked for with the profile", f"{name}, in {profile.dialect}'s dialect"),
        ("Failing SQL goes back to the model", f"at most {settings.max_repairs} times"),
        ("Answers compared in careful mode", str(settings.careful_answers)),
        ("Models are told", "names and types only" if settings.names_only else "names, types and example values"),
    ]


def _host(settings: Settings) -> str:
    try:
        return connect.endpoint(settings).name
    except SettingError:
        return "an address that cannot be used"
