"""Every file of the corpus, loaded together by one workspace as a person would drop them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lib.data.workspace import Loading, Source, Workspace
from lib.settings import Settings
from tests.corpus import CASES, UNPACKED_MB, Case


@pytest.fixture(scope="module", name="loaded")
def _loaded() -> Iterator[tuple[Workspace, Loading]]:
    with Workspace.temporary(Settings(max_upload_mb=UNPACKED_MB // 10)) as space:
        loading = space.add([Source(one.given_name or one.file, one.data) for one in CASES])
        assert loading.wait(300)
        yield space, loading


def test_the_corpus_is_large_and_its_names_differ() -> None:
    assert len({one.file for one in CASES}) == len(CASES) >= 80


@pytest.mark.parametrize("case", CASES, ids=lambda one: one.file)
def test_file_becomes_these_tables_or_gets_this_sentence(loaded: tuple[Workspace, Loading], case: Case) -> None:
    space, loading = loaded
    said = [one.detail for one in loading.errors]
    assert [one for one in case.errors if one not in said] == []
    tables = [one for one in space.tables if one.file == case.file]
    assert len(tables) == len(case.tables), (tables, said)
    for table, expected in zip(tables, case.tables, strict=True):
        assert {one.name: one.type for one in table.columns} == expected.columns
        assert space.run(f'FROM "{table.name}"').rows() == expected.rows
        assert [(one.line, one.reason) for one in table.rejected] == expected.rejected
        assert table.rows_in_file == table.rows + len(table.rejected) == len(expected.rows) + len(expected.rejected)
        assert [one.code for one in table.notes if one.code != "table_name"] == expected.notes
        assert table.encoding == expected.encoding
        assert table.origin is not None
        assert table.origin.member == expected.member
        assert table.name == expected.name or not expected.name


def test_every_error_is_expected(loaded: tuple[Workspace, Loading]) -> None:
    assert sorted(one.detail for one in loaded[1].errors) == sorted(said for case in CASES for said in case.errors)
