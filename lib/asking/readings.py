"""Says in words how two queries for one question differ, so that a person can choose between them."""

from __future__ import annotations

from collections.abc import Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

MOST_PARTS = 3
LONGEST_PART = 60


def two_readings(sql: str, other: str) -> str:
    """One question to the person who asked: which of the two readings is meant; '' where they cannot be told apart."""
    try:
        mine, theirs = dict(_parts(sql)), dict(_parts(other))
    except (SqlglotError, RecursionError):
        return ""
    here = [mine[one] for one in mine if one not in theirs][:MOST_PARTS]
    there = [theirs[one] for one in theirs if one not in mine][:MOST_PARTS]
    if not here and not there:
        return ""
    return (
        f"Your question can be read in two ways with different results: this one {_listed(here)}; "
        f"the other {_listed(there)}. Which do you mean?"
    )


def _parts(sql: str) -> Iterator[tuple[tuple[str, str], str]]:
    """What a query does, part by part: the part in one spelling, and how a sentence names it."""
    query = sqlglot.parse_one(sql, read="duckdb")
    for select in query.find_all(exp.Select):
        for one in select.expressions:
            yield _part("shows", one.this if isinstance(one, exp.Alias) else one)
        for place, verb in (("where", "keeps rows where"), ("having", "keeps groups where")):
            if condition := select.args.get(place):
                for one in condition.this.flatten() if isinstance(condition.this, exp.And) else [condition.this]:
                    yield _part(verb, one)
        for place, verb in (("group", "groups by"), ("order", "sorts by")):
            if clause := select.args.get(place):
                for one in clause.expressions:
                    yield _part(verb, one)
        if select.args.get("distinct"):
            yield ("distinct", ""), "takes each row once"
        if limit := select.args.get("limit"):
            yield _part("stops at row", limit.expression)
    for table in query.find_all(exp.Table):
        yield ("reads", table.name.lower()), f"reads {table.name}"


def _part(verb: str, one: exp.Expr) -> tuple[tuple[str, str], str]:
    bare = one.copy()
    for column in bare.find_all(exp.Column):
        column.set("table", None)
    text = bare.sql("duckdb")
    return (verb, text.lower()), f"{verb} {text if len(text) <= LONGEST_PART else text[: LONGEST_PART - 1] + '…'}"


def _listed(parts: list[str]) -> str:
    return " and ".join(parts) if parts else "does not"
