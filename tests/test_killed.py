"""Kill -9 at any moment: what was finished is there when the workspace is opened again, and nothing is half there."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from lib.data.workspace import Workspace
from lib.settings import PROJECT, Settings

BEGIN = """
import io, sys
from pathlib import Path
from lib.data.history import Turn
from lib.data.workspace import Source, Workspace
from lib.settings import Settings
say = lambda *what: print(*what, flush=True)
space = Workspace.open(Path(sys.argv[1]), Settings())
space.add([Source("x.csv", b"a,b\\n1,2\\n3,4\\n"), Source("y.csv", b"a,c\\n1,5\\n")]).wait()
"""
LOAD = """
space.run("SELECT 1 FROM x")
rows = b"".join(b'%d,"text %d",%d.5\\n' % (i, i % 977, i * 7 % 1009) for i in range(400_000))
loading = space.add([Source("small.csv", b"q\\n1\\n"), Source("big.csv", io.BytesIO(b"n,t,v\\n" + rows))])
say("loading")
while not loading.wait(0.01):
    say(*loading.progress)
say("loaded")
"""
RENAME = """
for number in range(1000):
    space.rename_table(space.tables[0].name, f"x{number}")
    say(number)
"""
DROP = """
for number in range(0, 1000, 2):
    space.drop("y")
    say(number)
    space.restore("y")
    say(number + 1)
"""
ANSWER = """
import pyarrow as pa
for number in range(100_000):
    space.history.put(Turn(f"t{number}", "ask", "q", "running"))
    space.history.put_result(f"t{number}", pa.table({"n": [number] * 1000}))
    space.history.put(Turn(f"t{number}", "ask", "q", "done", {"n": number}))
    say(number)
"""
CHAT = """
for number in range(100_000):
    space.history.put(Turn("c", "chat", "q", "running", {"answer": "word " * number}))
    say(number)
"""


@contextmanager
def _killed(program: str, folder: Path, now: Callable[[IO[str]], object]) -> Iterator[list[str]]:
    """Run the program until `now` returns, kill it; yields what it said after that."""
    args = [sys.executable, "-c", BEGIN + program, str(folder)]
    with subprocess.Popen(args, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            now(server.stdout)
        finally:
            server.kill()
        # The last line may be half.
        said = [line for line in server.stdout if line.endswith("\n")]
    yield [line.strip() for line in said]


def _until(true: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.0005)


def _said(out: IO[str], word: str) -> None:
    for line in out:
        if line.startswith(word):
            return
    raise AssertionError(f"the program ended before it said {word}")


SIGNS = ["files/*-big.csv", "tables-2.part", "tables-2.duckdb", "tables-2.json"]


@pytest.mark.parametrize("sign", [*SIGNS, "big.csv 0."])
def test_in_a_load(sign: str, tmp_path: Path) -> None:
    folder = tmp_path / "w"

    def now(out: IO[str]) -> None:
        if sign.startswith("big.csv"):
            _said(out, sign)
        else:
            _until(lambda: list(folder.glob(sign)))

    with _killed(LOAD, folder, now), Workspace.open(folder, Settings()) as space:
        assert space.notices == ()
        loaded = len(space.tables) == 4  # the sign may be seen late
        assert [one.name for one in space.tables] == ["x", "y", "small", "big"][: len(space.tables)]
        assert loaded or len(space.tables) == 2
        assert space.run("SELECT sum(a), sum(b) FROM x").rows() == [[4, 6]]
        if loaded:
            assert space.run("SELECT count(*) FROM big").rows() == [[400_000]]
        _require_only_whole_files(folder, space)


@pytest.mark.parametrize("ending", ["copy", "part", "duckdb", "json.part", "json"])
def test_in_a_change(ending: str, tmp_path: Path) -> None:
    folder = tmp_path / "w"

    def now(out: IO[str]) -> None:
        _said(out, "1\n")
        before = set(folder.glob(f"tables-*.{ending}"))
        _until(lambda: set(folder.glob(f"tables-*.{ending}")) - before)

    with _killed(RENAME, folder, now) as said, Workspace.open(folder, Settings()) as space:
        done = int(said[-1]) if said else 1
        assert space.notices == ()
        name = space.tables[0].name
        assert name in (f"x{done}", f"x{done + 1}")
        assert space.run(f"SELECT sum(a), sum(b) FROM {name}").rows() == [[4, 6]]
        assert [one.name for one in space.tables] == [name, "y"]
        _require_only_whole_files(folder, space)
        space.rename_table(name, "again")
        assert space.run("SELECT sum(a) FROM again").rows() == [[4]]


@pytest.mark.parametrize("sign", ["deleted-*.part", "deleted-2.duckdb", "tables-2.duckdb", "tables-3.*", "deleted-4.*"])
def test_in_a_deletion(sign: str, tmp_path: Path) -> None:
    folder = tmp_path / "w"
    with (
        _killed(DROP, folder, lambda out: _until(lambda: list(folder.glob(sign)))) as said,
        Workspace.open(folder, Settings()) as space,
    ):
        assert space.notices == ()
        tables = [one.name for one in space.tables]
        assert (tables, space.deleted) in ((["x", "y"], ()), (["x"], ("y",)))
        done = int(said[-1]) if said else -1
        assert ("y" in tables) in (done % 2 == 1, done % 2 == 0)
        if space.deleted:
            space.restore("y")
        assert space.run("SELECT c FROM y").rows() == [[5]]
        _require_only_whole_files(folder, space)


@pytest.mark.parametrize("count", [1, 7, 40])
def test_in_answers(count: int, tmp_path: Path) -> None:
    folder = tmp_path / "w"
    with (
        _killed(ANSWER, folder, lambda out: _said(out, f"{count}\n")) as said,
        Workspace.open(folder, Settings()) as space,
    ):
        done = int(said[-1]) if said else count
        turns = space.history.turns("ask")
        assert [one.id for one in turns] == [f"t{number}" for number in range(len(turns))]
        assert done + 1 <= len(turns) <= done + 2
        for number, turn in enumerate(turns):
            result = space.history.result(turn.id)
            if number <= done or turn.state == "done":
                assert (turn.state, turn.body, result and result.column("n").to_pylist()) == (
                    "done",
                    {"n": number},
                    [number] * 1000,
                )
            else:
                assert turn.state == "stopped"
        assert not list((folder / "results").glob("*.part"))


def test_in_a_chat_reply(tmp_path: Path) -> None:
    folder = tmp_path / "w"
    with _killed(CHAT, folder, lambda out: _said(out, "50\n")) as said, Workspace.open(folder, Settings()) as space:
        (turn,) = space.history.turns("chat")
        done = int(said[-1]) if said else 50
        assert turn.state == "stopped"
        assert turn.body["answer"].count("word") in (done, done + 1)


def _require_only_whole_files(folder: Path, space: Workspace) -> None:
    """Nothing lies there that no state needs."""
    kinds = {one.name for one in folder.iterdir() if one.name.startswith("tables-")}
    number = max(int(one.split("-")[1].split(".")[0]) for one in kinds)
    assert kinds == {f"tables-{number}.json", f"tables-{number}.duckdb"}
    assert len(list(folder.glob("deleted-*"))) == len(space.deleted)
    assert len(list((folder / "files").iterdir())) == len(space.tables) + len(space.deleted)
    assert not list(folder.glob("scratch-*"))
