"""Columns of text find their types: what becomes a number or a date, with which notes, and what stays text."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.data.column_types import FIRST_ROWS, MISSING
from lib.data.ingest import ingest
from lib.data.reading import Reading
from lib.data.table import Table
from lib.data.watch import Watch

Rows = list[tuple[Any, ...]]
Load = Callable[[bytes], tuple[Table, Rows]]


@pytest.fixture(name="load", scope="module")
def _load(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Load]:
    folder = tmp_path_factory.mktemp("load")
    with duckdb.connect(config={"threads": 2}) as con:

        def load(data: bytes) -> tuple[Table, Rows]:
            (folder / "upload").write_bytes(data)
            (table,) = ingest(con, folder / "upload", "t.csv", Reading(), folder, Watch())
            assert isinstance(table, Table), table
            rows = con.execute(f'SELECT * FROM "{table.name}"').fetchall()
            con.execute(f'DROP TABLE "{table.name}"')
            return table, rows

        yield load


def _written(header: Sequence[str], rows: Sequence[Sequence[str]], **dialect: Any) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n", **dialect).writerows([header, *rows])
    return stream.getvalue()


def _column(load: Load, cells: Sequence[str]) -> tuple[str, list[Any], list[str]]:
    table, rows = load(_written(["x", "key"], [[cell, "a"] for cell in cells]).encode())
    assert table.columns[1].type == "VARCHAR"
    return table.columns[0].type, [row[0] for row in rows], [one.code for one in table.notes]


@dataclass(frozen=True)
class Case:
    name: str
    cells: list[str]
    type: str
    values: list[Any]
    notes: list[str]


B, D, DAY, AT = "BIGINT", "DOUBLE", "DATE", "TIMESTAMP"
GROUPED, MONEY, COMMA = "thousands", "currency", "decimal_comma"

READ = [
    Case("whole", ["1", "-20", "0"], B, [1, -20, 0], []),
    Case("decimals", ["1.5", ".5", "2.", "-0.25"], D, [1.5, 0.5, 2.0, -0.25], []),
    Case("exponents", ["1e-05", "2.5E3", "1E+2"], D, [1e-05, 2500.0, 100.0], []),
    Case("years", ["2024", "1999"], B, [2024, 1999], []),
    Case("fifteen digits", ["123456789012345"], B, [123456789012345], []),
    Case("minus nought", ["-0", "1"], D, [0.0, 1.0], []),
    Case("no-break spaces around", ["\u00a05", "6\u00a0"], B, [5, 6], []),
    Case("commas before points", ["1,234.50", "2"], D, [1234.5, 2.0], [GROUPED]),
    Case("two commas", ["1,234,567", "12"], B, [1234567, 12], [GROUPED]),
    Case("points before commas", ["1.234.567,89", "0,5"], D, [1234567.89, 0.5], [GROUPED, COMMA]),
    Case("two points", ["1.234.567", "12"], B, [1234567, 12], [GROUPED]),
    Case("decimal commas", ["1,5", "-2,25", "3"], D, [1.5, -2.25, 3.0], [COMMA]),
    Case("nought before a comma", ["0,125", "0,250"], D, [0.125, 0.25], [COMMA]),
    Case("exponent after a comma", ["1,5E-05", "2,5E+03"], D, [1.5e-05, 2500.0], [COMMA]),
    Case("spaces", ["1 234,5", "2 000 000"], D, [1234.5, 2000000.0], [GROUPED, COMMA]),
    Case("no-break spaces", ["1\u00a0234", "56"], B, [1234, 56], [GROUPED]),
    Case("narrow no-break spaces", ["1\u202f234,5", "5"], D, [1234.5, 5.0], [GROUPED, COMMA]),
    Case("apostrophes", ["1'234.50", "2’000"], D, [1234.5, 2000.0], [GROUPED]),
    Case("Indian groups", ["12,34,567", "1,00,000.50"], D, [1234567.0, 100000.5], [GROUPED]),
    Case("a comma that may be either", ["1,234", "5,678"], B, [1234, 5678], ["number_style", GROUPED]),
    Case("a point that may be either", ["1.234", "5.678"], D, [1.234, 5.678], ["number_style"]),
    Case("dollars", ["$5", "$1,234.50", "-$2", "$-3"], D, [5.0, 1234.5, -2.0, -3.0], [GROUPED, MONEY]),
    Case("dollars have cents", ["$1,234", "$5"], B, [1234, 5], [GROUPED, MONEY]),
    Case("euros behind", ["5 €", "1.234 €"], B, [5, 1234], [GROUPED, MONEY]),
    Case("euros with cents", ["5,20 €", "1.234,00 €"], D, [5.2, 1234.0], [GROUPED, COMMA, MONEY]),
    Case("pounds, yen, rupees", ["₹1,00,000", "₹5"], B, [100000, 5], [GROUPED, MONEY]),
    Case("code before", ["USD 5", "USD 1,200.75"], D, [5.0, 1200.75], [GROUPED, MONEY]),
    Case("code behind", ["5 SEK", "7"], B, [5, 7], [MONEY]),
    Case("crowns", ["5 kr", "10 kr"], B, [5, 10], [MONEY]),
    Case("rials", ["﷼ ۱۲۳", "﷼ ۴"], B, [123, 4], [MONEY, "digits"]),
    Case("percent", ["5%", "7.5 %"], D, [5.0, 7.5], ["percent"]),
    Case("percent with a comma", ["5,5%", "7%"], D, [5.5, 7.0], [COMMA, "percent"]),
    Case("accounting", ["(100)", "250"], B, [-100, 250], ["parentheses"]),
    Case("accounting dollars", ["($1,100.00)", "$5"], D, [-1100.0, 5.0], [GROUPED, MONEY, "parentheses"]),
    Case("minus behind", ["1.234,50-", "2"], D, [-1234.5, 2.0], [GROUPED, COMMA, "trailing_minus"]),
    Case("plus before decimals", ["-45,99", "+3.200,00"], D, [-45.99, 3200.0], [GROUPED, COMMA, "plus"]),
    Case("plus before dollars", ["-$45.99", "+$3.20", "7"], D, [-45.99, 3.2, 7.0], [MONEY, "plus"]),
    Case("sign U+2212", ["−5", "7"], B, [-5, 7], ["minus"]),
    Case("Arabic-Indic digits", ["١٢٣", "٤"], B, [123, 4], ["digits"]),
    Case("Arabic separators", ["١٬٢٣٤٫٥", "٣"], D, [1234.5, 3.0], [GROUPED, "digits"]),
    Case("Persian digits", ["۱۲٫۵", "۳"], D, [12.5, 3.0], ["digits"]),
    Case("full-width digits", ["１２．５", "３"], D, [12.5, 3.0], ["digits"]),
    Case("missing numbers", ["1", "N/A", "#DIV/0!", "?"], B, [1, None, None, None], ["missing"]),
    Case("missing money", ["$5", "-", "—"], B, [5, None, None], ["missing", MONEY]),
    Case("more digits than fit", ["0.12345678901234567890", "1"], D, [0.12345678901234568, 1.0], ["rounded"]),
    Case("sixteen digits that do not fit", ["99999999999999.99", "1.5"], D, [99999999999999.98, 1.5], ["rounded"]),
    Case("sixteen digits after a point", ["8.123456789012345", "1"], D, [8.123456789012344, 1.0], ["rounded"]),
    Case("seventeen digits that fit", ["0.30000000000000004", "-1e-05"], D, [0.30000000000000004, -1e-05], []),
    Case("noughts that no number needs", ["1.50000000000000000000", "2"], D, [1.5, 2.0], []),
    Case(
        "dollars that do not fit",
        ["$90,071,992,547,409.93", "$90,071,992,547,409.94"],
        D,
        [90071992547409.94, 90071992547409.94],
        [GROUPED, MONEY, "rounded"],
    ),
    Case(
        "decimal comma and digits that do not fit",
        ["99999999999999,99", "1,5"],
        D,
        [99999999999999.98, 1.5],
        [COMMA, "rounded"],
    ),
    Case("ISO dates", ["2024-01-31", "0001-01-01"], DAY, [date(2024, 1, 31), date(1, 1, 1)], []),
    Case(
        "ISO times", ["2024-01-31T10:30", "2024-02-01"], AT, [datetime(2024, 1, 31, 10, 30), datetime(2024, 2, 1)], []
    ),
    Case("fractions", ["2024-01-31 10:30:00.5"], AT, [datetime(2024, 1, 31, 10, 30, 0, 500000)], []),
    Case("missing dates", ["2024-01-31", "unknown"], DAY, [date(2024, 1, 31), None], ["missing"]),
    Case("day first", ["31/12/2024", "1/2/2024"], DAY, [date(2024, 12, 31), date(2024, 2, 1)], ["dates"]),
    Case("month first", ["12/31/2024", "1/2/2024"], DAY, [date(2024, 12, 31), date(2024, 1, 2)], ["dates"]),
    Case("either first", ["1/2/2024"], DAY, [date(2024, 2, 1)], ["dates", "date_order"]),
    Case("points", ["31.12.2024", "01.02.2024"], DAY, [date(2024, 12, 31), date(2024, 2, 1)], ["dates"]),
    Case("hyphens", ["31-12-2024"], DAY, [date(2024, 12, 31)], ["dates"]),
    Case("year first", ["2024/1/5", "2024/12/31"], DAY, [date(2024, 1, 5), date(2024, 12, 31)], ["dates"]),
    Case("short months", ["3 Jan 2024", "03-Dec-2024"], DAY, [date(2024, 1, 3), date(2024, 12, 3)], ["dates"]),
    Case("long months", ["3 MARCH 2024", "4 sept 2024"], DAY, [date(2024, 3, 3), date(2024, 9, 4)], ["dates"]),
    Case("month, day", ["Jan 3, 2024", "February 29 2024"], DAY, [date(2024, 1, 3), date(2024, 2, 29)], ["dates"]),
    Case("two-digit years", ["31/12/99", "30/01/68"], DAY, [date(1999, 12, 31), date(2068, 1, 30)], ["dates"]),
    Case("named month, short year", ["3-Jan-24"], DAY, [date(2024, 1, 3)], ["dates"]),
    Case("24 hours", ["31/12/2024 23:59"], AT, [datetime(2024, 12, 31, 23, 59)], ["dates"]),
    Case(
        "12 hours",
        ["12/31/2024 12:05 AM", "1/2/2024 1:05:09pm"],
        AT,
        [datetime(2024, 12, 31, 0, 5), datetime(2024, 1, 2, 13, 5, 9)],
        ["dates"],
    ),
]

TEXT = [
    ("leading zeros", ["01234", "99999"], []),
    ("plus signs", ["+4930123", "5"], []),
    ("plus signs only", ["+4930123", "+4930124"], []),
    ("plus signs of decimals only", ["+49.301234", "+49.301235"], []),
    ("plus signs of some without decimals", ["+5", "+5.5", "1.25"], []),
    ("plus and groups", ["+1,234", "5.25"], []),
    ("telephone", ["555-1234", "555-9876"], []),
    ("telephone in groups", ["555 123 456", "555 654 321"], []),
    ("sixteen digits", ["1234567890123456"], []),
    ("sixteen digits in groups", ["1,234,567,890,123,456"], []),
    ("codes with an E", ["12E4", "10E2"], []),
    ("versions", ["1.2.3", "1.10.0"], []),
    ("IP addresses", ["192.168.100.101", "192.168.100.102"], []),
    ("ranges", ["1-2", "3-4"], []),
    ("open ranges", ["5-", "10-"], []),
    ("footnotes", ["(1)", "(2)"], []),
    ("fractions", ["1/2", "3/4"], []),
    ("sums", ["1+2"], []),
    ("hexadecimal", ["0x10", "0x11"], []),
    ("underscores", ["1_000"], []),
    ("infinity", ["inf", "1"], []),
    ("only marks", ["NA", "-"], []),
    ("words", ["12 apples", "7 pears"], []),
    ("mixed text", ["1", "abc"], []),
    ("units", ["5 kg", "6 kg"], []),
    ("two currencies", ["$5", "€5"], []),
    ("percent of some", ["5%", "5"], []),
    ("odd groups", ["12,34", "1,23,456"], ["mixed_numbers"]),
    ("groups after nought", ["0,123,456"], []),
    ("groups of noughts", ["$007"], []),
    ("lists", ["1,2,3"], []),
    ("two minus signs", ["--5", "5"], []),
    ("minus in brackets", ["(-5)", "5"], []),
    ("contradicting decimals", ["1,5", "1.5"], ["mixed_numbers"]),
    ("contradicting groups", ["1,234", "1.234"], ["mixed_numbers"]),
    ("too near to nought", ["1e-400", "1.5"], []),
    ("too large", ["1e+400", "1.5"], []),
    ("true and false", ["true", "false"], []),
    ("T and F", ["T", "F"], []),
    ("yes and no", ["yes", "no"], []),
    ("times of day", ["17:15", "08:00"], []),
    ("Zulu", ["2024-01-01T10:00:00Z"], []),
    ("zone", ["2024-01-01 10:00:00+02:00"], []),
    ("24 o'clock", ["2024-01-01 24:00:00"], []),
    ("second 60", ["2024-01-01 10:00:60"], []),
    ("a day that never was", ["2024-02-30"], []),
    ("another", ["30/02/2024", "31/12/2024"], []),
    ("29 February of a common year", ["29 Feb 2023"], []),
    ("year nought", ["0000-01-01 10:00:00"], []),
    ("year nought in another form", ["31/12/0000"], []),
    ("13 pm", ["31/12/2024 13:00 PM"], []),
    ("day first and month first", ["31/12/2024", "12/31/2024"], ["mixed_dates"]),
    ("two separators", ["31/12/2024", "31-12-2024"], []),
    ("two-digit years either way", ["01/02/03"], []),
    ("month and year", ["Jan 2024"], []),
    ("another language", ["3 janvier 2024"], []),
    ("nanoseconds", ["2024-01-01 10:00:00.1234567"], []),
]


@pytest.mark.parametrize("case", READ, ids=lambda one: one.name)
def test_column_is_read_as(load: Load, case: Case) -> None:
    assert _column(load, case.cells) == (case.type, case.values, case.notes)


@pytest.mark.parametrize(("cells", "notes"), [one[1:] for one in TEXT], ids=[one[0] for one in TEXT])
def test_column_stays_text(load: Load, cells: list[str], notes: list[str]) -> None:
    assert _column(load, cells) == ("VARCHAR", cells, notes)


@pytest.mark.parametrize("mark", [one for one in MISSING if one])
def test_marks_are_missing_beside_numbers_and_text_beside_text(load: Load, mark: str) -> None:
    assert _column(load, ["5", mark.upper(), f" {mark}"]) == (B, [5, None, None], ["missing"])
    assert _column(load, ["five", mark]) == ("VARCHAR", ["five", mark], [])


@pytest.mark.parametrize(
    ("other", "values", "notes"),
    [
        ("2,5", [1.234, 1.5], [COMMA]),
        ("2.5", [1234, 1500], [GROUPED]),
        ("7", [1234, 1500], ["number_style", GROUPED]),
    ],
)
def test_another_column_says_what_a_comma_is(load: Load, other: str, values: list[float], notes: list[str]) -> None:
    table, rows = load(f"x;y\n1,234;{other}\n1,500;{other}\n".encode())
    assert [row[0] for row in rows] == values
    assert [one.code for one in table.notes if '"x"' in one.message] == notes


@pytest.mark.parametrize(
    ("other", "order", "day"),
    [
        ("12/31/2024", "month_first", date(2024, 1, 2)),
        ("31/12/2024", "day_first", date(2024, 2, 1)),
        ("2024-12-31", "day_first", date(2024, 2, 1)),
    ],
)
def test_another_column_says_where_the_day_is(load: Load, other: str, order: str, day: date) -> None:
    table, rows = load(f"x,y\n1/2/2024,{other}\n".encode())
    assert (table.columns[0].order, table.columns[1].order, rows[0][0]) == (order, "", day)


def test_notes_name_the_column_the_cells_and_what_was_done(load: Load) -> None:
    table, _ = load(b'd,n\n1/2/2024,"$1,234"\n3/4/2024,$5\n')
    assert [(one.code, one.message) for one in table.notes] == [
        ("dates", '2 cells of "d" written day/month/year (such as 1/2/2024): read as dates.'),
        (
            "date_order",
            '2 cells of "d" could have the day or the month first: read with the day first; '
            "day and month can be swapped.",
        ),
        ("thousands", '1 cell of "n" with thousands separators (such as $1,234): read as numbers.'),
        ("currency", '2 cells of "n" with the currency "$": read as numbers without it.'),
    ]


@pytest.mark.parametrize(
    ("early", "late", "kind", "last"),
    [
        ("1.5", "1,5", "VARCHAR", "1,5"),
        ("1.234", "1.5", D, 1.5),
        ("$5", "€5", "VARCHAR", "€5"),
        ("$5", "$1,234", B, 1234),
        ("1/2/2024", "31/12/2024", DAY, date(2024, 12, 31)),
        ("1/2/2024", "12/31/2024", DAY, date(2024, 12, 31)),
        ("31/1/2024", "12/31/2024", "VARCHAR", "12/31/2024"),
        ("", "$5", B, 5),
        ("5", "$5", B, 5),
        ("5", "2024-01-01", "VARCHAR", "2024-01-01"),
        ("2024-01-01", "2024-01-01 24:00:00", "VARCHAR", "2024-01-01 24:00:00"),
        ("1.5", "0.1234567890123456789", D, 0.1234567890123456789),
    ],
)
def test_the_last_row_counts_as_much_as_the_first(load: Load, early: str, late: str, kind: str, last: object) -> None:
    rows = [[early, "a"]] * (FIRST_ROWS + 1) + [[late, "a"]]
    type_, values, _ = _column(load, [row[0] for row in rows])
    assert (type_, values[-1], len(values)) == (kind, last, len(rows))


CELLS = st.one_of(
    st.text(
        st.one_of(st.sampled_from(",;|\t^\"'\n é€ا漢 -.0123456789"), st.characters(exclude_categories=["Cs", "Cc"])),
        max_size=10,
    ),
    st.integers(-(10**6), 10**20).map(str),
    st.decimals(-(10**6), 10**6, places=3).map(str),
    st.dates().map(str),
    st.sampled_from(["007", "+1", "NA", "1e5", "1,5", "1,234", "$5", "5%", "(3)", "1/2/2024", "true", "12:30"]),
)
COLUMNS = st.integers(1, 8).flatmap(
    lambda height: st.lists(
        st.one_of(
            st.lists(CELLS, min_size=height, max_size=height),
            st.lists(st.integers(-(10**16), 10**16).map(str), min_size=height, max_size=height),
            st.lists(st.decimals(-(10**6), 10**6, places=4).map(str), min_size=height, max_size=height),
            st.lists(st.dates().map(str), min_size=height, max_size=height),
        ),
        min_size=2,
        max_size=4,
    )
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=COLUMNS,
    delimiter=st.sampled_from(",;\t|^~"),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    written_as=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_what_was_written_comes_back(
    load: Load, cells: list[list[str]], delimiter: str, quoting: Any, written_as: str, line_end: str
) -> None:
    header = [f"name {letter}" for letter in "abcd"[: len(cells)]]
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
    writer.writerows([header, *zip(*cells, strict=True)])
    table, rows = load(stream.getvalue().encode(written_as))
    noted = " ".join(one.message for one in table.notes)
    lost = {one.code for one in table.notes} & {"empty_lines"}
    assert table.rows_in_file == len(cells[0]) - sum(not any(row) for row in zip(*cells, strict=True)) * bool(lost)
    for position, column in enumerate(table.columns):
        written = cells[position]
        if f'"{column.name}"' not in noted and not lost:
            assert [row[position] for row in rows] == [_expected(one, column.type) for one in written]


def _expected(cell: str, type_: str) -> Any:
    """The value that a cell has without any repair."""
    if type_ == "VARCHAR":
        return cell or None
    if not cell.strip(" \u00a0\u202f\t\r\n"):
        return None
    text = cell.strip(" \u00a0\u202f\t\r\n")
    if type_ == "BIGINT":
        assert str(int(text)) == text
        return int(text)
    if type_ == "DOUBLE":
        number = float(text)
        assert Decimal(text) == Decimal(repr(number))
        return number
    return date.fromisoformat(text) if type_ == "DATE" else datetime.fromisoformat(text)
