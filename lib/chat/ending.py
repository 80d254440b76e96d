"""Why an answer ends where it ends, in a sentence."""

from __future__ import annotations

from lib.chat.turns import ChatTurn

_REASONS = {
    "content_filter": "The endpoint's filter held back this answer, or the rest of it.",
    "tool_calls": "The model wanted to use a tool, and there are none here.",
}


def ending(turn: ChatTurn) -> str:
    """Empty where the answer is whole, where it is still coming, and where an error says why it is not whole."""
    if turn.state == "stopped":
        return "Stopped here."
    if turn.state != "done" or turn.finished is None:
        return ""
    return _REASONS.get(turn.finished.reason) or ("" if turn.answer.strip() else "The model ended without a word.")
