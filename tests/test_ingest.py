"""Files in, tables out: every kind of file has its expected table or its expected sentence."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.data.encoding import Text, examine
from lib.data.ingest import ingest
from lib.data.names import file_name
from lib.data.reading import Reading
from lib.data.table import Table
from lib.data.text_file import MOST_LISTED
from lib.data.watch import Watch
from lib.errors import DataError
from tests.corpus import FORMULAS

Load = Callable[..., tuple[Table, list[tuple[Any, ...]]]]


@pytest.fixture(name="load")
def _load(tmp_path: Path) -> Iterator[Load]:
    with duckdb.connect(tmp_path / "tables.duckdb", config={"threads": 2}) as con:

        def load(data: bytes, file: str = "t.csv", encoding: str = "") -> tuple[Table, list[tuple[Any, ...]]]:
            path = tmp_path / "upload"
            path.write_bytes(data)
            (table,) = ingest(con, path, file, Reading(encoding), tmp_path, Watch())
            if isinstance(table, DataError):
                raise table
            assert table.rows_in_file == table.rows + len(table.rejected) or len(table.rejected) == MOST_LISTED
            return table, con.execute(f'SELECT * FROM "{table.name}"').fetchall()

        yield load


@dataclass(frozen=True)
class Case:
    name: str
    data: bytes
    columns: dict[str, str]
    rows: list[tuple[Any, ...]]
    rejected: list[tuple[int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


B, D, V = "BIGINT", "DOUBLE", "VARCHAR"
MISFIT = "1 cell where 3 are expected"

CASES = [
    Case("comma", b"a,b\n1,x\n2,y\n", {"a": B, "b": V}, [(1, "x"), (2, "y")]),
    Case("semicolon with decimal commas", b"a;b\n1,5;2\n", {"a": D, "b": B}, [(1.5, 2)], notes=["decimal_comma"]),
    Case("tab", b"a\tb c\n1\t2\n", {"a": B, "b c": B}, [(1, 2)]),
    Case("bar", b"a|b\n1|2\n", {"a": B, "b": B}, [(1, 2)]),
    Case("caret", b"a^b\n1^2\n", {"a": B, "b": B}, [(1, 2)]),
    Case("tilde", b"a~b\n1~2\n", {"a": B, "b": B}, [(1, 2)]),
    *(
        Case(f"mark {one}", f"a{one}b\nx{one}2\ny{one}4\n".encode(), {"a": V, "b": B}, [("x", 2), ("y", 4)])
        for one in "#*!&§ "
    ),
    Case("prose", b"so far\nso good\nand on\n", {"so far": V}, [("so good",), ("and on",)]),
    Case("one word and numbers", b"room name\nRoom 1\nRoom 2\n", {"room name": V}, [("Room 1",), ("Room 2",)]),
    Case("a mark in some rows", b"a#b\n1#2\n3\n", {"a#b": V}, [("1#2",), ("3",)]),
    Case("marks without numbers", b"a&b\nR&D\nH&M\n", {"a&b": V}, [("R&D",), ("H&M",)]),
    Case("colon", b"a:b:c\n1:x:2\n3:y:4\n", {"a": B, "b": V, "c": B}, [(1, "x", 2), (3, "y", 4)]),
    Case("colons of times", b"at\n10:30:15\n11:45:00\n", {"at": V}, [("10:30:15",), ("11:45:00",)]),
    Case("separator line with an odd mark", b"sep=$\na$b\n1$2\n", {"a": B, "b": B}, [(1, 2)], notes=["separator"]),
    Case("separator line", b"sep=;\na;b\n1;2\n", {"a": B, "b": B}, [(1, 2)], notes=["separator"]),
    Case("no end of the last line", b"a,b\n1,2", {"a": B, "b": B}, [(1, 2)]),
    Case("carriage returns and line feeds", b"a,b\r\n1,2\r\n", {"a": B, "b": B}, [(1, 2)]),
    Case("carriage returns only", b"a,b\r1,2\r3,4\r", {"a": B, "b": B}, [(1, 2), (3, 4)]),
    Case("mixed line ends", b"a,b\r\n1,2\n3,4\r\n", {"a": B, "b": B}, [(1, 2), (3, 4)]),
    Case("quoted line ends", b'a,b\n1,"x\ny"\n', {"a": B, "b": V}, [(1, "x\ny")]),
    Case("quoted line end of another kind", b'a,b\r\n1,"x\ny"\r\n', {"a": B, "b": V}, [(1, "x\ny")]),
    Case("quoted quotes and delimiters", b'a,b\n1,"x ""y"", z"\n', {"a": B, "b": V}, [(1, 'x "y", z')]),
    Case("quoted header over two lines", b'"a\nb",c\n1,2\n', {"a b": B, "c": B}, [(1, 2)]),
    Case("empty lines", b"a,b\n\n1,2\n\n\n3,4\n\n", {"a": B, "b": B}, [(1, 2), (3, 4)], notes=["empty_lines"]),
    Case("byte order mark", b"\xef\xbb\xbfa,b\n1,2\n", {"a": B, "b": B}, [(1, 2)]),
    Case("UTF-8", "név,ár\nő,1\n".encode(), {"név": V, "ár": B}, [("ő", 1)]),
    Case("UTF-16 with its mark", "név,ár\nő,1\n".encode("utf-16"), {"név": V, "ár": B}, [("ő", 1)]),
    Case(
        "UTF-16 big end first, without a mark",
        "name,size\nő,1\n".encode("utf-16-be"),
        {"name": V, "size": B},
        [("ő", 1)],
        notes=["encoding"],
    ),
    Case("Windows-1252", "né,b\n€,1\n".encode("cp1252"), {"né": V, "b": B}, [("€", 1)], notes=["encoding"]),
    Case(
        "one damaged character in UTF-8",
        "a,b\n1,éàüöéàüö\n".encode() + b"2,\xff\n",
        {"a": B, "b": V},
        [(1, "éàüöéàüö")],
        [(3, "a character is damaged")],
    ),
    Case("NUL characters", b"a,b\n1,x\0y\n", {"a": B, "b": V}, [(1, "xy")], notes=["nul"]),
    Case("Arabic", "المدينة,عدد\nدبي,3\n".encode(), {"المدينة": V, "عدد": B}, [("دبي", 3)]),
    Case("one column", b"a\n1\n2\n", {"a": B}, [(1,), (2,)]),
    Case(
        "one column of sentences",
        b"city\nParis, France\nRome, Italy\n",
        {"city": V},
        [("Paris, France",), ("Rome, Italy",)],
    ),
    Case("header only", b"a,b\n", {"a": V, "b": V}, [], notes=["no_rows"]),
    Case("no header", b"1,Anna\n2,Bo\n", {"column_1": B, "column_2": V}, [(1, "Anna"), (2, "Bo")], notes=["header"]),
    Case(
        "years as headers",
        b"land,2019,2020\nA,1,2\nB,3,4\n",
        {"land": V, "2019": B, "2020": B},
        [("A", 1, 2), ("B", 3, 4)],
    ),
    Case(
        "counted headers",
        b",0,1\n0,5,6\n1,7,8\n",
        {"column_1": B, "0": B, "1": B},
        [(0, 5, 6), (1, 7, 8)],
        notes=["column_name"],
    ),
    Case(
        "equal, empty and reserved headers",
        b"a,A,,select\n1,2,3,4\n",
        {"a": B, "A_2": B, "column_3": B, "select": B},
        [(1, 2, 3, 4)],
        notes=["column_name", "column_name"],
    ),
    Case(
        "a header that looks like a repair",
        b"a,a,a_2\n1,2,3\n",
        {"a": B, "a_3": B, "a_2": B},
        [(1, 2, 3)],
        notes=["column_name"],
    ),
    Case(
        "title above the header",
        b"Report of May\n\nname,age\nAnna,3\n",
        {"name": V, "age": B},
        [("Anna", 3)],
        notes=["preamble"],
    ),
    Case(
        "header with one name",
        b",price,\nx,1,2\ny,3,4\n",
        {"column_1": V, "price": B, "column_3": B},
        [("x", 1, 2), ("y", 3, 4)],
        notes=["column_name", "column_name"],
    ),
    Case(
        "first row with one value",
        b"10000,,,\n10001,5,6,7\n10002,8,9,1\n",
        {"column_1": B, "column_2": B, "column_3": B, "column_4": B},
        [(10000, None, None, None), (10001, 5, 6, 7), (10002, 8, 9, 1)],
        notes=["header"],
    ),
    Case(
        "padded titles of a bank statement",
        b"Kontoauszug;;;\nIBAN:;DE89;;\nBuchungstag;Zweck;Betrag;Saldo\n31.12.2024;Miete;-5;95\n",
        {"Buchungstag": "DATE", "Zweck": V, "Betrag": B, "Saldo": B},
        [(date(2024, 12, 31), "Miete", -5, 95)],
        notes=["preamble", "dates"],
    ),
    Case(
        "header without the names of half of the columns",
        b"a;b;;\nx;1;2;3\ny;4;5;6\n",
        {"a": V, "b": B, "column_3": B, "column_4": B},
        [("x", 1, 2, 3), ("y", 4, 5, 6)],
        notes=["column_name", "column_name"],
    ),
    Case(
        "dates as headers",
        b"item,01/01/2024,01/02/2024\nA,5,6\n",
        {"item": V, "01/01/2024": B, "01/02/2024": B},
        [("A", 5, 6)],
    ),
    Case(
        "dates as the only headers",
        b"01.01.2024;01.02.2024\n5;6\n7;8\n",
        {"01.01.2024": B, "01.02.2024": B},
        [(5, 6), (7, 8)],
    ),
    Case("separator line with a tab", b"sep=\t\na\tb\n1\t2\n", {"a": B, "b": B}, [(1, 2)], notes=["separator"]),
    Case("separator line in quotes", b'"sep=;"\na;b\n1;2\n', {"a": B, "b": B}, [(1, 2)], notes=["separator"]),
    Case("footer", b"a,b,c\n1,2,3\n4,5,6\nTotal: 2\n", {"a": B, "b": B, "c": B}, [(1, 2, 3), (4, 5, 6)], [(4, MISFIT)]),
    Case(
        "footer with a source below an empty line",
        b"a,b,c\n1,2,3\n\nSource: World Bank\nRead, 2024\n",
        {"a": B, "b": B, "c": B},
        [(1, 2, 3)],
        [(4, MISFIT), (5, "2 cells where 3 are expected")],
        notes=["empty_lines"],
    ),
    Case(
        "ragged rows",
        b"a,b,c\n1,2\n3,4,5\n6,7,8,9\n",
        {"a": B, "b": B, "c": B},
        [(3, 4, 5)],
        [(2, "2 cells where 3 are expected"), (4, "4 cells where 3 are expected")],
        notes=[],
    ),
    Case("only ragged rows", b"a,b,c\nx\ny\n", {"a": V, "b": V, "c": V}, [], [(2, MISFIT), (3, MISFIT)]),
    Case(
        "delimiter at every row's end",
        b"a,b\n1,2,\n3,4,\n",
        {"a": B, "b": B},
        [(1, 2), (3, 4)],
        notes=["empty_columns"],
    ),
    Case(
        "header without the last names",
        b"a\n1,2\n3,4\n".replace(b"a", b"a,b").replace(b"2", b"2,7").replace(b"4", b"4,8"),
        {"a": B, "b": B, "column_3": B},
        [(1, 2, 7), (3, 4, 8)],
        notes=["column_name"],
    ),
    Case(
        "rows without the last cells",
        b"a,b,c\n1,2\n3,4\n5,6\n7,8,9\n",
        {"a": B, "b": B, "c": B},
        [(1, 2, None), (3, 4, None), (5, 6, None), (7, 8, 9)],
        notes=["short_rows"],
    ),
    Case(
        "quotation mark that never ends",
        b'a,b\n1,"x\n2,y\n3,z\n',
        {"a": B, "b": V},
        [(2, "y"), (3, "z")],
        [(2, "a quotation mark is opened and never closed")],
    ),
    Case(
        "text after a quotation mark",
        b'a,b\n1,"x"y\n2,z\n',
        {"a": B, "b": V},
        [(2, "z")],
        [(2, "there is text after a closing quotation mark")],
    ),
    Case("quotation mark within a cell", b'a,b\n1,5" nail\n2,"x"\n', {"a": B, "b": V}, [(1, '5" nail'), (2, "x")]),
    Case("inches", b'a,b\n1,5"\n2,6"\n3,7\n', {"a": B, "b": V}, [(1, '5"'), (2, '6"'), (3, "7")]),
    Case("quotation marks after spaces", b'a, b\n1, "x, y"\n', {"a": B, "b": V}, [(1, "x, y")], notes=["spaces"]),
    Case(
        "a space and a quotation mark within a cell",
        b'a,b\n" x","he said, ""hi"""\n',
        {"a": V, "b": V},
        [(" x", 'he said, "hi"')],
    ),
    Case("leading zeros", b"zip,n\n01234,1\n99999,2\n", {"zip": V, "n": B}, [("01234", 1), ("99999", 2)]),
    Case("telephone numbers", b"tel,n\n+4930123,1\n", {"tel": V, "n": B}, [("+4930123", 1)]),
    Case("long numbers", b"id,n\n1234567890123456,1\n1,2\n", {"id": V, "n": B}, [("1234567890123456", 1), ("1", 2)]),
    Case("decimals", b"a,b\n1.5,.5\n-2,1e-05\n", {"a": D, "b": D}, [(1.5, 0.5), (-2.0, 1e-05)]),
    Case("codes with an E", b"a,b\n12E4,1\n10E2,2\n", {"a": V, "b": B}, [("12E4", 1), ("10E2", 2)]),
    Case(
        "more digits than a number holds",
        b"a,b\n0.12345678901234567890123,1\n",
        {"a": D, "b": B},
        [(0.12345678901234568, 1)],
        notes=["rounded"],
    ),
    Case("true and false", b"a,b\ntrue,T\nfalse,F\n", {"a": V, "b": V}, [("true", "T"), ("false", "F")]),
    Case(
        "missing numbers",
        b"n,x\n1,1.5\nNA,-\n3,nan\n",
        {"n": B, "x": D},
        [(1, 1.5), (None, None), (3, None)],
        notes=["missing", "missing"],
    ),
    Case("NA that means Namibia", b"land,n\nNA,1\nDE,2\n", {"land": V, "n": B}, [("NA", 1), ("DE", 2)]),
    Case("only marks", b"a,b\nNA,1\nNA,2\n", {"a": V, "b": B}, [("NA", 1), ("NA", 2)]),
    Case("spaces around numbers", b"a,b\n 1,2\n3 ,4\n", {"a": B, "b": B}, [(1, 2), (3, 4)]),
    Case("spaces around text", b"a,b\n x,2\ny ,4\n", {"a": V, "b": B}, [(" x", 2), ("y ", 4)]),
    Case("dates that do not exist", b"d,n\n2024-02-30,1\n", {"d": V, "n": B}, [("2024-02-30", 1)]),
    Case("times with a zone", b"t,n\n2024-01-01T10:00:00Z,1\n", {"t": V, "n": B}, [("2024-01-01T10:00:00Z", 1)]),
]


@pytest.mark.parametrize("case", CASES, ids=lambda one: one.name)
def test_file_becomes_this_table(load: Load, case: Case) -> None:
    table, rows = load(case.data)
    assert {one.name: one.type for one in table.columns} == case.columns
    assert rows == case.rows
    assert [(one.line, one.reason) for one in table.rejected] == case.rejected
    assert [one.code for one in table.notes] == case.notes


def test_lines_left_out_are_listed(load: Load) -> None:
    (one,) = load(b"Report of May\n\nname,age\nAnna,3\n")[0].notes
    assert one.message == "1 line above the header left out: Report of May"
    titles = ["x" * 300, *(f"title {n}" for n in range(7))]
    (all_,) = load("\n".join([*titles, "name,age", *["Anna,3"] * 10]).encode(), "u.csv")[0].notes
    shown = "; ".join(["x" * 200 + "…", *titles[1:]])
    assert all_.message == f"8 lines above the header left out: {shown}"


def test_formulas_without_a_saved_result_are_counted(load: Load) -> None:
    (said,) = [one.message for one in load(FORMULAS, "f.xlsx")[0].notes if one.code == "formulas"]
    assert said == ("2 cells hold formulas without a saved result and are missing; open the file in Excel and save it.")


def test_dates_and_times_are_typed(load: Load) -> None:
    table, rows = load(b"day,at\n2024-01-31,2024-01-31 10:30:00\n2024-02-01,2024-02-01T10:30\n,\n")
    assert [one.type for one in table.columns] == ["DATE", "TIMESTAMP"]
    assert [str(cell) for cell in rows[1]] == ["2024-02-01", "2024-02-01 10:30:00"]
    assert rows[2] == (None, None)


REFUSED = [
    ("no bytes", b"", "bad.csv is empty."),
    ("white space only", b"\n \r\n\n", "bad.csv is empty."),
    ("PNG", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "bad.csv is a PNG picture, not a text file."),
    ("PDF", b"%PDF-1.7\n1 0 obj\n", "bad.csv is a PDF document, not a text file."),
    ("other binary", bytes(range(256)) * 20, "bad.csv is not a text file."),
    ("web page", b"<!DOCTYPE html><html><body>Sign in</body></html>", "bad.csv is a web page, not a table."),
    (
        "mostly unreadable",
        b"a,b\n" + b"1,2\n" * 250 + b"1,2,3\n" * 600,
        "Most rows of bad.csv cannot be read; the first is line 252: 3 cells where 2 are expected.",
    ),
]


@pytest.mark.parametrize(("data", "sentence"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED])
def test_file_gets_this_sentence(load: Load, data: bytes, sentence: str) -> None:
    with pytest.raises(DataError) as caught:
        load(data, "bad.csv")
    assert caught.value.detail == sentence


@pytest.mark.parametrize(
    ("data", "encoding", "plain"),
    [
        ("a,b\n1,é\n".encode("cp1252"), "utf-8", "UTF-8"),
        (b"a,b\n1,2\n3,4\n", "utf-16-le", "UTF-16, little end first"),
    ],
)
def test_an_encoding_that_reads_no_row_is_no_empty_table(load: Load, data: bytes, encoding: str, plain: str) -> None:
    with pytest.raises(DataError) as caught:
        load(data, "t.csv", encoding)
    assert caught.value.detail == f"No row of t.csv can be read as {plain}."
    assert caught.value.hint == "Choose another encoding."


LATE = 30_000


@pytest.mark.parametrize(
    ("early", "late", "kind", "value"),
    [
        ("1", "1.5", D, 1.5),
        ("1", "01234", V, "01234"),
        ("1", "abc", V, "abc"),
        ("1", "NA", B, None),
        ("1", " 7", B, 7),
        ("", "1", B, 1),
        ("1.5", "nan", D, None),
        ("2024-01-01", "31.12.2024", V, "31.12.2024"),
        ("1", "12345678901234567890", V, "12345678901234567890"),
    ],
)
def test_the_last_row_counts_as_much_as_the_first(load: Load, early: str, late: str, kind: str, value: object) -> None:
    table, rows = load(f"a,b\n{f'{early},x{chr(10)}' * LATE}{late},x\n".encode())
    assert (table.columns[0].type, rows[-1][0], len(rows)) == (kind, value, LATE + 1)


def test_a_ragged_row_far_down_is_rejected_alone(load: Load) -> None:
    table, rows = load(b"a,b\n" + b"1,2\n" * LATE + b"1,2,3\n" + b"1,2\n")
    assert len(rows) == LATE + 1
    assert [(one.line, one.text) for one in table.rejected] == [(LATE + 2, "1,2,3")]


def test_all_rejected_rows_are_counted_and_the_first_are_listed(load: Load) -> None:
    table, rows = load(b"a,b\n" + b"1,2\n1,2,3\n" * 10_500 + b"1,2\n")
    assert (len(rows), len(table.rejected), table.rows_in_file) == (10_501, MOST_LISTED, 21_001)
    assert [one.message for one in table.notes] == ["10,500 rows were rejected; the first 10,000 are listed."]


def test_a_cell_of_several_megabytes(load: Load) -> None:
    _, rows = load(b"a,b\n1," + b"x" * (5 << 20) + b"\n2,y\n")
    assert [(number, len(text)) for number, text in rows] == [(1, 5 << 20), (2, 1)]


@pytest.mark.parametrize("end", [b"", b"1,2,3\n"], ids=["as it is", "written again"])
def test_quotes_and_lines_within_cells_far_down(load: Load, end: bytes) -> None:
    table, rows = load(b"n,t\n" + b"1,plain\n" * LATE + b'2,"a ""b"",\nc"\n3,d\n' + end)
    assert rows[LATE:] == [(2, 'a "b",\nc'), (3, "d")]
    assert len(table.rejected) == (1 if end else 0)


def test_the_count_of_lines_does_not_depend_on_the_chunks(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes('a,b\r\n1,"x ""q"" y"\r\n2,"long, €"\r\n3,"two\r\nlines"\r\n'.encode())
    seen = {examine(path, "t.csv", lambda _: None, chunk_size=size) for size in range(1, 70)}
    assert seen == {Text("utf-8", "strict", 4, True, False, path.stat().st_size)}


def test_what_comes_after_the_sample_is_read_alike(load: Load) -> None:
    plain = 'n,"text"\r\n' + "".join(f'{n},"{n}, ""q"" €"\r\n' for n in range(60_000))
    table, rows = load(plain.encode())
    assert not table.rejected
    assert rows == [(n, f'{n}, "q" €') for n in range(60_000)]


def test_ten_thousand_columns(load: Load) -> None:
    names = [f"c{number}" for number in range(10_000)]
    table, rows = load(f"{','.join(names)}\n{','.join(['1'] * 10_000)}\n".encode())
    assert [one.name for one in table.columns] == names
    assert rows == [(1,) * 10_000]


def test_columns_keep_their_label_and_show_examples(load: Load) -> None:
    table, _ = load(b"First  Name ,n\nAnna,1\nBo,2\nAnna,3\n,4\n" + b"x" * 99 + b",5\n")
    first = table.columns[0]
    assert (first.name, first.label) == ("First Name", "First  Name ")
    assert first.examples == ("Anna", "Bo", "x" * 40)


def test_report_is_the_command_lines(load: Load) -> None:
    table, _ = load(b"a,b\n1,2\n3\n4,NA\n", "Some File.csv")
    assert table.report() == {
        "file": "Some File.csv",
        "table": "some_file",
        "columns": [
            {"name": "a", "type": "BIGINT", "original_name": "a"},
            {"name": "b", "type": "BIGINT", "original_name": "b"},
        ],
        "rows_in_file": 3,
        "rows_loaded": 2,
        "rejected": [{"line": 3, "reason": "1 cell where 2 are expected", "text": "3"}],
        "notes": [{"code": "missing", "message": '1 cell of "b" with a mark such as NA: read as missing.'}],
    }


@pytest.mark.parametrize(
    ("given_name", "file", "table"),
    [
        ("sales.csv", "sales.csv", "sales"),
        ("My Sales (2024).CSV", "My Sales (2024).CSV", "my_sales_2024"),
        ("../../etc/passwd.csv", "passwd.csv", "passwd"),
        ("C:\\data\\x.csv", "x.csv", "x"),
        ("2024.csv", "2024.csv", "t_2024"),
        ("order.csv", "order.csv", "order_table"),
        ('a"b;DROP TABLE x.csv', 'a"b;DROP TABLE x.csv', "a_b_drop_table_x"),
        ("a\nb\x07.csv", "a b.csv", "a_b"),
        ("مبيعات ٢٠٢٤.csv", "مبيعات ٢٠٢٤.csv", "مبيعات_٢٠٢٤"),
        ("\u202egnp.csv", "gnp.csv", "gnp"),
        ("बिक्री.csv", "बिक्री.csv", "बिक्री"),
        (".csv", ".csv", "csv"),
        ("", "file", "file"),
        ("!!!.csv", "!!!.csv", "data"),
        ("x" * 300 + ".csv", "x" * 115 + "….csv", "x" * 60),
    ],
)
def test_names_come_from_file_names(load: Load, given_name: str, file: str, table: str) -> None:
    loaded, _ = load(b"a,b\n1,2\n", file_name(given_name))
    assert (loaded.file, loaded.name) == (file, table)


def test_two_files_of_one_name(load: Load) -> None:
    first, _ = load(b"a,b\n1,2\n", "x.csv")
    second, _ = load(b"a,b\n3,4\n", "X.csv")
    assert (first.name, second.name) == ("x", "x_2")
    assert [one.code for one in second.notes] == ["table_name"]


CELLS = st.text(
    st.one_of(st.sampled_from(",;|\t\"'\n é€ا漢 -"), st.characters(exclude_categories=["Cs", "Cc"])),
    max_size=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    written_as=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_text_comes_back_value_for_value(
    load: Load, rows: list[tuple[str, str, str]], delimiter: str, written_as: str, line_end: str
) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerows([("one", "two", "three"), ("a", "b", "c"), *rows])
    table, found = load(stream.getvalue().encode(written_as))
    assert not table.rejected
    assert found[1:] == [tuple(cell or None for cell in row) for row in rows]
