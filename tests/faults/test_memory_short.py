"""Memory that runs out while files are read. That of a query is in test_engine.py."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from lib.data.workspace import Source, Workspace
from lib.settings import Settings
from tests.faults.processes import descendants, runs

BIG = b"n,t\n" + b"".join(b"%d,text %d\n" % (i, i % 97_777) for i in range(2_500_000))
MB = 1 << 20


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits another process, as Linux can")
def test_while_a_file_is_read(tmp_path: Path) -> None:
    small = Source("small.csv", b"a\n1\n")
    with Workspace.open(tmp_path / "w", Settings()) as space:
        with space.add([small, Source("big.csv", BIG), Source("late.csv", b"a\n2\n")]) as loading:
            end = time.monotonic() + 60
            while not (loading.progress[0] == "big.csv" and (loading.progress[1] or 0) > 0):
                assert time.monotonic() < end
                assert not loading.wait(0.001)
            (child,) = [one for one in descendants(os.getpid()) if runs(one, "lib.data.loader")]
            _limit(child, 8 * MB)
            assert loading.wait(60)
            said = [str(one) for one in loading.errors]
            assert "big.csv needs more memory than there is. Load a smaller part of it." in said
            assert all("memory" in one for one in said)  # the file after it may meet the same wall
            assert "small" in [one.name for one in loading.tables]
        assert space.run("SELECT a FROM small").rows() == [[1]]
        with space.add([Source("big.csv", BIG)]) as again:
            assert again.wait(60)
            assert ([one.name for one in again.tables], again.errors) == (["big"], ())


def _limit(pid: int, more: int) -> None:
    """Let the process have only so many more bytes of address space than it has now."""
    import resource

    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[0])
    limit = pages * os.sysconf("SC_PAGE_SIZE") + more
    resource.prlimit(pid, resource.RLIMIT_AS, (limit, resource.prlimit(pid, resource.RLIMIT_AS)[1]))
