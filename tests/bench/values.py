"""The values of 10 million rows: a column of a million different texts, one of ten million, which is left out, others.

`index` is what the first question after loading waits for, `matches` what each question does.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import duckdb

from lib.asking.values import index_of
from lib.data.loading import Source
from lib.data.workspace import Workspace
from lib.settings import Settings

ROWS = 10_000_000
SQL = f"""
SELECT ['Ana', 'Otto', 'Zoë', 'Li', 'Omar', 'Kofi', 'Ines'][1 + n % 7] || ' ' || chr((65 + n % 26)::INT)
        || chr((97 + (n // 26) % 26)::INT) || 'er ' || n AS customer,
    ['Berlin', 'Paris', 'New York', 'Madrid', 'Tokyo', 'Cairo'][1 + range % 6] AS city,
    md5(range::VARCHAR) AS code,
    'street ' || range % 50000 || ' of ' || chr((97 + range % 26)::INT) || 'ville' AS street,
    (range * 104729) % 1000007 AS amount
FROM (SELECT range, (range * 7919) % 1000000 AS n FROM range({ROWS}))"""
QUESTIONS = (
    "What did customer Ana Aaer 0 buy in Berlin?",
    "How many customers live in Nwe York and in Madrit, and what is their average amount by city and month?",
    "Total amount of street 4711 of nville in the year 2024 compared with the year before, for every customer",
)


def measure() -> dict[str, float]:
    """Seconds, and megabytes that are kept; `matches` is the median of the questions, `slowest` the slowest of them."""
    with tempfile.TemporaryDirectory() as folder, Workspace.temporary(Settings()) as workspace:
        path = Path(folder) / "large.parquet"
        with duckdb.connect(config={"threads": 2}) as connection:
            connection.sql(SQL).write_parquet(str(path))
        with workspace.add([Source(path.name, path)]) as loading:
            loading.wait()
            if loading.errors:
                raise loading.errors[0]
        began = time.perf_counter()
        index = index_of(workspace)
        seconds = time.perf_counter() - began
        for one in index.left_out:
            print(one.table, one.column, one.why)
        times = []
        for question in QUESTIONS * 5:
            began = time.perf_counter()
            index.matches(question)
            times.append(time.perf_counter() - began)
        return {
            "index": seconds,
            "megabytes": index.bytes / 1e6,
            "left out": len(index.left_out),
            "matches": statistics.median(times),
            "slowest": max(times),
        }


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name:10} {value:10.3f}")
