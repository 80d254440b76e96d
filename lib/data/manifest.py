"""What a workspace says of its tables: the file beside each database that makes it count."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypedDict

from lib.data import durable
from lib.data.table import Join, Table
from lib.data.typed import require_types
from lib.errors import DataError

FORMAT = 1
MAGIC = b"DUCK"
HEADERS = 12_288
"""Bytes of a database's three headers; nothing of it can be read without them."""
_DELETED, _KEPT = re.compile(r"deleted-\d+\.duckdb"), re.compile(r"files/[^/\\]+")


class Marks(TypedDict):
    size: int
    head: str


@dataclass(frozen=True)
class Deleted:
    """A table that can come back: the database file that it lies in, and the joins that named it."""

    file: str
    table: Table
    joins: tuple[Join, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """One state of the tables; `size` is that of its database in bytes, `head` the digest of its first ones."""

    tables: tuple[Table, ...] = ()
    joins: tuple[Join, ...] = ()
    deleted: tuple[Deleted, ...] = ()
    size: int = 0
    head: str = ""

    @property
    def originals(self) -> set[str]:
        """The paths of the files that the tables were read from, also of the deleted ones."""
        every = [*self.tables, *(one.table for one in self.deleted)]
        return {one.origin.path for one in every if one.origin}

    def table(self, name: str) -> Table:
        """Raises DataError if there is none of that name."""
        for one in self.tables:
            if one.name == name:
                return one
        raise DataError(f"There is no table {name}.")

    def put(self, names: Sequence[str], table: Table, columns: Mapping[str, str] = MappingProxyType({})) -> Manifest:
        """With `table` in the place of those called `names`: what named one of them names it now.

        `columns` says which columns have new names.
        """
        place = min(at for at, one in enumerate(self.tables) if one.name in names)
        tables = [_with_twin(one, names, table.name) for one in self.tables if one.name not in names]
        tables.insert(place, table)
        return self._of(tables, [_renamed(one, names, table.name, columns) for one in self.joins])

    def add(self, table: Table) -> Manifest:
        return self._of([*self.tables, table], self.joins)

    def remove(self, name: str) -> Manifest:
        """Without the table and without all that names it."""
        return self._of([_with_twin(one, [name], "") for one in self.tables if one.name != name], self.joins)

    def restore(self, deleted: Deleted, table: Table) -> Manifest:
        """With a deleted table as `table`, and its joins."""
        left = tuple(one for one in self.deleted if one != deleted)
        joins = [_renamed(one, [deleted.table.name], table.name) for one in deleted.joins]
        return replace(self._of([*self.tables, table], [*self.joins, *joins]), deleted=left)

    def say(self, join: Join) -> Manifest:
        """With the last word on a join. Raises DataError if its columns are not there."""
        said = self._of(self.tables, [*(one for one in self.joins if one.ends != join.ends), join])
        if join not in said.joins:
            raise DataError("There are no such columns to join.")
        return said

    def bury(self, name: str, file: str, most: int) -> Manifest:
        """With the table, which lies in `file` now, as one that can be restored, the last of at most so many."""
        joins = tuple(one for one in self.joins if name in (one.left_table, one.right_table))
        return replace(self, deleted=(*self.deleted, Deleted(file, self.table(name), joins))[-most:])

    def _of(self, tables: Sequence[Table], joins: Sequence[Join]) -> Manifest:
        """With these tables, and those of the joins that are between two columns of theirs, the last word on each."""
        there = {(one.name, column.name) for one in tables for column in one.columns}
        last = {one.ends: one for one in joins if one.ends <= there and len(one.ends) == 2}
        return replace(self, tables=tuple(tables), joins=tuple(last.values()))


def _with_twin(table: Table, olds: Collection[str], new: str) -> Table:
    return replace(table, twin=new) if table.twin in olds else table


def _renamed(join: Join, olds: Collection[str], new: str, columns: Mapping[str, str] = MappingProxyType({})) -> Join:
    if join.left_table in olds:
        join = replace(join, left_table=new, left_column=columns.get(join.left_column, join.left_column))
    if join.right_table in olds:
        join = replace(join, right_table=new, right_column=columns.get(join.right_column, join.right_column))
    return join


class Damaged(Exception):
    """A manifest or its database is not as it was written."""


def database_beside(path: Path) -> Path:
    """The database that the manifest `path` speaks of."""
    return path.with_suffix(".duckdb")


def write(path: Path, manifest: Manifest) -> None:
    """Write it so that it is there whole or not at all."""
    text = json.dumps({"format": FORMAT, **asdict(manifest)}, ensure_ascii=False)
    durable.write(path, lambda stream: stream.write(text.encode("utf-8", "surrogatepass")))


def read(path: Path) -> Manifest:
    """The manifest, once its database was found as it says. Raises Damaged, and DataError if it is of a later time."""
    try:
        given = json.loads(path.read_bytes().decode("utf-8", "surrogatepass"))
        if given["format"] > FORMAT:
            raise DataError("These tables were kept by a newer version of Bayan.", "Start that version.")
        manifest = _from_json(given)
        require_types(manifest)
        _require_inside(manifest)
        _require_whole(database_beside(path), manifest)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as e:
        raise Damaged from e
    return manifest


def marks(database: Path) -> Marks:
    """What a manifest says of its database, so that damage is seen when it is opened. Raises OSError."""
    with database.open("rb") as stream:
        return {"size": database.stat().st_size, "head": hashlib.sha256(stream.read(HEADERS)).hexdigest()}


def _require_whole(database: Path, manifest: Manifest) -> None:
    with database.open("rb") as stream:
        is_database = stream.read(12)[8:] == MAGIC
    found = marks(database)
    # Manifests of earlier versions have no digest.
    if not is_database or found["size"] != manifest.size or manifest.head not in ("", found["head"]):
        raise Damaged


def _require_inside(manifest: Manifest) -> None:
    """Raises ValueError if it speaks of a file here that is not one which the workspace wrote here."""
    for one in manifest.deleted:
        if not _DELETED.fullmatch(one.file):
            raise ValueError
    for path in manifest.originals:
        if not (Path(path).is_absolute() or _KEPT.fullmatch(path)):
            raise ValueError


def _from_json(given: Mapping[str, Any]) -> Manifest:
    return Manifest(
        tables=tuple(Table.from_json(one) for one in given["tables"]),
        joins=_joins(given["joins"]),
        deleted=tuple(
            Deleted(one["file"], Table.from_json(one["table"]), _joins(one["joins"])) for one in given["deleted"]
        ),
        size=given["size"],
        head=given.get("head", ""),
    )


def _joins(given: list[dict[str, Any]]) -> tuple[Join, ...]:
    return tuple(Join(**one) for one in given)
