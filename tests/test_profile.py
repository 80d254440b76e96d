"""Statistics of columns: exact for small tables, honest estimates for large ones, every kind of value."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.data.loading import Source
from lib.data.profile import BINS, EXACT_ROWS, MOST_COLUMNS, TOP, ColumnProfile, Profile, profile, profiling
from lib.data.table import Table
from lib.data.workspace import Workspace
from lib.engine.types import quoted
from lib.errors import QueryError
from lib.settings import Settings


@pytest.fixture(name="workspace")
def _workspace() -> Iterator[Workspace]:
    with Workspace.temporary(Settings()) as workspace:
        yield workspace


def write(sql: str, path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({sql}) TO '{path}' (FORMAT parquet)")


def load(workspace: Workspace, sql: str, folder: Path) -> Table:
    """The query's rows as a table, by way of a Parquet file, which keeps every type."""
    path = folder / "t.parquet"
    write(sql, path)
    with workspace.add([Source("t.parquet", path)]) as loading:
        assert loading.wait(60)
        assert loading.errors == ()
        return loading.tables[0]


NAMED: dict[str, tuple[str, dict[str, object]]] = {
    "whole numbers": (
        "SELECT unnest([1, 2, 2, 3, NULL]) AS v",
        {"missing": 1, "distinct": 3, "minimum": "1", "maximum": "3", "bins": (1, 2, 1)},
    ),
    "one number": ("SELECT 7 AS v", {"missing": 0, "distinct": 1, "minimum": "7", "maximum": "7", "bins": (1,)}),
    "text in order of its letters": (
        "SELECT unnest(['b', 'a', 'b', NULL]) AS v",
        {"missing": 1, "distinct": 2, "minimum": "a", "maximum": "b", "top": (("b", 2), ("a", 1)), "bins": ()},
    ),
    "every script": (
        "SELECT unnest(['الرياض', 'جدة', '東京', 'Žilina', '👩‍👩‍👧', 'الرياض']) AS v",
        {"distinct": 5, "top": (("الرياض", 2), ("Žilina", 1), ("جدة", 1), ("東京", 1), ("👩‍👩‍👧", 1))},
    ),
    "NaN and the infinities": (
        "SELECT unnest(['nan', 'inf', '-inf', '1.5', '2.5', NULL])::DOUBLE AS v",
        {"missing": 1, "not_finite": 3, "minimum": "1.5", "maximum": "2.5"},
    ),
    "only NaN": ("SELECT 'nan'::DOUBLE AS v", {"not_finite": 1, "minimum": None, "maximum": None, "bins": ()}),
    "the whole range of DOUBLE": (
        "SELECT unnest([-1.7e308, 1.7e308]::DOUBLE[]) AS v",
        {"minimum": "-1.7e+308", "maximum": "1.7e+308", "bins": (1, *[0] * (BINS - 2), 1)},
    ),
    "all missing": (
        "SELECT NULL::BIGINT AS v FROM range(3)",
        {"missing": 3, "distinct": 0, "minimum": None, "maximum": None, "top": (), "bins": ()},
    ),
    "no rows": (
        "SELECT 1 AS v WHERE false",
        {"missing": 0, "distinct": 0, "minimum": None, "maximum": None, "top": (), "bins": ()},
    ),
    "a decimal": (
        "SELECT unnest([0.10, 0.30]::DECIMAL(10,2)[]) AS v",
        {"minimum": "0.10", "maximum": "0.30", "distinct": 2},
    ),
    "true and false": (
        "SELECT unnest([true, false, true]) AS v",
        {"distinct": 2, "minimum": "false", "maximum": "true", "top": (("true", 2), ("false", 1)), "bins": ()},
    ),
    "days": (
        "SELECT unnest([DATE '2024-02-28', DATE '2024-03-01', DATE '2024-03-01']) AS v",
        {"distinct": 2, "minimum": "2024-02-28", "maximum": "2024-03-01", "bins": (1, 0, 2)},
    ),
    "moments": (
        "SELECT unnest([TIMESTAMP '2024-01-01 00:00:00', TIMESTAMP '2024-01-02 12:30:00']) AS v",
        {"minimum": "2024-01-01 00:00:00", "maximum": "2024-01-02 12:30:00", "bins": (1, *[0] * (BINS - 2), 1)},
    ),
    "times of the day": ("SELECT TIME '10:20:30' AS v", {"minimum": "10:20:30", "bins": ()}),
    "lists": (
        "SELECT unnest([[1, 2], [1, 2], NULL]) AS v",
        {"missing": 1, "distinct": 1, "minimum": None, "maximum": None, "top": (("[1, 2]", 2),)},
    ),
    "structs": ("SELECT {'a': 1, 'b': [NULL]} AS v", {"distinct": 1, "minimum": None, "bins": ()}),
    "maps": ("SELECT MAP {'k': 1} AS v", {"distinct": 1, "minimum": None}),
    "binary": ("SELECT 'ab'::BLOB AS v", {"distinct": 1, "minimum": None}),
    "a text longer than is shown": (
        "SELECT repeat('x', 5000) || (range % 2) AS v FROM range(4)",
        {"distinct": 2, "minimum": "x" * 100 + "…", "top": (("x" * 100 + "…", 2), ("x" * 100 + "…", 2))},
    ),
    "more whole numbers than ranges": (
        "SELECT range AS v FROM range(100)",
        {"minimum": "0", "maximum": "99", "bins": (5,) * 20},
    ),
    "a prime number of whole numbers": ("SELECT range AS v FROM range(31)", {"bins": (4,) * 7 + (3,)}),
}


STRANGE_NAMES = ['a "quoted" one', "select", "c0", "v", "n", "'; DROP TABLE t; --", "نص", "x" * 200]


@pytest.fixture(name="named", scope="module")
def _named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Profile]]:
    """The profiles of all named cases, which are loaded together."""
    folder = tmp_path_factory.mktemp("named")
    cases = {case: sql for case, (sql, _) in NAMED.items()}
    cases |= {name: f"SELECT unnest([1, 2]) AS {quoted(name)}" for name in STRANGE_NAMES}
    sources = []
    for number, sql in enumerate(cases.values()):
        sources.append(Source(f"t{number}.parquet", folder / f"t{number}.parquet"))
        write(sql, folder / f"t{number}.parquet")
    with Workspace.temporary(Settings()) as workspace, workspace.add(sources) as loading:
        assert loading.wait(120)
        assert loading.errors == ()
        yield {case: profile(workspace, table) for case, table in zip(cases, loading.tables, strict=True)}


@pytest.mark.parametrize("case", NAMED)
def test_named_columns(named: dict[str, Profile], case: str) -> None:
    (found,) = named[case].columns
    expected = NAMED[case][1]
    assert {name: getattr(found, name) for name in expected} == expected


@pytest.mark.parametrize("name", STRANGE_NAMES)
def test_names_are_only_names(named: dict[str, Profile], name: str) -> None:
    (found,) = named[name].columns
    assert (found.name, found.distinct) == (name, 2)


Cells = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(-5, 60)),
        st.one_of(st.none(), st.sampled_from(["a", "b", "ب", "日", "a longer one", ""])),
        st.one_of(st.none(), st.floats(allow_nan=False, width=32)),
    ),
    max_size=60,
)


@given(cells=Cells)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_small_tables_are_counted_as_pandas_counts(workspace: Workspace, cells: list[tuple[object, ...]]) -> None:
    frame = pd.DataFrame(cells, columns=["i", "s", "x"]).astype({"i": "Int64", "s": "string", "x": "Float64"})
    file = io.BytesIO()
    frame.to_parquet(file, index=False)
    with workspace.add([Source("t.parquet", file)]) as loading:
        assert loading.wait(60)
        found = profile(workspace, loading.tables[0])
        workspace.drop(loading.tables[0].name)
    assert not found.approximate
    for one, name in zip(found.columns, frame.columns, strict=True):
        assert_as_pandas(one, frame[name])


def assert_as_pandas(found: ColumnProfile, series: pd.Series) -> None:
    present = series.dropna()
    finite = present[[not isinstance(one, float) or math.isfinite(one) for one in present]]
    assert found.missing == series.isna().sum()
    assert found.not_finite == len(present) - len(finite)
    assert found.distinct == present.nunique()
    counts = sorted(present.value_counts().tolist(), reverse=True)[:TOP]
    assert [count for _, count in found.top] == counts
    if found.type != "VARCHAR":
        assert sum(found.bins) == len(finite)
    if len(finite) and found.type == "VARCHAR":
        assert (found.minimum, found.maximum) == (min(present), max(present))
    elif len(finite):
        assert (float(str(found.minimum)), float(str(found.maximum))) == (float(finite.min()), float(finite.max()))


LARGE = EXACT_ROWS * 6


@pytest.fixture(name="large", scope="module")
def _large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, Profile]]:
    sql = f"""SELECT range AS id, range % 50 AS small, range % 50 AS "ROWID",
        CASE WHEN range % 4 = 0 THEN NULL WHEN range % 4 = 1 THEN 'rare ' || range ELSE 'common' END AS word,
        DATE '2024-01-01' + (range * 365 // {LARGE})::INT AS day FROM range({LARGE})"""
    with Workspace.temporary(Settings()) as workspace:
        table = load(workspace, sql, tmp_path_factory.mktemp("large"))
        yield workspace, profile(workspace, table)


def test_a_large_table_is_exact_where_it_says_so(large: tuple[Workspace, Profile]) -> None:
    found = large[1]
    assert (found.approximate, found.rows) == (True, LARGE)
    by_name = {one.name: one for one in found.columns}
    assert [one.missing for one in found.columns] == [0, 0, 0, LARGE // 4, 0]
    assert (by_name["id"].minimum, by_name["id"].maximum) == ("0", str(LARGE - 1))
    assert (by_name["day"].minimum, by_name["day"].maximum) == ("2024-01-01", "2024-12-30")
    assert by_name["word"].maximum == f"rare {max(str(n) for n in range(1, LARGE, 4))}"


def test_a_large_table_is_estimated_well(large: tuple[Workspace, Profile]) -> None:
    found = large[1]
    by_name = {one.name: one for one in found.columns}
    assert by_name["small"].distinct == 50
    assert by_name["id"].distinct == pytest.approx(LARGE, rel=0.08)
    assert by_name["id"].top == ()
    assert by_name["word"].top[0][0] == "common"
    assert by_name["word"].top[0][1] == pytest.approx(found.sampled_rows / 2, rel=0.1)
    for name in ("id", "day"):
        bins = by_name[name].bins
        assert sum(bins) == pytest.approx(found.sampled_rows, rel=0.1)
        assert min(bins) == pytest.approx(max(bins), rel=0.2)


def test_a_wide_table_comes_in_parts(workspace: Workspace, tmp_path: Path) -> None:
    wide = 2_000
    table = load(workspace, f"SELECT {', '.join(f'{n} AS c{n}' for n in range(wide))}", tmp_path)
    last = profile(workspace, table, wide - 3)
    assert [(one.name, one.minimum) for one in last.columns] == [
        ("c1997", "1997"),
        ("c1998", "1998"),
        ("c1999", "1999"),
    ]
    first = profile(workspace, table)
    assert (first.first, len(first.columns), first.columns[-1].name) == (0, MOST_COLUMNS, f"c{MOST_COLUMNS - 1}")


def test_the_longest_names_fit_into_one_query(workspace: Workspace) -> None:
    names = ['"' + '""' * 95 + f'{n:05}"' for n in range(MOST_COLUMNS)]
    content = ",".join(names) + "\n" + ",".join("1" * MOST_COLUMNS) + "\n"
    with workspace.add([Source("long.csv", content.encode())]) as loading:
        assert loading.wait(60)
        (table,) = loading.tables
    assert {one.distinct for one in profile(workspace, table).columns} == {1}


def test_closing_the_steps_stops_the_query(workspace: Workspace, tmp_path: Path) -> None:
    table = load(workspace, "SELECT range AS a, md5(range::VARCHAR) AS b FROM range(400000)", tmp_path)
    steps = profiling(workspace, table)
    assert "400,000 rows" in next(steps)
    steps.close()
    assert profile(workspace, table).rows == 400_000


def test_a_table_that_is_gone_is_a_sentence(workspace: Workspace, tmp_path: Path) -> None:
    table = load(workspace, "SELECT 1 AS a", tmp_path)
    workspace.drop(table.name)
    with pytest.raises(QueryError):
        profile(workspace, table)
