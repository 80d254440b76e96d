"""From the first question to the last conversation by keyboard alone, in Chromium: each control has a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from threading import Event

import pytest
from playwright.sync_api import Locator, Page, expect

from lib.llm.scripted import Asked, Reply, ScriptedUpstream, answer, chat_stream
from tests.browser.conftest import Opener, running_app, settled
from tests.titles import TITLE, titled

pytestmark = pytest.mark.browser

BY_SPECIES = "```sql\nSELECT species, count(*) AS n FROM penguins GROUP BY species ORDER BY n DESC\n```"
TWO_ISLANDS = "SELECT island, count(*) AS n FROM penguins GROUP BY island LIMIT 2"
MOST_TABS = 45  # a page with an answer has about as many controls
FEW_TABS = 8
# What has the focus, also inside the shadow of a component.
FOCUSED = """() => {
    let one = document.activeElement
    while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement
    return one
}"""
IS_FOCUSED = f"all => all.includes(({FOCUSED})())"
SAID = f"""() => {{
    const one = ({FOCUSED})()
    return one.tagName.toLowerCase() + ' ' + (one.ariaLabel || one.innerText || '').trim().slice(0, 40)
}}"""
NAMELESS = re.compile(
    r"- (?:button|link|textbox|searchbox|checkbox|switch|radio|combobox|slider|spinbutton|tab|menuitem|option)"
    r"(?: \[[^]]*\])*(?::.*)?"
)
"""A control in Playwright's picture of what a screen reader meets, without the name in quotes."""


@pytest.fixture(scope="module")
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream(otherwise=spoken, aside=titled) as scripted:
        yield scripted


@pytest.fixture(scope="module")
def app(upstream: ScriptedUpstream) -> Iterator[str]:
    with running_app(LLM_BASE_URL=upstream.base_url, LLM_API_KEY=upstream.key, BAYAN_SHARED="1") as url:
        yield url


def spoken(asked: Asked) -> Reply:
    """SQL for the SQL model, words for the other one."""
    return answer("Most are Adelie." if asked.path.endswith("/chat/completions") else BY_SPECIES)(asked)


def reach(page: Page, control: Locator, key: str = "Tab", most: int = MOST_TABS) -> None:
    """Press `key` until the control has the focus."""
    expect(control.first).to_be_visible()
    way = []
    while not control.evaluate_all(IS_FOCUSED):
        way.append(page.evaluate(SAID))
        assert len(way) <= most, f"{control} was not reached with {most} x {key}, by way of {way}"
        page.keyboard.press(key)


def press(page: Page, name: str, key: str = "Tab", most: int = MOST_TABS) -> None:
    """Reach the button of that name and press it."""
    reach(page, page.get_by_role("button", name=name, exact=True), key, most)
    page.keyboard.press("Enter")


def nameless(page: Page) -> list[str]:
    """The controls of the page that a screen reader cannot name, with what surrounds them."""
    lines = page.locator("body").aria_snapshot().splitlines()
    return [
        " / ".join(lines[max(0, at - 2) : at + 2]) for at, one in enumerate(lines) if NAMELESS.fullmatch(one.strip())
    ]


def test_all_of_it_by_keyboard(app: str, upstream: ScriptedUpstream, open_page: Opener) -> None:
    page = open_page(f"{app}/ask")
    keys = page.keyboard
    unnamed = nameless(page)

    # A question about the sample, other SQL for it, and what a model says about the rows.
    press(page, "Penguins of the Palmer Archipelago")
    expect(page.locator("[class*=st-key-ask-suggestion]").first).to_be_visible()
    settled(page)
    box = page.get_by_test_id("stChatInputTextArea")
    reach(page, box)
    keys.type("How many penguins of each species?")
    keys.press("Enter")
    expect(page.get_by_role("button", name="Discuss")).to_be_visible()
    settled(page)
    expect(box).to_be_focused()
    reach(page, page.get_by_role("textbox", name="SQL", exact=True), "Shift+Tab")
    keys.press("Control+A")
    keys.type(TWO_ISLANDS)
    keys.press("Control+Enter")
    expect(page.get_by_text("2 rows")).to_be_visible()
    settled(page)
    press(page, "Explain")
    again = page.get_by_role("button", name="Again")
    expect(again).to_be_visible()
    settled(page)
    reach(page, again, most=FEW_TABS)
    unnamed += nameless(page)

    # Chat: two lines, an answer that is stopped, a new conversation, and the way back to the first one.
    reach(page, page.get_by_test_id("stSidebar").get_by_role("link", name="Chat", exact=True), "Shift+Tab")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Chat", level=1)).to_be_visible()
    settled(page)
    unnamed += nameless(page)
    said = page.get_by_test_id("stChatMessage")
    reach(page, box, "Shift+Tab")
    keys.type("Thank you.")
    keys.press("Shift+Enter")
    keys.type("Tell me a joke.")
    expect(box).to_have_value("Thank you.\nTell me a joke.")
    keys.press("Enter")
    expect(said.nth(1)).to_contain_text("Most are Adelie.")
    settled(page)
    expect(box).to_be_focused()
    upstream.then(chat_stream("Once upon", Event()))
    keys.type("Write a long poem about the sea.")
    keys.press("Enter")
    expect(said.nth(3)).to_contain_text("Once upon")
    keys.press("Escape")
    expect(said.nth(3)).to_contain_text("Stopped here.")
    settled(page)
    keys.press("Control+K")
    expect(page.get_by_role("searchbox", name="Search chats")).to_be_focused()
    keys.press("Control+Shift+O")
    expect(said).to_have_count(0)
    expect(box).to_be_focused()
    settled(page)
    keys.press("Control+K")
    keys.type("long poem")
    press(page, TITLE, most=FEW_TABS)
    expect(said).to_have_count(4)
    settled(page)

    # Another version of the question, between the two, and the same once more, the other way.
    press(page, "Edit question", "Shift+Tab")
    expect(page.get_by_role("textbox", name="Your question")).to_be_focused()
    keys.press("Control+A")
    keys.type("Write a short poem about the sea.")
    press(page, "Send", most=FEW_TABS)
    expect(said.nth(3)).to_contain_text("Most are Adelie.")
    expect(page.get_by_text("Version 2 of 2")).to_be_visible()
    expect(box).to_be_focused()
    settled(page)
    press(page, "Older", "Shift+Tab", 2 * FEW_TABS)
    expect(said.nth(3)).to_contain_text("Once upon")
    settled(page)
    expect(page.get_by_role("button", name="Newer")).to_be_focused()
    keys.press("Enter")
    expect(said.nth(3)).to_contain_text("Most are Adelie.")
    settled(page)
    expect(page.get_by_role("button", name="Older")).to_be_focused()
    press(page, "Regenerate", most=FEW_TABS)
    expect(page.get_by_text("Version 3 of 3")).to_be_visible()
    expect(box).to_be_focused()
    settled(page)
    press(page, "Ask my tables", "Shift+Tab", FEW_TABS)
    expect(page.get_by_text("Version 4 of 4")).to_be_visible()
    expect(page.get_by_role("button", name="Open on the Ask page")).to_be_visible()
    settled(page)
    unnamed += nameless(page)

    # The conversation itself.
    menu = page.get_by_role("button", name="Chat", exact=True)
    reach(page, menu, "Shift+Tab")
    keys.press("Enter")
    expect(page.get_by_role("textbox", name="Title")).to_be_focused()
    keys.press("Control+A")
    keys.type("Poems")
    keys.press("Enter")
    expect(page.get_by_test_id("stSidebar").get_by_role("button", name="Poems")).to_be_visible()
    settled(page)
    expect(page.get_by_role("textbox", name="Title")).to_be_focused()
    press(page, "Pin", most=FEW_TABS)
    expect(page.get_by_role("button", name="Unpin")).to_be_visible()
    unnamed += nameless(page)
    keys.press("Escape")
    expect(menu).to_be_focused()
    keys.press("Enter")
    press(page, "Delete", most=FEW_TABS)
    expect(said).to_have_count(0)
    settled(page)
    expect(box).to_be_focused()
    press(page, "Undo", "Shift+Tab", 2 * FEW_TABS)
    expect(said).to_have_count(4)
    assert unnamed == []
