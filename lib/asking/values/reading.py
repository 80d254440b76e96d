"""Reads the distinct texts of a workspace's tables in the locked engine, a bounded amount at a time."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa
import pyarrow.compute as pc

from lib.asking.values.index import TableValues, build
from lib.data.asked import asked
from lib.data.table import Table
from lib.engine.types import quoted
from lib.errors import QueryError, QueryStopped, QueryTooBig

if TYPE_CHECKING:
    from lib.data.workspace import Workspace

MOST_DISTINCT = 1_000_000
"""Distinct texts of a column; one with more is left out."""
LONGEST = 80
"""Characters of a text that is indexed; longer ones are prose."""
MOST_BYTES = 256 << 20
"""Of memory for all texts of one workspace; the largest columns are left out."""

_LONGEST_BYTES = 2 * LONGEST
_EXACT_ROWS = 200_000
_CELLS_AT_ONCE = 150_000
_TABLES_AT_ONCE = 40
_BYTES_AT_ONCE = 32 << 20
_MOST_PARTS = 64
_BYTES_A_TEXT = 70
"""What a text takes in the index beside its own bytes, about."""


@dataclass(frozen=True)
class LeftOut:
    """A column whose texts are not in the index."""

    table: str
    column: str
    why: str


@dataclass(frozen=True)
class _Job:
    """Columns of one table, by number; of their texts, those of part `part` of `parts`."""

    table: Table
    columns: tuple[int, ...]
    cells: int
    part: int = 0
    parts: int = 1

    @property
    def names(self) -> list[Name]:
        return [(self.table.name, self.table.columns[one].name) for one in self.columns]

    def halves(self) -> list[_Job]:
        """The same in two; nothing if it cannot be cut any more."""
        if (half := len(self.columns) // 2) > 0:
            return [replace(self, columns=some) for some in (self.columns[:half], self.columns[half:])]
        if self.parts >= _MOST_PARTS:
            return []
        return [replace(self, part=part, parts=2 * self.parts) for part in (self.part, self.part + self.parts)]


Name = tuple[str, str]
"""A table's name and that of its column."""


@dataclass
class _Taken:
    """The texts that were read, and the columns that are left out."""

    room: int
    texts: dict[Name, list[pa.Array]] = field(default_factory=dict)
    left_out: dict[Name, str] = field(default_factory=dict)

    def take(self, name: Name, texts: pa.Array) -> None:
        self.room -= _bytes(texts)
        self.texts.setdefault(name, []).append(texts)
        if self.room < 0:
            self.leave_out([name], f"The values of all tables take more than {MOST_BYTES >> 20} MB.")

    def leave_out(self, names: Iterable[Name], why: str) -> None:
        for name in names:
            self.left_out[name] = why
            self.room += sum(map(_bytes, self.texts.pop(name, ())))

    def columns_of(self, table: Table) -> list[tuple[str, pa.Array]]:
        """The columns' names and texts, which are given away."""
        names = [(table.name, one.name) for one in table.columns]
        return [(name[1], pa.concat_arrays(self.texts.pop(name))) for name in names if name in self.texts]


def reading(
    workspace: Workspace, tables: Sequence[Table], room: int = MOST_BYTES
) -> Generator[str, None, tuple[tuple[TableValues, ...], tuple[LeftOut, ...]]]:
    """The tables' texts in at most `room` bytes of memory, about, and the columns that were left out, step by step.

    Only QueryStopped leaves it: a column whose texts cannot be read is left out.
    """
    taken = _Taken(room)
    sizes = yield from _sizes(workspace, tables, taken)
    jobs = deque(_joined(sorted(_jobs(tables, sizes), key=lambda one: one.cells)))
    done, total = 0, sum(one.cells for some in jobs for one in some) or 1
    while jobs:
        some = [one for one in jobs.popleft() if one.columns[1:] or one.names[0] not in taken.left_out]
        if not some:
            continue
        try:
            yield from _read(workspace, some, f"Reading the tables' values, {done / total:.0%} done", taken)
        except QueryStopped:
            raise
        except QueryError as e:
            smaller = _smaller(some) if isinstance(e, QueryTooBig) or len(some) > 1 else []
            jobs.extendleft(reversed(smaller))
            if not smaller:
                taken.leave_out((name for one in some for name in one.names), e.detail)
            continue
        done += sum(one.cells for one in some)
    built = []
    for table in tables:
        yield f"Sorting the values of {table.name}"
        built.append(build(table.name, taken.columns_of(table)))
    return tuple(built), tuple(LeftOut(*where, why) for where, why in taken.left_out.items())


def _texts_of(table: Table) -> list[int]:
    return [number for number, one in enumerate(table.columns) if one.type == "VARCHAR"] if table.rows else []


def _sizes(
    workspace: Workspace, tables: Sequence[Table], taken: _Taken
) -> Generator[str, None, dict[tuple[str, int], int]]:
    """About how many bytes the distinct texts of each column have, at most; of those that are not left out."""
    sizes = {(table.name, n): table.rows * _LONGEST_BYTES for table in tables for n in _texts_of(table)}
    for table in tables:
        if table.rows <= _EXACT_ROWS or not (numbers := _texts_of(table)):
            continue
        names = [quoted(table.columns[n].name) for n in numbers]
        few = [f"approx_count_distinct({one}), avg(strlen({one}))" for one in names]
        sql = f"SELECT {', '.join(few)} FROM {quoted(table.name)}"
        try:
            result = yield from asked(workspace, sql, f"Counting the values of {table.name}", max_rows=1)
        except QueryStopped:
            raise
        except QueryError as e:
            taken.leave_out([(table.name, table.columns[n].name) for n in numbers], e.detail)
            continue
        figures = cast("list[Any]", result.rows()[0])
        for place, n in enumerate(numbers):
            distinct, length = figures[2 * place], figures[2 * place + 1] or 0
            sizes[table.name, n] = math.ceil(distinct * (min(length, _LONGEST_BYTES) + 8))
            if distinct > 1.1 * MOST_DISTINCT:
                why = f"It has more than {MOST_DISTINCT:,} different values."
                taken.leave_out([(table.name, table.columns[n].name)], why)
    return sizes


def _jobs(tables: Sequence[Table], sizes: dict[tuple[str, int], int]) -> Iterator[_Job]:
    """Small columns of a table together, a large one alone and if need be in parts."""
    for table in tables:
        numbers = _texts_of(table)
        if table.rows <= _EXACT_ROWS:
            few = max(1, _CELLS_AT_ONCE // table.rows) if table.rows else 1
            for start in range(0, len(numbers), few):
                some = tuple(numbers[start : start + few])
                yield _Job(table, some, table.rows * len(some))
        else:
            for n in numbers:
                parts = 1 << max(0, math.ceil(math.log2(max(1, sizes[table.name, n]) / _BYTES_AT_ONCE)))
                for part in range(parts):
                    yield _Job(table, (n,), table.rows, part, parts)


def _joined(jobs: Iterable[_Job]) -> Iterator[list[_Job]]:
    """Jobs that one query can do."""
    some: list[_Job] = []
    for job in jobs:
        if some and (len(some) == _TABLES_AT_ONCE or sum(one.cells for one in some) + job.cells > _CELLS_AT_ONCE):
            yield some
            some = []
        some.append(job)
    if some:
        yield some


def _smaller(some: Sequence[_Job]) -> list[list[_Job]]:
    if len(some) > 1:
        return [list(some[: len(some) // 2]), list(some[len(some) // 2 :])]
    return [[one] for one in some[0].halves()]


def _read(workspace: Workspace, some: Sequence[_Job], step: str, into: _Taken) -> Generator[str, None, None]:
    sql = " UNION ALL ".join(_distinct_sql(number, job) for number, job in enumerate(some))
    most = sum(min(one.table.rows * len(one.columns), 2 * MOST_DISTINCT) for one in some)
    result = yield from asked(workspace, sql, step, max_rows=most)
    found = result.table.combine_chunks()
    if not found.num_rows:
        return
    # Sorted, so that the same tables always give the same matches.
    found = found.sort_by([("j", "ascending"), ("c", "ascending"), ("v", "ascending")])
    keys = pc.add(pc.multiply(found["j"], 1 << 20), found["c"])
    runs = pc.run_end_encode(keys.combine_chunks())
    texts, start = found["v"].combine_chunks(), 0
    for key, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
        job = some[key >> 20]
        name = (job.table.name, job.table.columns[key & 0xFFFFF].name)
        if name not in into.left_out:
            into.take(name, texts.slice(start, end - start))
        start = end


def _bytes(texts: pa.Array) -> int:
    return int(texts.nbytes) + _BYTES_A_TEXT * len(texts)


def _distinct_sql(number: int, job: _Job) -> str:
    """Rows of job, column and text."""
    part = f" AND hash(v) % {job.parts} = {job.part}" if job.parts > 1 else ""
    return (
        f"SELECT {number}::BIGINT AS j, c::BIGINT AS c, v FROM (SELECT DISTINCT c, v FROM ({_cells_sql(job)})"
        f" WHERE length(v) BETWEEN 1 AND {LONGEST} AND strlen(v) <= {_LONGEST_BYTES}{part})"
    )


def _cells_sql(job: _Job) -> str:
    """Rows of column and text, with all that repeat."""
    table, names = quoted(job.table.name), [quoted(job.table.columns[n].name) for n in job.columns]
    if len(names) == 1:
        return f"SELECT {job.columns[0]} AS c, {names[0]} AS v FROM {table}"
    return f"SELECT unnest([{', '.join(map(str, job.columns))}]) AS c, unnest([{', '.join(names)}]) AS v FROM {table}"
