"""What an endpoint's failure means: one sentence for a person, and whether trying again is safe and useful.

Whatever the endpoint says about it is data: one line of it, cut short, and never with the key in it.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.client import RemoteDisconnected
from typing import Any
from urllib.parse import urlsplit

from requests import exceptions as of_requests
from urllib3 import exceptions as of_urllib3

from lib.errors import (
    AppError,
    ContextTooLong,
    EndpointFailed,
    KeyRefused,
    ModelNotFound,
    PrivateAddress,
    RateLimited,
    StreamBroken,
    TooSlow,
    Unreachable,
    WrongPath,
)
from lib.llm.endpoint import CUSTOMER_HOST, SUPPORT, Endpoint

LONGEST_WAIT = 30.0
"""Seconds of a Retry-After that are waited for; a longer one is told to the person instead."""

_ECHO = 200
_PAGE = "the Settings page"
_BAD_GATEWAY = {502: "did not get an answer from the model behind it", 504: "waited too long for the model"}
_OVERFLOW_CODES = {"context_length_exceeded", "exceed_context_size_error"}
_OVERFLOW = re.compile(
    r"context (?:length|size|window)|maximum model length|maximum input length|max_new_tokens` must be", re.I
)
_NUMBER = r"(\d+)"
_CONTEXT = re.compile(
    rf"(?:maximum (?:context|model) length (?:is|of)|available context size \(|must be <=) ?{_NUMBER}", re.I
)
_PROMPT = re.compile(
    rf"{_NUMBER} (?:in the (?:messages|prompt)|of text input|input tokens|`inputs` tokens)"
    rf"|request \({_NUMBER} tokens|prompt \(length {_NUMBER}|messages resulted in {_NUMBER}",
    re.I,
)
_NO_SUCH_MODEL = re.compile(
    r"not a valid model|invalid model|unknown model|no such model|model\b.{0,120}\b(?:not found|does not exist)",
    re.I | re.S,
)


@dataclass(frozen=True)
class Overflow:
    """What the endpoint said about its context and the prompt's size, in tokens; None where it was silent."""

    context: int | None
    prompt: int | None


class Fault(Exception):
    """One failed try. `again` says that another may work, `wait` how many seconds later the endpoint wants it."""

    def __init__(
        self, error: AppError, *, again: bool = False, wait: float = 0.0, overflow: Overflow | None = None
    ) -> None:
        super().__init__(error.detail)
        self.error = error
        self.again = again
        self.wait = wait
        self.overflow = overflow


@dataclass(frozen=True)
class Asked:
    """Who was asked for what: the names in the sentences. An empty `model` means the list of models."""

    endpoint: Endpoint
    model: str = ""

    def quote(self, said: object) -> str:
        """One line of the endpoint's own words, without the key, at most 200 characters."""
        text = str(said)
        if self.endpoint.api_key:
            text = text.replace(self.endpoint.api_key, "…")
        line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
        return line if len(line) <= _ECHO else line[:_ECHO] + "…"

    def refused(self, status: int, headers: Mapping[str, str], body: bytes) -> Fault:
        """A status other than 200, before any of the answer."""
        if 300 <= status < 400:
            return self._redirected(headers.get("Location", ""))
        return self._failed(status, _said(body), headers)

    def failed_inside(self, error: object) -> Fault:
        """An error object inside an answer that began as 200."""
        said = _Said.of(error)
        return self._failed(said.status or 500, said, {})

    def _failed(self, status: int, said: _Said, headers: Mapping[str, str]) -> Fault:
        if status in (401, 402, 403):
            return Fault(self._key_refused(status, said))
        if status == 429:
            return self._limited(headers)
        if status < 500 and (status == 404 or _NO_SUCH_MODEL.search(said.text)):
            return Fault(self._not_found(said))
        if said.overflows:
            return self._too_long(said)
        if status in _BAD_GATEWAY:
            detail = f"{self._name} {_BAD_GATEWAY[status]} ({status})."
            return Fault(EndpointFailed(detail + self._words(said), "Try again in a moment."), again=True)
        if status == 503:
            return self._busy(headers, said)
        return Fault(self._plain(status, said))

    def _key_refused(self, status: int, said: _Said) -> AppError:
        whom = f", or write to {SUPPORT}" if self.endpoint.host == CUSTOMER_HOST else ""
        if not self.endpoint.api_key:
            if self.endpoint.chosen:
                return KeyRefused(f"{self._name} wants a key, and none was given for it.", f"Type one on {_PAGE}.")
            hint = f"Set LLM_API_KEY in the environment or in .streamlit/secrets.toml, or type a key on {_PAGE}{whom}."
            return KeyRefused(f"{self._name} wants a key, and LLM_API_KEY is missing.", hint)
        if status == 402:
            detail = f"The account behind the key has no credit left at {self._name}."
            return KeyRefused(detail, f"Check the account{whom}.")
        what = "did not accept the key" if status == 401 else "does not allow this key to do that"
        return KeyRefused(f"{self._name} {what} ({status}).{self._words(said)}", f"Check {self._key}{whom}.")

    def _not_found(self, said: _Said) -> AppError:
        if not self.model:
            return WrongPath(f"{self._name} has no list of models (404).", f"Check {self._address}.")
        if said.page:
            return self._plain(404, said)
        return ModelNotFound(
            f"{self._name} does not know the model {self.quote(self.model)}.{self._words(said)}",
            f"Check the model's name and {self._address}; “Test connection” on {_PAGE} and `python -m lib models` list"
            " what is served.",
        )

    def _limited(self, headers: Mapping[str, str]) -> Fault:
        wait = _retry_after(headers)
        if wait is None:
            detail = f"{self._name} had too many requests and does not say how long to wait (429)."
            return Fault(RateLimited(detail, "Try again in a minute."))
        detail = f"{self._name} had too many requests and asks to wait {_seconds(wait)} (429)."
        return Fault(RateLimited(detail, "Try again after that."), again=wait <= LONGEST_WAIT, wait=wait)

    def _busy(self, headers: Mapping[str, str], said: _Said) -> Fault:
        wait = _retry_after(headers)
        when = "" if wait is None else f" and asks to wait {_seconds(wait)}"
        error = EndpointFailed(
            f"{self._name} is overloaded or being serviced{when} (503).{self._words(said)}",
            "Try again in a minute." if wait is None else "Try again after that.",
        )
        return Fault(error, again=wait is not None and wait <= LONGEST_WAIT, wait=wait or 0.0)

    def _too_long(self, said: _Said) -> Fault:
        size = f" of {said.context:,} tokens" if said.context else ""
        error = ContextTooLong(
            f"Question and answer together do not fit the model's context{size}.{self._words(said)}",
            "Shorten the question, or start a new chat.",
        )
        return Fault(error, overflow=Overflow(said.context, said.prompt))

    def _plain(self, status: int, said: _Said) -> AppError:
        if said.page:
            kind = EndpointFailed if status >= 500 else WrongPath
            return kind(
                f"{self._name} answered with a web page instead of an answer ({status}).",
                f"Check {self._address}; if it is right, the service may be down.",
            )
        what = "has an error of its own" if status >= 500 else "refused the request"
        hint = "Try again; if it stays, ask whoever runs the endpoint." if status >= 500 else ""
        return EndpointFailed(f"{self._name} {what} ({status}).{self._words(said)}", hint)

    def _redirected(self, location: str) -> Fault:
        try:
            target = urlsplit(location).hostname or self.endpoint.host
        except ValueError:
            target = "another address"
        return Fault(
            EndpointFailed(
                f"{self._name} redirects to {self.quote(target)}; nothing was sent there, the key least of all.",
                f"If the service has moved there, set {self._address} to its new one.",
            )
        )

    def no_events(self, line: str) -> Fault:
        """A stream whose bytes are no events; `line` shows what they are instead."""
        if line.lstrip().startswith("<"):
            return Fault(self._plain(200, _Said(page=True)))
        return self.malformed(line)

    def malformed(self, line: str) -> Fault:
        detail = f"{self._name} sent a line that is not JSON: “{self.quote(line)}”."
        return Fault(EndpointFailed(detail, "Try again; if it stays, ask whoever runs the endpoint."))

    def unexpected(self) -> Fault:
        detail = f"{self._name} sent JSON that is not an answer of an OpenAI-compatible API."
        return Fault(EndpointFailed(detail, f"Check {self._address}."))

    def empty(self) -> Fault:
        return Fault(EndpointFailed(f"{self._name} ended its answer before it wrote anything.", "Try again."))

    def oversized(self) -> Fault:
        return Fault(EndpointFailed(f"{self._name} sent more than any answer can be.", f"Check {self._address}."))

    def broke_off(self) -> Fault:
        """The stream ended in mid-answer."""
        detail = f"{self._name} ended the connection before the answer was complete."
        return Fault(StreamBroken(detail, "What came before that is kept; ask again for the rest."))

    def dropped(self) -> Fault:
        """The connection was lost before the answer began."""
        detail = f"{self._name} closed the connection before the answer began."
        return Fault(StreamBroken(detail, "Try again."), again=True)

    def late(self, seconds: float, begun: bool) -> AppError:
        if begun:
            detail = f"The answer was not complete after {_seconds(seconds)}."
            return StreamBroken(detail, "What came before that is kept; ask for a shorter answer.")
        detail = f"{self._name} did not begin to answer within {_seconds(seconds)}."
        return TooSlow(detail, "Try again; LLM_TIMEOUT_SECONDS sets how long to wait.")

    def unreachable(self, failure: Exception) -> Fault:
        """A foreign exception of the connection, told apart by what is at its root."""
        causes = tuple(_causes(failure))
        for kinds, detail, hint, again in _NETWORK:
            if any(isinstance(one, kinds) for one in causes):
                return Fault(Unreachable(f"{self._name} {detail}", hint.format(address=self._address)), again=again)
        if any(isinstance(one, _LOST) for one in causes):
            return self.dropped()
        return Fault(Unreachable(f"The connection to {self._name} failed.", f"Check {self._address}."))

    def private(self) -> Fault:
        """An address that the endpoint may not have."""
        return Fault(
            PrivateAddress(
                f"{self._name} is in a private network, where visitors of this Bayan may not send anything.",
                f"Choose a public address, or ask who runs this Bayan to put {self.endpoint.host} into ALLOWED_HOSTS.",
            )
        )

    @property
    def _address(self) -> str:
        return f"the address on {_PAGE}" if self.endpoint.chosen else "LLM_BASE_URL"

    @property
    def _key(self) -> str:
        return f"the key on {_PAGE}" if self.endpoint.chosen else "LLM_API_KEY"

    @property
    def _name(self) -> str:
        name = self.endpoint.name
        return "The built-in model" if self.endpoint.builtin else f"The endpoint {name}".rstrip()

    def _words(self, said: _Said) -> str:
        quoted = self.quote(said.text)
        return f" It says: “{quoted}”." if quoted and not said.page else ""


_LOST = (
    ConnectionResetError,
    BrokenPipeError,
    ConnectionAbortedError,
    RemoteDisconnected,
    of_urllib3.ProtocolError,
    of_requests.ChunkedEncodingError,
)
_CHECK = "Check {address} and this machine's network."
_NETWORK: tuple[tuple[tuple[type[BaseException], ...], str, str, bool], ...] = (
    (
        (ssl.SSLCertVerificationError,),
        "has no certificate that this machine trusts.",
        "Check {address}; for a private certificate set REQUESTS_CA_BUNDLE.",
        False,
    ),
    (
        (ssl.SSLError, of_urllib3.SSLError, of_requests.SSLError),
        "does not speak TLS as it should, so there is no safe connection.",
        "Check whether {address} should begin with http:// or https://.",
        False,
    ),
    (
        (socket.gaierror, of_urllib3.NameResolutionError),
        "has a name that no name server knows.",
        _CHECK,
        False,
    ),
    (
        (ConnectionRefusedError,),
        "refused the connection: nothing listens there.",
        "Check {address}, and that the service runs.",
        True,
    ),
    (
        (of_urllib3.ConnectTimeoutError, of_requests.ConnectTimeout),
        "did not take the connection in time.",
        _CHECK,
        False,
    ),
    (
        (of_urllib3.ProxyError, of_requests.ProxyError),
        "cannot be reached through the proxy.",
        "Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY.",
        False,
    ),
)


@dataclass(frozen=True)
class _Said:
    """An endpoint's words about its failure, of whatever shape they came in."""

    text: str = ""
    code: str = ""
    status: int = 0
    page: bool = False
    context: int | None = None
    prompt: int | None = None

    @property
    def overflows(self) -> bool:
        return self.code in _OVERFLOW_CODES or bool(_OVERFLOW.search(self.text))

    @classmethod
    def of(cls, error: object) -> _Said:
        if not isinstance(error, dict):
            return cls.words(error if isinstance(error, str) else "")
        inner = error.get("error", error.get("detail"))
        if isinstance(inner, dict | str):
            return cls.of(inner)
        code, kind = error.get("code"), error.get("type")
        said = cls.words(str(error.get("message") or ""))
        return cls(
            text=said.text,
            code=kind if kind in _OVERFLOW_CODES else str(code),
            status=_status(code),
            context=_whole(error.get("n_ctx")) or said.context,
            prompt=_whole(error.get("n_prompt_tokens")) or said.prompt,
        )

    @classmethod
    def words(cls, text: str) -> _Said:
        digits = re.sub(r"(?<=\d),(?=\d{3})", "", text)
        return cls(text=text, context=_first(_CONTEXT, digits), prompt=_first(_PROMPT, digits))


def _said(body: bytes) -> _Said:
    text = body.decode("utf-8", "replace").strip()
    if text.startswith("<"):
        return _Said(page=True)
    try:
        return _Said.of(json.loads(text))
    except (ValueError, RecursionError):
        return _Said.words(text)


def _causes(failure: BaseException) -> Iterator[BaseException]:
    """The failure and what is inside it: urllib3 keeps the root in `reason` or among its arguments."""
    todo: list[Any] = [failure]
    seen: set[int] = set()
    while todo:
        one = todo.pop()
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            todo += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, from a number or from a date, which is on the endpoint's own clock."""
    value = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d*)?", value):
        return float(value)
    until, now = _moment(value), _moment(headers.get("Date", ""))
    return None if until is None else max(0.0, until - (time.time() if now is None else now))


def _moment(value: str) -> float | None:
    """Seconds since 1970."""
    try:
        return parsedate_to_datetime(value).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None


def _seconds(seconds: float) -> str:
    return "1 second" if round(seconds) == 1 else f"{seconds:,.0f} seconds"


def _first(pattern: re.Pattern[str], text: str) -> int | None:
    match = pattern.search(text)
    return next((int(one) for one in match.groups() if one), None) if match else None


def _whole(value: object) -> int | None:
    return value if type(value) is int and value > 0 else None


def _status(code: object) -> int:
    number = int(code) if isinstance(code, int) or (isinstance(code, str) and code.isdecimal()) else 0
    return number if 400 <= number < 600 else 0
