"""One holder at a time, over all processes: a lock that the system drops when its holder dies."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt

    def _take(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def exclusive(path: Path) -> Iterator[bool]:
    """Try to be the only holder of `path`; yields whether that worked. The file itself stays, empty."""
    with path.open("ab") as file:
        try:
            _take(file)
        except (BlockingIOError, PermissionError):  # how Linux and macOS, and how Windows, say that it is taken
            yield False
        else:
            yield True
