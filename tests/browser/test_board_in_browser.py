"""The board in Chromium: arranged, refreshed, presented with keys, saved and opened; looked at in light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lib.board import board
from lib.data.workspace import Workspace
from lib.settings import Settings
from tests.boards import BY_REGION, TOTAL, answer, load
from tests.browser.conftest import Opener, looks, running_app, settled, shoot

pytestmark = pytest.mark.browser

BY_MONTH = "SELECT month, region, sum(amount) AS total FROM sales GROUP BY ALL ORDER BY month"

# All letters of charts are light on a dark page and dark on a light one.
DRAWN_FOR = """theme => [...document.querySelectorAll('.js-plotly-plot text')].every(one => {
    const [red] = getComputedStyle(one).fill.match(/\\d+/g).map(Number)
    return theme === 'dark' ? red > 128 : red < 128
})"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return furnished(tmp_path)


@pytest.fixture(scope="module")
def only_read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app on such a home, for tests that change nothing of it."""
    with running_app(BAYAN_HOME=str(furnished(tmp_path_factory.mktemp("home")))) as url:
        yield url


def furnished(tmp_path: Path) -> Path:
    """A home with a table and four pinned answers; the number is from when the table had one row."""
    folder = tmp_path / "workspace"
    rows = [f"{r},2024-{m:02}-01,{(n + 1) * 100 + 7 * m * (n + 1)}" for m in range(1, 13) for n, r in enumerate("NSEW")]
    with Workspace.open(folder, Settings(bayan_home=str(tmp_path))) as space:
        load(space, b"region,month,amount\nNorth,2024-01-01,10\n")
        board.pin(folder, replace(answer(space, "What is the total?", TOTAL), findings=()))
        load(space, "\n".join(["region,month,amount", *rows]).encode())
        board.pin(folder, replace(answer(space, "Total by region?", BY_REGION), title="Sales", note="West leads."))
        board.pin(folder, answer(space, "How did each region do by month?", BY_MONTH))
        board.pin(folder, answer(space, "Which months are there?", "SELECT DISTINCT month, region FROM sales"))
    return tmp_path


def opened(page: Page) -> Page:
    page.get_by_role("heading", name="What is the total?").wait_for()
    settled(page)
    return page


def titles(page: Page) -> list[str]:
    settled(page)
    return page.get_by_test_id("stMain").get_by_role("heading", level=2).all_inner_texts()


def from_menu(page: Page, title: str, choice: str) -> None:
    tile = page.locator("[class*='st-key-tile-']").filter(has=page.get_by_role("heading", name=title))
    tile.get_by_role("button", name="Menu").click()
    page.get_by_role("menuitem", name=choice).click()
    settled(page)


def test_a_board_is_arranged_refreshed_and_outlives_the_server(home: Path, open_page: Opener) -> None:
    with running_app(BAYAN_HOME=str(home)) as url:
        page = opened(open_page(f"{url}/board"))
        from_menu(page, "Sales", "Move earlier")
        expect(page.get_by_test_id("stMain").get_by_role("heading", level=2).first).to_have_text("Sales")
        from_menu(page, "What is the total?", "Edit")
        page.get_by_role("textbox", name="Title").fill("All sales")
        page.get_by_role("button", name="Save", exact=True).last.click()
        expect(page.get_by_role("heading", name="All sales")).to_be_visible()
        from_menu(page, "Which months are there?", "Remove")
        expect(page.get_by_text("Removed Which months are there?")).to_be_visible()
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_role("heading", name="Which months are there?")).to_be_visible()
        page.get_by_role("button", name="Refresh all").click()
        expect(page.get_by_text("4 answers refreshed: 1 changed, 3 as before.")).to_be_visible()
        expect(page.get_by_test_id("stMetricValue")).to_have_text("17,460")
        settled(page)
    with running_app(BAYAN_HOME=str(home)) as url:
        page = open_page(f"{url}/board")
        page.get_by_role("heading", name="All sales").wait_for()
        expected = ["Sales", "All sales", "How did each region do by month?", "Which months are there?"]
        assert titles(page) == expected
        expect(page.get_by_text("from 10 to 17,460")).to_be_visible()


def test_presenting_with_keys(only_read: str, open_page: Opener) -> None:
    page = opened(open_page(f"{only_read}/board"))
    page.get_by_role("button", name="Present").click()
    expect(page.get_by_text("1 of 4")).to_be_visible()
    settled(page)
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    expect(page.get_by_role("button", name="Menu")).to_have_count(0)
    for key, counter in (
        ("ArrowRight", "2 of 4"),
        ("Space", "3 of 4"),
        ("PageDown", "4 of 4"),
        ("ArrowRight", "4 of 4"),
        ("ArrowLeft", "3 of 4"),
        ("PageUp", "2 of 4"),
    ):
        page.keyboard.press(key)
        expect(page.get_by_text(counter)).to_be_visible()
        settled(page)
    page.reload()
    expect(page.get_by_text("2 of 4")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("3 of 4")).to_be_visible()
    settled(page)
    page.keyboard.press("Space")  # the button that was clicked has the focus and must not step once more
    expect(page.get_by_text("4 of 4")).to_be_visible()
    page.keyboard.press("Home")
    expect(page.get_by_text("1 of 4")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Refresh all")).to_be_visible()
    assert "present" not in page.url


def test_a_chart_fills_the_screen(only_read: str, open_page: Opener) -> None:
    page = open_page(f"{only_read}/board?present=2")
    chart = page.get_by_test_id("stPlotlyChart")
    chart.locator(".main-svg").first.wait_for()
    settled(page)
    box = chart.bounding_box()
    assert box is not None
    assert box["height"] > 0.6 * 900
    assert box["width"] > 0.85 * 1280
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight") <= 900


def test_a_board_is_saved_and_opened(home: Path, open_page: Opener, tmp_path: Path) -> None:
    with running_app(BAYAN_HOME=str(home)) as url:
        page = opened(open_page(f"{url}/board"))
        page.get_by_role("button", name="Save", exact=True).click()
        with page.expect_download() as download:
            page.get_by_role("button", name="With its data", exact=True).click()
        download.value.save_as(file := tmp_path / "mine.bayan")
    with running_app() as url:
        page = open_page(f"{url}/board")
        page.get_by_text("Nothing is pinned yet").wait_for()
        settled(page)
        page.get_by_role("button", name="Open").click()
        page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(file)
        page.get_by_role("button", name="Add 4 answers to the board").click()
        opened(page)
        expect(page.get_by_test_id("stMetricValue")).to_have_text("10")
        assert len(titles(page)) == 4


def test_how_it_looks(only_read: str, open_page: Opener) -> None:
    page = opened(open_page(f"{only_read}/board", height=2400))
    for look in looks(page):
        expect(page.locator(".js-plotly-plot")).to_have_count(2)
        page.wait_for_function(DRAWN_FOR, arg=look.split("-")[0])
        shoot(page, f"board-{look}")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{only_read}/board?present=1")
    for number in range(1, 5):
        page.get_by_text(f"{number} of 4").wait_for()
        settled(page)
        expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
        shoot(page, f"board-present-{number}")
        page.keyboard.press("PageDown" if number < 4 else "PageUp")
    page.get_by_text("3 of 4").wait_for()
    settled(page)
    for look in looks(page):
        page.wait_for_function(DRAWN_FOR, arg=look.split("-")[0])
        shoot(page, f"board-present-3-{look}")
