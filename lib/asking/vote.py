"""Which of several answers to choose: the one whose result most of them give."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lib.asking.answer import Agreement
from lib.asking.attempt import Ready
from lib.asking.readings import two_readings

if TYPE_CHECKING:
    from lib.engine.result import Result


@dataclass(frozen=True)
class Candidate:
    """SQL that ran: what the model wrote, what ran, and its result."""

    model_sql: str
    ready: Ready
    result: Result


@dataclass
class Votes:
    """Candidates, grouped by their results. Of equal groups the one that came first leads."""

    wanted: int
    cast: int = 0
    """Answers so far, those that did not run included."""
    groups: dict[Any, list[Candidate]] = field(default_factory=dict)

    def add(self, candidate: Candidate | None) -> None:
        """Count an answer; None is one that did not run."""
        self.cast += 1
        if candidate is not None:
            self.groups.setdefault(_signature(candidate.result), []).append(candidate)

    @property
    def ranked(self) -> list[list[Candidate]]:
        """The largest group first; results without a row come after all others."""
        return sorted(
            self.groups.values(), key=lambda group: (group[0].result.table.num_rows > 0, len(group)), reverse=True
        )

    @property
    def agree(self) -> int:
        return len(self.ranked[0]) if self.groups else 0

    @property
    def decided(self) -> bool:
        """Whether no answer that is still to come can change which group leads."""
        if self.cast >= self.wanted:
            return True
        ranked = self.ranked
        behind = len(ranked[1]) if len(ranked) > 1 else 0
        return bool(ranked) and ranked[0][0].result.table.num_rows > 0 and self.agree - behind > self.wanted - self.cast

    def agreement(self) -> Agreement:
        ranked = self.ranked
        if len(ranked) < 2:
            return Agreement(self.agree, self.cast)
        best, next_best = ranked[0][0].ready.sql, ranked[1][0].ready.sql
        both_likely = 2 * len(ranked[1]) >= self.agree and ranked[1][0].result.table.num_rows > 0
        question = two_readings(best, next_best) if both_likely else ""
        return Agreement(self.agree, self.cast, next_best, len(ranked[1]), question)


def _signature(result: Result) -> Any:
    """Equal for results with the same rows, whatever the order of rows and columns and the names of columns."""
    columns = [[_cell(value) for value in column] for column in zip(*result.rows(), strict=True)]
    columns.sort(key=lambda column: (sorted(map(repr, column)), list(map(repr, column))))
    rows = Counter(zip(*columns, strict=True))
    return len(result.columns), result.truncated, frozenset(rows.items())


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.10g}") if math.isfinite(value) else repr(value)
    return None if value == "" else repr(value) if isinstance(value, list | dict) else value
