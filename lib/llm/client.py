"""The one way to every model: chat, text completion and the list of models, with its limits kept.

    client = Client(Endpoint.at("https://llm.bayanatkom.com", key), settings)
    with closing(client.chat(model, [Message("user", "Hello")])) as events:
        for event in events: ...

Closing the generator is Stop: the endpoint sees a closed connection at once, whatever the call is waiting for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, cast

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    sleep_using_event,
    stop_after_attempt,
    wait_exponential,
    wait_random,
)

from lib.errors import BadParameter, ModelError
from lib.llm.answer import Reading
from lib.llm.endpoint import Endpoint
from lib.llm.faults import Asked, Fault, Overflow
from lib.llm.known import KNOWN
from lib.llm.limits import Told, limiter
from lib.llm.messages import (
    Event,
    Finished,
    Message,
    Piece,
    Sampling,
    Tick,
    Trimmed,
    Waiting,
)
from lib.llm.models import Model, read_models, same_model
from lib.llm.tokens import Fit, fit, fit_text
from lib.llm.usage import Usage
from lib.llm.wire import MOST_BYTES, Call, Reply, exchange, pump
from lib.settings import Settings

__all__ = [
    "CONTEXT",
    "Client",
    "Endpoint",
    "Event",
    "Finished",
    "Message",
    "Model",
    "Piece",
    "Sampling",
    "Tick",
    "Trimmed",
    "Waiting",
    "same_model",
]

CONTEXT = 8192
"""Tokens of prompt and answer together, where the endpoint does not say."""

_TRIES = 3
_BACKOFF = wait_exponential(multiplier=0.25, max=8) + wait_random(0, 0.25)
_SPARE = 1.05  # what is left after a cut may count a little differently than the whole did
_LISTING_SECONDS = 5.0
_LISTING_KEPT, _FAILURE_KEPT = 600.0, 60.0


@dataclass(frozen=True)
class _Request:
    """What is asked: `fitted` cuts it to a context, `content` gives the part of the body that was cut."""

    path: str
    model: str
    sampling: Sampling
    stream: bool
    fitted: Callable[[int, float], Fit]
    content: Callable[[Fit], dict[str, Any]]


class Client:
    """Talks to one endpoint. Cheap to make; limits and what endpoints say are shared by the whole process.

    Every complete answer is counted in `usage`, where one is given.
    """

    def __init__(self, endpoint: Endpoint, settings: Settings, usage: Usage | None = None) -> None:
        self.endpoint = endpoint
        self._usage = usage
        self._seconds = float(settings.llm_timeout_seconds)
        self._limiter = limiter(endpoint.base_url, settings)

    def chat(
        self,
        model: str,
        messages: Sequence[Message],
        sampling: Sampling | None = None,
        *,
        stream: bool = True,
    ) -> Generator[Event, None, None]:
        """Answer the last question. The oldest turns are left out when they do not fit; Trimmed says so.

        Raises ModelError, after the pieces that have come until then.
        """
        sampling, turns = sampling or Sampling(), tuple(messages)
        request = _Request(
            "chat/completions",
            model,
            sampling,
            stream,
            lambda context, stretch: fit(turns, context, sampling.max_tokens, stretch),
            lambda cut: {"messages": [{"role": one.role, "content": one.content} for one in cut.messages]},
        )
        return self._asked(request)

    def text(
        self, model: str, prompt: str, sampling: Sampling | None = None, *, stream: bool = True
    ) -> Generator[Event, None, None]:
        """Continue a raw prompt, which is never cut; the answer gets what is left. Raises ModelError."""
        sampling = sampling or Sampling()
        request = _Request(
            "completions",
            model,
            sampling,
            stream,
            lambda context, stretch: fit_text(prompt, context, sampling.max_tokens, stretch),
            lambda cut: {"prompt": prompt},
        )
        return self._asked(request)

    def models(self) -> tuple[Model, ...]:
        """What the endpoint serves, asked anew. Raises ModelError."""
        return _walked(self.listing())

    def listing(self) -> Generator[Event, None, tuple[Model, ...]]:
        """The same with a Tick ten times a second; closing the generator is Stop. Raises ModelError."""
        return self._listed(_TRIES)

    def context_length(self, model: str) -> int:
        """Tokens of prompt and answer together: what the endpoint reports, else 8,192. Never fails."""
        return self._context(model, None)

    def _asked(self, request: _Request) -> Generator[Event, None, None]:
        asked = Asked(self.endpoint, request.model)
        return pump(asked, lambda call: self._answer(call, request))

    def _answer(self, call: Call, request: _Request) -> None:
        """One answer; when the endpoint finds the prompt too long, once more with a shorter one."""
        cut = request.fitted(self._context(request.model, call), 1.0)
        _tell_trimmed(call, cut)
        try:
            self._patiently(call, _TRIES, lambda: self._stream(call, request, cut))
        except Fault as e:
            if e.overflow is None:
                raise
            shorter = self._shorter(request, cut, e.overflow)
            if (shorter.messages, shorter.max_tokens) == (cut.messages, cut.max_tokens):
                raise
            _tell_trimmed(call, shorter)
            self._patiently(call, _TRIES, lambda: self._stream(call, request, shorter))

    def _shorter(self, request: _Request, cut: Fit, overflow: Overflow) -> Fit:
        """Cut again, by the context and the prompt's size that the endpoint named; else by a quarter."""
        ours = self._context(request.model, None)
        context, stretch = min(overflow.context or ours, ours), 1.0
        if overflow.prompt:
            stretch = max(1.0, _SPARE * overflow.prompt / cut.prompt_tokens)
        elif context == ours:
            return request.fitted((cut.prompt_tokens + cut.max_tokens) * 3 // 4, stretch)
        if context < ours:
            KNOWN.learn(self.endpoint, request.model, context)
        return request.fitted(context, stretch)

    def _patiently(self, call: Call, tries: int, send: Callable[[], None]) -> None:
        """Try `tries` times in all; every wait is told, and ends when the call is stopped."""

        def tell(state: RetryCallState) -> None:
            fault = state.outcome.exception() if state.outcome else None
            if isinstance(fault, Fault) and state.next_action:
                seconds = state.next_action.sleep
                when = "in a moment" if seconds < 1.5 else f"in {seconds:.0f} seconds"
                call.emit(Waiting(seconds, f"{fault.error.detail} Trying again {when}."))

        retrying = Retrying(
            stop=stop_after_attempt(tries),
            wait=_pause,
            retry=retry_if_exception(lambda e: isinstance(e, Fault) and e.again),
            sleep=sleep_using_event(call.stopped),
            before_sleep=tell,
            reraise=True,
        )
        retrying(send)

    def _stream(self, call: Call, request: _Request, cut: Fit) -> None:
        """One try, from its turn in the queue to the end of the answer."""
        body = self._body(request, cut)
        with self._limiter.slot(call.stopped, _teller(call)):
            call.starts(self._seconds)
            reading = Reading(call.asked, self._counting(call), cut.prompt_tokens)
            try:
                with exchange(call, "POST", request.path, body, self._seconds) as reply:
                    if reply.status != 200:
                        raise self._refused(call, reply)
                    reading.read(reply.chunks)
            finally:
                call.rests()

    def _refused(self, call: Call, reply: Reply) -> Fault:
        """What the refusal means. Where the endpoint wants a pause, everybody who asks it keeps to it."""
        fault = call.asked.refused(reply.status, reply.headers, reply.beginning())
        if (
            fault.again and fault.wait and not self.endpoint.chosen
        ):  # a refusal of one visitor's own key is no matter of the others
            self._limiter.hold(fault.wait)
        return fault

    def _counting(self, call: Call) -> Callable[[Event], None]:
        def emit(event: Event) -> None:
            if self._usage and isinstance(event, Finished):
                self._usage.add(call.asked.model, self.endpoint.name, event)
            call.emit(event)

        return emit

    def _body(self, request: _Request, cut: Fit) -> bytes:
        sampling = request.sampling
        fields: dict[str, Any] = {
            "model": request.model,
            **request.content(cut),
            "max_tokens": cut.max_tokens,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "stream": request.stream,
        }
        if sampling.stop:
            fields["stop"] = list(sampling.stop)
        if request.stream and self._counts_streams(request.model):
            fields["stream_options"] = {"include_usage": True}
        body = json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace")
        if len(body) > MOST_BYTES:
            raise BadParameter("The request is larger than 50 MB, and no endpoint takes that.")
        return body

    def _counts_streams(self, model: str) -> bool:
        """Whether the endpoint is known to take `stream_options`; a strict one refuses what it does not know."""
        found = KNOWN.model(self.endpoint, model)
        return self.endpoint.builtin or bool(found and "stream_options" in found.supported_parameters)

    def _context(self, model: str, outer: Call | None) -> int:
        learned = KNOWN.learned(self.endpoint, model)
        if learned:
            return learned
        if KNOWN.models(self.endpoint) is None:
            try:
                with closing(self._listed(1)) as events:
                    for _ in events:
                        if outer and outer.stopped.is_set():
                            break
            except ModelError:
                KNOWN.keep(self.endpoint, (), _FAILURE_KEPT)
        found = KNOWN.model(self.endpoint, model)
        return (found and found.context_length) or CONTEXT

    def _listed(self, tries: int) -> Generator[Event, None, tuple[Model, ...]]:
        """Ask for the models in a call of its own."""
        found: list[Model] = []

        def work(call: Call) -> None:
            self._patiently(call, tries, lambda: found.extend(self._listing(call)))

        yield from pump(Asked(self.endpoint), work)
        KNOWN.keep(self.endpoint, tuple(found), _LISTING_KEPT)
        return tuple(found)

    def _listing(self, call: Call) -> tuple[Model, ...]:
        seconds = min(_LISTING_SECONDS, self._seconds)
        with self._limiter.slot(call.stopped, _teller(call)):
            call.starts(seconds)
            try:
                with exchange(call, "GET", "models", None, seconds) as reply:
                    if reply.status != 200:
                        raise self._refused(call, reply)
                    return read_models(_document(call.asked, b"".join(reply.chunks)))
            finally:
                call.rests()


def _walked(listing: Generator[Event, None, tuple[Model, ...]]) -> tuple[Model, ...]:
    """Walk a listing to its end."""
    while True:
        try:
            next(listing)
        except StopIteration as end:
            return cast("tuple[Model, ...]", end.value)


def _pause(state: RetryCallState) -> float:
    """Seconds until the next try: what the endpoint asked for, and never all clients at one moment."""
    fault = state.outcome.exception() if state.outcome else None
    asked = fault.wait if isinstance(fault, Fault) else 0.0
    return asked + _BACKOFF(state)


def _teller(call: Call) -> Told:
    def tell(seconds: float, ahead: int) -> None:
        others = {0: "This is the next one", 1: "One other is ahead"}.get(ahead, f"{ahead} others are ahead")
        call.emit(Waiting(seconds, f"Many are asking at the moment. {others}."))

    return tell


def _tell_trimmed(call: Call, cut: Fit) -> None:
    if cut.dropped:
        call.emit(Trimmed(cut.dropped))


def _document(asked: Asked, body: bytes) -> Any:
    text = body.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as e:
        raise asked.no_events(text) from e
