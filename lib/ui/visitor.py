"""Who looks at the page, and which workspace is theirs."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

import streamlit as st

from lib.settings import Settings

if TYPE_CHECKING:
    from lib.data.workspace import Workspace

PARAMETER = "w"
"""The part of the address that holds a visitor's id, when Bayan is shared and nobody logs in."""

_ID = "visitor-id"


def let_in(settings: Settings) -> None:
    """Ask for a login where one is configured; else give a visitor of a shared Bayan an id in the address."""
    if "is_logged_in" in st.user:
        _require_login()
    elif settings.bayan_shared:
        st.query_params[PARAMETER] = visitor_id()


def open_workspace(settings: Settings) -> Workspace:
    """The visitor's workspace. Raises DataError when it cannot be opened."""
    from lib.data import homes  # not before the page's heading is painted

    if "is_logged_in" in st.user:
        return homes.owner(settings, f"{st.user.get('iss')} {st.user['sub']}")
    if not settings.bayan_shared:
        return homes.local(settings)
    homes.sweep(settings)
    return homes.visitor(settings, visitor_id())


def visitor_id() -> str:
    """The id in the address; a new one if there is none or nobody could have got it from here."""
    from lib.data import homes

    given = st.session_state.get(_ID) or st.query_params.get(PARAMETER, "")
    st.session_state[_ID] = given if homes.is_id(given) else homes.new_id()
    return str(st.session_state[_ID])


def forget_id() -> None:
    """The next workspace of this visitor is a new one."""
    from lib.data import homes

    st.session_state[_ID] = homes.new_id()


def address(settings: Settings) -> dict[str, str]:
    """What a link to another page has to carry."""
    return {PARAMETER: visitor_id()} if settings.bayan_shared and "is_logged_in" not in st.user else {}


def is_at_this_machine() -> bool:
    """Whether the browser runs on the machine that serves the page; of who comes through a proxy that is not known."""
    if any(name in st.context.headers for name in ("X-Forwarded-For", "X-Real-Ip", "Forwarded")):
        return False
    seen = st.context.ip_address
    try:
        return seen is None or ipaddress.ip_address(seen).is_loopback
    except ValueError:
        return False


def _require_login() -> None:
    if st.user.is_logged_in:
        return
    st.write("Log in to see your tables and answers.")
    st.button("Log in", type="primary", icon=":material/login:", on_click=st.login)
    st.stop()
