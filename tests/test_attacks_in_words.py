"""Hostile names, cells, questions and answers of models: told as text, run only through the gate, drawn as they are."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.asking.answer import Answer
from lib.asking.ask import SqlModel, ask
from lib.board import board, evidence
from lib.board.exhibit import Exhibit
from lib.data.workspace import Source, Workspace
from lib.engine.types import quoted
from lib.errors import AppError
from lib.export.report import to_html
from lib.export.report_markdown import to_markdown
from lib.export.result_csv import to_csv
from lib.export.result_xlsx import to_xlsx
from lib.llm.client import Client
from lib.llm.scripted import ScriptedUpstream, answer
from lib.settings import PROJECT, SETTINGS, Settings
from lib.ui.inert import prose
from tests.attacks import folders, names, prompts
from tests.attacks.sql_duckdb import written
from tests.boards import SALES
from tests.hostile import HOST
from tests.inertness import acting
from tests.test_inert import targets

SECRET = "hunter2"
HIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)
SQL_MODEL = "snowflake/arctic-text2sql-r1-7b"
FORMULA = re.compile(r"[=+\-@|＝＋－＠\t\r]")


def loaded(space: Workspace, **files: bytes) -> None:
    with space.add([Source(f"{name}.csv", data) for name, data in files.items()]) as loading:
        assert loading.wait(60)
    assert not loading.errors


def asked(space: Workspace, upstream: ScriptedUpstream, question: str, **how: Any) -> Answer | AppError:
    """The answer, where the model may try once."""
    model = SqlModel.at(Client(upstream.endpoint(), Settings()), SQL_MODEL)
    last: Answer | AppError = AppError("No answer.")
    try:
        for step in ask(question, space, model, 0, checked=False, **how):
            last = step if isinstance(step, Answer) else last
    except AppError as e:
        return e
    return last


# Names and cells


def sheet() -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([names.COLUMNS.values(), names.COLUMNS.values(), names.COLUMNS.values()])
    return out.getvalue().encode("utf-8", "replace")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("above") / "home"


@pytest.fixture(scope="module")
def named(home: Path) -> Iterator[Workspace]:
    """A workspace whose one table has every hostile text as a column, and as a cell in it."""
    with Workspace.open(home / "workspace", Settings()) as space:
        loaded(space, named=sheet())
        yield space


def everything(space: Workspace) -> str:
    (table,) = space.tables
    return f"SELECT {', '.join(quoted(one.name) for one in table.columns)} FROM named"


def pinned(space: Workspace) -> Exhibit:
    sql = f"{everything(space)} -- </script><img src=x>"
    result = space.run(sql)
    label = names.COLUMNS["shape: image that fails"]
    from lib.charts.spec import Spec

    return evidence.exhibit(label, sql, result, Spec("table"), space, model=label, title=label, note=label)


def test_no_file_name_is_a_path(tmp_path: Path) -> None:
    folder = tmp_path / "above" / "workspace"
    with Workspace.open(folder, Settings()) as space:
        with space.add([Source(name, b"a,b\n1,2\n") for name in names.FILES.values()]) as loading:
            assert loading.wait(60)
        assert loading.errors == ()
        assert len(space.tables) == len(names.FILES)
        assert [one.name for one in space.tables if not re.fullmatch(r"[^\W\d]\w{0,59}", one.name)] == []
        assert [
            one.file for one in space.tables if HIDDEN.search(one.file) or "/" in one.file or "\\" in one.file
        ] == []
        kept = [one.name for one in (folder / "files").iterdir()]
        assert [one for one in kept if not re.fullmatch(r"\d+-[\w.-]{0,120}", one)] == []
        total = " + ".join(f"(SELECT sum(a) FROM {quoted(one.name)})" for one in space.tables)
        assert space.run(f"SELECT {total}").rows() == [[len(names.FILES)]]
    with Workspace.open(folder, Settings()) as again:
        assert len(again.tables) == len(names.FILES)
    assert [one.name for one in tmp_path.rglob("*") if "evil" in one.name and not one.is_relative_to(folder)] == []


def test_a_name_is_one_name_in_sql_and_a_cell_one_cell(named: Workspace) -> None:
    (table,) = named.tables
    shown = [one.name for one in table.columns]
    assert len({one.casefold() for one in shown}) == len(names.COLUMNS)
    assert [one for one in shown if HIDDEN.search(one)] == []
    result = named.run(everything(named))
    assert [one.name for one in result.columns] == shown
    assert result.table.num_rows == 2
    assert result.rows()[0].count("=1+1") == 1


def test_no_name_ends_the_prompt_that_it_stands_in(named: Workspace) -> None:
    with ScriptedUpstream(otherwise=answer("```sql\nSELECT 1 AS one\n```")) as upstream:
        asked(named, upstream, "How many rows are there?")
        (sent,) = upstream.posts
    prompt = sent.body["prompt"]
    assert prompt.count("<|im_start|>") == 3
    assert prompt.count("<|im_end|>") == 2
    assert HIDDEN.findall(prompt) == []
    assert not re.search(r"^\s*(DROP|#|```sql\s*DROP)", prompt, re.MULTILINE)


def test_no_file_that_goes_out_holds_a_formula(named: Workspace) -> None:
    result = named.run(everything(named))
    rows = list(csv.reader(io.StringIO(to_csv(result).decode("utf-8-sig"), newline="")))
    assert [one for row in rows for one in row if FORMULA.match(one.lstrip(" \"'`")) and not one.startswith("'")] == []
    with zipfile.ZipFile(io.BytesIO(to_xlsx(result, [(one, one) for one in names.COLUMNS.values()]))) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    assert [name for name, part in parts.items() if b"<f>" in part or b"<hyperlink" in part] == []
    assert [name for name in parts if "external" in name or "vba" in name] == []


class _Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_a_report_only_shows_them(named: Workspace) -> None:
    exhibit = pinned(named)
    tags = _Tags(to_html(exhibit.heading, [exhibit], 1.0).decode()).found
    acts = {"img", "iframe", "object", "embed", "base", "form", "link", "svg", "video", "audio", "input", "math"}
    assert [tag for tag, _ in tags if tag in acts] == []
    assert [
        one for _, attrs in tags for one in attrs if one.startswith("on") or one in ("src", "srcset", "style")
    ] == []
    assert [attrs["href"] for _, attrs in tags if not (attrs.get("href") or "#").startswith("#")] == []
    assert targets(to_markdown(exhibit.heading, [exhibit], 1.0).decode()) == []


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for one in SETTINGS:
        monkeypatch.delenv(one.name.upper(), raising=False)


@pytest.mark.usefixtures("clean_environment")
def test_pages_only_show_them(home: Path, named: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    board.pin(named.folder, pinned(named))
    turns = {
        f"reply {at}": {**folders.chat(answer=one), "id": one[:60]} for at, one in enumerate(prompts.REPLIES.values())
    }
    assert named.history
    named.close()
    folders.put_turns(named.folder, turns)
    monkeypatch.setenv("BAYAN_HOME", str(home))
    for page in ("ask", "data", "board", "chat"):
        at = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60).run()
        at.switch_page(f"pages/{page}.py").run()
        assert not at.exception
        assert acting(at, HOST) + acting(at, "alert(1)") == []


# Words to the model and from it


@pytest.fixture(scope="module")
def space() -> Iterator[Workspace]:
    with Workspace.temporary(Settings()) as made:
        rows = "".join(f"{at},{_cell(one)}\n" for at, one in enumerate(prompts.CELLS.values()))
        loaded(made, sales=SALES, notes=f"id,note\n{rows}".encode())
        yield made


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


@pytest.fixture
def fence(tmp_path: Path, space: Workspace) -> Iterator[tuple[str, str]]:
    """A file that may not be read, and a path where none may appear; the tables stay as they are."""
    file = tmp_path / "secret.csv"
    file.write_text(f"a\n{SECRET}\n", encoding="utf-8")
    yield str(file), str(tmp_path / "new")
    assert file.read_text(encoding="utf-8") == f"a\n{SECRET}\n"
    assert [one.name for one in tmp_path.iterdir()] == ["secret.csv"]
    assert space.run("SELECT (SELECT count(*) FROM sales), (SELECT count(*) FROM notes)").rows() == [
        [3, len(prompts.CELLS)]
    ]


def test_what_a_turned_model_writes_meets_the_gate(space: Workspace, fence: tuple[str, str]) -> None:
    for name, text in prompts.ANSWERS.items():
        with ScriptedUpstream(otherwise=answer(written(text, *fence))) as upstream:
            got = asked(space, upstream, "What is the total amount?")
        assert SECRET not in str(got), name
        if isinstance(got, Answer) and got.result is not None:
            assert name in ("an honest answer, then another", "a name that acts", "cells that act"), name


def test_no_question_and_no_cell_gives_a_model_more_than_the_gate_lets_through(
    space: Workspace, fence: tuple[str, str]
) -> None:
    obeys = answer(written("```sql\nCOPY (SELECT content FROM read_text('{file}')) TO '{new}'\n```", *fence))
    with ScriptedUpstream(otherwise=obeys) as upstream:
        for name, question in prompts.QUESTIONS.items():
            got = asked(space, upstream, question)
            assert not (isinstance(got, Answer) and got.result), name
        assert [one for one in upstream.posts if one.body["prompt"].count("<|im_start|>") != 3] == []
        assert "never-told" not in "".join(one.raw.decode() for one in upstream.posts)


def test_with_names_only_no_cell_says_anything_to_a_model(space: Workspace) -> None:
    with ScriptedUpstream(otherwise=answer("```sql\nSELECT 1 AS one\n```")) as upstream:
        asked(space, upstream, "Which notes are there?", names_only=True)
        private = upstream.posts[-1].body["prompt"]
        asked(space, upstream, "Which notes are there?")
        told = upstream.posts[-1].body["prompt"]
    assert [name for name, one in prompts.CELLS.items() if one[:12] in private] == []
    for prompt in (private, told):
        assert prompt.count("<|im_start|>") == 3
        assert "DROP TABLE" not in "".join(re.findall(r"^\s*DROP.*$", prompt, re.MULTILINE))


@pytest.mark.parametrize("text", prompts.REPLIES.values(), ids=prompts.REPLIES)
def test_a_reply_only_says_what_it_says(text: str) -> None:
    drawn = prose(text)
    assert targets(drawn) == []
    assert not re.search(r"(?<!\\):[a-z-]+(\[|/)", re.sub(r"```.*?```|`[^`]*`|https?:\S*", "", drawn, flags=re.DOTALL))
