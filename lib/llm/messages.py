"""What goes into a model and what comes out of it, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lib.errors import BadParameter

MOST_TOKENS = 4096
"""The longest answer that may be asked for."""


_SHORTEST_WRITING = 0.05


@dataclass(frozen=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class Sampling:
    """How a model picks its tokens. Raises BadParameter for a value that no endpoint would take."""

    temperature: float = 0.7
    top_p: float = 0.9
    max_tokens: int = 2048
    stop: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # Written as `not (... <= x <= ...)`, so that NaN is refused too.
        if not 0.0 <= self.temperature <= 2.0:
            raise BadParameter("The temperature must be between 0.0 and 2.0.")
        if not 0.0 < self.top_p <= 1.0:
            raise BadParameter("top_p must be above 0 and at most 1.")
        if not (1 <= self.max_tokens <= MOST_TOKENS and self.max_tokens == int(self.max_tokens)):
            raise BadParameter(f"max_tokens must be a whole number between 1 and {MOST_TOKENS:,}.")
        if isinstance(self.stop, str) or not all(self.stop):
            raise BadParameter("The stop texts must be a list of texts that are not empty.")


@dataclass(frozen=True)
class Tick:
    """Nothing has arrived for about 0.1 s; gives the consumer a chance to stop."""


@dataclass(frozen=True)
class Waiting:
    """The request is not under way: `why` is a sentence for a person, `seconds` is 0 when nobody knows."""

    seconds: float
    why: str


@dataclass(frozen=True)
class Trimmed:
    """So many of the oldest messages were left out; a later one in the same answer replaces this one."""

    turns: int


@dataclass(frozen=True)
class Piece:
    """Text of the answer, to be joined with the pieces before it."""

    text: str


@dataclass(frozen=True)
class Finished:
    """The answer is complete; `reason` is `stop`, `length` or what else the endpoint said.

    Seconds count from sending the request that was answered, waiting and earlier tries left out;
    `first_token_seconds` equals `seconds` when the answer is empty. `estimated` says that the endpoint
    gave no token counts and they were guessed here.
    """

    reason: str
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    first_token_seconds: float
    estimated: bool

    @property
    def tokens_per_second(self) -> float:
        """How fast it was written once it had begun; 0 where that took no time to speak of."""
        writing = self.seconds - self.first_token_seconds
        return self.completion_tokens / writing if writing > _SHORTEST_WRITING else 0.0


Event = Tick | Waiting | Trimmed | Piece | Finished
