"""The sample data: real, licensed, and worth asking."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lib.data.loading import Source
from lib.data.samples import FOLDER, Sample, samples
from lib.data.workspace import Workspace
from lib.settings import Settings


@pytest.fixture(scope="module", name="workspace")
def _workspace() -> Iterator[Workspace]:
    files = [Source(path.name, path) for one in samples() for path in one.files]
    with Workspace.temporary(Settings()) as workspace:
        with workspace.add(files) as loading:
            assert loading.wait(60)
            assert loading.errors == ()
        yield workspace


def test_every_file_loads_as_it_is(workspace: Workspace) -> None:
    assert [one.file for one in workspace.tables] == [path.name for one in samples() for path in one.files]
    for table in workspace.tables:
        assert (table.rejected, table.notes) == ((), ())
        assert table.rows > 10


@pytest.mark.parametrize("sample", samples(), ids=lambda one: one.name)
def test_sample_is_complete(sample: Sample) -> None:
    assert len(set(sample.questions)) == 3
    assert all(len(one) > 15 for one in sample.questions)
    assert sample.title
    assert sample.about
    assert sample.licence


def test_files_are_small_and_all_offered() -> None:
    offered = [path for one in samples() for path in one.files]
    assert sorted(FOLDER.glob("*/*")) == sorted(offered)
    assert all(path.stat().st_size < 1 << 20 for path in offered)
    assert sum(path.stat().st_size for path in offered) < 3 << 20


@pytest.mark.parametrize(
    ("left", "right", "least"),
    [
        ("flights.carrier", "airlines.carrier", 1.0),
        ("flights.origin", "airports.faa", 1.0),
        ("flights.dest", "airports.faa", 0.97),
        ("flights.tailnum", "planes.tailnum", 0.84),
        ("cities.country_code", "countries.iso", 1.0),
    ],
)
def test_tables_join(workspace: Workspace, left: str, right: str, least: float) -> None:
    (table, key), (other, other_key) = left.split("."), right.split(".")
    rows = f"(SELECT count({key}) FROM {table})"
    matching = f"(SELECT count(*) FROM {table} WHERE {key} IN (SELECT {other_key} FROM {other})) >= {least} * {rows}"
    unique = f"(SELECT count(DISTINCT {other_key}) = count(*) FROM {other})"
    assert workspace.run(f"SELECT {matching}, {unique}").rows() == [[True, True]]


@pytest.mark.parametrize("sample", samples(), ids=lambda one: one.name)
def test_readme_agrees_with_the_catalogue(sample: Sample, workspace: Workspace) -> None:
    sections = (FOLDER / "README.md").read_text(encoding="utf-8").split("\n## ")
    (section,) = [one for one in sections if one.startswith(f"{sample.title}\n")]
    assert f"Licence: {sample.licence}" in section
    assert f"Source: {sample.source}" in section
    rows = {one.file: one.rows for one in workspace.tables}
    for path in sample.files:
        assert f"`{path.relative_to(FOLDER).as_posix()}` ({rows[path.name]:,}" in section
