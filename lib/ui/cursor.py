"""Where a person goes on: the box or the button that takes the focus when what had it is gone."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

# A box that is still to be drawn takes the cursor only when it is there. On a phone the keyboard would hide the answer.
_JS = """let seen = 0
export default function ({ data }) {
    if (data.time === seen) return
    seen = data.time
    if (!data.time || matchMedia('(pointer: coarse)').matches) return
    const until = Date.now() + 2000
    const take = () => {
        const box = document.querySelector(`.st-key-${data.box} :is(textarea, button:enabled)`)
        if (box && document.activeElement === box) return
        box?.focus()
        if (box && document.activeElement === box) box.setSelectionRange?.(box.value.length, box.value.length)
        else if (Date.now() < until) requestAnimationFrame(take)
    }
    take()
}"""
_component = st.components.v2.component("bayan-cursor", html="<span></span>", js=_JS)


@dataclass
class Cursor:
    """What is to have the focus, and how often something was to."""

    box: str = ""
    time: int = 0

    def into(self, box: str) -> None:
        """Put it into the box, or on the button, whose widget has that key, when the page is drawn next."""
        self.box, self.time = box, self.time + 1

    def show(self) -> None:
        """Put it there once; on a later run it stays where the person has it."""
        _component(key="cursor", data={"box": self.box, "time": self.time}, height=1)
