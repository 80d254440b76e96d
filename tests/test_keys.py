"""Keys: what identifies a row of each table, and what refers to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from lib.asking.keys import Keys, finding_keys, keys_of
from lib.data.loading import Source
from lib.data.table import Join
from lib.data.workspace import Workspace
from lib.settings import Settings


@pytest.fixture(name="workspace")
def _workspace() -> Iterator[Workspace]:
    with Workspace.temporary(Settings()) as workspace:
        yield workspace


def load(workspace: Workspace, files: dict[str, str]) -> None:
    with workspace.add([Source(f"{name}.csv", text.encode()) for name, text in files.items()]) as loading:
        assert loading.wait(120)
        assert loading.errors == ()


def rows(head: str, *columns: Sequence[object]) -> str:
    """A CSV with these columns, and one of measurements beside them."""
    lines = [",".join(map(str, one)) + f",{number}.5" for number, one in enumerate(zip(*columns, strict=True))]
    return "\n".join([f"{head},measured", *lines]) + "\n"


def said(join: Join) -> str:
    return f"{join.left_table}.{join.left_column} > {join.right_table}.{join.right_column}"


REFERRING = {
    "the table's name and its id": (
        {"orders": rows("id,customer_id", [1, 2, 3], [7, 7, 9]), "customers": rows("id", [7, 8, 9])},
        {"orders.customer_id > customers.id"},
    ),
    "the same name": (
        {"loans": rows("loan_no,book_no", [1, 2, 3], [4, 4, 5]), "books": rows("book_no", [4, 5, 6])},
        {"loans.book_no > books.book_no"},
    ),
    "a role before it": (
        {
            "bugs": rows("bug_id,reported_by_dev_id,closed_by_dev_id", [1, 2, 3], [20, 21, 20], [22, 21, 22]),
            "devs": rows("dev_id", [20, 21, 22]),
        },
        {"bugs.reported_by_dev_id > devs.dev_id", "bugs.closed_by_dev_id > devs.dev_id"},
    ),
    "a role after it": (
        {
            "outings": rows("outing_id,guide_in_charge_id", [1, 2, 3], [31, 31, 34]),
            "guide": rows("guide_id", [31, 32, 34]),
        },
        {"outings.guide_in_charge_id > guide.guide_id"},
    ),
    "the table's name alone": (
        {"seasons": rows("season_id,squad", [1, 2, 3], [41, 41, 42]), "squad": rows("squad_id", [41, 42, 43])},
        {"seasons.squad > squad.squad_id"},
    ),
    "words before the table's name": (
        {
            "costs": rows("cost_id,link_to_event", [1, 2, 3], ["ra", "ra", "rb"]),
            "event": rows("event_id", ["ra", "rb", "rc"]),
        },
        {"costs.link_to_event > event.event_id"},
    ),
    "a table called as what is measured": (
        {"spending": rows("spending_id,link_to_budget", [1, 2, 3], "kkl"), "budget": rows("budget_id", "klm")},
        {"spending.link_to_budget > budget.budget_id"},
    ),
    "the end of a key's name": (
        {
            "faith": rows("source_p_no,target_p_no", [51, 52, 53], [52, 52, 51]),
            "profiles": rows("p_no", [51, 52, 53]),
        },
        {"faith.source_p_no > profiles.p_no", "faith.target_p_no > profiles.p_no"},
    ),
    "a table called after the other": (
        {
            "panel_singers": rows("panel_no,first,second", [1, 1, 2], [61, 61, 64], [64, 66, 66]),
            "singers": rows("singer_no", [61, 64, 66]),
        },
        {"panel_singers.first > singers.singer_no", "panel_singers.second > singers.singer_no"},
    ),
    "a table called after two others": (
        {
            "debate_judges": rows("debate_no,favouring", [401, 402, 403], [401, 402, 401]),
            "debate": rows("debate_no", [401, 402, 403]),
            "judges": rows("judge_no", [401, 402, 404]),
        },
        {"debate_judges.debate_no > debate.debate_no", "debate_judges.favouring > judges.judge_no"},
    ),
    "one that each of them is": (
        {"juggler": rows("juggler_id", [71, 74, 79]), "persons": rows("person_id", range(70, 80))},
        {"juggler.juggler_id > persons.person_id"},
    ),
    "its own table": (
        {"chapters": rows("chapter_code,parent_chapter_code", ["a", "b", "c"], ["", "a", "a"])},
        {"chapters.parent_chapter_code > chapters.chapter_code"},
    ),
    "repeating on both sides": (
        {"pupils": rows("pupil_id,room", [1, 2, 3], [801, 801, 802]), "tutors": rows("t,room", "aab", [801, 802, 802])},
        {"pupils.room > tutors.room"},
    ),
    "keys with a decimal point": (
        {
            "visits": rows("visit_id,park_id", [1, 2, 3], [91, 92, 91]),
            "park": rows("park_id", ["91.0", "92.0", "93.5"]),
        },
        {"visits.park_id > park.park_id"},
    ),
    "a table without a blank in its name": (
        {
            "refuels": rows("refuel_id,FuelStopID", [1, 2, 3], [11, 11, 12]),
            "fuelstops": rows("FuelStopID", [11, 12, 13]),
        },
        {"refuels.FuelStopID > fuelstops.FuelStopID"},
    ),
    "another script": (
        {
            "الطلبات": rows("الطلب_رقم,رقم_العميل", "abc", [101, 101, 102]),
            "العملاء": rows("رقم_العميل", [101, 102, 103]),
        },
        {"الطلبات.رقم_العميل > العملاء.رقم_العميل"},
    ),
}

NOT_REFERRING = {
    "the numbers of two lists": {"firsts": rows("id", [1, 2, 3]), "seconds": rows("id", [1, 2, 3])},
    "a count": {
        "letters": rows("letter_id,stamp_count", [1, 2, 3], [201, 202, 201]),
        "stamp": rows("id", [201, 202, 203]),
    },
    "years": {
        "wars": rows("war_name,year", "xyz", [1900, 1901, 1902]),
        "peaces": rows("peace_name,year", "uvw", [1900, 1901, 1902]),
    },
    "the first numbers of a list of people": {
        "poets": rows("poet_id", [1, 2, 3]),
        "people": rows("people_id", range(1, 9)),
    },
    "values of another kind": {
        "nails": rows("nail_id,shelf_id", "abc", ["q", "r", "q"]),
        "shelf": rows("shelf_id", [1, 2, 3]),
    },
    "values that are not there": {
        "cars": rows("car_id,dealer_id", [1, 2, 3], [5, 6, 7]),
        "dealers": rows("id", [901, 902, 903]),
    },
    "called after its own table": {
        "trip": rows("id", [301, 302, 303]),
        "trip_kinds": rows("name,trip_kinds_level", "abc", [301, 302, 301]),
    },
}


@pytest.fixture(name="keys", scope="module")
def _keys() -> Iterator[Keys]:
    """The keys of the tables of all cases, which are loaded together."""
    cases = [*(files for files, _ in REFERRING.values()), *NOT_REFERRING.values()]
    with Workspace.temporary(Settings()) as workspace:
        load(workspace, {name: text for files in cases for name, text in files.items()})
        yield keys_of(workspace)


@pytest.mark.parametrize("case", REFERRING)
def test_what_refers_to_a_key_is_found(keys: Keys, case: str) -> None:
    files, expected = REFERRING[case]
    assert {said(one) for one in keys.foreign if one.left_table in files} == expected


@pytest.mark.parametrize("case", NOT_REFERRING)
def test_what_refers_to_nothing_is_left(keys: Keys, case: str) -> None:
    tables = NOT_REFERRING[case].keys()
    assert [said(one) for one in keys.foreign if {one.left_table, one.right_table} & tables] == []


PRIMARY = {
    "called id": (rows("name,id", "abc", [3, 1, 2]), ("id",)),
    "called after the table": (rows("city_id,thing_id", [5, 6, 7], [1, 2, 3]), ("thing_id",)),
    "a code in the first column": (rows("tax_code,name", "abc", "def"), ("tax_code",)),
    "the first column": (rows("title,age", "abc", [1, 2, 3]), ("title",)),
    "two columns together": (rows("man_no,dog_no", [1, 1, 2], [1, 2, 2]), ("man_no", "dog_no")),
    "three columns together": (
        rows("a_no,b_no,c_no", [1, 1, 1, 2], [1, 1, 2, 1], [1, 2, 1, 1]),
        ("a_no", "b_no", "c_no"),
    ),
    "none: a gap in one of two": (rows("man_no,dog_no", [1, 1, ""], [1, 2, 2]), None),
    "none: a number that happens not to repeat": (rows("title,seat_no", "aab", [1, 2, 3]), None),
    "none: values repeat": (rows("title,age", "aab", [1, 2, 3]), None),
    "none: a gap": (rows("id,age", [1, "", 3], [1, 1, 3]), None),
}


@pytest.mark.parametrize("case", PRIMARY)
def test_the_primary_key(workspace: Workspace, case: str) -> None:
    text, expected = PRIMARY[case]
    load(workspace, {"things": text})
    assert keys_of(workspace).primary.get("things") == expected


ORDERS = {"orders": rows("id,customer_id", [1, 2, 3], [7, 7, 9]), "customers": rows("id", [7, 8, 9])}
JOIN = Join("orders", "customer_id", "customers", "id")


def test_what_a_person_dropped_is_not_a_key(workspace: Workspace) -> None:
    load(workspace, ORDERS)
    assert keys_of(workspace).foreign == (JOIN,)
    workspace.drop_join(Join("customers", "id", "orders", "customer_id"))
    assert keys_of(workspace).foreign == ()


def test_what_a_person_confirmed_comes_first(workspace: Workspace) -> None:
    load(workspace, ORDERS)
    other = Join("orders", "measured", "customers", "measured")
    workspace.confirm_join(other)
    assert [said(one) for one in keys_of(workspace).foreign] == [said(other), said(JOIN)]


def test_keys_are_looked_for_once(workspace: Workspace) -> None:
    load(workspace, ORDERS)
    assert len(list(finding_keys(workspace))) > 0
    assert list(finding_keys(workspace)) == []
    workspace.rename_column("orders", "customer_id", "buyer_id")
    assert keys_of(workspace).foreign == ()


def test_closing_the_steps_stops_the_query(workspace: Workspace) -> None:
    load(workspace, ORDERS)
    steps = finding_keys(workspace)
    assert "keys" in next(steps)
    steps.close()
    assert keys_of(workspace).foreign == (JOIN,)


def test_nothing_to_look_at(workspace: Workspace) -> None:
    assert keys_of(workspace) == Keys()
    load(workspace, {"empty": "id,name\n"})
    assert keys_of(workspace) == Keys()
