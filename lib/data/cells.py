"""Rows on their way to DuckDB: a CSV file in which an empty cell between two commas is no value at all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from lib.data.delimited import LONGEST_CELL
from lib.data.staged import columns

_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


class Cells:
    """The file. Later rows may be longer than earlier ones; those are filled up with missing values."""

    def __init__(self, path: Path, stream: TextIO) -> None:
        self._path, self._stream = path, stream
        self._widths: set[int] = set()
        self.count = 0

    @classmethod
    @contextmanager
    def writing(cls, path: Path) -> Iterator[Cells]:
        """An empty file at `path`, which can be read when the block has ended."""
        with path.open("w", encoding="utf-8", newline="") as stream:
            yield cls(path, stream)

    def write(self, row: Sequence[str | None]) -> None:
        """Add a row that `objection` has nothing against."""
        # The first cell is there so that a row without any value is not an empty line.
        cells = ["" if cell is None else '"' + cell.replace('"', '""') + '"' for cell in row]
        self._stream.write(f"1,{','.join(cells)}\n")
        self._widths.add(len(row))
        self.count += 1

    def relation(self) -> str:
        """What can stand after FROM: as many text columns as the longest row, named as staged ones are."""
        names = columns(max(self._widths, default=1))
        texts = ", ".join(f"{one}: 'VARCHAR'" for one in ("n", *names))
        location = str(self._path).replace("'", "''")
        padding = "null_padding=true, parallel=false" if len(self._widths) > 1 else "strict_mode=true"
        read = (
            f"read_csv('{location}', auto_detect=false, header=false, columns={{{texts}}}, delim=',', quote='\"',"
            f" escape='\"', allow_quoted_nulls=false, max_line_size={2 * LONGEST_CELL}, {padding})"
        )
        return f"(SELECT {', '.join(names)} FROM {read})"


def objection(row: Sequence[str | None]) -> str:
    """Why a row cannot be kept as it is; empty if it can."""
    text = "".join(filter(None, row))
    if len(text) > LONGEST_CELL:
        return f"the row is longer than {LONGEST_CELL >> 20} MB"
    if not text.isascii() and _HALF_CHARACTER.search(text):
        return "a character is damaged"
    return "a cell has a NUL character" if "\0" in text else ""
