"""How much memory the server holds, and what is given up when that is too much."""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

import psutil

from lib.serving import log
from lib.settings import Settings

MB = 1 << 20
SOFT = 0.85
"""The share of the ceiling from which on caches are given up."""
SHED_EVERY = 5.0
"""Seconds: what was given up a moment ago cannot be given up again."""

_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
_sheds: list[Callable[[], None]] = []
_shedding = threading.Lock()
_last = float("-inf")


def used() -> int:
    """Bytes of memory that this process holds, without its children."""
    return int(_process().memory_info().rss)


def ceiling(settings: Settings) -> int:
    """Bytes that this process may hold.

    Where none is set it is three quarters of what the machine or the container has, less what queries may take at
    the same time, but at least a quarter.
    """
    if settings.memory_ceiling_mb:
        return settings.memory_ceiling_mb * MB
    queries = settings.queries_at_once * settings.query_memory_mb * MB
    return max(_total() // 4, _total() * 3 // 4 - queries)


def when_short(give_up: Callable[[], None]) -> None:
    """Call this when memory is short: it lets go of what can be had again."""
    if give_up not in _sheds:
        _sheds.append(give_up)


def is_full(settings: Settings) -> bool:
    """Whether nothing new may begin. Caches are given up first, from a little below the ceiling on."""
    most = ceiling(settings)
    if used() < SOFT * most:
        return False
    _shed()
    return used() >= most


def _shed() -> None:
    global _last
    if not _shedding.acquire(blocking=False):
        return
    try:
        if time.monotonic() - _last < SHED_EVERY:
            return
        before = used()
        for give_up in _sheds:
            give_up()
        gc.collect()
        _return_to_system()
        _last = time.monotonic()
        log.event("memory_shed", before_mb=before // MB, after_mb=used() // MB)
    finally:
        _shedding.release()


def _return_to_system() -> None:
    """Freed memory stays with the process until its allocator is asked for it, where there is one that can be."""
    if "pyarrow" in sys.modules:
        sys.modules["pyarrow"].default_memory_pool().release_unused()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


@cache
def _process() -> psutil.Process:
    return psutil.Process()


@cache
def _total() -> int:
    """What the machine has, or the container that the process is in."""
    limits = [psutil.virtual_memory().total]
    for path in _LIMITS:
        with suppress(OSError, ValueError):
            limits.append(int(path.read_text()))
    return min(limits)
