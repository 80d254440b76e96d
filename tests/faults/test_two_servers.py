"""Two servers on one data directory: the second one says so on every page, and takes over when the first is gone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.settings import PROJECT, SETTINGS

FIRST = """
import sys
from lib.data import homes
from lib.data.workspace import Source
from lib.settings import Settings
space = homes.local(Settings(bayan_home=sys.argv[1]))
space.add([Source("small.csv", b"a\\n1\\n")]).wait()
print("open", flush=True)
sys.stdin.read()
"""
SENTENCE = "Bayan is running already and has these tables open. Use that one, or stop it."


def test_the_second_one_says_so_and_takes_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for one in SETTINGS:
        monkeypatch.delenv(one.name.upper(), raising=False)
    monkeypatch.setenv("BAYAN_HOME", str(tmp_path))
    monkeypatch.setenv("LLM_API_KEY", "of no endpoint that is asked here")
    with subprocess.Popen(
        [sys.executable, "-c", FIRST, str(tmp_path)], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as first:
        assert first.stdout
        assert first.stdout.readline() == b"open\n"
        before = {one: one.stat().st_mtime_ns for one in (tmp_path / "workspace").rglob("*")}
        at = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60).run()
        for page in ("ask", "data", "board", "chat"):
            at.switch_page(f"pages/{page}.py").run()
            assert not at.exception
            (error,) = at.error
            assert SENTENCE in error.value
        assert {one: one.stat().st_mtime_ns for one in before} == before
        first.kill()
    at.switch_page("pages/data.py").run()
    assert not at.exception
    assert not at.error
    assert "small" in str([one.value for one in at.markdown] + [one.options for one in at.selectbox])
