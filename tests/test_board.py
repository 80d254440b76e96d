"""The board without a page: kept, damaged, refreshed, filtered, saved and opened."""

from __future__ import annotations

import datetime as dt
import gc
import io
import json
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from lib.asking.checks.finding import Finding
from lib.board import board, board_file
from lib.board.difference import difference
from lib.board.exhibit import Exhibit, TableMark
from lib.board.filters import Filter, apply, shared
from lib.board.refresh import Step, refresh
from lib.board.tile import Refreshed, Tile, in_rows, width_for
from lib.board.whole import whole
from lib.charts.spec import Spec
from lib.data.asked import finished
from lib.data.workspace import Workspace
from lib.engine.result import Column, Json, Result
from lib.errors import DataError
from lib.settings import PROJECT, Settings
from tests.attacks.board_files import REFUSED
from tests.attacks.pickled import was_opened
from tests.boards import BY_REGION, SALES, TOTAL, answer, load

STRANGE = (
    "SELECT 1.10::DECIMAL(9,2) AS a, 12::HUGEINT AS a, DATE '2024-02-29' AS d, [1, 2] AS list, NULL AS nothing,"
    " TIMESTAMP_S '2024-02-03 23:59:59' AS s, INTERVAL 1 MONTH AS i, 'ä\"\n' AS \"te\nxt\""
)


@pytest.fixture(scope="module")
def loaded() -> Iterator[Workspace]:
    with Workspace.temporary(Settings()) as made:
        load(made)
        yield made


@pytest.fixture
def space(loaded: Workspace) -> Iterator[Workspace]:
    """A workspace with one table and an empty board; a test that changes its tables takes `changing`."""
    yield loaded
    for folder in loaded.folder.glob("*board"):
        shutil.rmtree(folder)


@pytest.fixture
def changing() -> Iterator[Workspace]:
    with Workspace.temporary(Settings()) as made:
        load(made)
        yield made


def titles(folder: Path) -> list[str]:
    return [one.exhibit.heading for one in board.read(folder).tiles]


def three(space: Workspace) -> list[Tile]:
    return [board.pin(space.folder, answer(space, name, BY_REGION)) for name in ("one", "two", "three")]


# The store


def test_what_was_pinned_comes_back_as_it_was(space: Workspace) -> None:
    exhibit = replace(
        answer(space, "Strange?", STRANGE),
        title="T",
        note="a\nb",
        standalone="Stranger?",
        assumptions=("One.", "Two."),
        findings=(Finding("empty", "doubt", "It is empty.", "SELECT 1"),),
        model="m",
        engine="DuckDB 2",
        tables=(TableMark("sales", "sales.csv", 3, 3, "abc"),),
    )
    pinned = board.pin(space.folder, exhibit)
    assert seen_from_another_process(space.folder) == [repr(exhibit)]
    (tile,) = board.read(space.folder).tiles
    assert tile == pinned


def seen_from_another_process(folder: Path) -> list[str]:
    """What another program finds pinned there."""
    script = (
        "import json, sys; from pathlib import Path; from lib.board.board import exhibits;"
        " print(json.dumps([repr(one) for one in exhibits(Path(sys.argv[1]))]))"
    )
    done = subprocess.run([sys.executable, "-c", script, str(folder)], capture_output=True, check=True, cwd=PROJECT)
    seen: list[str] = json.loads(done.stdout)
    return seen


def test_a_truncated_result_stays_one(space: Workspace) -> None:
    result = space.run("SELECT * FROM range(50)", max_rows=10)
    assert result.truncated
    board.pin(space.folder, Exhibit("q", "SELECT 1", result, Spec("table")))
    (back,) = board.exhibits(space.folder)
    assert (back.result.truncated, back.result.total_rows, back.result.seconds) == (True, 50, result.seconds)
    assert back.result.table.num_rows == 10


def test_tiles_are_moved_changed_and_removed(space: Workspace) -> None:
    one, two, three_ = three(space)
    board.move(space.folder, three_.id, 0)
    assert titles(space.folder) == ["three", "one", "two"]
    board.change(space.folder, one.id, lambda now: replace(now, width=6, exhibit=replace(now.exhibit, note="n")))
    changed = board.read(space.folder).tiles[1]
    assert (changed.width, changed.exhibit.note, changed.exhibit.result) == (6, "n", one.exhibit.result)
    board.remove(space.folder, one.id)
    board.remove(space.folder, two.id)
    assert titles(space.folder) == ["three"]
    board.restore(space.folder)
    board.restore(space.folder)
    assert titles(space.folder) == ["three", "one", "two"]
    assert all(tile.has_rows for tile in board.read(space.folder).tiles)
    with pytest.raises(DataError, match="Nothing was removed"):
        board.restore(space.folder)


def test_a_tile_that_another_tab_removed(space: Workspace) -> None:
    one, *_ = three(space)
    board.remove(space.folder, one.id)
    with pytest.raises(board.Gone):
        board.change(space.folder, one.id, lambda now: now)
    with pytest.raises(board.Gone):
        board.move(space.folder, one.id, 0)


def test_every_change_is_a_new_revision_and_reading_is_none(space: Workspace) -> None:
    before = board.revision(space.folder)
    three(space)
    after = board.revision(space.folder)
    assert after == before + 3
    board.read(space.folder)
    assert board.revision(space.folder) == after


def test_threads_lose_no_answer(space: Workspace) -> None:
    exhibit = answer(space, "q", TOTAL)
    threads = [threading.Thread(target=board.pin, args=(space.folder, exhibit)) for _ in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(board.read(space.folder).tiles) == 12


def test_rows_that_nobody_needs_are_deleted(space: Workspace) -> None:
    three(space)
    rows = space.folder / "board" / "rows"
    assert len(list(rows.iterdir())) == 3
    exhibit = answer(space, "more", TOTAL)
    for _ in range(board.MOST_REMOVED + 2):
        tile = board.pin(space.folder, exhibit)
        board.remove(space.folder, tile.id)
    assert len(list(rows.iterdir())) == 3 + board.MOST_REMOVED


def test_the_board_is_full(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "MOST_TILES", 3)
    three(space)
    with pytest.raises(DataError, match="holds 3 answers"):
        board.pin(space.folder, answer(space, "four", TOTAL))
    assert titles(space.folder) == ["one", "two", "three"]


def test_what_was_removed_gives_way_before_an_answer_is_refused(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, *_ = three(space)
    board.remove(space.folder, one.id)
    taken = sum(path.stat().st_size for path in (space.folder / "board").rglob("*") if path.is_file())
    monkeypatch.setattr(board, "MOST_BYTES", taken + 500)
    board.pin(space.folder, answer(space, "four", BY_REGION))
    assert titles(space.folder) == ["two", "three", "four"]
    assert board.read(space.folder).removed == ()
    monkeypatch.setattr(board, "MOST_BYTES", 1_000)
    with pytest.raises(DataError, match="would take more than"):
        board.pin(space.folder, answer(space, "five", BY_REGION))
    assert titles(space.folder) == ["two", "three", "four"]


def _cut(text: str) -> str:
    return text[: len(text) // 2]


def _changed(path: tuple[str | int, ...], value: object) -> Callable[[str], str]:
    def change(text: str) -> str:
        body = json.loads(text)
        at = body
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = value
        return json.dumps(body)

    return change


DAMAGES: dict[str, Callable[[str], str]] = {
    "cut": _cut,
    "empty": lambda _: "",
    "another kind of JSON": lambda _: "[1, 2]",
    "a spec that does not fit": _changed(("tiles", 0, "spec", "x"), 99),
    "a spec of no kind": _changed(("tiles", 0, "spec", "kind"), "tables"),
    "a width of its own": _changed(("tiles", 0, "width"), 5),
    "a text that is a number": _changed(("tiles", 0, "question"), 5),
    "half a character": _changed(("tiles", 0, "note"), "\ud800"),
    "a time without end": _changed(("tiles", 0, "read"), 1e300),
    "a table mark of texts": _changed(("tiles", 0, "tables"), [{"name": 1}]),
    "rows under a number": _changed(("tiles", 0, "rows"), 5),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_board_is_set_aside_whole(space: Workspace, damage: Callable[[str], str]) -> None:
    three(space)
    file = space.folder / "board" / "board.json"
    file.write_text(damaged := damage(file.read_text()))
    with pytest.raises(DataError, match="damaged"):
        board.exhibits(space.folder)
    assert file.exists()
    pinned = board.pin(space.folder, answer(space, "new", TOTAL))
    now = board.read(space.folder)
    assert [one.id for one in now.tiles] == [pinned.id]
    (aside,) = space.folder.glob("damaged-*-board")
    assert aside.name in now.notice
    assert (aside / "board.json").read_text() == damaged
    assert len(list((aside / "rows").iterdir())) == 3
    assert board.read(space.folder).notice == ""


def test_a_board_of_a_newer_version_is_left_alone(space: Workspace) -> None:
    three(space)
    file = space.folder / "board" / "board.json"
    file.write_text(newer := _changed(("version",), 2)(file.read_text()))
    assert "newer version" in board.read(space.folder).notice
    with pytest.raises(DataError, match="newer version"):
        board.pin(space.folder, answer(space, "q", TOTAL))
    assert file.read_text() == newer


def test_rows_that_are_damaged_leave_the_rest(space: Workspace) -> None:
    three(space)
    rows = {path: path.read_bytes() for path in (space.folder / "board" / "rows").iterdir()}
    next(iter(rows)).write_bytes(b"PAR1 no more")
    assert len(seen_from_another_process(space.folder)) == 2
    board.pin(space.folder, answer(space, "four", TOTAL))
    for path, data in rows.items():
        path.write_bytes(data)
    assert len(seen_from_another_process(space.folder)) == 4  # nothing was given up for good


def test_a_write_that_fails_changes_nothing(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    three(space)
    (space.folder / "board" / "board.json.part").mkdir()
    with pytest.raises(DataError, match="cannot be kept"):
        board.pin(space.folder, answer(space, "four", TOTAL))
    assert titles(space.folder) == ["one", "two", "three"]


def test_tiles_fill_rows(space: Workspace) -> None:
    exhibit = answer(space, "q", TOTAL)
    tiles = [Tile(str(n), exhibit, width) for n, width in enumerate([2, 2, 2, 3, 4, 2, 6, 3, 3])]  # type: ignore[arg-type]
    assert [[one.width for one in row] for row in in_rows(tiles)] == [[2, 2, 2], [3], [4, 2], [6], [3, 3]]
    assert width_for(exhibit) == 2
    assert width_for(answer(space, "q", "SELECT 'a' AS a, 'b' AS b, 'c' AS c, 'd' AS d, 'e' AS e")) == 6


# Refresh


def outcomes(folder: Path) -> list[tuple[str, str]]:
    done = [one.refreshed for one in board.read(folder).tiles]
    return [(one.outcome, one.says) if one else ("", "") for one in done]


def test_a_refresh_says_what_changed(changing: Workspace) -> None:
    for name, sql in {"r": BY_REGION, "t": TOTAL, "m": "SELECT DISTINCT month FROM sales ORDER BY month"}.items():
        board.pin(changing.folder, answer(changing, name, sql))
    load(changing, b"region,month,amount\nNorth,2024-01-01,10\nSouth,2024-02-01,50\nEast,2024-01-01,1\n")
    said = completed(refresh(changing, board.read(changing.folder).tiles))
    assert said == "3 answers refreshed: 2 changed, 1 as before."
    by_region, total, months = outcomes(changing.folder)
    assert by_region == (
        "changed",
        "1 row more. 1 row is new. 2 values differ. Most of all total of South: from 20 to 50 (+150%).",
    )
    assert total == ("changed", "1 value differs. Most of all total: from 35 to 61 (+74%).")
    assert months == ("unchanged", "")
    tile = board.read(changing.folder).tiles[0]
    assert tile.exhibit.result.rows() == [["South", 50], ["North", 10], ["East", 1]]
    assert tile.exhibit.read > 1_790_000_000.0
    (mark,) = tile.exhibit.tables
    assert (mark.name, mark.rows) == ("sales", 3)


def completed(steps: Generator[Step, None, str]) -> str:
    """What the steps say in the end."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return str(end.value)


def test_sql_that_does_not_run_any_more_keeps_its_rows(changing: Workspace) -> None:
    old = board.pin(changing.folder, answer(changing, "q", BY_REGION))
    changing.drop("sales")
    assert completed(refresh(changing, [old])) == "1 answer refreshed: 1 failed."
    (tile,) = board.read(changing.folder).tiles
    assert tile.exhibit == old.exhibit
    assert tile.refreshed is not None
    assert tile.refreshed.outcome == "failed"
    assert "sales" in tile.refreshed.says


def test_a_refresh_that_is_stopped_leaves_the_rest(space: Workspace) -> None:
    for name in ("one", "two"):
        board.pin(space.folder, answer(space, name, TOTAL))
    steps = refresh(space, board.read(space.folder).tiles)
    for step in steps:
        if step.at == 1:
            steps.close()
            break
    assert [outcome for outcome, _ in outcomes(space.folder)] == ["unchanged", ""]


def test_a_refresh_keeps_what_was_changed_meanwhile(space: Workspace) -> None:
    one, two = (board.pin(space.folder, answer(space, name, TOTAL)) for name in ("one", "two"))
    steps = refresh(space, [one, two])
    next(steps)
    board.change(space.folder, one.id, lambda now: replace(now, exhibit=replace(now.exhibit, title="Mine"), width=6))
    board.remove(space.folder, two.id)
    completed(steps)
    (tile,) = board.read(space.folder).tiles
    assert (tile.exhibit.title, tile.width) == ("Mine", 6)
    assert tile.refreshed is not None


def test_other_columns_get_another_chart(changing: Workspace) -> None:
    board.pin(changing.folder, answer(changing, "q", "SELECT * FROM sales"))
    load(changing, b"n,city\n1,Oslo\n")
    completed(refresh(changing, board.read(changing.folder).tiles))
    (tile,) = board.read(changing.folder).tiles
    assert outcomes(changing.folder)[0][1].startswith("The columns are others: new: n (BIGINT), city (VARCHAR); gone:")
    assert tile.exhibit.spec.fits(2)


def result(columns: dict[str, str], *rows: list[Any], truncated: bool = False, total: int | None = None) -> Result:
    table = pa.table([pa.array([row[at] for row in rows]) for at in range(len(columns))], names=list(columns))
    return Result(tuple(Column(*one) for one in columns.items()), table, truncated, total, 0.0)


LABELLED = {"k": "VARCHAR", "n": "DOUBLE"}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (result(LABELLED, ["a", 1.0], ["b", 2.0]), result(LABELLED, ["b", 2.0], ["a", 1.0]), ""),
        (result(LABELLED, ["a", 0.1 + 0.2]), result(LABELLED, ["a", 0.3]), ""),
        (result(LABELLED, ["a", 1.0], ["b", 2.0]), result(LABELLED, ["a", 1.0]), "1 row fewer."),
        (result(LABELLED, ["a", 1.0], ["a", 2.0]), result(LABELLED, ["a", 1.0], ["a", 3.0]), "The rows are others."),
        (result(LABELLED, ["a", 1.0]), result(LABELLED, ["b", 1.0]), "1 row is new."),
        (result(LABELLED, ["a", 0.0]), result(LABELLED, ["a", None]), "1 value differs."),
        (
            result(LABELLED, ["a", 0.0]),
            result(LABELLED, ["a", 5.0]),
            "1 value differs. Most of all n of a: from 0 to 5.",
        ),
        (
            result({"n": "BIGINT"}, [1], truncated=True, total=50),
            result({"n": "BIGINT"}, [1], truncated=True, total=60),
            "10 rows more. Only the first 1 rows are compared.",
        ),
    ],
)
def test_differences(old: Result, new: Result, says: str) -> None:
    assert difference(old, new, Spec("table")) == says


# Filters


def two_boards(space: Workspace) -> tuple[Tile, Tile]:
    return (
        Tile("1", answer(space, "q", "SELECT region, month, amount FROM sales")),
        Tile(
            "2",
            answer(space, "q", "SELECT * FROM (VALUES ('North', 1.5), ('East', 7), (NULL, NULL)) t(region, amount)"),
        ),
    )


def test_columns_that_several_tiles_share(space: Workspace) -> None:
    tiles = two_boards(space)
    region, amount = shared(tiles)
    assert (region.name, region.kind, region.values) == ("region", "text", ("East", "North", "South", None))
    assert (amount.name, amount.kind, amount.low, amount.high) == ("amount", "number", 1.5, 20.0)
    assert shared(tiles[:1]) == ()
    assert shared([tiles[0], replace(tiles[1], has_rows=False)]) == ()


def test_a_filter_keeps_rows_and_says_so(space: Workspace) -> None:
    first, second = (one.exhibit.result for one in two_boards(space))
    region = Filter("region", "text", ("North", None))
    assert apply([], first).says == ""
    filtered = apply([region], first)
    assert [row[2] for row in filtered.result.rows()] == [10, 5]
    assert filtered.says == "Only region: North, (missing). 2 of 3 rows."
    assert apply([region], second).result.rows() == [["North", 1.5], [None, None]]
    month = Filter("month", "day", low=dt.date(2024, 2, 1), high=dt.date(2024, 2, 1))
    assert apply([region, month], first).result.rows() == [["North", "2024-02-01", 5]]
    assert apply([month], second) == apply([month], second)
    assert apply([month], second).says == "Not filtered: it has no such column."
    amount = Filter("amount", "number", low=1.5, high=7)
    assert apply([amount], second).result.table.num_rows == 2


def test_a_filter_of_a_truncated_result_names_its_limit(space: Workspace) -> None:
    cut = space.run("SELECT 'x' AS region FROM range(50)", max_rows=10)
    assert apply([Filter("region", "text", ("x",))], cut).says == "Only region: x. 10 of the first 10 rows."


# The file


def test_a_board_goes_through_a_file(space: Workspace, tmp_path: Path) -> None:
    tiles = three(space)
    board.pin(space.folder, answer(space, "strange", STRANGE))
    tiles = list(board.read(space.folder).tiles)
    opened = board_file.read(board_file.save(tiles, 5.0, with_data=True), "b.bayan")
    assert (opened.saved, opened.with_data) == (5.0, 4)
    assert list(opened.tiles) == tiles
    with Workspace.temporary(Settings(bayan_home=str(tmp_path))) as other:
        added = board.add(other.folder, opened.tiles)
        assert {one.id for one in added}.isdisjoint(one.id for one in tiles)
        assert [one.result.rows() for one in board.exhibits(other.folder)] == [
            one.exhibit.result.rows() for one in tiles
        ]


def test_a_file_without_data_has_no_cell_in_it(space: Workspace) -> None:
    secret = replace(
        answer(space, "q", "SELECT region FROM sales"),
        findings=(Finding("value", "doubt", 'No region is "Northh"; there is "North".'),),
        assumptions=("The value North was written as in the data.",),
    )
    tile = replace(board.pin(space.folder, secret), refreshed=Refreshed("changed", "Most of all North", 1.0))
    data = board_file.save([tile], 5.0, with_data=False)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["board.json"]
        assert b"North" not in archive.read("board.json")
    (opened,) = board_file.read(data, "b.bayan").tiles
    assert not opened.has_rows
    board.add(space.folder, [opened])
    assert [one.has_rows for one in board.read(space.folder).tiles] == [True, False]
    assert len(board.exhibits(space.folder)) == 1
    completed(refresh(space, board.read(space.folder).tiles[1:]))
    assert outcomes(space.folder)[1] == ("changed", "Its rows are here now.")
    assert board.exhibits(space.folder)[1].result.table.num_rows == 3


@pytest.mark.parametrize("spoil", REFUSED.values(), ids=REFUSED)
def test_a_hostile_file_is_one_sentence(good_file: bytes, spoil: Callable[[bytes], bytes]) -> None:
    data = spoil(good_file)
    assert len(data) < 4 << 20
    with pytest.raises(DataError) as error:
        board_file.read(data, "x.bayan")
    assert "x.bayan" in error.value.detail
    assert not was_opened()


@pytest.fixture(scope="module")
def good_file(loaded: Workspace) -> bytes:
    return board_file.save([Tile("1", answer(loaded, "q", BY_REGION))], 5.0, with_data=True)


def test_a_path_in_the_archive_is_not_followed(good_file: bytes, tmp_path: Path) -> None:
    out = io.BytesIO(good_file)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(f"../../{tmp_path.name}/evil.txt", b"x")
    assert board_file.read(out.getvalue(), "x.bayan").with_data == 1
    assert list(tmp_path.iterdir()) == []


def test_hostile_sql_of_a_file_meets_the_gate(space: Workspace, good_file: bytes) -> None:
    (tile,) = board_file.read(good_file, "x.bayan").tiles
    evil = replace(tile, exhibit=replace(tile.exhibit, sql="COPY sales TO '/tmp/evil.csv'"))
    board.add(space.folder, [evil])
    completed(refresh(space, board.read(space.folder).tiles))
    assert outcomes(space.folder)[0][0] == "failed"
    assert not Path("/tmp/evil.csv").exists()


ROWS = "SELECT region, amount FROM sales"
BARS = Spec("bar", x=0, y=(1,), aggregate="sum", sort="value_down")


def cut_answer(space: Workspace) -> Exhibit:
    """An answer of which the page holds two rows of three, with the chart of all."""
    result = space.run(ROWS, max_rows=2)
    reduced = finished(whole(BARS, ROWS, result, space))
    assert reduced is not None
    return Exhibit("All?", ROWS, result, BARS, read=1.0, reduced=reduced)


def bars_of(exhibit: Exhibit) -> dict[Json, Json]:
    assert exhibit.reduced is not None
    return {row[0]: row[1] for row in exhibit.reduced.result.rows()}


def test_the_chart_of_all_rows_is_kept_and_goes_into_files(space: Workspace) -> None:
    board.pin(space.folder, cut_answer(space))
    (tile,) = board.read(space.folder).tiles
    assert tile.exhibit.result.table.num_rows == 2
    assert bars_of(tile.exhibit) == {"South": 20, "North": 15}
    gc.collect()  # the rows are read from the disk again
    (kept,) = board.exhibits(space.folder)
    assert bars_of(kept) == {"South": 20, "North": 15}
    (opened,) = board_file.read(board_file.save([tile], 5.0, with_data=True), "b.bayan").tiles
    assert bars_of(opened.exhibit) == {"South": 20, "North": 15}
    (bare,) = board_file.read(board_file.save([tile], 5.0, with_data=False), "b.bayan").tiles
    assert bare.exhibit.reduced is None


def test_a_refresh_draws_the_chart_of_all_rows_anew(changing: Workspace) -> None:
    board.pin(changing.folder, cut_answer(changing))
    load(changing, SALES + b"North,2024-03-01,100\n")
    completed(refresh(changing, board.read(changing.folder).tiles))
    (one,) = board.exhibits(changing.folder)
    assert one.result.table.num_rows == 4
    assert one.reduced is None  # all rows are held now, and drawn
