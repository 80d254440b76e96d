"""A result as a file keeps every value, and opens without harm."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from lib.data.workspace import Source, Workspace
from lib.engine.result import Column, Result
from lib.export.result_csv import to_csv
from lib.export.result_json import to_json
from lib.export.result_parquet import to_parquet
from lib.export.result_xlsx import MOST_ROWS, to_xlsx
from lib.settings import PROJECT, Settings

EVERY_TYPE = """SELECT 42::TINYINT AS small, 170141183460469231731687303715884105727::HUGEINT AS huge,
    12345678901234567890.123456789::DECIMAL(38, 9) AS d, 0.00001::DECIMAL(10, 5) AS d, 1.5::DOUBLE AS x,
    'nan'::DOUBLE AS nan, '-inf'::DOUBLE AS endless, true AS yes, 'x,"y"' AS quoted, NULL AS nothing,
    DATE '2024-02-29' AS day, TIME '12:34:56' AS clock, TIMESTAMP '2024-02-29 12:34:56.789' AS moment,
    TIMESTAMPTZ '2024-02-29 12:00:00+02' AS zoned, INTERVAL '1 month -2 days' AS span, [1, 2] AS list,
    {'a': 1.5, 'b': ['é']} AS struct, MAP {'k': 1} AS pairs, 'ab'::BLOB AS bytes, '0101'::BIT AS bits,
    '0b2b1f4c-0000-4000-8000-000000000001'::UUID AS id"""


@pytest.fixture(scope="module")
def space() -> Iterator[Workspace]:
    with Workspace.temporary(Settings()) as made:
        with made.add([Source("t.csv", "a\nبيان\n".encode())]) as loading:
            loading.wait()
        yield made


def made(names: list[str], types: list[str], columns: list[list[Any]]) -> Result:
    table = pa.Table.from_arrays([pa.array(one) for one in columns], names=names)
    return Result(tuple(map(Column, names, types)), table, False, table.num_rows, 0.01)


def texts(*cells: str, name: str = "t") -> Result:
    return made([name], ["VARCHAR"], [list(cells)])


def read_csv(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def sheets(content: bytes) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


# CSV


def test_csv_keeps_digits_scripts_lists_and_missing_values(space: Workspace) -> None:
    sql = """SELECT 12345678901234567890.123456789::DECIMAL(38, 9) AS d, 0.00001::DECIMAL(10, 5) AS d, a,
        [1, 2] AS list, NULL AS nothing, 'x,"y"' AS quoted, DATE '2024-02-29' AS day FROM t"""
    assert read_csv(to_csv(space.run(sql))) == [
        ["d", "d", "a", "list", "nothing", "quoted", "day"],
        ["12345678901234567890.123456789", "0.00001", "بيان", "[1, 2]", "", 'x,"y"', "2024-02-29"],
    ]


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1", "+SUM(A1)", "-SUM(A1)", "@SUM(A1)", "\tx", "\rx", "\nx", " =1", '"=1"', "'=1", "  '\"=1",
        "\u200b=1", "＝1", "=cmd|' /C calc'!A0", "-2+3", "+1-SUM(9)", '=HYPERLINK("http://x")', "-a", "|x",
    ],
)  # fmt: skip
def test_what_a_spreadsheet_takes_for_a_formula_is_marked_in_cells_and_headers(cell: str) -> None:
    result = texts(cell, name=cell)
    assert read_csv(to_csv(result)) == [[f"'{cell}"], [f"'{cell}"]]
    assert read_csv(to_csv(result, neutral=False)) == [[cell], [cell]]


@pytest.mark.parametrize(
    "cell", ["-5", "-5.25", "+49 30 123456", "-1,234.50", "-12 %", "-1e5", "-", "--", "a=b", "a@b.c", "", "1-2", "x-y"]
)
def test_numbers_telephone_numbers_and_dashes_stay_as_they_are(cell: str) -> None:
    assert read_csv(to_csv(texts(cell)))[1:] == ([[cell]] if cell else [[""]])


def test_a_formula_behind_another_separator_is_marked_too() -> None:
    cells = ["a;=1+1", "a\n=1", 'a\t"@x', "a\n- one\n- two", "a; -b", "\t=1"]
    marked = ["a;'=1+1", "a\n'=1", "a\t'\"@x", "a\n- one\n- two", "a;' -b", "'\t'=1"]
    assert [row[0] for row in read_csv(to_csv(texts(*cells)))[1:]] == marked


def test_negative_numbers_and_intervals_are_never_marked(space: Workspace) -> None:
    sql = "SELECT -5 AS i, -1.50::DECIMAL(5, 2) AS d, '-inf'::DOUBLE AS x, INTERVAL '-1 days' AS s, TIME '01:00' AS t"
    assert read_csv(to_csv(space.run(sql)))[1] == ["-5", "-1.50", "-Infinity", "-1 day", "01:00:00"]


def test_a_list_cannot_hide_a_formula() -> None:
    result = made(["l"], ["VARCHAR[]"], [[["=1"]]])
    assert read_csv(to_csv(result))[1] == ['["=1"]']


# JSON


def test_json_is_a_row_a_line_with_names_that_differ(space: Workspace) -> None:
    result = space.run("SELECT a, 1 AS n, 2.5 AS n, NULL AS N, [1] AS list FROM t, range(2) ORDER BY ALL")
    text = to_json(result).decode()
    row = {"a": "بيان", "n": 1, "n_2": 2.5, "N_3": None, "list": [1]}
    assert json.loads(text) == [row, row]
    assert text.splitlines()[1] == json.dumps(row, ensure_ascii=False) + ","
    assert json.loads(to_json(space.run("SELECT a FROM t WHERE false"))) == []


# Parquet


def test_parquet_keeps_types_and_values(space: Workspace) -> None:
    result = space.run(EVERY_TYPE)
    read = pq.read_table(io.BytesIO(to_parquet(result)))
    assert read.column("bytes").to_pylist() == [b"ab"]
    assert read.column_names[:5] == ["small", "huge", "d", "d_2", "x"]
    for at, name in enumerate(result.table.column_names):
        if name not in ("bytes", "nan"):
            assert read.column(at).to_pylist() == result.table.column(at).to_pylist()
        if name != "bytes":
            assert read.schema.field(at).type == result.table.schema.field(at).type


def test_parquet_is_read_back_by_the_loader(space: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "back.parquet"
    file.write_bytes(to_parquet(space.run(EVERY_TYPE)))
    done = subprocess.run(
        [sys.executable, "-m", "lib", "load", str(file), "--json"], cwd=PROJECT, capture_output=True, check=True
    )
    report = json.loads(done.stdout)
    types = {one["name"]: one["type"] for one in report["columns"]}
    assert report["rows_loaded"] == 1
    assert types["small"] == "TINYINT"
    assert types["d"] == "DECIMAL(38,9)"
    assert types["day"] == "DATE"
    assert types["zoned"] == "TIMESTAMP WITH TIME ZONE"
    assert types["bytes"] == "BLOB"


# Excel


def test_excel_cells_have_their_types(space: Workspace) -> None:
    header, row = sheets(to_xlsx(space.run(EVERY_TYPE), []))["Result"]
    cells = dict(zip(header, row, strict=True))
    assert header.count("d") == 2
    assert row[2] == "12345678901234567890.123456789"
    assert cells["d"] == 0.00001
    assert cells["small"] == 42
    assert cells["huge"] == "170141183460469231731687303715884105727"
    assert (cells["x"], cells["nan"], cells["endless"], cells["yes"]) == (1.5, "NaN", "-Infinity", True)
    assert cells["day"] == dt.date(2024, 2, 29)
    assert cells["clock"] == dt.time(12, 34, 56)
    assert cells["moment"] == dt.datetime(2024, 2, 29, 12, 34, 56, 789000)
    assert cells["zoned"] == dt.datetime(2024, 2, 29, 10, 0)
    assert cells["list"] == "[1, 2]"
    assert json.loads(cells["struct"]) == {"a": 1.5, "b": ["é"]}
    assert cells["nothing"] == ""


def test_excel_says_what_it_writes_as_text_and_where_the_rows_come_from() -> None:
    result = made(["a", "b"], ["BIGINT", "BIGINT"], [[2**60, 1], [1, 2]])
    long_sql = "SELECT 1 -- " + "x" * 40_000
    book = sheets(to_xlsx(result, [("Question", "How many?"), ("SQL", long_sql)]))
    assert book["Result"] == [["a", "b"], [str(2**60), 1], ["1", 2]]
    assert book["About"][0] == ["Question", "How many?"]
    assert "".join(text for name, text in book["About"][1:-1]) == long_sql
    assert book["About"][-1] == ["Note", "Text, because Excel keeps 15 digits of a number only: a."]


def test_excel_has_no_formula_no_link_and_no_control_character() -> None:
    content = to_xlsx(texts("=1+1", "https://x.example/", "a\x00\x1bb", "_x0041_", name="=A1\x07"), [("=1", "=2")])
    book = sheets(content)
    assert book["Result"] == [["=A1"], ["=1+1"], ["https://x.example/"], ["ab"], ["_x0041_"]]
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for name in parts.namelist():
            assert b"<f>" not in parts.read(name)
            assert b"<hyperlink" not in parts.read(name)


def test_what_excel_cannot_hold_is_said() -> None:
    early, fine = dt.datetime(1850, 1, 1), dt.datetime(2024, 1, 1, 0, 0, 0, 1)
    result = made(["t", "day"], ["VARCHAR", "TIMESTAMP"], [["x" * 40_000, "y"], [early, fine]])
    content = to_xlsx(result, [])
    book = sheets(content)
    assert book["Result"][1:] == [["x" * 32_767, "1850-01-01 00:00:00"], ["y", "2024-01-01 00:00:00.000001"]]
    said = "An Excel cell holds 32,767 characters: 1 longer text cut there. CSV and Parquet have no such limit."
    assert book["About"] == [["Note", said]]
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert said in parts.read("xl/comments1.xml").decode()


def test_more_columns_than_a_sheet_has_are_said() -> None:
    names = [f"c{at}" for at in range(16_390)]
    book = sheets(to_xlsx(made(names, ["INTEGER"] * len(names), [[1]] * len(names)), []))
    assert len(book["Result"][1]) == 16_384
    assert "the last 6 columns are not here" in book["About"][0][1]


def test_more_rows_than_a_sheet_has_are_said() -> None:
    content = to_xlsx(made(["n"], ["INTEGER"], [[None] * (MOST_ROWS - 2) + [7] * 6]), [])  # empty cells take no time
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        with parts.open("xl/worksheets/sheet1.xml") as sheet:
            assert b'<row r="1048576"' in sheet.read()
        assert "the last 5 rows are not here" in parts.read("xl/comments1.xml").decode()


def test_excel_shows_numbers_as_they_are_read() -> None:
    result = made(["year", "n", "x"], ["BIGINT", "BIGINT", "DOUBLE"], [[2024], [12345], [1.25]])
    with zipfile.ZipFile(io.BytesIO(to_xlsx(result, []))) as parts:
        styles = parts.read("xl/styles.xml").decode()
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert re.findall(r'formatCode="([^"]*)"', styles) == ["#,##0", "#,##0.00"]
    assert re.findall(r'<xf numFmtId="(\d+)"', styles)[3:] == ["1", "164", "165"]  # 1 is Excel's own 0
    assert '<pane ySplit="1"' in sheet
    assert "<autoFilter" in sheet
