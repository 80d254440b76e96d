"""One HTTP exchange that can be cut at any moment, also before the first byte of its answer.

A read that waits cannot see that nobody wants the answer any more. So a thread of its own does the waiting and
puts events into a queue; the generator that hands them on looks at the queue ten times a second, and shuts the
socket down when it is closed. Before the headers have come there is no response to close, so the socket is
noted when it is connected. Every exchange has its own connection: one that is shared could be cut for the wrong
call, and one that is kept could be dead.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event as Flag
from threading import Lock, Thread
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3 import HTTPResponse
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError, NewConnectionError, ReadTimeoutError

from lib.errors import AppError
from lib.llm.faults import Asked, Fault
from lib.llm.limits import POLL_SECONDS, Stopped
from lib.llm.messages import Event, Piece, Tick
from lib.llm.reach import addresses, is_public

MOST_BYTES = 50 * 1024 * 1024
"""The largest body, of a request as of an answer."""

_CONNECT_SECONDS = 10.0
_CHUNK = 65536


class Call:
    """A call under way: its events, and its socket for whoever wants to end it."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.stopped = Flag()
        self._events: SimpleQueue[Event | Exception | None] = SimpleQueue()
        self._lock = Lock()
        self._socket: socket.socket | None = None
        self._seconds, self._deadline = 0.0, float("inf")
        self._begun = False

    def emit(self, event: Event) -> None:
        self._begun = self._begun or isinstance(event, Piece)
        self._events.put(event)

    def starts(self, seconds: float) -> None:
        """A try begins; it is over after so many seconds, however slowly its bytes drip."""
        self._seconds, self._deadline = seconds, time.monotonic() + seconds

    def rests(self) -> None:
        """Nothing is asked of the endpoint at the moment, so no time runs."""
        self._deadline = float("inf")

    def late(self) -> AppError:
        """The error of a try that took longer than it may."""
        return self.asked.late(self._seconds, self._begun)

    def connected(self, one: socket.socket) -> None:
        with self._lock:
            self._socket = one
        if self.stopped.is_set():
            self.stop()

    def stop(self) -> None:
        """Cut the connection, so that the endpoint sees it closed and the reading thread wakes up."""
        self.stopped.set()
        with self._lock:
            if self._socket is not None:
                # Not the method of an SSL socket: it would take the TLS state from under the reading thread.
                with suppress(OSError):
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def run(self, work: Callable[[Call], None]) -> None:
        last: Exception | None = RuntimeError("the reading thread failed")  # unless one of these is reached
        try:
            work(self)
            last = None
        except AppError as e:
            last = e
        except Fault as e:
            e.error.__cause__ = e.__cause__
            last = e.error
        except Stopped:
            last = None
        finally:
            self._events.put(last)

    def events(self) -> Generator[Event, None, None]:
        while True:
            if time.monotonic() > self._deadline:
                raise self.late()
            try:
                event = self._events.get(timeout=POLL_SECONDS)
            except Empty:
                yield Tick()
                continue
            if event is None:
                return
            if isinstance(event, Exception):
                raise event
            yield event


def pump(asked: Asked, work: Callable[[Call], None]) -> Generator[Event, None, None]:
    """Run `work` in a thread and yield what it emits. Closing the generator ends the work at once."""
    call = Call(asked)
    try:
        Thread(target=call.run, args=(work,), daemon=True, name="bayan-llm").start()
        yield from call.events()
    finally:
        call.stop()


@dataclass(frozen=True)
class Reply:
    """An answer whose headers have come. `chunks` gives its bytes as they arrive, raising Fault."""

    status: int
    headers: Mapping[str, str]
    chunks: Iterator[bytes]

    def beginning(self, size: int = _CHUNK) -> bytes:
        """Enough of a refusal's body to see what it says; what cannot be read is left out."""
        body = b""
        with suppress(Fault):
            for chunk in self.chunks:
                body += chunk
                if len(body) >= size:
                    break
        return body


@contextmanager
def exchange(call: Call, method: str, path: str, body: bytes | None, seconds: float) -> Iterator[Reply]:
    """Send one request and give its answer; the connection ends with the block. Raises Fault."""
    endpoint = call.asked.endpoint
    with requests.Session() as session:
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Adapter(call))
        url, key = f"{endpoint.base_url}/{path}", _Bearer(endpoint.api_key)
        try:
            prepared = session.prepare_request(requests.Request(method, url, _HEADERS, data=body, auth=key))
        except (requests.RequestException, HTTPError) as e:  # a name that no host can have
            raise call.asked.unreachable(e) from e
        with closing(_send(call, session, prepared, seconds)) as response:
            yield Reply(response.status_code, response.headers, _chunks(call, response.raw))


# `identity`: a compressed stream arrives in clumps, because the sender gathers text before it compresses.
_HEADERS = {
    "Accept": "text/event-stream, application/json",
    "Accept-Encoding": "identity",
    "Content-Type": "application/json",
    "User-Agent": "bayan",
}


def _send(
    call: Call, session: requests.Session, prepared: requests.PreparedRequest, seconds: float
) -> requests.Response:
    ways = session.merge_environment_settings(prepared.url, {}, True, None, None)
    if call.asked.endpoint.loopback or call.asked.endpoint.public_only:
        ways["proxies"] = {}  # which would connect to where this process may not
    timeout = (min(_CONNECT_SECONDS, seconds), seconds)
    try:
        return session.send(prepared, timeout=timeout, allow_redirects=False, **ways)
    except requests.ReadTimeout as e:
        raise Fault(call.late()) from e
    except (requests.RequestException, HTTPError, OSError) as e:
        raise call.asked.unreachable(e) from e
    finally:
        # Exceptions of requests carry the request; it is not to carry the key any longer.
        prepared.headers.pop("Authorization", None)


def _chunks(call: Call, raw: HTTPResponse) -> Iterator[bytes]:
    size = 0
    try:
        while chunk := raw.read1(_CHUNK, decode_content=True):
            size += len(chunk)
            if size > MOST_BYTES:
                raise call.asked.oversized()
            yield chunk
    except ReadTimeoutError as e:
        raise Fault(call.late()) from e
    except (HTTPError, OSError) as e:
        raise call.asked.dropped() from e


class _Bearer(AuthBase):
    """The key as an auth object: with one, requests does not look into ~/.netrc, also when the key is empty."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._key:
            request.headers["Authorization"] = f"Bearer {self._key}"
        return request


class _Adapter(HTTPAdapter):
    """Tells the call about the socket as soon as there is one."""

    def __init__(self, call: Call) -> None:
        super().__init__()
        self._call = call

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = type("Noted", (_Noted, pool.ConnectionCls), {"call": self._call})
        return pool


class _Noted(HTTPConnection):
    """Mixed into the class with which a pool connects, be it plain, TLS or through a proxy."""

    call: Call

    def connect(self) -> None:
        super().connect()
        self.call.connected(self.sock)

    def _new_conn(self) -> socket.socket:
        """The socket, before any byte goes through it: TLS begins later.

        Where only public addresses are allowed, each is checked before it is connected to, so that nobody can feel
        for open ports. A name may lead elsewhere a moment later; so the address that was checked is connected to, and
        what the socket says is checked in the end.
        """
        if not self.call.asked.endpoint.public_only:
            return super()._new_conn()
        host = self._dns_host
        found = addresses(host, self.port)
        if not all(map(is_public, found)):
            raise self.call.asked.private()
        for number, address in enumerate(found, 1):
            self._dns_host = address
            try:
                made = super()._new_conn()
                break
            except NewConnectionError:
                if number == len(found):
                    raise
            finally:
                self._dns_host = host
        if not is_public(made.getpeername()[0]):
            made.close()
            raise self.call.asked.private()
        return made
