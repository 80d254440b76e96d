"""What holds the tables together: the primary key of each, and where one refers to another.

Names suggest both, and the values decide: a primary key has no gap and no value twice, and what refers to a key has
its values there. Words of a person come first: joins that were confirmed are taken, those that were dropped never.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast
from weakref import WeakKeyDictionary

from lib.data.asked import asked, finished
from lib.data.table import Column, Join, Table
from lib.data.words import singulars, words
from lib.engine.types import is_number, is_whole, quoted
from lib.errors import QueryError, QueryStopped

if TYPE_CHECKING:
    from lib.data.workspace import Workspace

MOST_COLUMNS = 4_000
"""Columns that are looked at for keys."""
MOST_PAIRS = 400
"""Pairs of columns whose values are compared, the likeliest by their names first."""
MOST_VALUES = 2_000
"""Distinct values of a column that are looked for in another table."""

_COLUMNS_AT_ONCE, _PAIRS_AT_ONCE, _CELLS_AT_ONCE = 200, 25, 20_000_000
_EXACT_ROWS = 2_000_000
_SAMPLE_ROWS = 100_000
_PAIRS_OF_A_COLUMN = 3
_BY_TABLE, _BY_NAME, _BY_VALUES = 1.0, 0.8, 0.5
"""Strengths of pairs for which only the table's name speaks, only the same name, or only the values."""
_KEYS = frozenset(
    "id ids key code no nr num number uid uuid guid pk sku isbn iban iata icao iso fips رقم معرف رمز كود".split()
)
_BARE = frozenset("id key no nr number pk uid uuid guid index code رقم معرف رمز كود".split())
_MEASURES = frozenset(
    """amount age total sum count number num no quantity qty price cost value score rank rating year date day month time
    percent percentage rate weight height length width size population salary budget points position""".split()
)
_PEOPLE = frozenset("person people individual individuals human humans".split())

Some = TypeVar("Some")


@dataclass(frozen=True)
class Keys:
    """The columns of each table's primary key, for tables that have one, and the joins, those of a person first."""

    primary: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    foreign: tuple[Join, ...] = ()


@dataclass(frozen=True)
class _End:
    """A column; `names` are its table's names, in the plural and in the singular."""

    table: Table
    column: Column
    words: tuple[str, ...]
    names: tuple[tuple[str, ...], ...]
    place: int
    unique: bool = False

    @property
    def where(self) -> tuple[str, str]:
        return self.table.name, self.column.name

    @cached_property
    def is_key(self) -> bool:
        return bool(self.words) and self.words[-1] in _KEYS

    @cached_property
    def kind(self) -> str:
        """Columns of one kind can be compared; empty for what nobody joins on, such as measurements."""
        type_ = self.column.type
        if is_whole(type_) or (self.is_key and is_number(type_)):  # a file may have its keys as 1.0, 2.0
            return "number"
        return type_ if type_ in ("VARCHAR", "UUID") else ""

    @cached_property
    def is_bare(self) -> bool:
        return len(self.words) == 1 and self.words[0] in _BARE

    @cached_property
    def is_own(self) -> bool:
        """Whether it is called as the key of its own table: `id`, or `city_id` in the table of cities or big cities."""
        called = "".join(self.words[:-1])
        return self.is_bare or (self.is_key and any("".join(one).endswith(called) for one in self.names))


@dataclass(frozen=True)
class _Pair:
    """`left` may refer to `right`; `strength` says how clearly the names say so, `least` the share that must match."""

    left: _End
    right: _End
    strength: float

    @property
    def least(self) -> float:
        return 0.5 if self.strength >= 5 else 0.7 if self.strength >= 4 else 0.9 if self.strength >= 3 else 0.98


_lock = threading.Lock()
_kept: WeakKeyDictionary[Workspace, tuple[tuple[Table, ...], tuple[Join, ...], Keys]] = WeakKeyDictionary()


def keys_of(workspace: Workspace) -> Keys:
    """The keys of the workspace's tables as they are now. Raises QueryStopped."""
    return finished(finding_keys(workspace))


def finding_keys(workspace: Workspace) -> Generator[str, None, Keys]:
    """As `keys_of`, step by step: yields what it does, and stops its query when it is closed.

    What was found is kept until the tables or the joins change. Where a query fails, the keys that it would have
    found are missing.
    """
    tables, said = workspace.own_tables, workspace.joins
    with _lock:
        known = _kept.get(workspace)
    if known and known[1] == said and len(known[0]) == len(tables) and all(map(_is_same, known[0], tables)):
        return known[2]
    ends = yield from _profiled(workspace, _ends(tables))
    primary = _primary(ends)
    found = yield from _referring(workspace, _pairs(ends, primary, said))
    foreign = (*(one for one in said if one.confirmed), *found)
    primary |= yield from _composite(workspace, ends, foreign, primary)
    keys = Keys(primary, foreign)
    with _lock:
        _kept[workspace] = tables, said, keys
    return keys


def _is_same(one: Table, other: Table) -> bool:
    """Every change of a table makes another object of it."""
    return one is other


def _ends(tables: Sequence[Table]) -> list[_End]:
    """The columns that can be a key or refer to one."""
    found = []
    for table in tables:
        names = _names_of(table)
        for place, column in enumerate(table.columns):
            end = _End(table, column, _without_numbers(words(column.name)), names, place)
            if table.rows and end.words and end.kind:
                found.append(end)
    return sorted(found, key=lambda one: (one.place > 0, not one.is_key))[:MOST_COLUMNS]


def _names_of(table: Table) -> tuple[tuple[str, ...], ...]:
    name = words(table.name)
    return tuple((*name[:-1], one) for one in singulars(name[-1])) if name else ()


def _without_numbers(name: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one for one in name if not one.isdigit()) or name


def _profiled(workspace: Workspace, ends: Sequence[_End]) -> Generator[str, None, list[_End]]:
    """The same columns, with those known as unique that have no gap and no value twice."""
    asked_for = [one for one in ends if one.is_key or one.place == 0]
    unique: set[tuple[str, str]] = set()
    for some in _groups(asked_for, lambda one: one.table.rows, _COLUMNS_AT_ONCE):
        by_table: dict[str, list[tuple[int, _End]]] = {}
        for number, one in enumerate(some):
            by_table.setdefault(one.table.name, []).append((number, one))
        sql = " UNION ALL ".join(_uniqueness_sql(each) for each in by_table.values())
        rows = yield from _rows(workspace, sql, "Looking for the tables' keys", len(some))
        unique |= {some[number].where for number, yes in rows if yes}
    return [replace(one, unique=one.where in unique) for one in ends]


def _uniqueness_sql(of_table: Sequence[tuple[int, _End]]) -> str:
    """A row a column: its number, and whether it has no gap and no value twice."""
    numbers = ", ".join(str(number) for number, _ in of_table)
    tests = ", ".join(_is_unique(quoted(one.column.name), one.table.rows) for _, one in of_table)
    table = quoted(of_table[0][1].table.name)
    return f"SELECT unnest(n) AS n, unnest(u) AS u FROM (SELECT [{numbers}] AS n, [{tests}] AS u FROM {table})"


def _is_unique(values: str, rows: int) -> str:
    if rows <= _EXACT_ROWS:
        return f"count(DISTINCT {values}) = count(*)"
    return f"(count({values}) = count(*) AND approx_count_distinct({values}) > 0.93 * count(*))"


def _primary(ends: Sequence[_End]) -> dict[str, tuple[str, ...]]:
    """The best of each table's unique columns: called like the table's key, else the first one."""
    best: dict[str, tuple[int, str]] = {}
    for one in ends:
        worth = 4 * one.is_own + 2 * (one.place == 0) + one.is_key
        if one.unique and worth >= 2 and worth > best.get(one.table.name, (0, ""))[0]:
            best[one.table.name] = worth, one.column.name
    return {table: (column,) for table, (_, column) in best.items()}


def _composite(
    workspace: Workspace,
    ends: Sequence[_End],
    foreign: Sequence[Join],
    primary: Mapping[str, tuple[str, ...]],
) -> Generator[str, None, dict[str, tuple[str, ...]]]:
    """Two or three columns that together are a key, for tables where no column alone is one."""
    referring = {(one.left_table, one.left_column) for one in foreign}
    of_table: dict[str, list[_End]] = {}
    for one in sorted(ends, key=lambda one: one.place):
        if one.table.name not in primary and one.table.rows <= _EXACT_ROWS and (one.is_key or one.where in referring):
            of_table.setdefault(one.table.name, []).append(one)
    tried = [some[:number] for number in (2, 3) for some in of_table.values() if len(some) >= number]
    found: dict[str, tuple[str, ...]] = {}
    for group in _groups(tried, lambda some: some[0].table.rows, _COLUMNS_AT_ONCE):
        sql = " UNION ALL ".join(_together_sql(number, some) for number, some in enumerate(group))
        rows = yield from _rows(workspace, sql, "Looking for keys of several columns", len(group))
        for number, yes in sorted(rows):
            if yes:
                found.setdefault(group[number][0].table.name, tuple(one.column.name for one in group[number]))
    return found


def _together_sql(number: int, some: Sequence[_End]) -> str:
    columns = ", ".join(quoted(one.column.name) for one in some)
    gaps = " OR ".join(f"{quoted(one.column.name)} IS NULL" for one in some)
    return (
        f"SELECT {number}, count(DISTINCT ({columns})) = count(*) AND NOT coalesce(bool_or({gaps}), true)"
        f" FROM {quoted(some[0].table.name)}"
    )


def _pairs(ends: Sequence[_End], primary: Mapping[str, tuple[str, ...]], said: Sequence[Join]) -> list[_Pair]:
    """What may refer to what, the clearest names first; nothing that a person has judged."""
    judged = {one.ends for one in said}
    settled = {(one.left_table, one.left_column) for one in said if one.confirmed}
    targets = [one for one in ends if one.unique and (one.is_key or primary.get(one.table.name) == (one.column.name,))]
    found: list[_Pair] = []
    for left in ends:
        if left.where in settled:
            continue
        near = [_Pair(left, right, _strength(left, right, primary)) for right in targets if _can_refer(left, right)]
        near = [one for one in near if one.strength and _join(one).ends not in judged]
        found += sorted(near, key=lambda one: (-one.strength, one.right.where))[:_PAIRS_OF_A_COLUMN]
    found += [one for one in _shared(ends, found) if _join(one).ends not in judged]
    return sorted(found, key=lambda one: -one.strength)[:MOST_PAIRS]


def _can_refer(left: _End, right: _End) -> bool:
    return left.where != right.where and left.kind == right.kind


def _strength(left: _End, right: _End, primary: Mapping[str, tuple[str, ...]]) -> float:
    """How clearly the names say that `left` refers to the key `right`; 0 when they do not."""
    within = left.table.name == right.table.name
    is_primary = primary.get(right.table.name) == (right.column.name,)
    if left.is_own and left.unique:
        return 0.0 if within else _shared_identity(left, right)
    strength = 0.0
    if not left.is_bare:
        strength = max(_called_after(left, right, owner, is_primary) for owner in right.names)
    if within:
        return 4.0 if strength >= 5 and left.words != right.words else 0.0
    if left.words == right.words:
        strength = max(strength, 2.0 if left.is_bare or not left.is_key else 4.0)
    elif right.is_key and not right.is_bare and (_ends_with(left.words, right.words) or left.words == right.words[:-1]):
        strength = max(strength, 3.0)
    return strength


def _called_after(left: _End, right: _End, owner: tuple[str, ...], is_primary: bool) -> float:
    """How clearly the left column is called after the right one's table."""
    full = right.words if right.is_own and not right.is_bare else (*owner, *right.words)
    bare = left.words[:-1] if left.is_key and len(left.words) > 1 else left.words
    if "".join(left.words) == "".join(full):
        return 6.0
    if _ends_with(left.words, full):
        return 5.0
    if not (is_primary or right.is_key):
        return 0.0
    more = 0.2 if is_primary else 0.0
    if "".join(bare) == "".join(owner):
        return 4.8 + more
    if (
        not (left.is_key or _is_singular(owner, right))
        or _MEASURES.intersection({*bare} - {*owner})
        or _is_called_after_own(left, owner)
    ):
        return 0.0
    if _ends_with(bare, owner) or (left.is_key and bare[: len(owner)] == owner):
        return 4.0 + more
    if _contains(bare, owner) or (is_primary and bare in ((owner[-1],), (owner[0],))):
        return 3.0 + more
    if is_primary and len(bare) == 1 and len(bare[0]) > 3 and owner[-1].endswith(bare[0]):
        return 2.5
    return _linking(left, owner) if is_primary else 0.0


def _is_singular(owner: tuple[str, ...], right: _End) -> bool:
    """A column that refers to one row is not called in the plural."""
    return all(len(owner[-1]) <= len(one[-1]) for one in right.names)


def _is_called_after_own(left: _End, owner: tuple[str, ...]) -> bool:
    """Whether it is only called after its own table, whose name begins as the other's."""
    own = "".join(left.names[0])
    return own.startswith("".join(owner)) and "".join(left.words).startswith(own)


def _linking(left: _End, owner: tuple[str, ...]) -> float:
    """A table that is called after another one refers to it, in columns that count or measure nothing."""
    named = any(_contains(name, owner) and name not in (owner,) for name in left.names)
    return _BY_TABLE if named and not left.is_key and not _MEASURES.intersection(left.words) else 0.0


def _shared_identity(left: _End, right: _End) -> float:
    """The key of gymnasts or candidates may be that of the person that each of them is."""
    people = any(_PEOPLE.intersection(name) and len(name) == 1 for name in right.names)
    after = right.is_own and any(
        (*owner, *right.words) == left.words or right.words == left.words for owner in right.names
    )
    if after and not right.is_bare:
        return 4.0
    return _BY_VALUES if people and right.is_own and not left.is_bare else 0.0


def _shared(ends: Sequence[_End], found: Sequence[_Pair]) -> Iterator[_Pair]:
    """Keys of the same name that repeat in each of their tables: each with the one that has the most rows."""
    referring = {one.left.where for one in found if one.strength >= 3}
    by_name: dict[tuple[str, ...], list[_End]] = {}
    for one in ends:
        text = one.column.type == "VARCHAR"
        if (
            (one.is_key or text or not _MEASURES.intersection(one.words))
            and not one.is_bare
            and one.where not in referring
        ):
            by_name.setdefault((one.kind, *one.words), []).append(one)
    for some in by_name.values():
        if len(some) > 1 and not any(one.unique for one in some):
            hub = max(some, key=lambda one: (one.table.rows, one.where))
            yield from (
                _Pair(one, hub, 1.5 if one.is_key else _BY_NAME) for one in some if one.table.name != hub.table.name
            )


def _referring(workspace: Workspace, pairs: Sequence[_Pair]) -> Generator[str, None, tuple[Join, ...]]:
    """The pairs whose values agree, for each column the best one."""
    holding: list[tuple[float, float, int, _Pair]] = []
    done = 0
    for some in _groups(pairs, lambda one: one.left.table.rows + one.right.table.rows, _PAIRS_AT_ONCE):
        sql = " UNION ALL ".join(f"({_share_sql(number, one)})" for number, one in enumerate(some))
        rows = yield from _rows(workspace, sql, f"Comparing columns, {done} of {len(pairs)} pairs done", len(some))
        for number, looked, matched, scattered in rows:
            pair, share = some[number], matched / looked if looked else 0.0
            if share >= pair.least and (scattered or pair.strength > _BY_VALUES):
                holding.append((pair.strength, share, -done - number, pair))
        done += len(some)
    return _chosen([pair for *_, pair in sorted(holding, key=lambda one: one[:3], reverse=True)])


def _chosen(pairs: Sequence[_Pair]) -> tuple[Join, ...]:
    """The best pair of each column; weak ones only where nothing better links the tables."""
    kept: dict[frozenset[tuple[str, str]], Join] = {}
    settled: set[tuple[str, str]] = set()
    linked: set[tuple[str, str]] = set()
    parts: dict[str, frozenset[str]] = {}
    for pair in pairs:
        ends = pair.left.table.name, pair.right.table.name
        left, right = (parts.get(one, frozenset({one})) for one in ends)
        better = (pair.strength <= _BY_TABLE and ends in linked) or (pair.strength == _BY_NAME and left == right)
        if better or pair.left.where in settled:
            continue
        kept.setdefault(_join(pair).ends, _join(pair))
        settled.add(pair.left.where)
        parts |= dict.fromkeys(left | right, left | right)
        if pair.strength > _BY_TABLE:
            linked.add(ends)
    return tuple(kept.values())


def _share_sql(number: int, pair: _Pair) -> str:
    """The pair's number, how many values of the left column were looked for, how many the right one has, and whether
    they are scattered: the numbers 1, 2, 3 of one list are among those of any longer list."""
    left, right = quoted(pair.left.column.name), quoted(pair.right.column.name)
    scattered = "(SELECT max(v) - min(v) >= count(*) FROM looked)" if pair.left.kind == "number" else "true"
    looked = f"SELECT DISTINCT {left} AS v FROM {quoted(pair.left.table.name)}{_some_rows(pair.left.table)}"
    return (
        f"WITH looked AS MATERIALIZED (SELECT v FROM ({looked}) WHERE v IS NOT NULL LIMIT {MOST_VALUES})"
        f" SELECT {number}, (SELECT count(*) FROM looked), (SELECT count(DISTINCT l.v) FROM looked AS l"
        f" JOIN {quoted(pair.right.table.name)} AS r ON l.v = r.{right}), {scattered}"
    )


def _some_rows(table: Table) -> str:
    step = table.rows // _SAMPLE_ROWS
    if step < 2 or any(one.name.casefold() == "rowid" for one in table.columns):
        return ""
    return f" WHERE rowid % {step} = 0"


def _rows(workspace: Workspace, sql: str, step: str, most: int) -> Generator[str, None, list[list[Any]]]:
    """The query's rows; none if it fails."""
    try:
        result = yield from asked(workspace, sql, step, max_rows=most)
    except QueryStopped:
        raise
    except QueryError:
        return []
    return cast("list[list[Any]]", result.rows())


def _groups(items: Sequence[Some], cells: Callable[[Some], int], most: int) -> Iterator[list[Some]]:
    """Items that one query can deal with in bounded time."""
    some: list[Some] = []
    for item in items:
        if some and (len(some) == most or sum(map(cells, some)) + cells(item) > _CELLS_AT_ONCE):
            yield some
            some = []
        some.append(item)
    if some:
        yield some


def _join(pair: _Pair) -> Join:
    return Join(*pair.left.where, *pair.right.where)


def _ends_with(name: tuple[str, ...], end: tuple[str, ...]) -> bool:
    return bool(end) and len(name) > len(end) and name[-len(end) :] == end


def _contains(name: tuple[str, ...], part: tuple[str, ...]) -> bool:
    return any(name[start : start + len(part)] == part for start in range(len(name)))
