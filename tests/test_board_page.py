"""The Board page without a browser, on answers that were pinned before it opened."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.board import board, board_file
from lib.board.tile import Tile
from lib.data.workspace import Workspace
from lib.settings import PROJECT, SETTINGS, Settings
from tests.boards import BY_REGION, TOTAL, answer, load

HOSTILE = "<script>alert(1)</script> **bold** $x$ ![i](http://evil/x) :red[r]"


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty home, and no other setting."""
    for one in SETTINGS:
        monkeypatch.delenv(one.name.upper(), raising=False)
    monkeypatch.setenv("BAYAN_HOME", str(tmp_path))
    return tmp_path / "workspace"


@pytest.fixture
def pinned(home: Path) -> Path:
    """Three answers on the board: a number, a chart, a table with a hostile title."""
    with Workspace.open(home, Settings(bayan_home=str(home.parent))) as space:
        load(space)
        board.pin(home, answer(space, "The total?", TOTAL))
        board.pin(home, answer(space, "Total by region?", BY_REGION))
        board.pin(home, replace(answer(space, "Which?", "SELECT DISTINCT region FROM sales"), title=HOSTILE))
    return home


def well(at: AppTest) -> AppTest:
    assert not at.exception
    return at


def page() -> AppTest:
    at = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60).run()
    return well(at.switch_page("pages/board.py").run())


def click(at: AppTest, key: str) -> AppTest:
    return well(at.button(key=key).click().run())


def titles(at: AppTest) -> list[str]:
    return [str(one.value).replace("\\", "") for one in at.header]


def said(at: AppTest) -> str:
    parts = [*at.markdown, *at.caption, *at.error, *at.warning, *at.info]
    return "\n".join(str(part.value) for part in parts).replace("\\", "")


def test_an_empty_board_says_what_to_do(home: Path) -> None:
    at = page()
    assert "Nothing is pinned yet" in said(at)
    assert "Ask your data" in [one.proto.label for one in at.main if one.type == "page_link"]
    assert not at.get("menu_button")


def test_every_answer_is_there(pinned: Path) -> None:
    at = page()
    assert titles(at)[:2] == ["The total?", "Total by region?"]
    assert at.metric[0].value == "35"
    assert len(at.get("plotly_chart")) == 1
    assert at.dataframe[0].value.shape == (2, 1)
    assert "Data read" in said(at)


def test_texts_of_others_do_nothing(pinned: Path) -> None:
    (title,) = (str(one.value) for one in page().header if "script" in str(one.value))
    assert "\\<script\\>" in title
    assert "\\*\\*bold" in title
    assert "!\\[i\\]" in title
    assert "\\$x\\$" in title
    assert "\\:" in title


def test_the_form_changes_title_note_width_and_place(pinned: Path) -> None:
    at = page()
    id_ = board.read(pinned).tiles[0].id
    at.session_state["bayan-board"].editing = id_  # as its menu does, which only a browser can open
    at = well(at.run())
    at.text_input(key=f"edit-{id_}-title").set_value("Sales")
    at.text_area(key=f"edit-{id_}-note").set_value("A note")
    at.selectbox(key=f"edit-{id_}-width").set_value(6)
    at.number_input(key=f"edit-{id_}-place").set_value(3)
    at = click(at, f"edit-{id_}-save")
    assert titles(at)[2] == "Sales"
    tile = board.read(pinned).tiles[2]
    assert (tile.id, tile.exhibit.title, tile.exhibit.note, tile.width) == (id_, "Sales", "A note", 6)
    assert titles(page())[2] == "Sales"


def test_what_is_removed_comes_back(pinned: Path) -> None:
    board.remove(pinned, board.read(pinned).tiles[0].id)
    at = page()
    assert titles(at)[0] == "Total by region?"
    assert "Removed The total?" in said(at)
    at = click(at, "board-undo")
    assert titles(at)[0] == "The total?"
    assert at.metric[0].value == "35"


def test_a_refresh_marks_what_changed(pinned: Path) -> None:
    at = page()
    with Workspace.temporary(Settings()) as other:
        load(other, b"region,month,amount\nNorth,2024-01-01,10\n")
        old = answer(other, "The total?", TOTAL)
    first = board.read(pinned).tiles[0]
    board.change(pinned, first.id, lambda now: replace(now, exhibit=old))
    at = click(at, "board-refresh")
    assert "3 answers refreshed: 1 changed, 2 as before." in said(at)
    assert "from 10 to 35 (+250%)" in said(at)
    assert at.metric[0].value == "35"


def test_sql_that_fails_leaves_old_data_and_says_so(pinned: Path) -> None:
    first = board.read(pinned).tiles[0]
    board.change(pinned, first.id, lambda now: replace(now, exhibit=replace(now.exhibit, sql="SELECT gone FROM sales")))
    at = click(page(), "board-refresh")
    assert "1 failed" in said(at)
    assert "old data" in said(at)
    assert at.metric[0].value == "35"


def test_a_filter_holds_for_all_that_have_the_column(pinned: Path) -> None:
    at = page()
    at.multiselect(key="board-filter-by").set_value(["text-region"])
    at = well(at.run())
    at.multiselect(key="board-filter-text-region").set_value(["North"])
    at = well(at.run())
    assert said(at).count("Only region: North. 1 of 2 rows.") == 2
    assert "Not filtered: it has no such column." in said(at)
    assert at.dataframe[0].value.values.tolist() == [["North"]]


def test_another_tab_sees_what_was_undone(pinned: Path) -> None:
    board.remove(pinned, board.read(pinned).tiles[0].id)
    first, second = page(), page()
    assert len(titles(second)) == 2
    click(first, "board-undo")
    assert len(titles(second.run())) == 3


def test_presenting_steps_through_the_answers(pinned: Path) -> None:
    at = click(page(), "present-begin")
    assert at.header[0].value == "The total?"
    assert not at.get("menu_button")
    at = click(at, "present-right")
    assert at.header[0].value == "Total by region?"
    assert "2 of 3" in said(at)
    at = click(click(at, "present-space"), "present-right")
    assert "3 of 3" in said(at)
    assert len(at.get("html")) >= 1
    at = click(at, "present-home")
    assert "1 of 3" in said(at)
    at = click(at, "present-close")
    assert at.get("menu_button")


@pytest.mark.parametrize("asked", ["0", "99", "-1", "x", "²", "9" * 5000])
def test_an_address_that_names_no_answer(pinned: Path, asked: str) -> None:
    at = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60).run()
    at.query_params["present"] = asked
    at = well(at.switch_page("pages/board.py").run())
    assert "of 3" in said(at)


def test_a_saved_board_is_opened_after_a_look(pinned: Path) -> None:
    at = page()
    file = board_file.save([Tile("x", board.read(pinned).tiles[0].exhibit)], 1.0, with_data=False)
    at.file_uploader(key="board-open-0").upload("other.bayan", file)
    at = well(at.run())
    assert "1 answer, 0 with data" in said(at)
    assert len(titles(at)) == 3
    at = click(at, "board-open-add")
    assert titles(at)[3] == "The total?"
    assert "Refresh to see it" in said(at)
    at = click(at, "board-refresh")
    assert "Refresh to see it" not in said(at)


def test_a_file_that_is_no_board_is_one_sentence(pinned: Path) -> None:
    at = page()
    at.file_uploader(key="board-open-0").upload("other.bayan", b"nothing")
    at = well(at.run())
    assert "other.bayan is no board that Bayan saved" in said(at)


def test_a_damaged_board_is_told(pinned: Path) -> None:
    (pinned / "board" / "board.json").write_text("{")
    at = page()
    assert "set aside as damaged-" in said(at)
    assert "Nothing is pinned yet" in said(at)
