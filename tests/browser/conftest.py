"""The real app in a real browser: a server for each configuration, Chromium, and screenshots in artifacts/."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from lib.settings import PROJECT, SETTINGS, Settings

APP = PROJECT / "app.py"
ARTIFACTS = PROJECT / "artifacts"
# Chromium's own traffic is switched off, so that what a page asks for can be told from what the browser does.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
Opener = Callable[..., Page]

expect.set_options(timeout=30_000)  # a machine that also runs the model can be slow to paint


@dataclass(frozen=True)
class Server:
    """A server under way and its address."""

    process: subprocess.Popen[bytes]
    url: str

    def kill(self) -> None:
        """End it without a word, as the system does when memory runs out."""
        self.process.kill()
        self.process.wait()


@contextmanager
def running_app(script: Path = APP, /, **environment: str) -> Iterator[str]:
    """`streamlit run` with only the given settings, and a home of its own unless one is given; yields its address."""
    with tempfile.TemporaryDirectory() as home, running_server(script, **{"BAYAN_HOME": home, **environment}) as server:
        yield server.url


@contextmanager
def running_server(
    script: Path = APP, files: Sequence[Path] = (), port: int = 0, secrets: Path | None = None, /, **environment: str
) -> Iterator[Server]:
    """The same with the server itself, which may be killed; it opens `files` at its start.

    `secrets` is Streamlit's own secrets file, which holds what a login needs.
    """
    ours = {one.name.upper() for one in SETTINGS}
    # What the server writes is not read after its start, what hangs is not to be waited for, and a test asks fast.
    ours_here = {"BAYAN_LOG": "off", "STOP_SECONDS": "1", "QUESTIONS_A_MINUTE": "0", **environment}
    env = {name: value for name, value in os.environ.items() if name not in ours} | ours_here
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}"]
    command += ["--server.headless=true", "--server.address=127.0.0.1", "--server.fileWatcherType=none"]
    command += [f"--secrets.files={secrets}"] if secrets else []
    command += ["--", *map(str, files)] if files else []
    process = subprocess.Popen(command, cwd=PROJECT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        _until_it_listens(process)
        yield Server(process, f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(timeout=15)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _until_it_listens(server: subprocess.Popen[bytes]) -> None:
    """Read what the server prints until it names its address; a server that ends instead fails the test."""
    assert server.stdout is not None
    printed = []
    for line in server.stdout:
        printed.append(line.decode(errors="replace"))
        if "URL:" in printed[-1]:
            return
    pytest.fail("the app did not start:\n" + "".join(printed))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Headless Chromium, the system's own."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is not installed, and CI may not skip browser tests.")
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Opener]:
    """Open an address in a fresh browser session; fails the test when a page asks another host for anything."""
    strangers: list[str] = []
    with ExitStack() as contexts:

        def opener(url: str, *, width: int = 1280, height: int = 900, dark: bool = False) -> Page:
            context = chromium.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if dark else "light",
            )
            contexts.callback(context.close)
            page = context.new_page()
            page.on("request", lambda r: None if _is_ours(r.url) else strangers.append(r.url))
            page.goto(url)
            return page

        yield opener
    assert strangers == []


def _is_ours(url: str) -> bool:
    return re.match(r"(https?|wss?)://127\.0\.0\.1[:/]|data:|blob:|about:", url) is not None


LOOKS: tuple[tuple[Literal["light", "dark"], int], ...] = (
    ("light", 1280),
    ("dark", 1280),
    ("light", 390),
    ("dark", 390),
)
PAINTED = "theme => getComputedStyle(document.querySelector('.stApp')).colorScheme === theme"


def settled(page: Page, seconds: float = 90) -> None:
    """Wait until no script runs."""
    app = page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')
    expect(app).to_be_visible(timeout=seconds * 1000)


def shoot(page: Page, name: str) -> None:
    """Keep a screenshot."""
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"{name}.png", full_page=True)


def turn(page: Page, theme: Literal["light", "dark"], width: int) -> None:
    """Give the page a theme and a width, and wait until it is painted so."""
    page.emulate_media(color_scheme=theme)
    if page.viewport_size:
        page.set_viewport_size({"width": width, "height": page.viewport_size["height"]})
    page.wait_for_function(PAINTED, arg=theme)


def looks(page: Page) -> Iterator[str]:
    """Turn the page to each width and theme and name it; nothing may stick out sideways."""
    for theme, width in LOOKS:
        turn(page, theme, width)
        settled(page)
        yield f"{theme}-{width}"
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    turn(page, *LOOKS[0])


@pytest.fixture(scope="session")
def local_app(builtin_model: Settings) -> Iterator[str]:
    """The app on the real built-in model, shared: each test is a visitor with a workspace of their own."""
    with tempfile.TemporaryDirectory() as home:
        Path(home, "models").symlink_to(builtin_model.home / "models")
        with running_app(BAYAN_HOME=home, BAYAN_SHARED="1") as url:
            yield url
