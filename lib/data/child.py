"""The processes that write files of a workspace: what they are asked, and how they are followed and killed."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from lib.children import bare_environment
from lib.data.manifest import Manifest
from lib.data.table import Table
from lib.lock import exclusive
from lib.settings import PROJECT

WRITING = "writing"
PATIENCE = 10.0


@dataclass(frozen=True)
class Change:
    """A changed copy of the tables in the making: the state `number` that is to follow on `manifest`."""

    number: int
    folder: Path
    current: Path
    manifest: Manifest

    @property
    def base(self) -> Path | None:
        """The database to start from, if it holds anything."""
        return self.current if self.manifest.tables else None

    @property
    def database(self) -> Path:
        return self.folder / f"tables-{self.number}.duckdb"

    @property
    def deleted(self) -> str:
        """The name of the file for a table that this change deletes."""
        return f"deleted-{self.number}.duckdb"

    @property
    def known(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.manifest.tables)

    @property
    def size(self) -> int:
        """Bytes of what was made of it so far."""
        return sum(
            size_of(one) for kind in ("tables", "deleted") for one in self.folder.glob(f"{kind}-{self.number}.*")
        )

    def holds(self, names: Collection[str]) -> bool:
        """Whether these tables are in the finished database."""
        import duckdb  # slow to import, and what only follows other processes needs none

        try:
            with duckdb.connect(self.database, read_only=True, config={"threads": 1}) as con:
                there = {name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        except duckdb.Error:
            return False
        return there.issuperset(names)

    def discard(self) -> None:
        """Delete all that was made of it, whatever state it is in."""
        for kind in ("tables", "deleted"):
            for left in self.folder.glob(f"{kind}-{self.number}.*"):
                left.unlink(missing_ok=True)


@dataclass(frozen=True)
class Order:
    """A file to read into tables. If it `replaces` a table, the first that it gives takes that one's name and place."""

    name: str
    path: Path
    encoding: str = ""
    member: str = ""
    replaces: Table | None = None

    def to_json(self, unpacked_mb: int) -> dict[str, Any]:
        return {**asdict(self), "path": str(self.path.absolute()), "unpacked_mb": unpacked_mb}


class Child:
    """One run of a module of this project, which is told nothing of the app's environment but the request.

    The module reads the request, one line of JSON, and ends when its standard input does.
    """

    def __init__(self, module: str, request: Mapping[str, Any]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
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

    @classmethod
    def making(
        cls,
        change: Change,
        scratch: Path,
        *,
        known: Sequence[str],
        disk_mb: int,
        files: Sequence[dict[str, Any]] = (),
        steps: Sequence[dict[str, Any]] = (),
    ) -> Child:
        """The one that makes a changed copy: of the tables that are `known`, with more files, by steps.

        What does not fit into memory may take `disk_mb` in the scratch folder.
        """
        request = {
            "base": str(change.base) if change.base else None,
            "database": str(change.database),
            "scratch": str(scratch),
            "known": list(known),
            "disk_mb": disk_mb,
            "files": list(files),
            "steps": list(steps),
        }
        return cls("lib.data.loader", request)

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


def bytes_in(folder: Path) -> int:
    """What the files in the folder take; one that goes meanwhile does not count."""
    return sum(size_of(Path(path, one)) for path, _, files in os.walk(folder) for one in files)


def size_of(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Be the only writer in the folder, in the child as in who opens it: a child may outlive its parent by a moment."""
    end = time.monotonic() + PATIENCE
    while True:
        with exclusive(folder / WRITING) as is_alone:
            if is_alone or time.monotonic() > end:
                yield
                return
        time.sleep(0.01)


def request() -> dict[str, Any]:
    """In the child: what it is asked. From now on it ends with its parent."""
    asked: dict[str, Any] = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.umask(0o077)
    return asked


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


def _open(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        raise ValueError("the child process was started without its pipes")
    return pipe
