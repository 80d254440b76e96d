"""A conversation of 500 turns: until it is painted, and what a key in its box costs; 2,000 in the list."""

from __future__ import annotations

import random
import statistics
import time
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
from playwright.sync_api import Browser, Page

from lib.asking.answer import Answer
from lib.chat import records
from lib.chat.moving import take_in
from lib.chat.portable_values import Portable, PortableTurn
from lib.chat.turns import AskTurn, ChatTurn
from lib.data.history import History
from lib.engine.result import Column, Result
from lib.llm.scripted import ScriptedUpstream
from tests.browser.conftest import running_app, settled

TURNS, CONVERSATIONS, ROUNDS = 500, 2_000, 5
LAST = "This is where it ends"
_WORDS = "median mean sales region of the and table number query column Riyadh total is what over year".split()
_SHAPES = (
    "{0}\n\n| region | total |\n|---|---|\n| North | 15 |\n| South | 20 |\n\n{1}",
    "{0}\n\n```python\nfor one in range(3):\n    print(one)\n```\n\n{1}",
    "{0}\n\n$$\\sum_{{i=1}}^n x_i^2$$\n\n{1} with $x_i$",
    "## {0}\n\n- **one** {1}\n- two\n- [three](https://example.org)",
    "{0} {1}",
)


def measure(chromium: Browser, folder: Path) -> dict[str, float]:
    """Median seconds: `open` until the end of the conversation is painted, `key` until its character is; and the rest.

    `search` is one of all conversations on the page, `history` the slowest one of them without it.
    """
    home = folder / "home"
    fill(home / "workspace" / "history.sqlite")
    history = History.open(home / "workspace" / "history.sqlite")
    found = {"history": max(_searched(history, search) for search in ("", "median", "nowhere", "straße"))}
    long = history.conversations.listed("long one")[0][0].id
    history.close()
    with ScriptedUpstream() as upstream:
        remote = {"LLM_BASE_URL": upstream.base_url, "LLM_API_KEY": upstream.key, "BAYAN_HOME": str(home)}
        with running_app(**remote) as url:
            page = chromium.new_page()
            page.goto(f"{url}/chat?c={long}")  # the first one of a server loads what pages are made of
            page.get_by_text(LAST).wait_for()
            found["open"] = statistics.median(_opened(page) for _ in range(ROUNDS))
            found["key"] = statistics.median(_typed(page, number) for number in range(20))
            began = time.perf_counter()
            page.get_by_role("searchbox").fill("nowhere")
            page.get_by_text("No chat says that.").wait_for()
            found["search"] = time.perf_counter() - began
            page.close()
    return found


def fill(path: Path) -> None:
    """A history with all of it."""
    path.parent.mkdir(parents=True)
    history = History.open(path)
    pick = random.Random(6)

    def text(words: int) -> str:
        return " ".join(pick.choice(_WORDS) for _ in range(words))

    def conversation(number: int, turns: int, title: str) -> Portable:
        told: list[PortableTurn] = []
        for at in range(turns):
            id_, parent = f"{number}-{at}", told[-1].id if told else ""
            answer = LAST if at == 499 else _SHAPES[at % 5].format(text(60), text(60))
            told.append(PortableTurn(id_, parent, text(12), answer, 1.6e9 + number, "m-1"))
        return Portable(f"c{number}", title, 1.6e9, 1.6e9 + number, False, "", "", told[-1].id, tuple(told))

    given = [conversation(number, 5, text(5)) for number in range(CONVERSATIONS - 1)]
    list(take_in(history, [*given, conversation(CONVERSATIONS, TURNS, "The long one")]))
    _add_answers(history, f"c{CONVERSATIONS}")
    history.close()


def _add_answers(history: History, conversation: str) -> None:
    """Let each tenth turn speak of rows."""
    rows = pa.table({"region": [f"R{at}" for at in range(200)], "total": list(range(200))})
    result = Result(
        (Column("region", "VARCHAR"), Column("total", "BIGINT")), rows, truncated=False, total_rows=200, seconds=0.1
    )
    for stored in history.turns("chat", conversation)[:-1:10]:
        turn = records.restored(history, stored)
        assert isinstance(turn, ChatTurn)
        answer = Answer(turn.question, sql="SELECT 1", result=result)
        about = AskTurn(turn.question, draft="SELECT 1", state="done", answer=answer, conversation=conversation)
        records.save(history, about)
        records.save(history, replace(turn, way="data", about=about.id))


def _searched(history: History, search: str) -> float:
    began = time.perf_counter()
    history.conversations.listed(search, most=30)
    return time.perf_counter() - began


def _opened(page: Page) -> float:
    """From the click on it in the list, where another one is shown, until its end is painted."""
    page.locator("[class*=st-key-chat-open] button").nth(1).click()
    page.get_by_text(LAST).wait_for(state="detached")
    settled(page)
    began = time.perf_counter()
    page.locator("[class*=st-key-chat-open] button").first.click()
    page.get_by_text(LAST).wait_for()
    taken = time.perf_counter() - began
    settled(page)
    return taken


def _typed(page: Page, number: int) -> float:
    """From the key to the frame after the one in which the box has its character."""
    page.get_by_test_id("stChatInputTextArea").focus()
    began = time.perf_counter()
    page.keyboard.type("abcdefghij"[number % 10])
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return time.perf_counter() - began
