"""What this machine offers a model: its runtime, memory, disk and processors."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

RUNTIME = "xllamacpp"

_CGROUP = Path("/sys/fs/cgroup")
_CPUS = Path("/sys/devices/system/cpu")


def has_runtime() -> bool:
    return importlib.util.find_spec(RUNTIME) is not None


def free_disk(folder: Path) -> int:
    """Bytes that can be written below `folder`, which need not exist yet."""
    there = next(one for one in (folder, *folder.parents) if one.is_dir())
    return shutil.disk_usage(there).free


def free_memory() -> int | None:
    """Bytes that a new process may take, the container's limit included; None where that cannot be known.

    Linux says what is available. Elsewhere only the machine's size is known: programs can be swapped out there.
    """
    try:
        pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None
    known = [pages * size, _available_on_linux(), _left_in_container()]
    return min(one for one in known if one is not None)


def processors() -> int:
    """How many threads can compute at once: physical cores, less where this process may use fewer."""
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    cores = {_text(_CPUS / f"cpu{n}" / "topology" / "thread_siblings_list") or str(n) for n in allowed}
    return max(1, min(len(cores), _container_processors() or len(cores)))


def idle_processors() -> int:
    """The processors less those that others keep busy now, but at least half of them.

    The threads of one token wait for each other hundreds of times: one that does not get its core holds up all.
    """
    busy = round(os.getloadavg()[0]) if hasattr(os, "getloadavg") else 0
    return max(1, processors() // 2, processors() - busy)


def _available_on_linux() -> int | None:
    for line in _text(Path("/proc/meminfo")).splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


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
