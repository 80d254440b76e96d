"""A workspace: loads that can be watched and stopped, queries that no load disturbs, nothing left behind."""

from __future__ import annotations

import io
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

from lib.data.loading import Source
from lib.data.workspace import Workspace
from lib.errors import DataError, QueryError
from lib.settings import PROJECT, Settings

SMALL = b"a,b\n1,2\n3,4\n"
BIG = b"a,b,c,d\n" + b'1,"two, 2",3,fourth\n' * 200_000 + b"1,2\n"


@pytest.fixture(name="home")
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture(name="workspace")
def _workspace(home: Path) -> Iterator[Workspace]:
    with Workspace.create(Settings()) as workspace:
        yield workspace


def _add(workspace: Workspace, *files: Source) -> tuple[list[str], list[str]]:
    with workspace.add(files) as loading:
        assert loading.wait(30)
        return [one.name for one in loading.tables], [one.detail for one in loading.errors]


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_bytes_streams_and_paths_are_loaded(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "on disk.txt"
    path.write_bytes(SMALL)
    stream = io.BytesIO(SMALL)
    stream.read()
    sources = Source("bytes.csv", SMALL), Source("stream.csv", stream), Source("path.txt", path)
    assert _add(workspace, *sources) == (["bytes", "stream", "path"], [])
    for name in ("bytes", "stream", "path"):
        assert workspace.run(f"SELECT sum(a), sum(b) FROM {name}").rows() == [[4, 6]]
    assert path.read_bytes() == SMALL


def test_one_bad_file_does_not_stop_the_others(workspace: Workspace, tmp_path: Path) -> None:
    names, errors = _add(
        workspace,
        Source("empty.csv", b""),
        Source("good.csv", SMALL),
        Source("gone.csv", tmp_path / "gone"),
        Source("folder.csv", tmp_path),
        Source("also good.csv", SMALL),
    )
    assert names == ["good", "also_good"]
    assert sorted(errors) == [
        "empty.csv is empty.",
        "folder.csv cannot be read: is a directory.",
        "gone.csv cannot be read: no such file or directory.",
    ]


def test_nothing_good_changes_nothing(workspace: Workspace, home: Path) -> None:
    before = sorted(home.rglob("*"))
    assert _add(workspace, Source("empty.csv", b""))[0] == []
    assert workspace.tables == ()
    assert [one.suffix for one in sorted(home.rglob("*"))] == [one.suffix for one in before]


def test_two_files_of_one_name_and_a_third_later(workspace: Workspace) -> None:
    assert _add(workspace, Source("x.csv", SMALL), Source("x.csv", SMALL))[0] == ["x", "x_2"]
    assert _add(workspace, Source("X.csv", SMALL))[0] == ["x_3"]
    assert [one.name for one in workspace.tables] == ["x", "x_2", "x_3"]


@pytest.mark.parametrize("kind", ["bytes", "stream", "path"])
def test_too_large_is_said_with_both_sizes(home: Path, kind: str) -> None:
    data = b"a,b\n" + b"1,2\n" * 400_000
    path = home / "big.csv"
    path.write_bytes(data)
    kinds: dict[str, Path | bytes | BinaryIO] = {"bytes": data, "stream": io.BytesIO(data), "path": path}
    with Workspace.create(replace(Settings(), max_upload_mb=1)) as workspace:
        assert _add(workspace, Source("big.csv", kinds[kind])) == (
            [],
            ["big.csv has 1.5 MB; a file may have at most 1 MB."],
        )


def test_no_file_lands_outside_the_folder(workspace: Workspace, home: Path) -> None:
    names = [
        "../../up.csv",
        "/etc/root.csv",
        "C:\\win\\x.csv",
        "a\0b.csv",
        "q\"'.csv",
        "\u202eb.csv",
        "n" * 300 + ".csv",
    ]
    loaded, errors = _add(workspace, *(Source(one, SMALL) for one in names))
    assert (len(loaded), errors) == (len(names), [])
    (folder,) = home.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert all(one.name.startswith("tables-") for one in folder.iterdir())


def test_a_query_before_any_file(workspace: Workspace) -> None:
    assert workspace.run("SELECT 1").rows() == [[1]]
    with pytest.raises(QueryError):
        workspace.run("SELECT * FROM nothing")


def test_queries_run_while_a_load_is_under_way(workspace: Workspace) -> None:
    _add(workspace, Source("x.csv", SMALL))
    with workspace.add([Source("big.csv", BIG)]) as loading:
        _until(lambda: (loading.progress[1] or 0) > 0)
        assert workspace.run("SELECT sum(a) FROM x").rows() == [[4]]
        assert [one.name for one in workspace.tables] == ["x"]
        assert [one.name for one in loading.tables] == []
        assert loading.wait(60)
        (big,) = loading.tables
        assert (big.rows, len(big.rejected)) == (200_000, 1)
    assert workspace.run("SELECT sum(c) FROM big").rows() == [[600_000]]


def test_a_load_ends_while_a_query_is_under_way(workspace: Workspace, home: Path) -> None:
    _add(workspace, Source("x.csv", SMALL))
    with workspace.start("SELECT count(*) FROM x, range(10000000000) AS r(i) WHERE i % 7 = a", timeout=60) as query:
        assert _add(workspace, Source("y.csv", SMALL))[0] == ["y"]
        assert workspace.run("SELECT sum(y.a) FROM x, y").rows() == [[8]]
        assert not query.wait(0)
    query.join()
    workspace.run("SELECT 1")
    assert len(list(home.rglob("*.duckdb"))) == 1


def test_two_loads_at_once_wait_for_each_other(workspace: Workspace) -> None:
    with workspace.add([Source("x.csv", SMALL)]) as first, workspace.add([Source("x.csv", SMALL)]) as second:
        assert first.wait(30)
        assert second.wait(30)
    assert sorted(one.name for one in workspace.tables) == ["x", "x_2"]


def test_leaving_a_load_leaves_no_half_table(workspace: Workspace, home: Path) -> None:
    _add(workspace, Source("x.csv", SMALL))
    started = time.monotonic()
    with workspace.add([Source("done.csv", SMALL), Source("big.csv", BIG)]) as loading:
        _until(lambda: loading.progress[0] == "big.csv" and (loading.progress[1] or 0) > 0)
        started = time.monotonic()
    assert time.monotonic() - started < 1
    assert (loading.tables, loading.errors) == ((), ())
    assert [one.name for one in workspace.tables] == ["x"]
    assert len(list(home.rglob("*.duckdb*"))) == 1
    assert _add(workspace, Source("y.csv", SMALL))[0] == ["y"]


def test_a_load_that_waits_for_another_can_be_cancelled(workspace: Workspace) -> None:
    with workspace.add([Source("big.csv", BIG)]) as first:
        with workspace.add([Source("y.csv", SMALL)]) as second:
            pass
        assert second.wait(0)
        assert not first.wait(0)


def test_a_killed_child_costs_only_its_file(workspace: Workspace) -> None:
    with workspace.add([Source("x.csv", SMALL), Source("big.csv", BIG), Source("y.csv", SMALL)]) as loading:
        _until(lambda: loading.progress[0] == "big.csv" and (loading.progress[1] or 0) > 0)
        (child,) = _children()
        os.kill(child, signal.SIGKILL)
        assert loading.wait(60)
        assert [one.name for one in loading.tables] == ["x", "y"]
        assert [one.detail.partition(";")[0] for one in loading.errors] == ["Reading big.csv ended before it was done"]
    assert workspace.run("SELECT sum(x.a) FROM x, y").rows() == [[8]]


def _children() -> list[int]:
    found = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    lines = [line.split(None, 2) for line in found.splitlines() if "lib.data.loader" in line]
    return [int(pid) for pid, parent, _ in lines if int(parent) == os.getpid()]


def test_drop(workspace: Workspace, home: Path) -> None:
    _add(workspace, Source("x.csv", SMALL), Source("y.csv", SMALL))
    workspace.drop("x")
    assert [one.name for one in workspace.tables] == ["y"]
    with pytest.raises(QueryError):
        workspace.run("SELECT * FROM x")
    with pytest.raises(DataError, match="There is no table x"):
        workspace.drop("x")
    assert len(list(home.rglob("*.duckdb*"))) == 1


def test_close_removes_everything(home: Path) -> None:
    workspace = Workspace.create(Settings())
    _add(workspace, Source("x.csv", SMALL))
    loading = workspace.add([Source("big.csv", BIG)])
    workspace.close()
    workspace.close()
    assert loading.wait(0)
    assert list(home.iterdir()) == []
    with pytest.raises(DataError, match="These tables were deleted"):
        workspace.start("SELECT 1")


def test_the_end_of_the_program_removes_everything(tmp_path: Path) -> None:
    program = (
        "from lib.data.workspace import *; from lib.settings import Settings\n"
        "w = Workspace.create(Settings()); w.add([Source('x.csv', b'a,b\\n1,2\\n')]).wait()\n"
        "print(len(w.tables))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert ran.stdout == "1\n"
    assert list(tmp_path.iterdir()) == []
