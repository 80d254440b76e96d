"""A scripted upstream: an HTTP server on loopback that answers as it is told, and remembers who asked what.

    with ScriptedUpstream(replies=[chat_stream("Hel", "lo")]) as upstream:
        client = Client(upstream.endpoint(), settings)

A reply is a tuple of steps, played one after the other; then the connection is closed. It stands in for an
endpoint wherever the real one cannot be asked: in tests, in measurements, in a demonstration without network.
"""

from __future__ import annotations

import json
import secrets
import select
import socket
import struct
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from threading import Condition, Event, Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from lib.llm.endpoint import Endpoint

_POLL_SECONDS = 0.01


@dataclass(frozen=True)
class Drop:
    """Breaks the connection with a reset."""


Step = bytes | float | Event | Drop
"""Bytes are sent, a number is a pause in seconds, an Event is waited for."""

Reply = tuple[Step, ...]

MODELS: tuple[dict[str, Any], ...] = tuple(
    {
        "id": slug,
        "canonical_slug": slug,
        "name": name,
        "description": about,
        "context_length": 8192,
        "architecture": {"input_modalities": ["text"], "output_modalities": ["text"], "tokenizer": "Qwen"},
        "pricing": {"prompt": "0", "completion": "0"},
        "supported_parameters": ["max_tokens", "temperature", "top_p", "stop"],
    }
    for slug, name, about in (
        ("qwen/qwen-2.5-7b-instruct", "Qwen2.5 7B Instruct", "Answers in plain words."),
        ("snowflake/arctic-text2sql-r1-7b", "Arctic Text2SQL R1 7B", "Writes SQL."),
    )
)


@dataclass
class Asked:
    """One request as it came in. `body` is its JSON, or None; `closed_at` is on the clock time.monotonic()."""

    method: str
    target: str
    headers: Mapping[str, str]
    raw: bytes
    closed_by_client: Event = field(default_factory=Event)
    answered: Event = field(default_factory=Event)
    closed_at: float | None = None

    @property
    def path(self) -> str:
        """The path alone, also when a client sent the whole URL, as it does to a proxy."""
        return urlsplit(self.target).path

    @property
    def body(self) -> Any:
        try:
            return json.loads(self.raw)
        except ValueError:
            return None


def head(status: int = 200, kind: str = "application/json", **headers: str) -> bytes:
    """A status line and headers; `Retry_After="3"` becomes `Retry-After: 3`. The body ends with the connection."""
    lines = [f"HTTP/1.1 {status} Scripted", f"Content-Type: {kind}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def plain(status: int, body: str, kind: str = "text/plain; charset=utf-8", **headers: str) -> Reply:
    """A whole answer with its length."""
    raw = body.encode()
    return (head(status, kind, Content_Length=str(len(raw)), **headers), raw)


def document(value: object, status: int = 200, **headers: str) -> Reply:
    """JSON."""
    return plain(status, json.dumps(value), "application/json", **headers)


def failure(status: int, message: str, code: object = None, **headers: str) -> Reply:
    """An error as OpenAI and OpenRouter word it."""
    return document({"error": {"message": message, "code": status if code is None else code}}, status, **headers)


def chunked(*steps: Step, end: bool = True) -> Reply:
    """A stream in HTTP chunks, one for each step with bytes, so that a client sees every cut."""
    framed = [b"%x\r\n%s\r\n" % (len(one), one) if isinstance(one, bytes) else one for one in steps]
    last: Reply = (b"0\r\n\r\n",) if end else ()
    return (head(200, "text/event-stream", Transfer_Encoding="chunked"), *framed, *last)


def event(payload: object) -> bytes:
    """One server-sent event; a dict is sent as JSON, a text as it is."""
    return f"data: {payload if isinstance(payload, str) else json.dumps(payload)}\n\n".encode()


def chat_chunk(text: str | None = None, reason: str | None = None) -> dict[str, Any]:
    delta = {} if text is None else {"content": text}
    return {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}


def text_chunk(text: str = "", reason: str | None = None) -> dict[str, Any]:
    return {"object": "text_completion", "choices": [{"index": 0, "text": text, "finish_reason": reason}]}


def chat_stream(*pieces: str | float | Event | Drop, usage: tuple[int, int] | None = (9, 2)) -> Reply:
    """A chat answer piece by piece, with pauses and holds between them, complete to `[DONE]`."""
    return _stream(pieces, chat_chunk, usage)


def text_stream(*pieces: str | float | Event | Drop, usage: tuple[int, int] | None = (9, 2)) -> Reply:
    """The same for a text completion."""
    return _stream(pieces, text_chunk, usage)


def answer(text: str) -> Callable[[Asked], Reply]:
    """A short answer in the shape that the request wants: chat or text, as a stream or whole."""

    def reply(asked: Asked) -> Reply:
        chat = asked.path.endswith("/chat/completions")
        if asked.body and asked.body.get("stream"):
            return (chat_stream if chat else text_stream)(text)
        said = {"message": {"role": "assistant", "content": text}} if chat else {"text": text}
        usage = {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}
        return document({"choices": [{"index": 0, "finish_reason": "stop", **said}], "usage": usage})

    return reply


def _stream(
    pieces: Iterable[str | float | Event | Drop],
    chunk: Callable[..., dict[str, Any]],
    usage: tuple[int, int] | None,
) -> Reply:
    steps: list[Step] = [event(chunk(one)) if isinstance(one, str) else one for one in pieces]
    steps.append(event(chunk(reason="stop")))
    if usage:
        prompt, completion = usage
        steps.append(event({"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": completion}}))
    return chunked(*steps, event("[DONE]"))


class ScriptedUpstream:
    """Answers each POST with the next reply, then with `otherwise`; `GET .../models` with `models`.

    A reply may be a function of the request. Requests are answered in parallel. What `aside` has a reply for is
    answered with that, out of the order, and not counted among the requests.
    """

    def __init__(
        self,
        replies: Sequence[Reply | Callable[[Asked], Reply]] = (),
        *,
        models: Reply | Callable[[Asked], Reply] | None = None,
        otherwise: Reply | Callable[[Asked], Reply] | None = None,
        aside: Callable[[Asked], Reply | None] | None = None,
    ) -> None:
        self._replies = list(replies)
        self._otherwise = otherwise or answer("A scripted answer.")
        self._aside = aside or (lambda _asked: None)
        self._models = models or document({"data": MODELS})
        self._changed = Condition()
        self._ending = Event()
        self.requests: list[Asked] = []
        self.key = f"scripted-{secrets.token_hex(8)}"
        self._server = _Server(("127.0.0.1", 0), _handler(self))

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def posts(self) -> list[Asked]:
        """The requests for an answer, without those for the list of models."""
        return [one for one in self.requests if one.method == "POST"]

    def endpoint(self) -> Endpoint:
        """This upstream, with a key that no other one has."""
        return Endpoint.at(self.base_url, self.key)

    def then(self, *replies: Reply | Callable[[Asked], Reply]) -> None:
        """Answer the next requests so."""
        with self._changed:
            self._replies += replies

    def wait_for(self, count: int, seconds: float = 5.0) -> list[Asked]:
        """The first `count` POSTs, as soon as they are there. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.posts) >= count, seconds):
                raise TimeoutError(f"{len(self.posts)} of {count} requests came within {seconds:g} s")
            return self.posts[:count]

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True, name="scripted").start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, where: TracebackType | None
    ) -> None:
        self._ending.set()
        self._server.shutdown()
        self._server.server_close()

    def _take(self, asked: Asked) -> Reply:
        if (aside := self._aside(asked)) is not None:
            return aside
        with self._changed:
            self.requests.append(asked)
            self._changed.notify_all()
            if asked.method == "GET":
                reply = self._models
            else:
                reply = self._replies.pop(0) if self._replies else self._otherwise
        return reply if isinstance(reply, tuple) else reply(asked)

    def _play(self, asked: Asked, connection: socket.socket) -> None:
        try:
            for step in self._take(asked):
                if isinstance(step, Drop):
                    # Lingering for no time makes the close a reset.
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return
                if isinstance(step, bytes):
                    connection.sendall(step)
                elif not self._waited(step, connection):
                    raise ConnectionAbortedError
        except OSError:
            asked.closed_at = time.monotonic()
            asked.closed_by_client.set()
        else:
            asked.answered.set()

    def _waited(self, step: float | Event, connection: socket.socket) -> bool:
        """Wait as the step says; False as soon as the client has closed the connection or the server ends."""
        until = float("inf") if isinstance(step, Event) else time.monotonic() + step
        while not (isinstance(step, Event) and step.is_set()):
            left = min(_POLL_SECONDS, until - time.monotonic())
            if left <= 0:
                break
            readable, _, _ = select.select([connection], [], [], left)
            if self._ending.is_set() or (readable and not connection.recv(1, socket.MSG_PEEK)):
                return False
        return True


class _Server(ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128


def _handler(upstream: ScriptedUpstream) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(self.command, self.path, dict(self.headers), raw)
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            upstream._play(asked, self.connection)

        do_GET = do_POST  # noqa: N815 - http.server's name

        def log_request(self, code: object = "-", size: object = "-") -> None:
            """Nothing is written to standard error."""

    return Handler
