"""The corpus as a whole: how many cases it has, that each is named once, and that each says what it would have won."""

from __future__ import annotations

from collections import Counter

from tests.attacks import (
    board_files,
    conversations,
    files,
    folders,
    headers,
    names,
    prompts,
    reports,
    sql_duckdb,
    sql_spark,
    urls,
)
from tests.attacks.attack import Attack, attacks
from tests.bombs import TAKE_MEMORY, TAKE_TIME

CASES: tuple[Attack[object], ...] = (
    *sql_duckdb.CASES,
    *sql_spark.CASES,
    *attacks("sql-bombs", "the time of the server's processors, and every other query's turn", TAKE_TIME),
    *attacks("sql-bombs", "the memory of the server, and with it the process that serves everybody", TAKE_MEMORY),
    *files.CASES,
    *names.CASES,
    *prompts.CASES,
    *urls.CASES,
    *headers.CASES,
    *folders.CASES,
    *board_files.CASES,
    *conversations.CASES,
    *reports.CASES,
)
LEAST = {
    "sql-duckdb": 200, "sql-spark": 100, "sql-bombs": 40, "files": 50, "names": 100, "prompts": 50, "urls": 90,
    "headers": 40, "history": 45, "workspaces": 25, "board files": 40, "conversations": 15, "reports": 25,
}  # fmt: skip


def test_every_door_has_its_attacks() -> None:
    counted = Counter(case.area for case in CASES)
    assert counted.keys() == LEAST.keys()
    assert [area for area, least in LEAST.items() if counted[area] < least] == []
    assert len(CASES) >= 250


def test_every_attack_is_named_once_and_says_what_it_would_win() -> None:
    assert [one for one, times in Counter(case.id for case in CASES).items() if times > 1] == []
    assert [case.id for case in CASES if len(case.prize) < 15 or not case.name.strip()] == []
