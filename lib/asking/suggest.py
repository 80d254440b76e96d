"""Questions worth asking of tables that nobody described."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lib.data.table import Column, Table
from lib.engine.types import is_day_or_time, is_number


def suggest(tables: Sequence[Table]) -> tuple[str, ...]:
    """Up to four questions that the tables' own columns can answer."""
    questions = [q for table in tables[:2] for q in _of(table)]
    return tuple(questions[:4])


def _of(table: Table) -> list[str]:
    labels = [c.label for c in table.columns if c.type == "VARCHAR"]
    numbers = [c.label for c in table.columns if _is_measure(c)]
    times = [c.label for c in table.columns if is_day_or_time(c.type)]
    questions = [f"How many rows are in {table.name}?"]
    if labels and numbers:
        questions.append(f"What is the average {numbers[0]} for each {labels[0]}?")
        questions.append(f"Which 5 rows of {table.name} have the highest {numbers[-1]}?")
    if times and numbers:
        questions.append(f"How does {numbers[0]} change over {times[0]}?")
    elif labels:
        questions.append(f"How often does each {labels[-1]} occur?")
    return questions


def _is_measure(column: Column) -> bool:
    return is_number(column.type) and not re.search(r"(^|_|\b)(id|code|year)$", column.name, re.IGNORECASE)
