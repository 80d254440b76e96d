"""Values that a question names: its phrases matched to the distinct texts of the tables.

Indexed are texts of 1 to 80 characters of every text column with at most a million distinct ones, in at most 256 MB a
workspace. The index of a table is kept until the table changes, or until others need the room.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.asking.values import kept
from lib.asking.values.folding import folded_each
from lib.asking.values.index import TableValues
from lib.asking.values.matching import MOST, How, Match, matches
from lib.asking.values.reading import LeftOut
from lib.data.asked import finished

if TYPE_CHECKING:
    from lib.data.workspace import Workspace

__all__ = ["How", "LeftOut", "Match", "ValueIndex", "index_of", "indexing"]


@dataclass(frozen=True)
class ValueIndex:
    """The texts of a workspace's tables as they were when it was made. Safe to use from several threads."""

    tables: tuple[TableValues, ...]
    left_out: tuple[LeftOut, ...]
    names: frozenset[str]

    def matches(self, question: str, most: int = MOST) -> tuple[Match, ...]:
        """The values that the question names, the surest first."""
        return matches(question, self.tables, self.names, most)

    @property
    def bytes(self) -> int:
        """The memory that it takes."""
        return sum(one.bytes for one in self.tables)


def index_of(workspace: Workspace) -> ValueIndex:
    """The index of the workspace's tables as they are now. Raises QueryStopped."""
    return finished(indexing(workspace))


def indexing(workspace: Workspace) -> Generator[str, None, ValueIndex]:
    """As `index_of`, step by step: yields what it does, and stops its query when it is closed."""
    tables = workspace.own_tables
    read = yield from kept.reading_new(workspace, tables)
    names = [name for table in tables for name in (table.name, *(one.name for one in table.columns))]
    return ValueIndex(
        tuple(one.values for one in read),
        tuple(left for one in read for left in one.left_out),
        frozenset(_words_of(names)),
    )


def _words_of(names: Sequence[str]) -> Iterator[str]:
    """Each name as a whole, and its words, also in the other number."""
    for name in folded_each([re.sub(r"(?<=[a-z])(?=[A-Z])", " ", one) for one in dict.fromkeys(names)]):
        for word in (name.replace(" ", ""), *name.split()):
            yield from (word, f"{word}s", word.removesuffix("s"), re.sub("y$", "ies", word), re.sub("ies$", "y", word))
