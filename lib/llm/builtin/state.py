"""How far the built-in model is, from nothing on the disk to answering."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lib.llm.builtin.fetch import current_fetch
from lib.llm.builtin.files import is_ready
from lib.llm.builtin.serve import serving
from lib.settings import Settings

Stage = Literal["absent", "downloading", "ready", "starting", "serving"]


@dataclass(frozen=True)
class State:
    """`memory` is what its process holds in bytes, 0 without a process."""

    stage: Stage
    memory: int = 0


def state(settings: Settings) -> State:
    """The state at this moment; asks nobody and waits for nothing."""
    if now := serving(settings):
        return State("serving" if now.wait(0) else "starting", now.memory)
    if is_ready(settings):
        return State("ready")
    fetch = current_fetch()
    return State("downloading" if fetch is not None and not fetch.done else "absent")
