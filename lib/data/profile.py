"""Statistics of a table's columns, asked in the locked engine.

Counts, minimum and maximum always come from every row. How many values are distinct, which ones are frequent and how
they spread is exact for a table of at most `EXACT_ROWS` rows; for a larger one it is estimated, mostly from a sample.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from lib.data.asked import asked, finished
from lib.data.table import Column, Table
from lib.engine.types import is_day_or_time, is_number, is_whole, quoted

if TYPE_CHECKING:
    from lib.data.workspace import Workspace
    from lib.engine.result import Json

EXACT_ROWS = 100_000
SAMPLE_ROWS = 50_000
"""Rows from which the frequent values of a larger table are counted."""

MOST_COLUMNS = 100
"""Columns of one profile; a wider table has several."""
TOP, BINS = 5, 20
LONGEST = 100
"""Characters of a value that are shown."""

_CELLS_READ, _CELLS_COUNTED = 200_000_000, 2_000_000
_CLUSTERED_ROWS = 1_000_000
_MOST_FOUND = MOST_COLUMNS * (TOP + BINS + 2)
_SEED = 42
_TERMS, _DISTINCT = 6, 1
"""How many things are read of a column, and the place of the number of distinct values among them."""

_ORDERED = ("VARCHAR", "BOOLEAN", "UUID", "TIME", "TIMETZ", "TIME WITH TIME ZONE", "INTERVAL")
_FLOATS = ("DOUBLE", "FLOAT")


@dataclass(frozen=True)
class ColumnProfile:
    """What is known about a column.

    `minimum`, `maximum` and the values of `top` are text, cut after `LONGEST` characters. `minimum` and `maximum` are
    None when no value has an order; they leave out NaN and the infinities, which `not_finite` counts. `top` are the
    most frequent values with their number of rows. `bins` count the rows in equal ranges from minimum to maximum;
    they are empty for what is neither a number nor on the calendar. Of a table that is profiled from a sample, `top`
    and `bins` count rows of the sample.
    """

    name: str
    type: str
    missing: int
    distinct: int
    minimum: str | None = None
    maximum: str | None = None
    not_finite: int = 0
    top: tuple[tuple[str, int], ...] = ()
    bins: tuple[int, ...] = ()


@dataclass(frozen=True)
class Profile:
    """Statistics of the columns from number `first` on, at most `MOST_COLUMNS` of them.

    `approximate` says whether `distinct`, `top` and `bins` are estimates; `sampled_rows` is about how many rows `top`
    and `bins` were counted in, 0 when it was all of them.
    """

    table: str
    rows: int
    first: int
    columns: tuple[ColumnProfile, ...]
    approximate: bool = False
    sampled_rows: int = 0


@dataclass(frozen=True)
class _Read:
    """What every row of a column tells. `low` and `high` are numbers that the histogram lies between."""

    column: Column
    present: int
    distinct: int
    minimum: str | None
    maximum: str | None
    low: float | str | None
    high: float | str | None
    not_finite: int = 0


@dataclass(frozen=True)
class _Spread:
    """How a column's histogram is cut: `number` ranges of `width` from `low` on."""

    low: float
    width: float
    number: int


@dataclass(frozen=True)
class _Counted:
    """Of a column: its frequent values, the number of distinct ones, of those that occur once, and its histogram."""

    top: tuple[tuple[str, int], ...]
    seen: int
    once: int
    bins: tuple[int, ...]


def profile(workspace: Workspace, table: Table, first: int = 0) -> Profile:
    """The statistics of a table's columns from number `first` on. Raises QueryError."""
    return finished(profiling(workspace, table, first))


def profiling(workspace: Workspace, table: Table, first: int = 0) -> Generator[str, None, Profile]:
    """As `profile`, step by step: yields what it does, and stops its query when it is closed. Raises QueryError."""
    columns = table.columns[first : first + MOST_COLUMNS]
    read: list[_Read] = []
    for some in _groups(columns, _CELLS_READ // max(table.rows, 1)):
        result = yield from asked(
            workspace, _reading_sql(table, some), f"Reading {table.rows:,} rows", max_rows=_MOST_FOUND
        )
        read += yield from _without_endless(workspace, table, _read(some, result.rows()))
    counted: list[_Counted] = []
    looked_at = table.rows if table.rows <= EXACT_ROWS else SAMPLE_ROWS
    for few in _groups(read, _CELLS_COUNTED // max(looked_at, 1)):
        result = yield from asked(workspace, _counting_sql(table, few), "Counting values", max_rows=_MOST_FOUND)
        counted += _counted(few, result.rows())
    done = tuple(_profile(one, more, table.rows) for one, more in zip(read, counted, strict=True))
    large = table.rows > EXACT_ROWS
    return Profile(table.name, table.rows, first, done, large, SAMPLE_ROWS if large else 0)


def _groups(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    """Columns that one query can deal with in bounded time and memory."""
    size = max(1, min(size, MOST_COLUMNS))
    return [items[start : start + size] for start in range(0, len(items), size)]


def _reading_sql(table: Table, columns: Sequence[Column]) -> str:
    """What the engine knows without reading is asked apart: beside other aggregates it would read for it too."""
    names, known, read = [], ["count(*)"], ["count(*)"]
    for number, column in enumerate(columns):
        for place, term in enumerate(_reading_terms(number, column, table.rows)):
            names.append(f"a{number}_{place}")
            from_blocks = place != _DISTINCT and (is_number(column.type) or is_day_or_time(column.type))
            (known if from_blocks else read).append(f"{term} AS {names[-1]}")
    rows = f"({_renamed(table, columns)})"
    return (
        f"SELECT {', '.join(names)} FROM (SELECT {', '.join(known)} FROM {rows})"
        f" CROSS JOIN (SELECT {', '.join(read)} FROM {rows})"
    )


def _reading_terms(number: int, column: Column, rows: int) -> tuple[str, ...]:
    """Present, distinct, minimum, maximum, and both as numbers."""
    value, kind = f"c{number}", column.type
    exact = rows <= EXACT_ROWS
    distinct = f"count(DISTINCT {_short(value, kind)})" if exact else f"approx_count_distinct({_plain(value, kind)})"
    limits = _limits(value, kind) if _is_ordered(kind) else ("NULL",) * 4
    return f"count({value})", distinct, *limits


def _limits(value: str, kind: str, only: str = "") -> tuple[str, str, str, str]:
    low, high = f"min({value}){only}", f"max({value}){only}"
    first, last = (f"left({one}::VARCHAR, {LONGEST + 1})" for one in (low, high))
    return first, last, _number(low, kind), _number(high, kind)


def _read(columns: Sequence[Column], rows: list[list[Json]]) -> list[_Read]:
    (row,) = rows
    values = cast(list[Any], row)
    return [_Read(column, *values[n * _TERMS : (n + 1) * _TERMS]) for n, column in enumerate(columns)]


def _without_endless(
    workspace: Workspace, table: Table, read: Sequence[_Read]
) -> Generator[str, None, Sequence[_Read]]:
    """NaN and the infinities left out: the few columns that have them are read once more."""
    endless = [n for n, one in enumerate(read) if one.column.type in _FLOATS and _is_endless(one)]
    if not endless:
        return read
    terms: list[str] = []
    for number in endless:
        value = f"c{number}"
        terms += _limits(value, read[number].column.type, f" FILTER (isfinite({value}))")
        terms.append(f"count(*) FILTER (NOT isfinite({value}))")
    sql = f"SELECT {', '.join(terms)} FROM ({_renamed(table, [one.column for one in read])})"
    result = yield from asked(workspace, sql, "Leaving out what is not a number", max_rows=1)
    values = cast(list[Any], result.rows()[0])
    mended = list(read)
    for place, number in enumerate(endless):
        minimum, maximum, low, high, not_finite = values[place * 5 : place * 5 + 5]
        mended[number] = replace(
            read[number], minimum=minimum, maximum=maximum, low=low, high=high, not_finite=not_finite
        )
    return mended


def _is_endless(read: _Read) -> bool:
    """A result's row names what JSON has no number for."""
    return isinstance(read.low, str) or isinstance(read.high, str)


def _counting_sql(table: Table, read: Sequence[_Read]) -> str:
    """Rows of column number, what is counted (a frequent value, a total, or a range of the histogram), and count."""
    columns = [one.column for one in read]
    repeating = [n for n, one in enumerate(read) if _repeats(one, table.rows)] or [0]
    positions = ", ".join(map(str, repeating))
    shorts = ", ".join(f"{_short(f'c{n}', columns[n].type)}::VARCHAR" for n in repeating)
    cells = f"SELECT unnest([{positions}]) AS i, unnest([{shorts}]) AS v FROM ({_few_rows(table, columns)})"
    sql = (
        f"WITH cells AS ({cells}),"
        " counted AS (SELECT i, v, count(*) AS n FROM cells WHERE v IS NOT NULL GROUP BY i, v),"
        " ranked AS (SELECT i, v, n, row_number() OVER (PARTITION BY i ORDER BY n DESC, v) AS place FROM counted)"
        f" SELECT i, 'top' AS kind, v, n FROM ranked WHERE place <= {TOP}"
        " UNION ALL SELECT i, 'seen', NULL, count(*) FROM counted GROUP BY i"
        " UNION ALL SELECT i, 'once', NULL, count(*) FROM counted WHERE n = 1 GROUP BY i"
    )
    spreads = {n: spread for n, one in enumerate(read) if (spread := _spread(one))}
    if not spreads:
        return sql
    places = ", ".join(map(str, spreads))
    bins = ", ".join(_bin(f"c{n}", columns[n].type, spread) for n, spread in spreads.items())
    return (
        f"{sql} UNION ALL SELECT i, 'bin', b::VARCHAR, count(*) FROM"
        f" (SELECT unnest([{places}]) AS i, unnest([{bins}]) AS b FROM ({_even_rows(table, columns)}))"
        " WHERE b IS NOT NULL GROUP BY i, b"
    )


def _repeats(read: _Read, rows: int) -> bool:
    """Whether a sample can tell which values are frequent: not where nearly every row has another one."""
    return rows <= EXACT_ROWS or read.distinct < 0.9 * read.present


def _few_rows(table: Table, columns: Sequence[Column]) -> str:
    """Of a large table about `SAMPLE_ROWS` rows. Only some of its blocks are read: texts are slow to read."""
    if table.rows <= EXACT_ROWS:
        return _renamed(table, columns)
    share = min(1.0, _CLUSTERED_ROWS / table.rows)
    sample = f" TABLESAMPLE {100 * share:.6f} PERCENT (system, {_SEED})" if share < 1 else ""
    return f"{_renamed(table, columns)}{sample}{_every(table, table.rows * share)}"


def _even_rows(table: Table, columns: Sequence[Column]) -> str:
    """Of a large table about `SAMPLE_ROWS` rows, evenly from its first to its last."""
    return _renamed(table, columns) + ("" if table.rows <= EXACT_ROWS else _every(table, table.rows))


def _every(table: Table, rows: float) -> str:
    step = max(1, round(rows / SAMPLE_ROWS))
    if any(one.name.casefold() == "rowid" for one in table.columns):  # it hides the engine's own
        return f" WHERE random() < {1 / step:.9f}"
    return f" WHERE rowid % {step} = {step // 2}"


def _renamed(table: Table, columns: Sequence[Column]) -> str:
    chosen = ", ".join(f"{quoted(one.name)} AS c{number}" for number, one in enumerate(columns))
    return f"SELECT {chosen} FROM {quoted(table.name)}"


def _counted(read: Sequence[_Read], rows: list[list[Json]]) -> list[_Counted]:
    found = cast("list[list[Any]]", rows)
    tops: list[list[tuple[str, int]]] = [[] for _ in read]
    totals = [{"seen": 0, "once": 0} for _ in read]
    spreads = [_spread(one) for one in read]
    bins = [[0] * (one.number if one else 0) for one in spreads]
    for position, kind, value, count in found:
        if kind == "top":
            tops[position].append((str(value), count))
        elif kind == "bin":
            bins[position][int(str(value))] += count
        else:
            totals[position][kind] = count
    return [_Counted(_ordered(tops[n]), totals[n]["seen"], totals[n]["once"], tuple(bins[n])) for n in range(len(read))]


def _ordered(top: Sequence[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    return tuple((_cut(value), count) for value, count in sorted(top, key=lambda one: (-one[1], one[0])))


def _profile(read: _Read, counted: _Counted, rows: int) -> ColumnProfile:
    large = rows > EXACT_ROWS
    return ColumnProfile(
        name=read.column.name,
        type=read.column.type,
        missing=rows - read.present,
        distinct=_distinct(read, counted) if large else read.distinct,
        minimum=None if read.minimum is None else _cut(read.minimum),
        maximum=None if read.maximum is None else _cut(read.maximum),
        not_finite=read.not_finite,
        # A value that the sample has once says nothing about how frequent it is.
        top=tuple(one for one in counted.top if one[1] > 1 or not large),
        bins=counted.bins,
    )


def _distinct(read: _Read, counted: _Counted) -> int:
    """The sample's own number when each of its values came back and the estimate (within 5 %) agrees with it."""
    if counted.seen and not counted.once and abs(read.distinct - counted.seen) <= 0.1 * counted.seen + 1:
        return counted.seen
    return min(read.distinct, read.present)


def _spread(read: _Read) -> _Spread | None:
    """At most `BINS` equal ranges; those of whole numbers and days hold whole ones."""
    low, high, kind = read.low, read.high, read.column.type
    if not isinstance(low, (int, float)) or not isinstance(high, (int, float)):
        return None
    step = 1.0 if is_whole(kind) else 86_400.0 if kind == "DATE" else 0.0
    if step:
        units = round((high - low) / step) + 1
        number = _ranges(units)
        return _Spread(low, step * (units / BINS if units > 50 * BINS else math.ceil(units / number)), number)
    return _Spread(low, high / BINS - low / BINS, BINS if high > low else 1)


def _ranges(units: int) -> int:
    """Into how many ranges so many whole numbers are cut: so that the last one is as full as possible."""
    if units <= BINS or units > 50 * BINS:
        return min(units, BINS)
    widths = {math.ceil(units / number) for number in range(BINS // 2, BINS + 1)}
    return math.ceil(units / min(widths, key=lambda width: ((-units % width) / width, width)))


def _bin(value: str, kind: str, spread: _Spread) -> str:
    number = _number(value, kind)
    finite = f"isfinite({value})" if kind in _FLOATS or is_day_or_time(kind) else f"{value} IS NOT NULL"
    place = f"({number} / {spread.width!r} - {spread.low / spread.width!r})" if spread.width else "0"
    return f"CASE WHEN {finite} THEN greatest(0, least({spread.number - 1}, floor({place})))::INT END"


def _number(value: str, kind: str) -> str:
    """The value as a DOUBLE, or NULL when it is neither a number nor on the calendar."""
    if is_number(kind):
        return f"{value}::DOUBLE"
    return f"epoch({value})" if is_day_or_time(kind) else "NULL"


def _is_ordered(kind: str) -> bool:
    return is_number(kind) or is_day_or_time(kind) or kind in _ORDERED or kind.startswith("ENUM(")


def _plain(value: str, kind: str) -> str:
    return value if _is_ordered(kind) else f"{value}::VARCHAR"


def _short(value: str, kind: str) -> str:
    """The value, or of a long text its beginning and a digest: long texts do not fit into memory all at once."""
    if kind in _FLOATS:
        return f"({value} + 0)"  # makes 0 of -0, which is equal but written otherwise
    if _is_ordered(kind) and kind != "VARCHAR":
        return value
    text = _plain(value, kind)
    return f"CASE WHEN length({text}) > {LONGEST} THEN left({text}, {LONGEST}) || md5({text}) ELSE {text} END"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"
