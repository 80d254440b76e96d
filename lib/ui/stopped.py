"""A page that is drawn anew when its script was stopped: Stop ends a script without another run of it."""

from __future__ import annotations

import streamlit as st

# Asking the server every second would take, with many visitors at once, more of it than their answers.
_JS = """
const PATIENCE = 250  // milliseconds; another run may follow at once

export default function ({ setTriggerValue }) {
    const app = document.querySelector('.stApp')
    let waiting = null
    const look = () => {
        clearTimeout(waiting)
        if (app.dataset.testScriptState === 'notRunning')
            waiting = setTimeout(() => setTriggerValue('stopped', true), PATIENCE)
    }
    const seen = new MutationObserver(look)
    seen.observe(app, { attributes: true, attributeFilter: ['data-test-script-state'] })
    look()
    return () => { clearTimeout(waiting); seen.disconnect() }
}
"""
_component = st.components.v2.component("bayan-stopped", js=_JS)


def redraw_when_stopped(key: str) -> None:
    """Draw the page anew should its script end while this is on the page; shows nothing."""
    _component(key=key, on_stopped_change=_seen)


def _seen() -> None:
    """The run itself is what was wanted."""
