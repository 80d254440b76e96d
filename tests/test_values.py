"""Values that a question names: found among the tables' texts, and nothing that it does not name."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest

from lib.asking.values import Match, ValueIndex, index_of, indexing
from lib.asking.values import kept as kept_values
from lib.asking.values.reading import reading
from lib.data.asked import finished
from lib.data.loading import Source
from lib.data.workspace import Workspace
from lib.settings import Settings


@pytest.fixture(name="workspace")
def _workspace() -> Iterator[Workspace]:
    with Workspace.temporary(Settings()) as workspace:
        yield workspace


def load(workspace: Workspace, name: str, text: str) -> None:
    with workspace.add([Source(f"{name}.csv", text.encode())]) as loading:
        assert loading.wait(120)
        assert loading.errors == ()


SHOPS = """country,city,grade,open since,owner,code
Germany,München,A,May 2001,Zoë O'Brien,DE-01
norway ,NEW-YORK,B,June 2002,Close a policy,FR 7
Côte d’Ivoire,São Paulo,M,2003,ACME Trading Company Limited,AB-1234
 Spain,القاهرة,A,May 2001,東京,All
Sponsor,أحمد,B,Head office of the north region,Hartford,IT
"""

FOUND = {
    "the same letters": ("shops in Germany", "country", "Germany", "exact"),
    "another case and a blank": ("Shops in NORWAY", "country", "norway ", "folded"),
    "a blank before it": ("shops in spain", "country", " Spain", "folded"),
    "without its accent": ("shops in Munchen", "city", "München", "folded"),
    "without its hyphen": ("all shops of New York", "city", "NEW-YORK", "folded"),
    "another apostrophe": ("shops of zoe o’brien", "owner", "Zoë O'Brien", "folded"),
    "other quotation marks inside": ("sales in cote d'ivoire", "country", "Côte d’Ivoire", "folded"),
    "several words": ("who did close a policy last", "owner", "Close a policy", "folded"),
    "in quotation marks": ("owners called 'Close a policy'", "owner", "Close a policy", "exact"),
    "the plural of it": ("which are sponsors", "country", "Sponsor", "part"),
    "a letter left out": ("shops in Germny", "country", "Germany", "fuzzy"),
    "two letters exchanged": ("shops in Hartfrod", "owner", "Hartford", "fuzzy"),
    "the first letter wrong": ("shops in Kermany", "country", "Germany", "fuzzy"),
    "a part of it": ("the address of ACME Trading", "owner", "ACME Trading Company Limited", "part"),
    "nearly all of it": (
        "head office of the north regio",
        "open since",
        "Head office of the north region",
        "part",
    ),
    "a code with a number": ("the price of AB-1234", "code", "AB-1234", "exact"),
    "one letter in upper case": ("shops with grade M", "grade", "M", "exact"),
    "one letter in quotation marks": ("shops with grade 'm'", "grade", "M", "folded"),
    "a number that is a text": ("opened in 2003", "open since", "2003", "exact"),
    "a stop word in upper case": ("shops in IT", "code", "IT", "exact"),
    "Arabic": ("كم متجرا في القاهرة", "city", "القاهرة", "exact"),
    "Arabic without a hamza": ("متاجر احمد", "city", "أحمد", "folded"),
    "Arabic after a preposition": ("متاجر بالقاهرة", "city", "القاهرة", "part"),
    "a script without blanks": ("有多少商店在東京呢", "owner", "東京", "exact"),
}

NOT_FOUND = {
    "a letter of a sentence": "which shop has a month with m",
    "a first word": "A shop",
    "stop words": "is it all",
    "a number near a text": "opened before 2004 with 1 or 7",
    "a number within a text": "the 1234 cheapest",
    "another word": "shops in Gera",
    "nothing": "",
    "marks only": "?!",
}


@pytest.fixture(name="index", scope="module")
def _index() -> Iterator[ValueIndex]:
    with Workspace.temporary(Settings()) as workspace:
        load(workspace, "shops", SHOPS)
        yield index_of(workspace)


@pytest.mark.parametrize("case", FOUND)
def test_a_value_is_found(index: ValueIndex, case: str) -> None:
    question, column, value, how = FOUND[case]
    found = index.matches(question)
    assert [(one.table, one.column, one.value, one.how) for one in found[:1]] == [("shops", column, value, how)]


@pytest.mark.parametrize("case", NOT_FOUND)
def test_no_value_is_found(index: ValueIndex, case: str) -> None:
    assert index.matches(NOT_FOUND[case]) == ()


def test_a_match_says_which_words_it_is_for(index: ValueIndex) -> None:
    (found,) = index.matches("shops in new york")
    assert found == Match("shops", "city", "NEW-YORK", "new york", found.score, "folded")
    assert 0.9 < found.score < 1


def test_nearly_all_of_a_value_is_surer_than_a_part(index: ValueIndex) -> None:
    (nearly,), (part,) = index.matches("head office of the north regio"), index.matches("ACME Trading")
    assert nearly.score > 0.8 > part.score


def test_the_surest_come_first(index: ValueIndex) -> None:
    found = index.matches("Germny, 'Close a policy', Munchen and ACME Trading")
    assert [one.how for one in found] == ["exact", "folded", "fuzzy", "part"]
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_only_so_many_are_given(workspace: Workspace) -> None:
    columns = 30
    load(workspace, "wide", ",".join(f"c{n}" for n in range(columns)) + "\n" + "Berlin," * (columns - 1) + "Berlin\n")
    index = index_of(workspace)
    assert len(index.matches("Berlin")) == 20
    assert len(index.matches("Berlin", most=3)) == 3


def test_the_names_of_columns_are_rarely_values(workspace: Workspace) -> None:
    load(workspace, "parties", "party,theme\nProgress Party,a\nparty,b\nDisco Night,c\n")
    index = index_of(workspace)
    assert [one.value for one in index.matches("How many parties of each party?")] == ["party"]
    assert index.matches("party")[0].score < index.matches("disco night")[0].score


def test_a_longer_phrase_explains_more(workspace: Workspace) -> None:
    load(workspace, "places", "place\nNew York\nYork\nYork Street\nYorke\n")
    assert [one.value for one in index_of(workspace).matches("houses in New York")] == ["New York", "York"]
    sure, less = index_of(workspace).matches("houses in New York")
    assert sure.score == 1 > less.score


def test_a_word_that_many_values_have_names_none_of_them(workspace: Workspace) -> None:
    load(workspace, "schools", "title\n" + "".join(f"{one * 4} college\n" for one in "abcdefghijkl"))
    assert index_of(workspace).matches("pupils in college") == ()


def test_long_texts_and_other_types_are_not_indexed(workspace: Workspace) -> None:
    load(workspace, "notes", f"note,number,day\n{'long ' * 20}end,1234567,2024-01-31\nshort text,7654321,2024-02-28\n")
    index = index_of(workspace)
    assert [one.value for one in index.matches("'short text' 1234567 2024-01-31 long end")] == ["short text"]


def test_tables_without_texts_or_rows(workspace: Workspace) -> None:
    load(workspace, "numbers", "a,b\n1,2\n")
    load(workspace, "empty", "a,b\n")
    index = index_of(workspace)
    assert (index.matches("Germany"), index.left_out) == ((), ())


def test_an_index_is_made_once_for_a_table(workspace: Workspace) -> None:
    load(workspace, "shops", SHOPS)
    assert len(list(indexing(workspace))) > 0
    assert list(indexing(workspace)) == []
    load(workspace, "more", "x\ny\n")
    first = index_of(workspace)
    assert index_of(workspace).tables[0] is first.tables[0]


def test_a_changed_table_is_read_again(workspace: Workspace) -> None:
    load(workspace, "shops", SHOPS)
    assert index_of(workspace).matches("Germany")
    workspace.rename_column("shops", "country", "land")
    assert [one.column for one in index_of(workspace).matches("Germany")] == ["land"]
    workspace.drop("shops")
    assert index_of(workspace).matches("Germany") == ()


def test_a_workspace_that_is_gone_takes_no_memory() -> None:
    gc.collect()
    before = kept_values.bytes_kept()
    with Workspace.temporary(Settings()) as workspace:
        load(workspace, "shops", SHOPS)
        taken = index_of(workspace).bytes
        assert kept_values.bytes_kept() == before + taken > before
    del workspace
    gc.collect()
    assert kept_values.bytes_kept() == before


def test_closing_the_steps_stops_the_reading(workspace: Workspace) -> None:
    load(workspace, "shops", SHOPS)
    steps = indexing(workspace)
    assert "Reading" in next(steps)
    steps.close()
    assert index_of(workspace).matches("Germany")


def test_several_threads_may_ask(workspace: Workspace) -> None:
    load(workspace, "shops", SHOPS)
    found: list[tuple[Match, ...]] = []
    threads = [threading.Thread(target=lambda: found.append(index_of(workspace).matches("Germany"))) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert len(found) == 4
    assert len(set(found)) == 1


def test_many_different_values(workspace: Workspace) -> None:
    """More than one result of the engine may hold here, in a column that it would be slow to compare one by one."""
    many = 210_000
    rows = "".join(f"Customer number {n:06},{n % 7}\n" for n in range(many))
    load(workspace, "customers", f"customer,x\n{rows}Wakanda Trading,1\n")
    index = index_of(workspace)
    assert index.left_out == ()
    assert [one.value for one in index.matches("sales of customer number 123456")[:1]] == ["Customer number 123456"]
    assert [(one.value, one.how) for one in index.matches("sales of Wakando Trading")] == [("Wakanda Trading", "fuzzy")]
    assert [(one.value, one.how) for one in index.matches("sales of Wakanda")] == [("Wakanda Trading", "part")]
    assert index.bytes < many * 150


def test_results_smaller_than_the_values_are_no_limit() -> None:
    with Workspace.temporary(Settings(query_result_mb=1)) as workspace:
        rows = "".join(f"{n:06} {'x' * 60},1\n" for n in range(25_000))
        load(workspace, "long", f"text,n\n{rows}")
        index = index_of(workspace)
        assert index.left_out == ()
        assert [one.value for one in index.matches(f"the '014321 {'x' * 60}'")[:1]] == [f"014321 {'x' * 60}"]


def test_what_cannot_be_read_is_said(workspace: Workspace) -> None:
    load(workspace, "shops", SHOPS)
    load(workspace, "more", "name\nGermany\n")
    tables = workspace.tables
    workspace.drop("more")
    values, left_out = finished(reading(workspace, tables))
    assert [(one.table, one.column) for one in left_out] == [("more", "name")]
    assert "more" in left_out[0].why
    assert [len(one.texts) > 0 for one in values] == [True, False]


def test_more_than_the_room_is_left_out_and_said(workspace: Workspace) -> None:
    load(workspace, "shops", SHOPS)
    values, left_out = finished(reading(workspace, workspace.tables, room=1500))
    assert 0 < len(values[0].columns) < 6
    assert {one.column for one in left_out} == {one.name for one in workspace.tables[0].columns} - {
        one.name for one in values[0].columns
    }
    assert all("MB" in one.why for one in left_out)
