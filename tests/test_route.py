"""Which messages of a conversation are about the tables, and which are not."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import Literal

import pytest

from lib.chat.route import Routed, Way, route
from lib.data.samples import samples
from lib.data.workspace import Source, Workspace
from lib.llm.client import Client
from lib.llm.messages import Event
from lib.llm.scripted import ScriptedUpstream, answer, failure
from lib.settings import Settings

MODEL = "qwen/qwen-2.5-7b-instruct"
SETTINGS = Settings()

BY_WORDS: dict[Way, str] = {
    "data": """How many penguins were measured on each island?
What is the average flipper length by species?
avg body mass
what columns do I have?
How many tables are loaded?
Describe the data
Are there any missing values?
Compare Adelie and Chinstrap by bill depth
Which species is the heaviest?
Show me 10 rows of cities
What is the population of Germany?
What is the capital of France?
currency of Japan
Which country has the largest population?
How many people live in Cairo?
top 5 destinations
Which airline has the highest average departure delay?
What percentage of the flights was late by more than 30 minutes?
flights from JFK to LAX
How much precipitation fell in each month of 2014?
highest wind in the weather table
كم عدد البطاريق في كل جزيرة؟
ما هي أكبر خمس مدن في مصر؟
List the airports above 5000 feet
Plot flipper length against body mass
Give me a summary of the table""",
    "general": """hello
Thanks, that was helpful!
ok
شكرا
Who are you?
What can you do?
What is a median?
What does p-value mean?
Define standard deviation
Explain the difference between a mean and a median
What is the difference between weather and climate?
Translate 'revenue' into French
Translate "it is raining" into Spanish
Write a SQL query that finds duplicate emails
Write a Python function that reverses a string
Write a poem about penguins
Write an apology email to passengers whose flight was late
How do I compute churn?
How do I join two dataframes in pandas?
How can I remove outliers in Excel?
How is population density calculated?
Why does it rain so much in Seattle?
What are the pros and cons of using medians?
Suggest five charts for monthly sales by region, and when to use each
Which is better, pandas or polars?
Fix the grammar: he go to school yesterday
ما هو الفرق بين المتوسط والوسيط؟
اكتب قصيدة عن البحر
Is a penguin a bird or a mammal?
Is it going to rain tomorrow?
What should I check before I trust a CSV that somebody sent me?""",
}
FOR_THE_MODEL = """waht is the averge boddy mass of gentoo
What do penguins eat?
Which month was best?
What is the GDP of Germany?
How far is the moon?
Count from 1 to 10""".splitlines()
AFTER_DATA: Sequence[tuple[str, Way]] = (("What is a mean?", "general"), ("Average delay by carrier?", "data"))
AFTER_GENERAL: Sequence[tuple[str, Way]] = (("Average delay by carrier?", "data"), ("What is a median?", "general"))
FOLLOWING: list[tuple[Sequence[tuple[str, Way]], str, Way]] = [
    (AFTER_DATA, "and by month?", "data"),
    (AFTER_DATA, "only for JFK", "data"),
    (AFTER_DATA, "sort it descending", "data"),
    (AFTER_DATA, "as a percentage", "data"),
    (AFTER_DATA, "وحسب اليوم؟", "data"),
    (AFTER_DATA, "explain that in simpler words", "general"),
    (AFTER_DATA, "thanks", "general"),
    (AFTER_DATA, "What is a median?", "general"),
    (AFTER_DATA, "write me an email with this result", "general"),
    (AFTER_GENERAL, "and in Excel?", "general"),
    (AFTER_GENERAL, "can you give an example?", "general"),
    (AFTER_GENERAL, "and now: how many flights per day?", "data"),
]


@pytest.fixture(scope="module")
def tables() -> Iterator[Workspace]:
    """All sample data at once."""
    files = [Source(str(file), file) for sample in samples() for file in sample.files]
    with Workspace.temporary(SETTINGS) as space:
        with space.add(files) as loading:
            loading.wait()
        yield space


@pytest.fixture(scope="module")
def nobody() -> Iterator[ScriptedUpstream]:
    """An endpoint that must not be asked."""
    with ScriptedUpstream(otherwise=failure(500, "Nobody should have asked.")) as upstream:
        yield upstream
        assert upstream.posts == []


def ended(steps: Generator[Event, None, Routed]) -> Routed:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            routed: Routed = end.value
            return routed


def routed(
    question: str, space: Workspace, upstream: ScriptedUpstream, earlier: Sequence[tuple[str, Way]] = ()
) -> Routed:
    return ended(route(question, space, earlier, Client(upstream.endpoint(), SETTINGS), MODEL))


@pytest.mark.parametrize(
    ("question", "way"), [(one, way) for way, some in BY_WORDS.items() for one in some.splitlines()]
)
def test_the_words_decide_without_a_model(question: str, way: Way, tables: Workspace, nobody: ScriptedUpstream) -> None:
    found = routed(question, tables, nobody)
    assert (found.way, found.by) == (way, "words")
    assert found.reason.endswith(".")


@pytest.mark.parametrize(("earlier", "question", "way"), FOLLOWING)
def test_a_follow_up_goes_the_way_that_it_means(
    earlier: Sequence[tuple[str, Way]], question: str, way: Way, tables: Workspace, nobody: ScriptedUpstream
) -> None:
    assert routed(question, tables, nobody, earlier).way == way


def test_without_tables_everything_is_general(nobody: ScriptedUpstream) -> None:
    with Workspace.temporary(SETTINGS) as empty:
        assert routed("How many flights are there?", empty, nobody).way == "general"


@pytest.mark.parametrize(
    ("question", "said"),
    list(zip(FOR_THE_MODEL, ["data", "general", " Data.\n", "General knowledge"] * 2, strict=False)),
)
def test_a_model_is_asked_once_where_the_words_do_not_decide(question: str, said: str, tables: Workspace) -> None:
    with ScriptedUpstream([answer(said)]) as upstream:
        found = routed(question, tables, upstream)
        assert (found.way, found.by) == ("data" if "data" in said.lower() else "general", "model")
        (asked,) = upstream.posts
    assert asked.body["max_tokens"] <= 3
    assert asked.body["temperature"] == 0
    assert asked.body["messages"][-1]["content"] == question
    text = " ".join(one["content"] for one in asked.body["messages"])
    assert "flights: date, dep_time" in text
    assert not any(cell in text for cell in ("Torgersen", "N10156", "Nantucket", "Shanghai"))


@pytest.mark.parametrize("reply", [failure(500, "broken"), failure(404, "no such model"), answer("Maybe both?")])
@pytest.mark.parametrize(("question", "way"), [("Which month was best?", "data"), ("What causes fog?", "data")])
def test_a_model_that_fails_does_not_fail_the_question(
    reply: object, question: str, way: Literal["data", "general"], tables: Workspace
) -> None:
    with ScriptedUpstream(otherwise=reply) as upstream:  # type: ignore[arg-type]  # a reply, or what makes one
        found = routed(question, tables, upstream)
    assert (found.way, found.by) == (way, "words")


def test_closing_it_stops_the_request(tables: Workspace) -> None:
    with ScriptedUpstream(otherwise=(60.0,)) as upstream:
        steps = route("Which month was best?", tables, (), Client(upstream.endpoint(), SETTINGS), MODEL)
        while not upstream.posts:
            next(steps)
        steps.close()
        assert upstream.posts[0].closed_by_client.wait(5)


def test_values_are_not_looked_up_where_only_names_may_be(tables: Workspace) -> None:
    with ScriptedUpstream(otherwise=answer("general")) as upstream:
        client = Client(upstream.endpoint(), SETTINGS)
        found = ended(route("Oslo or Helsinki?", tables, (), client, MODEL, names_only=True))
    assert (found.way, found.by) == ("general", "model")


def test_wide_tables_are_named_only_as_far_as_there_is_room() -> None:
    header = ",".join(f"a_rather_long_column_name_{n}" for n in range(400))
    wide = Source("wide.csv", f"{header}\n{','.join('1' * 400)}\n".encode())
    with Workspace.temporary(SETTINGS) as space, ScriptedUpstream(otherwise=answer("data")) as upstream:
        with space.add([wide]) as loading:
            loading.wait()
        assert routed("Which month was best?", space, upstream).by == "model"
        assert len(upstream.posts[0].raw) < 10_000
