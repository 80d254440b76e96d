"""Choosing where models answer on the Settings page: the endpoint, its key, and the models, picked apart."""

from __future__ import annotations

import streamlit as st

from lib import settings as settings_room
from lib.errors import AppError, SettingError
from lib.llm import builtin, connect
from lib.llm.choice import BUILTIN, OTHER, PRESETS, SERVER, Pick
from lib.llm.endpoint import Endpoint
from lib.llm.known import KNOWN
from lib.llm.reach import is_named
from lib.settings import Settings
from lib.ui.connection import Connection, connection
from lib.ui.frame import show_error
from lib.ui.inert import plain
from lib.ui.visitor import for_others

MOST_OFFERED = 1000
"""Models that a list to pick from holds; any other name can be typed."""

_PLACE, _ADDRESS, _TYPED_KEY = "model-place", "model-address", "model-key"


def where(settings: Settings) -> None:
    """The place, and the form with its address and key; a sentence instead where visitors may not choose."""
    now, configured = connection(), settings_room.load()
    if settings.lock_endpoint:
        st.markdown(f"Models answer at **{plain(_in_use(settings))}**. Whoever runs this Bayan has fixed the endpoint.")
        shown = SERVER if settings.remote else BUILTIN
    else:
        shown = _place(now, configured)
    if shown != BUILTIN:
        _form(shown, now, settings, configured)
    if now.trouble is not None:
        show_error(now.trouble)


def pickers(settings: Settings) -> None:
    """The chat model and the SQL model: any that the endpoint lists, or any name."""
    if not settings.remote:
        st.markdown(f"Chat and SQL model: **{plain(builtin.MODEL_ID)}**")
        return
    if settings.lock_models:
        st.markdown(
            f"Chat model: **{plain(settings.llm_chat_model)}**  \nSQL model: **{plain(settings.llm_sql_model)}**  \n"
            "Whoever runs this Bayan has fixed the models."
        )
        return
    try:
        there = connect.endpoint(settings)
    except SettingError:
        return  # said beside the address
    now = connection()
    served = [one.id for one in KNOWN.models(there) or (now.tested.models if now.tested else ())]
    left, right = st.columns(2)
    with left:
        _picker("Chat model", "chat", settings.llm_chat_model, served, there, settings)
    with right:
        _picker("SQL model", "sql", settings.llm_sql_model, served, there, settings)
    if not served:
        st.caption("Test the connection to pick from what is served, or type a model's name.")
    elif len(served) > MOST_OFFERED:
        st.caption(f"The first {MOST_OFFERED:,} of {len(served):,} models are offered. Any other name can be typed.")


def _place(now: Connection, configured: Settings) -> str:
    shared = for_others(configured)
    places = [SERVER, BUILTIN, *(one for one in PRESETS if not shared or _open(PRESETS[one], configured)), OTHER]
    used = now.choice.where(configured)
    return st.selectbox(
        "Where models answer",
        places,
        places.index(used) if used in places else 0,
        key=_PLACE,
        format_func=lambda one: _named(one, configured),
        on_change=_take_place,
    )


def _open(address: str, configured: Settings) -> bool:
    """Whether a preset's address is one that visitors of a shared Bayan can use."""
    there = Endpoint.at(address)
    return not there.loopback or is_named(*there.origin[1:], configured.allowed_hosts)


def _named(place: str, configured: Settings) -> str:
    if place == BUILTIN:
        return "The built-in model, on the machine that runs Bayan"
    if place == SERVER:
        return f"{_host(configured.llm_base_url)} (configured)"
    return place if place == OTHER else f"{place} ({_host(PRESETS[place])})"


def _take_place() -> None:
    """At once where the address is known; another address when it was typed."""
    now, place = connection(), str(st.session_state[_PLACE])
    now.changed()
    if place != OTHER or OTHER in now.choice.addresses:
        now.choice.place = place


def _form(shown: str, now: Connection, settings: Settings, configured: Settings) -> None:
    known = now.choice.addresses.get(shown, PRESETS.get(shown, ""))
    with st.form(f"model-form-{shown}", border=False):
        if shown != SERVER:
            st.text_input("Address", known, key=f"{_ADDRESS}-{shown}", placeholder="https://llm.example.com/v1")
        st.text_input(
            "Key",
            key=f"{_TYPED_KEY}-{shown}",
            type="password",
            autocomplete="off",
            help="Kept in this tab's memory only, and sent to the host of this address only. Leave it empty to keep"
            " the one that is there.",
        )
        label = "Use this key" if shown == SERVER else "Use this endpoint"
        st.form_submit_button(label, key=f"model-use-{shown}", on_click=_use, args=(shown, configured.llm_base_url))
    if settings.lock_endpoint or shown == now.choice.where(configured):
        _key_in_use(settings)
    else:
        st.caption(f"Not in use yet: models still answer at {plain(_in_use(settings))}.")


def _use(shown: str, configured_address: str) -> None:
    now = connection()
    now.changed()
    address = configured_address if shown == SERVER else str(st.session_state[f"{_ADDRESS}-{shown}"])
    try:
        now.choice.choose(shown, address, str(st.session_state[f"{_TYPED_KEY}-{shown}"]))
    except AppError as e:
        now.trouble = e
    else:
        st.session_state[f"{_TYPED_KEY}-{shown}"] = ""  # it is not to go back to the browser


def _key_in_use(settings: Settings) -> None:
    try:
        there = connect.endpoint(settings)
    except SettingError:
        return
    if there.origin in connection().choice.keys:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f":material/key: Your key for {plain(there.name)} is in use, in this tab only.")
            st.button("Forget this key", key="forget-key", type="tertiary", on_click=_forget, args=(there,))
    elif there.api_key:
        st.caption(":material/key: The server's own key is in use.")
    else:
        st.caption(":material/key_off: No key is sent.")


def _forget(there: Endpoint) -> None:
    now = connection()
    now.changed()
    now.choice.keys.pop(there.origin, None)


def _picker(label: str, job: str, used: str, served: list[str], there: Endpoint, settings: Settings) -> None:
    options = list(dict.fromkeys([used, *served[:MOST_OFFERED]]))
    st.selectbox(
        label,
        options,
        0,
        key=f"model-{job}-{there.base_url}",
        accept_new_options=True,
        on_change=_pick,
        args=(there.base_url, settings),
    )


def _pick(base_url: str, settings: Settings) -> None:
    chosen = {job: st.session_state.get(f"model-{job}-{base_url}") for job in ("chat", "sql")}
    connection().choice.pick(
        base_url, Pick(chosen["chat"] or settings.llm_chat_model, chosen["sql"] or settings.llm_sql_model)
    )


def _in_use(settings: Settings) -> str:
    return _host(settings.llm_base_url) if settings.remote else "the machine that runs Bayan"


def _host(address: str) -> str:
    try:
        return Endpoint.at(address).name
    except SettingError:
        return "an address that cannot be used"
