"""How far a run of many questions is, in words."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from statistics import median

from lib.asking.answer import Answer

_BAR = 20


@dataclass
class Tally:
    """Counts of one run; `before` were answered by an earlier one."""

    total: int
    before: int = 0
    failed: int = 0
    seconds: list[float] = field(default_factory=list)
    _started: float = field(default_factory=time.monotonic)

    @property
    def done(self) -> int:
        return self.before + len(self.seconds)

    def add(self, answer: Answer) -> None:
        self.seconds.append(answer.seconds)
        self.failed += answer.error is not None

    def progress(self) -> str:
        """`[##..................] 12 of 156 done, about 4 min left`."""
        filled = _BAR * self.done // self.total
        done = f"[{'#' * filled:.<{_BAR}}] {self.done} of {self.total} done"
        if not self.seconds:
            return done
        left = (time.monotonic() - self._started) / len(self.seconds) * (self.total - self.done)
        return f"{done}, about {duration(left)} left"

    def summary(self) -> str:
        """What came of the questions that this run asked."""
        asked = len(self.seconds)
        before = f", {self.before} answered before" if self.before else ""
        if not asked:
            return f"{self.done} of {self.total} done{before}."
        times = f"median {median(self.seconds):.1f} s, {duration(time.monotonic() - self._started)} in all"
        return (
            f"{self.done} of {self.total} done{before}: {asked - self.failed} with rows, {self.failed} failed; {times}."
        )


def duration(seconds: float) -> str:
    """`40 s` or `12 min`."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
