"""An endpoint's answer, from its bytes to its text: as a stream of events or as one JSON document."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from lib.llm.faults import Asked, Fault
from lib.llm.messages import Event, Finished, Piece
from lib.llm.sse import NotEvents, read_events
from lib.llm.tokens import estimate

_DONE = "[DONE]"


@dataclass(frozen=True)
class Usage:
    """Token counts as the endpoint reported them."""

    prompt: int
    completion: int


@dataclass(frozen=True)
class Part:
    """A step of the answer. A `reason` or `done` means that nothing of the answer is missing."""

    text: str = ""
    reason: str = ""
    usage: Usage | None = None
    done: bool = False


class Reading:
    """Turns the bytes of one answer into events, and keeps count from the moment that it is made."""

    def __init__(self, asked: Asked, emit: Callable[[Event], None], prompt_tokens: int) -> None:
        self._asked, self._emit, self._prompt_tokens = asked, emit, prompt_tokens
        self._started = time.monotonic()
        self._first: float | None = None
        self._text: list[str] = []
        self._reason = ""
        self._usage: Usage | None = None

    def read(self, chunks: Iterable[bytes]) -> None:
        """Emit the pieces and, when nothing is missing, Finished. Raises Fault."""
        try:
            complete = self._take(chunks)
        except Fault as e:
            # What a person has seen cannot be taken back, so nothing is tried again from here on.
            if self._first is not None and e.again:
                raise self._asked.broke_off() from e
            raise
        if not complete:
            raise self._asked.empty() if self._first is None else self._asked.broke_off()
        self._emit(self._finished())

    def _take(self, chunks: Iterable[bytes]) -> bool:
        """Whether the answer is complete."""
        for part in read_answer(self._asked, chunks):
            self._reason = part.reason or self._reason
            self._usage = part.usage or self._usage
            if part.text:
                self._first = self._first or time.monotonic()
                self._text.append(part.text)
                self._emit(Piece(part.text))
            if part.done and self._first is not None:
                return True
        return bool(self._reason)

    def _finished(self) -> Finished:
        now = time.monotonic()
        usage = self._usage or Usage(self._prompt_tokens, estimate("".join(self._text)))
        return Finished(
            reason=self._reason or "stop",
            prompt_tokens=usage.prompt,
            completion_tokens=usage.completion,
            seconds=now - self._started,
            first_token_seconds=(self._first or now) - self._started,
            estimated=self._usage is None,
        )


def read_answer(asked: Asked, chunks: Iterable[bytes]) -> Iterator[Part]:
    """The parts of an answer as they arrive. Raises Fault for whatever is not one.

    What the bytes are decides how they are read: some servers answer a request for a stream with one document,
    and the content type is not always true.
    """
    rest = iter(chunks)
    head = b""
    for chunk in rest:
        head += chunk
        if head.strip():
            break
    whole = chain((head,), rest)
    if head.lstrip().startswith((b"{", b"[")):
        yield _part(asked, _parsed(asked, b"".join(whole).decode("utf-8", "replace")))
    else:
        yield from _streamed(asked, whole)


def _streamed(asked: Asked, chunks: Iterable[bytes]) -> Iterator[Part]:
    try:
        for event in read_events(chunks):
            if event.value.strip() == _DONE:
                yield Part(done=True)
                return
            payload = _parsed(asked, event.value)
            if event.field == "error":
                raise asked.failed_inside(payload)
            yield _part(asked, payload)
    except NotEvents as e:
        raise asked.no_events(e.line) from e


def _parsed(asked: Asked, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as e:
        raise asked.malformed(text) from e


def _part(asked: Asked, payload: Any) -> Part:
    """One chunk of a stream, or a whole answer: the difference is only `delta` or `message`."""
    if not isinstance(payload, dict):
        raise asked.unexpected()
    if payload.get("error") or payload.get("object") == "error":
        raise asked.failed_inside(payload)
    choices, usage = payload.get("choices"), _usage(payload.get("usage"))
    if not isinstance(choices, list):
        raise asked.unexpected()
    choice = choices[0] if choices else {}
    if not isinstance(choice, dict):
        raise asked.unexpected()
    if choice.get("error") or choice.get("finish_reason") == "error":
        raise asked.failed_inside(choice.get("error"))
    return Part(_text(choice), _word(choice.get("finish_reason")), usage)


def _text(choice: dict[str, Any]) -> str:
    """The text of a choice; a model's reasoning and its tool calls are no part of the answer."""
    for place in (choice.get("delta"), choice.get("message")):
        if isinstance(place, dict):
            return _word(place.get("content"))
    return _word(choice.get("text"))


def _usage(value: object) -> Usage | None:
    counts = value if isinstance(value, dict) else {}
    prompt, completion = counts.get("prompt_tokens"), counts.get("completion_tokens")
    return Usage(prompt, completion) if type(prompt) is int and type(completion) is int else None


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""
