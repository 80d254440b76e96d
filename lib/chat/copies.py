"""An answer that was made in one place and is opened in another.

It goes there as a copy: what is done to either later does not change what the other speaks of. Both hold the same
answer for as long as neither is answered anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from lib.chat.turns import AskTurn, ChatTurn, new_id
from lib.data.history import MAIN, History


def copied(turn: AskTurn, conversation: str) -> AskTurn:
    """The same question and answer in another conversation, without what was begun since; not written down yet."""
    answer = turn.answer
    return replace(
        turn,
        state="done" if answer and answer.result else turn.state,
        draft=answer.sql if answer else turn.draft,
        id=new_id(),
        origin=turn.id,
        conversation=conversation,
        follows="",
        runner="",
        changed=0.0,
        kept=None,
        kept_reduced=None,
    )


def holding(turns: Iterable[AskTurn], answer_id: str) -> AskTurn | None:
    """The one of the turns that holds this answer."""
    return next((one for one in turns if one.answer_id == answer_id), None)


def discussed_in(history: History, answer_id: str) -> str:
    """The conversation that holds this answer, the newest one of several; empty if there is none."""
    found = {one.conversation: None for one in reversed(history.with_answer(answer_id)) if one.conversation != MAIN}
    return next((one for one in found if history.conversations.get(one)), "")


def under_discussion(earlier: Sequence[ChatTurn], answers: Mapping[str, AskTurn]) -> AskTurn | None:
    """The answer with which a conversation began, while these turns speak of no other one."""
    found = [answers[one.about] for one in earlier if one.about in answers]
    return found[0] if len(found) == 1 and found[0].origin and earlier[0].about == found[0].id else None
