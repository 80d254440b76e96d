"""Turns that could not be written down, on a full disk say: kept here, and tried again until they are on the disk."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field

from lib.chat import records
from lib.chat.turns import AskTurn, ChatTurn
from lib.data import homes
from lib.data.history import MAIN
from lib.data.workspace import Workspace
from lib.errors import AppError

AGAIN_SECONDS = 1.0


@dataclass
class _Late:
    """The turn as it is now, where it belongs, and why it is not there yet."""

    turn: ChatTurn | AskTurn
    space: Workspace
    why: AppError
    given_up: threading.Event = field(default_factory=threading.Event)


_LATE: dict[str, _Late] = {}
_lock = threading.Lock()


def save(space: Workspace, turn: ChatTurn | AskTurn) -> None:
    """Write the turn down; what hinders is raised, and it is tried again for as long as the workspace is there."""
    try:
        records.save(space.history, turn)
    except AppError as e:
        _remember(space, turn, e)
        raise
    forget(turn.id)  # it was an earlier state of the same turn


def chat_turns(space: Workspace, conversation: str) -> list[ChatTurn]:
    """The turns of a conversation that are not written down as they are now."""
    return [one for one in _turns(space, conversation) if isinstance(one, ChatTurn)]


def ask_turns(space: Workspace, conversation: str = MAIN) -> list[AskTurn]:
    """The same of the questions about the tables that were asked there."""
    return [one for one in _turns(space, conversation) if isinstance(one, AskTurn)]


def why(space: Workspace) -> AppError | None:
    """Why turns of a workspace are not written down yet; None if there are none."""
    late = _of(space)
    if not late:
        return None
    last = late[-1].why
    return type(last)(
        f"What is on this page is not kept yet, which is tried again all the time. {last.detail}", last.hint
    )


def forget(turn_id: str) -> None:
    """Do not try any more."""
    with _lock:
        late = _LATE.pop(turn_id, None)
    if late:
        late.given_up.set()


def _turns(space: Workspace, conversation: str) -> list[ChatTurn | AskTurn]:
    return [one.turn for one in _of(space) if one.turn.conversation == conversation]


def _of(space: Workspace) -> list[_Late]:
    with _lock:
        return [one for one in _LATE.values() if one.space is space]


def _remember(space: Workspace, turn: ChatTurn | AskTurn, e: AppError) -> None:
    with _lock:
        if late := _LATE.get(turn.id):
            late.turn, late.why = turn, e
        elif not space.closed:
            late = _LATE[turn.id] = _Late(turn, space, e)
            homes.hold(space)  # it is the only copy
            threading.Thread(target=_try_again, args=[late], name="bayan-late", daemon=True).start()


def _try_again(late: _Late) -> None:
    try:
        while not (late.given_up.wait(AGAIN_SECONDS) or late.space.closed):
            turn = late.turn
            with suppress(AppError):
                records.save(late.space.history, turn)
                if turn is late.turn:
                    return
    finally:
        forget(late.turn.id)
        homes.release(late.space)
