"""Bayan on Spark Connect, end to end, with Sail in Spark's place: pages, command line, shared tables, checks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from lib.asking.answer import Answer
from lib.asking.ask import with_findings
from lib.asking.checkable import in_duckdb
from lib.board import evidence
from lib.chat.turns import AskTurn
from lib.data.loading import Source
from lib.data.table import SharedTable
from lib.data.workspace import Workspace
from lib.errors import QueryRefused, QueryTooBig, SettingError
from lib.export.report_sql import to_sql
from lib.llm.scripted import ScriptedUpstream
from lib.llm.scripted import answer as scripted_answer
from lib.settings import PROJECT, SETTINGS, Settings, load
from tests.command import bayan
from tests.connect import Server, sail
from tests.spark_honest import HONEST

SALES = "region,month,amount\n" + "".join(
    f"{region},2024-{month:02}-01,{100 * place + month}\n"
    for place, region in enumerate(["North", "South", "East", "West"], 1)
    for month in range(1, 13)
)
BY_REGION = "SELECT region, sum(amount) AS `total amount` FROM sales GROUP BY region ORDER BY region"
TOTALS = [["East", 3678], ["North", 1278], ["South", 2478], ["West", 4878]]


@pytest.fixture(scope="module", name="server")
def _server() -> Iterator[Server]:
    with sail() as running:
        yield running


@pytest.fixture(scope="module", name="settings")
def _settings(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("store")
    duckdb.sql(f"""COPY (SELECT i AS id, 'n' || (i % 5) AS name, DATE '2024-01-01' + (i % 300)::INTEGER AS day,
        (i % 7)::DECIMAL(10,2) AS price, repeat('é', i) AS note FROM range(3000) r(i))
        TO '{folder}/orders.parquet' (FORMAT parquet)""")
    tables = f"orders={folder}/*.parquet, gone={folder}/nothing.parquet"
    return load({"ENGINE_URL": server.url, "ENGINE_TABLES": tables}, Path("none"))


@pytest.fixture(scope="module", name="space")
def _space(settings: Settings) -> Iterator[Workspace]:
    with Workspace.temporary(settings) as space:
        with space.add([Source("people.csv", b"name,age\nn1,10\nn2,20\nn9,\n")]) as loading:
            assert loading.wait(60)
        yield space


def test_shared_tables_stand_beside_the_own_ones(space: Workspace) -> None:
    people, orders = space.tables
    assert (people.name, orders.name, orders.rows) == ("people", "orders", 3000)
    assert isinstance(orders, SharedTable)
    assert [(one.name, one.type) for one in orders.columns][:4] == [
        ("id", "BIGINT"), ("name", "VARCHAR"), ("day", "DATE"), ("price", "DECIMAL(10,2)"),
    ]  # fmt: skip
    assert orders.columns[1].examples == ("n0", "n1", "n2", "n3", "n4")
    assert [one.name for one in space.own_tables] == ["people"]
    assert space.notices == ("The engine cannot read gone: look at ENGINE_TABLES.",)


def test_own_and_shared_tables_are_joined_by_the_engine(space: Workspace) -> None:
    result = space.run("""SELECT p.name, max(p.age) AS age, count(*) AS n FROM orders AS o
        JOIN people AS p ON p.name = o.name GROUP BY p.name ORDER BY p.name""")
    assert result.rows() == [["n1", 10, 600], ["n2", 20, 600]]
    assert (space.dialect, space.engine.startswith("Spark ")) == ("spark", True)


PREVIEW = (
    'SELECT "id", CASE WHEN length("note") > 3 THEN left("note", 3) || \'…\' ELSE "note" END AS "note" FROM "orders"'
    " LIMIT 6"
)


@pytest.mark.parametrize("sql", [PREVIEW, 'SELECT * FROM "orders" LIMIT 2', 'SELECT count(*) AS n FROM "orders"'])
def test_what_bayan_asks_of_shared_tables_gives_what_it_gives_on_duckdb(
    space: Workspace, settings: Settings, sql: str
) -> None:
    with closing(duckdb.connect()) as here:
        here.execute(f"CREATE VIEW orders AS FROM '{settings.engine_sources['orders']}'")
        expected = [list(one) for one in here.execute(sql).fetchall()]
    result = space.run(sql, own=True)
    assert [list(one.values()) for one in result.table.to_pylist()] == expected


@pytest.mark.parametrize(
    "sql",
    [
        'SELECT median("id") FROM "orders"',
        'SELECT "id"::INTEGER FROM "orders"',
        'SELECT * FROM "people" CROSS JOIN "orders"',
        'SELECT * FROM "orders" WHERE rowid = 1',
    ],
)
def test_what_the_engines_may_understand_differently_is_not_asked_of_shared_tables(space: Workspace, sql: str) -> None:
    with pytest.raises(QueryRefused, match="reads itself"):
        space.run(sql, own=True)


def test_what_bayan_asks_of_own_tables_is_asked_of_duckdb(space: Workspace) -> None:
    assert space.run("SELECT quantile_cont(age, 0.5)::DOUBLE AS m FROM people", own=True).rows() == [[15.0]]


def test_a_table_that_is_too_large_to_be_sent_says_where_it_belongs(server: Server) -> None:
    with Workspace.temporary(Settings(engine_url=server.url, engine_upload_mb=1)) as space:
        with space.add([Source("long.csv", b"text\n" + (b"x" * 1000 + b"\n") * 3000)]) as loading:
            assert loading.wait(60)
        with pytest.raises(QueryTooBig, match="more than the 1 MB that are sent to the engine") as caught:
            space.run("SELECT count(*) AS n FROM long")
        assert "ENGINE_TABLES" in caught.value.hint


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"ENGINE_URL": "http://x:1/;token=geheim"}, "ENGINE_URL is no address"),
        ({"ENGINE_TABLES": "orders=s3://b/o.parquet"}, "needs an engine"),
        ({"ENGINE_URL": "sc://x:1", "ENGINE_TABLES": "orders"}, "cannot be read"),
        ({"ENGINE_URL": "sc://x:1", "ENGINE_TABLES": "a b=s3://b/x"}, "cannot be read"),
        ({"ENGINE_URL": "sc://x:1", "ENGINE_TABLES": "o=c.s.t; DROP TABLE x"}, "cannot be read"),
        ({"ENGINE_URL": "sc://x:1", "ENGINE_TABLES": "o=c.t, O=c.u"}, "names O twice"),
    ],
)
def test_settings_that_cannot_be_used_say_so_without_the_secret(environment: dict[str, str], says: str) -> None:
    with pytest.raises(SettingError, match=says) as caught:
        load(environment, Path("none"))
    assert "geheim" not in str(caught.value)


def test_the_engines_address_and_its_token_are_in_no_description_of_the_settings() -> None:
    given = load({"ENGINE_URL": "sc://x:1/;token=geheim", "ENGINE_TABLES": "o=s3://inner/o.parquet"}, Path("none"))
    assert "geheim" not in repr(given)
    assert "inner" not in repr(given)


@pytest.mark.parametrize(
    "url", ["sc://127.0.0.1:9/;token=geheim", "sc://127.0.0.1:9/x;token=geheim", "sc://h:1/;session_id=geheim"]
)
def test_a_server_that_is_not_there_is_one_sentence_without_the_secret(url: str, tmp_path: Path) -> None:
    file = tmp_path / "sales.csv"
    file.write_text(SALES)
    done = bayan("run", str(file), "--sql", "SELECT 1", ENGINE_URL=url)
    assert done.returncode == 1
    assert "ENGINE_URL" in done.stderr.splitlines()[-1]
    assert "geheim" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_question_on_the_command_line_is_answered_by_the_engine(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "sales.csv"
    file.write_text(SALES)
    with ScriptedUpstream(otherwise=scripted_answer(f"```sql\n{BY_REGION}\n```")) as upstream:
        done = bayan(
            "ask", str(file), "Total amount by region?", "--json",
            ENGINE_URL=server.url, SQL_PROFILE="direct-spark", LLM_BASE_URL=upstream.base_url,
        )  # fmt: skip
        (asked,) = upstream.posts
    answer = json.loads(done.stdout)
    assert answer["rows"] == TOTALS
    assert [one["name"] for one in answer["columns"]] == ["region", "total amount"]
    assert answer["error"] is None
    assert "You write one Spark query" in asked.body["messages"][0]["content"]
    assert "backticks" in asked.body["messages"][0]["content"]


def test_sql_of_a_profile_that_the_engine_does_not_read_is_not_run(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "sales.csv"
    file.write_text(SALES)
    with ScriptedUpstream(otherwise=scripted_answer("```sql\nSELECT count(*) AS n FROM sales\n```")) as upstream:
        done = bayan(
            "ask", str(file), "How many?", "--json",
            ENGINE_URL=server.url, SQL_PROFILE="direct-duckdb", LLM_BASE_URL=upstream.base_url, MAX_REPAIRS="0",
        )  # fmt: skip
    answer = json.loads(done.stdout)
    assert answer["error"]["code"] == "cannot_translate"
    assert "SQL_PROFILE" in answer["error"]["message"]


@pytest.fixture(name="page")
def _page(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AppTest:
    for one in SETTINGS:
        monkeypatch.delenv(one.name.upper(), raising=False)
    monkeypatch.setenv("BAYAN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ENGINE_URL", settings.engine_url)
    monkeypatch.setenv("ENGINE_TABLES", settings.engine_tables)
    monkeypatch.setenv("SQL_PROFILE", "direct-spark")
    return AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)


def shown(at: AppTest) -> str:
    texts = [one.value for one in (*at.caption, *at.markdown, *at.warning, *at.error)]
    return "\n".join(texts).replace("\\", "")


def test_the_ask_page_shows_rows_chart_and_trust_line_as_ever(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedUpstream(otherwise=scripted_answer(f"```sql\n{BY_REGION}\n```")) as upstream:
        monkeypatch.setenv("LLM_BASE_URL", upstream.base_url)
        page.run()
        page.switch_page("pages/ask.py").run()
        page.file_uploader[0].upload("sales.csv", SALES.encode()).run()
        page.chat_input[0].set_value("Total amount by region?").run()
    assert not page.exception
    assert "The checks found nothing to question." in shown(page)
    (chart,) = page.get("plotly_chart")
    assert {one["type"] for one in json.loads(chart.proto.spec)["data"]} == {"bar"}
    turn: AskTurn = page.session_state["bayan"].thread[0]
    assert turn.answer is not None
    assert turn.answer.result is not None
    assert (turn.answer.dialect, turn.answer.result.rows()) == ("spark", TOTALS)


def test_the_data_page_shows_the_first_rows_of_a_shared_table(page: AppTest) -> None:
    page.run()
    page.switch_page("pages/data.py").run()
    assert not page.exception
    assert "First 1,000 of 3,000 rows" in shown(page)
    assert "The engine reads this table itself" in shown(page)
    assert "cannot read gone" in shown(page)
    assert not [one for one in page.button if one.label in ("Download CSV", "Remove")]


def test_a_query_that_the_checks_cannot_read_says_that_it_was_not_checked(space: Workspace) -> None:
    sql = "SELECT date_format(day, 'yyyy-MM') AS month, count(*) AS n FROM orders GROUP BY 1"
    answer = with_findings(Answer("Orders a month?", sql=sql, result=space.run(sql), dialect="spark"), space)
    assert [one.code for one in answer.findings or ()] == ["not_checked"]


def test_checks_say_that_they_cannot_look_into_a_shared_table(space: Workspace) -> None:
    sql = "SELECT count(*) AS n FROM orders WHERE name = 'nobody'"
    answer = with_findings(Answer("Orders of nobody?", sql=sql, result=space.run(sql), dialect="spark"), space)
    assert "partly_checked" in [one.code for one in answer.findings or ()]


def test_checks_look_into_own_tables_and_offer_no_sql_of_another_dialect(space: Workspace) -> None:
    sql = "SELECT count(*) AS n FROM people WHERE `name` = 'N1'"
    answer = with_findings(Answer("How many N1?", sql=sql, result=space.run(sql), dialect="spark"), space)
    found = answer.findings or ()
    assert "missing_value" in [one.code for one in found]
    assert not any(one.sql for one in found)


def test_an_answer_of_another_engine_is_not_run_again(space: Workspace) -> None:
    with pytest.raises(QueryRefused, match="another engine"):
        evidence.require_dialect("duckdb", space)


def test_a_script_for_duckdbs_shell_leaves_out_the_sql_of_another_engine(space: Workspace) -> None:
    from lib.charts.choose import chosen

    sql = "SELECT count(*) AS n FROM people"
    result = space.run(sql)
    exhibit = evidence.exhibit("How many?", sql, result, chosen("How many?", result), space)
    assert (exhibit.dialect, exhibit.engine.startswith("Spark")) == ("spark", True)
    text = to_sql("Report", [exhibit], 0.0).decode()
    assert "-- SELECT count(*) AS n FROM people" in text
    assert "This is the SQL of another engine: Spark" in text


ALIKE = [name for name, sql in HONEST.items() if in_duckdb(sql, "spark") is not None]


def test_what_the_checks_read_gives_the_same_rows_on_both_engines(server: Server) -> None:
    """Construct by construct: whatever of the honest queries the checks would read, DuckDB answers as Spark does."""
    with Workspace.temporary(Settings(engine_url=server.url)) as space:
        files = [Source("t.csv", b"a,s,d\n1,x,2024-03-17\n2,it's,2024-05-06\n3,x-10%,\n,,2024-06-25\n"),
                 Source("my Table.csv", b"a,x y\n1,7\n3,8\n")]  # fmt: skip
        with space.add(files) as loading:
            assert loading.wait(60)
        space.rename_table("my_table", "my Table")
        assert len(ALIKE) >= 20
        for name in ALIKE:
            asked, own = space.run(HONEST[name]), in_duckdb(HONEST[name], "spark")
            assert own is not None
            assert (name, asked.rows()) == (name, space.run(own, own=True).rows())
