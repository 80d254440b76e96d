"""A chat model's words, as they come into a turn."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from lib.chat.turns import ChatTurn
from lib.llm.messages import Finished, Message, Piece, Sampling, Tick, Trimmed, Waiting

if TYPE_CHECKING:
    from lib.llm.client import Client


def speaking(
    turn: ChatTurn, client: Client, model: str, messages: Sequence[Message], how: Sampling
) -> Generator[str, None, None]:
    """Let that model answer into the turn. Yields what happens in a few words, empty while words come.

    Closing it stops the model. Raises ModelError.
    """
    turn.model, turn.window = model, client.context_length(model)
    with closing(client.chat(model, messages, how)) as events:
        for event in events:
            match event:
                case Piece(text=text):
                    turn.answer += text
                    yield ""
                case Tick():
                    yield "" if turn.answer else "Thinking"
                case Waiting(why=why):
                    yield why
                case Trimmed(turns=count):
                    turn.left_out = count
                case Finished():
                    turn.finished = event
