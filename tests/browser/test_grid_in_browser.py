"""The grid of a result in Chromium: files, a row as a card, totals, and pictures of the chart. No model is needed."""

from __future__ import annotations

import csv
import io
import json
import struct
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Download, Locator, Page, expect
from python_calamine import CalamineWorkbook

from tests.browser.conftest import Opener, running_app, settled, shoot
from tests.browser.test_ask_in_browser import SALES, upload

pytestmark = pytest.mark.browser

BY_REGION = "SELECT region, sum(amount) AS total, '=1+1' AS note FROM sales GROUP BY region ORDER BY region"


@pytest.fixture(scope="module")
def app() -> Iterator[str]:
    with running_app(BAYAN_SHARED="1", QUERY_MAX_ROWS="1000000", QUERY_RESULT_MB="1024") as url:
        yield url


@pytest.fixture
def page(app: str, open_page: Opener, tmp_path: Path) -> Page:
    file = tmp_path / "sales.csv"
    file.write_text(SALES, encoding="utf-8")
    page = open_page(app)
    upload(page, file)
    page.get_by_role("button", name="Write SQL by hand").click()
    return page


def grids(page: Page) -> Locator:
    return page.get_by_test_id("stMainBlockContainer").get_by_test_id("stDataFrame")


def run(page: Page, sql: str) -> None:
    box = page.get_by_role("textbox", name="SQL")
    box.fill(sql)
    box.press("Control+Enter")
    expect(grids(page).first).to_be_visible(timeout=90_000)
    settled(page)


def download(page: Page, button: str) -> Download:
    with page.expect_download() as started:
        page.get_by_role("button", name=button).click()
    return started.value


def with_formats(page: Page) -> Page:
    """With the list of formats open, which a drawing of the page may have closed."""
    settled(page)
    if not page.get_by_role("button", name="Excel").is_visible():
        page.get_by_role("button", name="More formats").click()
    return page


def content(made: Download) -> bytes:
    return Path(made.path()).read_bytes()


def select_row(page: Page, number: int) -> None:
    grid = grids(page).first.bounding_box()
    assert grid is not None
    page.mouse.click(grid["x"] + 15, grid["y"] + 35 * number + 17)


def test_every_file_is_made_by_its_click(page: Page) -> None:
    run(page, BY_REGION)
    rows = list(csv.reader(io.StringIO(content(download(page, "Download CSV")).decode("utf-8-sig"))))
    assert rows[:2] == [["region", "total", "note"], ["East", "3678", "'=1+1"]]

    excel = download(with_formats(page), "Excel")
    assert excel.suggested_filename == "result.xlsx"
    book = CalamineWorkbook.from_filelike(io.BytesIO(content(excel)))
    assert book.get_sheet_by_name("Result").to_python()[1] == ["East", 3678, "=1+1"]
    assert ["SQL", BY_REGION] in book.get_sheet_by_name("About").to_python()
    assert (
        pq.read_table(io.BytesIO(content(download(with_formats(page), "Parquet")))).column("region").to_pylist()[0]
        == "East"
    )
    assert json.loads(content(download(with_formats(page), "JSON")))[0] == {
        "region": "East",
        "total": 3678,
        "note": "=1+1",
    }
    shoot(page, "grid-formats")

    with_formats(page).get_by_text("CSV without formulas").click()
    settled(page)
    page.mouse.click(5, 5)  # beside the list, which closes and lets the button below it be clicked
    expect(page.get_by_role("button", name="Excel")).to_be_hidden()
    settled(page)
    rows = list(csv.reader(io.StringIO(content(download(page, "Download CSV")).decode("utf-8-sig"))))
    assert rows[1] == ["East", "3678", "=1+1"]


def test_the_chart_is_had_as_png_and_svg_without_a_network(page: Page) -> None:
    run(page, "SELECT region, sum(amount) AS total FROM sales GROUP BY region ORDER BY region")
    expect(page.get_by_test_id("stPlotlyChart").locator(".main-svg").first).to_be_visible()
    page.get_by_role("button", name="More formats").click()
    expect(page.get_by_role("button", name="Chart as SVG")).to_be_visible()
    shoot(page, "grid-picture")
    page.context.route("**/*", lambda route: route.abort())
    png = download(page, "Chart as PNG")
    picture = content(png)
    assert png.suggested_filename == "chart.png"
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", picture[16:24])
    shown = page.get_by_test_id("stPlotlyChart").locator(".main-svg").first.bounding_box()
    assert shown is not None
    assert (width, height) == (round(2 * shown["width"]), round(2 * shown["height"]))

    svg = download(with_formats(page), "Chart as SVG")
    assert svg.suggested_filename == "chart.svg"
    text = "".join(ElementTree.fromstring(content(svg)).itertext())
    assert "East" in text
    assert "Total" in text


def test_a_row_opens_as_a_card_whatever_the_order(page: Page) -> None:
    hostile = "<img src=x onerror=alert(1)> **b** " + "long " * 100
    run(page, f"SELECT * FROM (VALUES (2, 'b'), (1, '{hostile}')) AS t(\"<b>n</b>\", s)")
    grid = grids(page).first.bounding_box()
    assert grid is not None
    page.mouse.click(grid["x"] + 80, grid["y"] + 15)  # the header: sorted by it, 1 comes first
    select_row(page, 1)
    card = page.locator(".bayan-card")
    expect(card).to_be_visible()
    expect(card.locator("dt").first).to_have_text("<b>n</b>")
    assert card.locator("dd").all_inner_texts() == ["1", hostile]
    assert card.locator("img, b").count() == 0
    shoot(page, "grid-card")


def test_totals_come_on_demand(page: Page) -> None:
    run(page, "SELECT * FROM sales")
    expect(grids(page)).to_have_count(1)
    page.get_by_text("Totals", exact=True).click()
    expect(grids(page)).to_have_count(2)
    settled(page)
    shoot(page, "grid-totals")


def test_the_grid_searches_with_the_keyboard_and_offers_no_file_of_its_own(page: Page) -> None:
    run(page, "SELECT * FROM sales")
    grid = grids(page).first
    grid.hover()
    expect(page.get_by_role("button", name="Search")).to_be_visible()
    expect(page.get_by_role("button", name="Download as CSV")).to_have_count(0)
    box = grid.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 80, box["y"] + 52)
    page.keyboard.press("Control+f")
    page.keyboard.type("West")
    expect(page.get_by_text("12 results")).to_be_visible()


def test_a_million_rows_scroll_and_open_by_number(page: Page) -> None:
    run(page, "SELECT range AS n, range * 1.5 AS x, 'row ' || range AS s FROM range(1000000)")
    expect(page.get_by_text("1,000,000 rows · ")).to_be_visible(timeout=60_000)
    grid = grids(page).first
    grid.hover()
    page.mouse.wheel(0, 20_000_000)
    number = page.get_by_role("spinbutton", name="Open row")
    number.fill("1000000")
    number.press("Enter")
    expect(page.locator(".bayan-card")).to_contain_text("row 999999")
    shoot(page, "grid-million")
