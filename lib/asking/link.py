"""Which tables and columns a question needs, when the model's context has no room for all of them.

Names and labels are compared with the question word by word; rare words count more. A value that the question names
speaks for its column, and a table for those that it joins. The best are taken until the room is used; the keys of what
was taken come with it.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate, combinations

import numpy as np
import numpy.typing as npt

from lib.asking.keys import Keys
from lib.asking.likeness import likeness, name_words, question_words
from lib.asking.values import Match
from lib.data.table import Column, Join, Table

WHY = "There was no room for it in what the model can read, and it is less like the question than what was taken."

_IN_COLUMN = 0.7
"""What a word is worth that only a column of a table has, beside one that the table's name has."""
_VALUE, _NEIGHBOUR, _BETWEEN = 1.2, 0.25, 0.9
_TABLE_SHARE = 0.6
_USUAL_WIDTH = 25
"""Columns of a table that come with it although the question does not mention them; further ones come later."""
_LATER = 4
"""Each doubling of a table's columns beyond its usual width takes a quarter from what the last of them are worth."""
_STRONGEST, _LONGEST_PATH = 8, 3
_CLOSE = 0.01

Likeness = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LeftOut:
    """Columns of a table that the model is not told about; no columns means the whole table."""

    table: str
    columns: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Linked:
    """Tables with the chosen columns only, in their own order, and the joins between them."""

    tables: tuple[Table, ...]
    joins: tuple[Join, ...]
    left_out: tuple[LeftOut, ...] = ()


Place = tuple[int, int]
"""A table's number and that of its column."""


def link(
    question: str,
    tables: Sequence[Table],
    keys: Keys,
    matches: Sequence[Match],
    size: Callable[[Sequence[Table]], int],
    budget: int,
) -> Linked:
    """What of the tables fits into `budget` tokens, as `size` counts them for some tables; everything, if it does.

    At least one column is taken, even where `budget` has no room for it.
    """
    total = size(tables)
    if total <= budget:
        return Linked(tuple(tables), keys.foreign)
    order = _ranked(question, tables, keys, matches)
    schema = _Schema(tables, keys)
    number = _most_that_fit(order, schema, size, budget, total)
    return schema.linked(schema.with_keys(order[:number]))


@dataclass(frozen=True)
class _Schema:
    tables: Sequence[Table]
    keys: Keys

    @cached_property
    def places(self) -> Mapping[tuple[str, str], Place]:
        return {
            (table.name, column.name): (number, place)
            for number, table in enumerate(self.tables)
            for place, column in enumerate(table.columns)
        }

    @cached_property
    def joins(self) -> list[tuple[Place, Place, Join]]:
        """The joins whose ends are there."""
        ends = [
            ((one.left_table, one.left_column), (one.right_table, one.right_column), one) for one in self.keys.foreign
        ]
        places = self.places
        return [(places[left], places[right], one) for left, right, one in ends if left in places and right in places]

    @cached_property
    def primary(self) -> Mapping[int, list[Place]]:
        numbers = {table.name: number for number, table in enumerate(self.tables)}
        return {
            numbers[table]: [self.places[table, one] for one in columns if (table, one) in self.places]
            for table, columns in self.keys.primary.items()
            if table in numbers
        }

    def with_keys(self, chosen: Sequence[Place]) -> set[Place]:
        """The chosen columns with the primary keys of their tables and the columns on which these join."""
        taken = set(chosen)
        numbers = {table for table, _ in taken}
        taken.update(one for table in numbers for one in self.primary.get(table, ()))
        for left, right, _ in self.joins:
            if left[0] in numbers and right[0] in numbers:
                taken |= {left, right}
        return taken

    def cut(self, taken: Collection[Place]) -> list[Table]:
        """The tables with only these columns; without those that have none."""
        of_table: dict[int, list[int]] = {}
        for table, column in sorted(taken):
            of_table.setdefault(table, []).append(column)
        return [
            replace(self.tables[number], columns=tuple(self.tables[number].columns[one] for one in columns))
            for number, columns in of_table.items()
        ]

    def linked(self, taken: Collection[Place]) -> Linked:
        joins = tuple(one for left, right, one in self.joins if left in taken and right in taken)
        kept = self.cut(taken)
        names = {one.name: {each.name for each in one.columns} for one in kept}
        left_out = []
        for table in self.tables:
            missing = tuple(one.name for one in table.columns if one.name not in names.get(table.name, ()))
            if missing:
                left_out.append(LeftOut(table.name, missing if table.name in names else (), WHY))
        return Linked(tuple(kept), joins, tuple(left_out))


def _most_that_fit(
    order: Sequence[Place], schema: _Schema, size: Callable[[Sequence[Table]], int], budget: int, total: int
) -> int:
    """How many of the ranked columns fit, almost: `size` is slow, so that the search begins with an estimate."""
    costs = list(accumulate(_length(schema.tables[table].columns[column]) for table, column in order))
    low, high = 1, len(order)
    guess = bisect_right(costs, budget / total * costs[-1])
    while high - low > max(1, _CLOSE * low):
        guess = min(max(guess, low + 1), high - 1)
        takes = size(schema.cut(schema.with_keys(order[:guess])))
        low, high = (guess, high) if takes <= budget else (low, guess)
        aim = bisect_right(costs, costs[guess - 1] * budget / max(takes, 1))
        guess = aim if low < aim < high else (low + high) // 2
    return low


def _length(column: Column) -> int:
    return 12 + len(column.name) + len(column.label) + sum(len(one) + 4 for one in column.examples[:2])


def _ranked(question: str, tables: Sequence[Table], keys: Keys, matches: Sequence[Match]) -> list[Place]:
    """All columns, those first that the question is most likely to need."""
    of_columns, of_tables = _scores(question, tables, matches)
    relevance = _with_neighbours(of_tables, tables, keys)
    ranked: list[tuple[float, Place]] = []
    best = max((max(some, default=0.0) for some in of_columns), default=0.0) or 1.0
    for number, scores in enumerate(of_columns):
        by_score = sorted(range(len(scores)), key=lambda column: (-scores[column], column))
        for rank, column in enumerate(by_score):
            late = max(0.0, math.log2((rank + 1) / _USUAL_WIDTH)) / _LATER
            worth = (
                _TABLE_SHARE * relevance[number] + (1 - _TABLE_SHARE) * scores[column] / best * relevance[number] - late
            )
            ranked.append((worth, (number, column)))
    return [place for _, place in sorted(ranked, key=lambda one: (-one[0], one[1]))]


def _scores(question: str, tables: Sequence[Table], matches: Sequence[Match]) -> tuple[list[list[float]], list[float]]:
    """How much of the question each column has, and each table."""
    names = [name_words(table.name) for table in tables]
    columns = [[name_words(one.name, one.label) for one in table.columns] for table in tables]
    vocabulary: dict[str, int] = {}
    for some in (*names, *(one for each in columns for one in each)):
        for word in some:
            vocabulary.setdefault(word, len(vocabulary))
    asked = question_words(question)
    alike = likeness(asked, list(vocabulary)) * _rarity(names, columns, vocabulary)
    matched = (alike.max(axis=0, initial=0.0) > 0).tolist()
    top, values = _top(alike), _values(matches)
    of_columns: list[list[float]] = []
    of_tables: list[float] = []
    for table, name, its in zip(tables, names, columns, strict=True):
        by_name = _best(alike, name, vocabulary)
        by_column = [_best(alike, one, vocabulary) for one in its]
        named = [values.get((table.name, one.name), 0.0) for one in table.columns]
        of_columns.append(
            [
                float(best.sum()) * (0.6 + 0.4 * _matched_share(one, matched, vocabulary)) + _VALUE * value * top
                for best, one, value in zip(by_column, its, named, strict=True)
            ]
        )
        every = np.max([by_name, *(_IN_COLUMN * one for one in by_column)], axis=0)
        share = _matched_share(name, matched, vocabulary)
        of_tables.append(float(every.sum() + share * by_name.sum()) + _VALUE * max(named, default=0.0) * top)
    return of_columns, of_tables


def _top(alike: Likeness) -> float:
    return float(alike.max(initial=0.0)) or 1.0


def _best(alike: Likeness, name: Sequence[str], vocabulary: Mapping[str, int]) -> Likeness:
    """For each word of the question, how much the name has of it."""
    places = [vocabulary[one] for one in name]
    found: Likeness = alike[:, places].max(axis=1, initial=0.0)
    return found


def _matched_share(name: Sequence[str], matched: Sequence[bool], vocabulary: Mapping[str, int]) -> float:
    """The share of the name's words that the question has."""
    return sum(matched[vocabulary[one]] for one in name) / len(name) if name else 0.0


def _rarity(
    names: Sequence[Sequence[str]], columns: Sequence[Sequence[Sequence[str]]], vocabulary: Mapping[str, int]
) -> Likeness:
    """What each word is worth: the fewer tables have it, the more."""
    tables_with = np.zeros(len(vocabulary))
    columns_with = np.zeros(len(vocabulary))
    for name, its in zip(names, columns, strict=True):
        for word in {*name, *(word for one in its for word in one)}:
            tables_with[vocabulary[word]] += 1
        for one in its:
            for word in set(one):
                columns_with[vocabulary[word]] += 1
    rare: Likeness = np.log1p(len(names) / tables_with) + 0.3 * np.log1p(sum(map(len, columns)) / (1 + columns_with))
    return rare


def _values(matches: Sequence[Match]) -> dict[tuple[str, str], float]:
    """How surely the question names values of each column; a value in many columns says less of each."""
    found: dict[tuple[str, str], float] = {}
    places: dict[str, set[tuple[str, str]]] = {}
    for one in matches:
        places.setdefault(one.phrase, set()).add((one.table, one.column))
    for one in matches:
        key = (one.table, one.column)
        found[key] = max(found.get(key, 0.0), one.score / math.sqrt(len(places[one.phrase])))
    return found


def _with_neighbours(scores: Sequence[float], tables: Sequence[Table], keys: Keys) -> list[float]:
    """The tables' scores from 0 to 1, with what joins add to them."""
    numbers = {table.name: number for number, table in enumerate(tables)}
    near: dict[int, set[int]] = {number: set() for number in range(len(tables))}
    for one in keys.foreign:
        if one.left_table in numbers and one.right_table in numbers and one.left_table != one.right_table:
            near[numbers[one.left_table]].add(numbers[one.right_table])
            near[numbers[one.right_table]].add(numbers[one.left_table])
    top = max(scores, default=0.0) or 1.0
    relevance = [
        score / top + _NEIGHBOUR * max((scores[one] for one in near[number]), default=0.0) / top
        for number, score in enumerate(scores)
    ]
    strongest = sorted(range(len(tables)), key=lambda number: (-relevance[number], number))[:_STRONGEST]
    for first, second in combinations(strongest, 2):
        least = _BETWEEN * min(relevance[first], relevance[second])
        for number in _path(first, second, near):
            relevance[number] = max(relevance[number], least)
    return relevance


def _path(first: int, last: int, near: Mapping[int, Collection[int]]) -> list[int]:
    """The tables on the shortest way from one to another; empty when they are far from each other."""
    ways = deque([[first]])
    seen = {first}
    while ways:
        way = ways.popleft()
        if way[-1] == last:
            return way[1:-1]
        if len(way) <= _LONGEST_PATH:
            for one in sorted(set(near[way[-1]]) - seen):
                seen.add(one)
                ways.append([*way, one])
    return []
