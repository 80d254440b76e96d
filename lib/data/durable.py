"""Files that are either whole or not there, whenever the power goes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

UNFINISHED = ".part"


def write(path: Path, fill: Callable[[BinaryIO], object]) -> None:
    """Let `fill` write a file that only its owner can read, and put it in place of `path` when it is on the disk."""
    part = path.with_name(path.name + UNFINISHED)
    try:
        with open(part, "wb", opener=_private) as stream:
            fill(stream)
        settle(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def settle(part: Path, path: Path) -> None:
    """Put the finished file `part` in place of `path` for good."""
    _sync(part, os.O_RDWR)
    part.replace(path)
    if os.name != "nt":  # which has no such thing for folders
        _sync(path.parent, os.O_RDONLY)


def _sync(path: Path, mode: int) -> None:
    descriptor = os.open(path, mode)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
