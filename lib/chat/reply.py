"""A model's words that are under way: in a thread of their own, so that they go on whatever page is open."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress

from lib.chat import late, records
from lib.chat.questions import question
from lib.chat.turns import AskTurn, ChatTurn
from lib.data import homes
from lib.data.workspace import Workspace
from lib.errors import AppError
from lib.serving.under_way import under_way

Steps = Generator[str, None, None]
"""Fill a turn; yield what happens in a few words, about ten times a second. Closing them ends the work."""

SAVE_SECONDS = 1.0


class Reply:
    """Fills a turn, and writes it down about once a second. Every tab of its person may look at it."""

    def __init__(
        self,
        turn: ChatTurn,
        steps: Steps,
        space: Workspace,
        answers: Mapping[str, AskTurn],
        then: Callable[[], None] | None,
    ) -> None:
        self.turn, self._steps, self._space, self._answers, self._then = turn, steps, space, answers, then
        self.doing = "Starting"
        """What happens now, in a few words; empty while the words themselves show it."""
        self._stop, self._done = threading.Event(), threading.Event()
        self._saved, self._said = 0.0, False

    @property
    def answer(self) -> AskTurn | None:
        """The answer from the tables that it speaks of, as soon as there is one."""
        return self._answers.get(self.turn.about)

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
        """Fill the turn, then do what comes after. The workspace stays open until the end, whoever leaves it."""
        try:
            self._fill()
            if self.turn.state == "done" and self._then:
                self._then()
        finally:
            homes.release(self._space)

    @under_way("question")
    def _fill(self) -> None:
        turn = self.turn
        try:
            with question(turn, self._space, self._steps) as steps:
                for self.doing in steps:
                    if self._stop.is_set() or self._space.closed:
                        break
                    self._save_sometimes()
                else:
                    turn.state = "failed" if turn.error else "done"
        except AppError as e:
            turn.error, turn.state = e, "failed"
        finally:
            if turn.state == "running":
                turn.state = "stopped"
            with suppress(AppError):  # it is tried again, and the page says so
                late.save(self._space, turn)
            _UNDER_WAY.pop(turn.id, None)
            self._done.set()

    def _save_sometimes(self) -> None:
        """The first words at once, the others from time to time."""
        begins = bool(self.turn.answer) and not self._said
        if begins or time.monotonic() - self._saved >= SAVE_SECONDS:
            self._said = self._said or begins
            self._save()

    def _save(self) -> None:
        self._saved = time.monotonic()
        with suppress(AppError):  # the page says so when the question itself cannot be written down
            records.save(self._space.history, self.turn)


_UNDER_WAY: dict[str, Reply] = {}


def start(
    turn: ChatTurn,
    steps: Steps,
    space: Workspace,
    answers: Mapping[str, AskTurn],
    then: Callable[[], None] | None = None,
) -> Reply:
    """Let the steps fill the turn from now on, and do what is to come `then` when nothing went wrong.

    `answers` has those that the turn may come to speak of, by id.
    """
    if (running := current(turn.id)) is not None:
        return running
    turn.state, turn.error = "running", None
    homes.hold(space)  # it goes on when the last tab is closed
    reply = _UNDER_WAY[turn.id] = Reply(turn, steps, space, answers, then)
    threading.Thread(target=reply.work, name="bayan-reply", daemon=True).start()
    return reply


def current(turn_id: str) -> Reply | None:
    """The answer that is under way for this turn, if any."""
    return _UNDER_WAY.get(turn_id)
