"""The work of this process that is to be finished before it ends: questions being answered, files being read."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

Kind = Literal["question", "load"]

_changed = threading.Condition()
_now: Counter[Kind] = Counter()


@contextmanager
def under_way(kind: Kind) -> Iterator[None]:
    """Count the block as work: until what came of it is written down."""
    with _changed:
        _now[kind] += 1
    try:
        yield
    finally:
        with _changed:
            _now[kind] -= 1
            _changed.notify_all()


def count(kind: Kind) -> int:
    with _changed:
        return _now[kind]


def wait_for_all(seconds: float) -> bool:
    """Wait at most so long until there is none; whether there is none."""
    with _changed:
        return _changed.wait_for(lambda: not _now.total(), seconds)
