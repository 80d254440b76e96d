"""The Settings page in Chromium: the way through it by keyboard alone, Stop, what moves by itself, hostile names."""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import Event

import pytest
from playwright.sync_api import Page, expect

from lib.llm.scripted import MODELS, ScriptedUpstream, document
from tests.browser.conftest import Opener, running_app, settled, shoot

pytestmark = pytest.mark.browser

HOSTILE = {"id": "<img src=x onerror=alert(1)>", "name": "![x](http://evil.example/i.png)"}
SECTIONS = (
    "Where models answer",
    "Built-in model:",
    "How models are asked",
    "Test connection",
    "Requests in the last second",
    "Names and types only",
    "Text size",
    "How often is it right?",
)


@pytest.fixture(scope="module")
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream(models=document({"data": [*MODELS, HOSTILE]})) as scripted:
        yield scripted


@pytest.fixture(scope="module")
def app(upstream: ScriptedUpstream) -> Iterator[str]:
    with running_app(LLM_BASE_URL="http://127.0.0.1:9/v1", LLM_API_KEY="servers-own-key") as url:
        yield url


def choose(page: Page, label: str, typed: str) -> None:
    """Pick from a list by keyboard."""
    box = page.get_by_role("combobox", name=label)
    box.focus()
    box.press("ArrowDown")
    box.fill(typed)
    page.get_by_role("option", name=typed).wait_for()
    box.press("Enter")


def in_order(page: Page) -> bool:
    text = page.get_by_test_id("stMainBlockContainer").inner_text()
    places = [text.find(one) for one in SECTIONS]
    return -1 not in places and places == sorted(places)


@pytest.mark.parametrize("width", [1280, 390])
def test_an_endpoint_is_chosen_tested_and_stopped_by_keyboard(
    app: str, upstream: ScriptedUpstream, open_page: Opener, width: int
) -> None:
    before = len(upstream.posts)
    page = open_page(f"{app}/settings", width=width, dark=width == 390)
    choose(page, "Where models answer", "Another address")
    address = page.get_by_role("textbox", name="Address")
    address.fill(upstream.base_url)
    address.press("Tab")  # to the sentence about the key
    page.keyboard.press("Tab")
    key = page.get_by_label("Key", exact=True)
    expect(key).to_be_focused()
    page.keyboard.type("visitors-key")
    page.keyboard.press("Enter")
    page.get_by_text("Your key for 127.0.0.1").wait_for()
    expect(key).to_have_value("")

    page.get_by_role("button", name="Test connection").press("Enter")
    expect(page.get_by_text("first token after")).to_have_count(2)
    settled(page)
    assert {one.headers["Authorization"] for one in upstream.posts[before:]} == {"Bearer visitors-key"}
    page.get_by_text("3 models served there").click()
    shoot(page, f"settings-{width}")

    before = len(upstream.posts)
    upstream.then((Event(),))
    page.get_by_role("button", name="Test connection").press("Enter")
    asked = upstream.wait_for(before + 1, 30)[-1]
    stop = page.locator(".st-key-stop-test button")
    stop.wait_for()
    stopped = time.monotonic()
    stop.press("Enter")
    assert asked.closed_by_client.wait(10)
    assert asked.closed_at is not None
    assert asked.closed_at - stopped < 1.0
    expect(page.get_by_text("Stopped before it was finished.")).to_be_visible()
    expect(page.get_by_text("0 of 20")).to_be_visible()  # drawn anew by itself since
    assert in_order(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
