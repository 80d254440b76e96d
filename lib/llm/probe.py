"""Test a connection: what the endpoint serves, how soon each model begins to answer, and what stands in the way.

    for now in probe(models, settings): ...   # a Probe ten times a second; the last one has nothing left to do

Closing the generator is Stop. A failure is a check like any other: it names its cause and the cure.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Literal, TypeVar, cast
from urllib.parse import urlsplit

from rapidfuzz import fuzz, process, utils

from lib.errors import (
    AppError,
    EndpointFailed,
    KeyRefused,
    ModelError,
    ModelNotFound,
    StreamBroken,
    TooSlow,
    Unreachable,
    WrongPath,
)
from lib.llm.client import Client, Endpoint, Event, Finished, Message, Model, Sampling, Waiting
from lib.llm.connect import Models
from lib.llm.profiles import Profile, profile_for
from lib.settings import Settings

MOST_SECONDS = 60
"""A test waits no longer for a first token, whatever an answer may take."""

_SHORT = Sampling(temperature=0.0, top_p=1.0, max_tokens=8)
_PATHS = ("/v1", "/api/v1", "/openai/v1")
_ALIKE, _NAMES, _LONGEST = 60, 3, 100

Outcome = TypeVar("Outcome")
Job = Literal["List of models", "Chat model", "SQL model"]


@dataclass(frozen=True)
class Check:
    """One thing that was tried: `said` is what came of it, unless there is an `error`."""

    what: Job
    said: str = ""
    error: AppError | None = None


@dataclass(frozen=True)
class Probe:
    """What is known so far. `doing` is empty at the end; `address` would be a better one, where one was found."""

    doing: str
    models: tuple[Model, ...] = ()
    checks: tuple[Check, ...] = ()
    address: str = ""


def for_test(settings: Settings) -> Settings:
    """The settings with which to connect for a test."""
    return replace(settings, llm_timeout_seconds=min(MOST_SECONDS, settings.llm_timeout_seconds))


def probe(models: Models, settings: Settings) -> Generator[Probe, None, None]:
    """Ask for the list of models, then each model for a few tokens on the path that its questions take.

    `models` are connected with the settings of `for_test`. Raises nothing that an endpoint can cause.
    """
    now = Probe("Asking for the list of models")
    listed = yield from _tried(now, models.client.listing())
    if isinstance(listed, AppError):
        yield (now := (yield from _unlisted(now, listed, models.client, settings)))
    else:
        yield (now := replace(now, models=listed, checks=(_listing(listed),)))
    if not now.doing:
        return
    profile = profile_for(models.sql, settings.sql_profile)
    jobs: tuple[tuple[Job, str, Callable[[], Generator[Event, None, None]]], ...] = (
        ("Chat model", models.chat, lambda: models.client.chat(models.chat, [Message("user", "Say yes.")], _SHORT)),
        ("SQL model", models.sql, lambda: _sql(models, profile)),
    )
    for what, model, ask in jobs:
        now = replace(now, doing=f"Waiting for the first token of {model}")
        answered = yield from _tried(now, _end(ask()))
        check = (
            Check(what, error=_no_answer(answered, model, now.models, profile if what == "SQL model" else None))
            if isinstance(answered, AppError)
            else Check(what, f"{model}: first token after {answered.first_token_seconds:.2f} s")
        )
        now = replace(now, checks=(*now.checks, check))
    yield replace(now, doing="")


def _sql(models: Models, profile: Profile) -> Generator[Event, None, None]:
    if profile.wire == "text":
        return models.client.text(models.sql, "SELECT", _SHORT)
    return models.client.chat(models.sql, [Message("user", "Write SELECT 1.")], _SHORT)


def _tried(now: Probe, events: Generator[Event, None, Outcome]) -> Generator[Probe, None, Outcome | AppError]:
    """Tell what is being done until the outcome is there; an error is an outcome."""
    with closing(events):
        yield now
        while True:
            try:
                event = next(events)
            except StopIteration as end:
                return cast(Outcome, end.value)
            except AppError as e:
                return e
            yield replace(now, doing=event.why) if isinstance(event, Waiting) else now


def _end(events: Generator[Event, None, None]) -> Generator[Event, None, Finished]:
    """An answer whose outcome is its last event."""
    last: Event | None = None
    with closing(events):
        for last in events:
            yield last
    if not isinstance(last, Finished):
        raise StreamBroken("The answer ended without a word.", "Try again.")
    return last


def _listing(listed: tuple[Model, ...]) -> Check:
    if listed:
        return Check("List of models", f"{len(listed):,} served" if len(listed) > 1 else "1 served")
    return Check(
        "List of models", error=EndpointFailed("The endpoint answers, but serves no model.", "Load one there.")
    )


def _unlisted(now: Probe, error: AppError, client: Client, settings: Settings) -> Generator[Probe, None, Probe]:
    """Without a list: whether another path has one, and whether there is anything to go on with."""
    if isinstance(error, WrongPath):
        better = yield from _better_path(now, client.endpoint, settings)
        if better:
            error = WrongPath(error.detail, f"The API answers at {better}: use that address.")
            return replace(now, doing="", checks=(Check("List of models", error=error),), address=better)
    ends = isinstance(error, Unreachable | KeyRefused | TooSlow | StreamBroken)
    check = Check("List of models", error=_cured(error, client.endpoint))
    return replace(now, doing="" if ends else now.doing, checks=(check,))


def _better_path(now: Probe, endpoint: Endpoint, settings: Settings) -> Generator[Probe, None, str]:
    """An address at the same origin where a list of models answers, or at least asks for a key."""
    parts = urlsplit(endpoint.base_url)
    start = f"{parts.scheme}://{parts.netloc}"
    tried = dict.fromkeys(start + path for path in (f"{parts.path}/v1", *_PATHS))
    tried.pop(endpoint.base_url, None)
    # The server's own key goes to the server's own address only; a visitor's goes to this origin.
    key = endpoint.api_key if endpoint.chosen else ""
    guarded = ""
    for address in tried:
        elsewhere = Client(replace(endpoint, base_url=address, api_key=key), settings)
        listed = yield from _tried(replace(now, doing=f"Trying {address}"), elsewhere.listing())
        if not isinstance(listed, AppError) and listed:
            return address
        if isinstance(listed, KeyRefused):
            guarded = guarded or address
    return guarded


def _cured(error: AppError, endpoint: Endpoint) -> AppError:
    """The error with the cure that is likely where there is no list of models."""
    if isinstance(error, TooSlow):
        return TooSlow(error.detail, "Check that the service is well and the port is right, then test again.")
    if isinstance(error, StreamBroken) and endpoint.base_url.startswith("http://"):
        return StreamBroken(error.detail, "If the service speaks TLS, begin its address with https://.")
    return error


def _no_answer(error: AppError, model: str, served: tuple[Model, ...], profile: Profile | None) -> AppError:
    """The error with the cure that is likely where the list of models answered and a model did not."""
    known = any(one.is_called(model) for one in served)
    if isinstance(error, ModelNotFound | WrongPath) and known and profile and profile.wire == "text":
        return ModelError(
            f"The endpoint lists {model} but does not answer at /completions, where its profile asks.",
            "Pick another SQL model, or set SQL_PROFILE to direct.",
        )
    if isinstance(error, ModelNotFound) and served and not known:
        near = process.extract(
            model,
            [one.id for one in served],
            scorer=fuzz.WRatio,
            processor=utils.default_process,
            limit=_NAMES,
            score_cutoff=_ALIKE,
        )
        names = ", ".join(name[:_LONGEST] for name, _, _ in near)
        return ModelNotFound(
            error.detail,
            f"The nearest names there: {names}." if names else "Pick one of those that it lists.",
        )
    if isinstance(error, TooSlow):
        return TooSlow(error.detail, "Test again: a server that had to load the model first is faster then.")
    return error
