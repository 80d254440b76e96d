"""What the loaded tables offer to a query: names however misspelt, and the keys that lead from table to table."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from rapidfuzz.distance import DamerauLevenshtein

from lib.data.table import Join, Table
from lib.data.words import singulars, words

LONGEST_WAY = 3
"""Joins that a forgotten column may be away."""


class Catalogue:
    """The tables and the joins between them; every name is looked up without regard to case."""

    def __init__(self, tables: Sequence[Table], joins: Iterable[Join]) -> None:
        self.columns: Mapping[str, Mapping[str, str]] = {
            table.name.lower(): {column.name.lower(): column.name for column in table.columns} for table in tables
        }
        self.spelling: Mapping[str, str] = {table.name.lower(): table.name for table in tables}
        self.joins = tuple(
            one for one in joins if {one.left_table.lower(), one.right_table.lower()} <= self.columns.keys()
        )

    def owners(self, column: str) -> list[str]:
        """The tables that have this column, in lower case."""
        return [table for table, columns in self.columns.items() if column.lower() in columns]

    def way(self, start: str, is_end: Callable[[str], bool]) -> list[Join] | None:
        """The shortest way over keys to a table that `is_end` likes; many-to-one steps come before one-to-many."""
        ways: deque[tuple[str, list[Join]]] = deque([(start, [])])
        seen = {start}
        while ways:
            here, steps = ways.popleft()
            if steps and is_end(here):
                return steps
            if len(steps) == LONGEST_WAY:
                continue
            for there, step in self._neighbours.get(here, ()):
                if there not in seen:
                    seen.add(there)
                    ways.append((there, [*steps, step]))
        return None

    def between(self, left: str, right: str) -> list[Join] | None:
        """The shortest way over keys from one table to the other."""
        return self.way(left, lambda table: table == right)

    @cached_property
    def _neighbours(self) -> Mapping[str, list[tuple[str, Join]]]:
        """For each table the tables one join away, each join written from here to there."""
        up: dict[str, list[tuple[str, Join]]] = {}
        down: dict[str, list[tuple[str, Join]]] = {}
        for one in self.joins:
            left, right = one.left_table.lower(), one.right_table.lower()
            if left != right:
                up.setdefault(left, []).append((right, one))
                down.setdefault(right, []).append((left, _turned(one)))
        return {table: up.get(table, []) + down.get(table, []) for table in self.columns}


def _turned(join: Join) -> Join:
    return Join(join.right_table, join.right_column, join.left_table, join.left_column, join.confirmed)


def nearest(name: str, names: Iterable[str], exact: bool = False) -> str | None:
    """The one of `names` that `name` must have meant: the same letters or, unless `exact`, one letter off."""
    folded: dict[str, list[str]] = {}
    for one in names:
        folded.setdefault(_letters(one), []).append(one)
    wanted = _letters(name)
    found = folded.get(wanted, [])
    if not found and not exact:
        found = [one for letters, several in folded.items() for one in several if _is_close(wanted, letters)]
    return found[0] if len(found) == 1 else None


def meant(name: str, names: Iterable[str], question: str) -> str | None:
    """The one of `names` that shares half of its words with `name`, and all of them with the question."""
    said = {form for word in words(question) for form in singulars(word)}
    wanted = {singulars(word)[-1] for word in words(name)}
    found = []
    for one in names:
        its = {singulars(word)[-1] for word in words(one)}
        if 2 * len(wanted & its) >= len(wanted | its) and its <= said:
            found.append(one)
    return found[0] if len(found) == 1 else None


def _is_close(wanted: str, letters: str) -> bool:
    if wanted.rstrip("s") == letters.rstrip("s"):
        return True
    return min(len(wanted), len(letters)) >= 5 and bool(
        DamerauLevenshtein.distance(wanted, letters, score_cutoff=1) <= 1
    )


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()
