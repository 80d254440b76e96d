"""Measuring: the command over a file of questions, what counts as right, and the Settings page."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event
from typing import Any, cast

import pytest
from streamlit.testing.v1 import AppTest

from lib.asking.evaluate import kept, measuring
from lib.asking.evaluate.bundled import bundled
from lib.asking.evaluate.compare import Rows, same_rows
from lib.asking.evaluate.measuring import Measuring
from lib.asking.evaluate.question import Measurement, Question, Verdict
from lib.asking.evaluate.question_file import database_files, read_questions
from lib.data.samples import samples
from lib.data.workspace import Source, Workspace
from lib.errors import DataError
from lib.llm.scripted import Asked, Reply, ScriptedUpstream, answer, failure
from lib.settings import PROJECT, SETTINGS, Settings
from tests.command import OURS, bayan

SHOPS = {"sales.csv": "region,amount\nNorth,10\nSouth,20\nNorth,5\n", "people.csv": "name,age\nAnn,30\nBob,40\n"}
ZOO = {"animals.csv": "animal,legs\nant,6\nbee,6\ncat,4\ndoe,\n"}

RIGHT: dict[str, tuple[str, str, str, Rows]] = {
    "s1": ("shop", "How many sales?", "SELECT count(*) FROM sales", [[3]]),
    "z1": ("zoo", "How many animals?", "SELECT count(*) FROM animals", [[4]]),
    "s2": ("shop", "Total by region?", "SELECT sum(amount), region FROM sales GROUP BY ALL",
           [["North", 15], ["South", 20]]),
    "z2": ("zoo", "Which have six legs?", "SELECT animal FROM animals WHERE legs = 6", [["bee"], ["ant"]]),
    "s3": ("shop", "Mean age?", "SELECT avg(age) FROM people", [[35]]),
    "z3": ("zoo", "Whose legs are unknown?", "SELECT animal, legs FROM animals WHERE legs IS NULL", [["doe", None]]),
    "s4": ("shop", "Who is oldest?", "SELECT name FROM people ORDER BY age DESC LIMIT 1", [["Bob"]]),
}  # fmt: skip
WRONG: dict[str, tuple[str, str, str, Rows]] = {
    "z4": ("zoo", "Most legs?", "SELECT min(legs) FROM animals", [[6]]),
    "s5": ("shop", "All regions?", "SELECT region FROM sales", [["North"], ["South"]]),
    "s6": ("shop", "Sum of ages?", "SELECT agee FROM people", [[70]]),
}
ALL = RIGHT | WRONG


def replay(asked: Asked) -> Reply:
    """What the model writes for the question that the prompt holds."""
    sql = next(sql for _, question, sql, _ in ALL.values() if question in asked.raw.decode())
    return answer(f"```sql\n{sql}\n```")(asked)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Two databases and a file of questions about them, in turn."""
    for db, tables in (("shop", SHOPS), ("zoo", ZOO)):
        (tmp_path / "data" / db).mkdir(parents=True)
        for name, text in tables.items():
            (tmp_path / "data" / db / name).write_text(text, encoding="utf-8")
    lines = [{"id": key, "db": db, "question": asked, "gold_rows": [["no"]]} for key, (db, asked, _, _) in ALL.items()]
    (tmp_path / "Q.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    return tmp_path


def evaluating(files: Path, *options: str) -> list[str]:
    given = ["--questions", str(files / "Q.jsonl"), "--data", str(files / "data"), "--out", str(files / "OUT.jsonl")]
    return ["evaluate", *given, *options]


def endpoint(upstream: ScriptedUpstream) -> dict[str, str]:
    return {"LLM_BASE_URL": upstream.base_url, "LLM_API_KEY": "s3cret"}


def command(files: Path, upstream: ScriptedUpstream, *options: str) -> subprocess.Popen[str]:
    """Begin it in a process of its own."""
    env = {name: value for name, value in os.environ.items() if name not in OURS}
    return subprocess.Popen(
        [sys.executable, "-m", "lib", *evaluating(files, *options)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", cwd=PROJECT,
        env=env | endpoint(upstream),
    )  # fmt: skip


def evaluate(files: Path, upstream: ScriptedUpstream, *options: str, status: int = 0) -> str:
    """Run it to its end; what it said on standard error."""
    done = bayan(*evaluating(files, *options), **endpoint(upstream))
    assert (done.returncode, done.stdout) == (status, ""), done.stderr
    assert "Traceback" not in done.stderr
    assert "s3cret" not in done.stderr
    return done.stderr


def answers(files: Path, name: str = "OUT.jsonl") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (files / name).read_text(encoding="utf-8").splitlines()]


def share(given: Sequence[dict[str, Any]]) -> float:
    right = [not one["error"] and same_rows(ALL[one["id"]][3], one["rows"]) for one in given]
    return sum(right) / len(right)


def test_every_question_gets_an_answer_object_and_databases_are_not_mixed(files: Path) -> None:
    (files / "data" / "zoo" / "broken.csv").write_bytes(b"")
    (files / "data" / "zoo" / ".hidden").write_bytes(b"x")
    with ScriptedUpstream(otherwise=replay) as upstream:
        said = evaluate(files, upstream)
    given = answers(files)
    assert [one["id"] for one in given] == [
        key for db in ("shop", "zoo") for key, (its, *_) in ALL.items() if its == db
    ]
    assert share(given) == 0.7
    assert share([one for one in given if one["id"] in RIGHT]) == 1.0
    keys = "id question standalone_question model_sql sql columns rows truncated warnings attempts prompt_tokens"
    assert set(keys.split()) | {"completion_tokens", "seconds", "error"} == set(given[0])
    failed = next(one for one in given if one["id"] == "s6")
    assert failed["error"]["code"]
    assert failed["rows"] == []
    assert said.count("broken.csv is empty.") == 1, "a database is loaded once"
    assert ".hidden" not in said
    assert "9 of 10 done, about " in said
    assert said.splitlines()[-1].startswith("10 of 10 done: 9 with rows, 1 failed; median ")


def test_a_model_call_that_fails_is_an_answer_and_a_refused_key_is_the_end(files: Path) -> None:
    with ScriptedUpstream([replay, failure(400, "odd"), replay, failure(401, "no")], otherwise=replay) as upstream:
        said = evaluate(files, upstream, "--limit", "5", status=1)
        assert [one["error"] is None for one in answers(files)] == [True, False, True]
        assert said.splitlines()[-2].startswith("3 of 5 done: 2 with rows, 1 failed")
        assert "key" in said.splitlines()[-1]
        said = evaluate(files, upstream, "--limit", "5", "--resume")
    assert len({one["id"] for one in answers(files)}) == 5
    assert said.splitlines()[-1].startswith("5 of 5 done, 3 answered before: 2 with rows, 0 failed")


@pytest.mark.parametrize(("end", "status"), [(signal.SIGKILL, -9), (signal.SIGINT, 130)], ids=["killed", "Ctrl+C"])
def test_a_run_goes_on_after_its_end(files: Path, end: signal.Signals, status: int) -> None:
    hold = Event()
    with ScriptedUpstream([replay, replay, (hold,)], otherwise=replay) as upstream:
        with command(files, upstream, "--limit", "5") as run:
            upstream.wait_for(3, 120)
            run.send_signal(end)
            assert run.wait(60) == status
            assert "Traceback" not in run.communicate()[1]
        first = answers(files)
        assert len(first) == 2
        with (files / "OUT.jsonl").open("a", encoding="utf-8") as out:
            out.write('{"id": "s3", "question": "Mean')
        evaluate(files, upstream, "--limit", "5", "--resume")
    assert answers(files)[:2] == first
    assert [one["id"] for one in answers(files)] == ["s1", "s2", "s3", "z1", "z2"]
    assert share(answers(files)) == 1.0


def test_workers_ask_at_once_and_limit_takes_the_first_lines(files: Path) -> None:
    (files / "OUT.jsonl").write_text('{"id": "earlier", "sql": ""}\n', encoding="utf-8")
    together = Event()

    def held(asked: Asked) -> Reply:
        return (together, *replay(asked))

    with ScriptedUpstream(otherwise=held) as upstream:
        with command(files, upstream, "--workers", "3", "--limit", "4") as run:
            upstream.wait_for(3, 120)
            together.set()
            assert run.wait(120) == 0
        assert len(upstream.posts) == 4
    assert {one["id"] for one in answers(files)} == {"s1", "z1", "s2", "z2"}
    assert answers(files, "OUT.jsonl.old")[0]["id"] == "earlier"


GOOD = '{"id": 1, "db": "shop", "question": "Why?"}'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{GOOD}\nno json\n", "Line 2 of Q.jsonl is no question"),
        (f"\n{GOOD}\n[]\n", "Line 3 of Q.jsonl is no question"),
        ('{"id": "a", "db": "shop"}', "Line 1"),
        ('{"id": true, "db": "shop", "question": "Why?"}', "Line 1"),
        (f"{GOOD}\n{GOOD}\n", "Line 2 of Q.jsonl has the id of line 1"),
        (GOOD.replace("shop", "../shop"), "cannot be the name of a database"),
        (GOOD.replace("shop", ".."), "cannot be the name of a database"),
        (GOOD.replace("shop", ""), "cannot be the name of a database"),
        (GOOD.replace("shop", "gone"), "no folder gone"),
        (GOOD.replace("shop", "empty"), "holds no files"),
    ],
)
def test_a_line_that_is_no_question_is_named(files: Path, text: str, said: str) -> None:
    (files / "data" / "empty").mkdir()
    (files / "Q.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=said):
        database_files(files / "data", [one.db for one in read_questions(files / "Q.jsonl")])


def test_what_cannot_begin_is_one_sentence_and_harms_no_file(files: Path) -> None:
    questions = (files / "Q.jsonl").read_bytes()
    with ScriptedUpstream() as upstream:
        said = evaluate(files, upstream, "--out", str(files / "Q.jsonl"), status=1)
        assert len(said.splitlines()) == 1
        assert "file of the questions" in said
        (files / "OUT.jsonl").write_text("something else\n", encoding="utf-8")
        assert "Line 1 of OUT.jsonl is no answer" in evaluate(files, upstream, "--resume", status=1)
        assert upstream.posts == []
    assert (files / "Q.jsonl").read_bytes() == questions
    assert (files / "OUT.jsonl").read_text(encoding="utf-8") == "something else\n"


@pytest.mark.parametrize(
    ("expected", "given", "same"),
    [
        ([[1, "a"], [2, "b"]], [["b", 2], ["a", 1]], True),
        ([[1, "a"], [2, "b"]], [["b", 1], ["a", 2]], False),
        ([[1], [1], [2]], [[1], [2], [2]], False),
        ([[1]], [[1], [1]], False),
        ([[1]], [[1, 1]], False),
        ([], [], True),
        ([], [[None]], False),
        ([[1]], [[1.0]], True),
        ([["2013"]], [[2013]], True),
        ([["007"]], [[7]], False),
        ([[0.1 + 0.2]], [[0.3]], True),
        ([[33.333333]], [[33.33333333]], True),
        ([[33.33]], [[33.3333]], False),
        ([[1000001]], [[1000002]], False),
        ([[1000000.4]], [[1000000]], True),
        ([[2**60]], [[2**60 + 1]], False),
        ([[None]], [[""]], True),
        ([[None]], [[0]], False),
        ([["2014-01-01"]], [["2014-01-01T00:00:00"]], True),
        ([["2014-01-01"]], [["2014-01-01T00:00:01"]], False),
        ([[True]], [[1]], True),
        ([["a "]], [["a"]], False),
        ([[[1, 2]]], [[[1, 2]]], True),
        ([["NaN"]], [["NaN"]], True),
        # Each column alone has the same values in both, but not beside each other.
        ([[0, 0, 1], [1, 1, 0]], [[0, 1, 0], [1, 0, 0]], False),
        ([[0, 1, 1], [1, 0, 1], [0, 1, 0]], [[1, 0, 1], [1, 1, 0], [0, 0, 1]], True),
        # The two numbers that are nearly equal sort differently beside the texts.
        ([[1.0000000001, "a"], [1.0, "b"]], [[1.0, "a"], [1.0000000001, "b"]], True),
        ([list(range(150))], [list(range(150))], True),
        ([list(range(150))], [list(range(149, -1, -1))], False),
    ],
)
def test_rows_are_the_same(expected: Rows, given: Rows, same: bool) -> None:
    assert same_rows(expected, given) is same
    assert same_rows(given, expected) is same


REFERENCES: dict[str, tuple[int, list[Any]]] = {
    "penguins-count": (1, [124]),
    "penguins-sex-unknown": (1, [11]),
    "penguins-mean-mass": (3, ["Adelie", pytest.approx(3700.6623)]),
    "penguins-heavy-species": (2, ["Chinstrap"]),
    "penguins-share-female": (1, [pytest.approx(49.54955)]),
    "weather-snow-days": (2, [2012, 21]),
    "weather-hottest": (1, ["2014-08-11", 35.6]),
    "weather-wet-month": (3, [2, pytest.approx(155.2)]),
    "weather-dry-warm": (1, [62]),
    "world-continents": (7, ["Africa", 58]),
    "world-no-capital": (6, ["Antarctica"]),
    "world-cities-of-countries": (5, ["Brazil", 383]),
    "world-without-city": (1, [15]),
    "world-euro-people": (1, [350480445]),
    "world-largest-city": (12, ["Argentina", "Buenos Aires"]),
    "flights-cancelled": (7, ["2013-07-01", 85]),
    "flights-late-airline": (1, ["Frontier Airlines Inc.", pytest.approx(43.416667)]),
    "flights-unknown-planes": (1, [943]),
    "flights-high-airports": (2, ["Albuquerque International Sunport", 7]),
    "flights-boeing": (3, ["Delta Air Lines Inc.", 419]),
}


def test_the_bundled_questions_have_known_rows() -> None:
    sources = [Source(path.name, path) for one in samples() for path in one.files]
    with Workspace.temporary(Settings()) as space, space.add(sources) as loading:
        assert loading.wait(60)
        lists = ", ".join(f"(SELECT list(given) FROM ({one.sql}) AS given)" for one in bundled())
        row: list[Any] = list(space.run(f"SELECT {lists}").rows()[0])  # one query: each starts a process
    found = {one.id: sorted(list(each.values()) for each in rows) for one, rows in zip(bundled(), row, strict=True)}
    assert {key: (len(rows), rows[0]) for key, rows in found.items()} == REFERENCES
    assert len({one.text for one in bundled()}) == 20
    assert {one.sample for one in bundled()} == {one.name for one in samples()}


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ScriptedUpstream]:
    """An endpoint that replays, and a home without anything in it."""
    for one in SETTINGS:
        monkeypatch.delenv(one.name.upper(), raising=False)
    monkeypatch.setenv("BAYAN_HOME", str(tmp_path / "home"))
    with ScriptedUpstream(otherwise=replay) as scripted:
        monkeypatch.setenv("LLM_BASE_URL", scripted.base_url)
        monkeypatch.setenv("LLM_API_KEY", scripted.key)
        yield scripted


def well(at: AppTest) -> AppTest:
    assert not at.exception
    return at


def page(name: str = "settings") -> AppTest:
    at = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60).run()
    return well(at.switch_page(f"pages/{name}.py").run())


def with_sales() -> AppTest:
    at = page("data")
    at.file_uploader[0].upload("sales.csv", SHOPS["sales.csv"].encode())
    well(at.run())
    return well(at.switch_page("pages/settings.py").run())


def click(at: AppTest, key: str) -> AppTest:
    return well(at.button(key=key).click().run())


def add(at: AppTest, text: str, sql: str) -> AppTest:
    """Write into the form, whether it is empty or holds a question, and save."""
    next(one for one in at.text_input if str(one.key).startswith("own-form")).set_value(text)
    next(one for one in at.text_area if str(one.key).startswith("own-form")).set_value(sql)
    (save,) = (one for one in at.button if one.label == "Save")
    return well(save.click().run())


def running(at: AppTest) -> Measuring:
    found = measuring.current(space_of(at))
    assert found is not None
    return found


def measure(at: AppTest, which: str) -> AppTest:
    click(at, f"measure-{which}")
    assert running(at).wait(120)
    return well(at.run())


def figures(at: AppTest) -> list[str]:
    limits = ("Requests in the last second", "At once", "Waiting")
    return [str(one.value) for one in at.metric if one.label not in limits]


def own(at: AppTest) -> list[str]:
    return [
        box.label.replace("\\", "")
        for box in at.expander
        if box.label != "How models are asked" and "badge" not in box.label
    ]


def verdicts(at: AppTest) -> list[str]:
    return [box.label for box in at.expander if "badge" in box.label]


def shown(at: AppTest) -> str:
    parts = [*at.main.markdown, *at.main.caption, *at.main.error, *at.main.warning, *at.main.code]
    return "\n".join(str(part.value) for part in parts).replace("\\", "")


def space_of(at: AppTest) -> Workspace:
    return cast(Workspace, at.session_state["bayan-tables"])


def with_questions() -> AppTest:
    """Two questions about the sales that the model answers rightly."""
    at = with_sales()
    for key in ("s1", "s2"):
        kept.put_question(space_of(at).folder, Question(key, ALL[key][1], ALL[key][2]))
    return well(at.run())


def test_own_questions_are_kept_measured_and_gone_with_the_workspace(
    upstream: ScriptedUpstream, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    at = add(with_sales(), "How many sales?", "SELECT cuont(*) FROM sales")
    assert "cuont" in at.error[0].value
    assert own(page()) == []
    add(at, "How many sales?", "SELECT count(*) FROM sales")
    assert "gives 1 row now" in shown(at)
    add(at, "All regions?", "SELECT 1")
    click(at, next(str(one.key) for one in at.button if str(one.key).startswith("own-edit")))
    assert at.text_input[-1].value == "How many sales?"
    add(at, "How many sales?", "SELECT 3.0 AS n")

    assert figures(measure(at, "own"))[::2] == ["50%", "0"]
    assert [label.split("]")[0] for label in verdicts(at)] == [":green-badge[right", ":red-badge[wrong"]
    assert {"SELECT 1", "SELECT region FROM sales"} <= {str(one.value) for one in at.code}

    monkeypatch.setenv("LLM_SQL_MODEL", "another/arctic-text2sql-model")
    monkeypatch.setenv("MAX_REPAIRS", "3")
    at = page()
    assert own(at) == ["How many sales?", "All regions?"]
    click(at, next(str(one.key) for one in at.button if str(one.key).startswith("own-delete")))
    assert figures(measure(at, "own"))[::2] == ["0%", "0"]
    listed = at.main.dataframe[0].value
    assert list(listed["model"]) == ["another/arctic-text2sql-model", "snowflake/arctic-text2sql-r1-7b"]
    assert list(listed["right"]) == ["0%", "50%"]
    assert list(listed["settings"]) == ["MAX_REPAIRS=3", "default settings"]

    assert upstream.key not in "".join(one.read_text() for one in (tmp_path / "home").rglob(kept.FILE))
    at.switch_page("pages/data.py").run()
    click(at, "forget")
    assert own(page()) == []
    assert not list((tmp_path / "home").rglob(kept.FILE))


def test_the_bundled_questions_can_be_stopped_and_what_is_done_stays(upstream: ScriptedUpstream) -> None:
    by_text = {one.text: one.sql for one in bundled()}
    second = Event()

    def known(asked: Asked) -> Reply:
        text = next(text for text in by_text if text in asked.raw.decode())
        return answer(f"```sql\n{by_text[text]}\n```")(asked)

    upstream.then(known, (second,))
    at = click(page(), "measure-bundled")
    upstream.wait_for(2, 120)
    well(at.run())
    assert at.get("progress")
    assert "Question 2 of 20 · 1 right so far · about" in at.get("progress")[0].proto.text
    assert "measure-bundled" not in [one.key for one in at.button]
    assert figures(at) == []
    click(page(), "stop-measuring")  # another tab of the same person
    assert running(at).wait(60)
    well(at.run())
    assert figures(at)[::2] == ["100%", "0"]
    assert "stopped after 1 of 20 questions" in shown(at)
    assert not at.error
    assert figures(page())[::2] == ["100%", "0"]


def test_a_refused_key_ends_the_measurement_with_a_sentence(upstream: ScriptedUpstream) -> None:
    upstream.then(replay, failure(401, "no"))
    at = measure(with_questions(), "own")
    assert "key" in at.error[0].value
    assert "stopped after 1 of 2 questions" in shown(at)


def test_an_expected_sql_that_fails_later_is_not_held_against_the_model(upstream: ScriptedUpstream) -> None:
    at = with_questions()
    space_of(at).rename_column("sales", "amount", "value")
    assert figures(measure(at, "own"))[0] == "100%"
    assert verdicts(at)[1].startswith(":gray-badge")
    assert "amount" in shown(at)


def test_visitors_do_not_see_each_others_questions(upstream: ScriptedUpstream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAYAN_SHARED", "1")
    ada, bob = measure(with_questions(), "own"), page()
    assert own(ada) == ["How many sales?", "Total by region?"]
    assert (own(bob.run()), figures(bob), verdicts(bob)) == ([], [], [])


def test_without_a_model_the_page_says_so(upstream: ScriptedUpstream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LLM_BASE_URL")
    monkeypatch.delenv("LLM_API_KEY")
    at = page()
    assert at.button(key="measure-bundled").disabled
    assert at.selectbox(key="model-place").value == "builtin"
    assert "built-in" in shown(at)
    assert "Nothing was measured yet" in shown(at)


def test_the_page_names_the_endpoint_and_no_secret(upstream: ScriptedUpstream) -> None:
    at = AppTest.from_file(str(PROJECT / "pages" / "settings.py"), default_timeout=60).run()
    assert len(well(at).sidebar.get("page_link")) == 5
    assert f"127.0.0.1:{upstream.port} (configured)" in at.selectbox(key="model-place").options
    assert upstream.key not in str(at.main)


MEASURED = Measurement(
    "m", "own", 1.0, "model", "host", (("MAX_REPAIRS", "1"),), 1, (Verdict("q", "s", "t", "right", 2.0),)
)
KEPT_QUESTION = Question("a", "Why?", "SELECT 1")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-9],
        lambda text: text.replace('"version": 1', '"version": 2'),
        lambda text: text.replace('"right"', '"great"'),
        lambda text: text.replace('"Why?"', "7"),
        lambda text: "[]",
        lambda text: "\x00",
    ],
)
def test_a_damaged_file_is_set_aside(tmp_path: Path, spoil: Callable[[str], str]) -> None:
    kept.put(tmp_path, MEASURED)
    kept.put_question(tmp_path, KEPT_QUESTION)
    assert kept.read(tmp_path) == kept.Kept((KEPT_QUESTION,), (MEASURED,))
    file = tmp_path / kept.FILE
    file.write_text(spoil(file.read_text()))
    assert "set aside" in kept.read(tmp_path).notice
    assert kept.read(tmp_path) == kept.Kept()
    assert len(list(tmp_path.glob(f"damaged-*{kept.FILE}"))) == 1


def test_only_the_last_measurements_are_kept(tmp_path: Path) -> None:
    for number in range(kept.MOST_MEASUREMENTS + 2):
        for which in ("own", "bundled"):
            kept.put(tmp_path, Measurement(f"{which}{number}", which, float(number), "model", "host", (), 1))
    names = [one.id for one in kept.read(tmp_path).measurements if one.which == "own"]
    assert names == ["own6", "own5", "own4", "own3", "own2"]
