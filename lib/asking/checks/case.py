"""An answer to be checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from lib.asking.checks.question import Question
from lib.asking.checks.reading import Reading
from lib.data.table import Join
from lib.engine.result import Json, Result


@dataclass(frozen=True)
class Case:
    """The question, the query that ran and what it gave. `joins` are what a person said about joins."""

    question: Question
    reading: Reading
    result: Result
    joins: Sequence[Join] = ()

    @cached_property
    def first_rows(self) -> list[list[Json]]:
        """Rows of the result, at most 1,000."""
        return Result(self.result.columns, self.result.table.slice(0, 1000), False, None, 0).rows()

    @property
    def is_empty(self) -> bool:
        """Whether nothing came out: no row, or one of zeros and missing values alone."""
        if self.result.table.num_rows > 1:
            return False
        return all(value in (None, 0) for row in self.first_rows for value in row)
