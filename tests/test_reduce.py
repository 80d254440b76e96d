"""Results too large to draw are put together in the engine: the chart of all rows, and a word of how."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from lib.charts.draw import draw
from lib.charts.reduce import Reduction, reduction
from lib.charts.spec import Spec
from lib.data.workspace import Source, Workspace
from lib.engine.result import Column
from lib.settings import Settings

COUNT = 200_000
HOSTILE = 'v") FROM t; -- '
SQL = f"""SELECT day, moment, city, kind, n, v, n AS n, v AS "{HOSTILE.replace('"', '""')}" FROM t -- twice; the end"""
DAY, MOMENT, CITY, KIND, N, V, AGAIN, ODD = range(8)


def city(at: int) -> str:
    """Few are in many rows, and thousands in few."""
    return f"city {at % 7}" if at % 3 else f"city {at % 6000}"


RAW = [
    (f"20{10 + at % 14}-{at % 12 + 1:02}-{at % 28 + 1:02}", f"2024-01-{at % 9 + 1:02} {at % 24:02}:{at % 60:02}:00",
     city(at), f"k{at % 12}", at % 50, at % 1013 / 4)
    for at in range(COUNT)
]  # fmt: skip


@pytest.fixture(name="space", scope="module")
def _space() -> Iterator[Workspace]:
    text = "day,moment,city,kind,n,v\n" + "".join(f"{','.join(map(str, row))}\n" for row in RAW)
    with Workspace.temporary(Settings()) as space:
        with space.add([Source("t.csv", text.encode())]) as loading:
            assert loading.wait(120)
            assert loading.errors == ()
        yield space


@pytest.fixture(name="columns", scope="module")
def _columns(space: Workspace) -> tuple[Column, ...]:
    return space.run(SQL, max_rows=1).columns


def reduced(
    space: Workspace, columns: tuple[Column, ...], spec: Spec, sql: str = SQL
) -> tuple[Reduction, list[list[Any]]]:
    made = reduction(spec, columns, sql, COUNT, 10_000)
    assert made is not None
    result = space.run(made.sql, max_rows=60_000)
    assert not result.truncated
    rows: list[list[Any]] = result.rows()
    drawn = draw(made.spec, result.columns, rows)
    assert drawn.figure is not None
    assert drawn.figure.to_json()
    return made, rows


def test_bars_are_those_of_all_rows(space: Workspace, columns: tuple[Column, ...]) -> None:
    made, rows = reduced(space, columns, Spec("bar", x=CITY, y=(AGAIN,), aggregate="sum"))
    sums: Counter[str] = Counter()
    for row in RAW:
        sums[row[2]] += row[4]
    named = {name: value for name, value in rows if name in sums}
    assert named == {name: sums[name] for name in named}
    assert len(named) == 29
    assert min(named.values()) >= sorted(sums.values())[-29]
    [(other, rest)] = [(name, value) for name, value in rows if name not in sums]
    assert other.endswith(f"Other ({len(sums) - 29:,})")
    assert rest == sum(sums.values()) - sum(named.values())
    assert made.note.startswith("All 200,000 rows are in it.")


def test_others_of_an_average_are_their_own_average(space: Workspace, columns: tuple[Column, ...]) -> None:
    _, rows = reduced(space, columns, Spec("bar", x=CITY, y=(ODD,), aggregate="mean"))
    named = {row[0] for row in rows}
    rest = [row[5] for row in RAW if row[2] not in named]
    [found] = [value for name, value in rows if "Other" in name]
    assert found == pytest.approx(statistics.fmean(rest))


def test_rows_are_counted(space: Workspace, columns: tuple[Column, ...]) -> None:
    made, rows = reduced(space, columns, Spec("bar", x=KIND, aggregate="count", color=KIND))
    assert sum(row[-1] for row in rows) == COUNT
    assert made.spec.aggregate == "none"


def test_stacks_fold_categories_and_series(space: Workspace, columns: tuple[Column, ...]) -> None:
    _, rows = reduced(space, columns, Spec("bar", x=CITY, y=(N,), color=KIND, aggregate="sum", stacked=True))
    assert sum(row[2] for row in rows) == sum(row[4] for row in RAW)
    assert len({row[0] for row in rows}) == 30
    assert len({row[1] for row in rows}) == 8


def test_lines_keep_the_averages_of_each_time(space: Workspace, columns: tuple[Column, ...]) -> None:
    _, rows = reduced(space, columns, Spec("line", x=DAY, y=(V, N)))
    by_day = defaultdict(list)
    for row in RAW:
        by_day[row[0]].append(row[5])
    assert [row[0] for row in rows] == sorted(by_day)
    assert [row[1] for row in rows] == pytest.approx([statistics.fmean(by_day[day]) for day in sorted(by_day)])


def test_long_lines_have_at_most_so_many_steps(space: Workspace, columns: tuple[Column, ...]) -> None:
    sql = "SELECT TIMESTAMP '2020-01-01' + INTERVAL (range) MINUTE AS at, range % 10 AS v FROM range(200000)"
    wide = (Column("at", "TIMESTAMP"), Column("v", "BIGINT"))
    made, rows = reduced(space, wide, Spec("line", x=0, y=(1,)), sql)
    assert 500 < len(rows) <= 1_501
    assert {row[1] for row in rows} == {4.5}
    assert made.note == "All 200,000 rows are in it: averages of at most 1,500 steps."


def test_lines_along_numbers(space: Workspace, columns: tuple[Column, ...]) -> None:
    _, rows = reduced(space, columns, Spec("line", x=AGAIN, y=(V,)))
    assert [row[0] for row in rows] == list(range(50))
    _, rows = reduced(
        space, (Column("x", "BIGINT"), Column("y", "BIGINT")), Spec("line", x=0, y=(1,)),
        "SELECT range AS x, 7 AS y FROM range(200000)",
    )  # fmt: skip
    assert len(rows) <= 1_501


def test_areas_over_time_add_up(space: Workspace, columns: tuple[Column, ...]) -> None:
    _, rows = reduced(space, columns, Spec("area", x=MOMENT, y=(N,), color=KIND, stacked=True))
    assert sum(row[2] for row in rows) == sum(row[4] for row in RAW)


def test_points_are_a_sample_that_is_the_same_every_time(space: Workspace, columns: tuple[Column, ...]) -> None:
    spec = Spec("scatter", x=V, y=(ODD,), color=KIND, size=N)
    made, rows = reduced(space, columns, spec)
    assert len(rows) == 20_000
    assert made.note == "A random 20,000 of 200,000 points."
    assert all(row[0] == row[1] for row in rows)
    assert sorted(rows) == sorted(space.run(made.sql, max_rows=60_000).rows())


@pytest.mark.parametrize("color", [None, KIND])
def test_histograms_count_every_row(space: Workspace, columns: tuple[Column, ...], color: int | None) -> None:
    made, rows = reduced(space, columns, Spec("histogram", x=V, color=color))
    layers = {row[2] for row in rows if color is not None}
    counted = [row for row in RAW if color is None or row[3] in layers]
    assert sum(row[1] for row in rows) == len(counted)
    result = space.run(made.sql, max_rows=60_000)
    figure = draw(made.spec, result.columns, rows).figure
    assert figure is not None
    assert sum(sum(bars.y) for bars in figure.data) == len(counted)
    if color is None:
        [bars] = figure.data
        width = bars.x[1] - bars.x[0]
        counts = Counter(row[5] // width for row in RAW)
        assert list(bars.y) == [counts[(middle - width / 2) // width] for middle in bars.x]


def test_boxes_have_the_quartiles_of_all_rows(space: Workspace, columns: tuple[Column, ...]) -> None:
    _, rows = reduced(space, columns, Spec("box", x=KIND, y=(ODD,)))
    for kind in ("k0", "k11"):
        every = sorted(row[5] for row in RAW if row[3] == kind)
        found = sorted(row[1] for row in rows if row[0] == kind)
        assert statistics.quantiles(found, n=4, method="inclusive") == pytest.approx(
            statistics.quantiles(every, n=4, method="inclusive")
        )
        assert (found[0], found[-1]) == (every[0], every[-1])
    assert len(reduced(space, columns, Spec("box", y=(V,)))[1]) == 101


def test_heatmaps_fold_both_sides(space: Workspace, columns: tuple[Column, ...]) -> None:
    _, rows = reduced(space, columns, Spec("heatmap", x=CITY, y=(KIND,), aggregate="count"))
    assert sum(row[2] for row in rows) == COUNT
    assert len({row[0] for row in rows}) == 16
    _, rows = reduced(space, columns, Spec("heatmap", x=MOMENT, y=(KIND,), color=N, aggregate="sum"))
    assert sum(row[2] for row in rows) == sum(row[4] for row in RAW)


def test_pies_add_up(space: Workspace, columns: tuple[Column, ...]) -> None:
    _, rows = reduced(space, columns, Spec("pie", x=CITY, y=(N,)))
    assert sum(row[1] for row in rows) == sum(row[4] for row in RAW)
    assert len(rows) == 7


@pytest.mark.parametrize("ending", ["", " ;; \n", "; -- the end; of it"])
def test_an_ending_of_the_sql_does_not_matter(space: Workspace, columns: tuple[Column, ...], ending: str) -> None:
    sql = f"SELECT * FROM ({SQL}\n){ending}"
    assert reduced(space, columns, Spec("pie", x=KIND, aggregate="count"), sql)[1]


def test_infinite_numbers_and_missing_times_do_no_harm(space: Workspace) -> None:
    sql = """SELECT * FROM (VALUES ('a', 'Infinity'::DOUBLE, 'infinity'::DATE), ('a', 2, DATE '2024-01-01'),
             ('b', 'NaN', NULL), (NULL, NULL, DATE '2024-01-03'), ('b', 4, DATE '2024-01-02')) AS t(c, v, d)"""
    columns = (Column("c", "VARCHAR"), Column("v", "DOUBLE"), Column("d", "DATE"))
    _, rows = reduced(space, columns, Spec("bar", x=0, y=(1,), aggregate="sum"), sql)
    assert rows == [["a", 2.0], ["b", 4.0], [None, None]]
    _, rows = reduced(space, columns, Spec("line", x=2, y=(1,)), sql)
    assert rows == [["2024-01-01", 2.0], ["2024-01-02", 4.0], ["2024-01-03", None]]
    assert reduced(space, columns, Spec("histogram", x=1), sql)[1] == [[2.0, 1], [4.0, 1]]


def test_what_the_page_holds_whole_is_not_reduced(columns: tuple[Column, ...]) -> None:
    assert reduction(Spec("bar", x=CITY, y=(N,)), columns, SQL, 1_000, 1_000) is None
    assert reduction(Spec("scatter", x=N, y=(V,)), columns, SQL, 20_000, 20_000) is None
    assert reduction(Spec("bar", x=CITY, y=(N,)), columns, SQL, None, 1_000) is not None
    assert reduction(Spec("metric", y=(N,)), columns, SQL, COUNT, 10_000) is None
    assert reduction(Spec("table"), columns, SQL, COUNT, 10_000) is None
