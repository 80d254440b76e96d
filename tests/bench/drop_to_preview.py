"""From dropping 100 MB on the page until its preview is drawn, against DuckDB's own load of the same file."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import duckdb
from playwright.sync_api import Browser, expect

from tests.bench.load_speed import CELLS
from tests.browser.conftest import running_app, settled

ROWS = 1_000_000
ROUNDS = 3


def measure(chromium: Browser, folder: Path) -> dict[str, float]:
    """Median seconds, in turns: `page` from the drop to the drawn preview, `bare` one CREATE TABLE into a file."""
    path = folder / "large.csv"
    with duckdb.connect(config={"threads": 2}) as con:
        con.execute(f"COPY (SELECT {CELLS} FROM range({ROWS})) TO '{path}' (HEADER)")
    times: dict[str, list[float]] = {"page": [], "bare": []}
    for number in range(ROUNDS):
        times["bare"].append(_bare(path, folder / f"bare-{number}.duckdb"))
        times["page"].append(_dropped(chromium, path, folder / f"home-{number}"))
    found = {name: statistics.median(taken) for name, taken in times.items()}
    return {**found, "more": found["page"] - found["bare"], "megabytes": path.stat().st_size / 1e6}


def _bare(path: Path, into: Path) -> float:
    began = time.perf_counter()
    with duckdb.connect(into, config={"threads": 2}) as con:
        con.execute(f"CREATE TABLE t AS SELECT * FROM read_csv('{path}', sample_size=-1)")
    return time.perf_counter() - began


def _dropped(chromium: Browser, path: Path, home: Path) -> float:
    with running_app(BAYAN_HOME=str(home)) as url:
        context = chromium.new_context()
        page = context.new_page()
        page.goto(f"{url}/data")
        door = page.get_by_test_id("stFileUploaderDropzoneInput").first
        door.wait_for(state="attached")
        settled(page)
        began = time.perf_counter()
        door.set_input_files(path)
        expect(page.get_by_text(f"First 1,000 of {ROWS:,} rows")).to_be_visible(timeout=120_000)
        taken = time.perf_counter() - began
        context.close()
    return taken
