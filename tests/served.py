"""The real server as a service runs it: started, looked at from outside, ended by a signal; what it wrote is kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import requests

from lib.settings import PROJECT, SETTINGS
from tests.browser.conftest import free_port

PATIENCE = 60.0


@dataclass(frozen=True)
class Served:
    """A server under way, its address, and the file with all that it writes."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def health(self) -> tuple[int, dict[str, object]]:
        """The status and the content of the health address."""
        reply = requests.get(f"{self.url}/health", timeout=30)
        return reply.status_code, reply.json()

    def terminate(self) -> None:
        """Ask it to end, as systemd and containers do."""
        self.process.send_signal(signal.SIGTERM)

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@contextmanager
def served(home: Path, files: Sequence[Path] = (), /, **environment: str) -> Iterator[Served]:
    """`streamlit run` with only the given settings; it listens when the block begins."""
    home.mkdir(exist_ok=True)
    ours = {one.name.upper() for one in SETTINGS}
    env = {name: value for name, value in os.environ.items() if name not in ours} | environment
    env["BAYAN_HOME"] = str(home)
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}", "--server.headless=true"]
    command += ["--server.address=127.0.0.1", "--server.fileWatcherType=none", "--", *map(str, files)]
    log = home / "log.txt"
    with log.open("ab") as written:
        process = subprocess.Popen(command, cwd=PROJECT, env=env, stdout=written, stderr=subprocess.STDOUT)
    here = Served(process, f"http://127.0.0.1:{port}", log)
    try:
        until(lambda: _listens(here))
        yield here
    finally:
        process.kill()
        process.wait()


def until(true: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait until `true()`. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.05)


def _listens(server: Served) -> bool:
    assert server.process.poll() is None, server.log.read_text()
    try:
        return server.health()[0] == 200
    except requests.ConnectionError:
        return False
