"""From a fresh server to the first paint of the page, against an empty Streamlit app."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from playwright.sync_api import Browser

from lib.settings import PROJECT
from tests.browser.conftest import running_app

ROUNDS = 3
EMPTY = 'import streamlit as st\n\nst.title("Empty")\n'


def measure(chromium: Browser, folder: Path) -> dict[str, float]:
    """Median seconds from asking a fresh server for the page until its heading is painted, in turns."""
    empty = folder / "empty.py"
    empty.write_text(EMPTY, encoding="utf-8")
    apps = {"bayan": (PROJECT / "app.py", "Ask your data"), "empty": (empty, "Empty")}
    times: dict[str, list[float]] = {name: [] for name in apps}
    for _ in range(ROUNDS):
        for name, (script, heading) in apps.items():
            times[name].append(_first_paint(chromium, script, heading, folder))
    found = {name: statistics.median(taken) for name, taken in times.items()}
    return {**found, "ratio": found["bayan"] / found["empty"]}


def _first_paint(chromium: Browser, script: Path, heading: str, home: Path) -> float:
    with running_app(script, BAYAN_HOME=str(home)) as url:
        context = chromium.new_context()
        began = time.perf_counter()
        page = context.new_page()
        page.goto(url)
        page.get_by_role("heading", name=heading, exact=True).wait_for()
        taken = time.perf_counter() - began
        context.close()
    return taken
