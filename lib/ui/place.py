"""Where an answer is drawn: the Ask page's thread, or a conversation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """What an answer's card has to know of where it stands, so that it is the same card in every place."""

    key: str
    """Part of the keys of its widgets; no other answer on the page has the same."""
    ask: Callable[[str], None]
    """Puts a question that follows the answer."""
    run: Callable[[str], None]
    """Runs other SQL in the place of what ran."""
    save: Callable[[], None]
    """Writes the answer down after a change."""
