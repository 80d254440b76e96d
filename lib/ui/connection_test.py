"""Test connection on the Settings page: the button, the steps while it runs, and what was found."""

from __future__ import annotations

from contextlib import closing
from math import isfinite
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator as Place

from lib.data.table import counted
from lib.errors import AppError, SettingError
from lib.llm.choice import OTHER, SERVER
from lib.llm.connect import Models
from lib.llm.models import Model
from lib.llm.probe import Check, Probe, for_test, probe
from lib.settings import Settings
from lib.ui import live, model
from lib.ui.connection import connection
from lib.ui.inert import plain

MOST_LISTED = 1000
"""Models of an endpoint that are shown."""


def button(settings: Settings, ready: bool) -> Place:
    """The button, and below it the place of what is found."""
    st.button(
        "Test connection",
        key="test-connection",
        icon=":material/network_check:",
        disabled=not ready,
        on_click=_ask,
        help="Lists the models and asks both for a few tokens.",
    )
    place = st.empty()
    tested = connection().tested
    if tested is not None:
        with place.container():
            _found(tested, settings)
    return place


def run(settings: Settings, place: Place) -> None:
    """Test now if that was asked for, step by step. Draw this last: the rest of the page stays usable meanwhile."""
    now = connection()
    if not now.testing:
        return
    now.testing = False
    settings = for_test(settings)
    with place.container():
        found, step = st.empty(), st.empty()
        live.stop_button("stop-test")
    try:
        for ready in model.models(settings):
            if isinstance(ready, Models):
                _watch(ready, settings, found, step)
            else:
                step.caption(f":shimmer[{plain(ready)}]")
    except AppError as e:
        now.trouble = e
    st.rerun()


def _ask() -> None:
    now = connection()
    now.changed()
    now.testing = True


def _watch(models: Models, settings: Settings, found: Place, step: Place) -> None:
    """Show what is found as it comes, and keep it: what came before Stop stays."""
    now, drawn = connection(), 0
    with closing(probe(models, settings)) as steps:
        for last in steps:
            now.tested = last
            if len(last.checks) != drawn:
                drawn = len(last.checks)
                with found.container():
                    for check in last.checks:
                        _line(check)
            step.caption(f":shimmer[{plain(last.doing)}]")


def _found(tested: Probe, settings: Settings) -> None:
    for check in tested.checks:
        _line(check)
    if tested.doing:
        st.caption("Stopped before it was finished.")
    if tested.address and not settings.lock_endpoint:
        st.button(plain(f"Use {tested.address}"), key="use-address", on_click=_use, args=(tested.address, settings))
    if tested.models:
        _table(tested.models)


def _line(check: Check) -> None:
    if check.error is None:
        st.markdown(f":green[:material/check_circle:] **{check.what}**: {plain(check.said)}")
    else:
        st.markdown(f":red[:material/error:] **{check.what}**: {plain(f'{check.error.title}. {check.error}')}")


def _table(models: tuple[Model, ...]) -> None:
    shown = models[:MOST_LISTED]
    with st.expander(f"{counted(len(models), 'model')} served there", type="compact"):
        if len(shown) < len(models):
            st.caption(f"The first {len(shown):,} are shown.")
        st.dataframe([_row(one) for one in shown], hide_index=True, key="models-served")
        if any(_price(one.pricing.get("prompt")) is not None for one in shown):
            st.caption("Prices are for a million tokens, in the endpoint's currency; OpenRouter's is US dollars.")


def _row(one: Model) -> dict[str, Any]:
    return {
        "model": one.id,
        "name": one.name,
        "context": one.context_length,
        "price in": _price(one.pricing.get("prompt")),
        "price out": _price(one.pricing.get("completion")),
    }


def _price(said: str | None) -> float | None:
    """The price of a million tokens, from that of one; None where none is given."""
    try:
        price = float(said or "nan") * 1_000_000
    except ValueError:
        return None
    return round(price, 6) if isfinite(price) and price >= 0 else None


def _use(address: str, settings: Settings) -> None:
    now = connection()
    place = now.choice.place if now.choice.place not in ("", SERVER) else OTHER
    now.changed()
    try:
        now.choice.choose(place, address, "")
    except SettingError as e:
        now.trouble = e
