"""A disk without room: how the system and the engine say it, and the one sentence that a person is told."""

from __future__ import annotations

import errno

from lib.errors import DataError

WAY_OUT = "Make room on the disk, then try again."
_NUMBERS = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_WORDS = ("No space left on device", "Disk quota exceeded", "File too large", "not enough space on the disk")
"""As the engine hands on what the system said."""


def is_full(e: BaseException) -> bool:
    """Whether the disk had no room for what was being written."""
    return e.errno in _NUMBERS if isinstance(e, OSError) else any(one in str(e) for one in _WORDS)


def full(what: str) -> DataError:
    """`what` says what could not be done, as in "sales.csv could not be kept"."""
    return DataError(f"The disk is full, so {what}.", WAY_OUT)
