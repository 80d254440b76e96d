"""What loading a clean CSV costs over bare DuckDB: speed, memory, and the share of it that the report takes."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from lib.children import bare_environment
from lib.data.column_types import cast, decide
from lib.data.loading import Source
from lib.data.staged import columns
from lib.data.text_file import csv_relation
from lib.data.workspace import Workspace
from lib.settings import PROJECT, Settings

ROWS, WIDTH, ROUNDS = 10_000_000, 10, 2
"""Ten million rows are 1 GB."""
MEMORY_LIMIT = "1500MB"
CELLS = """
    range AS id, (range * 7919) % 100000 AS quantity, (range * 104729) % 1000000007 AS account,
    (random() * 10000)::DECIMAL(12,2) AS price, (random() * 100)::DECIMAL(12,4) AS rate,
    (random() * 180 - 90)::DECIMAL(12,6) AS latitude,
    ['Berlin', 'Paris', 'New York', 'Madrid', 'Tokyo', 'Cairo'][1 + range % 6] AS city,
    'K-' || (range * 31) % 99991 || '-' || range % 17 AS code,
    DATE '2015-01-01' + (range % 3650)::INT AS day,
    TIMESTAMP '2020-01-01' + INTERVAL 1 SECOND * ((range * 37) % 100000000) AS moment
"""


def measure(rows: int = ROWS, rounds: int = ROUNDS) -> dict[str, float]:
    """Seconds and peak memory in MB of the best of `rounds`, taken in turns, each in a process of its own.

    `ours` is the public path into a workspace, `bare` one statement of DuckDB that finds the types itself, `typed` the
    statement that ours runs when it has the types, without anything else that the report needs. `speed` is bare over
    ours, `memory` ours over bare, `report` what ours takes beyond typed, as a share of it.
    """
    best: dict[str, tuple[float, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clean.csv"
        with duckdb.connect(config={"threads": 2}) as con:
            con.execute(f"COPY (SELECT {CELLS} FROM range({rows})) TO '{path}' (HEADER)")
        for _ in range(rounds):
            for way in ("bare", "typed", "ours"):
                taken = _in_child(way, path)
                best[way] = min(best.get(way, taken), taken)
        found = {"megabytes": path.stat().st_size / 1e6}
    for way, (seconds, memory) in best.items():
        found |= {f"{way}_s": seconds, f"{way}_mb": memory}
    return found | {
        "speed": found["bare_s"] / found["ours_s"],
        "memory": found["ours_mb"] / found["bare_mb"],
        "report": found["ours_s"] / found["typed_s"] - 1,
    }


def _in_child(way: str, path: Path) -> tuple[float, float]:
    child = [sys.executable, "-m", "tests.bench.load_speed", way, str(path)]
    answer = subprocess.run(child, cwd=PROJECT, env=bare_environment(), check=True, capture_output=True).stdout
    seconds, memory = json.loads(answer)
    return seconds, memory


def _bare(path: Path, into: Path) -> None:
    with duckdb.connect(into / "bare.duckdb", config={"threads": 2}) as con:
        con.execute(f"CREATE TABLE t AS SELECT * FROM read_csv('{path}', sample_size=-1)")


def _typed(path: Path, into: Path) -> None:
    relation = csv_relation(path, WIDTH, skip=1)
    with duckdb.connect(into / "typed.duckdb", config={"threads": 2}) as con:
        con.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
        kinds = decide(con, relation, columns(WIDTH), trust=True)
        cells = ", ".join(cast(name, kind) for name, kind in zip(columns(WIDTH), kinds, strict=True))
        con.execute(f"CREATE TABLE t AS SELECT {cells} FROM {relation}")


def _ours(path: Path, into: Path) -> None:
    with Workspace.temporary(Settings(max_upload_mb=10_000, max_workspace_mb=20_000)) as workspace:
        loading = workspace.add([Source("clean.csv", path)])
        loading.wait()
        if loading.errors:
            raise loading.errors[0]


WAYS: dict[str, Callable[[Path, Path], None]] = {"bare": _bare, "typed": _typed, "ours": _ours}


def _run(way: str, path: Path) -> None:
    """Print the seconds and the peak memory of the largest process, this one or a child of it."""
    with tempfile.TemporaryDirectory(dir=path.parent) as into:
        began = time.perf_counter()
        WAYS[way](path, Path(into))
        seconds = time.perf_counter() - began
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(json.dumps([seconds, peak / 1000]))


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in WAYS:
        _run(sys.argv[1], Path(sys.argv[2]))
    else:
        for name, value in measure(*map(int, sys.argv[1:])).items():
            print(f"{name:10} {value:10.2f}")
