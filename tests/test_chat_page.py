"""The Chat page without a browser, on the scripted upstream: conversations, and questions that the tables answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.llm.scripted import (
    Asked,
    Reply,
    ScriptedUpstream,
    answer,
    chat_chunk,
    chat_stream,
    chunked,
    event,
    failure,
)
from lib.settings import PROJECT, SETTINGS
from tests.titles import TITLE, titled

SALES = b"region,amount\nNorth,10\nSouth,20\nNorth,5\n"
BY_REGION = "SELECT region, sum(amount) AS total FROM sales GROUP BY region ORDER BY total DESC"
QUESTION = "What is the total amount by region?"
LIE = "South leads with 20, North has 999."
GENERAL = "What is a median?"


def model(asked: Asked) -> Reply:
    """Writes the SQL, lies in words about a result, and says something to everything else."""
    text = asked.raw.decode()
    if asked.path.endswith("/completions") and "CREATE TABLE" in text:
        return answer(f"```sql\n{BY_REGION}\n```")(asked)
    if "from the rows below" in text:
        return answer(LIE)(asked)
    if "You write the memory" in text:
        return answer("They said word many times.")(asked)
    return answer("The value in the middle.")(asked)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for one in SETTINGS:
        monkeypatch.delenv(one.name.upper(), raising=False)
    monkeypatch.setenv("BAYAN_HOME", str(tmp_path / "home"))


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream(otherwise=model, aside=titled) as scripted:
        monkeypatch.setenv("LLM_BASE_URL", scripted.base_url)
        monkeypatch.setenv("LLM_API_KEY", scripted.key)
        yield scripted


def chat(at: AppTest | None = None) -> AppTest:
    """The Chat page, of a new session unless one is given."""
    at = at or AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60).run()
    at.switch_page("pages/chat.py").run()
    assert not at.exception
    return at


def with_sales() -> AppTest:
    at = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60).run()
    at.switch_page("pages/ask.py").run()
    at.file_uploader[0].upload("sales.csv", SALES).run()
    return chat(at)


def say(at: AppTest, text: str) -> AppTest:
    at.chat_input[0].set_value(text).run()
    assert not at.exception
    return at


def press(at: AppTest, label: str) -> AppTest:
    """Click the last button of that name."""
    [*_, found] = [one for one in at.button if one.label == label]
    found.click().run()
    assert not at.exception
    return at


def entitled(at: AppTest, count: int) -> AppTest:
    """The page when so many conversations have their title: it comes after the answer."""
    while labels(at).count(TITLE) < count:
        at.run()
    return at


def labels(at: AppTest) -> list[str]:
    return [one.label for one in at.button]


def shown(at: AppTest) -> str:
    parts = [*at.markdown, *at.caption, *at.error, *at.warning, *at.code, *at.expander]
    return "\n".join(str(getattr(part, "value", "") or getattr(part, "label", "")) for part in parts).replace("\\", "")


def said(at: AppTest) -> list[str]:
    """What each message begins with."""
    return [one.markdown[0].value if one.markdown else "" for one in at.chat_message]


# Joined to the data


def test_a_data_question_is_answered_by_a_query_and_what_the_rows_do_not_hold_is_marked(
    upstream: ScriptedUpstream,
) -> None:
    at = say(with_sales(), QUESTION)
    assert said(at) == [QUESTION, "South leads with 20, North has :orange-background[999]."]
    assert "1 marked number is not in the result." in shown(at)
    assert "From your tables" in shown(at)
    assert "The checks found nothing to question." in shown(at)
    assert BY_REGION in [one.value for one in at.code]
    assert at.main.dataframe[-1].value.values.tolist() == [["South", 20], ["North", 15]]
    assert len(at.get("plotly_chart")) == 1
    words = upstream.posts[-1].body["messages"][-1]["content"]
    assert "South | 20" in words
    assert "North | 15" in words

    say(at, GENERAL)
    assert said(at)[2:] == [GENERAL, "The value in the middle."]
    assert "By the model alone, without your tables" in shown(at)
    assert "South | 20" in upstream.posts[-1].body["messages"][2]["content"]  # what the answer before rests on

    again = chat()  # another session finds it as it was
    assert said(again) == said(at)
    assert again.main.dataframe[-1].value.values.tolist() == [["South", 20], ["North", 15]]


def test_an_answer_is_sent_the_other_way_by_a_click_and_the_switch_turns_the_tables_off(
    upstream: ScriptedUpstream,
) -> None:
    at = press(say(with_sales(), QUESTION), "Ask the model alone")
    assert said(at) == [QUESTION, "The value in the middle."]
    assert "You chose so." in shown(at)
    assert said(press(at, "Ask my tables"))[1].startswith("South leads with 20")
    assert "Version 3 of 3" in shown(at)
    at.toggle[0].set_value(False).run()
    assert said(say(at, QUESTION))[-1] == "The value in the middle."


def test_under_the_privacy_switch_no_cell_is_sent_ever_again(
    upstream: ScriptedUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = say(with_sales(), QUESTION)
    monkeypatch.setenv("NAMES_ONLY", "1")
    sent = len(upstream.posts)
    at = say(chat(), "What is the total amount of each region?")
    assert "largest total is 20 (South)" in shown(at)  # said without a model
    say(at, GENERAL)
    at.multiselect[0].set_value(["sales"]).run()
    say(at, "What is this table about?")
    for post in upstream.posts[sent:]:
        assert not re.search(r"South|\b20\b|\b999\b", post.raw.decode())
    assert "amount" in upstream.posts[-1].raw.decode()


@pytest.mark.parametrize("when", ["writing SQL", "wording"])
def test_a_fault_on_the_way_is_one_sentence_and_what_there_was_stays(upstream: ScriptedUpstream, when: str) -> None:
    at = with_sales()
    refused = failure(401, "no")
    upstream.then(refused) if when == "writing SQL" else upstream.then(model, refused)
    say(at, QUESTION)
    assert len(at.error) == 1
    assert "key" in at.error[0].value
    assert (when == "wording") == bool(at.main.dataframe)
    assert said(press(at, "Retry"))[1].startswith("South leads with 20")
    assert not at.error


# Conversations


def test_conversations_are_listed_searched_renamed_pinned_and_deleted_with_undo(upstream: ScriptedUpstream) -> None:
    at = press(entitled(say(chat(), GENERAL), 1), "New chat")
    assert said(at) == []
    entitled(say(at, "What is a mode?"), 2)
    next(one for one in at.text_input if one.label == "Title").set_value("On modes").run()
    assert labels(at)[-2:] == ["On modes", TITLE]
    press(press(at, TITLE), "Pin")
    at = chat()
    assert labels(at)[-2:] == [TITLE, "On modes"]
    at.sidebar.text_input[0].set_value("MODES middle").run()
    assert [one for one in labels(at) if one in (TITLE, "On modes")] == ["On modes"]
    at.sidebar.text_input[0].set_value("nothing says this").run()
    assert "No chat says that." in shown(at)
    at.sidebar.text_input[0].set_value("").run()
    press(press(at, "On modes"), "Delete")
    assert labels(at)[-1:] == [TITLE]
    assert said(press(at, "Undo"))[0] == "What is a mode?"
    assert labels(at)[-2:] == [TITLE, "On modes"]


def test_an_answer_cut_by_length_is_continued(upstream: ScriptedUpstream) -> None:
    upstream.then(chunked(event(chat_chunk("One, ")), event(chat_chunk(reason="length")), event("[DONE]")))
    at = say(chat(), "Count to two")
    assert "cut at max_tokens" in shown(at)
    upstream.then(chat_stream("two"))
    assert said(press(at, "Continue"))[1] == "One, two"
    assert "Continue" not in labels(at)


def test_named_prompts_are_taken_kept_and_deleted(upstream: ScriptedUpstream) -> None:
    at = chat()

    def box() -> str:
        return str(next(one for one in at.text_area if one.label == "Its words").value)

    at.selectbox[1].set_value("Teacher").run()
    assert "teach" in box()
    next(one for one in at.text_area if one.label == "Its words").set_value("Be a pirate.").run()
    next(one for one in at.text_input if one.label == "Keep it under a name").set_value("Pirate").run()
    press(at, "Keep")
    say(at, "Hi")
    assert upstream.posts[0].body["messages"][0]["content"] == "Be a pirate."
    again = chat()
    assert "Pirate" in again.selectbox[1].options
    assert again.selectbox[1].value == "Pirate"
    again.button(key="chat-preset-delete").click().run()
    assert "Pirate" not in again.selectbox[1].options
    assert again.selectbox[1].value is None


def test_text_files_go_in_whole_and_a_refused_one_loses_no_question(upstream: ScriptedUpstream) -> None:
    at = chat()
    at.chat_input[0].upload("notes.txt", b"The code is 4711.")
    say(at, "What does it say?")
    assert "notes.txt · about" in shown(at)
    assert "The code is 4711." in upstream.posts[-1].raw.decode()
    at.chat_input[0].upload("photo.txt", b"\x89PNG\r\n\x1a\n0000")
    say(at, "And this?")
    assert said(at)[2] == "And this?"
    assert "photo.txt is" in at.error[-1].value.replace("\\", "")
    assert said(press(at, "Ask without the file"))[2:] == ["And this?", "The value in the middle."]


def test_a_table_in_an_answer_becomes_a_table_of_mine(upstream: ScriptedUpstream) -> None:
    upstream.then(
        chat_stream("Planets by size:\n\n| planet | radius |\n|---|---|\n| Earth | 6371 |\n| Mars | 3390 |\n")
    )
    at = say(chat(), "A table of two planets")
    [label] = [one for one in labels(at) if one.startswith("Send ")]
    press(at, label)
    at.switch_page("pages/data.py").run()
    assert at.selectbox[0].options == ["planets_by_size"]
    assert at.dataframe[-1].value.values.tolist() == [["Earth", 6371], ["Mars", 3390]]


def test_what_falls_out_of_the_context_is_said_and_summarised_when_asked(upstream: ScriptedUpstream) -> None:
    at = chat()
    for number in range(4):
        say(at, f"Question {number}: " + "word " * 2_000)
    assert "left out" in shown(at)
    press(at, "Summarise what is left out")
    assert "They said word many times." in shown(at)
    say(at, "And now?")
    system = upstream.posts[-1].body["messages"][0]
    assert (system["role"], "They said word many times." in system["content"]) == ("system", True)
