"""A file that is damaged in the middle. Other damage is in test_workspace.py and test_history.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lib.data.workspace import Source, Workspace
from lib.errors import AppError
from lib.settings import Settings

BIG = b"n,t\n" + b"".join(b"%d,text %d\n" % (i, i * 7919 % 1_000_003) for i in range(100_000))
SUM = "SELECT sum(n), max(t) FROM big"


def test_a_block_of_a_table_is_damaged(tmp_path: Path) -> None:
    """The other tables can be read, the damaged one says so; loaded again, it is whole."""
    with Workspace.open(tmp_path / "w", Settings()) as space:
        with space.add([Source("small.csv", b"a\n1\n"), Source("big.csv", BIG)]) as loading:
            assert loading.wait(60)
            assert not loading.errors
        before = space.run(SUM).rows()
        (database,) = space.folder.glob("tables-*.duckdb")
        with database.open("r+b") as file:
            file.seek(database.stat().st_size // 2)
            file.write(b"?" * 4096)
    with Workspace.open(tmp_path / "w", Settings()) as space:
        uses: list[Callable[[], object]] = [
            lambda: space.run(SUM),
            lambda: space.export("big", "csv", tmp_path / "big.csv"),
        ]
        for use in uses:
            with pytest.raises(AppError) as e:
                use()
            assert str(e.value) == (
                "A part of the tables' file is damaged and cannot be read. Delete the table and load its file again."
            )
        assert not (tmp_path / "big.csv").exists()
        assert space.run("SELECT a FROM small").rows() == [[1]]
        space.drop("big")
        assert space.deleted == ()
        with space.add([Source("big.csv", BIG)]) as again:
            assert again.wait(60)
            assert not again.errors
        assert space.run(SUM).rows() == before
        assert space.run("SELECT a FROM small").rows() == [[1]]
