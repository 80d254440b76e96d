"""What of many tables and columns is taken when the model has no room for all: what the question needs."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from itertools import islice

import pytest

from lib.asking.keys import Keys
from lib.asking.likeness import likeness
from lib.asking.link import LeftOut, Linked, link
from lib.asking.values import Match
from lib.data.samples import FOLDER
from lib.data.table import Column, Join, Table


def table(name: str, *columns: str, examples: tuple[str, ...] = ()) -> Table:
    return Table(name, f"{name}.csv", tuple(Column(one, "VARCHAR", one, examples) for one in columns), 3, 3)


def size(tables: Sequence[Table]) -> int:
    """Ten tokens a table and ten a column: easy to count by hand."""
    return sum(10 + 10 * len(one.columns) for one in tables)


def names(linked: Linked) -> dict[str, list[str]]:
    return {one.name: [each.name for each in one.columns] for one in linked.tables}


SHOP = (
    table("customers", "customer_id", "name", "city", "phone"),
    table("orders", "order_id", "customer_id", "day", "shipping_fee"),
    table("order_items", "order_id", "product_id", "quantity"),
    table("products", "product_id", "title", "colour", "price"),
    table("staff", "staff_id", "salary", "hired_on"),
)
KEYS = Keys(
    {
        "customers": ("customer_id",),
        "orders": ("order_id",),
        "order_items": ("order_id", "product_id"),
        "products": ("product_id",),
        "staff": ("staff_id",),
    },
    (
        Join("orders", "customer_id", "customers", "customer_id"),
        Join("order_items", "order_id", "orders", "order_id"),
        Join("order_items", "product_id", "products", "product_id"),
    ),
)


def linked(question: str, budget: int, matches: Sequence[Match] = ()) -> Linked:
    return link(question, SHOP, KEYS, matches, size, budget)


def test_everything_is_kept_where_it_fits() -> None:
    assert linked("salary", size(SHOP)) == Linked(SHOP, KEYS.foreign)


NEEDED = {
    "the table's name": ("How many orders are there?", "orders", "order_id"),
    "a column's name": ("What is the highest salary?", "staff", "salary"),
    "another form of it": ("Which products were priced above 5?", "products", "price"),
    "the plural": ("What are the cities?", "customers", "city"),
    "misspelt": ("the average sallary", "staff", "salary"),
    "a shortened word": ("the qty of each", "order_items", "quantity"),
    "a word of the same meaning": ("What do we pay each employee?", "staff", "salary"),
    "when": ("When was each of the staff hired?", "staff", "hired_on"),
}


@pytest.mark.parametrize("case", NEEDED)
def test_what_the_question_names_is_taken(case: str) -> None:
    question, name, column = NEEDED[case]
    found = linked(question, 70)
    assert column in names(found)[name]
    assert size(found.tables) <= 70


def test_a_value_that_is_named_speaks_for_its_column() -> None:
    question = "Which one is turquoise?"
    match = Match("products", "colour", "turquoise", "turquoise", 1.0, "exact")
    assert "products" not in names(linked(question, 30))
    assert names(linked(question, 30, [match])) == {"products": ["product_id", "colour"]}


def test_rare_words_count_more() -> None:
    tables = [*(table(f"t{number}", "amount", "status") for number in range(20)), table("rare", "levy", "x")]
    assert names(link("amount and status by levy", tables, Keys(), (), size, 20)) == {"rare": ["levy"]}


def test_columns_that_join_the_tables_come_with_them() -> None:
    tables = (table("visits", "visit_no", "seen_by", "day"), table("doctors", "doctor_no", "age", "name"))
    joins = (Join("visits", "seen_by", "doctors", "doctor_no"),)
    found = link("day of the visits and name of the doctors", tables, Keys({}, joins), (), size, 60)
    assert names(found) == {"visits": ["seen_by", "day"], "doctors": ["doctor_no", "name"]}
    assert found.joins == joins


def test_the_keys_of_what_is_taken_come_with_it() -> None:
    found = linked("the phone of customers and the shipping fee of their orders", 70)
    assert names(found) == {
        "customers": ["customer_id", "phone"],
        "orders": ["order_id", "customer_id", "shipping_fee"],
    }
    assert found.joins == (KEYS.foreign[0],)


def test_tables_between_those_that_are_needed_are_taken() -> None:
    found = linked("the city of customers with the colour of products", 150)
    assert {"customers", "orders", "order_items", "products"} <= names(found).keys()
    assert found.joins == KEYS.foreign


def test_what_is_left_out_is_said() -> None:
    found = linked("the phone of customers", 45)
    assert names(found) == {"customers": ["customer_id", "phone"]} or "phone" in names(found)["customers"]
    left = {one.table: one.columns for one in found.left_out}
    assert left == {
        "customers": tuple(one for one in ("name", "city") if one not in names(found)["customers"]),
        "orders": (),
        "order_items": (),
        "products": (),
        "staff": (),
    }
    assert all(one.why.endswith(".") for one in found.left_out)


def test_order_is_that_of_the_tables() -> None:
    found = linked("price and title of products, phone and city of customers", 130)
    assert list(names(found)) == [one.name for one in SHOP if one.name in names(found)]
    for one in found.tables:
        whole = next(each for each in SHOP if each.name == one.name)
        assert list(one.columns) == [each for each in whole.columns if each in one.columns]


def test_without_any_room_one_column_is_taken() -> None:
    found = linked("the phone of customers", 1)
    assert names(found) == {"customers": ["customer_id", "phone"]}


def test_a_question_that_no_name_is_like_takes_what_fits() -> None:
    found = linked("ما هو؟", 60)
    assert 0 < size(found.tables) <= 60


def test_no_tables() -> None:
    assert link("who?", (), Keys(), (), size, 10) == Linked((), ())


def test_labels_count_as_names() -> None:
    odd = Table(
        "t", "t.csv", (Column("c1", "VARCHAR", "Customer name"), Column("c2", "BIGINT", "Annual revenue")), 1, 1
    )
    assert names(link("revenue a year", (odd, *SHOP), Keys(), (), size, 20)) == {"t": ["c2"]}


ALIKE = {
    "equal": ("city", "city", 1.0),
    "plural": ("cities", "city", 0.95),
    "another form": ("assigned", "assignment", 0.8),
    "initials": ("gross domestic product", "gdp", 0.8),
    "unlike": ("city", "salary", 0.0),
    "function words": ("the", "the", 0.0),
}


@pytest.mark.parametrize("case", ALIKE)
def test_likeness(case: str) -> None:
    question, name, expected = ALIKE[case]
    assert likeness(question.split(), [name]).max() == pytest.approx(expected)


# --- many tables, many columns -------------------------------------------------------------------------------------

SAMPLE_FILES = (
    "flights/flights", "flights/airlines", "flights/airports", "flights/planes", "world/countries", "world/cities",
    "penguins/penguins", "weather/seattle_weather",
)  # fmt: skip

SAMPLE_KEYS = (
    Join("flights", "carrier", "airlines", "carrier"),
    Join("flights", "dest", "airports", "faa"),
    Join("flights", "tailnum", "planes", "tailnum"),
    Join("cities", "country_code", "countries", "iso"),
)

QUESTIONS = {
    "Which airline has the highest average departure delay? Show the airline's name.": {
        "flights": {"carrier", "dep_delay"}, "airlines": {"carrier", "name"},
    },
    "What are the ten most frequent destinations, with the airport's name?": {
        "flights": {"dest"}, "airports": {"faa", "name"},
    },
    "Which manufacturer built the planes with the most seats?": {"planes": {"manufacturer", "seats"}},
    "How many flights flew a distance over 1000 miles?": {"flights": {"distance"}},
    "What is the altitude of each airport?": {"airports": {"alt"}},
    "What is the total population of each continent?": {"countries": {"population", "continent"}},
    "What is the average body mass of each species?": {"penguins": {"body_mass_g", "species"}},
    "How does flipper length relate to bill depth on each island?": {
        "penguins": {"flipper_length_mm", "bill_depth_mm", "island"},
    },
    "How much precipitation fell on the windiest day?": {"seattle_weather": {"precipitation", "wind", "date"}},
    "Which were the days with the highest maximum temperature?": {"seattle_weather": {"date", "temp_max"}},
}  # fmt: skip

_TOPICS = """invoice shipment patient ward recipe ingredient match referee tenant lease parcel depot lecture exam
library loan ticket venue album track sensor reading vineyard harvest donor grant claim policy crew vessel menu dish
hotel booking planet mission warehouse pallet student mentor statute verdict turbine outage battery charge
museum exhibit""".split()
_ASPECTS = """code label status amount reference priority owner remark version colour grade channel source batch region
contact level rating period method currency limit share target margin phase class unit volume ratio""".split()


def samples() -> list[Table]:
    """The sample data's tables as their headers and first rows tell."""
    found = []
    for one in SAMPLE_FILES:
        with (FOLDER / f"{one}.csv").open(encoding="utf-8", newline="") as file:
            head, *rows = islice(csv.reader(file), 3)
        examples = zip(*rows, strict=True)
        columns = tuple(Column(name, "VARCHAR", name, its) for name, its in zip(head, examples, strict=True))
        found.append(Table(one.rpartition("/")[2], f"{one}.csv", columns, 3, 3))
    return found


def made_up(number: int, rng: random.Random) -> Table:
    topic, other = rng.sample(_TOPICS, 2)
    aspects = rng.sample(_ASPECTS, 7)
    columns = [f"{topic}_id", f"{other}_id", *(f"{rng.choice((topic, other))}_{one}" for one in aspects)]
    return table(f"{topic}_{other}_{number}", *columns, examples=("a value", "another value"))


def characters(tables: Sequence[Table]) -> int:
    """Tokens as the prompt takes them, about: four characters each."""
    lines = [f"    {c.name} text, -- {c.label}, example: {list(c.examples[:2])}" for t in tables for c in t.columns]
    return sum(len(one) for one in (*lines, *(f"CREATE TABLE {t.name} ();" for t in tables))) // 4


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_tables_needed_among_two_hundred(question: str) -> None:
    rng = random.Random(question)
    tables = [*samples(), *(made_up(number, rng) for number in range(192))]
    rng.shuffle(tables)
    calls = 0

    def counted(some: Sequence[Table]) -> int:
        nonlocal calls
        calls += 1
        return characters(some)

    found = link(question, tables, Keys({}, SAMPLE_KEYS), (), counted, 3_500)
    assert all(columns <= set(names(found).get(name, ())) for name, columns in QUESTIONS[question].items())
    assert 2_500 < characters(found.tables) <= 3_500
    assert calls < 25


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_columns_needed_among_four_hundred(question: str) -> None:
    rng = random.Random(question)
    tables = samples()
    needed = next(iter(QUESTIONS[question]))
    place = next(number for number, one in enumerate(tables) if one.name == needed)
    more = [column for number in range(60) for column in made_up(number, rng).columns]
    columns = {one.name: one for one in (*more, *tables[place].columns)}
    wide = rng.sample(sorted(columns), len(columns))
    kept = [one for one in wide if one not in {each.name for each in tables[place].columns}][:380]
    names_of_all = [one for one in wide if one in kept or one in {each.name for each in tables[place].columns}]
    tables[place] = Table(needed, "wide.csv", tuple(columns[one] for one in names_of_all), 3, 3)
    found = link(question, tables, Keys({}, SAMPLE_KEYS), (), characters, 3_500)
    assert all(columns <= set(names(found).get(name, ())) for name, columns in QUESTIONS[question].items())
    assert characters(found.tables) <= 3_500
    assert all(isinstance(one, LeftOut) for one in found.left_out)
