"""A page that is drawn anew when its theme changes: a chart has the colours of the theme that it was drawn for."""

from __future__ import annotations

import streamlit as st

HIDDEN = "<style>[data-testid='stLayoutWrapper']:has(> .st-key-bayan-theme) { display: none; }</style>"
# A run of the page would stop one that is under way, and with it an answer: it comes after that.
_JS = """
export default function ({ data, setTriggerValue }) {
    const app = document.querySelector('.stApp')
    let asked = data
    const look = () => {
        const theme = getComputedStyle(app).colorScheme
        if (theme === asked || app.dataset.testScriptState === 'running') return
        asked = theme
        setTriggerValue('theme', theme)
    }
    const seen = new MutationObserver(look)
    seen.observe(app, { attributes: true, attributeFilter: ['class', 'data-test-script-state'] })
    return () => seen.disconnect()
}
"""
_component = st.components.v2.component("bayan-theme", js=_JS)


def follow_theme() -> None:
    """Run the page again when the browser turns light or dark; shows nothing where HIDDEN is on the page."""
    with st.container(key="bayan-theme"):
        _component(key="theme", data=st.context.theme.type or "light", on_theme_change=_seen)


def _seen() -> None:
    """The run itself is what was wanted."""
