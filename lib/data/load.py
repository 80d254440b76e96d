"""How busy this process is, in numbers alone."""

from __future__ import annotations

import time
from dataclasses import dataclass

import psutil

from lib.data import homes
from lib.llm.limits import load_now
from lib.serving import memory, under_way


@dataclass(frozen=True)
class Load:
    """The work of one moment, all visitors together. Memory in bytes without the children's, `uptime` in seconds."""

    workspaces: int
    questions: int
    loads: int
    queries_running: int
    queries_waiting: int
    requests_running: int
    requests_waiting: int
    memory: int
    children: int
    uptime: float


def load() -> Load:
    """Now."""
    queries = [space.queries for space in homes.open_now()]
    running, waiting = load_now()
    process = psutil.Process()
    return Load(
        workspaces=len(queries),
        questions=under_way.count("question"),
        loads=under_way.count("load"),
        queries_running=sum(run for run, _ in queries),
        queries_waiting=sum(wait for _, wait in queries),
        requests_running=running,
        requests_waiting=waiting,
        memory=memory.used(),
        children=len(process.children(recursive=True)),
        uptime=time.time() - process.create_time(),
    )
