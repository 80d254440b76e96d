"""Tables in an answer as data: every cell, as plain text, under a name that one can find again."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.chat.text_tables import TextTable, tables

AB = "| a | b |\n|---|---|\n| 1 | 2 |"
ROWS = (("1", "2"),)

READ: dict[str, tuple[str, tuple[TextTable, ...]]] = {
    "under a heading": (f"## Sales by *region*\n\n{AB}", (TextTable("Sales by region", ("a", "b"), ROWS),)),
    "under a line": (f"# All\n\nHere are the sales:\n\n{AB}", (TextTable("Here are the sales", ("a", "b"), ROWS),)),
    "under a long line": (f"# All\n\n{'word ' * 30}\n\n{AB}", (TextTable("All", ("a", "b"), ROWS),)),
    "under a path": (f"a/b\\c:\n\n{AB}", (TextTable("a b c", ("a", "b"), ROWS),)),
    "two of one name": (
        f"# T\n\n{AB}\n\n{AB}",
        (TextTable("T", ("a", "b"), ROWS), TextTable("T_2", ("a", "b"), ROWS)),
    ),
    "no name": (AB, (TextTable("table", ("a", "b"), ROWS),)),
    "no outer marks": ("a | b\n--|:-:\n1 | 2", (TextTable("table", ("a", "b"), ROWS),)),
    "marks and marks of text": (
        "| **a** | `b` |\n|---|---|\n| [x](http://e.example) *y* | 1 \\| 2<br>3 |\n| ![alt](u) | ~~4~~ &amp; 5 |",
        (TextTable("table", ("a", "b"), (("x y", "1 | 2 3"), ("alt", "4 & 5"))),),
    ),
    "short rows": ("| a | b |\n|---|---|\n| 1 |\n|  | 2 |", (TextTable("table", ("a", "b"), (("1", ""), ("", "2"))),)),
    "long rows": (
        "| a |\n|---|\n| 1 | 2 |\n| 3 | 4 | 5 |",
        (TextTable("table", ("a", "", ""), (("1", "2", ""), ("3", "4", "5"))),),
    ),
    "an empty last column": ("| a | |\n|---|---|\n| 1 | |", (TextTable("table", ("a", ""), (("1", ""),)),)),
    "in a quote": ("> | a |\n> |---|\n> | 1 | 2 |", (TextTable("table", ("a", ""), ROWS),)),
    "in a list": ("1. Sales:\n\n    | a |\n    |---|\n    | 1 | 2 |", (TextTable("Sales", ("a", ""), ROWS),)),
    "deep in a list": (
        "- x\n  > 1. y\n  >\n  >     | a |\n  >     |---|\n  >     | 1 |",
        (TextTable("y", ("a",), (("1",),)),),
    ),
    "no rows": ("| a |\n|---|", (TextTable("table", ("a",), ()),)),
    "Arabic": ("المبيعات：\n\n| المدينة |\n|---|\n| جدة |", (TextTable("المبيعات", ("المدينة",), (("جدة",),)),)),
    "in code": (f"```\n{AB}\n```", ()),
    "none": ("a | b", ()),
}


@pytest.mark.parametrize(("markdown", "expected"), READ.values(), ids=READ.keys())
def test_tables_are_read(markdown: str, expected: tuple[TextTable, ...]) -> None:
    assert tables(markdown) == expected


CELL = st.text(alphabet="ab1 ,\"'|\\é", max_size=6).map(str.strip)


@given(st.integers(1, 3), st.lists(st.lists(CELL, min_size=1, max_size=5), min_size=1, max_size=5))
def test_no_cell_is_lost(width: int, rows: list[list[str]]) -> None:
    lines = [
        ["h"] * width,
        ["---"] * width,
        *([cell.replace("\\", "").replace("|", "\\|") for cell in r] for r in rows),
    ]
    (found,) = tables("\n".join(f"| {' | '.join(line)} |" for line in lines))
    plain = [[" ".join(cell.replace("\\", "").split()) for cell in row] for row in rows]
    wide = len(found.header)
    assert [list(row) for row in found.rows] == [(row + [""] * wide)[:wide] for row in plain]
    assert not any(cell for row in plain for cell in row[wide:])
    assert list(csv.reader(io.StringIO(found.csv().decode()))) == [list(found.header), *map(list, found.rows)]


@given(st.text(alphabet="|-: \n>ab1.\\`#*", max_size=60))
def test_any_text_can_be_looked_at(markdown: str) -> None:
    for one in tables(markdown):
        assert all(len(row) == len(one.header) for row in one.rows)
