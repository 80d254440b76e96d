"""An answer's card on the Ask page and in a conversation, and what a model says about the answer when it is asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest
from streamlit.testing.v1 import AppTest

from lib.board import board
from lib.chat import reply
from lib.chat.grounded import Purpose
from lib.chat.remarks import REMARKS, remark_id
from lib.chat.reply import Reply as Words
from lib.chat.turns import AskTurn
from lib.llm.scripted import Asked, Reply, ScriptedUpstream, answer, chat_stream, failure
from lib.settings import PROJECT, SETTINGS
from lib.ui.session import Session

SALES = b"region,amount\nNorth,10\nSouth,20\nNorth,5\n"
BY_REGION = "SELECT region, sum(amount) AS total FROM sales GROUP BY region ORDER BY total DESC"
QUESTION = "What is the total of each region?"
ASKED: tuple[Purpose, ...] = ("explain", "summarise")


@pytest.fixture(name="home", autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for one in SETTINGS:
        monkeypatch.delenv(one.name.upper(), raising=False)
    monkeypatch.setenv("BAYAN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(name="upstream")
def _upstream(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream() as scripted:
        monkeypatch.setenv("LLM_BASE_URL", scripted.base_url)
        monkeypatch.setenv("LLM_API_KEY", scripted.key)
        yield scripted


def page(name: str = "ask") -> AppTest:
    at = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=30).run()
    at.switch_page(f"pages/{name}.py").run()
    assert not at.exception
    return at


def answered(upstream: ScriptedUpstream, sql: str = BY_REGION) -> AppTest:
    at = page()
    at.file_uploader[0].upload("sales.csv", SALES).run()
    upstream.then(written(sql))
    at.chat_input[0].set_value(QUESTION).run()
    assert not at.exception
    return at


def written(sql: str) -> Callable[[Asked], Reply]:
    return answer(f"```sql\n{sql}\n```")


def click(at: AppTest, key: str) -> AppTest:
    """Click the button whose key begins so."""
    next(one for one in at.button if str(one.key).startswith(key)).click().run()
    assert not at.exception
    return at


def go(at: AppTest, name: str) -> AppTest:
    """Open a page of the same tab; one that a click has led to is open for that one run only."""
    at.switch_page(f"pages/{name}.py").run()
    assert not at.exception
    return at


def turn_of(at: AppTest, index: int = 0) -> AskTurn:
    state: Session = at.session_state["bayan"]
    return state.thread[index]


def under_way(at: AppTest, purpose: Purpose) -> Words:
    running = reply.current(remark_id(turn_of(at), purpose))
    assert running is not None
    return running


def ended(at: AppTest, purpose: Purpose, index: int = 0) -> AppTest:
    """The page once the remark has been made."""
    running = reply.current(remark_id(turn_of(at, index), purpose))
    assert running is None or running.wait(20)
    at.run()
    assert not at.exception
    return at


def keys(at: AppTest) -> set[str]:
    return {str(one.key) for one in at.button}


def shown(at: AppTest) -> str:
    parts = [*at.markdown, *at.caption, *at.error, *at.code]
    return "\n".join(str(part.value) for part in parts).replace("\\", "")


def told(asked: Asked) -> str:
    return "\n".join(one["content"] for one in asked.body["messages"])


def test_remarks_come_bit_by_bit_from_the_rows_are_marked_and_kept(upstream: ScriptedUpstream) -> None:
    at, go_on = answered(upstream), Event()
    for purpose in ASKED:
        upstream.then(chat_stream(f"Begun to {purpose}: ", go_on, "North has 15, both have 9999."))
        click(at, f"{purpose}-0")
        running = under_way(at, purpose)
        while not running.turn.answer:
            running.wait(0.02)
    at.run()
    for purpose in ASKED:
        assert f"Begun to {purpose}:" in shown(at)
        assert f"stop-{purpose}-0" in keys(at)
    assert "North has" not in shown(at)
    go_on.set()
    ended(ended(at, "explain"), "summarise")
    for seen in (at, page()):
        for purpose, request in zip(ASKED, map(told, upstream.posts[1:]), strict=True):
            assert f"Begun to {purpose}: North has 15, both have :orange-background[9999]." in shown(seen)
            assert seen.button(key=f"{purpose}-0").disabled
            assert "South | 20\nNorth | 15" in request
            assert ("SELECT region" in request) == (purpose == "explain")
        assert "1 marked number is not in the result." in shown(seen)


def test_questions_to_ask_next_are_buttons_that_ask_them(upstream: ScriptedUpstream) -> None:
    at = answered(upstream)
    wrote = (
        "1. What is the largest amount?\n",
        "2. How many **rows**? ![x](http://evil.example/i)\n",
        "3. Which is last?\n4. And?",
    )
    upstream.then(chat_stream(*wrote))
    at = ended(click(at, "next-0"), "next")
    assert "sales: region, amount" in told(upstream.posts[-1])
    labels = [one.label for one in at.button if str(one.key).startswith("next-0-")]
    assert labels[::2] == ["What is the largest amount?", "Which is last?"]
    assert labels[1].startswith("How many rows? (image not loaded: x, http:\u2060//evil.example/i)")
    upstream.then(written("SELECT max(amount) AS most FROM sales"))
    click(at, "next-0-0")
    assert [one.value for one in at.metric] == ["20"]
    assert turn_of(at, 1).question == "What is the largest amount?"


def test_no_cell_is_sent_of_what_was_or_is_to_be_known_by_names_only(upstream: ScriptedUpstream) -> None:
    at = answered(upstream)
    at.toggle(key="ask-names-only").set_value(True).run()
    upstream.then(written(BY_REGION))
    at.chat_input[0].set_value("What is the total amount of each region?").run()
    sent = len(upstream.posts)
    at = ended(click(at, "summarise-0"), "summarise")
    assert "The largest total is 20 (South), the smallest 15 (North)." in shown(at)
    assert len(upstream.posts) == sent
    for purpose in ("explain", "next"):
        ended(click(at, f"{purpose}-0"), purpose)
    at.toggle(key="ask-names-only").set_value(False).run()
    ended(click(at, "explain-1"), "explain", 1)
    assert len(upstream.posts) == sent + 3
    assert not any(cell in told(one) for one in upstream.posts[sent:] for cell in ("North", "South", "20", "15"))


def test_a_remark_that_fails_says_why_and_can_be_tried_again(upstream: ScriptedUpstream) -> None:
    at = answered(upstream)
    upstream.then(failure(401, "no"))
    at = ended(click(at, "explain-0"), "explain")
    assert len(at.error) == 1
    again = page()
    assert again.error[0].value == at.error[0].value
    upstream.then(chat_stream("By region."))
    click(again, "again-explain-0")
    assert "By region." in shown(ended(again, "explain"))
    assert not again.error


def test_a_remark_ends_with_stop_and_not_with_its_page(upstream: ScriptedUpstream) -> None:
    at, go_on = answered(upstream), Event()
    upstream.then(chat_stream("South leads", Event()), chat_stream("North ", go_on, "follows."))
    click(at, "summarise-0")
    running = under_way(at, "summarise")
    while not running.turn.answer:
        running.wait(0.02)
    click(at, "stop-summarise-0")
    at = ended(at, "summarise")
    assert "South leads" in shown(at)
    assert "Stopped here." in shown(at)
    assert upstream.posts[-1].closed_by_client.wait(5)
    running = under_way(click(at, "again-summarise-0"), "summarise")
    go(at, "board")
    go_on.set()
    assert running.wait(20)
    assert "North follows." in shown(go(at, "ask"))


def test_what_was_said_goes_with_the_result_that_it_was_said_of(upstream: ScriptedUpstream) -> None:
    at = answered(upstream)
    upstream.then(chat_stream("South leads with 20."), chat_stream("It counts."))
    at = ended(click(at, "summarise-0"), "summarise")
    at.text_area[0].set_value("SELECT unnest(range(3000)) AS n FROM sales LIMIT 3000").run()
    click(at, "run-0")
    assert "South leads" not in shown(at)
    history = at.session_state["bayan"].workspace.history
    assert history.turns("chat", REMARKS) == ()
    at = ended(click(at, "summarise-0"), "summarise")
    assert "It counts." in shown(at)
    assert re.search(r"told the first \d+ of 3,000 rows", shown(at))
    assert [one.body["answer"] for one in history.turns("chat", REMARKS)] == ["It counts."]
    click(at, "clear-thread")
    assert history.turns("chat", REMARKS) == ()


def test_without_a_model_the_buttons_say_what_is_missing() -> None:
    at = page()
    at.file_uploader[0].upload("sales.csv", SALES).run()
    click(click(at, "by-hand"), "run-0")
    buttons = {str(one.key): one for one in at.button}
    for key in ("explain-0", "summarise-0", "next-0", "discuss-0"):
        assert buttons[key].disabled
        assert "model has to be ready" in buttons[key].help


def test_an_answer_is_discussed_in_one_conversation_and_pinned_from_there(
    upstream: ScriptedUpstream, home: Path
) -> None:
    at = answered(upstream)
    click(at, "discuss-0")
    assert at.title[0].value == "Chat"
    assert [one.value for one in at.chat_message[0].markdown] == [QUESTION]
    assert BY_REGION in [one.value for one in at.code]
    assert at.main.dataframe[-1].value.values.tolist() == [["South", 20], ["North", 15]]
    assert len(at.get("plotly_chart")) == 1
    assert "The checks found nothing to question." in shown(at)
    assert not at.chat_input[0].disabled
    click(go(at, "ask"), "discuss-0")
    conversations = at.session_state["bayan"].workspace.history.conversations
    assert [one.title for one in conversations.listed()[0]] == [QUESTION]
    click(go(at, "chat"), "pin-chat-")
    (one,) = board.exhibits(home / "workspace")
    assert (one.question, one.sql) == (QUESTION, BY_REGION)
    click(at, "chat-delete")
    click(go(at, "ask"), "discuss-0")
    assert BY_REGION in [one.value for one in at.code]
    assert conversations.listed()[1] == 1


def test_what_the_model_alone_says_about_a_discussed_answer_is_marked(upstream: ScriptedUpstream) -> None:
    at = answered(upstream)
    click(at, "discuss-0")
    go(at, "chat")
    for said in ("North has 15, both have 9999.", "```python\nn = 9999\n```"):
        upstream.then(chat_stream(said))
        at.chat_input[0].set_value("Thank you. Please write a friendly sentence about that.").run()
        at.run()
    assert "North has 15, both have :orange-background[9999]." in shown(at)
    assert shown(at).count("1 marked number is not in the result.") == 1
    assert "```python\nn = 9999" in shown(at)


def test_what_is_done_to_one_copy_does_not_change_the_other(upstream: ScriptedUpstream) -> None:
    at = answered(upstream, "SELECT sum(amount) AS total FROM sales WHERE region = 'Nroth'")
    click(at, "discuss-0")
    click(go(at, "chat"), "apply-chat-")
    assert [one.value for one in at.metric] == ["15"]
    go(at, "ask").text_area[0].set_value("SELECT max(amount) AS most FROM sales").run()
    click(at, "run-0")
    assert [one.value for one in page("chat").metric] == ["15"]
    click(at, "discuss-0")
    assert [one.value for one in at.metric] == ["20"]
    assert at.session_state["bayan"].workspace.history.conversations.listed()[1] == 2


def test_an_answer_of_a_conversation_opens_on_the_ask_page_and_follows_nothing_there(
    upstream: ScriptedUpstream,
) -> None:
    at = answered(upstream)
    click(at, "discuss-0")
    click(go(at, "chat"), "open-")
    assert at.title[0].value == "Ask your data"
    assert len(at.session_state["bayan"].thread) == 1
    click(go(at, "ask"), "clear-thread")
    upstream.then(written("SELECT 1 AS one"))
    at.chat_input[0].set_value("How many rows are there in sales?").run()
    for _ in range(2):
        click(go(at, "chat"), "open-")
        assert len(go(at, "ask").session_state["bayan"].thread) == 2
    assert at.text_area[0].value == BY_REGION
    upstream.then(chat_stream("South leads."))
    ended(click(at, "summarise-1"), "summarise", 1)
    assert "South leads." in shown(page())
    upstream.then(answer("What is the highest total?"), written("SELECT 20 AS most"))
    at.chat_input[0].set_value("only the highest").run()
    asked = told(upstream.posts[-2])
    assert QUESTION in asked
    assert "How many rows" not in asked
