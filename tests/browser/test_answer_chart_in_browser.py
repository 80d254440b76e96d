"""The chart of an answer in Chromium: a click filters the table, the panel changes it, the board gets it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Error, Locator, Page, expect

from tests.browser.conftest import Opener, running_app, settled, shoot

pytestmark = pytest.mark.browser

SALES = "region,month,amount\n" + "".join(
    f"{region},2024-{month:02}-01,{100 * place + month}\n"
    for place, region in enumerate(["North", "South", "East", "West"], 1)
    for month in range(1, 13)
)
BY_REGION = "SELECT region, sum(amount) AS total FROM sales GROUP BY region ORDER BY region"


@pytest.fixture(scope="module")
def app() -> Iterator[str]:
    with running_app(BAYAN_SHARED="1") as url:
        yield url


@pytest.fixture
def answered(app: str, open_page: Opener, tmp_path: Path) -> Page:
    """The Ask page with one answer to SQL that was written by hand."""
    file = tmp_path / "sales.csv"
    file.write_text(SALES, encoding="utf-8")
    page = open_page(app, height=1400)
    page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(file)
    page.get_by_text("Tables", exact=True).wait_for(state="attached")
    settled(page)
    page.get_by_role("button", name="Write SQL by hand").click()
    sql = page.get_by_role("textbox", name="SQL")
    sql.fill(BY_REGION)
    sql.press("Control+Enter")
    expect(main(page).get_by_text("4 rows")).to_be_visible()
    settled(page)
    return page


def main(page: Page) -> Locator:
    return page.get_by_test_id("stMainBlockContainer")


def bars(page: Page) -> Locator:
    return main(page).get_by_test_id("stPlotlyChart").locator(".bars .point path")


def press_on(page: Page, mark: Locator) -> None:
    """A click in the middle: Plotly listens above its marks."""
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def choose(page: Page, label: str, option: str) -> None:
    """Choose from a list, which closes when the page is drawn anew under it."""
    for _ in range(10):
        main(page).get_by_role("combobox", name=label).click()
        try:
            page.get_by_role("option", name=option).click(timeout=3_000)
        except Error:
            continue
        return
    pytest.fail(f"{option} cannot be chosen")


def test_a_click_on_a_bar_leaves_its_rows_and_offers_the_next_question(answered: Page) -> None:
    expect(bars(answered)).to_have_count(4)
    press_on(answered, bars(answered).nth(1))
    expect(main(answered).get_by_text("Only rows where region is North: 1 of 4")).to_be_visible()
    shoot(answered, "chart-picked")
    main(answered).get_by_role("button", name="Ask only where region is North").click()
    expect(main(answered).get_by_text("Only where region is North", exact=True)).to_be_visible()


def test_another_kind_stays_after_a_reload_and_on_the_board(answered: Page) -> None:
    main(answered).get_by_text("Change the chart").click()
    choose(answered, "Kind", "Pie")
    slices = answered.get_by_test_id("stPlotlyChart").locator(".pielayer .slice")
    expect(slices).to_have_count(4)
    settled(answered)
    shoot(answered, "chart-panel")
    answered.reload()
    expect(slices).to_have_count(4)
    settled(answered)
    main(answered).get_by_role("button", name="Pin to board").click()
    main(answered).get_by_role("link", name="Open the board").click()
    answered.get_by_role("heading", name="Board", exact=True).wait_for()
    expect(slices).to_have_count(4)
    settled(answered)
    shoot(answered, "board-from-answer")
