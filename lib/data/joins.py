"""Where two tables are likely to join: found by names and types, then measured by their values in the locked engine.

A name suggests a join when both columns are called the same (`customer_id` and `CustomerID`), or when one is called
after the other's table (`customer_id` and the column `id` of `customers`). How much of it is true is measured: the
share of the one's distinct values that the other has, and whether no value of the other repeats.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from lib.data.asked import asked, finished
from lib.data.table import Column, Join, Table
from lib.data.words import singulars, words
from lib.engine.types import is_number, is_whole, quoted

if TYPE_CHECKING:
    from lib.data.workspace import Workspace

MOST_PAIRS = 60
"""Pairs of columns that are measured, the likeliest by their names first."""
MOST_VALUES = 10_000
"""Distinct values of the left column that are looked for in the right one."""
LEAST_SHARE = 0.5

_SAMPLE_ROWS = 100_000
_ROWS_AT_ONCE = 20_000_000
_KEYS = frozenset("id key code no nr number uid uuid guid pk sku isbn iban email iata icao faa iso".split())
_BARE = frozenset("id key no nr number pk index row".split())
_NAMES = frozenset("id key code name".split())


@dataclass(frozen=True)
class LikelyJoin:
    """A join that the names suggest and the values allow.

    `share` is the part, 0 to 1, of the left column's distinct values that occur in the right one; `looked_at` of them
    were looked for, which is a sample if `sampled`. `right_is_unique` says whether no value of the right repeats.
    """

    join: Join
    share: float
    looked_at: int
    sampled: bool
    right_is_unique: bool


@dataclass(frozen=True)
class _End:
    table: Table
    column: Column
    words: tuple[str, ...]

    @property
    def is_key(self) -> bool:
        return bool(self.words) and self.words[-1] in _KEYS


@dataclass(frozen=True)
class _Pair:
    """`strength` is 2 when one column is called after the other's table and 1 when both have the same name."""

    left: _End
    right: _End
    strength: int


def likely_joins(workspace: Workspace, known: Sequence[Join] = ()) -> tuple[LikelyJoin, ...]:
    """The likely joins between the tables that nobody has judged yet, the best first. Raises QueryError."""
    return finished(finding(workspace, known))


def finding(workspace: Workspace, known: Sequence[Join] = ()) -> Generator[str, None, tuple[LikelyJoin, ...]]:
    """As `likely_joins`, step by step: yields what it does, and stops its query when it is closed."""
    judged = {one.ends for one in known}
    pairs = [one for one in _pairs(workspace.own_tables) if _join(one).ends not in judged]
    found: dict[frozenset[tuple[str, str]], tuple[LikelyJoin, _Pair]] = {}
    done = 0
    for some in _groups(pairs):
        step = f"Comparing columns, {done} of {len(pairs)} pairs done"
        result = yield from asked(workspace, _measuring_sql(some), step)
        for number, *figures in result.rows():
            pair = some[cast(int, number)]
            likely = _likely(pair, *cast(list[Any], figures))
            before = found.get(likely.join.ends)
            if before is None or _worth(likely, pair) > _worth(*before):
                found[likely.join.ends] = likely, pair
        done += len(some)
    kept = [one for one in found.values() if _holds(*one)]
    return tuple(one for one, _ in sorted(kept, key=lambda both: _worth(*both), reverse=True))


def _pairs(tables: Sequence[Table]) -> list[_Pair]:
    """Pairs that the names suggest, the likeliest first; same names are a pair in both directions."""
    ends = [_End(table, column, words(column.name)) for table in tables if table.rows for column in table.columns]
    called_after = islice(_called_after_table(ends), MOST_PAIRS)
    same = islice(_same_name(ends), MOST_PAIRS)
    return [*called_after, *same][:MOST_PAIRS]


def _called_after_table(ends: Sequence[_End]) -> Iterator[_Pair]:
    """`customer_id` with `customers.id`, also as `billing_customer_id` and as `customer` alone."""
    by_last_words: dict[tuple[str, ...], list[_End]] = {}
    for end in ends:
        for start in range(min(len(end.words), 4)):
            by_last_words.setdefault(end.words[-1 - start :], []).append(end)
    for right in ends:
        if not _NAMES.union(_KEYS).intersection(right.words[-1:]):
            continue
        for owner in _names_of(right.table):
            wanted = [(*owner, *right.words)] + ([owner] if right.words[0] in _NAMES and len(right.words) == 1 else [])
            for left in (one for ending in wanted for one in by_last_words.get(ending, ())):
                if _can_join(left, right):
                    yield _Pair(left, right, 2)


def _same_name(ends: Sequence[_End]) -> Iterator[_Pair]:
    by_name: dict[str, list[_End]] = {}
    for end in ends:
        for name in dict.fromkeys((_folded(end.column.name), _folded(end.column.label))):
            if name and end.words and not (end.words[-1:] == end.words and end.words[0] in _BARE):
                by_name.setdefault(name, []).append(end)
    groups = sorted(by_name.values(), key=lambda some: not some[0].is_key)
    for some in groups:
        for number, left in enumerate(some):
            for right in some[number + 1 :]:
                if _can_join(left, right):
                    yield _Pair(left, right, 1)
                    yield _Pair(right, left, 1)


def _can_join(left: _End, right: _End) -> bool:
    return left.table.name != right.table.name and _kind(left) == _kind(right) != ""


def _kind(end: _End) -> str:
    """Ends that are equal here can be compared; empty for what nobody joins on, such as measurements."""
    type_ = end.column.type
    if is_whole(type_) or (end.is_key and is_number(type_)):  # a file may have its keys as 1.0, 2.0
        return "number"
    return type_ if type_ in ("VARCHAR", "DATE", "UUID") else ""


def _folded(name: str) -> str:
    return "".join(words(name))


def _names_of(table: Table) -> list[tuple[str, ...]]:
    """The table's name as words, as it is and in the singular."""
    *before, last = words(table.name) or ("",)
    return [(*before, one) for one in sorted(singulars(last))] if last else []


def _groups(pairs: Sequence[_Pair]) -> Iterator[Sequence[_Pair]]:
    """Pairs that one query can measure in bounded time."""
    some: list[_Pair] = []
    for pair in pairs:
        some.append(pair)
        if len(some) == 10 or sum(one.left.table.rows + one.right.table.rows for one in some) > _ROWS_AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def _measuring_sql(pairs: Sequence[_Pair]) -> str:
    """A row a pair: its number, distinct values looked for, those found, the right's rows and distinct values."""
    return " UNION ALL ".join(f"({_measure(number, pair)})" for number, pair in enumerate(pairs))


def _measure(number: int, pair: _Pair) -> str:
    left, right = (f"SELECT {quoted(one.column.name)} AS v FROM {quoted(one.table.name)}" for one in _ends(pair))
    looked = f"SELECT DISTINCT v FROM ({left}{_some_rows(pair.left.table)}) WHERE v IS NOT NULL LIMIT {MOST_VALUES}"
    # The join's small side is the sample of the left, so that a large right only streams by.
    return (
        f"WITH looked AS MATERIALIZED ({looked}) SELECT {number}, (SELECT count(*) FROM looked),"
        f" (SELECT count(DISTINCT l.v) FROM looked AS l JOIN ({right}) AS r ON l.v = r.v),"
        f" (SELECT count(v) FROM ({right}) AS r), (SELECT {_distinct(pair.right.table)} FROM ({right}) AS r)"
    )


def _ends(pair: _Pair) -> tuple[_End, _End]:
    return pair.left, pair.right


def _some_rows(table: Table) -> str:
    step = table.rows // _SAMPLE_ROWS
    if step < 2 or any(one.name.casefold() == "rowid" for one in table.columns):
        return ""
    return f" WHERE rowid % {step} = 0"


def _distinct(table: Table) -> str:
    return "count(DISTINCT v)" if table.rows <= 20 * _SAMPLE_ROWS else "approx_count_distinct(v)"


def _likely(pair: _Pair, looked_at: int, found: int, right_rows: int, right_distinct: int) -> LikelyJoin:
    estimated = pair.right.table.rows > 20 * _SAMPLE_ROWS
    unique = right_distinct >= right_rows * (0.95 if estimated else 1)
    sampled = looked_at == MOST_VALUES or bool(_some_rows(pair.left.table))
    return LikelyJoin(_join(pair), found / looked_at if looked_at else 0.0, looked_at, sampled, unique)


def _join(pair: _Pair) -> Join:
    return Join(pair.left.table.name, pair.left.column.name, pair.right.table.name, pair.right.column.name)


def _holds(likely: LikelyJoin, pair: _Pair) -> bool:
    """Whether it is worth showing: enough values match, and where they repeat on both sides it is a key or text."""
    enough = likely.looked_at > 0 and likely.share >= LEAST_SHARE
    return enough and (likely.right_is_unique or pair.left.is_key or pair.left.column.type == "VARCHAR")


def _worth(likely: LikelyJoin, pair: _Pair) -> tuple[bool, int, float]:
    return likely.right_is_unique, pair.strength, likely.share
