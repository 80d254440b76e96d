"""Both pages without a browser, on the scripted upstream."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

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
)
from lib.settings import PROJECT, SETTINGS
from tests.titles import titled

SALES = b"region,amount\nNorth,10\nSouth,20\nNorth,5\n"
BY_REGION = "SELECT region, sum(amount) AS total FROM sales GROUP BY region ORDER BY total DESC"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for one in SETTINGS:
        monkeypatch.delenv(one.name.upper(), raising=False)
    monkeypatch.setenv("BAYAN_HOME", str(tmp_path / "home"))


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream(aside=titled) as scripted:
        monkeypatch.setenv("LLM_BASE_URL", scripted.base_url)
        monkeypatch.setenv("LLM_API_KEY", scripted.key)
        yield scripted


def page(name: str) -> AppTest:
    at = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=30).run()
    at.switch_page(f"pages/{name}.py").run()
    assert not at.exception
    return at


def with_sales() -> AppTest:
    at = page("ask")
    at.file_uploader[0].upload("sales.csv", SALES).run()
    assert not at.exception
    return at


def say(at: AppTest, text: str) -> AppTest:
    at.chat_input[0].set_value(text).run()
    assert not at.exception
    return at


def sql(text: str) -> Callable[[Asked], Reply]:
    return answer(f"```sql\n{text}\n```")


def shown(at: AppTest) -> str:
    parts = [*at.markdown, *at.caption, *at.error, *at.warning, *at.code]
    return "\n".join(str(part.value) for part in parts).replace("\\", "")


def test_ask_shows_sql_table_and_chart(upstream: ScriptedUpstream) -> None:
    upstream.then(sql(BY_REGION))
    at = say(with_sales(), "Total by region?")
    assert at.text_area[0].value == BY_REGION
    assert at.main.dataframe[-1].value.values.tolist() == [["South", 20], ["North", 15]]
    assert len(at.get("plotly_chart")) == 1
    (asked,) = upstream.posts
    assert asked.path.endswith("/v1/completions")
    assert asked.body["prompt"].endswith("<think>")
    assert "CREATE TABLE sales (" in asked.body["prompt"]
    assert asked.body["max_tokens"] <= 4096


def test_a_thread_holds_several_questions_and_old_sql_can_be_edited_again(upstream: ScriptedUpstream) -> None:
    upstream.then(sql(BY_REGION), sql("SELECT count(*) AS n FROM sales"))
    at = say(say(with_sales(), "Total by region?"), "How many rows are there in sales?")
    assert [code.value for code in at.code].count(BY_REGION) == 1
    assert [metric.value for metric in at.metric] == ["3"]
    at.button(key="edit-0").click().run()
    assert at.text_area[0].value == BY_REGION


def test_edited_sql_runs_and_says_when_it_was_not_run_yet(upstream: ScriptedUpstream) -> None:
    upstream.then(sql(BY_REGION))
    at = say(with_sales(), "Total by region?")
    at.text_area[0].set_value("SELECT max(amount) AS most FROM sales").run()
    assert "result from before" in shown(at)
    at.button(key="run-0").click().run()
    assert [metric.value for metric in at.metric] == ["20"]
    assert "result from before" not in shown(at)


def test_an_error_goes_back_to_the_model_once(upstream: ScriptedUpstream) -> None:
    upstream.then(sql("SELECT price FROM sales"), sql(BY_REGION))
    at = say(with_sales(), "Total by region?")
    assert at.text_area[0].value == BY_REGION
    first, second = upstream.posts
    assert "price" not in first.body["prompt"]
    assert 'Referenced column "price" not found' in second.body["prompt"]
    assert not at.error


def test_a_third_error_is_shown_with_the_sql_to_edit(upstream: ScriptedUpstream) -> None:
    upstream.then(sql("SELECT price FROM sales"), sql("SELECT weight FROM sales"), sql("SELECT nothing FROM sales"))
    at = say(with_sales(), "Total by region?")
    assert len(upstream.posts) == 3
    assert "nothing" in at.error[0].value
    assert at.text_area[0].value == "SELECT nothing FROM sales"
    at.text_area[0].set_value(BY_REGION).run()
    at.button(key="run-0").click().run()
    assert at.main.dataframe[-1].value.shape == (2, 2)
    assert not at.error


@pytest.mark.parametrize(
    "attack",
    ["DROP TABLE sales", "SELECT * FROM read_text('/etc/passwd')", "COPY sales TO 'x.csv'", "SELECT 1; SELECT 2"],
)
def test_dangerous_sql_of_a_model_is_refused(upstream: ScriptedUpstream, attack: str) -> None:
    upstream.then(sql(attack), sql(attack), sql(attack), sql(BY_REGION))
    at = say(with_sales(), "Go on")
    assert at.error
    at = say(at, "What is the total of each region?")
    assert at.main.dataframe[-1].value.shape == (2, 2)


def test_the_trust_line_offers_the_value_that_was_meant(upstream: ScriptedUpstream) -> None:
    upstream.then(sql("SELECT sum(amount) AS total FROM sales WHERE region = 'Nroth'"))
    at = say(with_sales(), "What is the total of the region Nroth?")
    assert "North" in shown(at)
    at.button(key="apply-0-1-0").click().run()
    assert [metric.value for metric in at.metric] == ["15"]
    assert "The checks found nothing to question" in shown(at)


def test_a_follow_up_is_rewritten_shown_and_can_be_put_in_other_words(upstream: ScriptedUpstream) -> None:
    upstream.then(sql(BY_REGION), answer("What is the highest total of all regions?"), sql("SELECT 20 AS most"))
    at = say(say(with_sales(), "What is the total of each region?"), "only the highest")
    assert "Asked as: What is the highest total of all regions?" in shown(at)
    assert "What is the highest total of all regions?" in upstream.posts[2].body["prompt"]
    upstream.then(sql("SELECT 10 AS least"))
    at.text_area(key="alone-1-1").set_value("What is the lowest total?").run()
    at.button(key="ask-alone-1").click().run()
    assert "What is the lowest total?" in upstream.posts[3].body["prompt"]
    assert [metric.value for metric in at.metric] == ["10"]


def test_any_earlier_answer_can_be_followed_up(upstream: ScriptedUpstream) -> None:
    upstream.then(sql(BY_REGION), sql("SELECT 1 AS one"), answer("Rewritten."), sql("SELECT 2 AS two"))
    at = say(with_sales(), "What is the total of each region?")
    at = say(at, "How many rows are there in sales?")
    at.button(key="follow-0").click().run()
    assert "Your next question follows: What is the total of each region?" in shown(at)
    at = say(at, "and by year?")
    asked = upstream.posts[2].body["messages"][-1]["content"]
    assert "What is the total of each region?" in asked
    assert "How many rows" not in asked
    assert "Your next question follows" not in shown(at)


def test_a_careful_question_shows_how_many_answers_agree(upstream: ScriptedUpstream) -> None:
    at = with_sales()
    upstream.then(*[sql("SELECT count(*) AS n FROM sales")] * 8)
    at.toggle(key="ask-careful").set_value(True).run()
    at = say(at, "How many rows are there in sales?")
    assert "5 of 5 answers gave this result" in shown(at)


def test_a_switch_and_a_question_in_one_breath_go_together(upstream: ScriptedUpstream) -> None:
    at = with_sales()
    upstream.then(sql(BY_REGION))
    at.toggle(key="ask-names-only").set_value(True)
    say(at, "What is the total of each region?")
    assert "North" not in upstream.posts[0].body["prompt"]


def test_names_only_tells_no_cell_and_says_so(upstream: ScriptedUpstream) -> None:
    at = with_sales()
    upstream.then(sql(BY_REGION))
    at.toggle(key="ask-names-only").set_value(True).run()
    at = say(at, "What is the total of each region?")
    assert "North" not in upstream.posts[0].body["prompt"]
    assert "Names and types only" in shown(at)


def test_sql_from_scratch(upstream: ScriptedUpstream) -> None:
    at = with_sales()
    at.button(key="by-hand").click().run()
    assert "FROM sales" in str(at.text_area[0].value)
    at.text_area[0].set_value("SELECT count(*) AS n FROM sales").run()
    at.button(key="run-0").click().run()
    assert [metric.value for metric in at.metric] == ["3"]
    assert upstream.posts == []


STRANGE_RESULTS = [
    "SELECT INTERVAL 3 DAY AS i",
    "SELECT 'nan'::DOUBLE AS x, 'inf'::DOUBLE AS y",
    "SELECT 170141183460469231731687303715884105727::HUGEINT AS h",
    "SELECT region, sum(amount) * INTERVAL 1 DAY AS d FROM sales GROUP BY region",
    "SELECT region, CASE WHEN region = 'North' THEN 'inf'::DOUBLE ELSE 1 END AS x FROM sales",
    "SELECT 5::UHUGEINT AS year, 1 AS n UNION ALL SELECT 7, 2",
    "SELECT region AS a, amount AS a, NULL AS n, [amount] AS l, {'k': amount} AS s FROM sales",
    "SELECT DATE '0044-03-15 (BC)' AS d, amount FROM sales",
    "SELECT NULL AS nothing",
    "SELECT amount FROM sales WHERE false",
]


@pytest.mark.parametrize("query", STRANGE_RESULTS)
def test_every_kind_of_value_can_be_shown(upstream: ScriptedUpstream, query: str) -> None:
    upstream.then(sql(query))
    at = say(with_sales(), "Show it")
    assert not at.error
    assert len(at.main.dataframe) == 1


def test_a_removed_table_takes_its_suggestions_along(upstream: ScriptedUpstream) -> None:
    at = page("ask")
    at.button(key="sample-penguins").click().run()
    at.button(key="drop-penguins").click().run()
    at.file_uploader[0].upload("sales.csv", SALES).run()
    suggested = [button.label for button in at.button if str(button.key).startswith("ask-suggestion")]
    assert suggested
    assert not [label for label in suggested if "species" in label]


def test_a_table_too_wide_for_the_model_is_told_in_part_and_the_page_says_so(upstream: ScriptedUpstream) -> None:
    upstream.then(sql("SELECT count(*) AS n FROM wide"))
    at = page("ask")
    header = ",".join(f"a_rather_long_column_name_{i}" for i in range(900))
    at.file_uploader[0].upload("wide.csv", f"{header}\n{','.join(['1'] * 900)}\n".encode()).run()
    at = say(at, "How many rows are there?")
    assert [metric.value for metric in at.metric] == ["1"]
    assert re.search(r"Left out: \d+ columns of wide", shown(at))


def test_no_sql_in_the_answer_is_a_sentence(upstream: ScriptedUpstream) -> None:
    upstream.then(answer("I would rather not."))
    at = say(with_sales(), "Total by region?")
    assert "I would rather not" in at.error[0].value.replace("\\", "")
    assert [button.label for button in at.button].count("Ask again") == 1


def test_a_question_without_a_table_is_kept_with_the_way_out(upstream: ScriptedUpstream) -> None:
    at = say(page("ask"), "Total by region?")
    assert "Total by region" in shown(at)
    assert "Upload a CSV" in at.error[0].value.replace("\\", "")


@pytest.mark.parametrize(
    "question",
    ["x" * 50_000, "كم عدد الصفوف؟", "有多少行？", "<script>alert(1)</script> ![x](http://evil.example/i)"],
    ids=["50,000 characters", "Arabic", "Chinese", "markup"],
)
def test_unusual_questions_work_or_are_refused_in_a_sentence(upstream: ScriptedUpstream, question: str) -> None:
    upstream.then(sql("SELECT count(*) AS n FROM sales"))
    at = say(with_sales(), question)
    assert bool(at.error) == (len(question) > 4_000)


def test_sample_data_comes_with_questions(upstream: ScriptedUpstream) -> None:
    at = page("ask")
    at.button(key="sample-penguins").click().run()
    assert not at.exception
    questions = [button for button in at.button if str(button.key).startswith("ask-suggestion")]
    assert len(questions) == 3
    upstream.then(sql("SELECT 1 AS one"))
    questions[0].click().run()
    assert [metric.value for metric in at.metric] == ["1"]


BAD_FILES = {
    "no byte": ("empty.csv", b""),
    "binary": ("photo.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20),
}


@pytest.mark.parametrize(("name", "content"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_a_bad_file_is_a_sentence_that_names_it(upstream: ScriptedUpstream, name: str, content: bytes) -> None:
    at = page("ask")
    at.file_uploader[0].upload(name, content).run()
    assert not at.exception
    assert name in at.error[0].value.replace("\\", "")


STRANGE_NAMES = [
    "../../etc/x.csv",
    "a\"b'c;--.csv",
    "\u202evsc.exe.csv",
    "**bold** [x](http:evil).csv",
    "x" * 200 + ".csv",
]


@pytest.mark.parametrize("name", STRANGE_NAMES)
def test_strange_file_names_are_loaded_and_shown_inert(upstream: ScriptedUpstream, name: str) -> None:
    at = page("ask")
    at.file_uploader[0].upload(name, SALES).run()
    assert not at.exception
    assert not at.error
    assert [e.label.endswith("3 rows") for e in at.sidebar.expander] == [True]
    assert "\u202e" not in "".join(c.value for c in at.caption)


def test_a_header_only_is_a_table_without_rows(upstream: ScriptedUpstream) -> None:
    at = page("ask")
    at.file_uploader[0].upload("header.csv", b"a,b\n").run()
    assert not at.error
    assert at.sidebar.expander[0].label == "header · 0 rows"


def test_two_files_of_one_name_are_two_tables(upstream: ScriptedUpstream) -> None:
    at = with_sales()
    at.file_uploader[0].upload("sales.csv", b"other\n1\n").run()
    assert len(at.sidebar.expander) == 2


def test_chat_streams_and_remembers(upstream: ScriptedUpstream) -> None:
    upstream.then(chat_stream("Hel", "lo"), chat_stream("Again"))
    at = say(say(page("chat"), "Hi"), "And now?")
    assert [m.markdown[0].value for m in at.chat_message] == ["Hi", "Hello", "And now?", "Again"]
    assert "tokens" in shown(at)
    second = upstream.posts[1].body["messages"]
    assert [m["role"] for m in second] == ["system", "user", "assistant", "user"]
    assert second[2]["content"] == "Hello"


def press(at: AppTest, key: str) -> AppTest:
    """Click the button whose key begins so; the last one where there are several."""
    [*_, found] = [one for one in at.button if one.key and one.key.startswith(key)]
    found.click().run()
    assert not at.exception
    return at


def said_in(at: AppTest) -> list[str]:
    return [one.markdown[0].value for one in at.chat_message]


def test_an_edited_or_repeated_question_is_a_branch_and_both_stay(upstream: ScriptedUpstream) -> None:
    upstream.then(chat_stream("one"))
    at = say(page("chat"), "Hi")
    upstream.then(chat_stream("two"), chat_stream("three"))
    assert said_in(press(at, "chat-again")) == ["Hi", "two"]
    press(at, "chat-edit")
    area = next(one for one in at.text_area if one.label == "Your question")
    area.set_value("Hello there")
    next(b for b in at.button if b.label == "Send").click().run()
    assert said_in(at) == ["Hello there", "three"]
    assert "Version 3 of 3" in shown(at)
    assert said_in(press(at, "chat-older")) == ["Hi", "two"]
    assert said_in(press(at, "chat-older")) == ["Hi", "one"]
    assert said_in(press(page("chat"), "chat-newer")) == ["Hi", "two"]
    asked = [post.body["messages"] for post in upstream.posts]
    assert [len(one) for one in asked] == [2, 2, 2]


@pytest.mark.parametrize("leave", ["ask", "new", "cancel"])
def test_an_edit_that_was_begun_is_left(upstream: ScriptedUpstream, leave: str) -> None:
    at = press(say(page("chat"), "Hi"), "chat-edit")
    if leave == "ask":
        say(at, "Something else")
    elif leave == "new":
        say(press(at, "chat-new"), "Something else")
    else:
        next(b for b in at.button if b.label == "Cancel").click().run()
    assert at.chat_message[-1].markdown[0].value == r"A scripted answer."
    assert not [one for one in at.text_area if one.label == "Your question"]


def test_chat_sends_the_options_of_its_conversation(upstream: ScriptedUpstream) -> None:
    at = page("chat")
    at.slider[0].set_value(0.2)
    at.slider[1].set_value(0.5)
    at.number_input[0].set_value(99)
    at.text_area[0].set_value("Be a pirate.")
    say(at.run(), "Hi")
    body = upstream.posts[0].body
    assert (body["temperature"], body["top_p"], body["max_tokens"]) == (0.2, 0.5, 99)
    assert body["messages"][0] == {"role": "system", "content": "Be a pirate."}
    press(at, "chat-new").text_area[0].set_value("Be brief.").run()
    say(at, "Hi")
    assert upstream.posts[-1].body["messages"][0]["content"] == "Be brief."
    press(at, "chat-open")  # the older one is the last in the list
    assert at.text_area[0].value == "Be a pirate."


def test_chat_lists_the_endpoints_models(upstream: ScriptedUpstream) -> None:
    at = page("chat")
    at.button(key="chat-list-models").click().run()
    assert at.selectbox[0].options == [
        "Qwen2.5 7B Instruct (qwen/qwen-2.5-7b-instruct)",
        "Arctic Text2SQL R1 7B (snowflake/arctic-text2sql-r1-7b)",
    ]


def test_chat_keeps_what_came_before_a_break(upstream: ScriptedUpstream) -> None:
    upstream.then(chunked(event(chat_chunk("The answer ")), Drop()))
    at = say(page("chat"), "Hi")
    assert "The answer" in at.chat_message[1].markdown[0].value
    assert at.error


def test_chat_says_that_older_turns_were_left_out(upstream: ScriptedUpstream) -> None:
    at = page("chat")
    for _ in range(4):
        say(at, "word " * 2_000)
    assert "left out" in shown(at)
    assert not at.error


def test_markup_in_an_answer_is_inert(upstream: ScriptedUpstream) -> None:
    upstream.then(chat_stream("![x](http://evil.example/i.png) [good](http://evil.example)"))
    at = say(page("chat"), "Hi")
    drawn = at.chat_message[1].markdown[0].value
    assert "![" not in drawn
    assert "<http://evil.example>" in drawn


@pytest.mark.parametrize(("status", "said"), [(401, "key"), (404, "qwen"), (500, "500"), (429, "too many")])
def test_a_fault_is_one_sentence_and_the_question_stays(upstream: ScriptedUpstream, status: int, said: str) -> None:
    upstream.then(failure(status, "upstream text"))
    at = say(page("chat"), "Hi")
    assert said in at.error[0].value.lower().replace("\\", "")
    assert at.chat_message[0].markdown[0].value == "Hi"
    assert upstream.key not in shown(at)


def test_without_a_key_the_page_offers_the_built_in_model() -> None:
    for name in ("ask", "chat"):
        at = page(name)
        assert "one download of 1.1 GB" in shown(at)
        assert [button.label for button in at.button].count("Download the built-in model") == 1


def test_without_a_model_files_and_sql_still_work() -> None:
    at = with_sales()
    at.button(key="by-hand").click().run()
    at.button(key="run-0").click().run()
    assert at.main.dataframe[-1].value.shape == (3, 2)


def test_a_setting_that_cannot_be_used_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_BURST", "many")
    at = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=30).run()
    assert not at.exception
    assert "LLM_BURST" in at.error[0].value.replace("\\", "")


@pytest.mark.parametrize("name", ["ask", "data", "chat"])
def test_a_page_alone_has_the_same_frame(name: str, upstream: ScriptedUpstream) -> None:
    at = AppTest.from_file(str(PROJECT / "pages" / f"{name}.py"), default_timeout=30).run()
    assert not at.exception
    assert len(at.sidebar.get("page_link")) == 5


def test_a_new_session_finds_tables_answers_and_chat(upstream: ScriptedUpstream) -> None:
    upstream.then(sql(BY_REGION), chat_stream("Good day"), sql("SELECT nothing FROM sales"), sql("SELECT 7 AS x"))
    at = say(with_sales(), "Total by region?")
    at.text_area[0].set_value("SELECT max(amount) AS most FROM sales").run()
    say(page("chat"), "Hello")
    say(page("ask"), "Which region sold the largest amount?")
    at = page("ask")
    assert [metric.label for metric in at.metric] == ["X"]
    assert at.main.dataframe[0].value.values.tolist() == [["South", 20], ["North", 15]]
    assert len(at.get("plotly_chart")) == 1
    assert "Total by region?" in shown(at)
    assert "SELECT max(amount) AS most FROM sales" in shown(at)
    assert "2 tries" in shown(at)
    at = page("chat")
    assert "Good day" in shown(at)
    assert any(one.key and one.key.startswith("chat-again") for one in at.button)


def test_an_error_is_the_same_in_a_new_session(upstream: ScriptedUpstream) -> None:
    upstream.then(*[sql("SELECT nothing FROM sales")] * 3)
    before = say(with_sales(), "What fails?").error[0].value
    assert page("ask").error[0].value == before


def test_questions_and_answers_can_be_deleted_for_good(upstream: ScriptedUpstream) -> None:
    upstream.then(sql(BY_REGION))
    at = say(with_sales(), "Total by region?")
    at.button(key="clear-thread").click().run()
    for seen in (at, page("ask")):
        assert "Total by region?" not in shown(seen)
        assert "Try one of these" in shown(seen)


def test_a_long_thread_shows_its_end_and_the_rest_on_request(upstream: ScriptedUpstream) -> None:
    at = with_sales()
    for number in range(15):
        upstream.then(sql(f"SELECT {number} AS n"))
        say(at, f"What is the answer to number {number}?")
    assert "What is the answer to number 2?" not in shown(at)
    assert "What is the answer to number 14?" in shown(at)
    at.button(key="show-earlier").click().run()
    assert "What is the answer to number 0?" in shown(at)


def test_a_shared_server_gives_each_visitor_an_address_of_their_own(
    upstream: ScriptedUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BAYAN_SHARED", "1")
    ada, bob = with_sales(), page("ask")
    id_ = ada.query_params["w"]
    assert id_ != bob.query_params["w"]
    assert "sales" not in shown(bob)
    again = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=30)
    again.query_params["w"] = id_
    again.run()
    again.switch_page("pages/chat.py").run()
    again.switch_page("pages/ask.py").run()
    assert again.query_params["w"] in (id_, [id_])
    assert [box.label for box in again.expander] == [box.label for box in ada.expander]


def test_a_second_file_of_one_name_asks_what_it_is_to_be(upstream: ScriptedUpstream) -> None:
    at = with_sales()
    at.file_uploader[0].upload("sales.csv", b"region,amount\nWest,1\n").run()
    assert "came in again" in shown(at)
    at.button(key="twin-append-sales_2").click().run()
    assert not at.exception
    assert [box.label.replace("\\", "") for box in at.sidebar.expander] == ["sales · 4 rows"]
    assert "came in again" not in shown(at)


def test_a_removed_table_comes_back_with_undo(upstream: ScriptedUpstream) -> None:
    at = with_sales()
    at.button(key="drop-sales").click().run()
    assert "Deleted sales." in shown(at)
    at.button(key="undo").click().run()
    assert [box.label for box in at.sidebar.expander] == ["sales · 3 rows"]


def test_a_table_says_how_many_rows_it_could_not_take(upstream: ScriptedUpstream) -> None:
    at = page("ask")
    at.file_uploader[0].upload("sales.csv", SALES + b"East,1,2\n").run()
    assert [box.label for box in at.sidebar.expander] == ["sales · 3 rows · 1 rejected"]
    assert "1 of 4 rows could not be read." in shown(at)


def test_rows_that_are_gone_are_said_and_come_back(upstream: ScriptedUpstream, tmp_path: Path) -> None:
    upstream.then(sql(BY_REGION))
    say(with_sales(), "Total by region?")
    for one in (tmp_path / "home").rglob("results/*.parquet"):
        one.unlink()
    at = page("ask")
    assert "not kept any more" in shown(at)
    at.button(key="run-0").click().run()
    assert at.main.dataframe[-1].value.values.tolist() == [["South", 20], ["North", 15]]
    assert "not kept any more" not in shown(at)


def test_an_id_that_was_not_made_here_opens_nothing(
    upstream: ScriptedUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BAYAN_SHARED", "1")
    at = AppTest.from_file(str(PROJECT / "pages" / "data.py"), default_timeout=30)
    at.query_params["w"] = "a" * 32
    at.run()
    assert not at.exception
    assert at.query_params["w"] not in ("a" * 32, ["a" * 32])


def test_what_cannot_be_written_down_is_said_and_stays_on_the_page(upstream: ScriptedUpstream, tmp_path: Path) -> None:
    upstream.then(sql(BY_REGION))
    at = with_sales()
    (history,) = (tmp_path / "home").rglob("history.sqlite")
    with sqlite3.connect(history) as other:
        other.execute("CREATE TRIGGER full BEFORE INSERT ON turns BEGIN SELECT RAISE(FAIL, 'disk is full'); END")
    say(at, "Total by region?")
    assert "disk is full" in at.error[0].value
    at.run()
    assert "Total by region?" in shown(at)
    assert at.main.dataframe[-1].value.values.tolist() == [["South", 20], ["North", 15]]
