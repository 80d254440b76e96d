"""A button that puts a text on the clipboard."""

from __future__ import annotations

import streamlit as st

_HTML = '<button type="button" aria-label="Copy the answer" title="Copy the answer">Copy</button>'
_CSS = """button { all: unset; cursor: pointer; font: inherit; color: inherit; opacity: 0.75; padding: 0.25rem 0.35rem;
    border-radius: 0.5rem; }
button:hover { opacity: 1; } button:focus-visible { outline: 2px solid var(--st-primary-color); }"""
# A page that is not served securely has no clipboard; there an old command does the same.
_JS = """export default function ({ parentElement, data }) {
    const button = parentElement.querySelector('button')
    const byCommand = () => {
        const area = document.createElement('textarea')
        area.value = data
        area.style.position = 'fixed'
        document.body.append(area)
        area.select()
        const done = document.execCommand('copy')
        area.remove()
        return done ? Promise.resolve() : Promise.reject()
    }
    button.onclick = () =>
        (navigator.clipboard ? navigator.clipboard.writeText(data) : byCommand())
            .then(() => { button.textContent = 'Copied' }, () => { button.textContent = 'Not copied' })
            .finally(() => setTimeout(() => { button.textContent = 'Copy' }, 1500))
}"""
_component = st.components.v2.component("bayan-copy", html=_HTML, css=_CSS, js=_JS)


def copy_button(text: str, key: str) -> None:
    """Copies `text` as it is."""
    _component(key=key, data=text, width="content")
