"""Loading files in a child process that can be watched, cancelled and killed."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from lib.data.child import Change, Child, Order, bytes_in
from lib.data.full_disk import full, is_full
from lib.data.originals import Source
from lib.data.table import Table
from lib.errors import DataError
from lib.serving.under_way import under_way

__all__ = ["Doors", "Loading", "Source"]

SCRATCH = "scratch-"
MB = 1 << 20
LOG = 32 * MB
"""What DuckDB's log and blocks that lie idle may take for a while, beyond what a finished database takes."""
_children = threading.BoundedSemaphore(2)
"""Each may take as much memory as DuckDB lets it, whosever files it reads."""


@dataclass(frozen=True)
class Doors:
    """What a load needs of its workspace, in the order in which it needs it.

    `writing` is held by who changes the tables. `receive` takes in the number of a file and gives the order to read
    it; it raises DataError. `unpacked_mb` is what one file may become, `room` the bytes that the changed tables and
    all that is needed to make them may take. `adopt` makes the changed tables those of the
    workspace and gives them as it keeps them, or raises DataError. `end` is called at the end, come what may, and
    `told` after it with the seconds that the load took.
    """

    writing: threading.Lock
    begin: Callable[[], Change]
    receive: Callable[[int], Order]
    unpacked_mb: Callable[[], int]
    room: Callable[[Change], int]
    adopt: Callable[[Change, Sequence[Table]], tuple[Table, ...]]
    end: Callable[[], None]
    told: Callable[[Loading, float], None]


class Loading:
    """Files on their way into tables. Leaving its `with` cancels what has not ended."""

    def __init__(self, names: Sequence[str], doors: Doors) -> None:
        self._names = names
        self._doors = doors
        self._lock = threading.Lock()
        self._done, self._cancelled = threading.Event(), threading.Event()
        self._child: Child | None = None
        self._tables: list[Table] = []
        self._errors: list[DataError] = []
        self._progress: tuple[str, float | None] = (names[0] if names else "", None)
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
        """Why files, or parts of them, did not become tables."""
        return tuple(self._errors)

    @property
    def ended(self) -> bool:
        return self._done.is_set()

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
        began = time.monotonic()
        with under_way("load"):
            self._work_in_turn()
        self._done.set()
        self._doors.told(self, time.monotonic() - began)

    def _work_in_turn(self) -> None:
        try:
            while not self._doors.writing.acquire(timeout=0.05):
                if self._cancelled.is_set():
                    return
            try:
                self._load()
            finally:
                self._doors.end()
                self._doors.writing.release()
        except OSError as e:
            self._fail(_disk_error(e))
        except ValueError as e:
            self._fail(DataError(f"The files cannot be kept: {e}."))
        except DataError as e:
            self._fail(e)

    def _fail(self, error: DataError) -> None:
        self._tables.clear()
        self._errors.append(error)

    def _load(self) -> None:
        if self._cancelled.is_set():
            return
        change = self._doors.begin()
        try:
            self._fill(change)
            with self._lock:
                if self._tables and not self._cancelled.is_set():
                    self._tables = list(self._doors.adopt(change, self._tables))
                    return
        except BaseException:
            change.discard()
            raise
        change.discard()
        self._tables.clear()

    def _fill(self, change: Change) -> None:
        orders = [one for one in map(self._received, range(len(self._names))) if one]
        with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=change.database.parent) as scratch:
            finished = not orders
            while not finished and not self._cancelled.is_set():
                finished, done = self._run_child(change, Path(scratch), orders)
                orders = orders[done:]
                if not finished and not orders and not self._tables:
                    return

    def _received(self, number: int) -> Order | None:
        if self._cancelled.is_set():
            return None
        self._progress = self._names[number], None
        try:
            return self._doors.receive(number)
        except DataError as e:
            self._errors.append(e)
        except (OSError, ValueError) as e:  # a stream that was given may fail in its own way
            self._errors.append(DataError(f"{self._names[number]} cannot be read: {str(e).rstrip('.')}."))
        return None

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait until there is room for one more child, or until the load is cancelled."""
        while not (got := _children.acquire(timeout=0.05)) and not self._cancelled.is_set():
            pass
        try:
            yield
        finally:
            if got:
                _children.release()

    def _run_child(self, change: Change, scratch: Path, orders: Sequence[Order]) -> tuple[bool, int]:
        """Load until the end or a crash: whether the database is finished, and how many of the orders are dealt with.

        After a crash another child goes on with the rest, if only to finish the database. What the dead one had
        written without saying so is not `known` and goes.
        """
        with self._turn():
            room = self._doors.room(change)
            files = [one.to_json(self._doors.unpacked_mb()) for one in orders]
            known = [*change.known, *(one.name for one in self._tables)]
            with self._lock:
                if self._cancelled.is_set():
                    return True, len(orders)
                child = self._child = Child.making(
                    change, scratch, known=known, disk_mb=(room + LOG) // MB, files=files
                )
            done = 0
            try:
                for message in child.messages():
                    if "file" in message:
                        done += 1
                    else:
                        self._heard(orders[done].name if done < len(orders) else "", message)
                        _require_room(orders[done:], change.size + bytes_in(scratch), room)
            except DataError:
                child.kill()
                raise
            finally:
                succeeded = child.succeeded()
        # One that is killed when it has done all was killed too late.
        if succeeded or self._cancelled.is_set() or (done == len(orders) and change.database.exists()):
            return True, len(orders)
        if done == len(orders):
            if not orders:
                raise DataError("The tables could not be kept.", "Try again.")
            return False, done
        if orders[done].replaces:
            raise _crash(orders[done].name)
        self._errors.append(_crash(orders[done].name))
        return False, done + 1

    def _heard(self, name: str, message: dict[str, Any]) -> None:
        if "table" in message:
            self._tables.append(Table.from_json(message["table"]))
        elif message.get("fatal"):
            raise DataError(*message["error"])
        elif "error" in message:
            self._errors.append(DataError(*message["error"]))
        self._progress = name, message.get("progress", 1.0)


def _require_room(orders: Sequence[Order], taken: int, room: int) -> None:
    if orders and taken > room + LOG:
        raise DataError(
            f"Reading {orders[0].name} has taken {taken / MB:,.1f} MB on the disk so far, "
            f"and {max(0, room) / MB:,.1f} MB are left.",
            "Load it alone or a part of it, delete tables that you do not need, or raise MAX_WORKSPACE_MB.",
        )


def _crash(name: str) -> DataError:
    return DataError(f"Reading {name} ended before it was done; it may need more memory than there is.")


def _disk_error(e: OSError) -> DataError:
    if is_full(e):
        return full("the files could not be kept")
    return DataError(f"The files cannot be kept: {(e.strerror or 'the disk does not answer').lower()}.")
