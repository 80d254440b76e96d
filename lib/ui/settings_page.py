"""What is configured, to read: no secret is shown, and nothing can be changed from a browser."""

from __future__ import annotations

import streamlit as st

from lib.errors import SettingError
from lib.llm import builtin, connect
from lib.settings import Settings
from lib.ui.inert import plain


def configured(settings: Settings) -> None:
    """Which models answer and where."""
    st.markdown("\n".join(f"- {what}: **{plain(value)}**" for what, value in _lines(settings)))
    st.caption(
        "To change this, set `LLM_BASE_URL`, `LLM_API_KEY`, `LLM_CHAT_MODEL` or `LLM_SQL_MODEL` in the environment"
        " before Bayan is started, or in `.streamlit/secrets.toml`."
    )


def _lines(settings: Settings) -> list[tuple[str, str]]:
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


def _host(settings: Settings) -> str:
    try:
        return connect.endpoint(settings).name
    except SettingError:
        return "an address that cannot be used"
