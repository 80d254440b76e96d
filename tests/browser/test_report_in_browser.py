"""A report in a browser without a network: it draws, breaks no rule of its own, and lets no text act."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lib.export.report import MOST_BYTES, to_html
from tests.browser.conftest import ARTIFACTS, shoot
from tests.reports import hostile_answer, sample_workspace, ten_answers

pytestmark = pytest.mark.browser
MADE = 1_790_000_000.0
Opener = Callable[..., Page]


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The report of ten answers, and that of one that means harm."""
    folder = tmp_path_factory.mktemp("reports")
    good, hostile = folder / "good.html", folder / "hostile.html"
    with sample_workspace() as space:
        good.write_bytes(to_html("Flights, cities and penguins", ten_answers(space), MADE))
        one = hostile_answer(space)
        hostile.write_bytes(to_html(one.question, [one, one], MADE))
    return good, hostile


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Opener]:
    """Opens a file with the network cut off; the test fails if it asks for anything or says anything in the console."""
    said: list[str] = []
    with ExitStack() as contexts:

        def opener(
            file: Path, *, width: int = 1280, height: int = 900, dark: bool = False, touch: bool = False
        ) -> Page:
            context = chromium.new_context(
                offline=True,
                viewport={"width": width, "height": height},
                color_scheme="dark" if dark else "light",
                has_touch=touch,
                is_mobile=touch,
            )
            contexts.callback(context.close)
            page = context.new_page()
            page.on("console", lambda one: said.append(f"{one.type}: {one.text}"))
            page.on("pageerror", lambda one: said.append(str(one)))
            page.on("request", lambda one: None if _is_its_own(one.url, file) else said.append(one.url))
            page.goto(file.as_uri())
            expect(page.locator(".chart .main-svg").first).to_be_visible()
            return page

        yield opener
    assert said == []


def _is_its_own(url: str, file: Path) -> bool:
    return url == file.as_uri() or url.startswith(("data:", "blob:"))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_ten_answers_are_drawn_in_one_small_file(reports: tuple[Path, Path], opened: Opener, dark: bool) -> None:
    assert reports[0].stat().st_size <= MOST_BYTES
    page = opened(reports[0], dark=dark)
    assert page.locator("section").count() == 10
    assert page.locator(".chart").count() >= 6
    for chart in page.locator(".chart").all():
        expect(chart.locator(".main-svg").first).to_be_visible()
    shoot(page, f"report-{'dark' if dark else 'light'}")


def test_a_chart_can_be_hovered_and_saved(reports: tuple[Path, Path], opened: Opener) -> None:
    page = opened(reports[0])
    chart = page.locator(".chart").first
    chart.locator(".bars .point").last.hover(force=True)
    expect(chart.locator(".hoverlayer .hovertext").first).to_be_visible()
    with page.expect_download() as download:
        chart.locator(".modebar-btn").first.click()
    assert download.value.path().read_bytes().startswith(b"\x89PNG")


def test_no_text_acts(reports: tuple[Path, Path], opened: Opener) -> None:
    page = opened(reports[1], dark=False)
    title = page.title()
    assert title.startswith("</script><script>document.title=")
    assert page.locator("img, b, a:not([href^='#'])").count() == 0
    assert page.locator("body h1").count() == 1
    assert page.locator("td").first.inner_text().startswith("</script>")
    assert "\u202e" not in page.locator("body").inner_text()
    for link in page.locator("a").all():
        assert (link.get_attribute("href") or "").startswith("#")
    shoot(page, "report-hostile")


@pytest.mark.parametrize("hostile", [False, True], ids=["good", "hostile"])
def test_a_phone_scrolls_no_page_sideways(reports: tuple[Path, Path], opened: Opener, hostile: bool) -> None:
    page = opened(reports[hostile], width=390, height=844, touch=True)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    shoot(page, f"report-phone-{'hostile' if hostile else 'good'}")


def test_it_prints(reports: tuple[Path, Path], opened: Opener) -> None:
    page = opened(reports[0], dark=True)
    ARTIFACTS.mkdir(exist_ok=True)
    printed = page.pdf(path=ARTIFACTS / "report.pdf", format="A4", print_background=False)
    assert printed.startswith(b"%PDF")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    widths = page.locator(".chart .main-svg").evaluate_all("all => all.map(one => one.getBoundingClientRect().width)")
    assert widths
    assert max(widths) <= 680
    shoot(page, "report-print")
