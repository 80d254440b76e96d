"""What an answer is proved by: the tables that its SQL reads, marked as they are now."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lib.board.evidence import exhibit, marks
from lib.charts.spec import Spec
from lib.data.workspace import Source, Workspace
from lib.settings import Settings
from tests.corpus import parquet, rows_xml, xlsx

FILES = {
    "people.csv": b"name,city\nAda,1\nBob,2\n",
    "City List.csv": b"id,city\n1,Oslo\n2,Rome\n",
    "prices.csv": b'item,price\na,"1,234.50"\nb,"2,000.00"\n',
    "stock.xlsx": xlsx({"Stock": rows_xml(["item", "pieces"], ["bolt", 12], ["nut", 7])}),
}


@pytest.fixture
def space() -> Iterator[Workspace]:
    with Workspace.temporary(Settings()) as space:
        load(space, FILES)
        yield space


def load(space: Workspace, files: dict[str, bytes]) -> None:
    with space.add([Source(name, data) for name, data in files.items()]) as loading:
        loading.wait()
    assert not loading.errors


READ = {
    "SELECT * FROM people": {"people"},
    'SELECT * FROM main."PEOPLE"': {"people"},
    "FROM people JOIN city_list ON people.city = id": {"people", "city_list"},
    "WITH a AS (FROM prices) SELECT (SELECT max(id) FROM city_list) FROM a": {"prices", "city_list"},
    "SUMMARIZE stock": {"stock"},
    "PIVOT people ON city IN (1, 2) USING count(*)": {"people"},
    "SELECT 1": set(),
    "SHOW TABLES": {"people", "city_list", "prices", "stock"},
    "SELECT 1 -- " + "x" * 30_000: {"people", "city_list", "prices", "stock"},
}


@pytest.mark.parametrize(("sql", "names"), READ.items(), ids=[one[:40] for one in READ])
def test_marks_are_those_of_the_tables_that_the_query_reads(space: Workspace, sql: str, names: set[str]) -> None:
    assert {one.name for one in marks(sql, space)} == names


def test_a_mark_changes_with_the_content_and_not_with_what_a_table_is_called(space: Workspace) -> None:
    (before,) = marks("FROM people", space)
    assert (before.file, before.rows, before.columns) == ("people.csv", 2, 2)
    space.rename_table("people", "persons")
    (renamed,) = marks("FROM persons", space)
    assert renamed.fingerprint == before.fingerprint
    space.change_type("persons", "city", "VARCHAR")
    (changed,) = marks("FROM persons", space)
    assert changed.fingerprint != before.fingerprint


def test_only_files_that_were_not_mended_are_left_to_the_engines_own_readers(space: Workspace) -> None:
    load(space, {"tidy.parquet": parquet("SELECT 1 AS a"), "ragged.csv": b"a,b\n1,2\n3,4,5\n6,7\n"})
    readers = {one.name: one.reader for one in marks("SHOW TABLES", space)}
    assert readers == {
        "people": "csv", "city_list": "csv", "prices": "", "stock": "", "tidy": "parquet", "ragged": "",
    }  # fmt: skip


def test_an_exhibit_says_what_made_it(space: Workspace) -> None:
    sql = "SELECT count(*) AS n FROM people"
    made = exhibit("How many?", sql, space.run(sql), Spec("metric", y=(0,)), space, model="m", assumptions=["One."])
    assert (made.question, made.sql, made.model, made.assumptions) == ("How many?", sql, "m", ("One.",))
    assert made.engine.startswith("DuckDB 2.")
    assert [one.name for one in made.tables] == ["people"]
    assert made.findings is None
    assert made.read > 1_700_000_000
