"""Several answers to one question, written at the same time, as many as the endpoint's limits let through."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator
from contextlib import closing

from lib.errors import AppError
from lib.llm.messages import Event, Finished, Piece, Tick, Waiting

Draft = tuple[str, Finished]
_Came = Draft | AppError | Waiting | None


def drafting(starts: list[Callable[[], Generator[Event, None, None]]]) -> Generator[Draft | Waiting | Tick, None, None]:
    """Yield each answer as it is complete, with Ticks in between; closing it stops those that are still written.

    An answer that fails is missing; when all do, the first one's ModelError is raised.
    """
    came: queue.Queue[_Came] = queue.Queue()
    stopped = threading.Event()
    for start in starts:
        threading.Thread(target=_write, args=(start, came, stopped), name="draft", daemon=True).start()
    errors: list[AppError] = []
    left, given = len(starts), 0
    try:
        while left:
            try:
                one = came.get(timeout=0.1)
            except queue.Empty:
                yield Tick()
                continue
            if isinstance(one, Waiting):
                yield one
                continue
            left -= 1
            if isinstance(one, AppError):
                errors.append(one)
            elif one is not None:
                given += 1
                yield one
        if errors and not given:
            raise errors[0]
    finally:
        stopped.set()


def _write(
    start: Callable[[], Generator[Event, None, None]], came: queue.Queue[_Came], stopped: threading.Event
) -> None:
    text = ""
    try:
        with closing(start()) as events:
            for event in events:
                if stopped.is_set():
                    return
                match event:
                    case Piece(text=piece):
                        text += piece
                    case Waiting():
                        came.put(event)
                    case Finished():
                        came.put((text, event))
                        return
        came.put(None)
    except AppError as e:
        came.put(e)
