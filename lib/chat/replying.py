"""How a turn of a conversation is answered, step by step."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass

from lib.chat.conversation import Conversation
from lib.chat.speaking import speaking
from lib.chat.turns import AskTurn, ChatTurn
from lib.data.workspace import Workspace
from lib.llm.connect import Models
from lib.llm.messages import Message
from lib.settings import Settings

_GO_ON = "Go on exactly where you stopped. Repeat nothing."


@dataclass(frozen=True)
class Asked:
    """All that an answer depends on.

    `earlier` are the turns before it, `answers` those about the tables, by id. With `goes_on` the answer that the turn
    has is made longer.
    """

    conversation: Conversation
    earlier: Sequence[ChatTurn]
    answers: dict[str, AskTurn]
    models: Iterable[Models | str]
    space: Workspace
    settings: Settings
    names_only: bool = False
    goes_on: bool = False


def replying(turn: ChatTurn, asked: Asked) -> Generator[str, None, None]:
    """Fill the turn. Yields what happens in a few words, about ten times a second: closing it stops the answer.

    Raises AppError.
    """
    for ready in asked.models:
        if isinstance(ready, Models):
            yield from _alone(turn, asked, ready)
        else:
            yield ready


def _alone(turn: ChatTurn, asked: Asked, models: Models) -> Generator[str, None, None]:
    """The chat model answers with what it knows."""
    how = asked.conversation.options
    model = (asked.settings.remote and how.model) or models.chat
    return speaking(turn, models.client, model, _messages(turn, asked), how.sampling)


def _messages(turn: ChatTurn, asked: Asked) -> list[Message]:
    system = asked.conversation.options.system.strip()
    messages = [Message("system", system)] if system else []
    for past in asked.earlier:
        if past.answer:
            messages += [Message("user", past.question), Message("assistant", past.answer)]
    messages.append(Message("user", turn.question))
    if asked.goes_on:
        messages += [Message("assistant", turn.answer), Message("user", _GO_ON)]
    return messages
