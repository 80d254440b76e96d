"""The process from which workers are forked, on Linux. Started as `python -m lib.engine.template` by process.py.

It has loaded and warmed everything that a query need not wait for, and has never seen a job. Each packet on its
standard input brings a new worker's standard input and output, and the pipe on which that worker's process id and
later its exit status are told. It ends with its parent; its workers see that for themselves.
"""

from __future__ import annotations

import gc
import os
import selectors
import socket
import sys

from lib.engine import walls

walls.leave_network()  # now: what has threads cannot, and the libraries may start some
sys.modules["numpy"] = None  # type: ignore[assignment]  # Arrow does without it; it takes half of the start

from lib.engine import worker  # noqa: E402
from lib.engine.process import NUMBER  # noqa: E402

_MOST_DESCRIPTORS = 4096


def main() -> None:
    database = worker.prepared(threads=1)  # an engine's other threads would not outlive a fork
    control = socket.socket(fileno=os.dup(0))
    gc.collect()
    gc.freeze()  # what all workers share stays shared
    children: dict[int, tuple[int, int]] = {}
    with selectors.DefaultSelector() as waiting:
        waiting.register(control, selectors.EVENT_READ)
        while True:
            for key, _ in waiting.select():
                if key.fd == control.fileno():
                    _, given, *_ = socket.recv_fds(control, 1, 3)
                    if not given:
                        os._exit(0)
                    pid = os.fork()
                    if not pid:
                        _become_worker(given)
                        worker.main(database)
                    told = given.pop()
                    for one in given:
                        os.close(one)
                    _tell(told, pid)
                    handle = os.pidfd_open(pid)
                    children[handle] = pid, told
                    waiting.register(handle, selectors.EVENT_READ)
                else:
                    waiting.unregister(key.fd)
                    pid, told = children.pop(key.fd)
                    os.close(key.fd)
                    _tell(told, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
                    os.close(told)


def _become_worker(given: list[int]) -> None:
    os.dup2(given[0], 0)
    os.dup2(given[1], 1)
    os.closerange(3, _MOST_DESCRIPTORS)


def _tell(pipe: int, number: int) -> None:
    try:
        os.write(pipe, NUMBER.pack(number))
    except BrokenPipeError:  # nobody wants to know any more
        return


if __name__ == "__main__":
    main()
