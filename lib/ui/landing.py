"""The spot of a page that is to be seen first."""

from __future__ import annotations

import streamlit as st

_JS = """export default function ({ parentElement }) {
    const here = parentElement.host ?? parentElement
    here.style.scrollMarginTop = '5rem' // the page's head covers what is above
    here.scrollIntoView()
}"""
_component = st.components.v2.component("bayan-landing", html="<span></span>", js=_JS)


def land_here(key: str) -> None:
    """Scroll to this spot as soon as it is drawn."""
    _component(key=key, height=1)
