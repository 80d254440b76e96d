"""The grid of a result without a browser: what it is given to show, totals, and the filter of a chart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from lib.data import figures
from lib.data.figures import Figures
from lib.data.totals import Total, totals
from lib.data.workspace import Source, Workspace
from lib.engine.result import Column, Result
from lib.settings import Settings
from lib.ui.grid_columns import displayed


@pytest.fixture(scope="module")
def space() -> Iterator[Workspace]:
    with Workspace.temporary(Settings()) as made:
        with made.add([Source("t.csv", b"a\n1\n")]) as loading:
            loading.wait()
        yield made


def column(name: str, values: list[Any], kind: pa.DataType | None = None) -> Result:
    table = pa.Table.from_arrays([pa.array(values, kind)], names=[name])
    return Result((Column(name, ""),), table, False, len(values), 0.0)


# How numbers are written


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("n", [1, 2000], Figures(0, True, True)),
        ("year", [1999, 2024], Figures(0, False, True)),
        ("fiscalYear", [2024, None], Figures(0, False, True)),
        ("years", [3, 4], Figures(0, True, True)),
        ("customer_id", [10_248], Figures(0, False, True)),
        ("orderId", [10_248], Figures(0, False, True)),
        ("paid", [10_248], Figures(0, True, True)),
        ("n", [10**15], Figures(0, True, False)),
        ("x", [1.5, 2.25, None], Figures(2, True, True)),
        ("x", [1 / 3, 200 / 3], Figures(3, True, True)),
        ("x", [0.0000123456, 0.5], Figures(7, True, True)),
        ("x", [float("nan"), float("inf"), 2.0], Figures(0, True, True)),
        ("x", [1e16], Figures(0, True, False)),
        ("d", [Decimal("9.10"), Decimal("1234567.00")], Figures(2, True, True)),
        ("d", [Decimal("1234567890123.456")], Figures(3, True, False)),
        ("x", [None, None], None),
    ],
)
def test_numbers_get_the_decimals_they_need_and_thousands_where_they_count(
    name: str, values: list[Any], expected: Figures | None
) -> None:
    result = column(name, values)
    assert figures.of(result.columns[0], result.table.column(0)) == expected


@pytest.mark.parametrize(
    ("figures_", "value", "text"),
    [
        (Figures(0, False, True), 2024, "2024"),
        (Figures(0, True, False), 2**70 + 1, "1,180,591,620,717,411,303,425"),
        (Figures(2, True, True), 1234.5, "1,234.50"),
        (Figures(2, True, True), float("inf"), "inf"),
    ],
)
def test_a_number_on_its_own_is_written_as_its_column_is(figures_: Figures, value: float, text: str) -> None:
    assert figures_.text(value) == text


# What the browser gets


def test_columns_of_one_name_keep_their_own_values(space: Workspace) -> None:
    table, looks = displayed(space.run("SELECT 1 AS n, 'x' AS n, 2 AS _index"))
    assert [one.to_pylist() for one in table.columns] == [[1], ["x"], [2]]
    assert len(set(table.column_names)) == 3
    assert "_index" not in table.column_names
    assert [looks[one]["label"] for one in table.column_names] == ["n", "n", "_index"]


def test_nothing_reaches_the_browser_that_it_would_change(space: Workspace) -> None:
    sql = """SELECT 12345678901234567890::HUGEINT AS huge, 9007199254740993 AS big, TIME '01:02:03.000045' AS t,
        TIMESTAMP '2024-01-02 03:04:05.123456' AS ts, [1.5::DECIMAL(3, 1)] AS list, [DATE '2024-01-01'] AS days,
        {'b': 'ab'::BLOB} AS s, ['a', 'b'] AS words, INTERVAL '1 month' AS i, 'ab'::BLOB AS b, true AS yes"""
    table, _ = displayed(space.run(sql))
    assert {name: table.column(name).to_pylist()[0] for name in table.column_names} == {
        "huge": "12345678901234567890",
        "big": "9007199254740993",
        "t": "01:02:03.000045",
        "ts": "2024-01-02 03:04:05.123456",
        "list": "[1.5]",
        "days": '["2024-01-01"]',
        "s": '{"b": "6162"}',
        "words": ["a", "b"],
        "i": "1 month",
        "b": "6162",
        "yes": True,
    }


def test_numbers_that_are_texts_sort_as_numbers(space: Workspace) -> None:
    sql = "SELECT * FROM (VALUES (9.5), (12345678901234567.25), (100), (NULL)) AS t(d)"
    texts = displayed(space.run(sql))[0].column(0).to_pylist()
    assert sorted(one for one in texts if one) == [texts[0], texts[2], texts[1]]
    assert [one and one.strip() for one in texts] == ["9.50", "12345678901234567.25", "100.00", None]


# Totals


def test_totals_count_add_and_compare(space: Workspace) -> None:
    sql = """SELECT * FROM (VALUES
        (9223372036854775807, 0.10::DECIMAL(38, 2), 1.5, DATE '2024-01-02', 'b', [1], 2020),
        (9223372036854775807, 0.20, 2.5, DATE '2023-01-02', 'b', [1], 2021),
        (NULL, NULL, NULL, NULL, NULL, NULL, NULL)) AS t(i, d, x, day, s, l, year)"""
    assert totals(space.run(sql)) == [
        Total("i", 2, 1, 1, 2 * (2**63 - 1), float(2**63 - 1), 2**63 - 1, 2**63 - 1),
        Total("d", 2, 1, 2, Decimal("0.30"), 0.15, Decimal("0.10"), Decimal("0.20")),
        Total("x", 2, 1, 2, Decimal("4.0"), 2.0, Decimal("1.5"), Decimal("2.5")),
        Total("day", 2, 1, 2, None, None, dt.date(2023, 1, 2), dt.date(2024, 1, 2)),
        Total("s", 2, 1, 1),
        Total("l", 2, 1, 1),
        Total("year", 2, 1, 2, None, None, 2020, 2021, grouped=False),
    ]


def test_totals_of_nothing_are_empty(space: Workspace) -> None:
    assert totals(space.run("SELECT 1 AS n, 1.5::DOUBLE AS x, DATE '2024-01-01' AS d WHERE false")) == [
        Total("n", 0, 0, 0), Total("x", 0, 0, 0), Total("d", 0, 0, 0)
    ]  # fmt: skip


# On the page


def _filtered_page() -> None:
    import pyarrow as pa

    from lib.engine.result import Column, Result
    from lib.ui import grid

    rows = pa.table({"region": ["North", "South", "North"], "n": [1, 2, 3]})
    result = Result((Column("region", "VARCHAR"), Column("n", "BIGINT")), rows, True, 1_000, 0.02)
    grid.show(result, "k", about=list, filtered=rows.take([0, 2]), label="region is *North*")


def test_a_filter_is_said_and_holds_for_the_grid_the_files_and_the_totals() -> None:
    at = AppTest.from_function(_filtered_page).run()
    assert at.dataframe[0].value.values.tolist() == [["North", 1], ["North", 3]]
    said = [one.value.replace("\\", "") for one in at.caption]
    assert said == ["Only rows where region is *North*: 2 of 3", "First 3 of 1,000 rows · 0.02 s"]
    assert at.download_button[0].label == "Download these 2 rows as CSV"
    at.toggle(key="totals-k").set_value(True).run()
    assert at.dataframe[1].value[["values", "distinct", "sum"]].values.tolist()[1] == [2, 2, "4"]
    assert at.caption[-1].value == "Of the first 3 rows, not of all."


def test_the_files_of_a_result_are_offered() -> None:
    at = AppTest.from_function(_filtered_page)
    at.session_state["formats-k"] = True  # the popover is open
    at.run()
    assert [one.label for one in at.download_button][1:] == ["Excel", "Parquet", "JSON"]
