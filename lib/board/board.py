"""The board of a workspace: pinned answers in the folder `board`, written down as they come.

    board.json    the tiles in their order, and those that were removed and can come back
    rows/         the rows of their results as Parquet files, each under an id that never names other rows

Only the process that has the workspace open writes here; several threads of it may. What was changed is on the disk
when a function returns. `exhibits` may read beside it, from another process.
"""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4
from weakref import WeakValueDictionary

from lib.board import tile_json
from lib.board.exhibit import Exhibit
from lib.board.tile import Tile, width_for
from lib.data import durable
from lib.data.child import bytes_in
from lib.data.snapshots import Snapshots
from lib.engine.result import Result
from lib.errors import DataError

FOLDER = "board"
MOST_TILES = 100
MOST_REMOVED = 10
MOST_BYTES = 512 << 20
"""Of the rows of all tiles together, as they lie on the disk."""

_FILE, _ROWS = "board.json", "rows"
_VERSION = 1
_NO_LIMIT = 1 << 62
"""For `Snapshots`, which would let older rows go: pinned ones never do."""

_lock = threading.RLock()
_revisions: Counter[Path] = Counter()
_notices: dict[Path, str] = {}
_shown: WeakValueDictionary[str, Result] = WeakValueDictionary()
"""The results that somebody still shows, by the id of their rows: no tab reads them again."""


class Gone(DataError):
    """The tile is not on the board any more: another tab removed it."""


@dataclass(frozen=True)
class Board:
    """The tiles in their order; `removed` are those that can come back, the last one at the end.

    `notice` is a sentence about what could not be read, or empty.
    """

    tiles: tuple[Tile, ...] = ()
    removed: tuple[Tile, ...] = ()
    notice: str = ""


@dataclass(frozen=True)
class _Kept:
    """A tile as the file has it, without rows. `rows` is their id, empty where there are none; `place` its old one.

    `drawn` is the id of the rows that its chart is drawn from where they are others.
    """

    tile: Tile
    rows: str
    place: int = 0
    drawn: str = ""

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> _Kept:
        rows, place, drawn = body["rows"], body["place"], body["drawn"]
        if not isinstance(rows, str) or not isinstance(place, int) or not isinstance(drawn, str):
            raise TypeError
        return cls(tile_json.tile(body), rows, place, drawn)

    def to_json(self) -> dict[str, Any]:
        return {**tile_json.body(self.tile), "rows": self.rows, "place": self.place, "drawn": self.drawn}


@dataclass(frozen=True)
class _State:
    tiles: tuple[_Kept, ...] = ()
    removed: tuple[_Kept, ...] = ()


class _Damaged(Exception):
    """The file is not what `_write` writes."""


class _Newer(Exception):
    """A later version wrote the file."""


class _Full(Exception):
    """The rows would take more than MOST_BYTES."""


def revision(folder: Path) -> int:
    """A number that grows with every change of the board of this workspace's folder."""
    return _revisions[folder]


def read(folder: Path) -> Board:
    """The board in a workspace's folder. A damaged one is set aside, one of a newer version left alone.

    Raises DataError when the disk does not answer.
    """
    with _lock:
        try:
            now = _mended(folder)
        except _Newer:
            return Board(notice=str(_newer()))
        notice = _notices.pop(folder, "")
        tiles = tuple(_with_rows(folder, one) for one in now.tiles)
        return Board(tiles, tuple(one.tile for one in now.removed), notice)


def exhibits(folder: Path) -> tuple[Exhibit, ...]:
    """The pinned answers in their order, but for those without rows: reads only. Raises DataError."""
    try:
        tiles = [_with_rows(folder, one) for one in _read(folder).tiles]
    except _Damaged as e:
        raise DataError("The board's file is damaged.", "Open the Board page: it sets the file aside.") from e
    except _Newer as e:
        raise _newer() from e
    return tuple(one.exhibit for one in tiles if one.has_rows)


def pin(folder: Path, exhibit: Exhibit) -> Tile:
    """Put an answer at the end of the board. Raises DataError, also when the board is full."""
    (tile,) = add(folder, [Tile("", exhibit, width_for(exhibit))])
    return tile


def add(folder: Path, tiles: Sequence[Tile]) -> tuple[Tile, ...]:
    """Put tiles at the end of the board, each with an id of its own. All come, or none. Raises DataError."""
    new = tuple(replace(one, id=uuid4().hex) for one in tiles)

    def change(now: _State) -> _State:
        if len(now.tiles) + len(new) > MOST_TILES:
            raise DataError(f"A board holds {MOST_TILES} answers.", "Remove some that you do not need.")
        added = tuple(_kept(folder, one) for one in new)
        return replace(now, tiles=now.tiles + added)

    _change(folder, change)
    return new


def change(folder: Path, id_: str, how: Callable[[Tile], Tile]) -> Tile:
    """Put another tile in the place of one: `how` gets it as it is now. Raises DataError, Gone among them."""
    changed: list[Tile] = []

    def exchange(now: _State) -> _State:
        at = _place(now, id_)
        old = _with_rows(folder, now.tiles[at])
        new = replace(how(old), id=id_)
        changed.append(new)
        return replace(now, tiles=(*now.tiles[:at], _kept(folder, new, now.tiles[at], old), *now.tiles[at + 1 :]))

    _change(folder, exchange)
    return changed[0]


def move(folder: Path, id_: str, to: int) -> None:
    """Let a tile be the one at `to`, counted from 0; the others close up. Raises DataError."""

    def moved(now: _State) -> _State:
        tiles = list(now.tiles)
        tile = tiles.pop(_place(now, id_))
        tiles.insert(max(0, to), tile)
        return replace(now, tiles=tuple(tiles))

    _change(folder, moved)


def remove(folder: Path, id_: str) -> None:
    """Take a tile off the board. The last ones can come back. Raises DataError."""

    def without(now: _State) -> _State:
        at = _place(now, id_)
        gone = replace(now.tiles[at], place=at)
        return _State(now.tiles[:at] + now.tiles[at + 1 :], (*now.removed, gone)[-MOST_REMOVED:])

    _change(folder, without)


def restore(folder: Path) -> None:
    """Put the tile that was removed last back into its place. Raises DataError."""

    def back(now: _State) -> _State:
        if not now.removed:
            raise DataError("Nothing was removed from the board.")
        if len(now.tiles) >= MOST_TILES:
            raise DataError(f"A board holds {MOST_TILES} answers.", "Remove some that you do not need.")
        *earlier, last = now.removed
        return _State((*now.tiles[: last.place], last, *now.tiles[last.place :]), tuple(earlier))

    _change(folder, back)


def _place(now: _State, id_: str) -> int:
    at = next((at for at, one in enumerate(now.tiles) if one.tile.id == id_), None)
    if at is None:
        raise Gone("This answer is not on the board any more.")
    return at


def _change(folder: Path, change: Callable[[_State], _State]) -> None:
    with _lock:
        try:
            before = _mended(folder)
            (folder / FOLDER).mkdir(mode=0o700, exist_ok=True)
            try:
                now = change(before)
            except _Full:
                before = replace(before, removed=())  # they take room that is needed now
                _write(folder, before)
                now = change(before)
            _write(folder, now)
        except _Full as e:
            raise DataError(
                f"The rows of the board would take more than {MOST_BYTES >> 20:,} MB.", "Remove answers with many rows."
            ) from e
        except _Newer as e:
            raise _newer() from e
        except OSError as e:
            raise _failed(e) from e


def _write(folder: Path, now: _State) -> None:
    body = {
        "version": _VERSION,
        "tiles": [one.to_json() for one in now.tiles],
        "removed": [one.to_json() for one in now.removed],
    }
    durable.write(folder / FOLDER / _FILE, lambda file: file.write(json.dumps(body).encode()))
    _revisions[folder] += 1
    with suppress(OSError):  # what stays behind goes with the next change
        _rows(folder).keep_only([id_ for one in (*now.tiles, *now.removed) for id_ in (one.rows, one.drawn)])


def _mended(folder: Path) -> _State:
    """What the file holds; nothing, after it was set aside, if it is damaged. Raises DataError and _Newer."""
    try:
        return _read(folder)
    except _Damaged:
        aside = folder / f"damaged-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S%f}Z-{FOLDER}"
        try:
            (folder / FOLDER).rename(aside)
        except OSError as e:
            raise _failed(e) from e
        _revisions[folder] += 1
        _notices[folder] = f"The board could not be read: its file is damaged. It is set aside as {aside.name}."
        return _State()


def _read(folder: Path) -> _State:
    try:
        body = json.loads((folder / FOLDER / _FILE).read_bytes())
        if body["version"] > _VERSION:
            raise _Newer
        return _State(tuple(map(_Kept.from_json, body["tiles"])), tuple(map(_Kept.from_json, body["removed"])))
    except FileNotFoundError:
        return _State()
    except OSError as e:
        raise _failed(e) from e
    except (ValueError, TypeError, KeyError, RecursionError) as e:
        raise _Damaged from e


def _kept(folder: Path, tile: Tile, before: _Kept | None = None, old: Tile | None = None) -> _Kept:
    """The tile with its rows on the disk; those that it had `before` are there. Raises _Full and OSError."""
    exhibit = tile.exhibit
    if before and old and exhibit.result is old.exhibit.result:
        rows = before.rows
    else:
        rows = _put_rows(folder, exhibit.result) if before or tile.has_rows else ""
    if before and old and exhibit.reduced is old.exhibit.reduced:
        drawn = before.drawn
    else:
        drawn = _put_rows(folder, exhibit.reduced.result) if exhibit.reduced and rows else ""
    return _Kept(tile, rows, drawn=drawn)


def _with_rows(folder: Path, kept: _Kept) -> Tile:
    """The tile with its rows, if they can be read."""
    exhibit = kept.tile.exhibit
    result = _filled(folder, kept.rows, exhibit.result)
    if result is None:
        return kept.tile
    reduced = exhibit.reduced
    drawn = _filled(folder, kept.drawn, reduced.result) if reduced else None
    whole = replace(reduced, result=drawn) if reduced and drawn else None
    return replace(kept.tile, exhibit=replace(exhibit, result=result, reduced=whole), has_rows=True)


def _filled(folder: Path, id_: str, bare: Result) -> Result | None:
    """The result with the rows of that id; None if they cannot be read, or are those of other columns."""
    if (shown := _shown.get(id_)) is not None or not id_:
        return shown
    table = _rows(folder).get(id_)
    if table is None or table.column_names != [one.name for one in bare.columns]:
        return None
    filled = _shown[id_] = replace(bare, table=table)
    return filled


def _put_rows(folder: Path, result: Result) -> str:
    """Keep the rows; their id. Raises _Full and OSError."""
    rows, id_ = _rows(folder), uuid4().hex
    rows.put(id_, result.table)
    if bytes_in(folder / FOLDER) > MOST_BYTES:
        rows.remove([id_])
        raise _Full
    _shown[id_] = result
    return id_


def _rows(folder: Path) -> Snapshots:
    return Snapshots(folder / FOLDER / _ROWS, _NO_LIMIT)


def _newer() -> DataError:
    return DataError(
        "The board was kept by a newer version of Bayan.", "It is left as it is; use that version to change it."
    )


def _failed(e: OSError) -> DataError:
    reason = (e.strerror or "the disk does not answer").lower()
    return DataError(f"The board cannot be kept: {reason}.", "Make room on the disk, then try again.")
