"""What the answers of one session took: requests, tokens and time, for each model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Lock

from lib.llm.messages import Finished


@dataclass(frozen=True)
class Spent:
    """The complete answers of one model. `seconds` is the time that they took; `estimated` says that tokens were.

    `tokens_per_second` is how fast the last one was written once it had begun, 0 where that cannot be said.
    """

    model: str
    place: str
    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    estimated: bool = False
    tokens_per_second: float = 0.0


class Usage:
    """Counts answers as they are finished, in whichever thread that happens."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._spent: dict[tuple[str, str], Spent] = {}

    def add(self, model: str, place: str, done: Finished) -> None:
        """Count one answer of `model` at the endpoint called `place`."""
        with self._lock:
            so_far = self._spent.get((model, place), Spent(model, place))
            self._spent[model, place] = replace(
                so_far,
                requests=so_far.requests + 1,
                prompt_tokens=so_far.prompt_tokens + done.prompt_tokens,
                completion_tokens=so_far.completion_tokens + done.completion_tokens,
                seconds=so_far.seconds + done.seconds,
                estimated=so_far.estimated or done.estimated,
                tokens_per_second=done.tokens_per_second,
            )

    def spent(self) -> tuple[Spent, ...]:
        """Each model's share, in the order in which they were first used."""
        with self._lock:
            return tuple(self._spent.values())
