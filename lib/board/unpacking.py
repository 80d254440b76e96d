"""The child process that reads the rows of a board's file: what is in there may be made to fill a memory.

It is asked for `members` of the archive `file`, and puts each as a snapshot `into` a folder. It ends with status 0 when
all of them are there. The system bounds its memory and its time (Windows does not).
"""

from __future__ import annotations

import io
import os
import sys
import zipfile
from pathlib import Path
from typing import BinaryIO

from lib.data import snapshots
from lib.data.child import request
from lib.data.snapshots import Snapshots

MEMORY, SECONDS = 3 << 30, 60
MOST_BYTES = 256 << 20
"""Of one answer's rows, packed and unpacked."""
MOST_TOTAL = 1 << 30
MOST_ROWS = 1_000_000


def main() -> None:
    asked = request()
    _limit()
    into = Snapshots(Path(asked["into"]), MOST_TOTAL)
    total = 0
    with zipfile.ZipFile(asked["file"]) as archive:
        for member in asked["members"]:
            table = snapshots.read(_part(archive, member))
            table.validate(full=True)
            total += table.nbytes
            if table.nbytes > MOST_BYTES or total > MOST_TOTAL or table.num_rows > MOST_ROWS:
                sys.exit(1)
            into.put(member, table)


def _limit() -> None:
    if sys.platform == "win32":
        return
    import resource

    for kind, limit in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS)):
        hard = resource.getrlimit(kind)[1]
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (limit, limit))


def _part(archive: zipfile.ZipFile, member: str) -> BinaryIO:
    with archive.open(member) as stream:
        data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        sys.exit(1)
    return io.BytesIO(data)


if __name__ == "__main__":
    main()
    os._exit(0)  # without Arrow's own farewell, which has nothing to save
