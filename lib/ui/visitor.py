"""Who looks at the page, and which workspace is theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lib.settings import Settings
from lib.ui.whereabouts import is_at_this_machine, require_own_name

if TYPE_CHECKING:
    from lib.data.workspace import Workspace

PARAMETER = "w"
"""The part of the address that holds a visitor's id, when Bayan is shared and nobody logs in."""

_ID = "visitor-id"


def let_in(settings: Settings) -> None:
    """Ask for a login where one is configured; else give a visitor of a shared Bayan an id in the address.

    Without either the tables are those of whoever opens the page. Raises ForeignAddress for a name that is not ours.
    """
    if "is_logged_in" in st.user:
        _require_login()
    elif settings.bayan_shared:
        st.query_params[PARAMETER] = visitor_id(settings)
    else:
        require_own_name()


def for_others(settings: Settings) -> bool:
    """Whether Bayan serves others than the person whose machine this is: it is shared, or there is a login."""
    return settings.bayan_shared or "is_logged_in" in st.user


def open_workspace(settings: Settings) -> Workspace:
    """The visitor's workspace. Raises DataError when it cannot be opened."""
    from lib.data import homes  # not before the page's heading is painted

    if for_others(settings):
        settings = settings.for_others()
    if "is_logged_in" in st.user:
        return homes.owner(settings, f"{st.user.get('iss')} {st.user['sub']}")
    if not settings.bayan_shared:
        return homes.local(settings)
    homes.sweep(settings)
    return homes.visitor(settings, visitor_id(settings))


def visitor_id(settings: Settings) -> str:
    """The id in the address; a new one if there is none, or none under which anything was kept here."""
    from lib.data import homes

    if _ID not in st.session_state:
        given = st.query_params.get(PARAMETER, "")
        st.session_state[_ID] = given if homes.exists(settings, given) else homes.new_id()
    return str(st.session_state[_ID])


def forget_id() -> None:
    """The next workspace of this visitor is a new one."""
    from lib.data import homes

    st.session_state[_ID] = homes.new_id()


def address(settings: Settings) -> dict[str, str]:
    """What a link to another page has to carry."""
    return {PARAMETER: visitor_id(settings)} if settings.bayan_shared and "is_logged_in" not in st.user else {}


def may_see_load(settings: Settings) -> bool:
    """Whether this visitor may see how busy the server is: who sits at it, or where it serves others an admin."""
    if "is_logged_in" not in st.user:
        return not settings.bayan_shared and is_at_this_machine()
    admins = {one.strip().casefold() for one in settings.admins.split(",")} - {""}
    return str(st.user.get("email", "")).casefold() in admins and st.user.get("email_verified") is not False


def may_open_paths(settings: Settings) -> bool:
    """Whether this visitor may open files of this machine by their path: who is there, unless Bayan is for others."""
    not_theirs = settings.allow_local_paths is None and for_others(settings)
    return settings.local_paths and not not_theirs and is_at_this_machine()


def _require_login() -> None:
    if st.user.is_logged_in:
        return
    st.write("Log in to see your tables and answers.")
    st.button("Log in", type="primary", icon=":material/login:", on_click=st.login)
    st.stop()
