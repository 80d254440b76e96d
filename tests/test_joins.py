"""Likely joins: suggested by names, decided by values."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lib.data.joins import MOST_PAIRS, MOST_VALUES, LikelyJoin, finding, likely_joins
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


def column(name: str, *values: object, beside: str = "note") -> str:
    """A CSV with the column and one beside it that nothing joins on."""
    return f"{name},{beside}\n" + "".join(f"{value},{number}.5\n" for number, value in enumerate(values))


def said(found: LikelyJoin) -> str:
    join = found.join
    return f"{join.left_table}.{join.left_column} > {join.right_table}.{join.right_column}"


LIKELY = {
    "the other table's name and its id": (
        {"orders": column("customer_id", 1, 1, 2, 3), "customers": column("id", 1, 2, 3, 4)},
        "orders.customer_id > customers.id",
    ),
    "the other way round": (
        {"doctors": column("id", 1, 2, 3, 4), "visits": column("doctor_id", 1, 1, 2, 3)},
        "visits.doctor_id > doctors.id",
    ),
    "the same name": (
        {"loans": column("book_no", 1, 1, 2), "shelf": column("book_no", 1, 2, 3)},
        "loans.book_no > shelf.book_no",
    ),
    "another style of writing": (
        {"calls": column("AgentID", 1, 1, 2), "staff": column("agent id", 1, 2, 3)},
        "calls.AgentID > staff.agent id",
    ),
    "a plural in -ies": (
        {"cities": column("country_code", "DE", "DE", "FR"), "countries": column("code", "DE", "FR", "IT")},
        "cities.country_code > countries.code",
    ),
    "a plural in -es": (
        {"trips": column("bus_id", 1, 1, 2), "buses": column("id", 1, 2, 3)},
        "trips.bus_id > buses.id",
    ),
    "a role before it": (
        {"flights": column("origin_airport_id", 1, 1, 2), "airports": column("id", 1, 2, 3)},
        "flights.origin_airport_id > airports.id",
    ),
    "the table's name alone": (
        {"games": column("team", 1, 1, 2), "teams": column("id", 1, 2, 3)},
        "games.team > teams.id",
    ),
    "keys with a decimal point": (
        {"meals": column("guest_no", 1, 1, 2), "diners": column("guest_no", "1.0", "2.0", "3.5")},
        "meals.guest_no > diners.guest_no",
    ),
    "another script": (
        {"الطلبات": column("رقم_العميل", 1, 1, 2), "العملاء": column("رقم_العميل", 1, 2, 3)},
        "الطلبات.رقم_العميل > العملاء.رقم_العميل",
    ),
    "a name with quotes": (
        {"a": column('"the ""key"""', "x", "x", "y"), "b": column('"the ""key"""', "x", "y", "z")},
        'a.the "key" > b.the "key"',
    ),
    "columns that are called rowid": (
        {"pages": column("site_id", 1, 1, 2, beside="rowid"), "sites": column("id", 1, 2, 3, beside="rowid")},
        "pages.site_id > sites.id",
    ),
}

UNLIKELY = {
    "values that do not match": {"rents": column("flat_id", 1, 2), "flats": column("id", 70, 80, 90)},
    "fewer than half match": {"bills": column("payer_id", 1, 7, 8), "payers": column("id", 1, 2, 3)},
    "the numbers of two lists": {"first": column("id", 1, 2, 3), "second": column("id", 1, 2, 3)},
    "text and numbers": {"seats": column("hall_id", "a", "b"), "halls": column("id", 1, 2)},
    "measurements": {"asked": column("price", 1.5, 2.5), "paid": column("price", 1.5, 2.5)},
    "numbers that repeat on both sides": {"men": column("age", 1, 1, 2), "women": column("age", 1, 2, 2)},
    "no rows": {"empty": "crew_id,x\n", "crews": column("id", 1, 2)},
    "nothing but missing": {"hollow": column("ship_id", "", ""), "ships": column("id", 1, 2)},
}


@pytest.fixture(name="found", scope="module")
def _found() -> Iterator[tuple[LikelyJoin, ...]]:
    """The likely joins between the tables of all cases, which are loaded together."""
    cases = [*(files for files, _ in LIKELY.values()), *UNLIKELY.values()]
    with Workspace.temporary(Settings()) as workspace:
        load(workspace, {name: text for files in cases for name, text in files.items()})
        yield likely_joins(workspace)


@pytest.mark.parametrize("case", LIKELY)
def test_a_likely_join_is_found(found: tuple[LikelyJoin, ...], case: str) -> None:
    files, expected = LIKELY[case]
    assert [said(one) for one in found if one.join.left_table in files] == [expected]


@pytest.mark.parametrize("case", UNLIKELY)
def test_an_unlikely_join_is_not_offered(found: tuple[LikelyJoin, ...], case: str) -> None:
    assert [said(one) for one in found if {one.join.left_table, one.join.right_table} & UNLIKELY[case].keys()] == []


ORDERS = column("customer_id", 1, 1, 2, 3)


def test_one_table_joins_with_nothing(workspace: Workspace) -> None:
    load(workspace, {"orders": ORDERS})
    assert likely_joins(workspace) == ()


def test_the_share_and_whether_the_right_repeats(workspace: Workspace) -> None:
    ids = [*range(1, 50), 1000]
    load(workspace, {"orders": column("customer_id", *ids, 1), "customers": column("id", *range(100))})
    (found,) = likely_joins(workspace)
    assert (found.share, found.looked_at, found.sampled, found.right_is_unique) == (0.98, 50, False, True)


def test_a_key_that_repeats_on_both_sides_is_offered_as_such(workspace: Workspace) -> None:
    load(workspace, {"a": column("customer_id", 1, 1, 2), "b": column("customer_id", 1, 2, 2)})
    (found,) = likely_joins(workspace)
    assert not found.right_is_unique


def test_the_side_that_does_not_repeat_is_the_right_one(workspace: Workspace) -> None:
    load(workspace, {"one": column("sku", "a", "b", "c"), "many": column("sku", "a", "a", "b")})
    (found,) = likely_joins(workspace)
    assert said(found) == "many.sku > one.sku"


def test_what_was_judged_is_not_offered_again_in_either_direction(workspace: Workspace) -> None:
    load(workspace, {"orders": ORDERS, "customers": column("id", 1, 2, 3, 4)})
    assert likely_joins(workspace, [Join("orders", "customer_id", "customers", "id", confirmed=True)]) == ()
    assert likely_joins(workspace, [Join("customers", "id", "orders", "customer_id")]) == ()


def test_many_values_are_sampled(workspace: Workspace) -> None:
    values = range(MOST_VALUES * 2)
    load(workspace, {"orders": column("customer_id", *values), "customers": column("id", *values)})
    (found,) = likely_joins(workspace)
    assert (found.share, found.looked_at, found.sampled, found.right_is_unique) == (1.0, MOST_VALUES, True, True)


def test_many_tables_do_not_explode(workspace: Workspace) -> None:
    load(workspace, {f"t{number}": column("customer_id", 1, 2, number) for number in range(20)})
    steps = list(finding(workspace))
    assert all(f"of {MOST_PAIRS} pairs" in one for one in steps)
    assert 0 < len(likely_joins(workspace)) <= MOST_PAIRS


def test_closing_the_steps_stops_the_query(workspace: Workspace) -> None:
    load(workspace, {"orders": ORDERS, "customers": column("id", 1, 2, 3, 4)})
    steps = finding(workspace)
    assert "pairs" in next(steps)
    steps.close()
    assert len(likely_joins(workspace)) == 1
