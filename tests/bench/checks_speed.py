"""What the checks take on a million rows, in the locked engine with its spare warm, beside the bare query."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from lib.asking.checks import check
from lib.data.table import Column, Table
from lib.engine.engine import Engine
from lib.settings import Settings

ROWS, PRODUCTS = 1_000_000, 2_000
TIMES = 7
PAUSE_SECONDS = 1.0
"""Less than a person needs between two questions, and enough for the next spare to warm."""

TABLES = {
    "sales": f"""SELECT range AS sale_id, 'customer ' || range % 700001 AS customer, range % {PRODUCTS} AS product_id,
        DATE '2020-01-01' + (range % 1461)::INT AS day, (range * 7919) % 1000 / 10 AS price, range % 9 AS pieces,
        ['north', 'south', 'east', 'west'][range % 4 + 1] AS region,
        CASE WHEN range % 50 > 0 THEN range % 100 END AS discount FROM range({ROWS})""",
    "products": f"""SELECT range AS product_id, 'product ' || range AS name, 'kind ' || range % 20 AS kind
        FROM range({PRODUCTS})""",
}
QUESTIONS = {
    "filter and count": (
        "How many sales were there in the north in 2021?",
        "SELECT COUNT(*) FROM sales WHERE region = 'north' AND day BETWEEN '2021-01-01' AND '2021-12-31'",
    ),
    "join, group, top ten": (
        "Which ten products have the highest average discount in the south?",
        "SELECT p.name, AVG(s.discount) AS mean FROM sales s JOIN products p ON p.product_id = s.product_id"
        " WHERE s.region = 'south' GROUP BY p.name ORDER BY mean DESC LIMIT 10",
    ),
    "join that repeats": (
        "What is the total price per piece of each kind?",
        "SELECT p.kind, SUM(s.price) / SUM(s.pieces) AS mean FROM sales s JOIN products p USING (product_id)"
        " GROUP BY p.kind",
    ),
    "a value that no cell has": (
        "What did Customer 77 pay?",
        "SELECT SUM(price) FROM sales WHERE customer = 'Customer 77'",
    ),
}


def measure() -> dict[str, dict[str, float]]:
    """For each question the medians in milliseconds: `bare`, its query alone, and `checks`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.duckdb"
        tables = _make(path)
        with Engine(path, Settings(result_cache_mb=0)) as engine:
            return {name: _measure(engine, tables, *asked) for name, asked in QUESTIONS.items()}


def _make(path: Path) -> list[Table]:
    with duckdb.connect(str(path)) as connection:
        tables = []
        for name, sql in TABLES.items():
            connection.execute(f"CREATE TABLE {name} AS {sql}")
            described = connection.execute(f"DESCRIBE {name}").fetchall()
            rows = connection.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0]
            tables.append(Table(name, f"{name}.csv", tuple(Column(c[0], c[1], c[0]) for c in described), rows, rows))
    return tables


def _measure(engine: Engine, tables: list[Table], question: str, sql: str) -> dict[str, float]:
    result = engine.run(sql)
    return {
        "bare": _median(lambda: engine.run(sql)),
        "checks": _median(lambda: check(question, sql, result, tables, (), engine.run)),
    }


def _median(run: Callable[[], object]) -> float:
    times = []
    for _ in range(TIMES + 1):
        time.sleep(PAUSE_SECONDS)
        began = time.perf_counter()
        run()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times[1:])


if __name__ == "__main__":
    for name, took in measure().items():
        print(f"{name:26} bare {took['bare']:6.1f} ms, checks {took['checks']:6.1f} ms")
