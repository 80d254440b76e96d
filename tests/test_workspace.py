"""A workspace: loads that can be watched and stopped, changes, what survives its end, and what of damage is said."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Literal

import duckdb
import pytest

from lib.data.child import Change, Child
from lib.data.conversion import conversion
from lib.data.manifest import Manifest
from lib.data.table import Join
from lib.data.workspace import Source, Workspace
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
    with Workspace.temporary(Settings()) as workspace:
        yield workspace


def _add(workspace: Workspace, *files: Source) -> tuple[list[str], list[str]]:
    with workspace.add(files) as loading:
        assert loading.wait(30)
        return [one.name for one in loading.tables], [one.detail for one in loading.errors]


def _files(folder: Path) -> list[str]:
    """All but the empty files that mark who uses the folder."""
    return sorted(
        one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file() and one.stat().st_size
    )


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
        "folder.csv is no file.",
        "gone.csv cannot be read: no such file or directory.",
    ]


def test_nothing_good_changes_nothing(workspace: Workspace, home: Path) -> None:
    assert _add(workspace, Source("empty.csv", b""))[0] == []
    assert workspace.tables == ()
    assert _files(workspace.folder) == []


def test_two_files_of_one_name_and_two_later(workspace: Workspace) -> None:
    assert _add(workspace, Source("x.csv", SMALL), Source("x.csv", SMALL))[0] == ["x", "x_2"]
    assert _add(workspace, Source("X.csv", SMALL), Source("x.csv", SMALL))[0] == ["x_3", "x_4"]
    assert [(one.name, one.twin) for one in workspace.tables] == [("x", ""), ("x_2", "x"), ("x_3", ""), ("x_4", "x")]


@pytest.mark.parametrize("kind", ["bytes", "stream", "path"])
def test_too_large_is_said_with_both_sizes(home: Path, kind: str) -> None:
    data = b"a,b\n" + b"1,2\n" * 400_000
    path = home / "big.csv"
    path.write_bytes(data)
    kinds: dict[str, Path | bytes | BinaryIO] = {"bytes": data, "stream": io.BytesIO(data), "path": path}
    with Workspace.temporary(replace(Settings(), max_upload_mb=1)) as workspace:
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
    assert list(home.iterdir()) == [workspace.folder]
    assert {one.name.partition("-")[0] for one in workspace.folder.iterdir()} <= {"files", "tables", "used", "writing"}
    assert len(list((workspace.folder / "files").iterdir())) == len(names)
    assert stat.S_IMODE(workspace.folder.stat().st_mode) == 0o700
    modes = {stat.S_IMODE(one.stat().st_mode) for one in workspace.folder.rglob("*") if one.is_file()}
    assert modes == {0o600}


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


def test_a_child_that_is_killed_after_its_work_costs_nothing(home: Path) -> None:
    for _ in range(3):
        with Workspace.temporary(Settings()) as space, space.add([Source("x.csv", SMALL)]) as loading:
            finished = space.folder / "tables-1.duckdb"
            _until(lambda: bool(_children()))
            (child,) = _children()
            _until_now(finished.exists)
            with suppress(ProcessLookupError):  # it may have been faster
                os.kill(child, signal.SIGKILL)
            assert loading.wait(30)
            assert ([one.name for one in loading.tables], loading.errors) == (["x"], ())
            assert space.run("SELECT sum(a) FROM x").rows() == [[4]]


def test_a_finished_database_is_never_replaced(workspace: Workspace) -> None:
    _add(workspace, Source("x.csv", SMALL))
    one = Change(1, workspace.folder, workspace.folder / "none", Manifest())
    before = one.database.read_bytes()
    assert Child.making(one, workspace.folder, known=[], disk_mb=1).succeeded()
    assert one.database.read_bytes() == before


def test_only_tables_that_are_in_the_file_count(workspace: Workspace) -> None:
    _add(workspace, Source("x.csv", SMALL))
    one = Change(1, workspace.folder, workspace.folder / "none", Manifest())
    assert one.holds(["x"])
    assert not one.holds(["x", "y"])
    (workspace.folder / "tables-2.duckdb").write_bytes(b"noise")
    assert not replace(one, number=2).holds([])


def _until_now(true: Callable[[], bool]) -> None:
    """Without a rest: what is waited for lasts no longer than one."""
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end


def test_a_load_that_fills_the_disk_is_stopped(home: Path) -> None:
    path = home / "long.parquet"
    duckdb.execute(f"COPY (SELECT repeat(md5((i % 9)::VARCHAR), 500) AS t FROM range(30000) AS r(i)) TO '{path}'")
    assert path.stat().st_size < 1 << 20
    largest = 0
    with (
        Workspace.temporary(replace(Settings(), max_workspace_mb=2)) as space,
        space.add([Source(path.name, path)]) as loading,
    ):
        while not loading.wait(0.01):
            largest = max(largest, space.bytes_used)
        (error,) = loading.errors
        assert re.fullmatch(
            r"Reading long\.parquet has taken \d+\.\d MB on the disk so far, and 2\.0 MB are left\.", error.detail
        )
        assert (loading.tables, space.tables, _files(space.folder)) == ((), (), [])
    assert largest > 2 << 20


def test_what_is_no_file_is_refused_at_once(workspace: Workspace, home: Path) -> None:
    os.mkfifo(home / "pipe")
    closed = io.BytesIO(SMALL)
    closed.close()
    names, errors = _add(
        workspace,
        Source("pipe.csv", home / "pipe"),
        Source("device.csv", Path("/dev/zero")),
        Source("zero.csv", Path("a\0b")),
        Source("closed.csv", closed),
        Source("good.csv", SMALL),
    )
    assert names == ["good"]
    assert errors == [
        "pipe.csv is no file.",
        "device.csv is no file.",
        "zero.csv is no file.",
        "closed.csv cannot be read: I/O operation on closed file.",
    ]


def test_at_most_two_children_read_at_once(home: Path) -> None:
    with ExitStack() as opened:
        spaces = [opened.enter_context(Workspace.temporary(Settings())) for _ in range(3)]
        first = [opened.enter_context(one.add([Source("big.csv", BIG)])) for one in spaces[:2]]
        _until(lambda: len(_children()) == 2)
        children = _children()
        for child in children:
            os.kill(child, signal.SIGSTOP)
        try:
            waiting = spaces[2].add([Source("x.csv", SMALL)])
            cancelled = spaces[2].add([Source("y.csv", SMALL)])
            assert not waiting.wait(1)
            assert sorted(_children()) == sorted(children)
            waiting.cancel()
            assert waiting.wait(5)
            cancelled.cancel()
            assert cancelled.wait(5)
        finally:
            for child in children:
                os.kill(child, signal.SIGCONT)
        assert all(one.wait(60) for one in first)
        assert _add(spaces[2], Source("z.csv", SMALL)) == (["z"], [])


def test_drop(workspace: Workspace) -> None:
    _add(workspace, Source("x.csv", SMALL), Source("y.csv", SMALL))
    workspace.drop("x")
    assert [one.name for one in workspace.tables] == ["y"]
    with pytest.raises(QueryError):
        workspace.run("SELECT * FROM x")
    with pytest.raises(DataError, match="There is no table x"):
        workspace.drop("x")
    assert len(list(workspace.folder.glob("tables-*.duckdb*"))) == 1


def test_close_removes_everything(home: Path) -> None:
    workspace = Workspace.temporary(Settings())
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
        "w = Workspace.temporary(Settings()); w.add([Source('x.csv', b'a,b\\n1,2\\n')]).wait()\n"
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


@pytest.fixture(name="folder")
def _folder(home: Path) -> Path:
    return home / "deep" / "workspace"


def _facts(space: Workspace) -> tuple[object, ...]:
    return space.tables, space.joins, space.deleted


def _names(space: Workspace) -> list[str]:
    return [one.name for one in space.tables]


SALES = b"id,name,price,day\n1,ann,1.5,2024-01-02\n2,bob,2,2024-03-04\nx\n"


def test_everything_comes_back(folder: Path) -> None:
    with Workspace.open(folder, Settings()) as space:
        _add(space, Source("sales.csv", SALES), Source("people.csv", b"id,name\n1,ann\n"), Source("z.csv", SMALL))
        space.confirm_join(Join("sales", "id", "people", "id"))
        space.drop("z")
        before = _facts(space)
        assert (before[0][0].rows, len(before[0][0].rejected), before[2]) == (2, 1, ("z",))  # type: ignore[index]
    with Workspace.open(folder, Settings()) as space:
        assert _facts(space) == before
        assert space.run("SELECT sum(price) FROM sales").rows() == [[3.5]]
        assert space.restore("z") == "z"
        assert _names(space) == ["sales", "people", "z"]
        assert space.notices == ()


def test_a_query_before_any_file_leaves_nothing_for_the_next_time(folder: Path) -> None:
    for _ in range(2):
        with Workspace.open(folder, Settings()) as space:
            assert space.run("SELECT 1").rows() == [[1]]
            assert (space.tables, space.notices) == ((), ())
    with Workspace.open(folder, Settings()) as space:
        assert _add(space, Source("x.csv", SMALL)) == (["x"], [])


def test_a_folder_is_open_once(folder: Path) -> None:
    with Workspace.open(folder, Settings()), pytest.raises(DataError, match="running already"):
        Workspace.open(folder, Settings())
    Workspace.open(folder, Settings()).close()


def test_a_folder_that_cannot_be_used(home: Path) -> None:
    (home / "file").write_bytes(b"")
    with pytest.raises(DataError, match="cannot be used: not a directory"):
        Workspace.open(home / "file" / "workspace", Settings())


def test_originals_are_kept_as_long_as_a_table_needs_them(folder: Path, home: Path) -> None:
    path = home / "here.csv"
    path.write_bytes(SMALL)
    with Workspace.open(folder, Settings()) as space:
        _add(space, Source("a b.csv", io.BytesIO(SMALL)), Source("empty.csv", b""), Source("here.csv", path))
        assert [one.name for one in (folder / "files").iterdir()] == ["1-a_b.csv"]
        assert [one.origin and one.origin.path for one in space.tables] == ["files/1-a_b.csv", str(path)]
        space.drop("a_b")
        assert (folder / "files/1-a_b.csv").read_bytes() == SMALL
        _add(space, *(Source(f"t{number}.csv", SMALL) for number in range(10)))
        for number in range(10):
            space.drop(f"t{number}")
        assert not (folder / "files/1-a_b.csv").exists()
        assert len(space.deleted) == len(list(folder.glob("deleted-*"))) == 10
    assert path.read_bytes() == SMALL


def test_read_again_in_another_encoding(workspace: Workspace, home: Path) -> None:
    _add(workspace, Source("other.csv", SMALL), Source("t.csv", "name,n\ncaf\u00e9,1\n".encode("cp1252")))
    workspace.rename_table("t", "mine")
    workspace.confirm_join(Join("mine", "n", "other", "a"))
    with workspace.read_again("mine", "cp1251") as loading:
        assert loading.wait(30)
        assert [one.name for one in loading.tables] == ["mine"]
    assert _names(workspace) == ["other", "mine"]
    assert workspace.run("SELECT name FROM mine").rows() == [["caf\u0439"]]
    assert [one.ends for one in workspace.joins] == [frozenset({("mine", "n"), ("other", "a")})]
    (workspace.folder / "files").joinpath("2-t.csv").unlink()
    with pytest.raises(DataError, match=r"t\.csv is not there any more"):
        workspace.read_again("mine")


def test_a_table_that_is_read_again_has_no_note_on_its_name(workspace: Workspace) -> None:
    _add(workspace, Source("x.csv", SMALL))
    with workspace.read_again("x", "cp1252") as loading:
        assert loading.wait(30)
    assert (_names(workspace), [one.code for one in workspace.tables[0].notes]) == (["x"], ["encoding"])


def test_read_again_from_a_path_that_changed(workspace: Workspace, home: Path) -> None:
    path = home / "t.csv"
    path.write_bytes(SMALL)
    _add(workspace, Source("t.csv", path))
    path.write_bytes(SMALL + SMALL)
    with pytest.raises(DataError, match=r"t\.csv has changed since it was read"):
        workspace.read_again("t")


def test_renaming(workspace: Workspace) -> None:
    _add(workspace, Source("x.csv", SMALL), Source("y.csv", SMALL), Source("x.csv", SMALL))
    workspace.confirm_join(Join("x", "a", "y", "b"))
    workspace.rename_table("x", "  \u0645\u0628\u064a\u0639\u0627\u062a 'quoted' \"x\" ")
    new = "\u0645\u0628\u064a\u0639\u0627\u062a 'quoted' \"x\""
    workspace.rename_column(new, "a", "Select")
    assert _names(workspace) == [new, "y", "x_2"]
    table = workspace.tables[0]
    assert [(one.name, one.label) for one in table.columns] == [("Select", "a"), ("b", "b")]
    assert [one.message for one in table.notes] == [
        f"The table x was renamed to {new}.",
        'The column "a" was renamed to "Select".',
    ]
    assert workspace.joins == (Join(new, "Select", "y", "b", confirmed=True),)
    assert workspace.tables[2].twin == new
    quoted = new.replace('"', '""')
    assert workspace.run(f'SELECT sum("Select") FROM "{quoted}"').rows() == [[4]]
    workspace.rename_table("y", "Y")
    assert workspace.run("SELECT sum(b) FROM y").rows() == [[6]]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda w: w.rename_table("x", "Y"), 'The name "Y" is taken.'),
        (lambda w: w.rename_table("x", " \n"), "A name needs at least one character."),
        (lambda w: w.rename_table("x", "n" * 61), "A name may have at most 60 characters."),
        (lambda w: w.rename_table("q", "r"), "There is no table q."),
        (lambda w: w.rename_column("x", "a", "B"), 'The name "B" is taken.'),
        (lambda w: w.rename_column("x", "q", "r"), 'The table x has no column "q".'),
        (lambda w: w.change_type("x", "q", "DATE"), 'The table x has no column "q".'),
        (lambda w: w.change_type("x", "a", "BLOB"), "A column cannot become BLOB."),
        (lambda w: w.swap_days("x", "a"), 'The dates of "a" can be read in one way only.'),
        (lambda w: w.combine(["x"], "z"), "Choose at least two tables."),
        (lambda w: w.combine(["x", "x"], "z"), "Choose at least two tables."),
        (lambda w: w.combine(["x", "other"], "z"), "x and other have different columns: only one of them has b, c."),
        (
            lambda w: w.combine(["x", "words"], "z"),
            'The column "a" has different types: BIGINT in x and VARCHAR in words.',
        ),
        (lambda w: w.combine(["x", "y"], "other"), 'The name "other" is taken.'),
        (lambda w: w.replace_twin("x"), "x is a table of its own already."),
        (lambda w: w.append_to_twin("x"), "x is a table of its own already."),
        (lambda w: w.keep_twin("q"), "There is no table q."),
        (lambda w: w.restore("x"), "There is no deleted table x."),
        (lambda w: w.confirm_join(Join("x", "a", "y", "q")), "There are no such columns to join."),
        (lambda w: w.drop_join(Join("x", "a", "x", "a")), "There are no such columns to join."),
        (lambda w: w.export("q", "csv", w.folder / "q.csv"), "There is no table q."),
        (lambda w: w.read_again("q"), "There is no table q."),
    ],
)
def test_refused(change: Callable[[Workspace], None], said: str, shared: Workspace) -> None:
    before, files = (shared.state, _facts(shared)), _files(shared.folder)
    with pytest.raises(DataError) as e:
        change(shared)
    assert e.value.detail == said
    assert ((shared.state, _facts(shared)), _files(shared.folder)) == (before, files)


@pytest.fixture(name="shared", scope="module")
def _shared() -> Iterator[Workspace]:
    """Tables that no test changes."""
    with Workspace.temporary(Settings()) as space:
        sources = ("x", SMALL), ("y", SMALL), ("other", b"a,c\n1,2\n"), ("words", b"a,b\nu,v\n")
        _add(space, *(Source(f"{name}.csv", data) for name, data in sources))
        yield space


@pytest.mark.parametrize(
    ("cells", "to", "expected"),
    [
        (["'1'", "' 2 '", "'+3'", "'4.0'", "'1e3'"], "BIGINT", [1, 2, 3, 4, 1000]),
        (["'1.5'", "'1e-30'", "'0x10'", "'1_000'", "'x'", "''", "'9223372036854775808'"], "BIGINT", [None] * 7),
        (["'9007199254740993'"], "BIGINT", [9007199254740993]),
        (["1.0::DOUBLE", "2.5", "1e300"], "BIGINT", [1, None, None]),
        (["true", "false"], "BIGINT", [1, 0]),
        (["'1.5'", "'-1e3'", "' .5'", "'nan'", "'inf'", "'1e999'"], "DOUBLE", [1.5, -1000, 0.5, None, None, None]),
        (["'12345678901234567'", "'9007199254740992'"], "DOUBLE", [None, 9007199254740992]),
        (["9007199254740993", "5"], "DOUBLE", [None, 5]),
        (
            ["'2024-02-29'", "' 2024-1-5 '", "'2023-02-29'", "'infinity'", "'5'"],
            "DATE",
            ["2024-02-29", "2024-01-05", *[None] * 3],
        ),
        (["TIMESTAMP '2024-01-05 10:00:00'"], "DATE", ["2024-01-05"]),
        (["20240105"], "DATE", [None]),
        (["DATE '2024-01-05'"], "TIMESTAMP", ["2024-01-05T00:00:00"]),
        (["'2024-01-05T10:00:00'", "'x'"], "TIMESTAMP", ["2024-01-05T10:00:00", None]),
        (["'true'", "'F'", "'1'", "'no'", "'7'"], "BOOLEAN", [True, False, True, False, None]),
        (["1", "0", "7"], "BOOLEAN", [True, False, None]),
        (["1.25::DECIMAL(5,2)", "2"], "DOUBLE", [1.25, 2]),
        (["DATE '2024-01-05'", "NULL"], "VARCHAR", ["2024-01-05", None]),
    ],
)
def test_conversion(cells: list[str], to: str, expected: list[object]) -> None:
    con = duckdb.connect()
    con.execute(f"CREATE TABLE t AS SELECT * FROM (VALUES {', '.join(f'({one})' for one in cells)}) AS t(c)")
    (row,) = con.execute("SELECT typeof(c) FROM t LIMIT 1").fetchall()
    found = con.execute(f"SELECT {conversion('c', row[0], to)} FROM t").fetchall()
    assert [one.isoformat() if hasattr(one, "isoformat") else one for (one,) in found] == expected


def test_changing_a_type(workspace: Workspace) -> None:
    _add(workspace, Source("t.csv", b"a,n\n1,7\nx,8\n 3,9\n"))
    workspace.change_type("t", "a", "BIGINT")
    column = workspace.tables[0].columns[0]
    assert (column.type, column.examples) == ("BIGINT", ("1", "3"))
    assert workspace.tables[0].notes[-1].message == (
        '"a" was changed from VARCHAR to BIGINT; 1 value could not be converted and is missing now.'
    )
    assert workspace.run("SELECT a, typeof(a), n FROM t").rows() == [
        [1, "BIGINT", 7],
        [None, "BIGINT", 8],
        [3, "BIGINT", 9],
    ]
    workspace.change_type("t", "n", "VARCHAR")
    assert workspace.tables[0].notes[-1].message == '"n" was changed from BIGINT to VARCHAR.'


def test_swapping_days(workspace: Workspace) -> None:
    _add(workspace, Source("t.csv", b"when,n\n01/02/2024,1\n03/04/2024 ,2\n,3\n"))
    (when, _) = workspace.tables[0].columns
    days = workspace.run('SELECT "when" FROM t').rows()
    assert (when.type, when.order) == ("DATE", "day_first")
    workspace.swap_days("t", "when")
    table = workspace.tables[0]
    assert workspace.run('SELECT "when" FROM t').rows() == [["2024-01-02"], ["2024-03-04"], [None]]
    assert (table.columns[0].order, table.columns[0].examples) == ("month_first", ("2024-01-02", "2024-03-04"))
    assert [one.message for one in table.notes if one.code == "date_order"] == [
        'Day and month of "when" were swapped by hand: read with the month first.'
    ]
    workspace.swap_days("t", "when")
    assert workspace.run('SELECT "when" FROM t').rows() == days
    assert [one.message for one in workspace.tables[0].notes if one.code == "date_order"] == [
        'Day and month of "when" were swapped by hand: read with the day first.'
    ]


def test_replacing_a_twin(workspace: Workspace) -> None:
    _add(workspace, Source("x.csv", SMALL), Source("y.csv", SMALL))
    workspace.confirm_join(Join("x", "a", "y", "a"))
    workspace.drop_join(Join("x", "b", "y", "b"))
    _add(workspace, Source("x.csv", b"a,c\n10,20\n"))
    workspace.replace_twin("x_2")
    assert [(one.name, one.twin, one.rows) for one in workspace.tables] == [("x", "", 1), ("y", "", 2)]
    assert workspace.run("SELECT a, c FROM x").rows() == [[10, 20]]
    assert workspace.joins == (Join("x", "a", "y", "a", confirmed=True),)
    assert [one.code for one in workspace.tables[0].notes] == ["replaced"]
    assert workspace.restore("x") == "x_2"
    assert workspace.run("SELECT sum(b) FROM x_2").rows() == [[6]]


def test_adding_rows_to_a_twin(workspace: Workspace) -> None:
    _add(workspace, Source("x.csv", b"a,b\n1,2\n3,4\nragged\n"))
    _add(workspace, Source("x.csv", b"b,A\n0.5,7\nshort\n1,8\n"))
    workspace.append_to_twin("x_2")
    (table,) = workspace.tables
    assert workspace.run("SELECT a, b FROM x").rows() == [[1, 2.0], [3, 4.0], [7, 0.5], [8, 1.0]]
    assert [(one.name, one.type) for one in table.columns] == [("a", "BIGINT"), ("b", "DOUBLE")]
    assert (table.rows, table.rows_in_file, len(table.rejected), table.file) == (4, 6, 2, "x.csv")
    assert table.notes[-1].message == "2 rows of a later x.csv were added to 2 rows."
    with pytest.raises(DataError, match=r"x\.csv was put together"):
        workspace.read_again("x")


def test_numbers_that_would_lose_digits_are_not_put_together(workspace: Workspace) -> None:
    _add(workspace, Source("x.csv", b"a\n9007199254740993\n"), Source("x.csv", b"a\n0.5\n"))
    workspace.change_type("x", "a", "BIGINT")
    changes: list[Callable[[], None]] = [
        lambda: workspace.append_to_twin("x_2"),
        lambda: workspace.combine(["x", "x_2"], "all"),
    ]
    for change in changes:
        with pytest.raises(DataError, match='Some numbers of "a" in x have too many digits to become DOUBLE'):
            change()
    assert workspace.run("SELECT a FROM x").rows() == [[9007199254740993]]
    workspace.keep_twin("x_2")
    assert [one.twin for one in workspace.tables] == ["", ""]


def test_combining(workspace: Workspace) -> None:
    _add(workspace, Source("jan.csv", b"a,b\n1,2\nbad\n"), Source("other.csv", SMALL))
    _add(workspace, Source("feb.csv", b"b,a\n0.5,4\n"), Source("mar.csv", SMALL))
    workspace.confirm_join(Join("other", "a", "feb", "a"))
    workspace.combine(["jan", "feb"], "jan")
    table = workspace.tables[0]
    assert _names(workspace) == ["jan", "other", "mar"]
    assert workspace.run("FROM jan").rows() == [[1, 2.0, "jan.csv"], [4, 0.5, "feb.csv"]]
    assert [(one.name, one.type) for one in table.columns] == [
        ("a", "BIGINT"),
        ("b", "DOUBLE"),
        ("source_file", "VARCHAR"),
    ]
    assert (table.rows, table.rows_in_file, table.file) == (2, 3, "jan.csv and 1 more file")
    assert [one.reason.partition(":")[0] for one in table.rejected] == ["jan.csv"]
    assert table.notes[-1].message == "Put together from jan.csv (1 row); feb.csv (1 row)."
    assert workspace.joins == (Join("other", "a", "jan", "a", confirmed=True),)
    workspace.combine(["jan", "mar"], "all")
    assert workspace.run('SELECT source_file, count(*) FROM "all" GROUP BY ALL ORDER BY 1').rows() == [
        ["feb.csv", 1],
        ["jan.csv", 1],
        ["mar.csv", 2],
    ]


def test_combining_files_that_have_a_column_for_the_source(workspace: Workspace) -> None:
    _add(workspace, Source("x.csv", b"a,Source_File\n1,u\n"), Source("y.csv", b"a,source_file\n2,v\n"))
    workspace.combine(["x", "y"], "z")
    assert workspace.run("SELECT * FROM z").rows() == [[1, "u", "x.csv"], [2, "v", "y.csv"]]
    assert [one.name for one in workspace.tables[0].columns] == ["a", "Source_File", "source_file_2"]


def test_restoring(workspace: Workspace) -> None:
    _add(workspace, Source("x.csv", SMALL), Source("y.csv", SMALL))
    workspace.confirm_join(Join("x", "a", "y", "a"))
    workspace.drop("x")
    assert (workspace.deleted, workspace.joins) == (("x",), ())
    _add(workspace, Source("x.csv", b"a,q\n1,1\n"))
    workspace.drop("y")
    assert workspace.deleted == ("x", "y")
    assert (workspace.restore("y"), workspace.restore("x")) == ("y", "x_2")
    assert workspace.run("SELECT sum(b) FROM x_2").rows() == [[6]]
    assert _names(workspace) == ["x", "y", "x_2"]
    assert len(workspace.deleted) == 0
    assert workspace.joins == (Join("x_2", "a", "y", "a", confirmed=True),)
    assert list(workspace.folder.glob("deleted-*")) == []


def test_a_join_is_one_whichever_way_it_is_said(workspace: Workspace) -> None:
    _add(workspace, Source("x.csv", SMALL), Source("y.csv", SMALL))
    workspace.confirm_join(Join("x", "a", "y", "a"))
    workspace.drop_join(Join("y", "a", "x", "a", confirmed=True))
    assert workspace.joins == (Join("y", "a", "x", "a", confirmed=False),)


def test_state_grows_with_every_change(workspace: Workspace) -> None:
    seen = [workspace.state]
    _add(workspace, Source("x.csv", SMALL), Source("x.csv", SMALL))
    for change in (lambda: workspace.keep_twin("x_2"), lambda: workspace.drop("x"), lambda: workspace.restore("x")):
        seen.append(workspace.state)
        change()
    seen.append(workspace.state)
    assert seen == sorted(set(seen))


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_export(kind: Literal["csv", "parquet"], workspace: Workspace, home: Path) -> None:
    _add(workspace, Source("t.csv", 'a,\u0628\n1,"x, ""y"""\n,\u00e9\n'.encode()))
    into = home / f"out.{kind}"
    workspace.export("t", kind, into)
    assert duckdb.execute(f"SELECT * FROM read_{kind}('{into}')").fetchall() == [(1, 'x, "y"'), (None, "\u00e9")]
    assert kind != "csv" or into.read_bytes().startswith(b"\xef\xbb\xbfa,")
    with pytest.raises(DataError, match=r"out\.csv cannot be written"):
        workspace.export("t", "csv", home / "no folder" / "out.csv")
    assert sorted(one.name for one in home.iterdir() if one.is_file()) == [into.name]


def test_the_workspace_has_a_bound(home: Path) -> None:
    big = b"a\n" + b"".join(b"%d\n" % (i * 7919 % 1000003) for i in range(80_000))
    with Workspace.temporary(replace(Settings(), max_workspace_mb=2)) as space:
        names, errors = _add(space, Source("x.csv", big), Source("y.csv", big), Source("z.csv", SMALL * 200_000))
        assert names == ["x", "y"]
        assert [one.partition(",")[0] for one in errors] == ["z.csv has 2.3 MB"]
        names, errors = _add(space, Source("w.csv", big))
        assert names == []
        assert "of 2 MB are taken" in errors[0]
        assert space.bytes_used < 2 << 20


def test_a_result_beyond_the_bound_is_discarded(home: Path) -> None:
    sources = []
    for name in "xyz":
        path = home / f"{name}.csv"
        path.write_bytes(b"a,b\n" + b"".join(b"%d,%d\n" % (i * 7919 % 1000003, i * 31 % 65537) for i in range(70_000)))
        sources.append(Source(path.name, path))
    with Workspace.temporary(replace(Settings(), max_workspace_mb=1)) as space:
        names, errors = _add(space, *sources)
        assert names == []
        assert "With x.csv, y.csv, z.csv the tables would take" in errors[0]
        assert "at most 1 MB fit" in errors[0]
        assert _files(space.folder) == []


def test_deleted_tables_make_room(home: Path) -> None:
    big = b"a\n" + b"".join(b"%d\n" % (i * 7919 % 1000003) for i in range(80_000))
    with Workspace.temporary(replace(Settings(), max_workspace_mb=2)) as space:
        for number in range(4):
            assert _add(space, Source(f"t{number}.csv", big))[1] == []
            space.drop(f"t{number}")
        assert 0 < len(space.deleted) < 4
        assert space.deleted[-1] == "t3"
        assert space.bytes_used < 2 << 20
        space.restore("t3")
        assert space.run("SELECT count(*) FROM t3").rows() == [[80_000]]


def test_loads_are_seen_by_all_and_their_errors_taken_once(workspace: Workspace) -> None:
    with workspace.add([Source("big.csv", BIG)]) as first:
        second = workspace.add([Source("empty.csv", b"")])
        assert list(workspace.loadings) == [first, second]
        assert first.wait(60)
        assert second.wait(60)
    assert list(workspace.loadings) == [second]
    assert list(workspace.take_ended()) == [first, second]
    assert [*workspace.loadings, *workspace.take_ended()] == []


def test_a_change_waits_for_a_load_only_a_while(workspace: Workspace) -> None:
    _add(workspace, Source("x.csv", SMALL), Source("x.csv", SMALL))
    with workspace.add([Source("slow.csv", _Slow())]) as loading:
        with pytest.raises(DataError, match="Files are being read"):
            workspace.drop("x")
        workspace.keep_twin("x_2")
        loading.cancel()
        _Slow.go.set()
    assert [(one.name, one.twin) for one in workspace.tables] == [("x", ""), ("x_2", "")]


class _Slow(io.BytesIO):
    """A stream that gives nothing until it is told."""

    go = threading.Event()

    def read(self, size: int | None = -1) -> bytes:
        self.go.wait(60)
        return b""


def test_delete_leaves_nothing(folder: Path) -> None:
    space = Workspace.open(folder, Settings())
    _add(space, Source("x.csv", SMALL))
    history = space.history
    query = space.start("SELECT count(*) FROM x, range(100000000000)", timeout=60)
    loading = space.add([Source("big.csv", BIG)])
    space.delete()
    assert list(folder.parent.iterdir()) == []
    assert (loading.ended, query.wait(5), space.closed) == (True, True, True)
    for use in (
        lambda: space.tables,
        lambda: space.history,
        lambda: space.run("SELECT 1"),
        lambda: history.turns("ask"),
    ):
        with pytest.raises(DataError):
            use()
    space.delete()
    space.close()
    with Workspace.open(folder, Settings()) as fresh:
        assert fresh.tables == ()


def _spoil(path: Path, how: str) -> None:
    data = path.read_bytes()
    spoiled = {"empty": b"", "half": data[: len(data) // 2], "noise": b"?" * len(data)}
    path.write_bytes(spoiled[how])


@pytest.mark.parametrize("ending", ["json", "duckdb"])
@pytest.mark.parametrize("how", ["empty", "half", "noise"])
def test_what_is_damaged_is_set_aside(folder: Path, ending: str, how: str) -> None:
    with Workspace.open(folder, Settings()) as space:
        _add(space, Source("x.csv", SMALL))
    (path,) = folder.glob(f"tables-*.{ending}")
    _spoil(path, how)
    spoiled = path.read_bytes()
    with Workspace.open(folder, Settings()) as space:
        assert space.tables == ()
        (notice,) = space.notices
        assert path.name in notice
        (aside,) = folder.glob(f"damaged-*-{path.name}")
        assert aside.read_bytes() == spoiled
        assert len(list(folder.glob("damaged-*"))) == 3  # manifest, database, original
        assert _add(space, Source("y.csv", SMALL))[0] == ["y"]
    with Workspace.open(folder, Settings()) as space:
        assert (_names(space), space.notices) == (["y"], ())


def _open_once_more(folder: Path) -> tuple[list[str], list[str]]:
    with Workspace.open(folder, Settings()) as space:
        return _names(space), ["damaged" for one in space.notices if "were damaged" in one]


def test_a_damaged_header_is_seen(folder: Path) -> None:
    with Workspace.open(folder, Settings()) as space:
        _add(space, Source("x.csv", SMALL))
    database = folder / "tables-1.duckdb"
    data = database.read_bytes()
    database.write_bytes(data[:4096] + b"?" * 8192 + data[12288:])
    assert _open_once_more(folder) == ([], ["damaged"])


def test_a_manifest_without_a_digest_is_read(folder: Path) -> None:
    with Workspace.open(folder, Settings()) as space:
        _add(space, Source("x.csv", SMALL))
    manifest = folder / "tables-1.json"
    given = json.loads(manifest.read_bytes())
    assert len(given.pop("head")) == 64
    manifest.write_text(json.dumps(given))
    assert _open_once_more(folder) == (["x"], [])


@pytest.mark.parametrize("where", ["name", "rows", "columns", "notes", "deep"])
def test_a_manifest_with_holes_is_damaged(folder: Path, where: str) -> None:
    with Workspace.open(folder, Settings()) as space:
        _add(space, Source("x.csv", SMALL))
    manifest = folder / "tables-1.json"
    given = json.loads(manifest.read_bytes())
    given["tables"][0][where] = None
    manifest.write_text("[" * 100_000 if where == "deep" else json.dumps(given))
    assert _open_once_more(folder) == ([], ["damaged"])


def test_tables_that_are_damaged_while_they_are_open_are_called_so(workspace: Workspace) -> None:
    _add(workspace, Source("x.csv", SMALL))
    database = workspace.folder / "tables-1.duckdb"
    database.write_bytes(database.read_bytes()[:4096] + b"?" * 8192)
    assert _add(workspace, Source("y.csv", SMALL)) == ([], ["The tables' file is damaged."])
    with pytest.raises(DataError, match="The tables' file is damaged"):
        workspace.drop("x")


def test_an_older_state_that_is_whole_is_used(folder: Path) -> None:
    with Workspace.open(folder, Settings()) as space:
        _add(space, Source("x.csv", SMALL))
    saved = {one: one.read_bytes() for one in folder.glob("tables-1.*")}
    with Workspace.open(folder, Settings()) as space:
        _add(space, Source("y.csv", SMALL))
    for path, data in saved.items():
        path.write_bytes(data)
    _spoil(folder / "tables-2.json", "half")
    with Workspace.open(folder, Settings()) as space:
        assert _names(space) == ["x"]
        assert "before the last change" in space.notices[0]


def test_leftovers_go_and_what_is_not_ours_stays(folder: Path) -> None:
    with Workspace.open(folder, Settings()) as space:
        _add(space, Source("x.csv", SMALL))
    ours = ["tables-2.part", "tables-2.part.wal", "tables-2.duckdb", "tables-2.copy", "tables-2.json.part"]
    ours += ["deleted-2.duckdb", "deleted-2.part", "files/9-left.csv", "files/9-left.csv.part", "scratch-abc/1"]
    strange = ["notes.txt", "files/notes.txt", "tables.duckdb"]
    (folder / "scratch-abc").mkdir()
    for name in ours + strange:
        (folder / name).write_bytes(b"?")
    with Workspace.open(folder, Settings()) as space:
        assert (_names(space), space.notices) == (["x"], ())
        assert [one for one in ours if (folder / one).exists()] == []
        assert [one for one in strange if (folder / one).exists()] == strange


def test_tables_of_a_newer_version_are_left_alone(folder: Path) -> None:
    with Workspace.open(folder, Settings()) as space:
        _add(space, Source("x.csv", SMALL))
    manifest = folder / "tables-1.json"
    newer = json.dumps({**json.loads(manifest.read_bytes()), "format": 99})
    manifest.write_text(newer)
    with pytest.raises(DataError, match="newer version"):
        Workspace.open(folder, Settings())
    assert manifest.read_text() == newer
    assert (folder / "tables-1.duckdb").exists()


def test_space_of_what_was_deleted_comes_back(folder: Path) -> None:
    big = b"a,b\n" + b"".join(b"%d,%d\n" % (i * 7919 % 1000003, i * 31 % 65537) for i in range(600_000))
    with Workspace.open(folder, Settings()) as space:
        _add(space, Source("big.csv", big), Source("x.csv", SMALL))
        size = (folder / "tables-1.duckdb").stat().st_size
        space.drop("big")
        assert (folder / "tables-2.duckdb").stat().st_size < size / 2
        assert space.run("SELECT sum(a) FROM x").rows() == [[4]]
        space.restore("big")
        assert space.run("SELECT count(*) FROM big").rows() == [[600_000]]
