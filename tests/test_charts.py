"""That the drawing of a chart shows what the result holds, and shows it as text."""

from __future__ import annotations

import datetime as dt
from typing import Any

from lib.charts.choose import choose
from lib.charts.draw import MOST_BARS, draw
from lib.engine.result import Column

Columns = dict[str, str]
MONTHS = [f"2024-{month:02}-01" for month in range(1, 13)]

CASES: dict[str, tuple[Columns, list[list[Any]]]] = {
    "by month and region": (
        {"month": "DATE", "region": "VARCHAR", "n": "BIGINT"},
        [[m, r, 1] for m in MONTHS for r in "NS"],
    ),
}


def described(columns: Columns) -> list[Column]:
    return [Column(name, type_) for name, type_ in columns.items()]


def test_bars_are_cut_and_say_so() -> None:
    columns = described({"c": "VARCHAR", "n": "BIGINT"})
    rows = [[f"c{i}", i] for i in range(500)]
    spec = choose("", columns, rows)
    drawn = draw(spec, columns, rows)
    assert drawn.figure is not None
    assert len(drawn.figure.data[0].x) == MOST_BARS
    assert drawn.note == f"The first {MOST_BARS} of 500 rows are drawn."


def test_a_line_goes_forward_in_time() -> None:
    rows = [[m, i] for i, m in enumerate(reversed(MONTHS))]
    columns = described({"m": "DATE", "n": "BIGINT"})
    figure = draw(choose("", columns, rows), columns, rows).figure
    assert figure is not None
    days = [dt.date.fromisoformat(str(x)[:10]) for x in figure.data[0].x]
    assert days == sorted(days)


def test_each_value_of_the_group_is_a_trace() -> None:
    columns, rows = CASES["by month and region"]
    figure = draw(choose("", described(columns), rows), described(columns), rows).figure
    assert figure is not None
    assert [trace.name for trace in figure.data] == ["N", "S"]


def test_labels_and_headers_are_not_markup() -> None:
    names, rows = ["<a href='https://evil.example'>n</a>", "x"], [["<b>NO</b>", 1], ["<i>IT</i>", 2]]
    columns = [Column(names[0], "VARCHAR"), Column(names[1], "BIGINT")]
    figure = draw(choose("", columns, rows), columns, rows).figure
    assert figure is not None
    drawn = figure.to_dict()
    shown = [*drawn["data"][0]["x"], *drawn["data"][0]["y"], drawn["layout"]["xaxis"]["title"]["text"]]
    assert not [text for text in shown if isinstance(text, str) and "<" in text]
