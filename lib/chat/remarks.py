"""What a model says about an answer when a person asks for it: explained, summarised, and what to ask next.

There is one remark of a kind for an answer. Where the SQL runs again there is another answer, with none yet.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING

from lib.asking.answer import Answer
from lib.chat import reply
from lib.chat.speaking import speaking
from lib.chat.turns import AskTurn, ChatTurn
from lib.data.history import History
from lib.data.workspace import Workspace
from lib.llm.connect import Models

if TYPE_CHECKING:
    from lib.chat.grounded import Purpose

REMARKS = "remarks"
"""The conversation that keeps all of them. No list has it."""
MOST_ROOM = 2_000
"""Tokens of a request: the built-in model reads some sixty a second."""
_SPARE = 100


def remark_id(turn: AskTurn, purpose: Purpose) -> str:
    """Names the one remark of this kind for the answer that the turn has now."""
    return f"{_of_answer(turn)}{purpose}"


def new_remark(turn: AskTurn, purpose: Purpose) -> ChatTurn:
    """One that is still to be filled."""
    return ChatTurn(purpose, id=remark_id(turn, purpose), conversation=REMARKS, about=turn.id, way="data")


def remarking(
    remark: ChatTurn, purpose: Purpose, answer: Answer, models: Iterable[Models | str], space: Workspace
) -> Generator[str, None, None]:
    """Fill the remark from the answer's rows and checks, without a model where no cell may be sent to one.

    Yields what happens in a few words; closing it stops the model. Raises AppError.
    """
    from lib.asking.ask import with_findings  # with the libraries that read SQL: the first paint needs none of them
    from lib.chat.grounded import is_for_a_model, said_without_model

    if answer.findings is None:
        yield "Checking the answer"
        answer = with_findings(answer, space)
    if not is_for_a_model(purpose, answer):
        remark.answer = said_without_model(answer)
        return
    for ready in models:
        if isinstance(ready, Models):
            yield from _said(remark, purpose, answer, ready, space)
        else:
            yield ready


def _said(
    remark: ChatTurn, purpose: Purpose, answer: Answer, models: Models, space: Workspace
) -> Generator[str, None, None]:
    from lib.chat.grounded import request, sampling

    how = sampling(purpose)
    room = min(MOST_ROOM, models.client.context_length(models.chat) - how.max_tokens - _SPARE)
    tables = sorted(space.tables, key=lambda one: one.name not in answer.sql)  # those that it was about come first
    told, rows = request(purpose, answer, room=room, tables=tables)
    if answer.result and not answer.names_only and rows < (all_rows := answer.result.table.num_rows):
        remark.reason = f"The model was told the first {rows:,} of {all_rows:,} rows: more are too long for it."
    return speaking(remark, models.client, models.chat, told, how)


def without_cells(answer: Answer, names_only: bool) -> Answer:
    """The answer as a model may know it: the privacy switch of now counts, and that of when it was asked."""
    from lib.chat.grounded import without_cells as masked

    return masked(answer) if names_only else answer


def forget_earlier(history: History, turn: AskTurn, known: Iterable[ChatTurn]) -> None:
    """Delete what was said about answers that the turn had before."""
    for one in known:
        if one.about == turn.id and not one.id.startswith(_of_answer(turn)):
            _stop(one.id)
            history.forget(one.id)


def forget_all(history: History) -> None:
    """Stop what is being said, and delete all that was."""
    for one in history.turns("chat", REMARKS):
        _stop(one.id)
    history.clear("chat", REMARKS)


def _stop(remark: str) -> None:
    if running := reply.current(remark):
        running.stop()


def _of_answer(turn: AskTurn) -> str:
    return f"{turn.id}-{turn.answer_id}-"
