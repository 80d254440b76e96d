"""Answers to pin in tests: real results of a real workspace."""

from __future__ import annotations

from lib.board.exhibit import Exhibit
from lib.charts.choose import choose
from lib.data.workspace import Source, Workspace

SALES = b"region,month,amount\nNorth,2024-01-01,10\nSouth,2024-01-01,20\nNorth,2024-02-01,5\n"
BY_REGION = "SELECT region, sum(amount) AS total FROM sales GROUP BY region ORDER BY total DESC"
TOTAL = "SELECT sum(amount) AS total FROM sales"


def load(space: Workspace, data: bytes = SALES, file: str = "sales.csv") -> None:
    """Put the file into the workspace; the table of an earlier one is replaced."""
    loading = space.add([Source(file, data)])
    loading.wait()
    assert not loading.errors
    for one in space.tables:
        if one.twin:
            space.replace_twin(one.name)


def answer(space: Workspace, question: str, sql: str) -> Exhibit:
    """What the SQL gives now."""
    result = space.run(sql)
    return Exhibit(question, sql, result, choose(question, result.columns, result.rows()), read=1_790_000_000.0)
