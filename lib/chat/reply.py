"""An answer of a conversation that is under way: in a thread of its own, so that it goes on whatever page is open."""

from __future__ import annotations

import threading
import time
from contextlib import closing, suppress

from lib.chat import records
from lib.chat.replying import Asked, replying
from lib.chat.turns import AskTurn, ChatTurn
from lib.errors import AppError

SAVE_SECONDS = 1.0


class Reply:
    """Fills a turn, and writes it down about once a second. Every tab of its person may look at it."""

    def __init__(self, turn: ChatTurn, asked: Asked) -> None:
        self.turn, self._asked = turn, asked
        self.doing = "Starting"
        """What happens now, in a few words; empty while the words themselves show it."""
        self._stop, self._done = threading.Event(), threading.Event()
        self._saved = 0.0

    @property
    def answer(self) -> AskTurn | None:
        """The answer from the tables that it speaks of, as soon as there is one."""
        return self._asked.answers.get(self.turn.about)

    @property
    def done(self) -> bool:
        """Whether it has ended, and is written down."""
        return self._done.is_set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait at most so long; True when it is done."""
        return self._done.wait(seconds)

    def stop(self) -> None:
        """End it; what has come stays."""
        self._stop.set()

    def work(self) -> None:
        turn = self.turn
        try:
            with closing(replying(turn, self._asked)) as steps:
                for self.doing in steps:
                    if self._stop.is_set() or self._asked.space.closed:
                        break
                    self._save_sometimes()
                else:
                    turn.state = "failed" if turn.error else "done"
        except AppError as e:
            turn.error, turn.state = e, "failed"
        finally:
            if turn.state == "running":
                turn.state = "stopped"
            self._save()
            _UNDER_WAY.pop(turn.id, None)
            self._done.set()

    def _save_sometimes(self) -> None:
        if time.monotonic() - self._saved >= SAVE_SECONDS:
            self._save()

    def _save(self) -> None:
        self._saved = time.monotonic()
        with suppress(AppError):  # the page says so when the question itself cannot be written down
            records.save(self._asked.space.history, self.turn)


_UNDER_WAY: dict[str, Reply] = {}


def start(turn: ChatTurn, asked: Asked) -> Reply:
    """Let the turn be answered from now on."""
    turn.state, turn.error = "running", None
    reply = _UNDER_WAY[turn.id] = Reply(turn, asked)
    threading.Thread(target=reply.work, name="bayan-reply", daemon=True).start()
    return reply


def current(turn_id: str) -> Reply | None:
    """The answer that is under way for this turn, if any."""
    return _UNDER_WAY.get(turn_id)
