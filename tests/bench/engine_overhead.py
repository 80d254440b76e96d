"""What the lock costs: a small query through the engine, its spare warm, against DuckDB in this process."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from lib.engine.engine import Engine
from lib.settings import Settings

TIMES = 20
PAUSE_SECONDS = 1.0
"""Less than a person needs between two questions, and enough for the next spare to warm."""
SQL = "SELECT s, count(*) AS n, avg(a) AS mean FROM t GROUP BY s ORDER BY n DESC, s LIMIT 10"


def measure() -> dict[str, float]:
    """Medians in milliseconds: `locked`, `in_process`, and `more`, their difference."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.duckdb"
        with duckdb.connect(str(path)) as connection:
            connection.execute("CREATE TABLE t AS SELECT range AS a, 'c' || range % 100 AS s FROM range(100000)")
        with duckdb.connect(str(path), read_only=True, config={"threads": 2}) as connection:
            in_process = _median(lambda: connection.sql(SQL).to_arrow_table())
        with Engine(path, Settings(result_cache_mb=0)) as engine:
            locked = _median(lambda: engine.run(SQL), pause=PAUSE_SECONDS)
    return {"locked": locked, "in_process": in_process, "more": locked - in_process}


def _median(run: Callable[[], object], pause: float = 0.0) -> float:
    times = []
    for _ in range(TIMES + 1):
        time.sleep(pause)
        began = time.perf_counter()
        run()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times[1:])


if __name__ == "__main__":
    for name, milliseconds in measure().items():
        print(f"{name:12} {milliseconds:7.1f} ms")
