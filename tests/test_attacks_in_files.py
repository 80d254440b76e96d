"""Hostile files through the upload's own door: refused or contained, and the next file loads as if nothing was."""

from __future__ import annotations

import resource
import socket
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from lib.data.workspace import Source, Workspace
from lib.settings import Settings
from tests.attacks import files
from tests.attacks.files import Make
from tests.attacks.pickled import was_opened

MOST_MB = 64
"""Of the workspace; every bomb wants more."""


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("home") / "deep" / "workspace"
    with Workspace.open(folder, Settings(max_workspace_mb=MOST_MB, max_upload_mb=16)) as made:
        yield made


def around(space: Workspace) -> set[Path]:
    """What lies around the workspace and where files would go that break out."""
    places = [space.folder.parent, space.folder.parent.parent, Path(tempfile.gettempdir()), Path("/tmp"), Path.cwd()]
    return {one for place in places for one in [*place.glob("*evil*"), *place.glob("C:*")]} | set(
        space.folder.parent.parent.rglob("*evil*")
    )


def loaded(space: Workspace, cases: Mapping[str, Make]) -> None:
    """Load each file under a name of its own in one go; whatever came of it goes again."""
    before = around(space)
    sources = []
    for number, make in enumerate(cases.values()):
        name, data = make()
        assert len(data) < 16 << 20
        sources.append(Source(f"f{number}{name}", data))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        with space.add(sources) as loading:
            assert loading.wait(120)
        with pytest.raises(BlockingIOError):
            listening.accept()
    for error in loading.errors:
        assert error.detail.rstrip().endswith((".", "!", "?"))
        assert "root:" not in f"{error}"
    assert around(space) - before - {space.folder / "files"} == {one for one in around(space) if in_files(space, one)}
    assert space.bytes_used < (MOST_MB + 32) << 20
    assert not was_opened()


def in_files(space: Workspace, path: Path) -> bool:
    return path.is_relative_to(space.folder / "files")


def contents(space: Workspace) -> str:
    return str([space.run(f'FROM "{one.name}" LIMIT 20').rows() for one in space.tables])


@pytest.fixture(autouse=True)
def emptied(space: Workspace) -> Iterator[None]:
    yield
    with space.add([Source("honest.csv", b"a,b\n1,2\n")]) as loading:
        assert loading.wait(60)
    assert space.run("SELECT a, b FROM honest").rows() == [[1, 2]]
    for one in space.tables:
        space.drop(one.name)


def test_no_file_fills_the_disk_or_the_memory(space: Workspace) -> None:
    loaded(space, files.HUGE)
    assert len(space.tables) < 5
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 3_000_000


def test_no_file_reaches_outside(space: Workspace) -> None:
    loaded(space, files.REACHING)
    assert "root:" not in contents(space)


def test_no_file_is_believed(space: Workspace) -> None:
    loaded(space, files.LYING)
    contents(space)
