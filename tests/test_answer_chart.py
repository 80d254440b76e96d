"""The chart of an answer on the Ask page: changed by hand, kept, drawn from all rows, pinned."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lib.board import board
from lib.board.exhibit import Exhibit
from lib.settings import PROJECT, SETTINGS

SALES = "region,month,amount\n" + "".join(
    f"{region},2024-{month:02}-01,{100 * place + month}\n"
    for place, region in enumerate(["North", "South", "East", "West"], 1)
    for month in range(1, 13)
)
BY_REGION = "SELECT region, sum(amount) AS total FROM sales GROUP BY region ORDER BY region"


@pytest.fixture(name="home", autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for one in SETTINGS:
        monkeypatch.delenv(one.name.upper(), raising=False)
    monkeypatch.setenv("BAYAN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def page() -> AppTest:
    at = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=30).run()
    at.switch_page("pages/ask.py").run()
    assert not at.exception
    return at


def answered(sql: str) -> AppTest:
    at = page()
    at.file_uploader[0].upload("sales.csv", SALES.encode()).run()
    at.button(key="by-hand").click().run()
    at.text_area[0].set_value(sql).run()
    at.button(key="run-0").click().run()
    assert not at.exception
    return at


def with_panel(at: AppTest) -> AppTest:
    at.session_state["panel-0-0"] = True
    return at.run()


def figure(at: AppTest) -> dict[str, Any]:
    (chart,) = at.get("plotly_chart")
    drawn: dict[str, Any] = json.loads(chart.proto.spec)
    return drawn


def captions(at: AppTest) -> str:
    return "\n".join(one.value for one in at.caption).replace("\\", "")


def pinned(home: Path) -> tuple[Exhibit, ...]:
    return board.exhibits(home / "workspace")


def test_a_person_chooses_another_kind_and_finds_it_again() -> None:
    at = answered(BY_REGION)
    assert {one["type"] for one in figure(at)["data"]} == {"bar"}
    with_panel(at).selectbox(key="chart-kind-0-0-bar").set_value("pie").run()
    assert {one["type"] for one in figure(at)["data"]} == {"pie"}
    again = page()
    assert {one["type"] for one in figure(again)["data"]} == {"pie"}


def test_a_title_and_an_order_are_drawn_and_stay_when_the_sql_runs_again() -> None:
    at = with_panel(answered(BY_REGION))
    at.text_input(key="chart-title-0-0-bar").set_value("Sales of <b>2024</b>").run()
    at.selectbox(key="chart-sort-0-0-bar").set_value("value_down").run()
    assert "Sales of &lt;b&gt;2024" in figure(at)["layout"]["title"]["text"]
    labels = [json.loads(one) if one.startswith('"') else one for one in figure(at)["data"][0]["x"]]
    assert labels == ["West", "East", "South", "North"]
    at.text_area[0].set_value(BY_REGION.replace("sum", "max")).run()
    at.button(key="run-0").click().run()
    assert "Sales of &lt;b&gt;2024" in figure(at)["layout"]["title"]["text"]


def test_a_chart_by_hand_is_chosen_anew_when_the_columns_are_others() -> None:
    at = with_panel(answered(BY_REGION))
    at.selectbox(key="chart-kind-0-0-bar").set_value("pie").run()
    at.text_area[0].set_value("SELECT month, sum(amount) AS total FROM sales GROUP BY month ORDER BY month").run()
    at.button(key="run-0").click().run()
    assert {one["type"] for one in figure(at)["data"]} == {"scatter"}  # Plotly's name of a line


def test_rows_that_come_to_share_a_mark_are_put_together() -> None:
    at = with_panel(answered("SELECT month, region, amount FROM sales"))
    at.selectbox(key="chart-kind-0-0-line").set_value("bar").run()
    at.selectbox(key="chart-x-0-0-bar").set_value(1).run()
    at.selectbox(key="chart-color-0-0-bar").set_value(-1).run()
    (bars,) = figure(at)["data"]
    assert sorted(_numbers(bars["y"])) == [1278, 2478, 3678, 4878]


def _numbers(given: Any) -> list[float]:
    """Plotly sends arrays as they are, or as bytes in base64."""
    if isinstance(given, list):
        return given
    return [float(one) for one in np.frombuffer(base64.b64decode(given["bdata"]), given["dtype"])]


def test_a_chart_of_more_rows_than_the_page_holds_shows_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUERY_MAX_ROWS", "10")
    at = answered("SELECT region, amount FROM sales")
    with_panel(at)
    next(one for one in at.selectbox if "chart-kind" in str(one.key)).set_value("bar").run()
    assert "All 48 rows" in captions(at)
    (bars,) = figure(at)["data"]
    assert sum(_numbers(bars["y"])) == pytest.approx(1278 + 2478 + 3678 + 4878)
    monkeypatch.setenv("QUERY_MAX_ROWS", "20")
    assert "All 48 rows" in captions(page())


def test_an_answer_is_pinned_with_its_chart_and_its_evidence(home: Path) -> None:
    at = with_panel(answered(BY_REGION))
    at.selectbox(key="chart-kind-0-0-bar").set_value("pie").run()
    at.button(key="pin-0").click().run()
    (one,) = pinned(home)
    assert (one.sql, one.spec.kind, one.model) == (BY_REGION, "pie", "")
    assert one.result.rows() == [["East", 3678], ["North", 1278], ["South", 2478], ["West", 4878]]
    (mark,) = one.tables
    assert (mark.name, mark.file, mark.rows, bool(mark.fingerprint)) == ("sales", "sales.csv", 48, True)
    assert one.engine.startswith("DuckDB ")


def test_an_answer_found_again_is_pinned_without_a_word_when_its_rows_are_the_same(home: Path) -> None:
    answered("SELECT region, count(*) AS n FROM sales GROUP BY region")
    at = page()
    at.button(key="pin-0").click().run()
    assert "differ" not in captions(at)
    assert len(pinned(home)) == 1


def test_an_old_answer_is_pinned_with_the_rows_of_today(home: Path) -> None:
    answered("SELECT count(*) AS n FROM sales")
    at = page()
    at.file_uploader[0].upload("sales.csv", (SALES + "North,2025-01-01,7\n").encode()).run()
    at.button(key="twin-replace-sales_2").click().run()
    at.button(key="pin-0").click().run()
    assert "its rows differ from those above" in captions(at)
    (one,) = pinned(home)
    assert one.result.rows() == [[49]]
    assert one.tables[0].rows == 49
