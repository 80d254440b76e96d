"""How far a load is."""

from __future__ import annotations

from collections.abc import Callable

Tell = Callable[[float], None]


class Watch:
    """Where the load is, from 0 to 1. `at` moves within the phase that `phase` opened."""

    def __init__(self) -> None:
        self.low = self.high = self.share = 0.0

    def phase(self, high: float) -> None:
        self.low, self.high = self.high, high
        self.at(0)

    def query(self, percent: float) -> None:
        """Take what DuckDB says of the query that it runs; a negative number says nothing."""
        if percent > 0:
            self.at(percent / 100)

    def at(self, share: float) -> None:
        self.share = self.low + (self.high - self.low) * min(max(share, 0.0), 1.0)
