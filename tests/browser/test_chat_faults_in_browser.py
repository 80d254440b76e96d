"""What can go wrong with a conversation, in Chromium: each fault ends in its own sentence, and nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest
from playwright.sync_api import Locator, Page, expect

from lib.llm.scripted import (
    Asked,
    Drop,
    Reply,
    ScriptedUpstream,
    answer,
    chat_chunk,
    chat_stream,
    chunked,
    event,
    failure,
    plain,
    text_stream,
)
from lib.ui.chat import TURNS_AT_FIRST
from tests.browser.conftest import Opener, running_app, settled, shoot
from tests.titles import titled

pytestmark = pytest.mark.browser

Script = tuple[Reply | Callable[[Asked], Reply], ...]


def ended(reason: str, *pieces: str) -> Reply:
    return chunked(*(event(chat_chunk(one)) for one in pieces), event(chat_chunk(reason=reason)), event("[DONE]"))


def breaking(text: str, *rest: bytes | Drop) -> Reply:
    return chunked(event(chat_chunk(text)), 0.1, *rest, end=False)


FAULTS: dict[str, tuple[Script, str, str]] = {
    "key": ((failure(401, "Invalid key"),), "", "did not accept the key (401)"),
    "credit": ((failure(402, "Pay first"),), "", "has no credit left"),
    "rights": ((failure(403, "Forbidden"),), "", "does not allow this key to do that (403)"),
    "model": ((failure(404, "No such model"),), "", "does not know the model"),
    "path": ((plain(404, "<!DOCTYPE html><p>Hi", "text/html"),), "", "a web page instead of an answer (404)"),
    "limit": ((failure(429, "Slow down"),), "", "does not say how long to wait (429)"),
    "long limit": ((failure(429, "Slow down", Retry_After="120"),), "", "asks to wait 120 seconds (429)"),
    "own error": ((failure(500, "Oops <b>x</b> ![x](http://evil.example/x)"),), "", "an error of its own (500)"),
    "gateway": ((failure(502, "Bad gateway"),) * 3, "", "did not get an answer"),
    "service": ((failure(503, "Busy"),), "", "overloaded or being serviced (503)"),
    "redirect": ((plain(307, "", Location="https://elsewhere.example/v1"),), "", "redirects to elsewhere.example"),
    "garbage": ((plain(200, "\x00\x01 what?", "application/json"),), "", "sent a line that is not JSON"),
    "no words": ((chunked(),), "", "ended its answer before it wrote anything"),
    "reset": ((breaking("Half of it", Drop()),), "Half of it", "before the answer was complete"),
    "inside": (
        (breaking("A third of it", event({"error": {"code": 500, "message": "Gone"}})),),
        "A third of it",
        "It says: “Gone”",
    ),
    "hang": ((chat_stream("Not all", 60.0),), "Not all", "was not complete after"),
    "filter": ((ended("content_filter", "So far"),), "So far", "filter held back this answer"),
    "silence": ((ended("stop"),), "", "The model ended without a word."),
    "context": ((failure(400, "Too long", "context_length_exceeded"),) * 2, "", "do not fit the model's context"),
}
"""What the endpoint does, the words that come nevertheless, and a part of the sentence that says it."""


@pytest.fixture(scope="module")
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream(aside=titled) as scripted:
        yield scripted


@pytest.fixture(scope="module")
def app(upstream: ScriptedUpstream) -> Iterator[str]:
    remote = {"LLM_BASE_URL": upstream.base_url, "LLM_API_KEY": upstream.key}
    with running_app(**remote, LLM_TIMEOUT_SECONDS="4", BAYAN_SHARED="1") as url:
        yield f"{url}/chat"


def ask(page: Page, question: str) -> None:
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(question)
    box.press("Enter")


def message(page: Page, at: int) -> Locator:
    return page.get_by_test_id("stChatMessage").nth(at)


def retry(place: Page | Locator) -> Locator:
    return place.get_by_role("button", name="Retry")


def test_each_fault_has_its_sentence_and_retry_and_all_of_it_outlives_a_reload(
    app: str, upstream: ScriptedUpstream, open_page: Opener
) -> None:
    page = open_page(app)

    def is_shown(at: int, name: str, part: str, sentence: str) -> None:
        expect(message(page, 2 * at + 1)).to_contain_text(sentence)
        expect(message(page, 2 * at + 1)).to_contain_text(part)
        expect(message(page, 2 * at)).to_contain_text(f"What about the {name}?")
        expect(retry(message(page, 2 * at + 1))).to_be_visible()

    for at, (name, (script, part, sentence)) in enumerate(FAULTS.items()):
        upstream.then(*script)
        ask(page, f"What about the {name}?")
        if at == TURNS_AT_FIRST:
            page.get_by_role("button", name="Show 1 earlier").click()
        is_shown(at, name, part, sentence)
    settled(page)
    page.reload()
    page.get_by_role("button", name=f"Show {len(FAULTS) - TURNS_AT_FIRST} earlier").click()
    for at, (name, (_, part, sentence)) in enumerate(FAULTS.items()):
        is_shown(at, name, part, sentence)
    shoot(page, "chat-faults")

    # Each can be asked again, from the last to the first: what followed stays as a branch.
    for at in reversed(range(len(FAULTS))):
        upstream.then(chat_stream(f"Answer {at} at last"))
        retry(message(page, 2 * at + 1)).click()
        expect(message(page, 2 * at + 1)).to_contain_text(f"Answer {at} at last")
        expect(page.get_by_test_id("stChatMessage")).to_have_count(2 * at + 2)
        expect(page.get_by_text("Version 2 of 2")).to_have_count(1)
    page.get_by_role("button", name="Older").click()
    expect(message(page, 1)).to_contain_text("did not accept the key")
    expect(message(page, 3)).to_contain_text("Answer 1 at last")


def test_an_answer_that_was_cut_goes_on(app: str, upstream: ScriptedUpstream, open_page: Opener) -> None:
    page = open_page(app)
    upstream.then(ended("length", "One, two,"), failure(500, "Oops"), chat_stream(" three."))
    ask(page, "Count to three")
    expect(message(page, 1)).to_contain_text("cut at max_tokens")
    page.get_by_role("button", name="Continue").click()
    expect(message(page, 1)).to_contain_text("an error of its own (500)")
    expect(message(page, 1)).to_contain_text("One, two,")
    page.get_by_role("button", name="Continue").click()
    expect(message(page, 1)).to_contain_text("One, two, three.")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_faults_of_a_question_about_tables(
    app: str, upstream: ScriptedUpstream, open_page: Opener, tmp_path: Path
) -> None:
    file = tmp_path / "sales.csv"
    file.write_text("region,amount\nNorth,10\nSouth,20\n", encoding="utf-8")
    page = open_page(app.replace("/chat", "/ask"))
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(file)
    page.get_by_text("sales · 2 rows").wait_for(state="attached")
    page.get_by_role("link", name="Chat").first.click()
    page.get_by_role("heading", name="Chat").wait_for()
    settled(page)

    upstream.then(failure(500, "No SQL today"))
    ask(page, "What is the total amount in sales?")
    expect(message(page, 1)).to_contain_text("It says: “No SQL today”")
    expect(message(page, 1)).to_contain_text("From your tables")
    sql = text_stream("</think>\n```sql\nSELECT sum(amount) AS total FROM sales\n```")
    upstream.then(sql, breaking("The total is", Drop()))
    retry(message(page, 1)).click()
    expect(message(page, 1)).to_contain_text("before the answer was complete")
    settled(page)
    page.reload()
    expect(message(page, 1)).to_contain_text("before the answer was complete")
    expect(message(page, 1)).to_contain_text("The total is")
    expect(page.get_by_test_id("stMetricValue")).to_have_text("30")
    upstream.then(sql, chat_stream("The total is 30."))
    retry(message(page, 1)).click()
    expect(message(page, 1)).to_contain_text("The total is 30.")

    # A router that fails leaves it to the words.
    upstream.then(failure(500, "No way"), chat_stream("A river, I suppose."))
    settled(page)
    ask(page, "And the Nile?")
    expect(message(page, 3)).to_contain_text("A river, I suppose.")


def test_leaving_lets_the_answer_go_on_and_stop_ends_it(
    app: str, upstream: ScriptedUpstream, open_page: Opener
) -> None:
    page = open_page(app)

    def begun(words: str) -> tuple[Event, Asked]:
        """An answer that has begun, what lets it go on, and its request."""
        rest, count = Event(), len(upstream.posts)
        upstream.then(chat_stream(words, rest, " and the rest"))
        ask(page, f"Tell me of {words}")
        expect(message(page, -1)).to_contain_text(words)
        return rest, upstream.wait_for(count + 1, 20)[-1]

    rest, _ = begun("the reload")
    page.reload()
    expect(message(page, -1)).to_contain_text("the reload")
    rest.set()
    expect(message(page, -1)).to_contain_text("the reload and the rest")
    expect(page.get_by_role("button", name="Regenerate").last).to_be_visible()
    settled(page)

    rest, asked = begun("another page")
    page.get_by_role("link", name="Data").first.click()
    page.get_by_role("heading", name="Your data").wait_for()
    rest.set()
    assert asked.answered.wait(10)
    page.get_by_role("link", name="Chat").first.click()
    expect(message(page, -1)).to_contain_text("another page and the rest")
    settled(page)

    rest, asked = begun("the closed tab")
    address = page.url
    page.close()
    rest.set()
    assert asked.answered.wait(10)
    page = open_page(address)
    expect(message(page, -1)).to_contain_text("the closed tab and the rest")
    settled(page)

    rest, asked = begun("a new chat meanwhile")
    page.get_by_role("button", name="New chat").click()
    expect(page.get_by_test_id("stChatMessage")).to_have_count(0)
    rest.set()
    assert asked.answered.wait(10)
    page.get_by_role("button", name="A title by the model").click()
    expect(message(page, -1)).to_contain_text("a new chat meanwhile and the rest")
    settled(page)

    ways: dict[str, Callable[[], None]] = {
        "the box": lambda: page.get_by_test_id("stChatInputStopButton").click(),
        "the button": lambda: page.locator(".st-key-chat-stop button").click(),
        "the key": lambda: page.keyboard.press("Escape"),
    }
    for words, stop in ways.items():
        _, asked = begun(words)
        stop()
        assert asked.closed_by_client.wait(10)
        expect(message(page, -1)).to_contain_text("Stopped here.")
        expect(message(page, -1)).to_contain_text(words)
        settled(page)


def test_a_file_that_is_refused_leaves_the_question(
    app: str, upstream: ScriptedUpstream, open_page: Opener, tmp_path: Path
) -> None:
    file = tmp_path / "picture.txt"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
    page = open_page(app)
    page.get_by_test_id("stChatInput").locator("input[type=file]").set_input_files(file)
    expect(page.get_by_test_id("stChatInput")).to_contain_text("picture.txt")
    ask(page, "What is in it?")
    expect(message(page, 0)).to_contain_text("What is in it?")
    expect(message(page, 1)).to_contain_text("picture.txt is")
    upstream.then(chat_stream("Nothing that I can read."))
    page.get_by_role("button", name="Ask without the file").click()
    expect(message(page, 1)).to_contain_text("Nothing that I can read.")
    page.reload()
    expect(message(page, 0)).to_contain_text("What is in it?")

    # What was said can be taken along.
    page.get_by_role("button", name="Chat", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as JSON").click()
    (one,) = json.loads(download.value.path().read_bytes())["conversations"]
    assert [turn["answer"] for turn in one["turns"]] == ["", "Nothing that I can read."]


def test_an_endpoint_that_is_gone(open_page: Opener) -> None:
    with ScriptedUpstream(otherwise=answer("Hello")) as upstream:
        address = {"LLM_BASE_URL": upstream.base_url, "LLM_API_KEY": upstream.key}
    with running_app(**address) as url:
        page = open_page(f"{url}/chat")
        ask(page, "Is anybody there?")
        expect(message(page, 1)).to_contain_text("refused the connection: nothing listens there")
        expect(retry(message(page, 1))).to_be_visible()
        expect(message(page, 0)).to_contain_text("Is anybody there?")
