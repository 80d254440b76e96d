"""A model's SQL on its way to the engine: names mended, SQLite's meaning translated; and what a failure teaches."""

from __future__ import annotations

from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from lib.asking.bridge import bridge
from lib.asking.mend import mend
from lib.asking.mend.catalogue import Catalogue, nearest
from lib.asking.told import Known
from lib.data.table import Note
from lib.errors import CannotTranslate, QueryError
from lib.llm.profiles import Profile

MOST_NAMES = 40


@dataclass(frozen=True)
class Ready:
    """SQL for the engine, and a note for each thing that was changed in what the model wrote."""

    sql: str
    notes: tuple[Note, ...] = ()


def ready(sql: str, question: str, known: Known, profile: Profile, dialect: str = "duckdb") -> Ready:
    """The SQL as it can run on an engine of that dialect. Raises CannotTranslate."""
    written = profile.dialect.lower()
    if written == dialect == "spark":
        return Ready(sql)  # what is mended is written anew, and Spark's functions do not all come through that
    mended = mend(sql, known.tables, known.keys.foreign, written, question)
    if written == dialect:
        return Ready(mended.sql, mended.notes)
    if written != "sqlite":
        raise CannotTranslate(
            f"The model is asked for {profile.dialect}'s SQL, which this engine does not read.",
            "Choose another SQL_PROFILE.",
            sql=sql,
        )
    bridged = bridge(mended.sql, known.tables, dialect)
    return Ready(bridged.sql, (*mended.notes, *bridged.notes))


def lesson(error: QueryError, sql: str, known: Known, profile: Profile, names_only: bool) -> str:
    """What the model is told of a failure: the engine's message, and where the names that mean nothing may be found.

    With `names_only` the engine's message stays here: it may quote a cell, or be one that the query made of cells.
    """
    message = "The engine could not run it." if names_only else error.detail
    return " ".join([message, *_where_names_are(sql, known, profile)])


def _where_names_are(sql: str, known: Known, profile: Profile) -> list[str]:
    try:
        query = sqlglot.parse_one(sql, read=profile.dialect.lower())
    except (SqlglotError, RecursionError):
        return []
    catalogue = Catalogue(known.tables, known.keys.foreign)
    named = [one.name for one in query.find_all(exp.Table)]
    here = {name.lower() for name in named} & catalogue.columns.keys()
    said = [f"There is no table {name}." for name in dict.fromkeys(named) if name.lower() not in catalogue.columns]
    for column in dict.fromkeys(one.name for one in query.find_all(exp.Column) if one.name):
        owners = catalogue.owners(column)
        if owners and not here & set(owners):
            said.append(f"The column {column} is in {' and '.join(catalogue.spelling[one] for one in owners)}.")
        elif not owners and (close := _nearest_anywhere(column, catalogue)):
            said.append(f"There is no column {column}; there is {close}.")
    if here and not said:
        said += [
            f"{catalogue.spelling[one]} has: {', '.join([*catalogue.columns[one].values()][:MOST_NAMES])}."
            for one in sorted(here)
        ]
    return said


def _nearest_anywhere(column: str, catalogue: Catalogue) -> str | None:
    for table, columns in catalogue.columns.items():
        if right := nearest(column, columns.values()):
            return f"{catalogue.spelling[table]}.{right}"
    return None
