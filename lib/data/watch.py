"""How far a load is."""

from __future__ import annotations

from collections.abc import Callable

Tell = Callable[[float], None]


class Watch:
    """Where the load is, from 0 to 1. `at` moves within the phase that `phase` opened, phases within a `part`."""

    def __init__(self) -> None:
        self._start, self._width = 0.0, 1.0
        self.low = self.high = self.share = 0.0

    def part(self, number: int, count: int) -> None:
        """Begin part `number`, from 0, of so many of one file."""
        self._start, self._width = number / count, 1 / count
        self.high = 0.0
        self.phase(0.0)

    def phase(self, high: float) -> None:
        self.low, self.high = self.high, high
        self.at(0)

    def query(self, percent: float) -> None:
        """Take what DuckDB says of the query that it runs; a negative number says nothing."""
        if percent > 0:
            self.at(percent / 100)

    def at(self, share: float) -> None:
        within = self.low + (self.high - self.low) * min(max(share, 0.0), 1.0)
        # A file with several tables begins the same phases anew; its share never goes back for that.
        self.share = max(self.share, self._start + self._width * within)
