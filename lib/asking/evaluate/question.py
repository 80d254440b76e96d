"""Questions whose right answer is known, and what came of asking them."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Literal

Which = Literal["bundled", "own"]
Mark = Literal["right", "wrong", "failed", "unchecked"]
"""An answer that gave no rows has failed. Unchecked is one whose expected SQL gave no rows to compare with."""


@dataclass(frozen=True)
class Question:
    """`sql` gives the rows of the right answer; `sample` names the sample data asked about, "" one's own tables."""

    id: str
    text: str
    sql: str
    sample: str = ""


@dataclass(frozen=True)
class Verdict:
    """What a question's answer was worth. `sql` is what ran, `reason` one sentence about what went wrong."""

    question: str
    expected: str
    sql: str
    mark: Mark
    seconds: float
    reason: str = ""


@dataclass(frozen=True)
class Measurement:
    """The verdicts so far on `total` questions. `started` is in seconds since 1970, `place` where the model answers."""

    id: str
    which: Which
    started: float
    model: str
    place: str
    settings: tuple[tuple[str, str], ...]
    total: int
    verdicts: tuple[Verdict, ...] = ()

    def count(self, mark: Mark) -> int:
        """How many questions have this mark."""
        return sum(one.mark == mark for one in self.verdicts)

    @property
    def checked(self) -> int:
        """How many answers could be compared, or failed."""
        return len(self.verdicts) - self.count("unchecked")

    @property
    def share(self) -> float | None:
        """Of the answers that were checked, the share that is right, 0 to 1."""
        return self.count("right") / self.checked if self.checked else None

    @property
    def seconds(self) -> float | None:
        """The median time of an answer."""
        return median([one.seconds for one in self.verdicts]) if self.verdicts else None
