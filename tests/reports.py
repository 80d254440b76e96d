"""Ten answers over the sample data, as many kinds as there are, and one whose every text means harm."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lib.asking.checks.finding import Finding
from lib.board.evidence import exhibit
from lib.board.exhibit import Exhibit
from lib.charts.choose import choose
from lib.charts.spec import Spec
from lib.data.workspace import Source, Workspace
from lib.settings import PROJECT, Settings

HOSTILE = (
    "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    "<a href='javascript:document.title=1'>x</a> <b>b</b> ${1} {{7*7}} %{x} *a* `c` [l](javascript:1) | ' \u202e\x07"
)
ASKED: dict[str, str] = {
    "How many airports does each time zone have?": "SELECT tzone, count(*) AS airports FROM airports GROUP BY 1",
    "What is the average temperature of each month?": """
        SELECT date_trunc('month', date)::DATE AS month, avg(temp_max) AS highest, avg(temp_min) AS lowest
        FROM seattle_weather GROUP BY 1 ORDER BY 1""",
    "How does distance go with time in the air?": "SELECT distance, air_time FROM flights WHERE air_time IS NOT NULL",
    "How many flights are there?": "SELECT count(*) AS flights, avg(dep_delay) AS average_delay FROM flights",
    "Which cities are largest?": "SELECT city, population FROM cities ORDER BY population DESC, city LIMIT 15",
    "Which carriers fly most?": """
        SELECT a.name AS carrier, count(*) AS flights, sum(distance)::DECIMAL(18, 2) AS miles
        FROM flights AS f JOIN airlines AS a ON f.carrier = a.carrier GROUP BY 1 ORDER BY 2 DESC""",
    "Which penguins have no sex noted?": "SELECT species, island, sex, body_mass_g FROM penguins WHERE sex IS NULL",
    "كم عدد المدن في كل قارة؟": """
        SELECT continent AS "القارة", count(*) AS "المدن" FROM cities JOIN countries ON country_code = iso
        GROUP BY 1 ORDER BY 2 DESC""",
    "Show every flight": "SELECT * FROM flights",
    "Is there a flight to the moon?": "SELECT * FROM flights WHERE dest = 'MOON'",
}


@contextmanager
def sample_workspace() -> Iterator[Workspace]:
    """A workspace with all sample files."""
    with Workspace.temporary(Settings()) as space:
        with space.add([Source(one.name, one) for one in sample_files()]) as loading:
            loading.wait()
        yield space


def sample_files() -> list[Path]:
    return sorted((PROJECT / "sample_data").rglob("*.csv"))


def ten_answers(space: Workspace) -> list[Exhibit]:
    """Those of ASKED, the one about every flight cut after 1,000 rows."""
    return [_answer(space, question, sql) for question, sql in ASKED.items()]


def _answer(space: Workspace, question: str, sql: str) -> Exhibit:
    result = space.run(sql, max_rows=1_000 if question == "Show every flight" else None)
    doubt = Finding("missing", "doubt", 'In 2 rows "sex" is missing; they are not counted.')
    return exhibit(
        question,
        sql.strip(),
        result,
        choose(question, result.columns, result.rows()),
        space,
        model="Arctic-Text2SQL-R1",
        assumptions=["“Largest” was read as the most people."] if "largest" in question else [],
        findings=[doubt] if "penguins" in question else [],
        note="Counted for the board meeting." if "carriers" in question else "",
    )


def hostile_answer(space: Workspace) -> Exhibit:
    """An answer whose texts all try to become something else."""
    text = HOSTILE.replace("'", "''")
    name = HOSTILE.replace('"', '""')
    sql = f"""SELECT * FROM (VALUES ('{text}', 1), ('</style><h1>b', 2)) AS t("{name}", "</title>n") -- {HOSTILE}"""
    result = space.run(sql)
    finding = Finding("x", "problem", HOSTILE)
    spec = Spec("bar", HOSTILE, x=0, y=(1,), title=HOSTILE)
    return exhibit(
        HOSTILE, sql, result, spec, space,
        standalone="again " + HOSTILE, assumptions=[HOSTILE], findings=[finding], model=HOSTILE, title="t " + HOSTILE,
        note=HOSTILE,
    )  # fmt: skip
