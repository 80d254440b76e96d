"""Two replicas behind nginx with the configuration of deploy/: visitors stay where they are, or move when it dies."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests

from lib.settings import PROJECT
from tests.browser.conftest import free_port
from tests.served import Served, served, until
from tests.tab import Tab


@contextmanager
def _balanced(folder: Path, replicas: list[Served]) -> Iterator[str]:
    """nginx in front of the replicas; the address to use."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("nginx is not installed, and CI may not skip its test.")
        pytest.skip("nginx is not installed")
    text = (PROJECT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    url = f"http://127.0.0.1:{free_port()}"
    for given, here in zip(("8501", "8502", "8080"), (replicas[0].url, replicas[1].url, url), strict=True):
        text = text.replace(f"127.0.0.1:{given}", here.removeprefix("http://"))
        text = text.replace(f":{given}$", f":{here.rpartition(':')[2]}$")
    paths = "".join(
        f"{one}_temp_path {folder / one};\n" for one in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    text = text.replace("http {\n", "http {\n" + paths).replace("/dev/stdout", str(folder / "access.log"))
    (folder / "nginx.conf").write_text(f"daemon off;\npid {folder / 'pid'};\n{text}", encoding="utf-8")
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: _answers(url))
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/health", timeout=30).status_code == 200
    except requests.ConnectionError:
        return False


def _sessions(replicas: list[Served]) -> list[object]:
    return [one.health()[1]["sessions"] for one in replicas]


def test_visitors_stay_with_their_replica_and_move_when_it_dies(tmp_path: Path) -> None:
    with ExitStack() as stack:
        replicas = [
            stack.enter_context(served(tmp_path / name, STREAMLIT_SERVER_COOKIE_SECRET="c" * 32, BAYAN_SHARED="1"))
            for name in "ab"
        ]
        url = stack.enter_context(_balanced(tmp_path, replicas))
        browser = requests.Session()
        with Tab(url, "ask", browser=browser) as tab:
            tab.drop("pets.csv", b"name,age\nRex,3\n")
            tab.until("pets · 1 row")
            at = _sessions(replicas).index(1)
            assert browser.cookies["replica"] == "ab"[at]
            # The same browser comes to the same replica, where its tables are, as often as it comes.
            for _ in range(3):
                with Tab(url, "data", tab.query, browser) as other:
                    other.until("pets")
            key = tab.query
            replicas[at].process.kill()
            replicas[at].process.wait()
            # New visitors, and those whose replica is gone, get the other one.
            for who in (requests.Session(), browser):
                with Tab(url, "ask", key, who) as moved:
                    moved.until("Or take sample data")
                    assert moved.browser.cookies["replica"] == "ab"[1 - at]
                    moved.drop("pets.csv", b"name,age\nRex,3\n")
                    moved.until("pets · 1 row")
        assert "w=" not in (tmp_path / "access.log").read_text()
