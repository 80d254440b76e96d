"""Rows on their way into a table: what every reader of a format hands on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lib.data.table import Note, Rejected


@dataclass(frozen=True)
class Staged:
    """Rows that DuckDB can read. `relation` can stand after FROM; its columns are named `c0`, `c1` and so on.

    They hold text, which still has to find its types, unless `types` gives the types that they already have.
    `headers` are the columns' names as the file has them, empty where it has none; `count` is the number of rows,
    `encoding` the name of the text's encoding, empty for a file that is no text.

    `unlisted` is the number of rejected rows beyond those in `rejected`. `again`, where there is one, reads the file
    more carefully: for rows that DuckDB turns out not to read, or not all of them.
    """

    relation: str
    headers: tuple[str, ...]
    count: int
    rejected: tuple[Rejected, ...] = ()
    notes: tuple[Note, ...] = ()
    types: tuple[str, ...] | None = None
    encoding: str = ""
    unlisted: int = 0
    again: Callable[[], Staged] | None = field(default=None, repr=False, compare=False)

    @property
    def columns(self) -> list[str]:
        return columns(len(self.headers))


def columns(count: int) -> list[str]:
    """The names of so many staged columns."""
    return [f"c{number}" for number in range(count)]
