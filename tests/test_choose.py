"""Which chart a result gets: named shapes of results, words of questions, and any table that one can think of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.charts.choose import choose
from lib.charts.draw import draw
from lib.charts.kinds import gathered, of_kind
from lib.charts.places import places
from lib.charts.spec import KINDS, Kind, Spec
from lib.engine.result import Column

Rows = list[list[Any]]


@dataclass(frozen=True)
class Case:
    """`columns` are `name TYPE` with commas between, `next` the alternative that has to come first."""

    columns: str
    rows: Rows
    spec: Spec
    asked: str = ""
    next: Kind | None = None


def described(columns: str) -> list[Column]:
    pairs = [one.strip().rsplit(" ", 1) for one in columns.split(", ")] if columns else []
    return [Column(name, type_) for name, type_ in pairs]


def bare(spec: Spec) -> Spec:
    return replace(spec, reason="", alternatives=())


TABLE = Spec("table")
MONTHS = [f"2024-{month:02}-01" for month in range(1, 13)]
MONTH_NAMES = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
WEEKDAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
REGIONS: Rows = [["North", 40], ["East", 10], ["South", 30]]
BY_ID: Rows = [[20, 4.0], [10, 1.5], [30, 3.0]]
"""Neither in the order of the labels nor in that of the numbers."""
SPLIT: Rows = [[country, sex, n + i] for n, country in enumerate(["NO", "FR", "IT"]) for i, sex in enumerate("fm")]
MEASURED = [[1.0 + i % 7, 2.5 * i % 11] for i in range(40)]
GROUPS = [[species, 10.0 * g + i % 5] for g, species in enumerate(["cat", "dog", "owl"]) for i in range(12)]
MANY = [[f"c{i * 37 % 50:02}", (i * 13) % 50 + 1] for i in range(50)]
GRID = [[f"a{i:02}", f"b{j:02}", i * j] for i in range(15) for j in range(14)]
PARTS = Spec("pie", x=0, y=(1,), sort="value_down")
RANKED = Spec("bar", x=0, y=(1,), sort="value_down")
OVER_TIME = Spec("line", x=0, y=(1,), sort="x")
AGAINST = Spec("scatter", x=0, y=(1,))


def dated(times: list[Any]) -> Rows:
    return [[time, (i * 7) % 5 + 1] for i, time in enumerate(times)]


CASES: dict[str, Case] = {
    # Several numbers, and what the question says of them
    "one number against another": Case(
        "product VARCHAR, price DOUBLE, quantity BIGINT",
        [[f"p{i}", 1.5 * (i * 7 % 8) + 1, 100 * (i * 3 % 8) + 100] for i in range(8)],
        Spec("scatter", x=1, y=(2,), color=0),
        asked="price versus quantity by product",
    ),
    "one number against another of its size": Case(
        "region VARCHAR, sales BIGINT, target BIGINT",
        [["N", 10, 12], ["S", 25, 22], ["E", 13, 14]],
        Spec("bar", x=0, y=(1, 2), sort="value_down"),
        asked="sales vs target by region",
    ),
    "a number and its moving average": Case(
        "month VARCHAR, revenue DOUBLE, moving_avg DOUBLE",
        [[f"2024-{month:02}", 10.0 + month, 9.0 + month] for month in range(1, 13)],
        Spec("line", x=0, y=(1, 2), sort="x"),
    ),
    "records as they were written down": Case(
        "order_id BIGINT, day DATE, customer VARCHAR, quantity BIGINT, price DOUBLE",
        [[i, f"2024-01-{1 + i % 28:02}", f"c{i % 9}", i % 7, 1.1 * i] for i in range(60)],
        TABLE,
        asked="show me the orders",
    ),
    "a correlation matrix": Case(
        "a VARCHAR, b VARCHAR, corr DOUBLE",
        [[a, b, 0.5] for a in "xyz" for b in "xyz"],
        Spec("heatmap", x=0, y=(1,), color=2, sort="x"),
        asked="correlation matrix of the numeric columns",
    ),
    "a plain share in Arabic": Case(
        "region VARCHAR, sales BIGINT", REGIONS, PARTS, asked="ما نسبة المبيعات حسب المنطقة"
    ),
    # One row, or nothing to draw
    "no rows": Case("n BIGINT", [], TABLE),
    "one number": Case("n BIGINT", [[42]], Spec("metric", y=(0,)), next="table"),
    "one number with its label": Case("country VARCHAR, n BIGINT", [["NO", 42]], Spec("metric", y=(1,))),
    "two numbers in one row": Case("a DOUBLE, b DOUBLE", [[1.5, 2.5]], Spec("metric", y=(0, 1))),
    "one number and the one before": Case(
        "sales BIGINT, previous_sales BIGINT", [[12, 10]], Spec("metric", y=(0,), previous=1)
    ),
    "one row of many numbers": Case(", ".join(f"n{i} BIGINT" for i in range(9)), [list(range(9))], TABLE),
    "one row of text": Case("name VARCHAR", [["Oslo"]], TABLE),
    "one identifier": Case("customer_id BIGINT", [[17]], TABLE),
    "all missing": Case("country VARCHAR, n BIGINT", [["NO", None], ["IT", None]], TABLE),
    "one missing number": Case("n BIGINT", [[None]], TABLE),
    "only names": Case("name VARCHAR", [["a"], ["b"]], TABLE),
    "names that repeat": Case("country VARCHAR", [["NO"], ["IT"], ["NO"]], TABLE, next="bar"),
    "two columns of text": Case("name VARCHAR, city VARCHAR", [["a", "x"], ["b", "y"]], TABLE),
    "lists of numbers": Case("name VARCHAR, n BIGINT[]", [["a", [1]], ["b", [2]]], TABLE),
    "structs and binary": Case("s STRUCT(a INTEGER), b BLOB", [[{"a": 1}, "ff"], [{"a": 2}, "00"]], TABLE),
    "names and identifiers": Case("name VARCHAR, customer_id BIGINT", [["a", 1], ["b", 2]], TABLE, next="bar"),
    "names and zip codes": Case("city VARCHAR, zip BIGINT", [["Oslo", 180], ["Rome", 118]], TABLE),
    "names and phones": Case("name VARCHAR, Phone BIGINT", [["a", 4712345678], ["b", 4787654321]], TABLE),
    # A number for each label
    "a number by label": Case("region VARCHAR, n BIGINT", REGIONS, RANKED, next="pie"),
    "a ranking stays one": Case(
        "region VARCHAR, n BIGINT", [["N", 9], ["E", 7], ["S", 1]], replace(RANKED, sort="given")
    ),
    "labels in their order stay so": Case(
        "region VARCHAR, n BIGINT", [["E", 7], ["N", 9], ["S", 1]], replace(RANKED, sort="given")
    ),
    "long labels lie": Case(
        "country VARCHAR, n BIGINT",
        [["United Kingdom of Great Britain", 3], ["Chad", 1], ["Oman", 2]],
        replace(RANKED, horizontal=True),
    ),
    "an average is no part of a whole": Case("region VARCHAR, avg(price) DOUBLE", REGIONS, RANKED, next="table"),
    "a missing label": Case("region VARCHAR, n BIGINT", [["N", 5], [None, 3], ["E", 9], ["S", 4]], RANKED),
    "fifty labels": Case("city VARCHAR, n BIGINT", MANY, RANKED, next="histogram"),
    "negative numbers by label": Case("region VARCHAR, profit DOUBLE", [["N", 4.0], ["E", -2.5], ["S", 3.0]], RANKED),
    "shares that make up a whole": Case(
        "party VARCHAR, pct DOUBLE", [["C", 30.5], ["A", 45.0], ["B", 24.5]], RANKED, next="pie"
    ),
    "shares that do not": Case(
        "party VARCHAR, pct DOUBLE", [["C", 80.5], ["A", 95.0], ["B", 74.5]], RANKED, next="table"
    ),
    "yes and no": Case("member BOOLEAN, n BIGINT", [[True, 4], [False, 9]], replace(RANKED, sort="given")),
    "identifiers as labels": Case("dept_id BIGINT, avg(pay) DOUBLE", BY_ID, RANKED, next="scatter"),
    "text identifiers as labels": Case("zip VARCHAR, n BIGINT", [["2004", 4], ["1999", 1], ["2001", 3]], RANKED),
    "numbers of one scale side by side": Case(
        "region VARCHAR, men BIGINT, women BIGINT",
        [["N", 40, 41], ["E", 10, 15], ["S", 30, 28]],
        replace(RANKED, y=(1, 2)),
    ),
    "numbers of other scales are left out": Case(
        "region VARCHAR, n BIGINT, total BIGINT",
        [["N", 4, 41_000], ["E", 1, 15_000], ["S", 3, 28_000]],
        RANKED,
    ),
    "averages are not set beside sums": Case(
        "region VARCHAR, total BIGINT, avg_price DOUBLE", [["N", 4, 4.5], ["E", 1, 1.5], ["S", 3, 2.5]], RANKED
    ),
    "a rank is no measure": Case(
        "rank BIGINT, team VARCHAR, points BIGINT", [[1, "A", 9], [2, "B", 7], [3, "C", 5]], Spec("bar", x=1, y=(2,))
    ),
    "geographic names": Case(
        "country VARCHAR, capital VARCHAR, people BIGINT",
        [["NO", "Oslo", 5], ["FR", "Paris", 68], ["IT", "Rome", 59]],
        replace(RANKED, y=(2,)),
    ),
    "latitude and longitude": Case(
        "city VARCHAR, lat DOUBLE, lon DOUBLE",
        [["Oslo", 59.9, 10.7], ["Rome", 41.9, 12.5], ["Paris", 48.9, 2.4]],
        Spec("scatter", x=2, y=(1,), color=0),
    ),
    # A number for each label and group
    "by label and group": Case(
        "country VARCHAR, sex VARCHAR, n BIGINT",
        SPLIT,
        Spec("bar", x=0, y=(2,), color=1, sort="value_down", stacked=True),
        next="heatmap",
    ),
    "the number between its labels": Case(
        "country VARCHAR, count(*) BIGINT, sex VARCHAR",
        [[country, n, sex] for country, sex, n in SPLIT],
        Spec("bar", x=0, y=(1,), color=2, sort="value_down", stacked=True),
    ),
    "averages by label and group are not stacked": Case(
        "country VARCHAR, sex VARCHAR, avg_age DOUBLE", SPLIT, Spec("bar", x=0, y=(2,), color=1, sort="value_down")
    ),
    "mixed signs are not stacked": Case(
        "country VARCHAR, sex VARCHAR, n BIGINT",
        [[country, sex, n - 2] for country, sex, n in SPLIT],
        Spec("bar", x=0, y=(2,), color=1, sort="value_down"),
        asked="a stacked bar chart",
    ),
    "few groups are colours, many are the axis": Case(
        "sex VARCHAR, country VARCHAR, n BIGINT",
        [[sex, f"c{(i * 7) % 20}", i] for i in range(20) for sex in "fm"],
        Spec("bar", x=1, y=(2,), color=0, sort="value_down", stacked=True),
    ),
    "a large grid": Case(
        "a VARCHAR, b VARCHAR, n BIGINT", GRID, Spec("heatmap", x=1, y=(0,), color=2, sort="x"), next="bar"
    ),
    "three labels": Case(
        "country VARCHAR, sex VARCHAR, age VARCHAR, n BIGINT",
        [[country, sex, age, n] for country, sex, n in SPLIT for age in ("young", "old")],
        Spec("bar", x=0, y=(3,), color=1, aggregate="sum", sort="value_down", stacked=True),
    ),
    "a name that repeats is put together": Case(
        "region VARCHAR, sales DOUBLE", [["N", 4.0], ["E", 2.5], ["N", 3.0]], replace(RANKED, aggregate="sum")
    ),
    "prices that share a label are averaged": Case(
        "region VARCHAR, price DOUBLE", [["N", 4.0], ["E", 2.5], ["N", 3.0]], replace(RANKED, aggregate="mean")
    ),
    "single cases in groups": Case("species VARCHAR, weight DOUBLE", GROUPS, Spec("box", x=0, y=(1,)), next="bar"),
    # Over time
    "by month": Case("month DATE, total DOUBLE", dated(MONTHS), OVER_TIME, next="bar"),
    "downwards in time": Case("month DATE, total DOUBLE", dated(MONTHS[::-1]), OVER_TIME),
    "by moment": Case(
        "at TIMESTAMP, n BIGINT", dated([f"2024-01-01 {hour:02}:00:00" for hour in range(24)]), OVER_TIME
    ),
    "by moment with a zone": Case(
        "at TIMESTAMP WITH TIME ZONE, n BIGINT",
        dated([f"2024-01-01 {hour:02}:00:00+02:00" for hour in range(24)]),
        OVER_TIME,
    ),
    "by year as a number": Case("year BIGINT, n BIGINT", dated([2020, 2021, 2022]), OVER_TIME),
    "by month as text": Case("m VARCHAR, n BIGINT", dated(["2024-01", "2024-02", "2024-03"]), OVER_TIME),
    "by month in words": Case("m VARCHAR, n BIGINT", dated(["Jan 2024", "February 2024", "Mar 2024"]), OVER_TIME),
    "by quarter": Case("q VARCHAR, n BIGINT", dated(["Q3 2023", "Q4 2023", "Q1 2024", "Q2 2024"]), OVER_TIME),
    "by quarter, the year first": Case("q VARCHAR, n BIGINT", dated(["2023-Q3", "2023-Q4", "2024-Q1"]), OVER_TIME),
    "by week": Case("w VARCHAR, n BIGINT", dated(["2024-W09", "2024-W10", "2024-W11"]), OVER_TIME),
    "by date as text": Case("d VARCHAR, n BIGINT", dated(["31/12/2023", "01/01/2024", "02/01/2024"]), OVER_TIME),
    "by span of years": Case("d VARCHAR, n BIGINT", dated(["1970~1979", "1980~1989", "1990~1999"]), OVER_TIME),
    "by decade": Case("d VARCHAR, n BIGINT", dated(["1970s", "1980s", "1990s"]), OVER_TIME),
    "by month's number": Case("order_month BIGINT, n BIGINT", dated(list(range(1, 13))), OVER_TIME),
    "by month's name": Case("month VARCHAR, n BIGINT", dated(MONTH_NAMES), OVER_TIME),
    "by hour": Case("hour BIGINT, n BIGINT", dated(list(range(24))), OVER_TIME),
    "by weekday": Case("day VARCHAR, n BIGINT", dated(WEEKDAYS), Spec("bar", x=0, y=(1,), sort="x"), next="line"),
    "by weekday in Arabic": Case(
        "يوم VARCHAR, عدد BIGINT",
        dated(["الأحد", "الاثنين", "الثلاثاء", "الأربعاء"]),
        Spec("bar", x=0, y=(1,), sort="x"),
    ),
    "by weekday's number": Case(
        "day_of_week BIGINT, n BIGINT", dated(list(range(7))), Spec("bar", x=0, y=(1,), sort="x")
    ),
    "two years are compared": Case(
        "year BIGINT, n BIGINT", [[2023, 5], [2024, 9]], Spec("bar", x=0, y=(1,)), next="line"
    ),
    "a ranking of years": Case(
        "year BIGINT, n BIGINT", [[2013, 9], [2020, 7], [2016, 5], [2018, 2]], Spec("bar", x=0, y=(1,)), next="line"
    ),
    "text that looks like years": Case(
        "room VARCHAR, n BIGINT", [["101", 5], ["102", 9], ["999", 2]], replace(RANKED, sort="given")
    ),
    "by month and region": Case(
        "month DATE, region VARCHAR, n BIGINT",
        [[month, region, i] for i, month in enumerate(MONTHS) for region in "NS"],
        Spec("line", x=0, y=(2,), color=1, sort="x"),
        next="bar",
    ),
    "by month and many cities": Case(
        "month DATE, city VARCHAR, n BIGINT",
        [[month, f"c{i}", i] for month in MONTHS for i in range(40)],
        Spec("line", x=0, y=(2,), color=1, sort="x"),
    ),
    "by year and month": Case(
        "year BIGINT, month BIGINT, n BIGINT",
        [[year, month, month * year] for year in (2022, 2023) for month in range(1, 13)],
        Spec("line", x=1, y=(2,), color=0, sort="x"),
    ),
    "several numbers over time": Case(
        "month DATE, income BIGINT, costs BIGINT",
        [[m, 10 + i, 9 + i] for i, m in enumerate(MONTHS)],
        replace(OVER_TIME, y=(1, 2)),
    ),
    "by weekday and hour": Case(
        "weekday VARCHAR, hour BIGINT, n BIGINT",
        [[day, hour, hour] for day in WEEKDAYS for hour in range(24)],
        Spec("heatmap", x=0, y=(1,), color=2, sort="x"),
        next="bar",
    ),
    "by year and quarter": Case(
        "year BIGINT, quarter VARCHAR, n BIGINT",
        [[year, f"Q{q}", q * year] for year in (2022, 2023) for q in range(1, 5)],
        Spec("line", x=1, y=(2,), color=0, sort="x"),
        next="bar",
    ),
    "by span of ages": Case(
        "age VARCHAR, n BIGINT", [["0-9", 4], ["10-19", 9], ["100+", 1]], replace(RANKED, sort="given"), next="pie"
    ),
    "a number for each of few": Case(
        "rooms BIGINT, price DOUBLE",
        [[1, 4.0], [2, 5.5], [2, 6.5], [3, 8.0]],
        Spec("bar", x=0, y=(1,), aggregate="mean", sort="x"),
        asked="bar chart of price by rooms",
    ),
    "a line over a number": Case(
        "dose DOUBLE, response DOUBLE", [[0.5, 1.0], [1.0, 3.5], [2.0, 5.0]], OVER_TIME, asked="Draw a line"
    ),
    "shares of quarters": Case(
        "quarter VARCHAR, sales BIGINT",
        [["Q1", 4], ["Q2", 9], ["Q3", 7], ["Q4", 8]],
        replace(PARTS, sort="x"),
        asked="What share of sales has each quarter?",
    ),
    "several rows a day are summed": Case(
        "day DATE, sales BIGINT", dated(MONTHS[:4] * 3), replace(OVER_TIME, aggregate="sum"), next="bar"
    ),
    "things with a date are labels": Case(
        "film VARCHAR, released DATE, sales BIGINT",
        [["B", "2021-05-01", 9], ["A", "2024-07-01", 8], ["C", "2020-01-01", 6]],
        Spec("bar", x=0, y=(2,)),
    ),
    # Numbers against numbers
    "two measures": Case("height DOUBLE, mass DOUBLE", MEASURED, AGAINST),
    "two measures and a group": Case(
        "height DOUBLE, mass DOUBLE, species VARCHAR",
        [[*pair, "ab"[i % 2]] for i, pair in enumerate(MEASURED)],
        replace(AGAINST, color=2),
    ),
    "three measures": Case(
        "price DOUBLE, rating DOUBLE, sales BIGINT",
        [[*pair, i] for i, pair in enumerate(MEASURED)],
        replace(AGAINST, size=2),
    ),
    "how often each number is there": Case(
        "children BIGINT, count(*) BIGINT",
        [[0, 12], [1, 30], [2, 25], [3, 4]],
        Spec("bar", x=0, y=(1,), sort="x"),
        next="scatter",
    ),
    "two identifiers": Case("manager_id BIGINT, dept_id BIGINT", [[1, 4], [2, 5], [2, 6]], TABLE, next="scatter"),
    "many of one number": Case("weight DOUBLE", [[i % 9 / 2] for i in range(60)], Spec("histogram", x=0), next="box"),
    "a few of one number": Case("weight DOUBLE", [[1.5], [2.5], [9.0]], TABLE),
    "an identifier beside many numbers": Case(
        "order_id BIGINT, amount DOUBLE",
        [[i, (i * 7) % 23 + 0.5] for i in range(60)],
        Spec("histogram", x=1),
        asked="How are the amounts of orders distributed?",
    ),
    "infinite and enormous numbers": Case(
        "region VARCHAR, n DOUBLE", [["N", "Infinity"], ["E", 10**38], ["S", "NaN"], ["W", 3], ["C", 7]], RANKED
    ),
    # What the question says
    "a pie by name": Case(
        "region VARCHAR, avg(price) DOUBLE", REGIONS, PARTS, asked="Average price by region as a pie chart", next="bar"
    ),
    "never a pie of fifty parts": Case("city VARCHAR, n BIGINT", MANY, RANKED, asked="draw a pie chart of the cities"),
    "never a pie with negative parts": Case(
        "region VARCHAR, profit DOUBLE", [["N", 4.0], ["E", -2.5], ["S", 3.0]], RANKED, asked="pie chart of profit"
    ),
    "a chart that is not wanted": Case("region VARCHAR, n BIGINT", REGIONS, RANKED, asked="Not a pie chart please"),
    "shares": Case("region VARCHAR, n BIGINT", REGIONS, PARTS, asked="What share of orders has each region?"),
    "a percentage that is no share": Case(
        "country VARCHAR, pct DOUBLE",
        [["C", 80.5], ["A", 95.0], ["B", 74.5]],
        RANKED,
        asked="percentage of readers by country",
        next="pie",
    ),
    "shares over time": Case(
        "month DATE, region VARCHAR, n BIGINT",
        [[month, region, i] for i, month in enumerate(MONTHS) for region in "NS"],
        Spec("area", x=0, y=(2,), color=1, sort="x", stacked=True),
        asked="the share of each region by month",
        next="line",
    ),
    "a trend of weekdays": Case("day VARCHAR, n BIGINT", dated(WEEKDAYS), OVER_TIME, asked="What is the trend?"),
    "a correlation of identifiers": Case(
        "clerk_id BIGINT, pay DOUBLE", BY_ID, AGAINST, asked="Is there a correlation?"
    ),
    "a distribution of single cases": Case(
        "species VARCHAR, weight DOUBLE", GROUPS, Spec("histogram", x=1), asked="histogram of weights", next="box"
    ),
    "a histogram of things with a name": Case(
        "name VARCHAR, pay DOUBLE", MANY, Spec("histogram", x=1), asked="histogram of pay", next="bar"
    ),
    "how names are distributed": Case(
        "country VARCHAR",
        [["NO"], ["IT"], ["NO"]],
        Spec("bar", x=0, aggregate="count", sort="value_down"),
        asked="How are the customers distributed?",
    ),
    "a histogram that is counted already": Case(
        "grade VARCHAR, n BIGINT", [["B", 9], ["A", 4], ["C", 6]], RANKED, asked="a histogram of the grades"
    ),
    "a heat map by name": Case(
        "country VARCHAR, sex VARCHAR, n BIGINT",
        SPLIT,
        Spec("heatmap", x=1, y=(0,), color=2, sort="x"),
        asked="as a heatmap",
    ),
    "bars side by side": Case(
        "country VARCHAR, sex VARCHAR, n BIGINT",
        SPLIT,
        Spec("bar", x=0, y=(2,), color=1, sort="value_down"),
        asked="a grouped bar chart",
    ),
    "bars that stand": Case(
        "country VARCHAR, n BIGINT",
        [["United Kingdom of Great Britain", 3], ["Chad", 1], ["Oman", 2]],
        RANKED,
        asked="as a column chart",
    ),
    "numbers of one scale stacked": Case(
        "region VARCHAR, men BIGINT, women BIGINT",
        [["N", 40, 41], ["E", 10, 15], ["S", 30, 28]],
        replace(RANKED, y=(1, 2), stacked=True),
        asked="stack men and women",
    ),
    "a change against the month before": Case(
        "month DATE, sales BIGINT",
        [["2024-01-01", 5], ["2024-02-01", 9]],
        Spec("metric", x=0, y=(1,), sort="x"),
        asked="Sales of this month compared to the last month",
        next="bar",
    ),
    "as a table": Case("region VARCHAR, n BIGINT", REGIONS, TABLE, asked="show it as a table", next="bar"),
    "a line by label": Case("region VARCHAR, n BIGINT", REGIONS, Spec("line", x=0, y=(1,)), asked="line chart of n"),
    "an identifier as a measure when asked": Case(
        "name VARCHAR, customer_id BIGINT", [["b", 7], ["a", 9], ["c", 8]], RANKED, asked="bar chart of the ids"
    ),
    "a pie in Arabic": Case("region VARCHAR, n BIGINT", REGIONS, PARTS, asked="عدد الطلبات لكل منطقة في مخطط دائري"),
    "a share in Arabic": Case("region VARCHAR, n BIGINT", REGIONS, PARTS, asked="ما حصة كل منطقة من المبيعات؟"),
    "a line in Arabic": Case("region VARCHAR, n BIGINT", REGIONS, Spec("line", x=0, y=(1,)), asked="ارسمها كمخطط خطّي"),
    "a bar where one drinks": Case(
        "month DATE, bars BIGINT", dated(MONTHS), OVER_TIME, asked="How many bars opened in each month?"
    ),
    "a pie that one eats": Case(
        "month DATE, pies BIGINT", dated(MONTHS), OVER_TIME, asked="How many pies were sold in each month?"
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_shape(case: Case) -> None:
    columns = described(case.columns)
    spec = choose(case.asked, columns, case.rows)
    assert bare(spec) == case.spec
    assert spec.reason.endswith(".")
    assert spec.kind not in spec.alternatives
    if case.next:
        assert spec.alternatives[:1] == (case.next,)
    for kind in spec.alternatives:
        assert of_kind(kind, columns, case.rows, case.asked) is not None
    draw(spec, columns, case.rows)


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ("Show me a bar graph of sales", "bar"),
        ("sales as a donut", "pie"),
        ("Draw a time series plot", "line"),
        ("stacked area chart please", "area"),
        ("scatterplot of it", "scatter"),
        ("a bubble chart", "scatter"),
        ("box plot", "box"),
        ("boxplots of it", "box"),
        ("Histogram, please", "histogram"),
        ("heat map of it", "heatmap"),
        ("I do not want a pie chart, give me a line chart", "line"),
        ("bars instead of a pie chart: a bar chart", "bar"),
        ("Bar. how many are there", "bar"),
        ("Return a pie on what they cost", "pie"),
        ("first a line chart, then a bar chart", "line"),
        ("رسم بياني بالأعمدة", "bar"),
        ("مخطط خطي", "line"),
        ("مُخَطَّط الانتشار", "scatter"),
        ("خريطة حرارية", "heatmap"),
        ("مخطط صندوقي", "box"),
        ("المدرج التكراري", "histogram"),
        ("مخطط مساحي", "area"),
    ],
)
def test_a_chart_that_is_named_is_drawn_where_it_can_be(asked: str, kind: Kind) -> None:
    columns = described("month DATE, region VARCHAR, price DOUBLE, n BIGINT")
    rows = [[month, region, i + 0.5, i % 7] for i, month in enumerate(MONTHS) for region in ("N", "S", "S")]
    spec = choose(asked, columns, rows) if kind != "pie" else choose(asked, described("r VARCHAR, n BIGINT"), REGIONS)
    assert spec.kind == kind
    assert "as the question asks for" in spec.reason


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("a number by label", "Shows n for each region."),
        ("one number against another of its size", "Shows sales and target for each region."),
        ("prices that share a label are averaged", "Shows the average of price for each region."),
        ("by month and region", "Shows n over month, split by region."),
        ("never a pie of fifty parts", "Shows n for each city: 50 parts are too many for a pie."),
        ("never a pie with negative parts", "Shows profit for each region: a pie has no negative parts."),
        ("a trend of weekdays", "Shows n over day, as the question asks for a trend."),
        ("no rows", "The result has no rows."),
        ("names and identifiers", "Shows the rows as they are: there is no number to draw."),
    ],
)
def test_the_reason_is_a_sentence(case: str, said: str) -> None:
    one = CASES[case]
    assert choose(one.asked, described(one.columns), one.rows).reason == said


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_every_kind_takes_columns_from_its_places(case: Case) -> None:
    columns = described(case.columns)
    for kind in KINDS:
        spec, may = of_kind(kind, columns, case.rows, case.asked), places(kind, columns, case.rows)
        if spec is None:
            continue
        assert spec.kind == kind
        assert spec.fits(len(columns))
        assert {spec.x} <= {None, *may.x}
        assert set(spec.y) <= set(may.y)
        assert {spec.color} <= {None, *may.color}
        assert {spec.size} <= {None, *may.size}


@pytest.mark.parametrize(
    ("kind", "case"),
    [
        ("pie", "fifty labels"),
        ("pie", "negative numbers by label"),
        ("pie", "two measures"),
        ("area", "negative numbers by label"),
        ("scatter", "a number by label"),
        ("heatmap", "a number by label"),
        ("histogram", "a few of one number"),
        ("box", "a number by label"),
        ("metric", "a number by label"),
        ("bar", "many of one number"),
        ("line", "names that repeat"),
    ],
)
def test_a_kind_that_does_not_suit_is_not_offered(kind: Kind, case: str) -> None:
    one = CASES[case]
    assert of_kind(kind, described(one.columns), one.rows) is None


def test_a_change_is_offered_for_numbers_over_time() -> None:
    spec = of_kind("metric", described("month DATE, sales BIGINT"), dated(MONTHS))
    assert spec is not None
    assert bare(spec) == Spec("metric", x=0, y=(1,), sort="x")


def test_columns_chosen_by_hand_are_put_together_where_they_share_a_mark() -> None:
    columns, rows = described("country VARCHAR, sex VARCHAR, n BIGINT, price DOUBLE"), [[*row, 1.5] for row in SPLIT]
    by_hand = Spec("bar", x=1, y=(2,))
    assert gathered(by_hand, columns, rows).aggregate == "sum"
    assert gathered(replace(by_hand, y=(3,)), columns, rows).aggregate == "mean"
    assert gathered(replace(by_hand, color=0, aggregate="sum"), columns, rows).aggregate == "none"
    assert gathered(replace(by_hand, aggregate="max"), columns, rows).aggregate == "max"
    lists = [[[1], 2], [[1], 3]]
    assert gathered(Spec("bar", x=0, y=(1,)), described("l BIGINT[], n BIGINT"), lists).aggregate == "sum"


HOSTILE = st.sampled_from(
    ["", "<img src=x onerror=alert(1)>", "%{x}", "'; DROP TABLE t; --", "\u202egnp", "a\x00b", "=1+1", "Infinity", "📈"]
)
TEXTS = st.one_of(
    HOSTILE, st.text(max_size=8), st.sampled_from([*MONTH_NAMES, *WEEKDAYS, "Q1 2024", "2024-13", "25:00"])
)
NESTED = st.one_of(st.lists(st.integers(), max_size=2), st.dictionaries(st.text(max_size=2), st.integers(), max_size=2))
CELLS: dict[str, st.SearchStrategy[Any]] = {
    "BIGINT": st.integers(-(10**6), 10**6),
    "HUGEINT": st.integers(-(2**127), 2**127 - 1),
    "DOUBLE": st.one_of(
        st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["NaN", "Infinity", "-Infinity"])
    ),
    "DECIMAL(18,3)": st.floats(-1e6, 1e6),
    "VARCHAR": TEXTS,
    "BOOLEAN": st.booleans(),
    "DATE": st.one_of(st.dates().map(str), st.sampled_from(["0044-03-15 (BC)", "infinity"])),
    "TIMESTAMP WITH TIME ZONE": st.datetimes().map(lambda at: f"{at}+02:00"),
    "TIME": st.times().map(str),
    "UUID": st.uuids().map(str),
    "BLOB": st.binary(max_size=3).map(bytes.hex),
    "INTEGER[]": NESTED,
    "STRUCT(a INTEGER)": NESTED,
    "INTERVAL": st.just("1 day"),
    "ANYTHING": st.one_of(TEXTS, NESTED, st.integers(), st.booleans(), st.floats(allow_nan=False)),
}
NAMES = st.one_of(HOSTILE, st.sampled_from(["n", "year", "month", "id", "avg(n)", "lat", "lon", "pct", "previous_n"]))


@st.composite
def results(draw: st.DrawFn) -> tuple[list[Column], Rows]:
    types = draw(st.lists(st.sampled_from(list(CELLS)), max_size=6))
    columns = [Column(draw(NAMES), type_) for type_ in types]
    cells = [st.none() if draw(st.booleans()) and draw(st.booleans()) else st.none() | CELLS[one] for one in types]
    return columns, draw(st.lists(st.tuples(*cells).map(list), max_size=20))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(result=results(), asked=st.sampled_from(["", *(case.asked for case in CASES.values() if case.asked)]))
def test_any_result_has_a_chart_that_fits_and_draws(result: tuple[list[Column], Rows], asked: str) -> None:
    columns, rows = result
    spec = choose(asked, columns, rows)
    assert spec.fits(len(columns))
    assert Spec.from_json(spec.to_json()) == spec
    draw(spec, columns, rows)
    for kind in KINDS:
        other = of_kind(kind, columns, rows, asked)
        assert other is None or gathered(other, columns, rows) == other
        places(kind, columns, rows)
