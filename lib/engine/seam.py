"""What an engine is to the rest of Bayan: SQL in, Result or QueryError out."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol

from lib.engine.result import Result


class RunningQuery(Protocol):
    """One query on its way. Leaving its `with` stops it if it still runs."""

    @property
    def waits(self) -> bool:
        """Whether it waits for a place, because as many queries run as may run at once."""
        ...

    @property
    def doing(self) -> str:
        """Where it is, in a few words; empty when there is nothing to say."""
        ...

    @property
    def seconds(self) -> float:
        """How long it has run, or ran; 0 while it waits for a place."""
        ...

    @property
    def gone(self) -> bool:
        """Whether nothing of it is left that reads the tables."""
        ...

    def wait(self, seconds: float) -> bool:
        """Wait at most `seconds`; True when the query has ended."""
        ...

    def result(self) -> Result:
        """Wait for the end. Raises QueryRefused, QueryFailed, QueryTimeout, QueryTooBig or QueryStopped."""
        ...

    def cancel(self) -> None:
        """Stop it; a query that has ended stays as it is."""
        ...

    def join(self) -> None:
        """Wait until nothing of it is left; not for long where it runs on another machine."""
        ...

    def __enter__(self) -> RunningQuery: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class SqlEngine(Protocol):
    """Runs queries over the tables of one workspace, read-only. `dialect` is the one in which it is spoken to."""

    @property
    def dialect(self) -> str: ...

    @property
    def name(self) -> str:
        """The engine and its version, as a report names it."""
        ...

    def start(self, sql: str, *, timeout: float | None = None, max_rows: int | None = None) -> RunningQuery:
        """Start a query; limits that are not given (seconds, rows) are those of the settings."""
        ...

    def close(self) -> None:
        """Stop what still runs. A closed engine runs nothing more; closing it again does nothing."""
        ...
