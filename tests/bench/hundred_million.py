"""100 million rows as Parquet: one grouped question through Sail and through DuckDB, both as Bayan asks them.

    python -m tests.bench.hundred_million [MILLIONS]

DuckDB reads the file within the locked engine's limits of threads, in this process: a workspace has no such table.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from lib.data.workspace import Workspace
from lib.engine.worker import THREADS
from lib.settings import Settings
from tests.connect import sail

TIMES = 3
SQL = """SELECT region, count(*) AS orders, sum(amount) AS total, max(day) AS last_day
FROM orders WHERE quantity > 2 GROUP BY region ORDER BY total DESC"""


def make(path: Path, millions: int) -> None:
    """Write the table: 5 columns, about 8 bytes a row."""
    duckdb.sql(f"""COPY (
        SELECT i AS id, 'region ' || (i % 40) AS region, (i % 9)::INTEGER AS quantity,
            DATE '2020-01-01' + (i % 2000)::INTEGER AS day, ((i * 7919) % 100000)::INTEGER AS amount
        FROM range({millions * 1_000_000}) AS rows(i)
    ) TO '{path}' (FORMAT parquet)""")


def measure(millions: int = 100) -> dict[str, float]:
    """Seconds of the median answer, and `megabytes` of the file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.parquet"
        make(path, millions)
        with duckdb.connect(config={"threads": THREADS}) as here:
            here.execute(f"CREATE VIEW orders AS FROM '{path}'")
            in_duckdb, expected = _median(lambda: [list(one) for one in here.execute(SQL).fetchall()])
        with sail() as server:
            settings = Settings(engine_url=server.url, engine_tables=f"orders={path}", query_timeout_seconds=600)
            with Workspace.temporary(settings) as space:
                in_sail, rows = _median(lambda: [list(one.values()) for one in space.run(SQL).table.to_pylist()])
        assert rows == expected
        return {"duckdb": in_duckdb, "sail": in_sail, "megabytes": path.stat().st_size / 1e6}


def _median(run: Callable[[], list[list[object]]]) -> tuple[float, list[list[object]]]:
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        rows = run()
        times.append(time.perf_counter() - began)
    return statistics.median(times), rows


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    for name, value in measure(wanted).items():
        print(f"{name:12} {value:10.2f}")
