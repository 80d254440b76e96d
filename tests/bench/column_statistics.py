"""Statistics of 10 million rows by 10 columns, as the Data page shows them, against one bare pass over the table."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from lib.data.loading import Source
from lib.data.profile import profile
from lib.data.workspace import Workspace
from lib.engine.types import quoted
from lib.settings import Settings

ROWS = 10_000_000
TIMES = 3
PAUSE_SECONDS = 1.0
SQL = f"""
SELECT range AS id, (hash(range) % 1000)::BIGINT AS quantity, hash(range, 1) % 10000000 / 100 AS price,
    hash(range, 2) / 1e10 AS score, DATE '2020-01-01' + (range // 7000)::INT AS day,
    TIMESTAMP '2020-01-01' + INTERVAL (range) SECOND AS moment,
    ['North', 'South', 'East', 'West'][(1 + hash(range, 3) % 4)::INT] AS region,
    'customer ' || hash(range, 4) % 1000000 AS customer, md5(range::VARCHAR) AS code,
    CASE WHEN hash(range, 5) % 3 > 0 THEN 'note ' || hash(range, 6) % 100 END AS note
FROM range({ROWS})"""


def measure() -> dict[str, float]:
    """Median seconds: `profile`, and `bare`, one query for count, minimum, maximum and estimated distinct values."""
    with tempfile.TemporaryDirectory() as folder, Workspace.temporary(Settings()) as workspace:
        path = Path(folder) / "large.parquet"
        with duckdb.connect(config={"threads": 2}) as connection:
            connection.sql(SQL).write_parquet(str(path))
        with workspace.add([Source(path.name, path)]) as loading:
            loading.wait()
            if loading.errors:
                raise loading.errors[0]
            (table,) = loading.tables
        names = [quoted(one.name) for one in table.columns]
        terms = ", ".join(f"count({one}), min({one}), max({one}), approx_count_distinct({one})" for one in names)
        return {
            "profile": _median(lambda: profile(workspace, table)),
            "bare": _median(lambda: workspace.run(f"SELECT {terms} FROM {quoted(table.name)}")),
        }


def _median(run: Callable[[], object]) -> float:
    times = []
    for _ in range(TIMES + 1):
        time.sleep(PAUSE_SECONDS)
        began = time.perf_counter()
        run()
        times.append(time.perf_counter() - began)
    return statistics.median(times[1:])


if __name__ == "__main__":
    for name, seconds in measure().items():
        print(f"{name:8} {seconds:6.2f} s")
