"""Three difficult files at once, on the real page and the real model."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener, looks, settled, shoot
from tests.corpus import rows_xml, xlsx

pytestmark = [pytest.mark.browser, pytest.mark.model]

CITIES = "المدينة;السكان\r\nدبي;3331420\r\nالرياض;7676654\r\nالقاهرة;9539673\r\n"
RAGGED = "day,amount\n2024-01-01,10\n2024-01-02,20,oops\n2024-01-03,30\n2024-01-04,40\n"


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """A workbook, a Windows-1256 file with Arabic headers, and a ragged one."""
    contents = {
        "stock.xlsx": xlsx({"Stock": rows_xml(["item", "pieces"], ["bolt", 12], ["nut", 7])}),
        "cities.csv": CITIES.encode("cp1256"),
        "ragged.csv": RAGGED.encode(),
    }
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    return [tmp_path / name for name in contents]


def choose_report(page: Page, table: str) -> None:
    """Have the page show the load report of a table."""
    page.get_by_role("combobox", name="Table").click()
    page.get_by_role("option", name=table, exact=True).click()
    settled(page)
    page.get_by_text("Report", exact=True).click()


def test_three_files_have_three_reports_and_outlive_a_reload(
    local_app: str, open_page: Opener, files: list[Path]
) -> None:
    page = open_page(f"{local_app}/data")
    page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(files)
    page.get_by_role("combobox", name="Table").wait_for()
    settled(page)
    main = page.get_by_test_id("stMainBlockContainer")
    choose_report(page, "stock")
    expect(main).to_contain_text("2 rows in stock.xlsx = 2 loaded + 0 rejected")
    choose_report(page, "cities")
    expect(main).to_contain_text("3 rows in cities.csv = 3 loaded + 0 rejected")
    expect(main).to_contain_text("Windows-1256")
    choose_report(page, "ragged")
    expect(main).to_contain_text("4 rows in ragged.csv = 3 loaded + 1 rejected")
    settled(page)
    for look in looks(page):
        shoot(page, f"data-report-{look}")
    page.reload()
    expect(page.get_by_text("3 tables")).to_be_visible()
    settled(page)
    for look in looks(page):
        shoot(page, f"data-{look}")


def test_the_arabic_table_answers_a_question(local_app: str, open_page: Opener, files: list[Path]) -> None:
    page = open_page(f"{local_app}/data")
    page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(files[1])
    page.get_by_role("combobox", name="Table").wait_for()
    settled(page)
    page.reload()
    page.get_by_test_id("stSidebar").get_by_role("link").first.click()
    page.get_by_text("cities · 3 rows").wait_for(state="attached")
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill("What is the total of السكان?")
    box.press("Enter")
    expect(page.get_by_test_id("stMetricValue")).to_have_text("20,547,747", timeout=240_000)
    shoot(page, "ask-arabic")
