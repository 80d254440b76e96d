"""A report as HTML, Markdown and SQL, and the proof in it: what is the same is confirmed, what is not is named."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lib.board import evidence, fingerprint
from lib.board.exhibit import Exhibit
from lib.board.whole import whole
from lib.charts.choose import choose
from lib.charts.spec import Spec
from lib.data.asked import finished
from lib.data.workspace import Source, Workspace
from lib.engine.result import Column, Result
from lib.errors import DataError
from lib.export.proof import CLOSES, OPENS, read_proof, rename_as_in, verify
from lib.export.report import MOST_BYTES, to_html
from lib.export.report_markdown import to_markdown
from lib.export.report_sql import to_sql
from lib.settings import Settings
from tests.command import bayan
from tests.reports import HOSTILE, hostile_answer, sample_files, sample_workspace, ten_answers

MADE = 1_790_000_000.0
PEOPLE = "name,city,paid\nAda,Oslo,10\nBob,Rome,NA\nCem,Oslo,12\n"


@pytest.fixture(scope="module")
def samples() -> Iterator[Workspace]:
    with sample_workspace() as space:
        yield space


@pytest.fixture(scope="module")
def ten(samples: Workspace) -> list[Exhibit]:
    return ten_answers(samples)


@pytest.fixture(scope="module")
def html(ten: list[Exhibit]) -> bytes:
    return to_html("Ten answers", ten, MADE)


@pytest.fixture(scope="module")
def people() -> Iterator[Workspace]:
    """A workspace whose one table no test changes."""
    with Workspace.temporary(Settings()) as space:
        load(space, **{"people.csv": PEOPLE})
        yield space


@pytest.fixture
def space() -> Iterator[Workspace]:
    """The same for a test that changes it."""
    with Workspace.temporary(Settings()) as space:
        load(space, **{"people.csv": PEOPLE})
        yield space


def load(space: Workspace, **files: str) -> None:
    with space.add([Source(name, text.encode()) for name, text in files.items()]) as loading:
        loading.wait()
    assert not loading.errors


def answer(space: Workspace, sql: str, max_rows: int | None = None, **rest: Any) -> Exhibit:
    result = space.run(sql, max_rows=max_rows)
    spec = choose("", result.columns, result.rows())
    return evidence.exhibit("What?", sql, result, rest.pop("spec", spec), space, **rest)


class _Elements(HTMLParser):
    """The elements of a page, each with its attributes."""

    def __init__(self, html: bytes) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def without_scripts(html: bytes) -> str:
    return re.sub(r"<(script|style).*?</\1>", "", html.decode(), flags=re.DOTALL)


def test_ten_answers_fit_into_six_megabytes_and_ask_for_nothing(html: bytes) -> None:
    assert len(html) <= MOST_BYTES
    assert html.count(b"plotly.js v") == 1
    elements = _Elements(html).found
    assert not [one for one in elements if one[0] in ("link", "iframe", "img", "object", "embed", "base", "form")]
    assert not [attrs for _, attrs in elements if {"src", "srcset", "style", "onclick", "onload"} & attrs.keys()]
    assert all((attrs.get("href") or "#").startswith("#") for _, attrs in elements)
    policy = next(attrs["content"] for tag, attrs in elements if attrs.get("http-equiv"))
    assert policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_a_reader_finds_question_chart_table_sql_checks_and_evidence(html: bytes, ten: list[Exhibit]) -> None:
    text = unescape(without_scripts(html))
    for one in ten:
        assert one.question in text
        assert one.sql in text
        assert all(mark.fingerprint in text for mark in one.tables)
    assert text.count("<h1") == 1
    assert text.count('<th scope="col"') == sum(len(one.result.columns) for one in ten)
    assert "Bar chart of population by city; 15 rows. Largest population: 24,874,500 (Shanghai)." in text
    assert "First 200 of 5,981 rows." in text
    assert "of 6,192 rows." in text
    assert "found nothing to question" in text
    assert "DuckDB 2." in text
    assert 'In 2 rows "sex" is missing' in text


def test_wide_long_and_odd_results_are_cut_and_said_to_be(people: Workspace) -> None:
    wide = answer(people, f"SELECT {', '.join(f'{n} AS c{n}' for n in range(150))} FROM range(300)")
    odd = answer(
        people,
        """SELECT repeat('x', 400) AS t, 12345678901234567890.123456789::DECIMAL(38, 9) AS d, NULL AS nothing,
        INTERVAL 1 MONTH AS i, 'a'::BLOB AS b, [1, NULL] AS l, 'inf'::DOUBLE AS f, 2024 AS year""",
        spec=Spec("table"),
    )
    text = without_scripts(to_html("Odd", [wide, odd], MADE))
    assert re.search(r"First \d+ of 300 rows; first 100 of 150 columns.", text)
    assert "1 row; 1 long cell cut." in text
    assert "12,345,678,901,234,567,890.123456789" in text
    assert ">2024<" in text
    assert "<i>missing</i>" in text


def test_more_points_than_fit_are_thinned_and_said_to_be(people: Workspace) -> None:
    many = answer(
        people,
        "SELECT (random() * 1e6) AS a, random() AS b FROM range(4000)",
        spec=Spec("scatter", x=0, y=(1,)),
    )
    html = to_html("Many", [many] * 10, MADE)
    assert len(html) <= MOST_BYTES
    assert re.search(r"Drawn from one row in \d+: [\d,]+ of 4,000.", html.decode())


def test_the_chart_of_a_cut_result_is_drawn_from_all_rows(space: Workspace) -> None:
    load(space, **{"t.csv": "g,v\n" + "".join(f"{'ab'[n % 2]},{n}\n" for n in range(1_000))})
    cut = answer(space, "SELECT g, v FROM t", max_rows=10)
    spec = Spec("bar", x=0, y=(1,), aggregate="sum")
    whole_chart = replace(cut, spec=spec, reduced=finished(whole(spec, cut.sql, cut.result, space)))
    text = without_scripts(to_html("t", [whole_chart], 0.0))
    assert "All 1,000 rows are in it" in text
    assert "Drawn from the first" not in text
    assert "Drawn from the first 10 rows only" in without_scripts(to_html("t", [replace(cut, spec=spec)], 0.0))


def test_the_proof_holds_on_the_same_tables(html: bytes, samples: Workspace) -> None:
    verdicts = list(verify(read_proof(html), samples))
    assert [one.outcome for one in verdicts] == ["same"] * 10
    assert verdicts[0].says == "The same 7 rows."
    assert verdicts[8].says == "The same first 1,000 rows of 6,192 rows."


def checked(exhibit: Exhibit, space: Workspace) -> tuple[str, str]:
    (verdict,) = verify(read_proof(to_html("One", [exhibit], MADE)), space)
    return verdict.outcome, verdict.says


BY_CITY = "SELECT city, count(*) AS n FROM people GROUP BY 1"
OTHER_SQL: dict[str, tuple[str, str, str]] = {
    "another value": (
        "SELECT city, count(*) + 1 AS n FROM people GROUP BY 1", "differs", 'Other values in "n".',
    ),
    "other rows of the same values": (
        "SELECT * FROM (VALUES ('Oslo', 1::BIGINT), ('Rome', 2)) AS t(city, n)",
        "differs", "The same values in every column, but together in other rows.",
    ),
    "a row less": (
        "SELECT city, count(*) AS n FROM people GROUP BY 1 LIMIT 1", "differs", "It has 1 row instead of 2 rows.",
    ),
    "rows more": (
        "SELECT city, 1::BIGINT AS n FROM people", "differs", "It has 3 rows instead of 2 rows.",
    ),
    "another column": (
        "SELECT city FROM people", "differs", 'It has other columns: "city" (VARCHAR).',
    ),
    "SQL that may not run": (
        "COPY people TO '/tmp/x'", "refused", "Only one SELECT",
    ),
    "SQL that fails": (
        "SELECT nothing FROM people", "failed", "nothing",
    ),
}  # fmt: skip
OTHER_TABLES: dict[str, tuple[Callable[[Workspace], object], str, str]] = {
    "a table that is gone": (
        lambda space: space.drop("people"), "table", 'This table is not here: "people" (from people.csv).',
    ),
    "a table with other values": (
        lambda space: space.change_type("people", "city", "DOUBLE"),
        "table", 'The table "people" has changed since.',
    ),
    "a table with another column that the answer does not read": (
        lambda space: space.change_type("people", "paid", "VARCHAR"),
        "same", 'The same 2 rows. The table "people" has changed since.',
    ),
}  # fmt: skip


@pytest.mark.parametrize(("sql", "outcome", "says"), OTHER_SQL.values(), ids=OTHER_SQL.keys())
def test_what_differs_is_named(people: Workspace, sql: str, outcome: str, says: str) -> None:
    found, said = checked(replace(answer(people, BY_CITY), sql=sql), people)
    assert found == outcome
    assert says in said


@pytest.mark.parametrize(("change", "outcome", "says"), OTHER_TABLES.values(), ids=OTHER_TABLES.keys())
def test_what_differs_in_the_tables_is_named(
    space: Workspace, change: Callable[[Workspace], object], outcome: str, says: str
) -> None:
    one = answer(space, BY_CITY)
    change(space)
    found, said = checked(one, space)
    assert found == outcome
    assert says in said


def test_rows_without_an_order_are_counted_and_not_called_wrong(people: Workspace) -> None:
    one = answer(people, "SELECT random() AS r FROM range(50)", max_rows=10)
    outcome, says = checked(one, people)
    assert outcome == "counted"
    assert says.startswith("As many rows: 50 rows.")
    more = replace(one, sql="SELECT random() AS r FROM range(60)")
    assert checked(more, people) == ("differs", "It has 60 rows instead of 50 rows.")


def test_a_table_too_large_for_a_fingerprint_is_told_by_its_rows(people: Workspace) -> None:
    one = answer(people, BY_CITY)
    (mark,) = one.tables
    large = replace(one, tables=(replace(mark, fingerprint=""),))
    assert "no fingerprint" in to_html("One", [large], MADE).decode()
    assert checked(large, people) == ("same", "The same 2 rows.")
    larger = replace(one, tables=(replace(mark, fingerprint="", rows=5),))
    assert checked(larger, people)[1].endswith('The table "people" has changed since: 5 rows then, 3 now.')


def test_a_renamed_table_is_known_by_its_content(space: Workspace) -> None:
    space.rename_table("people", "staff")
    proof = read_proof(to_html("One", [answer(space, "SELECT count(*) FROM staff")], MADE))
    with Workspace.temporary(Settings()) as fresh:
        load(fresh, **{"people.csv": PEOPLE})
        rename_as_in(proof, fresh)
        assert [one.outcome for one in verify(proof, fresh)] == ["same"]


GOOD: dict[str, Any] = {"format": 1, "title": "", "made": 1.0, "answers": []}
CLAIM = {
    "heading": "", "question": "", "sql": "", "columns": [], "rows": 0, "total": 0, "fingerprint": "", "engine": "",
    "model": "", "read": 0.0, "tables": [],
}  # fmt: skip
DAMAGED = {
    "nothing": b"",
    "a whole disk": bytes(65 << 20),
    "another page": b"<html><script type='application/json'>{}</script>",
    "no end": OPENS.encode() + b"{}",
    "no JSON": OPENS.encode() + b"{" + CLOSES.encode(),
    "deep JSON": OPENS.encode() + b"[" * 200_000 + CLOSES.encode(),
    "no object": OPENS.encode() + b"[1]" + CLOSES.encode(),
    "no UTF-8": OPENS.encode() + b'{"format": "\xff"}' + CLOSES.encode(),
    **{
        name: f"{OPENS}{json.dumps(given)}{CLOSES}".encode()
        for name, given in {
            "a later format": GOOD | {"format": 99},
            "answers that are none": GOOD | {"answers": [1]},
            "a text for a number": GOOD | {"made": "now"},
            "a number beyond all": GOOD | {"made": 10**400},
            "a number that is none": GOOD | {"made": float("nan")},
            "SQL that is no text": GOOD | {"answers": [CLAIM | {"sql": 1}]},
            "half a character": GOOD | {"answers": [CLAIM | {"sql": "\ud800"}]},
            "a negative count": GOOD | {"answers": [CLAIM | {"rows": -1}]},
            "columns of another shape": GOOD | {"answers": [CLAIM | {"columns": [["a"]]}]},
            "a table without a name": GOOD | {"answers": [CLAIM | {"tables": [{}]}]},
        }.items()
    },
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED.keys())
def test_what_is_no_report_is_refused_in_one_sentence(data: bytes) -> None:
    with pytest.raises(DataError):
        read_proof(data)


def test_text_stays_text_in_every_form(samples: Workspace) -> None:
    one = hostile_answer(samples)
    html = to_html(HOSTILE, [one], MADE)
    tags = {tag for tag, _ in _Elements(html).found}
    assert not tags & {"img", "b"}
    assert html.count(b"<h1") == 1
    assert len(re.findall(rb"<script", html.replace(b"plotly.js", b""))) == html.count(b"</script>")
    assert read_proof(html).answers[0].sql == one.sql
    markdown = to_markdown(HOSTILE, [one], MADE).decode()
    beside_code = re.sub(r"`{3,}sql\n.*?\n`{3,}", "", markdown, flags=re.DOTALL)
    assert not re.search(r"(?<!\\)[<>*\[\]`]", beside_code)
    script = to_sql(HOSTILE, [one], MADE).decode()
    assert [each.type.name for each in duckdb.extract_statements(script)] == ["CREATE", "SELECT"]


def test_markdown_shows_every_answer(ten: list[Exhibit]) -> None:
    from markdown_it import MarkdownIt

    text = to_markdown("Ten answers", ten, MADE).decode()
    assert "First 50 of 5,981 rows." in text
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    kinds = [one.type for one in tokens]
    assert kinds.count("table_open") == 10
    assert [one.content for one in tokens if one.type == "fence"] == [f"{one.sql}\n" for one in ten]


def test_the_script_gives_the_same_rows_in_duckdb(ten: list[Exhibit], tmp_path: Path) -> None:
    for file in sample_files():
        shutil.copy(file, tmp_path)
    _assert_same_rows(to_sql("Ten", ten, MADE), ten, tmp_path)


def test_the_script_reads_marks_dates_strange_names_and_downloads(tmp_path: Path) -> None:
    files = {
        "it's; odd.csv": 'day,"a ""b"", c",n,t\n2024-01-02,x,1,2024-01-01T10:00\n2024-01-03,NA,n/a,\n',
        "prices.csv": 'item,price\na,"1,234.50"\nb,"2,000.00"\n',
    }
    with Workspace.temporary(Settings()) as space:
        load(space, **files)
        exhibits = [answer(space, f'SELECT * FROM "{one.name}"; -- all') for one in space.tables]
        for name, text in files.items():
            (tmp_path / name).write_text(text)
        space.export("prices", "parquet", tmp_path / "prices.parquet")
        script = to_sql("Two\n.shell rm -rf /\r; DROP", exhibits, MADE)
    assert b"Download Parquet" in script
    _assert_same_rows(script, exhibits, tmp_path)


def _assert_same_rows(script: bytes, exhibits: list[Exhibit], folder: Path) -> None:
    """Run the script in a DuckDB without Bayan, with the files as the working folder."""
    with duckdb.connect(config={"file_search_path": str(folder)}) as con:
        con.execute("SET TimeZone = 'UTC'")
        found = []
        for statement in con.extract_statements(script.decode()):
            if statement.type.name != "SELECT":
                con.execute(statement)
                continue
            relation = con.sql(statement.query)
            columns = tuple(Column(*each) for each in zip(relation.columns, map(str, relation.types), strict=True))
            found.append(Result(columns, relation.to_arrow_table(), False, None, 0.0))
    assert len(found) == len(exhibits)
    for one, result in zip(exhibits, found, strict=True):
        if not one.result.truncated:
            assert fingerprint.of_result(result) == fingerprint.of_result(one.result), one.heading


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "COPY (SELECT 1) TO 'out.csv'",
        "SELECT 1; DROP TABLE people",
        "SELECT $$;\n.shell touch owned\n$$ FROM people",
        "SELECT 1 AS a\n#x\nFROM people",
    ],
)
def test_the_script_runs_nothing_that_the_engine_would_not(people: Workspace, sql: str) -> None:
    one = replace(answer(people, "SELECT 1 FROM people"), sql=sql)
    script = to_sql("One", [one], MADE).decode()
    assert [each.type.name for each in duckdb.extract_statements(script)] == ["CREATE", "CREATE"]
    assert not any(line.startswith((".", "#")) for line in script.splitlines())


def test_the_command_line_checks_a_report_on_its_files(people: Workspace, tmp_path: Path) -> None:
    report, file = tmp_path / "report.html", tmp_path / "people.csv"
    paid = "SELECT city, sum(paid) AS paid FROM people GROUP BY 1"
    exhibits = [answer(people, paid), answer(people, "SELECT 1 AS a")]
    report.write_bytes(to_html("Two", exhibits, MADE))
    file.write_text(PEOPLE)
    done = bayan("report", "--check", str(report), str(file))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["1. What?: same. The same 2 rows.", "2. What?: same. The same 1 row."]
    file.write_text(PEOPLE.replace("12", "13"))
    done = bayan("report", "--check", str(report), str(file))
    assert done.returncode == 1
    assert done.stdout.splitlines()[0] == (
        '1. What?: table. Other values in "paid". The table "people" has changed since.'
    )
    assert done.stderr.endswith("1 of 2 answers cannot be confirmed.\n")


def test_the_command_line_writes_the_report_of_a_board(tmp_path: Path) -> None:
    board = pytest.importorskip("lib.board.board")
    folder = tmp_path / "workspace"
    with Workspace.open(folder, Settings()) as space:
        load(space, **{"people.csv": PEOPLE})
        board.pin(folder, answer(space, "SELECT city, count(*) AS n FROM people GROUP BY 1"))
        for ending, start in ((".html", "<!doctype html>"), (".md", "# Staff\n"), (".sql", "-- Staff\n")):
            out = tmp_path / f"report{ending}"
            done = bayan("report", "--workspace", str(folder), "--out", str(out), "--title", "Staff")
            assert done.returncode == 0, done.stderr
            assert out.read_text(encoding="utf-8").startswith(start)
        assert [one.outcome for one in verify(read_proof((tmp_path / "report.html").read_bytes()), space)] == ["same"]


@pytest.mark.parametrize(
    "arguments", [(), ("--out", "x.pdf"), ("--check", "x.html"), ("--out", "x.html", "file.csv")], ids=" ".join
)
def test_the_command_line_names_wrong_usage(arguments: tuple[str, ...]) -> None:
    done = bayan("report", *arguments)
    assert done.returncode == 2
    assert "usage:" in done.stderr
