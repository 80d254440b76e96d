"""The pages in Chromium on the scripted upstream: Stop, deep links, limits of an upload."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from urllib.parse import unquote

import pytest
from playwright.sync_api import expect

from lib.llm.scripted import ScriptedUpstream, chat_stream, text_stream
from tests.browser.conftest import Opener, running_app, settled
from tests.test_inert import FORMULAS_AND_DIRECTIVES, IMAGES_AND_LINKS
from tests.titles import titled

pytestmark = pytest.mark.browser

STOP_SECONDS = 2.0  # one, and what a machine that runs other tests beside it takes
HEADINGS = {"chat": "Chat", "ask": "Ask your data", "data": "Your data"}


@pytest.fixture(scope="module")
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream(aside=titled) as scripted:
        yield scripted


@pytest.fixture(scope="module")
def app(upstream: ScriptedUpstream) -> Iterator[str]:
    remote = {"LLM_BASE_URL": upstream.base_url, "LLM_API_KEY": upstream.key}
    with running_app(**remote, MAX_UPLOAD_MB="20", BAYAN_SHARED="1") as url:
        yield url


@pytest.mark.parametrize("button", ["stChatInputStopButton", "Stop"])
@pytest.mark.parametrize("said", ["Once upon a time", ""], ids=["in mid-answer", "before the first token"])
def test_stop_closes_the_upstream_and_keeps_what_came(
    app: str, upstream: ScriptedUpstream, open_page: Opener, button: str, said: str
) -> None:
    pieces = [piece for piece in (said, Event()) if piece]
    upstream.then(chat_stream(*pieces))
    before = len(upstream.posts)
    page = open_page(f"{app}/chat")
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill("Tell me a story")
    box.press("Enter")
    asked = upstream.wait_for(before + 1, 20)[-1]
    if said:
        page.get_by_text(said).wait_for()
    stop = page.get_by_test_id(button) if button.startswith("st") else page.locator(".st-key-chat-stop button")
    stop.wait_for()
    clicked = time.monotonic()
    stop.click()
    assert asked.closed_by_client.wait(10)
    assert asked.closed_at is not None
    assert asked.closed_at - clicked < STOP_SECONDS
    expect(page.get_by_text("Stopped here.")).to_be_visible()
    expect(page.get_by_test_id("stChatMessage").filter(has_text=said or "Tell me a story")).to_be_visible()
    expect(page.get_by_role("button", name="Regenerate")).to_be_visible()


def test_stop_while_sql_is_written(app: str, upstream: ScriptedUpstream, open_page: Opener, tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("a\n1\n", encoding="utf-8")
    upstream.then(text_stream("I think about it", Event()))
    before = len(upstream.posts)
    page = open_page(app)
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(file)
    page.get_by_text("t · 1 rows").wait_for(state="attached")
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill("How many?")
    box.press("Enter")
    asked = upstream.wait_for(before + 1, 20)[-1]
    page.locator(".st-key-ask-stop button").click()
    assert asked.closed_by_client.wait(10)
    expect(page.get_by_text("Stopped before it was finished.")).to_be_visible()
    expect(page.get_by_role("button", name="Ask again")).to_be_visible()


@pytest.mark.parametrize("name", ["chat", "ask"])
def test_a_deep_link_on_a_fresh_server_has_the_whole_frame(
    upstream: ScriptedUpstream, open_page: Opener, name: str
) -> None:
    with running_app(LLM_BASE_URL=upstream.base_url, LLM_API_KEY=upstream.key) as url:
        for _ in range(2):
            page = open_page(f"{url}/{name}")
            expect(page.get_by_role("heading", level=1)).to_have_text(HEADINGS[name])
            expect(page.get_by_test_id("stSidebar").get_by_role("link")).to_have_count(5)
            expect(page.get_by_text("Page not found")).to_have_count(0)


def test_a_file_over_the_limit_is_refused_in_a_sentence(app: str, open_page: Opener, tmp_path: Path) -> None:
    file = tmp_path / "large.csv"
    file.write_bytes(b"a,b\n" + b"1,2\n" * 5_500_000)
    page = open_page(app)
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(file)
    expect(page.get_by_test_id("stFileUploader")).to_contain_text("20.0MB or smaller")


def test_a_load_goes_on_while_the_person_does_something_else(app: str, open_page: Opener, tmp_path: Path) -> None:
    file = tmp_path / "large.csv"
    file.write_bytes(b"a,b,c\n" + b"1,some text,2024-01-01\n" * 700_000)
    page = open_page(app)
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(file)
    page.get_by_text("Reading").wait_for()
    page.get_by_role("link", name="Chat").click()
    page.get_by_role("heading", name="Chat").wait_for()
    page.get_by_role("link", name="Ask your data").click()
    expect(page.get_by_text("large · 700,000 rows")).to_be_attached(timeout=60_000)


def test_stop_ends_a_query_by_hand(app: str, open_page: Opener, tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("a\n1\n", encoding="utf-8")
    page = open_page(app)
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(file)
    page.get_by_role("button", name="Write SQL by hand").click()
    sql = page.get_by_role("textbox", name="SQL")
    sql.fill("SELECT count(*) FROM range(100000000000) a, range(1000) b")
    sql.press("Control+Enter")
    page.locator(".st-key-ask-stop button").click()
    expect(page.get_by_text("Stopped before it was finished.")).to_be_visible(timeout=15_000)


def test_a_traceback_never_reaches_the_page(app: str, upstream: ScriptedUpstream, open_page: Opener) -> None:
    page = open_page(f"{app}/chat")
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill("Hello")
    box.press("Enter")
    expect(page.get_by_text("A scripted answer.")).to_be_visible()
    settled(page)
    assert upstream.key not in page.content()
    assert "Traceback" not in page.content()


def test_no_answer_makes_the_browser_ask_another_host(app: str, upstream: ScriptedUpstream, open_page: Opener) -> None:
    texts = [*IMAGES_AND_LINKS.values(), *FORMULAS_AND_DIRECTIVES.values()]
    page = open_page(f"{app}/chat")
    for number, text in enumerate(texts, 1):
        upstream.then(chat_stream(f"Answer {number}\n\n{text}"))
        box = page.get_by_test_id("stChatInputTextArea")
        box.fill("Go on")
        box.press("Enter")
        expect(page.get_by_text(f"Answer {number}", exact=True)).to_be_visible()
        settled(page)
    shown = page.get_by_test_id("stMainBlockContainer")
    assert shown.locator("img").count() == 0
    for link in shown.locator("[data-testid=stChatMessage] a").all():
        leads_to = unquote(str(link.get_attribute("href")))
        assert link.inner_text().rstrip("/") == leads_to.rstrip("/")
