"""Where a result comes from, as names with texts: what a file says about its rows."""

from __future__ import annotations

import datetime as dt
from importlib.metadata import version

from lib.asking.answer import Answer
from lib.data.table import counted
from lib.engine.result import Result

_ENGINES = {"duckdb": f"DuckDB {version('duckdb')}", "spark": "Spark"}


def about(answer: Answer, result: Result) -> list[tuple[str, str]]:
    """The question, the SQL, what was changed in it and what its checks found; rows, engine and time."""
    asked = answer.standalone not in ("", answer.question)
    return [
        ("Question", answer.question or "SQL written by hand"),
        *([("Asked as", answer.standalone)] if asked else []),
        ("SQL", answer.sql),
        *(("Changed", one.message) for one in answer.notes),
        *(("Check", one) for one in _checks(answer)),
        ("Rows", size(result)),
        ("Engine", f"{_ENGINES.get(answer.dialect, answer.dialect)}, {result.seconds:.2f} s"),
        ("Written", dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")),
    ]


def size(result: Result) -> str:
    """How many rows the result holds, and of how many: "4 rows", "First 10,000 of 1,000,000 rows"."""
    shown = result.table.num_rows
    if not result.truncated:
        return counted(shown, "row")
    return f"First {shown:,} of {result.total_rows:,} rows" if result.total_rows else f"First {shown:,} rows of more"


def _checks(answer: Answer) -> list[str]:
    if answer.findings is None:
        return ["Not checked."]
    return [one.message for one in answer.findings] or ["The checks found nothing to question."]
