"""`python -m lib` as a script would use it: standard output, standard error, exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lib.llm.scripted import ScriptedUpstream, failure
from lib.llm.scripted import answer as scripted_answer
from tests.command import bayan, bayan_process

CITIES = "city,country,people,founded\nOslo,NO,709037,1048-01-01\nRome,IT,2755309,\nBergen,NO,291940,1070-05-03\n"


@pytest.fixture
def cities(tmp_path: Path) -> str:
    file = tmp_path / "Big Cities.csv"
    file.write_text(CITIES, encoding="utf-8")
    return str(file)


def lines(done: subprocess.CompletedProcess[str], status: int = 0) -> list[dict[str, Any]]:
    assert done.returncode == status, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_load_reports_each_table(cities: str) -> None:
    (report,) = lines(bayan_process("load", cities, "--json"))
    assert report["table"] == "big_cities"
    assert report["file"] == "Big Cities.csv"
    assert (report["rows_in_file"], report["rows_loaded"], report["rejected"]) == (3, 3, [])
    assert [(c["name"], c["type"], c["original_name"]) for c in report["columns"]] == [
        ("city", "VARCHAR", "city"),
        ("country", "VARCHAR", "country"),
        ("people", "BIGINT", "people"),
        ("founded", "DATE", "founded"),
    ]


def test_load_reports_what_it_could_read_and_fails_for_the_rest(cities: str, tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    done = bayan_process("load", str(empty), cities, str(tmp_path / "gone.csv"), "--json")
    assert [report["table"] for report in lines(done, status=1)] == ["big_cities"]
    assert "gone.csv" in done.stderr
    assert "empty.csv is empty." in done.stderr
    assert "Traceback" not in done.stderr


def test_run_gives_json_values(cities: str) -> None:
    sql = "SELECT city, people, founded, people / 2.0 AS half, [1, 2] AS list FROM big_cities ORDER BY people LIMIT 1"
    (result,) = lines(bayan("run", cities, "--sql", sql, "--json"))
    assert [c["type"] for c in result["columns"]][:3] == ["VARCHAR", "BIGINT", "DATE"]
    assert result["rows"] == [["Bergen", 291940, "1070-05-03", 145970.0, [1, 2]]]
    assert result["truncated"] is False
    assert result["seconds"] >= 0


def test_run_reads_standard_input_and_prints_a_table(cities: str) -> None:
    done = bayan(
        "run", cities, "--sql", "-", stdin="SELECT country, count(*) AS n FROM big_cities GROUP BY 1 ORDER BY 2"
    )
    assert done.stdout.splitlines() == ["country  n", "-------  -", "IT       1", "NO       2"]


def test_run_says_that_rows_were_cut(cities: str) -> None:
    done = bayan("run", cities, "--sql", "FROM range(50)", "--max-rows", "3")
    assert "First 3 of 50 rows." in done.stderr


def test_batch_answers_in_order_and_goes_on_after_errors(cities: str) -> None:
    requests = [
        {"id": "a", "sql": "SELECT count(*) FROM big_cities"},
        {"id": "b", "sql": "DROP TABLE big_cities"},
        {"id": "c", "sql": "SELECT nothing FROM big_cities"},
        {"id": "d", "sql": "SELECT count(*) FROM big_cities"},
    ]
    text = "\n".join(map(json.dumps, requests)) + '\nno json\n{"id": "e"}\n{"id": "\\ud800", "sql": "SELECT 1"}\n'
    answers = lines(bayan_process("run", cities, "--batch", stdin=text))
    assert [answer["id"] for answer in answers] == ["a", "b", "c", "d", None, "e", "\ud800"]
    assert [answer["error"] is None for answer in answers] == [True, False, False, True, False, False, True]
    assert answers[0]["rows"] == answers[3]["rows"] == [[3]]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["load", "no/such/file.csv"], "no/such/file.csv"),
        (["run", "{cities}", "--sql", "SELECT * FROM read_text('/etc/passwd')"], "read_text"),
        (["run", "{cities}", "--sql", "SELECT sum(range) FROM range(100000000000)", "--timeout", "0.5"], "0.5"),
        (["ask", "{cities}", " "], "empty"),
    ],
    ids=["missing file", "refused SQL", "time limit", "empty question"],
)
def test_failed_work_is_one_sentence_and_status_1(arguments: list[str], said: str, cities: str) -> None:
    done = bayan(*(argument.replace("{cities}", cities) for argument in arguments), LLM_BASE_URL="http://127.0.0.1:9")
    assert done.returncode == 1
    assert done.stdout == ""
    assert said in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments", [[], ["run", "x.csv"], ["model", "eat"], ["run", "x", "--sql", "s", "--max-rows", "0"]]
)
def test_wrong_usage_is_status_2(arguments: list[str]) -> None:
    assert bayan(*arguments).returncode == 2


REGIONS: dict[str, Any] = {"columns": [{"name": "region", "type": "VARCHAR"}, {"name": "n", "type": "BIGINT"}],
           "rows": [["N", 4], ["E", 1], ["S", 3]]}  # fmt: skip


def test_chart_answers_in_order_and_goes_on_after_lines_that_are_no_request() -> None:
    requests: list[Any] = [
        {"id": "a", "question": "How many?", **REGIONS},
        {"id": 2, "question": "as a pie chart", **REGIONS},
        {"id": "c", "question": "no columns", "rows": []},
        {"id": "d", "question": "short row", **REGIONS, "rows": [["N"]]},
        ["no object"],
        {"id": "\ud800", "question": "", "columns": [], "rows": []},
    ]
    answers = lines(bayan("chart", "--json", stdin="\n".join(map(json.dumps, requests)) + "\nno json\n\n"))
    assert [one["id"] for one in answers] == ["a", 2, "c", "d", None, "\ud800", None]
    assert answers[0] == {
        "id": "a", "kind": "bar", "x": "region", "y": ["n"], "color": None,
        "reason": "Shows n for each region.", "alternatives": ["pie", "table"],
    }  # fmt: skip
    assert (answers[1]["kind"], answers[1]["alternatives"][0]) == ("pie", "bar")
    assert ["error" in one for one in answers] == [False, False, True, True, True, False, True]
    assert answers[5]["kind"] == "table"


def test_chart_prints_a_line_for_each_result() -> None:
    hostile = {**REGIONS, "columns": [{"name": "two\nlines\x1b[2J", "type": "VARCHAR"}, REGIONS["columns"][1]]}
    requests = [{"id": "a", "question": "", **REGIONS}, {"id": "b", "question": "", **hostile}, 7]
    done = bayan("chart", stdin="\n".join(map(json.dumps, requests)))
    first, second, third = done.stdout.splitlines()
    assert first == '"a"  bar  x="region"  y="n"'
    assert second == '"b"  bar  x="two\\nlines\\u001b[2J"  y="n"'
    assert third.startswith("null  This line is no JSON object")


def test_models_lists_id_context_and_role() -> None:
    with ScriptedUpstream() as upstream:
        done = bayan("models", LLM_BASE_URL=upstream.base_url, LLM_API_KEY="s3cret")
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert ["8192", "chat"] in [row[1:] for row in rows]
    assert ["8192", "sql"] in [row[1:] for row in rows]
    assert "s3cret" not in done.stdout + done.stderr


def test_model_path_is_under_the_home(tmp_path: Path) -> None:
    done = bayan("model", "path", BAYAN_HOME=str(tmp_path))
    assert done.stdout.strip().startswith(str(tmp_path))
    assert done.stdout.strip().endswith(".gguf")


def test_remove_without_a_model_says_so(tmp_path: Path) -> None:
    done = bayan("model", "remove", BAYAN_HOME=str(tmp_path))
    assert (done.returncode, done.stdout) == (0, "")
    assert "nothing" in done.stderr


def test_ask_with_json_gives_an_answer_object_also_for_a_failure(cities: str) -> None:
    with ScriptedUpstream([failure(401, "no")]) as upstream:
        done = bayan("ask", cities, "How many?", "--json", LLM_BASE_URL=upstream.base_url, LLM_API_KEY="s3cret")
    assert done.returncode == 1
    answer = json.loads(done.stdout)
    assert answer["error"]["code"] == "key_refused"
    assert answer["rows"] == []
    assert "s3cret" not in done.stdout + done.stderr


def test_ask_prints_sql_and_table(cities: str) -> None:
    written = "```sql\nSELECT count(*) AS n FROM big_cities\n```"
    with ScriptedUpstream(otherwise=scripted_answer(written)) as upstream:
        done = bayan("ask", cities, "How many?", LLM_BASE_URL=upstream.base_url)
    assert done.stdout.splitlines() == ["SELECT count(*) AS n FROM big_cities", "", "n", "-", "3"]


def test_files_load_where_libraries_come_from_the_python_path(cities: str) -> None:
    (report,) = lines(bayan_process("load", cities, "--json", PYTHONPATH=os.pathsep.join(sys.path)))
    assert report["rows_loaded"] == 3


def test_ask_without_a_model_tells_the_way_out(cities: str, tmp_path: Path) -> None:
    done = bayan("ask", cities, "How many cities?", BAYAN_HOME=str(tmp_path))
    assert done.returncode == 1
    assert "model fetch" in done.stderr
