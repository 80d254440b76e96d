"""Which limits hold a query on this machine, found out by a process that is walled in as a worker is and tries each.

Run as a module it is that process; it is given the port of a listener and tells what held as JSON.
"""

from __future__ import annotations

import json
import mmap
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lib.children import bare_environment
from lib.engine import walls
from lib.engine.wire import Job

PATIENCE = 30.0
_MB = 1 << 20
_JOB = Job(database=__file__, sql="", timeout=PATIENCE, memory_mb=64, max_rows=1, result_mb=1)


@dataclass(frozen=True)
class Limit:
    """One thing that a query could do to a machine, and whether the operating system forbids it here.

    `says` is one sentence: what holds, or what is left where the system does not hold.
    """

    name: str
    holds: bool
    says: str


@cache
def limits() -> tuple[Limit, ...]:
    """All of them; looked for once, which takes a moment. What could not be tried counts as not held."""
    held = _tried()
    return tuple(Limit(name, held.get(name, False), says[held.get(name, False)]) for name, says in _SENTENCES.items())


_SENTENCES = {
    "Time": (
        "Bayan ends a query that takes too long; should Bayan hang, nothing else does.",
        "Bayan ends a query that takes too long; should Bayan hang, the system ends it by its processor time.",
    ),
    "Memory": (
        "The system does not limit a query's memory: the engine counts its own and stops there.",
        "The system gives a query's process at most twice `QUERY_MEMORY_MB` beyond what it starts with.",
    ),
    "Writing": (
        "Only the engine's lock keeps a query from writing files.",
        "A query's process cannot write a byte to a file.",
    ),
    "Reading": (
        "Only the engine's lock keeps a query from reading other files than its tables.",
        "A query's process can open no file but the one that holds its tables.",
    ),
    "Network": (
        "Only the engine's lock keeps a query off the network.",
        "A query's process reaches no network and no service of this machine.",
    ),
    "Programs": (
        "Only the engine's lock keeps a query from starting programs.",
        "A query's process can start no program and no other process.",
    ),
}
"""What is said where the system does not hold, and where it does."""


def _tried() -> dict[str, bool]:
    with tempfile.TemporaryDirectory(prefix="bayan-limits-") as folder, socket.create_server(("127.0.0.1", 0)) as open_:
        try:
            done = subprocess.run(
                [sys.executable, "-P", "-m", "lib.engine.limits", str(open_.getsockname()[1])],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=folder,
                env=bare_environment(),
                timeout=PATIENCE,
                check=True,
            )
            told: dict[str, bool] = json.loads(done.stdout)
        except (OSError, subprocess.SubprocessError, ValueError):
            return {}
    return told


def main(port: int) -> None:
    """Be walled in as a worker is, in the same order, and try what it cannot do."""
    walls.leave_network()
    walls.refuse_calls()
    walls.limit(_JOB, threads=1)
    walls.see_only(_JOB.database)
    tries: dict[str, Callable[[], object]] = {
        "Memory": lambda: mmap.mmap(-1, 8 * _JOB.memory_mb * _MB),
        "Writing": lambda: Path("written").write_bytes(b"x"),
        "Reading": lambda: Path(os.__file__).read_bytes(),
        "Network": lambda: socket.create_connection(("127.0.0.1", port), timeout=1.0),
        "Programs": _start_process,
    }
    held = {"Time": _has_processor_limit(), **{name: _fails(act) for name, act in tries.items()}}
    sys.stdout.write(json.dumps(held))


def _has_processor_limit() -> bool:
    if sys.platform == "win32":
        return False
    import resource

    return resource.getrlimit(resource.RLIMIT_CPU)[0] != resource.RLIM_INFINITY


def _start_process() -> None:
    if sys.platform == "win32":
        subprocess.run([sys.executable, "-c", ""], check=False)
    elif not os.fork():
        os._exit(0)


def _fails(act: Callable[[], object]) -> bool:
    try:
        act()
    except (OSError, MemoryError):
        return True
    return False


if __name__ == "__main__":
    main(int(sys.argv[1]))
