"""Spark Connect servers for tests: Sail in both of its modes, and Apache Spark, each a process that can be killed."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

START_SECONDS = 60.0


class Server:
    """One server on a port of its own. `kill` and `start` are a restart that forgets every session."""

    def __init__(self, command: list[str], port: int, **environment: str) -> None:
        self._command, self._environment = command, environment
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"sc://127.0.0.1:{self._port}"

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **self._environment},
            start_new_session=True,
        )
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            assert time.monotonic() < until, "the server does not listen"
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(0.05)
                pytest.fail("the server ended before it listened")

    def kill(self) -> None:
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._port)) == 0


@contextmanager
def sail(mode: str = "local") -> Iterator[Server]:
    """Sail, which stands for any Spark Connect server; `local-cluster` lets plans cross from a driver to workers."""
    if importlib.util.find_spec("pysail") is None or importlib.util.find_spec("pyspark") is None:
        assert os.environ.get("CI") != "true", "CI has to test Spark Connect: requirements-dev.txt brings pysail"
        pytest.skip("pysail is not installed; requirements-dev.txt brings it")
    port = _free_port()
    command = [sys.executable, "-m", "pysail", "spark", "server", "--ip", "127.0.0.1", "--port", str(port)]
    server = Server(command, port, SAIL_MODE=mode)
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def apache_spark() -> Iterator[Server]:
    """Apache Spark on two threads of this machine, from the folder that SPARK_HOME names."""
    submit = Path(os.environ.get("SPARK_HOME", "nowhere")) / "bin" / "spark-submit"
    if not submit.is_file():
        pytest.skip("SPARK_HOME names no Apache Spark; the folder pyspark of its wheel is one")
    port = _free_port()
    command = [
        *(str(submit), "--master", "local[2]", "--class", "org.apache.spark.sql.connect.service.SparkConnectServer"),
        *("--conf", f"spark.connect.grpc.binding.port={port}", "--conf", "spark.ui.enabled=false", "spark-internal"),
    ]
    server = Server(command, port)
    try:
        yield server
    finally:
        server.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
