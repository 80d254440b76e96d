"""That a chart shows what its rows say: every value, in order, as text, and with a note where something is left out."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plotly import graph_objects as go

from lib.charts.draw import draw, picked
from lib.charts.metrics import Metric, metrics
from lib.charts.spec import AGGREGATES, KINDS, SORTS, Spec
from lib.charts.theme import DARK, LIGHT, Look
from lib.engine.result import Column
from tests.gallery import GALLERY

MONTHS = [f"2024-{month:02}-01" for month in range(1, 13)]
SALES = [Column("region", "VARCHAR"), Column("year", "BIGINT"), Column("sales", "BIGINT")]
ROWS: list[list[Any]] = [["North", 2023, 5], ["North", 2024, 7], ["South", 2023, 11], ["South", 2024, None]]


def figure_of(spec: Spec, columns: list[Column], rows: Sequence[Sequence[Any]]) -> go.Figure:
    figure = draw(spec, columns, rows).figure
    assert figure is not None
    return figure


def columns_of(**types: str) -> list[Column]:
    return [Column(name, type_) for name, type_ in types.items()]


@pytest.mark.parametrize("name", GALLERY)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_gallery_draws(name: str, dark: bool) -> None:
    case = GALLERY[name]
    figure = draw(case.spec, case.described, case.rows, dark=dark).figure
    assert figure is not None
    assert figure.to_json()


@pytest.mark.parametrize("kind", ["table", "metric"])
def test_tables_and_metrics_are_no_figures(kind: Any) -> None:
    assert draw(Spec(kind, y=(2,)), SALES, ROWS).figure is None


def test_rows_that_share_a_mark_are_put_together_as_the_spec_says() -> None:
    tops = {"sum": [12, 11], "mean": [6, 11], "median": [6, 11], "min": [5, 11], "max": [7, 11], "count": [2, 1]}
    for how, heights in tops.items():
        spec = Spec("bar", x=0, y=(2,), aggregate=how)  # type: ignore[arg-type]
        assert list(figure_of(spec, SALES, ROWS).data[0].y) == heights


def test_rows_that_share_a_mark_without_a_word_of_it_are_added_and_said() -> None:
    drawn = draw(Spec("bar", x=0, y=(2,)), SALES, ROWS)
    assert drawn.figure is not None
    assert list(drawn.figure.data[0].y) == [12, 11]
    assert "their sum" in drawn.note


def test_each_value_of_the_colour_is_a_series() -> None:
    figure = figure_of(Spec("bar", x=0, y=(2,), color=1, stacked=True), SALES, ROWS)
    assert [(one.name, list(one.y)) for one in figure.data] == [("2023", [5, 11]), ("2024", [7, None])]
    assert figure.layout.barmode == "relative"


@pytest.mark.parametrize(
    ("sort", "order"),
    {"given": "bca", "x": "abc", "x_down": "cba", "value": "acb", "value_down": "bca"}.items(),
)
def test_bars_are_sorted(sort: Any, order: str) -> None:
    rows = [["b", 3], ["c", 2], ["a", 1]]
    figure = figure_of(Spec("bar", x=0, y=(1,), sort=sort), columns_of(c="VARCHAR", n="BIGINT"), rows)
    assert [json.loads(one) for one in figure.layout.xaxis.categoryarray] == list(order)


def test_months_in_words_follow_the_year() -> None:
    rows = [["April", 1], ["December", 2], ["January", 3]]
    figure = figure_of(Spec("bar", x=0, y=(1,), sort="x"), columns_of(month="VARCHAR", n="BIGINT"), rows)
    assert list(figure.layout.xaxis.ticktext) == ["January", "April", "December"]


def test_many_categories_become_the_largest_and_all_others() -> None:
    rows = [[f"c{at}", at] for at in range(1, 501)]
    drawn = draw(Spec("bar", x=0, y=(1,), sort="value_down"), columns_of(c="VARCHAR", n="BIGINT"), rows)
    assert drawn.figure is not None
    [bars] = drawn.figure.data
    assert len(bars.x) == 29
    assert max(bars.x) == 500
    # The others would be a bar of many times the largest, so they are only told.
    assert drawn.note == f"The 29 largest are drawn. Other (471) would have {sum(range(1, 472)):,} together."


def test_all_others_are_a_bar_of_their_own_that_nobody_can_pick() -> None:
    rows = [[f"c{at}", 1000 // at] for at in range(1, 41)]
    spec, columns = Spec("bar", x=0, y=(1,)), columns_of(c="VARCHAR", n="BIGINT")
    drawn = draw(spec, columns, rows)
    assert drawn.figure is not None
    [bars] = drawn.figure.data
    assert drawn.figure.layout.yaxis.ticktext[-1] == "Other (11)"
    assert bars.x[-1] == sum(1000 // at for at in range(30, 41))
    assert drawn.note == "The 29 largest of 40 groups (c) and all others together."
    assert picked(spec, columns, [{"customdata": bars.customdata[-1]}]) == ()


def test_averages_are_not_added_up_to_others() -> None:
    rows = [[f"c{at}", at] for at in range(40)]
    drawn = draw(Spec("bar", x=0, y=(1,)), columns_of(c="VARCHAR", avg_price="DOUBLE"), rows)
    assert drawn.note == "The 30 largest of 40 groups (c) are drawn."


def test_many_series_become_the_largest_and_all_others() -> None:
    case = GALLERY["line-many-series"]
    figure = figure_of(case.spec, case.described, case.rows)
    assert len(figure.data) == 8
    assert figure.data[-1].name == "Other (3)"
    for at, row in enumerate(figure.data[-1].y):
        month = figure.data[-1].x[at][:10]
        every = sum(value for day, _, value in case.rows if day == month)
        assert row + sum(one.y[at] for one in figure.data[:-1]) == pytest.approx(every)


def test_a_line_goes_forward_in_time() -> None:
    rows = [[month, at] for at, month in enumerate(reversed(MONTHS))]
    figure = figure_of(Spec("line", x=0, y=(1,)), columns_of(m="DATE", n="BIGINT"), rows)
    days = [dt.datetime.fromisoformat(one) for one in figure.data[0].x]
    assert days == sorted(days)
    assert figure.layout.xaxis.type == "date"


@pytest.mark.parametrize(
    "values", [["2024-01", "2024-02"], ["Jan 2024", "Feb 2024"], ["Q1 2024", "Q2 2024"], ["2024-Q1", "2024-Q2"]]
)
def test_times_in_words_stand_on_an_axis_of_time(values: list[str]) -> None:
    rows = [[one, at] for at, one in enumerate(values)]
    figure = figure_of(Spec("line", x=0, y=(1,)), columns_of(when="VARCHAR", n="BIGINT"), rows)
    assert figure.layout.xaxis.type == "date"
    assert figure.data[0].x[0] == "2024-01-01T00:00:00"


def test_times_with_a_zone_are_drawn_in_utc() -> None:
    rows = [["2024-01-01 00:30:00+02:00", 1], ["2024-01-01 12:00:00+00:00", 2]]
    figure = figure_of(Spec("line", x=0, y=(1,)), columns_of(at="TIMESTAMP WITH TIME ZONE", n="BIGINT"), rows)
    assert list(figure.data[0].x) == ["2023-12-31T22:30:00", "2024-01-01T12:00:00"]


def test_missing_values_are_gaps_and_missing_times_are_told() -> None:
    rows: list[list[Any]] = [["2024-01-01", 1], ["2024-01-02", None], ["2024-01-03", 3], [None, 4], ["infinity", 5]]
    drawn = draw(Spec("line", x=0, y=(1,)), columns_of(day="DATE", n="BIGINT"), rows)
    assert drawn.figure is not None
    assert list(drawn.figure.data[0].y) == [1, None, 3]
    assert drawn.note == "2 rows have no place on the axis (day)."


EVERY_TYPE = {
    "DECIMAL(38,10)": 12.5, "HUGEINT": 170141183460469231731687303715884105727, "UUID": "0b5c6f2e-0000-4000-8000-0",
    "INTERVAL": "3 days 02:00:00", "BLOB": "00ff", "TIMESTAMP WITH TIME ZONE": "2024-01-01 00:00:00+00:00",
    "DOUBLE": "Infinity", "TIME": "12:00:00", "BOOLEAN": True, "INTEGER[]": [1, 2], "STRUCT(a INTEGER)": {"a": 1},
    "DATE": "infinity", "BIT": "0101", "FLOAT": "NaN",
}  # fmt: skip


@pytest.mark.parametrize("type_", EVERY_TYPE)
def test_every_type_can_be_a_category(type_: str) -> None:
    figure = figure_of(
        Spec("bar", x=0, y=(1,)), [Column("v", type_), Column("n", "BIGINT")], [[EVERY_TYPE[type_], 1], [None, 2]]
    )
    assert figure.to_json()
    assert sum(len(one.y) for one in figure.data) == 2


def test_huge_numbers_are_drawn_and_told_exactly() -> None:
    huge = 170141183460469231731687303715884105727
    rows: list[list[Any]] = [["a", huge], ["b", str(-huge)], ["c", "Infinity"], ["d", 1]]
    figure = figure_of(Spec("bar", x=0, y=(1,)), columns_of(v="VARCHAR", n="HUGEINT"), rows)
    assert figure.to_json()
    [bars] = figure.data
    drawn = bars.x if bars.orientation == "h" else bars.y
    assert list(drawn) == [float(huge), float(-huge), None, 1]
    assert f"{huge:,}" in bars.hovertext[0]


@pytest.mark.parametrize("values", [[1.7e308, -1.7e308, 1.0], [5e-324, -5e-324, 0.0], [1e-300, 2e-300], [1e300, 9e299]])
@pytest.mark.parametrize("kind", ["bar", "line", "area", "scatter", "pie", "histogram", "box", "heatmap"])
def test_the_largest_and_the_smallest_numbers_do_no_harm(kind: Any, values: list[float]) -> None:
    columns, rows = columns_of(c="VARCHAR", v="DOUBLE"), [["a", one] for one in values]
    x, y, color = (1, 0, 1) if kind == "heatmap" else (1, 1, None) if kind in ("histogram", "scatter") else (0, 1, None)
    for log in (False, True):
        figure = draw(Spec(kind, x=x, y=(y,), color=color, size=1, log=log), columns, rows).figure
        assert figure is None or figure.to_json()


def test_nothing_to_draw_is_said() -> None:
    drawn = draw(Spec("bar", x=0, y=(1,)), columns_of(c="VARCHAR", total_sales="BIGINT"), [["a", None]])
    assert (drawn.figure, drawn.note) == (None, "There is no number to draw in Total sales.")


def test_a_logarithmic_scale_tells_what_it_cannot_show() -> None:
    drawn = draw(Spec("bar", x=0, y=(1,), log=True), columns_of(c="VARCHAR", n="BIGINT"), [["a", 10], ["b", -1]])
    assert "logarithmic" in drawn.note


def test_negative_parts_are_no_part_of_a_pie() -> None:
    drawn = draw(Spec("pie", x=0, y=(1,)), columns_of(c="VARCHAR", n="BIGINT"), [["a", 3], ["b", -1], ["c", 1]])
    assert drawn.figure is not None
    assert list(drawn.figure.data[0].values) == [3, 1]
    assert "75%" in drawn.figure.data[0].text[0]
    assert "Negative" in drawn.note


def test_a_histogram_counts_every_row_in_bins_with_round_edges() -> None:
    rows = [[at / 10] for at in range(1000)]
    [bars] = figure_of(Spec("histogram", x=0), columns_of(v="DOUBLE"), rows).data
    assert sum(bars.y) == 1000
    edges = [middle - bars.width / 0.96 / 2 for middle in bars.x]
    assert edges[:3] == pytest.approx([0, 5, 10])
    assert set(bars.y) == {50}


def test_few_whole_numbers_have_a_bin_each() -> None:
    [bars] = figure_of(Spec("histogram", x=0), columns_of(v="BIGINT"), [[1], [2], [2], [4]]).data
    assert dict(zip(bars.x, bars.y, strict=True)) == {1: 1, 2: 2, 3: 0, 4: 1}


def test_a_heatmap_is_a_grid_in_the_order_of_both_columns() -> None:
    rows = [["Tuesday", 9, 1], ["Monday", 8, 2], ["Monday", 9, 3]]
    columns = columns_of(day="VARCHAR", hour="BIGINT", n="BIGINT")
    [grid] = figure_of(Spec("heatmap", x=1, y=(0,), color=2), columns, rows).data
    assert [json.loads(one) for one in grid.y] == ["Monday", "Tuesday"]
    assert [list(line) for line in grid.z] == [[2, 3], [None, 1]]


def test_boxes_have_the_values_of_their_group() -> None:
    rows: list[list[Any]] = [["a", 1], ["a", 2], ["b", 5], ["b", None]]
    figure = figure_of(Spec("box", x=0, y=(1,)), columns_of(c="VARCHAR", n="BIGINT"), rows)
    assert [list(one.y) for one in figure.data] == [[1, 2], [5]]


def test_points_beyond_the_most_are_thinned_and_said() -> None:
    drawn = draw(Spec("scatter", x=0, y=(1,)), columns_of(a="BIGINT", b="BIGINT"), [[at, at] for at in range(30_000)])
    assert drawn.figure is not None
    assert len(drawn.figure.data[0].x) == 20_000
    assert drawn.note == "A random 20,000 of 30,000 points."


HOSTILE = "<a href='https://evil.example'>n</a><br>%{x}</span>&amp;"


@pytest.mark.parametrize("kind", [one for one in KINDS if one not in ("table", "metric")])
def test_labels_headers_and_titles_are_not_markup(kind: Any) -> None:
    columns = [Column(HOSTILE, "VARCHAR"), Column(HOSTILE, "BIGINT"), Column(HOSTILE, "BIGINT")]
    rows = [[HOSTILE + str(at), at, at % 5] for at in range(1, 30)]
    color = {"scatter": 0, "histogram": 0, "heatmap": 2}.get(kind)
    x, y = (0, 1) if kind in ("bar", "line", "area", "pie", "box") else (1, 0) if kind == "heatmap" else (1, 2)
    spec = Spec(kind, x=x, y=() if kind == "histogram" else (y,), title=HOSTILE, color=color)
    figure = figure_of(spec, columns, rows)
    for where, text in shown_texts(figure.to_plotly_json()):
        assert not set(tags(text)) - {"b", "/b", "br", "span", "/span"}, where


def shown_texts(node: Any, key: str = "") -> list[tuple[str, str]]:
    """Every text that Plotly shows as markup, with the attribute that holds it."""
    if isinstance(node, dict):
        return [found for name, one in node.items() if name != "template" for found in shown_texts(one, name)]
    if isinstance(node, str):
        return [(key, node)] if key in ("text", "hovertext", "name", "ticktext", "hovertemplate") else []
    if hasattr(node, "tolist"):
        node = node.tolist()
    return [found for one in node for found in shown_texts(one, key)] if isinstance(node, list | tuple) else []


def tags(text: str) -> list[str]:
    return [part.split(">")[0].split(" ")[0] for part in text.split("<")[1:]]


def test_a_name_is_no_template_where_points_are_told_by_one() -> None:
    columns = [Column("%{customdata}<b>", "BIGINT"), Column("b", "BIGINT")]
    [points] = figure_of(Spec("scatter", x=0, y=(1,)), columns, [[at, at] for at in range(6_000)]).data
    assert points.hovertemplate.startswith("&#37;{customdata}&lt;b&gt;: %{x")


PICKS: dict[str, tuple[Spec, tuple[tuple[int, Any], ...]]] = {
    "bar": (Spec("bar", x=0, y=(2,), aggregate="sum"), ((0, "North"),)),
    "bar of a series": (Spec("bar", x=0, y=(2,), color=1), ((0, "North"), (1, 2023))),
    "line": (Spec("line", x=1, y=(2,), color=0), ((1, 2023), (0, "North"))),
    "scatter": (Spec("scatter", x=1, y=(2,), color=0), ((1, 2023), (2, 5), (0, "North"))),
    "pie": (Spec("pie", x=0, y=(2,), aggregate="sum", sort="x"), ((0, "North"),)),
    "box": (Spec("box", x=0, y=(2,)), ((0, "North"),)),
}


@pytest.mark.parametrize(("spec", "found"), PICKS.values(), ids=PICKS)
def test_a_click_says_which_rows_are_meant(spec: Spec, found: tuple[tuple[int, Any], ...]) -> None:
    first = figure_of(spec, SALES, ROWS).data[0].customdata[0]
    assert picked(spec, SALES, [{"x": 1, "y": 2, "curve_number": 0, "customdata": first}]) == found
    assert picked(spec, SALES, [{"customdata": [first]}]) == found


@pytest.mark.parametrize("given", [None, "", "[", '"a"', "[1, 2, 3, 4, 5, 6]", [], {}])
def test_a_click_on_something_else_says_nothing(given: Any) -> None:
    assert picked(Spec("bar", x=0, y=(2,)), SALES, [{"customdata": given}, {}]) == ()


def test_a_missing_category_can_be_picked() -> None:
    spec = Spec("bar", x=0, y=(2,))
    mark = figure_of(spec, SALES, [[None, 2023, 1]]).data[0].customdata[0]
    assert picked(spec, SALES, [{"customdata": mark}]) == ((0, None),)


METRICS: dict[str, tuple[Spec, list[Column], list[list[Any]], Metric]] = {
    "a count": (Spec("metric", y=(0,)), columns_of(n="BIGINT"), [[1234567]], Metric("N", "1,234,567")),
    "money": (Spec("metric", y=(0,)), columns_of(total_usd="DOUBLE"), [[-12.5]], Metric("Total USD", "−$12.5")),
    "a share": (Spec("metric", y=(0,)), columns_of(share="DOUBLE"), [[0.25]], Metric("Share", "25%")),
    "the column before": (
        Spec("metric", y=(0,), previous=1), columns_of(sales="BIGINT", before="BIGINT"), [[120, 100]],
        Metric("Sales", "120", "+20 (+20%)"),
    ),
    "the period before": (
        Spec("metric", x=0, y=(1,)), columns_of(m="DATE", sales="DOUBLE"),
        [["2024-02-01", 0.2], ["2024-03-01", 0.1], ["2024-01-01", 9.0]], Metric("Sales", "0.1", "-0.1 (-50%)"),
    ),
    "from nothing": (
        Spec("metric", y=(0,), previous=1), columns_of(a="BIGINT", b="BIGINT"), [[5, 0]], Metric("A", "5", "+5")
    ),
    "no value": (Spec("metric", y=(0,)), columns_of(a="BIGINT"), [[None]], Metric("A", "(missing)")),
}  # fmt: skip


@pytest.mark.parametrize(("spec", "columns", "rows", "metric"), METRICS.values(), ids=METRICS)
def test_a_metric_is_written_with_its_change(
    spec: Spec, columns: list[Column], rows: list[list[Any]], metric: Metric
) -> None:
    assert metrics(spec, columns, rows) == (metric,)


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_stand_out_from_the_page(look: Look) -> None:
    assert [one for one in (*look.series, look.other) if contrast(one, look.page) < 2.95] == []
    assert [one for one in (look.text, look.quiet) if contrast(one, look.page) < 4.5] == []


def contrast(one: str, other: str) -> float:
    """As the Web Content Accessibility Guidelines reckon it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


_TYPES = ["BIGINT", "DOUBLE", "HUGEINT", "VARCHAR", "DATE", "TIMESTAMP", "BOOLEAN", "INTEGER[]", "DECIMAL(18,2)"]
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "BIGINT": st.integers(-(2**63), 2**63 - 1) | st.integers(1990, 2030) | st.integers(0, 5),
    "HUGEINT": st.integers(-(2**127), 2**127 - 1) | st.just("170141183460469231731687303715884105727"),
    "DOUBLE": st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(["NaN", "Infinity", "-Infinity"]),
    "DECIMAL(18,2)": st.floats(-1e15, 1e15).map(lambda one: round(one, 2)),
    "VARCHAR": st.text(max_size=30) | st.sampled_from(["Jan 2024", "Monday", "May", "<b>", "Q1 2024", "2024-02", ""]),
    "DATE": st.dates().map(str) | st.sampled_from(["infinity", "0044-03-15 (BC)", "294247-01-10"]),
    "TIMESTAMP": st.datetimes().map(lambda one: one.isoformat(sep=" ")),
    "BOOLEAN": st.booleans(),
    "INTEGER[]": st.lists(st.integers(0, 3), max_size=2),
}


@st.composite
def results(draw_one: st.DrawFn) -> tuple[Spec, list[Column], list[list[Any]]]:
    types = draw_one(st.lists(st.sampled_from(_TYPES), min_size=1, max_size=5))
    names = draw_one(st.lists(st.text(max_size=12), min_size=len(types), max_size=len(types)))
    rows = draw_one(st.lists(st.tuples(*(st.none() | _VALUES[one] for one in types)).map(list), max_size=12))
    place = st.integers(0, len(types) - 1)
    spec = Spec(
        draw_one(st.sampled_from(KINDS)), x=draw_one(st.none() | place), y=tuple(draw_one(st.lists(place, max_size=3))),
        color=draw_one(st.none() | place), size=draw_one(st.none() | place), previous=draw_one(st.none() | place),
        aggregate=draw_one(st.sampled_from(AGGREGATES)), sort=draw_one(st.sampled_from(SORTS)),
        stacked=draw_one(st.booleans()), horizontal=draw_one(st.booleans()), log=draw_one(st.booleans()),
        title=draw_one(st.text(max_size=60)),
    )  # fmt: skip
    return spec, [Column(name, type_) for name, type_ in zip(names, types, strict=True)], rows


@settings(max_examples=200, deadline=None)
@given(results(), st.booleans())
def test_any_spec_draws_any_rows(result: tuple[Spec, list[Column], list[list[Any]]], dark: bool) -> None:
    spec, columns, rows = result
    drawn = draw(spec, columns, rows, dark=dark)
    if drawn.figure is not None:
        json.loads(drawn.figure.to_json())
    assert all(isinstance(one.value, str) for one in metrics(spec, columns, rows))


@pytest.mark.parametrize("months", [8, 12, 30])
def test_a_pie_of_months_goes_round_in_their_order(months: int) -> None:
    rows: list[list[Any]] = [[f"{2024 + at // 12}-{at % 12 + 1:02}", 100 + at] for at in range(months)]
    columns = columns_of(month="VARCHAR", n="BIGINT")
    [slices] = figure_of(Spec("pie", x=0, y=(1,), sort="x"), columns, rows).data
    assert sum(slices["values"]) == sum(row[1] for row in rows)
    assert len(slices["values"]) <= 12
    assert len(slices.marker.colors) == len(slices["values"])


def test_a_value_cannot_turn_the_text_around_it() -> None:
    figure = figure_of(Spec("bar", x=0, y=(1,)), columns_of(v="VARCHAR", n="BIGINT"), [["\u202elive", 1]])
    assert "\u202e" not in json.dumps(figure.to_dict()["layout"], default=str, ensure_ascii=False)


@pytest.mark.parametrize(
    ("texts", "ordered"),
    [
        (["31/12/2023", "01/01/2024", "15/12/2023"], ["15/12/2023", "31/12/2023", "01/01/2024"]),
        (["9 am", "11 pm", "1 pm"], ["9 am", "1 pm", "11 pm"]),
        (["الاثنين", "الأحد", "الأربعاء"], ["الاثنين", "الأربعاء", "الأحد"]),
        (["Wed", "Mon", "Sun"], ["Mon", "Wed", "Sun"]),
    ],
)
def test_times_in_words_stand_in_the_order_of_the_calendar(texts: list[str], ordered: list[str]) -> None:
    rows: list[list[Any]] = [[one, 1] for one in texts]
    figure = figure_of(Spec("line", x=0, y=(1,), sort="x"), columns_of(at="VARCHAR", n="BIGINT"), rows)
    assert [json.loads(one) for one in figure.data[0].x] == ordered
