"""The Chat page in Chromium on the real built-in model."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opener, looks, settled, shoot

# What a model says is its own; that it says something is ours.
FIVE_WORDS = re.compile(r"(\w+\W+){5}")

pytestmark = [pytest.mark.browser, pytest.mark.model]


def test_chat_streams_stops_and_goes_on(local_app: str, open_page: Opener) -> None:
    page = open_page(f"{local_app}/chat")
    page.get_by_role("heading", name="Chat").wait_for()
    expect(page.locator("[class*=st-key-chat-suggestion] button")).to_have_count(4)
    shoot(page, "chat-empty")

    box = page.get_by_test_id("stChatInputTextArea")
    box.fill("Tell me a long story about a fox and a bear, in at least ten paragraphs.")
    box.press("Enter")
    answer = page.get_by_test_id("stChatMessage").nth(1)
    said = answer.get_by_test_id("stMarkdownContainer").locator("p").first  # not the caption nor a button
    expect(said).to_contain_text(FIVE_WORDS, timeout=240_000)
    page.get_by_test_id("stChatInputStopButton").click()
    expect(answer).to_contain_text("Stopped here.", timeout=30_000)
    expect(said).to_contain_text(re.compile(r"(\w+\W+){4}\w"))  # the end of the text has no blank on the page
    kept = answer.inner_text()
    shoot(page, "chat-stopped")

    box.fill("Say only the word yes.")
    box.press("Enter")
    second = page.get_by_test_id("stChatMessage").nth(3)
    expect(second).to_contain_text("tokens/s", timeout=240_000)
    assert answer.inner_text() == kept
    settled(page)
    for look in looks(page):
        shoot(page, f"chat-answer-{look}")

    # Another page and back: the conversation is still there.
    page.get_by_role("link", name="Ask your data").first.click()
    page.get_by_role("heading", name="Ask your data").wait_for()
    page.get_by_role("link", name="Chat").first.click()
    expect(page.get_by_test_id("stChatMessage")).to_have_count(4)
