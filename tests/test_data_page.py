"""The Data page without a browser: every control once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.data.table import Rejected, Table
from lib.settings import PROJECT, SETTINGS
from lib.ui.data_report import rejected_csv

SALES = b"region,amount\nNorth,10\nSouth,20\nNorth,5\n"
ORDERS = b"customer_id,amount\n1,1.5\n2,2.5\n2,3.5\n"
CUSTOMERS = b"id,name\n1,Ann\n2,Bob\n3,Cem\n"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for one in SETTINGS:
        monkeypatch.delenv(one.name.upper(), raising=False)
    monkeypatch.setenv("BAYAN_HOME", str(tmp_path / "home"))


def page() -> AppTest:
    at = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60).run()
    return well(at.switch_page("pages/data.py").run())


def well(at: AppTest) -> AppTest:
    assert not at.exception
    return at


def drop(at: AppTest, *files: tuple[str, bytes]) -> AppTest:
    """Drop the files one after the other."""
    for name, content in files:
        at.file_uploader[0].upload(name, content)
        well(at.run())
    return at


def with_sales() -> AppTest:
    return drop(page(), ("sales.csv", SALES))


def section(at: AppTest, name: str) -> AppTest:
    at.segmented_control[0].set_value(name)
    return well(at.run())


def choose(at: AppTest, table: str) -> AppTest:
    at.selectbox(key="data-table").select(table)
    return well(at.run())


def click(at: AppTest, key: str) -> AppTest:
    return well(at.button(key=key).click().run())


def names(at: AppTest) -> list[str]:
    return list(at.main.dataframe[0].value["table"]) if at.main.dataframe else []


def shown(at: AppTest) -> str:
    parts = [*at.main.markdown, *at.main.caption, *at.main.error, *at.main.warning]
    return "\n".join(str(part.value) for part in parts).replace("\\", "")


def submit(at: AppTest, form: str, text: str) -> AppTest:
    """Type into the one field of a form and send it."""
    at.text_input(key=f"{form}-text").set_value(text)
    sender = next(one for one in at.button if one.form_id == form)
    return well(sender.click().run())


def test_an_empty_page_says_what_to_do() -> None:
    at = page()
    assert "Drop the files" in shown(at)
    assert len(at.file_uploader) == 1
    assert [one for one in at.button if str(one.key).startswith("sample-")]


def test_sample_data_with_one_click() -> None:
    at = click(page(), "sample-penguins")
    row = at.main.dataframe[0].value.iloc[0].to_dict()
    assert (row["table"], row["rows"], row["columns"]) == ("penguins", 344, 8)
    assert row["size"].endswith("KB")
    assert row["source"] == "penguins.csv, UTF-8"


def test_the_preview_shows_the_first_thousand_rows_and_the_true_number() -> None:
    at = drop(page(), ("long.csv", b"a\n" + b"".join(b"%d\n" % n for n in range(2_500))))
    assert at.main.dataframe[1].value.shape == (1_000, 1)
    assert "First 1,000 of 2,500 rows" in shown(at)


def test_the_preview_of_a_wide_table_and_of_long_texts_says_what_is_left_out() -> None:
    wide = ",".join(f"c{n}" for n in range(300)) + "\n" + ",".join(["1"] * 300) + "\n"
    at = drop(page(), ("wide.csv", wide.encode()))
    assert "first 200 of 300 columns" in shown(at)
    at = drop(at, ("texts.csv", b"a,b\n" + b"x" * 5_000 + b",1\n"))
    assert at.selectbox(key="data-table").value == "texts"
    assert "long texts are cut" in shown(at)


def test_the_statistics_of_the_columns() -> None:
    at = section(with_sales(), "Columns")
    region, amount = at.main.dataframe[1].value.to_dict("records")
    assert (region["distinct"], region["minimum"], region["most frequent"]) == (2, "North", "North (2) · South (1)")
    assert (amount["missing"], amount["minimum"], amount["maximum"]) == (0, "5", "20")
    assert sum(amount["histogram"]) == 3
    assert "Counted in all 3 rows" in shown(at)


def test_statistics_of_a_wide_table_come_in_pages() -> None:
    wide = ",".join(f"c{n}" for n in range(250)) + "\n" + ",".join(["1"] * 250) + "\n"
    at = section(drop(page(), ("wide.csv", wide.encode())), "Columns")
    assert "Columns 1 to 100 of 250" in shown(at)
    at.pagination[0].set_value(3)
    well(at.run())
    assert list(at.main.dataframe[1].value["column"])[-1] == "c249"


def test_the_report_accounts_for_every_row() -> None:
    at = section(drop(page(), ("ragged.csv", b"a,b\n1,2\n3,4\n5,6,7\n")), "Report")
    assert "3 rows in ragged.csv = **2 loaded** + **1 rejected**" in shown(at)
    (line,) = at.main.dataframe[1].value.to_dict("records")
    assert (line["line"], line["text"]) == (4, "5,6,7")
    assert at.download_button


def test_rejected_lines_as_a_file_keep_their_text() -> None:
    lines = (Rejected(2, "too many", 'a,"b"\nc'), Rejected(9, "سبب", "=1+1"))
    table = Table("t", "t.csv", (), 1, 3, rejected=lines)
    assert rejected_csv(table).decode("utf-8-sig") == ('line,reason,text\r\n2,too many,"a,""b""\nc"\r\n9,سبب,=1+1\r\n')


def test_a_file_can_be_read_again_in_another_encoding() -> None:
    at = section(drop(page(), ("t.csv", "a,b\nПривет,1\n".encode("cp1251"))), "Report")
    at.selectbox(key="encoding-t-cp1251").select("cp866")
    well(at.run())
    click(at, "read-again-t")
    assert "DOS 866" in at.main.dataframe[0].value["source"][0]
    at = section(at, "Preview")
    assert at.main.dataframe[1].value.iloc[0, 0] == "Привет".encode("cp1251").decode("cp866")


def test_day_and_month_can_be_swapped() -> None:
    at = section(drop(page(), ("d.csv", b"day,n\n01/02/2024,1\n03/04/2024,2\n")), "Report")
    assert "could be read with the day or the month first" in shown(at)
    before = dates(at)
    at = click(section(at, "Report"), "swap-d-day")
    assert dates(at) == [one[:5] + one[8:] + "-" + one[5:7] for one in before]


def dates(at: AppTest) -> list[str]:
    section(at, "Preview")
    return [str(one)[:10] for one in at.main.dataframe[1].value["day"]]


@pytest.mark.parametrize(
    ("answer", "tables"),
    [("replace", {"sales": 1}), ("append", {"sales": 4}), ("keep", {"sales": 3, "sales_2": 1})],
)
def test_a_second_file_of_the_same_name_asks(answer: str, tables: dict[str, int]) -> None:
    at = drop(with_sales(), ("sales.csv", b"region,amount\nWest,7\n"))
    assert "came in again" in shown(at)
    click(at, f"twin-{answer}-sales_2")
    listed = at.main.dataframe[0].value
    assert dict(zip(listed["table"], listed["rows"], strict=True)) == tables
    assert "came in again" not in shown(at)


def test_a_table_and_a_column_get_other_names() -> None:
    at = section(with_sales(), "Change")
    submit(at, "rename-sales", "takings")
    assert names(at) == ["takings"]
    submit(at, "rename-takings-region", "المنطقة")
    section(at, "Preview")
    assert list(at.main.dataframe[1].value.columns) == ["المنطقة", "amount"]


def test_a_name_that_is_taken_is_a_sentence() -> None:
    at = section(choose(drop(with_sales(), ("people.csv", CUSTOMERS)), "sales"), "Change")
    submit(at, "rename-sales", "people")
    assert at.error
    assert names(at) == ["sales", "people"]


def test_a_type_is_changed_after_a_look_at_what_would_fail() -> None:
    at = section(drop(page(), ("t.csv", b"code,n\n1,1\n2,1\nx,1\nx,1\n")), "Change")
    at.selectbox(key="type-t-code-VARCHAR").select("BIGINT")
    well(at.run())
    assert "2 of 4 rows would become missing, for example “x” (2 rows)" in shown(at)
    click(at, "change-type-t-code-BIGINT")
    section(at, "Preview")
    assert at.main.dataframe[1].value["code"].isna().tolist() == [False, False, True, True]


def test_a_type_that_every_value_can_have_says_so() -> None:
    at = section(with_sales(), "Change")
    at.selectbox(key="change-column-sales").select("amount")
    well(at.run())
    at.selectbox(key="type-sales-amount-BIGINT").select("VARCHAR")
    assert "Every value can become VARCHAR" in shown(well(at.run()))


def test_deleting_can_be_undone() -> None:
    at = section(choose(drop(with_sales(), ("people.csv", CUSTOMERS)), "sales"), "Change")
    click(at, "delete-sales")
    assert names(at) == ["people"]
    assert "Deleted sales." in shown(at)
    click(at, "delete-people")
    assert "Deleted people." in shown(at)
    click(at, "restore-0")
    click(at, "undo")
    assert sorted(names(at)) == ["people", "sales"]
    assert "Deleted" not in shown(at)


def test_tables_with_the_same_columns_become_one() -> None:
    at = drop(page(), ("sales_2023.csv", SALES), ("sales_2024.csv", SALES))
    click(at, "combine-0-sales_2023-do")
    assert names(at) == ["sales"]
    assert at.main.dataframe[0].value["rows"].tolist() == [6]
    assert set(at.main.dataframe[1].value["source_file"]) == {"sales_2023.csv", "sales_2024.csv"}


def test_tables_that_cannot_become_one_are_a_sentence() -> None:
    at = drop(page(), ("a.csv", b"x,y\n1,2\n"), ("b.csv", b"x,y\nword,2\n"))
    click(at, "combine-0-a-do")
    assert "different types" in shown(at)
    assert names(at) == ["a", "b"]


def test_a_likely_join_is_confirmed_and_dropped() -> None:
    at = drop(page(), ("orders.csv", ORDERS), ("customers.csv", CUSTOMERS))
    assert "All values of **orders**.customer_id are in **customers**.id" in shown(at)
    click(at, "join-confirm-0")
    assert "You confirmed this" in shown(at)
    click(at, "join-unconfirm-0")
    assert "You confirmed this" not in shown(at)
    click(at, "join-reconfirm-0")
    assert "You confirmed this" in shown(at)


def test_a_likely_join_is_dropped_at_once() -> None:
    at = drop(page(), ("orders.csv", ORDERS), ("customers.csv", CUSTOMERS))
    click(at, "join-drop-0")
    assert "are in **customers**.id" not in shown(at)


def test_the_whole_table_can_be_downloaded(tmp_path: Path) -> None:
    at = section(with_sales(), "Download")
    assert [one.label for one in at.download_button] == ["Download Parquet", "Download CSV"]


def test_delete_everything_leaves_nothing(tmp_path: Path) -> None:
    at = with_sales()
    click(at, "forget")
    assert names(at) == []
    assert "Drop the files" in shown(at)
    left = [one for one in (tmp_path / "home").rglob("*") if one.is_file() and b"South" in one.read_bytes()]
    assert left == []


def test_a_file_that_cannot_be_read_is_a_sentence_with_its_name() -> None:
    at = drop(page(), ("empty.csv", b""))
    assert "empty.csv" in shown(at)


STRANGE = "**bold** [x](http:evil) $a$"


def test_names_and_cells_are_inert() -> None:
    content = f"{STRANGE},n\n{STRANGE},1\n{STRANGE},2,3\n"
    at = drop(page(), (f"{STRANGE}.csv", content.encode()))
    for name in ("Preview", "Columns", "Report", "Change", "Download"):
        section(at, name)
        drawn = [str(one.value) for one in (*at.main.markdown, *at.main.caption, *at.main.warning)]
        assert not [one for one in drawn if re.search(r"\*\*bold|(?<!\\)[\[$]", one)]


def test_the_page_alone_has_the_same_frame() -> None:
    at = AppTest.from_file(str(PROJECT / "pages" / "data.py"), default_timeout=60).run()
    well(at)
    assert len(at.sidebar.get("page_link")) == 5
