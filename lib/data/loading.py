"""Loading files in a child process that can be watched, cancelled and killed."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, BinaryIO

from lib.children import bare_environment
from lib.data.names import file_name
from lib.data.table import Table
from lib.errors import DataError
from lib.settings import PROJECT

MB = 1 << 20
CHUNK = 4 * MB


@dataclass(frozen=True)
class Source:
    """A file to load: its name as the person knows it, and its bytes, a seekable binary stream, or where it lies."""

    name: str
    data: Path | bytes | BinaryIO = field(repr=False)


@dataclass(frozen=True)
class Change:
    """Where a changed copy of the tables is made: from `base`, if there is one, in the file `database`."""

    folder: Path
    base: Path | None
    database: Path

    def discard(self) -> None:
        """Delete the copy, whatever state it is in."""
        for left in self.folder.glob(f"{self.database.stem}.*"):
            left.unlink(missing_ok=True)


class Child:
    """One run of `lib.data.loader`."""

    def __init__(
        self, change: Change, scratch: Path, files: Sequence[tuple[str, Path]], drop: Sequence[str] = ()
    ) -> None:
        request = {
            "base": str(change.base) if change.base else None,
            "database": str(change.database),
            "scratch": str(scratch),
            "files": [{"name": name, "path": str(path.absolute())} for name, path in files],
            "drop": list(drop),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "lib.data.loader"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=PROJECT,
            env=bare_environment(),
            encoding="utf-8",
        )
        # One that is dead already cannot listen; `succeeded` says so.
        with contextlib.suppress(BrokenPipeError):
            _open(self._process.stdin).write(json.dumps(request) + "\n")
            _open(self._process.stdin).flush()

    def messages(self) -> Iterator[dict[str, Any]]:
        """What it says, until it ends."""
        for line in _open(self._process.stdout):
            if line.endswith("\n"):
                yield json.loads(line)

    def succeeded(self) -> bool:
        """Wait for its end; whether it did all that it was asked."""
        with self._process:
            return self._process.wait() == 0

    def kill(self) -> None:
        self._process.kill()


class Loading:
    """Files on their way into tables. Leaving its `with` cancels what has not ended."""

    def __init__(
        self,
        files: Sequence[Source],
        largest_mb: int,
        writing: threading.Lock,
        begin: Callable[[], Change],
        adopt: Callable[[Change, tuple[Table, ...]], None],
    ) -> None:
        self._files = [(file_name(one.name), one.data) for one in files]
        self._largest_mb = largest_mb
        self._writing = writing
        self._begin, self._adopt = begin, adopt
        self._lock = threading.Lock()
        self._done, self._cancelled = threading.Event(), threading.Event()
        self._child: Child | None = None
        self._tables: list[Table] = []
        self._errors: list[DataError] = []
        self._progress: tuple[str, float | None] = (self._files[0][0] if self._files else "", None)
        threading.Thread(target=self._work, name="loading", daemon=True).start()

    @property
    def progress(self) -> tuple[str, float | None]:
        """The file that is being read and the share of it that is done, 0 to 1; None before it has begun."""
        return self._progress

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables that this load added; none before its end, none when it was cancelled."""
        return tuple(self._tables) if self._done.is_set() else ()

    @property
    def errors(self) -> tuple[DataError, ...]:
        """Why files did not become tables, one for each such file."""
        return tuple(self._errors)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait at most `seconds`, or for as long as it takes; True when the load has ended."""
        return self._done.wait(seconds)

    def cancel(self) -> None:
        """Stop and leave the tables as they were. A load that has ended stays as it is."""
        with self._lock:
            self._cancelled.set()
            if self._child:
                self._child.kill()

    def __enter__(self) -> Loading:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cancel()
        self.wait()

    def _work(self) -> None:
        try:
            while not self._writing.acquire(timeout=0.05):
                if self._cancelled.is_set():
                    return
            try:
                self._load()
            finally:
                self._writing.release()
        except OSError as e:
            self._tables.clear()
            self._errors.append(_disk_error(e))
        finally:
            self._done.set()

    def _load(self) -> None:
        change = self._begin()
        with tempfile.TemporaryDirectory(dir=change.folder) as scratch:
            ready = [(name, path) for name, path in self._received(Path(scratch)) if path]
            # What was uploaded is on disk now; keeping it in memory as well would double it.
            self._files.clear()
            while ready and not self._cancelled.is_set():
                told = self._run_child(change, Path(scratch), ready)
                ready = ready[told:]
        with self._lock:
            cancelled = self._cancelled.is_set()
            if self._tables and not cancelled:
                self._adopt(change, tuple(self._tables))
                return
        change.discard()
        if cancelled:
            self._tables.clear()

    def _received(self, scratch: Path) -> Iterator[tuple[str, Path | None]]:
        for number, (name, data) in enumerate(self._files):
            if self._cancelled.is_set():
                return
            try:
                yield name, self._receive(name, data, scratch / str(number))
            except DataError as e:
                self._errors.append(e)

    def _receive(self, name: str, data: Path | bytes | BinaryIO, into: Path) -> Path | None:
        """The file on disk; a path is read where it lies. Raises DataError."""
        try:
            size = _size(data)
            if size > self._largest_mb * MB:
                raise DataError(
                    f"{name} has {size / MB:,.1f} MB; a file may have at most {self._largest_mb:,} MB.",
                    "Load a part of it, or raise MAX_UPLOAD_MB.",
                )
            if isinstance(data, Path):
                with data.open("rb"):
                    return data
            with into.open("wb") as stream:
                if isinstance(data, bytes):
                    stream.write(data)
                else:
                    data.seek(0)
                    shutil.copyfileobj(data, stream, CHUNK)
        except OSError as e:
            raise DataError(f"{name} cannot be read: {(e.strerror or 'the disk does not answer').lower()}.") from e
        return into

    def _run_child(self, change: Change, scratch: Path, ready: Sequence[tuple[str, Path]]) -> int:
        """Load what is ready until the end or a crash; how many of the files are dealt with."""
        with self._lock:
            if self._cancelled.is_set():
                return len(ready)
            child = self._child = Child(change, scratch, ready)
        told = 0
        self._progress = ready[0][0], None
        for message in child.messages():
            if "progress" in message:
                self._progress = ready[told][0], message["progress"]
                continue
            if "table" in message:
                self._tables.append(Table.from_json(message["table"]))
            else:
                self._errors.append(DataError(*message["error"]))
            self._progress = ready[told][0], 1.0
            told += 1
        if child.succeeded() or self._cancelled.is_set():
            return len(ready)
        if told < len(ready):
            self._errors.append(_crash(ready[told][0]))
        return told + 1


def _open(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        raise ValueError("the child process was started without its pipes")
    return pipe


def _size(data: Path | bytes | BinaryIO) -> int:
    if isinstance(data, bytes):
        return len(data)
    return data.stat().st_size if isinstance(data, Path) else data.seek(0, os.SEEK_END)


def _crash(name: str) -> DataError:
    return DataError(f"Reading {name} ended before it was done; it may need more memory than there is.")


def _disk_error(e: OSError) -> DataError:
    return DataError(f"The files cannot be kept: {(e.strerror or 'the disk does not answer').lower()}.")
