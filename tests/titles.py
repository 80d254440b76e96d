"""The requests for a conversation's title, answered without disturbing the order of the scripted answers."""

from __future__ import annotations

from lib.llm.scripted import Asked, Reply, answer

TITLE = "A title by the model"


def titled(asked: Asked) -> Reply | None:
    """The reply to a request for a title; None to any other."""
    return answer(TITLE)(asked) if b"You write titles" in asked.raw else None
