"""The Ask page in Chromium on the real built-in model."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener, looks, settled, shoot

pytestmark = [pytest.mark.browser, pytest.mark.model]

SALES = "region,month,amount\n" + "".join(
    f"{region},2024-{month:02}-01,{100 * place + month}\n"
    for place, region in enumerate(["North", "South", "East", "West"], 1)
    for month in range(1, 13)
)


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    file = tmp_path / "sales.csv"
    file.write_text(SALES, encoding="utf-8")
    return file


def upload(page: Page, *files: Path) -> None:
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(files)
    page.get_by_text("Tables", exact=True).wait_for(state="attached")
    settled(page)


def ask(page: Page, question: str, number: int) -> None:
    """Ask the question that is the thread's `number`th, and wait for its answer."""
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(question)
    box.press("Enter")
    main = page.get_by_test_id("stMainBlockContainer")
    expect(main.get_by_text("Download CSV")).to_have_count(number, timeout=240_000)
    settled(page)


def test_a_csv_is_asked_and_shows_sql_table_and_chart(local_app: str, open_page: Opener, sales: Path) -> None:
    page = open_page(local_app)
    page.get_by_role("heading", name="Ask your data").wait_for()
    shoot(page, "ask-empty")
    upload(page, sales)
    ask(page, "What is the total amount for each region?", 1)

    main = page.get_by_test_id("stMainBlockContainer")
    sql = main.get_by_role("textbox", name="SQL")
    assert "sum(" in sql.input_value().lower()
    expect(main.get_by_text("4 rows")).to_be_visible()
    expect(main.get_by_test_id("stPlotlyChart").locator(".main-svg").first).to_be_visible()
    expect(main.get_by_test_id("stDataFrame")).to_be_visible()
    shoot(page, "ask-answer")

    # The SQL can be changed and run with the keyboard alone.
    sql.fill("SELECT region, max(amount) AS most FROM sales WHERE region <> 'West' GROUP BY region")
    sql.press("Control+Enter")
    expect(main.get_by_text("3 rows")).to_be_visible(timeout=30_000)

    # A second question goes on in the same thread.
    ask(page, "How many rows are there?", 2)
    expect(main.get_by_test_id("stMetricValue")).to_have_text("48")


def test_wrong_sql_by_hand_is_one_sentence_and_can_be_mended(local_app: str, open_page: Opener, sales: Path) -> None:
    page = open_page(local_app)
    upload(page, sales)
    page.get_by_role("button", name="Write SQL by hand").click()
    sql = page.get_by_role("textbox", name="SQL")
    sql.fill("SELECT regoin FROM sales")
    page.get_by_role("button", name="Run", exact=False).last.click()
    expect(page.get_by_test_id("stAlert")).to_contain_text("regoin")
    expect(page.get_by_text("Traceback")).to_have_count(0)
    sql = page.get_by_role("textbox", name="SQL")
    sql.fill("SELECT region FROM sales LIMIT 2")
    sql.press("Control+Enter")
    expect(page.get_by_text("2 rows")).to_be_visible()


def test_files_can_be_dropped_on_the_question_box(local_app: str, open_page: Opener, sales: Path) -> None:
    page = open_page(local_app)
    box = page.get_by_test_id("stChatInput")
    box.locator("input[type=file]").set_input_files(sales)
    page.get_by_test_id("stChatInputSubmitButton").click()
    expect(page.get_by_text("sales · 48 rows")).to_be_attached()


def test_sample_data_at_every_width_and_theme(local_app: str, open_page: Opener) -> None:
    page = open_page(local_app)
    page.get_by_role("button", name="Penguins").click()
    page.get_by_text("Try one of these").wait_for()
    settled(page)
    for look in looks(page):
        shoot(page, f"ask-suggestions-{look}")
    page.locator(".st-key-ask-suggestion-0 button").click()
    expect(page.get_by_text("Download CSV")).to_be_visible(timeout=240_000)
    settled(page)
    for look in looks(page):
        shoot(page, f"ask-sample-{look}")
