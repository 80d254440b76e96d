"""Homes: one workspace a folder, private from all others, gone when nobody comes for too long."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lib.data import homes
from lib.data.history import Turn
from lib.data.workspace import Source, Workspace
from lib.errors import DataError, QueryError
from lib.settings import PROJECT, Settings


@pytest.fixture(name="settings")
def _settings(tmp_path: Path) -> Settings:
    return Settings(bayan_home=str(tmp_path))


@pytest.fixture(name="opened")
def _opened() -> Iterator[Callable[[Workspace], Workspace]]:
    """Releases what a test opened."""
    spaces: list[Workspace] = []

    def remember(space: Workspace) -> Workspace:
        spaces.append(space)
        return space

    yield remember
    for space in spaces:
        homes.release(space)


Opened = Callable[[Workspace], Workspace]


def _load(space: Workspace, name: str, data: bytes = b"a,b\n1,2\n") -> None:
    with space.add([Source(name, data)]) as loading:
        assert loading.wait(30)
        assert loading.errors == ()


def test_all_sessions_share_one_workspace(settings: Settings, opened: Opened) -> None:
    one, other = opened(homes.local(settings)), opened(homes.local(settings))
    assert one is other
    _load(one, "x.csv")
    assert [table.name for table in other.tables] == ["x"]


def test_the_last_release_closes_and_nothing_is_lost(settings: Settings, opened: Opened) -> None:
    first, second = homes.local(settings), homes.local(settings)
    _load(first, "x.csv")
    homes.release(first)
    assert not second.closed
    homes.release(second)
    assert second.closed
    homes.release(second)
    again = opened(homes.local(settings))
    assert [table.name for table in again.tables] == ["x"]


def test_what_is_held_stays_open_without_a_session(settings: Settings) -> None:
    space = homes.local(settings)
    homes.hold(space)
    homes.release(space)
    assert not space.closed
    homes.release(space)
    assert space.closed
    homes.hold(space)
    assert homes.local(settings) is not space
    homes.release(homes.local(settings))
    homes.release(homes.local(settings))


def test_a_load_goes_on_when_its_session_ends(settings: Settings, opened: Opened) -> None:
    space = homes.local(settings)
    loading = space.add([Source("big.csv", b"a,b\n" + b"1,2\n" * 300_000)])
    homes.release(space)
    assert loading.wait(60)
    assert [one.name for one in loading.tables] == ["big"]
    again = opened(homes.local(settings))
    assert [table.name for table in again.tables] == ["big"]


def test_a_reload_finds_the_load_under_way(settings: Settings, opened: Opened) -> None:
    first = homes.local(settings)
    loading = first.add([Source("big.csv", b"a,b\n" + b"1,2\n" * 300_000), Source("empty.csv", b"")])
    second = opened(homes.local(settings))
    homes.release(first)
    assert second.loadings == (loading,)
    assert loading.wait(60)
    assert [one.detail for one in second.take_ended()[0].errors] == ["empty.csv is empty."]


def test_after_deleting_there_is_a_fresh_one(settings: Settings, opened: Opened) -> None:
    old, tab = homes.local(settings), opened(homes.local(settings))
    _load(old, "x.csv")
    old.history.put(Turn("1", "ask", "q", "done"))
    old.delete()
    assert tab.closed
    assert not (settings.home / "workspace").exists()
    fresh = opened(homes.local(settings))
    assert (fresh.tables, fresh.history.turns("ask")) == ((), ())
    homes.release(old)
    assert not fresh.closed


def test_visitors_have_folders_that_do_not_tell_their_ids(settings: Settings, opened: Opened) -> None:
    id_ = homes.new_id()
    space = opened(homes.visitor(settings, id_))
    assert opened(homes.visitor(settings, id_)) is space
    _load(space, "x.csv")
    space.history.put(Turn("1", "ask", "q", "done"))
    others = [opened(homes.visitor(settings, homes.new_id())), opened(homes.owner(settings, id_))]
    others += [opened(homes.owner(settings, "issuer somebody")), opened(homes.local(settings))]
    assert [(one.tables, one.history.turns("ask")) for one in others] == [((), ())] * 4
    assert len({one.folder for one in [space, *others]}) == 5
    assert not [
        one
        for one in settings.home.rglob("*")
        if id_ in str(one) or (one.is_file() and id_.encode() in one.read_bytes())
    ]
    assert stat.S_IMODE(space.folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("id_", ["", "x", "../" * 11, "a" * 31, "a" * 33, "a" * 31 + "/", "a" * 31 + "\n", "é" * 32])
def test_an_id_must_be_one_of_ours(id_: str, settings: Settings) -> None:
    assert not homes.is_id(id_)
    with pytest.raises(DataError):
        homes.visitor(settings, id_)
    assert list(settings.home.iterdir()) == []


def test_ids_are_long_and_differ() -> None:
    ids = {homes.new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(homes.is_id(one) for one in ids)


def test_sweep_deletes_what_nobody_used_and_nothing_that_is_open(settings: Settings, opened: Opened) -> None:
    hour = replace(settings, workspace_ttl_hours=1)
    ids = {name: homes.new_id() for name in ("open", "old", "recent")}
    spaces = {name: homes.visitor(settings, id_) for name, id_ in ids.items()}
    opened(spaces["open"])
    for name in ("old", "recent"):
        _load(spaces[name], "x.csv")
        homes.release(spaces[name])
    local = homes.local(settings)
    homes.release(local)
    (settings.home / homes.SHARED / "notes").mkdir()
    (settings.home / homes.SHARED / f"{'0' * 32}.deleted-1").mkdir()
    long_ago = time.time() - 3700
    for folder in (spaces["open"].folder, spaces["old"].folder, local.folder, settings.home / homes.SHARED / "notes"):
        for path in (folder, folder / "used"):
            if path.exists():
                os.utime(path, (long_ago, long_ago))
    assert homes.sweep(hour) == 1
    left = {one.name for one in (settings.home / homes.SHARED).iterdir()}
    assert left == {spaces["open"].folder.name, spaces["recent"].folder.name, "notes"}
    assert local.folder.exists()


def test_using_a_workspace_makes_it_young_again(settings: Settings) -> None:
    space = homes.visitor(settings, homes.new_id())
    homes.release(space)
    long_ago = time.time() - 3700
    os.utime(space.folder / "used", (long_ago, long_ago))
    Workspace.open(space.folder, settings).close()
    assert homes.sweep(replace(settings, workspace_ttl_hours=1)) == 0


def test_a_second_server_gets_a_sentence(settings: Settings) -> None:
    program = (
        "import sys; from lib.data import homes; from lib.settings import Settings\n"
        f"space = homes.local(Settings(bayan_home={str(settings.home)!r})); print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(DataError, match="running already"):
            homes.local(settings)
        other.kill()
        other.wait(20)
        space = homes.local(settings)  # its lock died with it
        homes.release(space)


ATTEMPTS = [
    "SELECT * FROM secret",
    "SELECT * FROM data.secret",
    'SELECT * FROM "{stem}".secret',
    "SELECT * FROM memory.secret",
    "ATTACH '{database}' AS other",
    "ATTACH '{database}' AS other (READ_ONLY); SELECT * FROM other.secret",
    "SELECT * FROM '{database}'",
    "SELECT * FROM read_duckdb('{database}')",
    "SELECT * FROM read_duckdb('{database}', table_name => 'secret')",
    "SELECT * FROM '{original}'",
    "SELECT * FROM read_csv('{original}')",
    "SELECT * FROM read_text('{original}')",
    "SELECT * FROM read_blob('{folder}/*')",
    "SELECT * FROM read_json('{folder}/tables-1.json')",
    "SELECT * FROM read_parquet('{folder}/results/*.parquet')",
    "SELECT * FROM parquet_metadata('{folder}/results/*.parquet')",
    "SELECT * FROM sqlite_scan('{folder}/history.sqlite', 'turns')",
    "SELECT * FROM glob('{home}/**')",
    "SELECT * FROM query('FROM ''{original}''')",
    "SELECT * FROM query_table('{original}')",
    "COPY (SELECT 1) TO '{folder}/out.csv'",
    "EXPORT DATABASE '{folder}'",
    "IMPORT DATABASE '{folder}'",
    "USE '{database}'",
]


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_no_sql_reaches_another_workspace(attempt: str, two: tuple[Workspace, Workspace]) -> None:
    mine, theirs = two
    (database,) = theirs.folder.glob("tables-*.duckdb")
    (original,) = (theirs.folder / "files").iterdir()
    home = theirs.folder.parent
    places = {"database": database, "stem": database.stem, "original": original, "folder": theirs.folder, "home": home}
    before = sorted(theirs.folder.rglob("*"))
    with pytest.raises(QueryError) as e:
        mine.run(attempt.format(**places))
    assert "hidden" not in str(e.value)
    assert sorted(theirs.folder.rglob("*")) == before


@pytest.mark.parametrize(
    "sql",
    [
        "FROM duckdb_databases()",
        "FROM duckdb_tables()",
        "FROM information_schema.tables",
        "SHOW ALL TABLES",
        "FROM duckdb_settings()",
    ],
)
def test_no_catalog_tells_of_another_workspace(sql: str, two: tuple[Workspace, Workspace]) -> None:
    mine, theirs = two
    try:
        told = str(mine.run(sql).rows())
    except QueryError as e:
        told = str(e)
    assert theirs.folder.name not in told
    assert "secret" not in told.replace("secret_directory", "").replace("secrets", "").replace("default_secret", "")


@pytest.fixture(name="two", scope="module")
def _two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, Workspace]]:
    """Two visitors' workspaces; the second one's table `secret` holds the word "hidden"."""
    settings = Settings(bayan_home=str(tmp_path_factory.mktemp("home")))
    mine, theirs = homes.visitor(settings, homes.new_id()), homes.visitor(settings, homes.new_id())
    _load(mine, "mine.csv")
    _load(theirs, "secret.csv", b"word\nhidden\n")
    theirs.history.put(Turn("1", "ask", "hidden", "done"))
    theirs.history.put_result("1", theirs.run("SELECT * FROM secret").table)
    assert mine.run("SELECT a FROM mine").rows() == [[1]]
    yield mine, theirs
    homes.release(mine)
    homes.release(theirs)
