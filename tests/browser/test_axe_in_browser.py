"""Every page in Chromium as axe-core sees it: no serious finding, on a light and a dark page, wide and narrow."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from lib.llm.scripted import Asked, Reply, ScriptedUpstream, answer
from tests.browser.conftest import LOOKS, Opener, running_app, settled, turn
from tests.titles import titled

pytestmark = pytest.mark.browser

BY_SPECIES = "```sql\nSELECT species, count(*) AS n FROM penguins GROUP BY species ORDER BY n DESC\n```"
QUESTION = "How many penguins of each species?"
WORDS = """Most are Adelie: 152. Not in the result: 999.

| a | b |
|---|---|
| 1 | 2 |

```python
@cached  # why
def f(a: int = 1) -> str | None:
    return f"a {a}" if a is not None and a > 3.5 else None
```

```sql
-- why
SELECT 'a', 1.5, count(*) FROM "t" WHERE a <> 3 AND NOT true
```

```html
<a href="x">&amp;</a>
```

$x = 1$, `code` and <https://example.org/>
"""
# A text on its way to another colour, or one that fades because its script runs again, is not what people read.
STILL = """() => !document.querySelector('[data-stale=true]')
    && document.getAnimations().every(one => one.playState !== 'running' || one.effect.getTiming().iterations > 1)"""
NOT_OURS = [
    ["[data-testid='stToast']"],  # Streamlit gives its passing notes the role of a dialog and no name
]


@pytest.fixture(scope="module")
def app() -> Iterator[str]:
    with (
        ScriptedUpstream(otherwise=spoken, aside=titled) as upstream,
        running_app(LLM_BASE_URL=upstream.base_url, LLM_API_KEY=upstream.key, BAYAN_SHARED="1") as url,
    ):
        yield url


def spoken(asked: Asked) -> Reply:
    """SQL for the SQL model, words for the other one."""
    return answer(WORDS if asked.path.endswith("/chat/completions") else BY_SPECIES)(asked)


def found(page: Page, name: str) -> list[str]:
    """What is serious or worse on a light, wide page and on a dark, narrow one."""
    serious = []
    for theme, width in (LOOKS[0], LOOKS[-1]):
        turn(page, theme, width)
        page.wait_for_function(STILL)
        broken = Axe().run(page, {"exclude": NOT_OURS}).response["violations"]
        serious += [
            f"{name}, {theme}, {width}: {one['id']} {node['target']} {node['failureSummary']}"
            for one in broken
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"]
        ]
    turn(page, *LOOKS[0])
    return serious


def go(page: Page, link: str, heading: str) -> None:
    page.get_by_test_id("stSidebar").get_by_role("link", name=link, exact=True).click()
    page.get_by_role("heading", name=heading, level=1).wait_for()
    settled(page)


def ask(page: Page, question: str, until: str) -> None:
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(question)
    box.press("Enter")
    page.get_by_role("button", name=until).wait_for()
    settled(page)


def test_no_page_has_a_serious_finding(app: str, open_page: Opener) -> None:
    page = open_page(f"{app}/chat")
    page.get_by_role("heading", name="Chat").wait_for()
    settled(page)
    serious = found(page, "Chat, empty")
    go(page, "Ask your data", "Ask your data")
    serious += found(page, "Ask, empty")

    page.get_by_role("button", name="Penguins").click()
    expect(page.locator("[class*=st-key-ask-suggestion]").first).to_be_visible()
    ask(page, QUESTION, "Discuss")
    page.get_by_role("button", name="Pin to board").click()
    for number, remark in enumerate(("Explain", "What should I ask next?"), 1):
        page.get_by_role("button", name=remark).click()
        expect(page.get_by_role("button", name="Again")).to_have_count(number)
    settled(page)
    serious += found(page, "Ask, with an answer and remarks")
    go(page, "Data", "Your data")
    expect(page.get_by_text("344 rows").last).to_be_visible()
    serious += found(page, "Data")
    go(page, "Board", "Board")
    serious += found(page, "Board")

    go(page, "Chat", "Chat")
    ask(page, QUESTION, "Open on the Ask page")
    ask(page, "Thank you. Tell me a joke.", "Ask my tables")
    serious += found(page, "Chat, with a conversation")
    page.get_by_role("button", name="Edit question").last.click()
    page.get_by_role("button", name="Send", exact=True).wait_for()
    page.get_by_role("button", name="Options").click()
    page.get_by_text("Temperature").wait_for()
    serious += found(page, "Chat, with options and a question in an editor")
    page.keyboard.press("Escape")
    go(page, "Settings", "Settings")
    serious += found(page, "Settings")
    assert serious == []
