"""One question of a person, from its admission to its end: counted, written down, and ended when the server ends."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from typing import TypeVar

from lib.chat.turns import AskTurn, ChatTurn
from lib.data.workspace import Workspace
from lib.errors import AppError
from lib.serving import log
from lib.serving.admission import require_time

T = TypeVar("T")


@contextmanager
def question(
    turn: ChatTurn | AskTurn, space: Workspace, steps: Generator[T, None, None]
) -> Iterator[Generator[T, None, None]]:
    """The steps that answer the turn. Leaving the block ends them.

    Raises NotNow when no question may be asked now; the steps raise it when the server ends before they do.
    """
    kind, began = _kind(turn), time.monotonic()
    log.event("question_asked", workspace=space.tag, kind=kind)
    outcome = "stopped"
    try:
        with closing(steps), space.question(), closing(_in_time(steps)) as in_time:
            yield in_time
        outcome = turn.state if turn.error is None else log.class_of(turn.error)
    except AppError as e:
        outcome = log.class_of(e)
        raise
    finally:
        log.event(
            "question_answered",
            workspace=space.tag,
            kind=kind,
            seconds=time.monotonic() - began,
            rows=_rows(turn),
            tokens=_tokens(turn),
            outcome="stopped" if outcome == "running" else outcome,
        )


def _in_time(steps: Generator[T, None, None]) -> Generator[T, None, None]:
    for step in steps:
        require_time()
        yield step


def _kind(turn: ChatTurn | AskTurn) -> str:
    if isinstance(turn, ChatTurn):
        return "chat"
    return "by_hand" if turn.by_hand else "ask"


def _rows(turn: ChatTurn | AskTurn) -> int | None:
    answer = turn.answer if isinstance(turn, AskTurn) else None
    return answer.result.table.num_rows if answer and answer.result else None


def _tokens(turn: ChatTurn | AskTurn) -> int | None:
    if isinstance(turn, AskTurn):
        return turn.answer.completion_tokens if turn.answer else None
    return turn.finished.completion_tokens if turn.finished else None
