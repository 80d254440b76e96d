"""One file becomes tables, each with a report that accounts for every row."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import duckdb

from lib.data.build import build
from lib.data.format import SPOKEN, by_content, by_ending
from lib.data.full_disk import is_full
from lib.data.json_file import read_json
from lib.data.names import file_name
from lib.data.parquet_file import read_parquet
from lib.data.reading import Reading
from lib.data.spreadsheet import Sheet, sheets
from lib.data.staged import Staged
from lib.data.table import Note, Origin, Table
from lib.data.text_file import read_text
from lib.data.unpack import Archive, Bound, gunzip
from lib.data.watch import Watch
from lib.errors import DataError

MOST_NAMED = 10


@dataclass(frozen=True)
class _Place:
    """Where rows lie: `member` names the place in the archive or workbook, `shown` names it in sentences.

    A table of it is named after `naming`; `notes` are said of the next table.
    """

    shown: str
    naming: str
    member: str = ""
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class _Part:
    """What becomes one table. `read` may use the folder that it is given until the table is there."""

    place: _Place
    read: Callable[[Path], Staged]


@dataclass(frozen=True)
class _Load:
    """All that reading one file needs."""

    con: duckdb.DuckDBPyConnection
    file: str
    reading: Reading
    scratch: Path
    watch: Watch
    bound: Bound


def ingest(
    con: duckdb.DuckDBPyConnection, path: Path, file: str, reading: Reading, scratch: Path, watch: Watch
) -> Iterator[Table | DataError]:
    """Create the tables of one file, each in a transaction of its own, and yield each or why there is none."""
    load = _Load(con, file, reading, scratch, watch, Bound(reading.unpacked_mb))
    origin = Origin(str(path), encoding=reading.encoding, size=path.stat().st_size)
    found = 0
    for part in _parts(load, path):
        if isinstance(part, DataError):
            yield part
            continue
        found += 1
        table = _table(load, part)
        if isinstance(table, Table):
            table = replace(table, file=file, origin=replace(origin, member=part.place.member))
        yield table
    if not found and reading.member:
        yield DataError(f"{file} no longer holds {reading.member}.")


def _table(load: _Load, part: _Part) -> Table | DataError:
    load.con.begin()
    try:
        table = _built(load, part)
    except DataError as e:
        load.con.rollback()
        return e
    except (duckdb.OutOfMemoryException, MemoryError):
        load.con.rollback()
        return DataError(f"{part.place.shown} needs more memory than there is.", "Load a smaller part of it.")
    except duckdb.Error as e:
        if is_full(e):
            raise
        load.con.rollback()
        reason = str(e).splitlines()[0].removeprefix("Invalid Input Error: ").rstrip(".")
        return DataError(f"{part.place.shown} cannot be read as a table: {reason}.", "Export the file again as CSV.")
    load.con.commit()
    return table


def _built(load: _Load, part: _Part) -> Table:
    with tempfile.TemporaryDirectory(dir=load.scratch) as scratch:
        rows = part.read(Path(scratch))
        rows = replace(rows, notes=(*part.place.notes, *rows.notes))
        taken = [name for (name,) in load.con.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        table = build(load.con, rows, part.place.naming, taken, load.watch)
    return replace(table, encoding=rows.encoding.removesuffix("-sig"))


def _parts(load: _Load, path: Path) -> Iterator[_Part | DataError]:
    """The parts of the file, one after the other: what an archive unpacks to is gone when the next one comes."""
    try:
        kind = by_content(path, load.file, load.file)
        if kind == "zip":
            yield from _members(load, path)
        elif kind == "gzip":
            with tempfile.TemporaryDirectory(dir=load.scratch) as folder:
                unpacked = Path(folder) / "unpacked"
                gunzip(path, load.file, unpacked, load.bound)
                inner = load.file[:-3] if load.file.lower().endswith(".gz") else load.file
                yield from _tables(load, unpacked, _Place(load.file, inner or load.file))
        else:
            yield from _tables(load, path, _Place(load.file, load.file))
    except DataError as e:
        yield e


def _members(load: _Load, path: Path) -> Iterator[_Part | DataError]:
    with Archive.opened(path, load.file) as archive:
        notes = _unread_note(archive.unread)
        for number, member in enumerate(archive.members):
            wanted = load.reading.member
            if wanted and wanted != member.name and not wanted.startswith(f"{member.name}/"):
                continue
            load.watch.part(number, len(archive.members))
            shown = f"{file_name(member.name)} in {load.file}"
            naming = member.name if len(archive.members) == 1 else f"{_stem(load.file)}_{member.name}"
            said = (Note("member", f'Read from "{member.name}" in the archive.'), *notes)
            place = _Place(shown, naming.replace("/", "_"), member.name, said)
            try:
                with tempfile.TemporaryDirectory(dir=load.scratch) as folder:
                    unpacked = Path(folder) / "unpacked"
                    archive.unpack(member, shown, unpacked, load.bound)
                    for part in _tables(load, unpacked, place):
                        notes = ()
                        yield part
            except DataError as e:
                yield e


def _unread_note(unread: tuple[str, ...]) -> tuple[Note, ...]:
    if not unread:
        return ()
    more = f" and {len(unread) - MOST_NAMED:,} more" if len(unread) > MOST_NAMED else ""
    return (Note("unread", f"Other files in the archive were not read: {', '.join(unread[:MOST_NAMED])}{more}."),)


def _tables(load: _Load, path: Path, place: _Place) -> Iterator[_Part]:
    """The tables of a file that is no archive, or that came out of one. Raises DataError."""
    kind = by_content(path, place.shown, place.naming)
    if kind in ("zip", "gzip"):
        raise DataError(f"{place.shown} holds an archive in an archive.", "Unpack it and upload the files in it.")
    promised = by_ending(place.naming)
    if promised and promised != kind:
        said = Note("format", f"The file's name says {SPOKEN[promised]}, but it is {SPOKEN[kind]} and read as that.")
        place = replace(place, notes=(*place.notes, said))
    con, watch, encoding = load.con, load.watch, load.reading.encoding
    if kind == "workbook":
        yield from _sheets(load, path, place)
    elif kind == "Parquet":
        yield _Part(place, lambda scratch: read_parquet(con, path, place.shown))
    elif kind == "JSON":
        yield _Part(place, lambda scratch: read_json(path, place.shown, encoding, scratch, watch))
    else:
        yield _Part(place, lambda scratch: read_text(con, path, place.shown, encoding, scratch, watch))


def _sheets(load: _Load, path: Path, place: _Place) -> Iterator[_Part]:
    with tempfile.TemporaryDirectory(dir=load.scratch) as folder:
        found, said = sheets(path, place.shown, Path(folder), load.bound, load.watch)
        place = replace(place, notes=(*place.notes, *said))
        for sheet in found:
            member = f"{place.member}/{sheet.name}" if place.member else sheet.name
            if load.reading.member in ("", place.member, member):
                yield _sheet(place, sheet, member, len(found) == 1)
                place = replace(place, notes=place.notes[: bool(place.member)])


def _sheet(place: _Place, sheet: Sheet, member: str, only: bool) -> _Part:
    naming = place.naming if only else f"{_stem(place.naming)}_{sheet.name}.sheet"
    shown = f'Sheet "{sheet.name}" of {place.shown}'
    return _Part(_Place(shown, naming.replace("/", "_"), member, place.notes), lambda scratch: sheet.rows)


def _stem(file: str) -> str:
    return PurePosixPath(file).stem
