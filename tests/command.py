"""`python -m lib` for tests: in this process, which need not start first, or as a script would run it."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys

import pytest

from lib.__main__ import main
from lib.settings import PROJECT, SETTINGS

OURS = [one.name.upper() for one in SETTINGS]


def bayan(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one command in this process with only the given settings. What is no error of the app's own is raised."""
    given, out, err = (io.TextIOWrapper(io.BytesIO(text)) for text in (stdin.encode(), b"", b""))
    at_terminate = signal.getsignal(signal.SIGTERM)
    with pytest.MonkeyPatch.context() as patch:
        for name in OURS:
            patch.delenv(name, raising=False)
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.chdir(PROJECT)
        for name, stream in (("stdin", given), ("stdout", out), ("stderr", err)):
            patch.setattr(sys, name, stream)
        try:
            status = main(arguments)
        except SystemExit as e:
            status = int(e.code or 0)
        finally:
            signal.signal(signal.SIGTERM, at_terminate)
    return subprocess.CompletedProcess(arguments, status, _written(out), _written(err))


def bayan_process(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """The same as a process of its own."""
    env = {name: value for name, value in os.environ.items() if name not in OURS} | environment
    return subprocess.run(
        [sys.executable, "-m", "lib", *arguments],
        input=stdin, capture_output=True, text=True, encoding="utf-8", cwd=PROJECT, env=env, timeout=120,
    )  # fmt: skip


def _written(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()
