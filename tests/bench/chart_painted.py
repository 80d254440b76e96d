"""From Ctrl+Enter to the painted chart of a query over a million rows, against the query itself in the engine."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import duckdb
from playwright.sync_api import Browser, Page, expect

from lib.data.workspace import Source, Workspace
from lib.settings import Settings
from tests.browser.conftest import running_app, settled

ROWS = 1_000_000
ROUNDS = 3
QUERIES = {
    "a line for each region": "SELECT day, region, amount FROM big",
    "bars of 5,000 groups": "SELECT city, amount FROM big",
    "a line of ten years": "SELECT day, amount FROM big",
    "points": "SELECT x, amount FROM big",
    "four bars": "SELECT region, sum(amount) AS amount FROM big GROUP BY region",
}
_CELLS = (
    "i AS id, 'city ' || (i % 5000) AS city, ['North', 'South', 'East', 'West'][1 + i % 4] AS region,"
    " DATE '2015-01-01' + CAST(i % 3650 AS INTEGER) AS day, random() * 1000 AS amount, random() AS x"
)
# Each chart is asked to say when it was painted: the page may still be drawing what stands below it.
_LISTEN = """() => {
    const old = new Set(document.querySelectorAll('.js-plotly-plot'))
    window.painted = new Promise((done) => {
        const look = () => {
            const chart = [...document.querySelectorAll('.js-plotly-plot')].find((one) => !old.has(one))
            if (chart && chart.querySelector('.main-svg, canvas')) requestAnimationFrame(() => done(performance.now()))
            else requestAnimationFrame(look)
        }
        look()
        setTimeout(() => done(NaN), 60_000)
    })
    return performance.now()
}"""


def measure(chromium: Browser, folder: Path) -> dict[str, dict[str, float]]:
    """Median seconds of each query: `page` until its chart is painted, `query` in the engine, and the difference."""
    path = folder / "big.parquet"
    with duckdb.connect(config={"threads": 2}) as con:
        con.execute(f"COPY (SELECT {_CELLS} FROM range({ROWS}) t(i)) TO '{path}'")
    alone = _alone(path)
    with running_app(BAYAN_HOME=str(folder / "home")) as url:
        page = _opened(chromium, url, path)
        times: dict[str, list[float]] = {name: [] for name in QUERIES}
        for _ in range(ROUNDS):
            for name, sql in QUERIES.items():
                times[name].append(_painted(page, sql))
        page.context.close()
    taken = {name: statistics.median(found) for name, found in times.items()}
    return {name: {"page": taken[name], "query": alone[name], "more": taken[name] - alone[name]} for name in QUERIES}


def _alone(path: Path) -> dict[str, float]:
    with Workspace.temporary(Settings()) as space:
        space.add([Source(path.name, path)]).wait()
        times: dict[str, list[float]] = {name: [] for name in QUERIES}
        for _ in range(ROUNDS):
            for name, sql in QUERIES.items():
                began = time.perf_counter()
                space.run(sql)
                times[name].append(time.perf_counter() - began)
                time.sleep(1.0)  # until the next spare worker is ready, as it is before a person's next question
    return {name: statistics.median(found) for name, found in times.items()}


def _opened(chromium: Browser, url: str, path: Path) -> Page:
    page = chromium.new_context(viewport={"width": 1280, "height": 1000}).new_page()
    page.goto(url)
    page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(path)
    page.get_by_text(f"big · {ROWS:,} rows").wait_for(state="attached", timeout=60_000)
    settled(page)
    return page


def _painted(page: Page, sql: str) -> float:
    """Seconds of one query in an editor of its own, in a thread without other answers."""
    page.get_by_role("button", name="Write SQL by hand").click()
    editor = page.get_by_role("textbox", name="SQL")
    expect(editor).to_have_count(1)
    editor.fill(sql)
    settled(page)
    page.wait_for_timeout(1_000)
    began = float(page.evaluate(_LISTEN))
    editor.press("Control+Enter")
    taken = (float(page.evaluate("() => window.painted")) - began) / 1_000
    settled(page)
    page.wait_for_timeout(1_000)  # until the page has scrolled to its end
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("button", name="Delete questions and answers").click()
    expect(editor).to_have_count(0)
    settled(page)
    return taken
