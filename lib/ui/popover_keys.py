"""The keyboard's way into a popover and back: Streamlit draws it at the end of the page, many Tabs from its button."""

from __future__ import annotations

import streamlit as st

_JS = """const body = () => document.querySelector('[data-testid="stPopoverBody"]')
let opener
const enter = (event) => {
    const button = event.target.closest?.('[data-testid="stPopoverButton"]')
    if (!button || event.detail || button.getAttribute('aria-expanded') === 'true') return // detail: by a pointer
    opener = button
    const until = Date.now() + 2000
    const take = () => {
        const first = body()?.querySelector('input:enabled, textarea:enabled, button:enabled')
        first?.focus({ preventScroll: true })
        if (!(first && document.activeElement === first) && Date.now() < until) requestAnimationFrame(take)
    }
    take()
}
const leave = (event) => {
    if (event.key !== 'Escape' || !body()?.contains(document.activeElement)) return
    const until = Date.now() + 2000
    const take = () => {
        if (!body()) opener?.focus({ preventScroll: true })
        else if (Date.now() < until) requestAnimationFrame(take)
    }
    take()
}
export default function () {
    document.addEventListener('click', enter, true)
    document.addEventListener('keydown', leave, true)
    return () => {
        document.removeEventListener('click', enter, true)
        document.removeEventListener('keydown', leave, true)
    }
}"""
_component = st.components.v2.component("bayan-popover-keys", html="<span></span>", js=_JS)


def popover_keys() -> None:
    """A popover that a key opened takes the focus; its button has it again after Escape."""
    _component(key="popover-keys", height=1)
