"""The key that puts the cursor into a box of the sidebar, whatever has the focus; the sidebar opens for it."""

from __future__ import annotations

import streamlit as st

_HTML = "<kbd>Ctrl + K</kbd>"
_CSS = "kbd { font: inherit; font-size: 0.85em; opacity: 0.8; white-space: nowrap; }"
# One listener, however often the page is drawn. A box that is still sliding in takes the focus only when it is there.
_JS = """let name
const box = () => document.querySelector(`.st-key-${name} input`)
const jump = (event) => {
    if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return
    event.preventDefault()
    document.querySelector('[data-testid="stExpandSidebarButton"]')?.click()
    const until = Date.now() + 2000
    const take = () => {
        box()?.focus()
        if (document.activeElement === box()) box()?.select()
        else if (Date.now() < until) requestAnimationFrame(take)
    }
    take()
}
export default function ({ data }) {
    name = data
    box()?.setAttribute('aria-keyshortcuts', 'Control+K')
    document.addEventListener('keydown', jump)
    return () => document.removeEventListener('keydown', jump)
}"""
_component = st.components.v2.component("bayan-jump", html=_HTML, css=_CSS, js=_JS)


def jump_key(box: str) -> None:
    """Shows the key beside the box whose widget has that key."""
    _component(key=f"jump-{box}", data=box, width="content")
