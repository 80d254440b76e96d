"""A pinned answer on the board: how large it is, and what its last refresh brought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from lib.board.exhibit import Exhibit

Width = Literal[2, 3, 4, 6]
"""Sixths of a row."""
WIDTHS: tuple[Width, ...] = get_args(Width)
WHOLE = 6

Outcome = Literal["unchanged", "changed", "failed"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


@dataclass(frozen=True)
class Refreshed:
    """What the last refresh of a tile brought: `says` is a sentence, `at` when that was in seconds since 1970.

    After a refresh that failed, the tile still has the rows from before it.
    """

    outcome: Outcome
    says: str
    at: float


@dataclass(frozen=True)
class Tile:
    """An answer with its place on the board.

    Without `has_rows` the result has its columns and no row: the tile came from a file without data, or its rows
    cannot be read any more. A refresh brings them.
    """

    id: str
    exhibit: Exhibit
    width: Width = 3
    tall: bool = False
    has_rows: bool = True
    refreshed: Refreshed | None = None


def width_for(exhibit: Exhibit) -> Width:
    """How wide a tile begins: a number needs little room, a table of many columns a whole row."""
    if exhibit.spec.kind == "metric":
        return 2
    return 6 if exhibit.spec.kind == "table" and len(exhibit.result.columns) > 4 else 3


def in_rows(tiles: Sequence[Tile]) -> list[list[Tile]]:
    """The tiles in their order, as many in a row as fit."""
    rows: list[list[Tile]] = []
    left = 0
    for tile in tiles:
        if tile.width > left:
            rows.append([])
            left = WHOLE
        rows[-1].append(tile)
        left -= tile.width
    return rows
