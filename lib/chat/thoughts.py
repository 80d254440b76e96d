"""What a model thinks aloud before it answers."""

from __future__ import annotations

import re

_THOUGHT = re.compile(r"<(think|thinking|thought|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_CLOSED = re.compile(r"\A.*</(?:think|thinking|thought|reasoning)>", re.DOTALL | re.IGNORECASE)


def without_thoughts(text: str) -> str:
    """The answer alone: also where the thinking was opened before the text began, or never ends."""
    return _CLOSED.sub("", _THOUGHT.sub("", text)).strip()
