"""The tables' texts that this process keeps: those of the workspaces that asked last."""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from lib.asking.values.index import TableValues
from lib.asking.values.reading import MOST_BYTES as MOST_OF_ONE
from lib.asking.values.reading import LeftOut, reading
from lib.data.table import Table

if TYPE_CHECKING:
    from lib.data.workspace import Workspace

MOST_BYTES = 512 << 20
"""Of memory for the texts of all workspaces together."""


@dataclass(frozen=True)
class Kept:
    """A table is the same as long as it is the same object: every change makes another one."""

    table: Table
    values: TableValues
    left_out: tuple[LeftOut, ...]


_lock = threading.Lock()
_kept: WeakKeyDictionary[Workspace, tuple[Kept, ...]] = WeakKeyDictionary()


def reading_new(workspace: Workspace, tables: Sequence[Table]) -> Generator[str, None, tuple[Kept, ...]]:
    """The tables' texts; reads those that are not known yet."""
    with _lock:
        known = {id(one.table): one for one in _kept.get(workspace, ())}
    new = [one for one in tables if id(one) not in known]
    if new:
        values, left_out = yield from reading(
            workspace, new, MOST_OF_ONE - _bytes([known[id(one)] for one in tables if id(one) in known])
        )
        for table, its in zip(new, values, strict=True):
            known[id(table)] = Kept(table, its, tuple(one for one in left_out if one.table == table.name))
    now = tuple(known[id(one)] for one in tables)
    _keep(workspace, now)
    return now


def bytes_kept() -> int:
    """The memory that all of it takes."""
    with _lock:
        return sum(map(_bytes, _kept.values()))


def _keep(workspace: Workspace, now: tuple[Kept, ...]) -> None:
    """Keep them, and forget what was not asked for the longest time where there is no room for all."""
    with _lock:
        _kept.pop(workspace, None)
        _kept[workspace] = now  # at the end: a dictionary has the order in which its keys came
        sizes = [(one, _bytes(its)) for one, its in _kept.items()]
        too_many = sum(size for _, size in sizes) - MOST_BYTES
        for one, size in sizes[:-1]:
            if too_many <= 0:
                break
            del _kept[one]
            too_many -= size


def _bytes(some: Sequence[Kept]) -> int:
    return sum(one.values.bytes for one in some)
