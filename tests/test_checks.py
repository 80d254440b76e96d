"""The checks: what they find in wrong answers over the sample data, and that they let right answers be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from lib.asking.checks import SEVERITIES, Finding, check
from lib.data.loading import Source
from lib.data.samples import samples
from lib.data.table import Join, Table
from lib.data.workspace import Workspace
from lib.engine.result import Column, Result
from lib.errors import QueryFailed, QueryTimeout
from lib.settings import Settings
from tests.honest import HONEST
from tests.right_answers import RIGHT
from tests.wrong_answers import WRONG

LEAST_CAUGHT, MOST_FALSE = 0.8, 0.05


@dataclass(frozen=True)
class Data:
    """Tables, and the same rows in this process: a query of the locked engine would take a process each."""

    tables: Sequence[Table]
    connection: duckdb.DuckDBPyConnection

    def run(self, sql: str) -> Result:
        try:
            found = self.connection.sql(sql)
            table = found.to_arrow_table()
        except duckdb.Error as e:
            raise QueryFailed(str(e), sql=sql) from e
        columns = tuple(Column(name, str(kind)) for name, kind in zip(found.columns, found.types, strict=True))
        return Result(columns, table, False, table.num_rows, 0.0)

    def check(self, question: str, sql: str, joins: Sequence[Join] = ()) -> tuple[Finding, ...]:
        return check(question, sql, self.run(sql), self.tables, joins, self.run)

    def codes(self, question: str, sql: str, joins: Sequence[Join] = ()) -> list[str]:
        return [one.code for one in self.check(question, sql, joins)]


def load(workspace: Workspace, sources: Sequence[Source], folder: Path) -> Data:
    with workspace.add(sources) as loading:
        assert loading.wait(120)
        assert loading.errors == ()
    connection = duckdb.connect(config={"threads": 2})
    for table in workspace.tables:
        file = folder / f"{table.name}.parquet"
        workspace.export(table.name, "parquet", file)
        connection.execute(f"CREATE TABLE \"{table.name}\" AS FROM '{file}'")
    return Data(workspace.tables, connection)


@pytest.fixture(name="workspace", scope="module")
def _workspace() -> Iterator[Workspace]:
    with Workspace.temporary(Settings()) as workspace:
        yield workspace


@pytest.fixture(name="data", scope="module")
def _data(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Data:
    files = [file for sample in samples() for file in sample.files]
    return load(workspace, [Source(one.name, one.read_bytes()) for one in files], tmp_path_factory.mktemp("parquet"))


def test_wrong_answers_are_caught(data: Data) -> None:
    missed = [(code, sql) for code, question, sql in WRONG if code not in data.codes(question, sql)]
    assert len(WRONG) >= 60
    assert len(missed) <= (1 - LEAST_CAUGHT) * len(WRONG), missed


def test_right_answers_are_let_be(data: Data) -> None:
    alarms = [(question, found) for question, sql in RIGHT if (found := data.codes(question, sql))]
    assert len(RIGHT) >= 60
    assert len(alarms) <= MOST_FALSE * len(RIGHT), alarms


# One of each kind, whatever the shares above are.
ONE_OF_EACH = {code: (question, sql) for code, question, sql in reversed(WRONG)}


@pytest.mark.parametrize("code", ONE_OF_EACH)
def test_each_kind_of_fault_is_named(data: Data, code: str) -> None:
    question, sql = ONE_OF_EACH[code]
    found = next(one for one in data.check(question, sql) if one.code == code)
    assert found.severity in SEVERITIES
    assert found.message.endswith(".")
    assert "\n" not in found.message


REMEDIES = {
    "the nearest value": (
        "How many penguins live on Torgerson?",
        "SELECT COUNT(*) FROM penguins WHERE island = 'Torgerson'",
        "SELECT COUNT(*) FROM penguins WHERE island = 'Torgersen'",
    ),
    "the nearest value of a pattern": (
        "How many planes did Airbus Industries build?",
        "SELECT COUNT(*) FROM planes WHERE manufacturer LIKE 'Airbus Industrie%'",
        "SELECT COUNT(*) FROM planes WHERE manufacturer LIKE 'AIRBUS INDUSTRIE%'",
    ),
    "the nearest value under functions": (
        "How many airlines are called Delta Airlines?",
        "SELECT COUNT(*) FROM airlines WHERE LOWER(name) = LOWER('Delta Airlines')",
        "SELECT COUNT(*) FROM airlines WHERE LOWER(name) = LOWER('Delta Air Lines Inc.')",
    ),
    "the same in other letters, before what is longer": (
        "What is the capital of Guinea?",
        "SELECT capital FROM countries WHERE country = 'guinea'",
        "SELECT capital FROM countries WHERE country = 'Guinea'",
    ),
    "one letter for a word": (
        "Female penguins",
        "SELECT COUNT(*) FROM penguins WHERE sex = 'F'",
        "SELECT COUNT(*) FROM penguins WHERE sex = 'female'",
    ),
    "another column has the value": (
        "What is the capital of Kenya?",
        "SELECT capital FROM countries WHERE iso = 'Kenya'",
        "SELECT capital FROM countries WHERE \"country\" = 'Kenya'",
    ),
    "a condition too many": (
        "Gentoo penguins of Torgersen",
        "SELECT COUNT(*) FROM penguins WHERE species = 'Gentoo' AND island = 'Torgersen'",
        "SELECT COUNT(*) FROM penguins WHERE species = 'Gentoo'",
    ),
    "NULL": (
        "Penguins without a sex",
        "SELECT COUNT(*) FROM penguins WHERE sex = NULL",
        "SELECT COUNT(*) FROM penguins WHERE sex IS NULL",
    ),
    "different ones": (
        "How many different destinations are there?",
        "SELECT COUNT(dest) FROM flights",
        "SELECT COUNT(DISTINCT dest) FROM flights",
    ),
}


@pytest.mark.parametrize("case", REMEDIES)
def test_a_remedy_is_the_whole_query_with_it(data: Data, case: str) -> None:
    question, sql, mended = REMEDIES[case]
    assert mended in [one.sql for one in data.check(question, sql)]
    assert data.run(mended).rows() != data.run(sql).rows()


FIGURES = {
    "rows that a join leaves out": (
        "How many flights had which engine?",
        "SELECT engine, COUNT(*) FROM flights JOIN planes USING (tailnum) GROUP BY engine",
        "1,000 of 6,192 rows of flights (16%)",
    ),
    "missing cells": ("Average speed of planes", "SELECT AVG(speed) FROM planes", "1,736 of 1,740 rows have no speed"),
    "the days that the data has": (
        "Flights in 2012",
        "SELECT COUNT(*) FROM flights WHERE YEAR(date) = 2012",
        "date goes from 2013-07-01 to 2013-07-07",
    ),
    "how often rows are repeated": (
        "Total population of countries with cities",
        "SELECT SUM(c.population) FROM countries c JOIN cities t ON t.country_code = c.iso",
        "rows of countries, about 36.3 times each",
    ),
    "which condition emptied it": (
        "Snow above 20 degrees",
        "SELECT * FROM seattle_weather WHERE weather = 'snow' AND temp_max > 20",
        "without weather = 'snow' there would be 461 rows",
    ),
    "another table has the value": (
        "Cities in Germany",
        "SELECT COUNT(*) FROM cities WHERE country_code = 'Germany'",
        "countries.country has it",
    ),
}


@pytest.mark.parametrize("case", FIGURES)
def test_the_sentence_has_the_figures(data: Data, case: str) -> None:
    question, sql, part = FIGURES[case]
    assert part in " ".join(one.message for one in data.check(question, sql))


SMALL = {
    "sales.csv": "sale_id,region,price,currency,weight,day\n"
    + "".join(
        f"{n},{['north', 'North', 'south '][n % 3]},{n}.5,{['EUR', 'USD'][n % 2]},{n} {['kg', 'lb'][n % 2]},day {n}\n"
        for n in range(1, 31)
    ),
    "shop.csv": "product,units,revenue\n" + "".join(f"tea,{n},{n}.5\n" for n in range(1, 31)),
    "readings.csv": "station_no,value,height\n" + "".join(f"{n},{n if n % 4 else 'n/k'},{n}m\n" for n in range(1, 31)),
}
OVER_SMALL = {
    "several spellings": ("value_variants", "Sales in the north", "SELECT COUNT(*) FROM sales WHERE region = 'north'"),
    "several currencies": ("mixed_types", "What is the total price?", "SELECT SUM(price) FROM sales"),
    "several units": ("mixed_types", "Which sale is heaviest?", "SELECT sale_id FROM sales ORDER BY weight DESC"),
    "cells that are no numbers": (
        "mixed_types",
        "Average value",
        "SELECT AVG(TRY_CAST(value AS DOUBLE)) FROM readings",
    ),
    "a comparison the other way round": (
        "wrong_comparison",
        "How many sales were over 20?",
        "SELECT COUNT(*) FROM sales WHERE price < 20",
    ),
    "a column that a person joined on": (
        "added_identifier",
        "Total of the stations",
        "SELECT SUM(station_no) FROM readings",
    ),
}


@pytest.fixture(name="small", scope="module")
def _small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Data]:
    with Workspace.temporary(Settings()) as workspace:
        sources = [Source(name, text.encode()) for name, text in SMALL.items()]
        yield load(workspace, sources, tmp_path_factory.mktemp("small"))


@pytest.mark.parametrize("case", OVER_SMALL)
def test_faults_that_the_sample_data_does_not_have(small: Data, case: str) -> None:
    code, question, sql = OVER_SMALL[case]
    joins = [Join("readings", "station_no", "stations", "id", confirmed=True)]
    assert code in small.codes(question, sql, joins)


def test_units_apart_may_be_added_up(small: Data) -> None:
    sql = "SELECT currency, SUM(price) FROM sales GROUP BY currency"
    assert small.codes("What is the total price in each currency?", sql) == []


def test_numbers_of_units_sold_are_no_kinds_of_units(small: Data) -> None:
    sql = "SELECT product, SUM(revenue) AS revenue FROM shop GROUP BY product"
    assert small.codes("What is the revenue of each product?", sql) == []


UNREADABLE = {
    "no SQL": "How are you?",
    "half a query": "SELECT (",
    "a command": "SHOW TABLES",
    "two statements": "SELECT 1; SELECT 2",
    "deeply nested": "SELECT " + "(" * 2_000 + "1" + ")" * 2_000,
    "very long": "SELECT " + "1 + " * 20_000 + "1",
    "nothing": "",
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_sql_that_cannot_be_read_is_not_judged(data: Data, case: str) -> None:
    assert check("How many?", UNREADABLE[case], data.run("SELECT 'x' AS x"), data.tables, (), data.run) == ()


def test_no_query_of_an_analyst_raises() -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t (a INTEGER, s VARCHAR, d DATE)")
    connection.execute('CREATE TABLE "فروش" ("مبلغ" INTEGER)')
    data = Data((), connection)
    for sql in HONEST.values():
        assert isinstance(check("How many in 2024?", sql, data.run("SELECT 1"), data.tables, (), data.run), tuple)


def test_one_query_is_enough_and_three_are_the_most(data: Data) -> None:
    ran: list[str] = []

    def failing(sql: str) -> Result:
        ran.append(sql)
        raise QueryFailed("no", sql=sql)

    def counting(sql: str) -> Result:
        ran.append(sql)
        return data.run(sql)

    question, sql = "Gentoo on Torgerson?", "SELECT COUNT(*) FROM penguins WHERE island = 'Torgerson' AND year = 2010"
    result = data.run(sql)
    assert check(question, sql, result, data.tables, (), counting)
    assert len(ran) == 1
    ran.clear()
    assert [one.code for one in check(question, sql, result, data.tables, (), failing)] == []
    assert 1 < len(ran) <= 3


def test_one_figure_that_fails_does_not_silence_the_others(data: Data) -> None:
    def without_flows(sql: str) -> Result:
        if "FROM penguins" in sql:  # the query's own rows; tables are asked by their quoted name
            raise QueryFailed("no", sql=sql)
        return data.run(sql)

    sql = "SELECT AVG(body_mass_g) FROM penguins WHERE island = 'Torgerson'"
    found = check("Average mass on Torgerson", sql, data.run(sql), data.tables, (), without_flows)
    assert [one.code for one in found] == ["missing_value"]


def test_a_query_that_takes_too_long_is_not_asked_in_another_way(data: Data) -> None:
    ran: list[str] = []

    def slow(sql: str) -> Result:
        ran.append(sql)
        raise QueryTimeout("too long", sql=sql)

    sql = "SELECT COUNT(*) FROM penguins WHERE island = 'Torgerson'"
    assert check("How many on Torgerson?", sql, data.run(sql), data.tables, (), slow) == ()
    assert len(ran) == 1


def test_the_worst_comes_first(data: Data) -> None:
    sql = (
        "SELECT p.manufacturer, SUM(f.distance), AVG(p.speed) FROM flights f JOIN planes p USING (tailnum)"
        " WHERE f.origin = 'JKF' OR f.origin = 'LGA' GROUP BY 1"
    )
    severities = [one.severity for one in data.check("Distance and speed in 2012", sql)]
    assert len(set(severities)) > 1
    assert severities == sorted(severities, key=SEVERITIES.index)


def test_values_are_cut(data: Data) -> None:
    sql = f"SELECT COUNT(*) FROM penguins WHERE island = '{'x' * 500}'"
    (found,) = data.check("How many?", sql)
    assert len(found.message) < 200


def test_in_the_locked_engine(workspace: Workspace, data: Data) -> None:
    sql = (
        "SELECT p.name, COUNT(*) AS n FROM flights f JOIN airports p ON f.dest = p.faa WHERE f.origin ="
        " 'JKF' GROUP BY 1"
    )
    found = check("Flights of JFK", sql, workspace.run(sql), workspace.tables, workspace.joins, workspace.run)
    assert [one.code for one in found if one.severity == "problem"] == ["missing_value"]
