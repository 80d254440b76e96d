"""Tables that take no memory: read from a file, page by page, for as long as somebody uses them."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from lib.data.loading import SCRATCH

if TYPE_CHECKING:
    import pyarrow as pa

WORTH_IT = 1 << 18
"""Bytes: what takes less stays where it is."""


def on_disk(table: pa.Table, folder: Path) -> pa.Table:
    """The same table, whose bytes the system may drop from memory and read again. Raises OSError.

    Its file has no name any more when this returns, so that nobody else finds it and nothing of it is left.
    """
    import pyarrow as pa

    if table.nbytes < WORTH_IT or sys.platform == "win32":  # Windows keeps the names of files in use
        return table
    with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=folder) as scratch:
        path = Path(scratch, "table.arrow")
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        return pa.ipc.open_stream(pa.memory_map(str(path))).read_all()
