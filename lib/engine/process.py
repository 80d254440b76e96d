"""A worker's process as the app has it: its pipes, its end, and how it is killed.

On Linux a worker is forked from a template process, which takes some milliseconds; elsewhere, where forking a process
with threads is not safe, each is started anew, which takes 0.4 s.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from lib.children import bare_environment

FORKS = sys.platform.startswith("linux")

NUMBER = struct.Struct("i")
"""How a forked worker's process id and its exit status are told."""

LEAST_PRIORITY = 19

_UNKNOWN_END = 1


class Worker(Protocol):
    """One process. It serves one query; `kill` ends it at any time, from any thread."""

    to: BinaryIO
    out: BinaryIO

    @property
    def pid(self) -> int: ...

    @property
    def alive(self) -> bool: ...

    def kill(self) -> None: ...

    def calm(self) -> None:
        """Let everything else on the machine go first."""

    def end(self, patience: float = 0.0) -> int:
        """Kill it if it still runs after `patience` seconds, and wait for its end.

        Returns its exit status; below 0 it is the signal that ended it.
        """


class Started:
    """A worker that was started anew."""

    def __init__(self) -> None:
        self._process = _python("lib.engine.worker", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.to, self.out = cast(BinaryIO, self._process.stdin), cast(BinaryIO, self._process.stdout)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        self._process.kill()

    def calm(self) -> None:
        _calm(self.pid)

    def end(self, patience: float = 0.0) -> int:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
        self.kill()
        status = self._process.wait()
        _close(self.to, self.out)
        return status


class Forked:
    """A worker that a template forked. Its process id is known a moment after it was asked for."""

    def __init__(self, to: BinaryIO, out: socket.socket, told: BinaryIO) -> None:
        self.to, self.out = to, cast(BinaryIO, out.makefile("rb"))
        self._out = out
        self._told = told
        self._lock = threading.Lock()
        self._pid: int | None = None
        self._handle: int | None = None
        self._status: int | None = None

    @property
    def pid(self) -> int:
        """Waits until it is known; 0 if the template ended before that."""
        with self._lock:
            return self._known()

    @property
    def alive(self) -> bool:
        with self._lock:
            if self._pid is None and not _readable(self._told.fileno(), 0):
                return True  # it is still to be forked
            return bool(self._known()) and self._handle is not None and not _readable(self._handle, 0)

    def kill(self) -> None:
        with self._lock:
            if self._known() and self._handle is not None:
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(self._handle, signal.SIGKILL)
                with suppress(OSError):  # it was closed from the other side
                    self._out.shutdown(socket.SHUT_RDWR)  # who reads need not wait until its memory was given back

    def calm(self) -> None:
        if self.alive and self.pid:
            _calm(self.pid)

    def end(self, patience: float = 0.0) -> int:
        if self.pid and self._handle is not None and not _readable(self._handle, patience):
            self.kill()
            _readable(self._handle, None)
        with self._lock:
            if self._status is None:
                self._status = self._number(_UNKNOWN_END)
                if self._handle is not None:
                    os.close(self._handle)
                    self._handle = None
                _close(self.to, self.out, self._told)
                self._out.close()
            return self._status

    def _known(self) -> int:
        if self._pid is None:
            self._pid = self._number(0)
            with suppress(ProcessLookupError):
                self._handle = os.pidfd_open(self._pid) if self._pid else None
        return self._pid

    def _number(self, otherwise: int) -> int:
        told = self._told.read(NUMBER.size)
        return int(NUMBER.unpack(told)[0]) if len(told) == NUMBER.size else otherwise


class Template:
    """The process that forks workers. Where it ended by itself, the next worker brings a new one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def start(self) -> None:
        """Have it ready soon."""
        with self._lock:
            self._running()

    def worker(self) -> Worker:
        """A new worker, soon. Raises OSError where no process can be started."""
        with self._lock:
            try:
                return self._asked(self._running())
            except (BrokenPipeError, ConnectionResetError):
                self._end()
                return self._asked(self._running())

    def end(self) -> None:
        """End it; its workers go on."""
        with self._lock:
            self._end()

    def _running(self) -> socket.socket:
        if self._control is None:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                self._process = _python("lib.engine.template", stdin=theirs.fileno(), stdout=subprocess.DEVNULL)
            self._control = ours
        return self._control

    def _end(self) -> None:
        if self._control is not None and self._process is not None:
            self._control.close()
            self._process.kill()
            self._process.wait()
        self._control = self._process = None

    @staticmethod
    def _asked(control: socket.socket) -> Worker:
        job, told = os.pipe(), os.pipe()
        out, their_out = socket.socketpair()
        try:
            socket.send_fds(control, [b"w"], (job[0], their_out.fileno(), told[1]))
        except OSError:
            out.close()
            os.close(job[1])
            os.close(told[0])
            raise
        finally:
            their_out.close()
            os.close(job[0])
            os.close(told[1])
        return Forked(os.fdopen(job[1], "wb"), out, os.fdopen(told[0], "rb", buffering=0))


def _readable(handle: int, seconds: float | None) -> bool:
    """Whether there is something to read within `seconds`; None waits for it. A process's handle tells its end so."""
    with selectors.DefaultSelector() as waiting:
        waiting.register(handle, selectors.EVENT_READ)
        return bool(waiting.select(seconds))


def _calm(pid: int) -> None:
    """Each thread has a priority of its own on Linux; where they cannot be told apart, one is set for all."""
    threads = Path(f"/proc/{pid}/task")
    with suppress(OSError):  # it has just ended
        for one in [int(path.name) for path in threads.iterdir()] if threads.exists() else [pid]:
            os.setpriority(os.PRIO_PROCESS, one, LEAST_PRIORITY)


def _close(*pipes: BinaryIO) -> None:
    for pipe in pipes:
        with suppress(BrokenPipeError):  # what was not yet written has nobody to read it
            pipe.close()


def _python(module: str, *, stdin: int, stdout: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", module],
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.DEVNULL,
        cwd=_empty_folder().name,
        env={**bare_environment(), **_SMALL},
        start_new_session=True,
    )


@cache
def _empty_folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="bayan-worker-")


# Nothing reserves address space far ahead of its use, so that a limit on it is a limit on use.
_SMALL = {"MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
