"""Can this number be trusted? Each check looks for one way in which SQL that runs gives a wrong answer.

A check is a function from a `Case` to what it finds at once, or to what it wants to know of the data first. All of
them ask the engine together (`probe`), so that they cost little more than one query. A check that cannot decide
says nothing; so does every check about SQL that cannot be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from lib.asking.checks.asked import unmentioned_number, unmentioned_value
from lib.asking.checks.case import Case
from lib.asking.checks.columns import added_identifier, mixed_types, mixed_units
from lib.asking.checks.dates import date_outside, date_partly
from lib.asking.checks.empty import no_rows
from lib.asking.checks.finding import SEVERITIES, Finding, Severity
from lib.asking.checks.logic import loose_or
from lib.asking.checks.lost import lost_rows
from lib.asking.checks.missing import (
    average_without_missing,
    count_without_missing,
    equals_missing,
    missing_as_zero,
    not_in_missing,
)
from lib.asking.checks.probe import Step, settle
from lib.asking.checks.question import Question
from lib.asking.checks.ratios import division_by_zero, share_over_whole
from lib.asking.checks.reading import Reading
from lib.asking.checks.repeats import repeated_rows, unjoined_tables
from lib.asking.checks.ties import cut_tie
from lib.asking.checks.values import missing_value, value_variants
from lib.asking.checks.wording import (
    unmentioned_aggregate,
    unmentioned_count,
    unmentioned_denial,
    unmentioned_distinct,
    unmentioned_group,
    unordered_limit,
    wrong_comparison,
    wrong_end,
)
from lib.data.table import Join, Table
from lib.engine.result import Result

__all__ = ["CHECKS", "SEVERITIES", "Finding", "Severity", "check"]

CHECKS: tuple[Callable[[Case], Iterator[Step]], ...] = (
    missing_value,
    value_variants,
    date_outside,
    date_partly,
    no_rows,
    repeated_rows,
    unjoined_tables,
    lost_rows,
    average_without_missing,
    missing_as_zero,
    count_without_missing,
    not_in_missing,
    equals_missing,
    loose_or,
    cut_tie,
    added_identifier,
    mixed_types,
    mixed_units,
    division_by_zero,
    share_over_whole,
    unmentioned_number,
    unmentioned_value,
    unmentioned_aggregate,
    unmentioned_count,
    unmentioned_denial,
    unmentioned_distinct,
    unmentioned_group,
    unordered_limit,
    wrong_comparison,
    wrong_end,
)

_EXPLAINED_BY = frozenset({"missing_value", "date_outside", "not_in_missing", "equals_missing"})
"""Findings that say already why no row came out."""


def check(
    question: str,
    sql: str,
    result: Result,
    tables: Sequence[Table],
    joins: Sequence[Join],
    run: Callable[[str], Result],
) -> tuple[Finding, ...]:
    """What the reader of an answer should know, the worst first; nothing about SQL that cannot be read.

    `sql` is what ran, `result` what it gave. `run` runs one more query in the locked engine and may raise QueryError;
    it is called at most three times.
    """
    case = Case(Question(question), Reading(sql, tables), result, joins)
    found = settle((step for one in CHECKS for step in one(case)), run)
    explained = any(one.code in _EXPLAINED_BY for one in found)
    kept = {one: None for one in found if not (explained and one.code == "no_rows")}
    return tuple(sorted(kept, key=lambda one: SEVERITIES.index(one.severity)))
