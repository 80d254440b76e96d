"""A board as one file: a ZIP archive with board.json, and the rows of each answer as Parquet where they go along.

A file may come from anybody. Its texts are read within bounds and looked at value by value; its rows are read in a
child process that may not take much memory. Its SQL runs only when a person refreshes, in the locked engine.
"""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lib.board import tile_json
from lib.board.board import MOST_TILES
from lib.board.exhibit import Exhibit
from lib.board.tile import Tile
from lib.data import snapshots
from lib.data.child import Child
from lib.data.snapshots import Snapshots
from lib.data.unpack import BROKEN
from lib.engine.result import Result
from lib.errors import DataError

ENDING = ".bayan"
MOST_MB = 256
"""The size of a file that is opened."""
MOST_TEXT = 8 << 20
"""Bytes of board.json."""

_JSON, _FORMAT, _VERSION = "board.json", "bayan board", 1


@dataclass(frozen=True)
class Opened:
    """What a file holds. `saved` is when it was written in seconds since 1970."""

    tiles: tuple[Tile, ...]
    saved: float

    @property
    def with_data(self) -> int:
        """How many of the tiles have their rows."""
        return sum(one.has_rows for one in self.tiles)


def save(tiles: Sequence[Tile], saved: float, *, with_data: bool) -> bytes:
    """The file. Without data no row is in it, and neither is what a refresh or a check said about rows."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        bodies = []
        for number, tile in enumerate(tiles):
            has_rows = with_data and tile.has_rows
            bodies.append({**tile_json.body(tile if with_data else _without_data(tile)), "has_rows": has_rows})
            for member, result in _parts(number, tile.exhibit) if has_rows else ():
                rows = io.BytesIO()
                snapshots.write(result.table, rows)
                archive.writestr(member, rows.getvalue(), zipfile.ZIP_STORED)
        text = {"format": _FORMAT, "version": _VERSION, "saved": saved, "tiles": bodies}
        archive.writestr(_JSON, json.dumps(text))
    return out.getvalue()


def read(data: bytes, name: str) -> Opened:
    """The tiles of a file; `name` is its name in sentences. Raises DataError for whatever `save` does not write."""
    if len(data) > MOST_MB << 20:
        raise DataError(f"{name} has more than {MOST_MB} MB.", "Save the board without its data and open that.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            body = json.loads(_text(archive, name))
        if body["format"] != _FORMAT:
            raise ValueError
        if body["version"] > _VERSION:
            raise DataError(f"{name} was saved by a newer version of Bayan.", "Open it with that version.")
        tiles = [_tile(one) for one in body["tiles"]]
        saved = tile_json.moment(body["saved"])
    except (*BROKEN, KeyError, TypeError, OSError) as e:
        raise DataError(f"{name} is no board that Bayan saved, or it is damaged.", "Save the board again.") from e
    if len(tiles) > MOST_TILES:
        raise DataError(f"{name} has {len(tiles):,} answers; a board holds {MOST_TILES}.")
    return Opened(_with_rows(data, tiles, name), saved)


def _without_data(tile: Tile) -> Tile:
    """Nothing of the rows may go along: what was refreshed and found names values, and so does an example in a note."""
    exhibit = replace(tile.exhibit, findings=None, assumptions=(), reduced=None)
    return replace(tile, exhibit=exhibit, refreshed=None)


def _text(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(_JSON) as stream:
        text = stream.read(MOST_TEXT + 1)
    if len(text) > MOST_TEXT:
        raise DataError(f"The texts in {name} are too long.", "Save the board again with fewer answers.")
    return text


def _tile(body: Mapping[str, Any]) -> Tile:
    """The tile without rows; `has_rows` says that the file has them."""
    if not isinstance(body["has_rows"], bool):
        raise TypeError
    return replace(tile_json.tile(body), has_rows=body["has_rows"])


def _with_rows(data: bytes, tiles: Sequence[Tile], name: str) -> tuple[Tile, ...]:
    wanted = [one for number, tile in enumerate(tiles) if tile.has_rows for one, _ in _parts(number, tile.exhibit)]
    if not wanted:
        return tuple(tiles)
    with tempfile.TemporaryDirectory(prefix="bayan-") as folder:
        file, rows = Path(folder, "board.zip"), Path(folder, "rows")
        file.write_bytes(data)
        child = Child("lib.board.unpacking", {"file": str(file), "into": str(rows), "members": wanted})
        if not child.succeeded():
            raise DataError(f"The data in {name} is damaged or too much.", "Save the board without its data.")
        unpacked = Snapshots(rows, MOST_MB << 20)
        return tuple(
            _filled(tile, unpacked, number, name) if tile.has_rows else tile for number, tile in enumerate(tiles)
        )


def _filled(tile: Tile, unpacked: Snapshots, number: int, name: str) -> Tile:
    results = []
    for member, result in _parts(number, tile.exhibit):
        table = unpacked.get(member)
        if table is None or table.column_names != [one.name for one in result.columns]:
            raise DataError(f"The data in {name} is damaged or too much.", "Save the board without its data.")
        results.append(replace(result, table=table))
    reduced = tile.exhibit.reduced
    drawn = replace(reduced, result=results[1]) if reduced else None
    return replace(tile, exhibit=replace(tile.exhibit, result=results[0], reduced=drawn))


def _parts(number: int, exhibit: Exhibit) -> list[tuple[str, Result]]:
    """The members of the file that hold the rows of a tile, and those that its chart is drawn from."""
    drawn = [(f"chart/{number}.parquet", exhibit.reduced.result)] if exhibit.reduced else []
    return [(f"rows/{number}.parquet", exhibit.result), *drawn]
