"""What a model is told of the tables for one question: as much as fits, and without values where so wished."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lib.asking.keys import Keys, finding_keys
from lib.asking.link import LeftOut, link
from lib.asking.values import Match, ValueIndex, indexing
from lib.data.table import Join, Table
from lib.data.words import words

if TYPE_CHECKING:
    from lib.data.workspace import Workspace

STEM = 5


@dataclass(frozen=True)
class Told:
    """The tables with the columns that were chosen, their keys, and the values that the question seems to name."""

    tables: tuple[Table, ...]
    primary: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    foreign: tuple[Join, ...] = ()
    values: tuple[Match, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class Known:
    """All that is known of a workspace's tables before a question: kept until they change."""

    tables: tuple[Table, ...]
    keys: Keys
    index: ValueIndex | None


def knowing(workspace: Workspace, names_only: bool) -> Generator[str, None, Known]:
    """Yield what is done, at the first question after a change of the tables; then return what is known."""
    keys = yield from finding_keys(workspace)
    index = None if names_only else (yield from indexing(workspace))
    tables = workspace.tables
    return Known(tuple(map(_without_values, tables)) if names_only else tables, keys, index)


def tell(question: str, known: Known, size: Callable[[Told], int], budget: int) -> Told:
    """Choose what the model is told: everything where that takes at most `budget` tokens, as `size` counts them."""
    named = _stems(word for table in known.tables for word in _words_of(table))
    matches = known.index.matches(question) if known.index else ()
    values = tuple(one for one in matches if not _is_a_word_of_the_question(one, named))

    def told(tables: Sequence[Table]) -> Told:
        return Told(tuple(tables), known.keys.primary, known.keys.foreign, values)

    linked = link(question, known.tables, known.keys, values, lambda tables: size(told(tables)), budget)
    shown = {(table.name, column.name) for table in linked.tables for column in table.columns}
    return replace(
        told(linked.tables),
        foreign=linked.joins,
        values=tuple(one for one in values if (one.table, one.column) in shown),
        left_out=linked.left_out,
    )


def _is_a_word_of_the_question(match: Match, named: Set[str]) -> bool:
    """Whether the phrase rather speaks of a table or column than of a value: `reported` beside `date_reported`."""
    phrase = match.phrase
    return match.value != phrase and phrase.islower() and " " not in phrase and bool(_stems([phrase]) & named)


def _words_of(table: Table) -> list[str]:
    return [word for name in (table.name, *(one.name for one in table.columns)) for word in words(name)]


def _stems(words: Iterable[str]) -> set[str]:
    """Words by what their forms have in common: `nominated` and `nomination` begin alike."""
    return {word.casefold()[:STEM] for word in words if len(word) >= STEM}


def _without_values(table: Table) -> Table:
    return replace(table, columns=tuple(replace(one, examples=()) for one in table.columns))
