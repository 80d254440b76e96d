"""What this machine offers a model: its runtime, memory, disk and processors."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

import psutil

RUNTIME = "xllamacpp"

_CGROUP = Path("/sys/fs/cgroup")
_CPUS = Path("/sys/devices/system/cpu")
_LOOKS = 4
_LOOK_SECONDS = 0.25
_IDLE_PERCENT = 10.0


def has_runtime() -> bool:
    return importlib.util.find_spec(RUNTIME) is not None


def free_disk(folder: Path) -> int:
    """Bytes that can be written below `folder`, which need not exist yet."""
    there = next(one for one in (folder, *folder.parents) if one.is_dir())
    return shutil.disk_usage(there).free


def free_memory() -> int:
    """Bytes that a new process may take without swapping, the container's limit included."""
    available = psutil.virtual_memory().available
    left = _left_in_container()
    return available if left is None else min(available, left)


def processors() -> int:
    """How many threads can compute at once: physical cores, less where this process may use fewer."""
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    cores = {_text(_CPUS / f"cpu{n}" / "topology" / "thread_siblings_list") or str(n) for n in allowed}
    return max(1, min(len(cores), _container_processors() or len(cores)))


def idle_processors() -> int:
    """The processors less those that others keep busy, but at least half of them; takes up to a second.

    The threads of one token wait for each other hundreds of times: one that does not get its core holds up all.
    What is busy only for a moment, such as a file being loaded, does not count.
    """
    busy = psutil.cpu_percent(_LOOK_SECONDS)
    for _ in range(_LOOKS - 1):
        if busy < _IDLE_PERCENT:
            break
        busy = min(busy, psutil.cpu_percent(_LOOK_SECONDS))
    return max(1, processors() // 2, processors() - round(busy / 100 * processors()))


def _left_in_container() -> int | None:
    limit, used = _text(_CGROUP / "memory.max"), _text(_CGROUP / "memory.current")
    if not limit.isdigit() or not used.isdigit():
        return None
    # Cached file pages count as used, but are given up as soon as a program asks for memory.
    stat = dict(line.split() for line in _text(_CGROUP / "memory.stat").splitlines())
    return max(0, int(limit) - int(used) + int(stat.get("inactive_file", 0)))


def _container_processors() -> int | None:
    quota, _, period = _text(_CGROUP / "cpu.max").partition(" ")
    return int(quota) // int(period) if quota.isdigit() and period.isdigit() else None


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
