"""The marks of the template in which chat models read their turns."""

from __future__ import annotations


def inert(text: str) -> str:
    """The text without marks: none inside a question, a header or a cell may end the turn."""
    return text.replace("<|", "< |")
