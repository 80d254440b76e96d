"""What was finished is still there: after a reload, in another tab, and after the server was killed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from playwright.sync_api import Page, expect

from lib.llm.scripted import ScriptedUpstream, chat_stream, text_stream
from tests.browser.conftest import APP, Opener, Server, running_app, running_server, settled
from tests.titles import titled

pytestmark = pytest.mark.browser

ROWS = 1_500_000


@pytest.fixture
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream(aside=titled) as scripted:
        yield scripted


@pytest.fixture
def remote(upstream: ScriptedUpstream, tmp_path: Path) -> dict[str, str]:
    """The settings of every server of a test: one endpoint, one home."""
    home = tmp_path / "home"
    return {"LLM_BASE_URL": upstream.base_url, "LLM_API_KEY": upstream.key, "BAYAN_HOME": str(home)}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    file = tmp_path / "small.csv"
    file.write_text("a,b\n1,x\n2,y\n", encoding="utf-8")
    return file


def upload(page: Page, file: Path, table: str) -> None:
    page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(file)
    page.get_by_text(table).wait_for(state="attached")
    settled(page)


def ask(page: Page, question: str) -> None:
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(question)
    box.press("Enter")


def sql(text: str) -> str:
    return f"</think>\n```sql\n{text}\n```"


def test_a_reload_keeps_tables_answers_and_chat(
    remote: dict[str, str], upstream: ScriptedUpstream, open_page: Opener, small: Path
) -> None:
    upstream.then(text_stream(sql("SELECT sum(a) AS total FROM small")), chat_stream("Hello to you"))
    with running_app(**remote) as url:
        page = open_page(url)
        upload(page, small, "small · 2 rows")
        ask(page, "Sum?")
        expect(page.get_by_test_id("stMetricValue")).to_have_text("3")
        settled(page)
        page.reload()
        expect(page.get_by_text("small · 2 rows")).to_be_attached()
        expect(page.get_by_test_id("stMetricValue")).to_have_text("3")
        expect(page.get_by_role("textbox", name="SQL")).to_have_value("SELECT sum(a) AS total FROM small")
        page.goto(f"{url}/chat")
        ask(page, "Hi")
        expect(page.get_by_text("Hello to you")).to_be_visible()
        settled(page)
        expect(open_page(f"{url}/chat").get_by_text("Hello to you")).to_be_visible()


def test_another_tab_follows_an_answer_and_does_not_disturb_it(
    remote: dict[str, str], upstream: ScriptedUpstream, open_page: Opener
) -> None:
    rest = Event()
    upstream.then(chat_stream("Once upon a time", rest, " they all lived"))
    with running_app(**remote) as url:
        first, second = open_page(f"{url}/chat"), open_page(f"{url}/chat")
        ask(first, "Tell me a story")
        first.get_by_text("Once upon a time").wait_for()
        second.reload()
        expect(second.get_by_text("Once upon a time")).to_be_visible()
        rest.set()
        expect(first.get_by_text("they all lived")).to_be_visible()
        expect(second.get_by_text("they all lived")).to_be_visible()
        expect(first.get_by_text("Stopped here.")).to_have_count(0)


def test_killed_in_the_middle_of_a_chat_reply(
    remote: dict[str, str], upstream: ScriptedUpstream, open_page: Opener
) -> None:
    upstream.then(chat_stream("The first answer"), chat_stream("Once upon a time", Event()))
    with running_server(**remote) as server:
        page = open_page(f"{server.url}/chat")
        ask(page, "First")
        expect(page.get_by_text("The first answer")).to_be_visible()
        settled(page)
        ask(page, "Tell me a story")
        page.get_by_text("Once upon a time").wait_for()
        server.kill()
    with running_app(**remote) as url:
        page = open_page(f"{url}/chat")
        expect(page.get_by_text("The first answer")).to_be_visible()
        expect(page.get_by_text("Once upon a time")).to_be_visible()
        expect(page.get_by_text("Stopped here.")).to_have_count(1)
        expect(page.get_by_role("button", name="Regenerate").last).to_be_visible()


def test_killed_in_the_middle_of_an_answer(
    remote: dict[str, str], upstream: ScriptedUpstream, open_page: Opener, small: Path
) -> None:
    upstream.then(text_stream(sql("SELECT sum(a) AS total FROM small")), text_stream("I think", Event()))
    with running_server(**remote) as server:
        page = open_page(server.url)
        upload(page, small, "small · 2 rows")
        ask(page, "Sum?")
        expect(page.get_by_test_id("stMetricValue")).to_have_text("3")
        settled(page)
        ask(page, "What is the mean of column a?")
        upstream.wait_for(2, 20)
        server.kill()
    with running_app(**remote) as url:
        page = open_page(url)
        expect(page.get_by_test_id("stMetricValue")).to_have_text("3")
        expect(page.get_by_text("What is the mean of column a?")).to_be_visible()
        expect(page.get_by_text("Stopped before it was finished.")).to_have_count(1)
        upstream.then(text_stream(sql("SELECT avg(a) AS mean FROM small")))
        page.get_by_role("button", name="Ask again").click()
        expect(page.get_by_test_id("stMetricValue").last).to_have_text("1.5")


def test_killed_in_the_middle_of_an_upload(
    remote: dict[str, str], open_page: Opener, small: Path, tmp_path: Path
) -> None:
    big = tmp_path / "big.csv"
    big.write_text("n,text\n" + "".join(f"{n},some words of row {n}\n" for n in range(ROWS)), encoding="utf-8")

    def fill(server: Server) -> None:
        page = open_page(server.url)
        upload(page, small, "small · 2 rows")
        page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(big)
        page.get_by_text("Reading big.csv").first.wait_for()
        server.kill()

    with running_server(**remote) as server:
        fill(server)
    with running_app(**remote) as url:
        page = open_page(url)
        expect(page.get_by_text("small · 2 rows")).to_be_attached()
        settled(page)
        assert page.get_by_text("big · ").all_inner_texts() in ([], [f"big · {ROWS:,} rows"])
        # The same file can be loaded again, and is there whole.
        upload(page, big, f"{ROWS:,} rows")


def test_files_named_at_the_start_are_open(remote: dict[str, str], open_page: Opener, small: Path) -> None:
    for _ in range(2):
        with running_server(APP, [small, small.parent / "gone.csv"], **remote) as server:
            page = open_page(server.url)
            expect(page.get_by_text("small · 2 rows")).to_have_count(1)
            expect(page.get_by_text("gone.csv")).to_be_visible()
