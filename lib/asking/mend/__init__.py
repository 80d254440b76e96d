"""Mends what a model's SQL got wrong and the tables leave no doubt about: no model is asked.

A column taken from the wrong table of the query, a join that the keys imply and the SQL forgot, the wrong table
named, a name off by one letter. With the question also what nobody asked for, a join or a column that only sorts, and
conditions that cannot say what was asked. SQL without any of this is returned as it came, byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from lib.asking.mend.both import split_both
from lib.asking.mend.catalogue import Catalogue, meant, nearest
from lib.asking.mend.joining import add_way, forgotten_way, rejoin
from lib.asking.mend.scope import Scope, Source, scopes
from lib.asking.mend.unasked import drop_unasked
from lib.asking.mend.unneeded import drop_unneeded
from lib.asking.mend.without import leave_out_partners
from lib.data.table import Join, Note, Table

ROW_NUMBERS = frozenset({"rowid", "oid", "_rowid_"})
"""Columns that SQLite's tables have besides their own."""
LEAST_SHARED = 2
"""Columns that another table must have of those that are named before it is taken for the one that was meant."""


@dataclass(frozen=True)
class Mended:
    """The SQL, and a note for each thing that was mended in it."""

    sql: str
    notes: tuple[Note, ...] = ()


def mend(
    sql: str, tables: Sequence[Table], joins: Sequence[Join], dialect: str = "sqlite", question: str = ""
) -> Mended:
    """The query with names and joins mended; as it came where nothing needs it or nothing is sure.

    With the question, what it does not ask for is left out too, and conditions are made to say what it says.
    """
    try:
        return _mended(sql, Catalogue(tables, joins), dialect, question)
    except (SqlglotError, RecursionError):  # no SQL, or too deep to walk through
        return Mended(sql)


def _mended(sql: str, catalogue: Catalogue, dialect: str, question: str) -> Mended:
    query = sqlglot.parse_one(sql, read=dialect)
    if not isinstance(query, exp.Query):
        return Mended(sql)
    notes = _tables(query, catalogue)
    for scope in scopes(query, catalogue):
        if not scope.is_clear:
            continue
        notes += _scope(scope, catalogue, question)
        notes += _as_asked(scope, catalogue, question) if question else []
    if question:
        query, both = split_both(query, catalogue, question)
        notes += both
    return Mended(query.sql(dialect=dialect), tuple(dict.fromkeys(notes))) if notes else Mended(sql)


def _as_asked(scope: Scope, catalogue: Catalogue, question: str) -> list[Note]:
    """What the question leaves no doubt about."""
    return [
        *leave_out_partners(scope, catalogue, question),
        *drop_unneeded(scope, catalogue, question),
        *drop_unasked(scope, catalogue, question),
    ]


def _tables(query: exp.Query, catalogue: Catalogue) -> list[Note]:
    """Tables that are called almost so."""
    ctes = {one.alias.lower() for one in query.find_all(exp.CTE)}
    notes = []
    for table in query.find_all(exp.Table):
        name = table.name
        if name.lower() in catalogue.columns or name.lower() in ctes or not name:
            continue
        if right := nearest(name, catalogue.spelling.values()):
            if not table.alias:
                _rename_qualifiers(query, name, right)
            table.this.replace(_identifier(right))
            notes.append(Note("mended_name", f"There is no table {name}; {right} was meant."))
    return notes


def _rename_qualifiers(query: exp.Query, old: str, new: str) -> None:
    for column in query.find_all(exp.Column):
        if column.table.lower() == old.lower():
            column.set("table", _identifier(new))


def _scope(scope: Scope, catalogue: Catalogue, question: str) -> list[Note]:
    if note := _wrong_table(scope, catalogue):
        return [note]
    notes = []
    for join in scope.select.args.get("joins") or []:
        notes += rejoin(join, scope, catalogue)
    for column in [one for one in scope.own(exp.Column) if isinstance(one, exp.Column)]:
        if isinstance(column.this, exp.Star):
            continue
        if not _means_something(column, scope) or _is_compared_with_itself(column, scope):
            notes += _column(column, scope, catalogue, question)
    return notes


def _means_something(column: exp.Column, scope: Scope) -> bool:
    if not column.table:
        return scope.sees(column.name) or not scope.sources
    here: Scope | None = scope
    while here is not None:
        if source := here.source(column.table):
            return source.has(column.name)
        here = here.outer
    return False


def _is_compared_with_itself(column: exp.Column, scope: Scope) -> bool:
    """`name IN (SELECT name FROM other)`, where the other table has no such column: it means the one outside."""
    select = scope.select
    within = select.find_ancestor(exp.In)
    return (
        scope.outer is not None
        and within is not None
        and within.args.get("query") is select.parent
        and column.parent is select
        and isinstance(within.this, exp.Column)
        and within.this.name.lower() == column.name.lower()
        and not column.table
        and not scope.with_column(column.name)
    )


def _column(column: exp.Column, scope: Scope, catalogue: Catalogue, question: str) -> list[Note]:
    """A column that means nothing as it stands: the first way that gives it a meaning is taken."""
    source = scope.source(column.table) if column.table else None
    is_stray = bool(column.table) and not scope.knows(column.table)
    if is_stray and column.table.lower() not in catalogue.columns and scope.sees(column.table):
        return []  # a field of a struct
    if is_stray and (note := _qualifier(column, scope, catalogue)):
        return [note]
    if _is_perhaps_text(column) or column.name.lower() in ROW_NUMBERS:
        return []
    if not column.table and scope.outer and _is_compared_with_itself(column, scope):
        return _reach_outer(column, scope, scope.outer, catalogue)
    return (
        _requalify(column, source, scope)
        or (_respell(column, [source], exact=True) if source else _respell(column, scope.sources, exact=True))
        or _reach(column, source, scope, catalogue)
        or _respell(column, [source] if source else scope.sources)
        or _respell(column, scope.sources)
        or _rename(column, [source] if source else scope.sources, question)
    )


def _is_perhaps_text(column: exp.Column) -> bool:
    """SQLite reads "so quoted" as text where no column is called so."""
    return bool(column.this.args.get("quoted")) and not column.table


def _qualifier(column: exp.Column, scope: Scope, catalogue: Catalogue) -> Note | None:
    """A qualifier that no table here has: the name of a table that has an alias, or of one that was not joined."""
    wanted = column.table
    for source in scope.sources:
        if source.table == wanted.lower() and source.has(column.name):
            column.set("table", _identifier(source.alias))
            return Note("mended_qualifier", f"{wanted} is called {source.alias} in this query.")
    if wanted.lower() not in catalogue.columns or column.name.lower() not in catalogue.columns[wanted.lower()]:
        return None
    for source in scope.sources:
        if source.table and (way := catalogue.between(source.table, wanted.lower())):
            alias = add_way(scope, source, way, catalogue)
            column.set("table", _identifier(alias))
            return _joined(wanted)
    return None


def _requalify(column: exp.Column, source: Source | None, scope: Scope) -> list[Note]:
    """Another table of the query has the column."""
    if not column.table:
        return []
    others = [one for one in scope.with_column(column.name) if one is not source and one.columns is not None]
    if not others or (source is None and scope.knows(column.table)):
        return []
    wrong = column.table
    column.set("table", _identifier(others[0].alias))
    return [Note("mended_qualifier", f"{wrong} has no column {column.name}; that of {others[0].alias} was taken.")]


def _respell(column: exp.Column, sources: Sequence[Source], exact: bool = False) -> list[Note]:
    """A column is called almost so."""
    for source in sources:
        right = nearest(column.name, (source.columns or {}).values(), exact=exact)
        if right and right.lower() != column.name.lower():
            wrong = column.name
            column.this.replace(_identifier(right))
            if column.table:
                column.set("table", _identifier(source.alias))
            return [Note("mended_name", f"There is no column {wrong}; {right} was meant.")]
    return []


def _rename(column: exp.Column, sources: Sequence[Source], question: str) -> list[Note]:
    """A column is called by some of its words, and the question by all of them."""
    if column.find_ancestor(exp.Comprehension):
        return []  # a name that the query itself makes
    for source in sources:
        if right := meant(column.name, (source.columns or {}).values(), question):
            wrong = column.name
            column.this.replace(_identifier(right))
            return [Note("mended_name", f"There is no column {wrong}; {right} was meant.")]
    return []


def _reach(column: exp.Column, source: Source | None, scope: Scope, catalogue: Catalogue) -> list[Note]:
    """A table that the keys lead to has the column: join it."""
    starts = [source] if source and source.table else [one for one in scope.sources if one.table]
    found = forgotten_way(starts, column.name, catalogue)
    if found is None:
        return []
    start, way = found
    alias = add_way(scope, start, way, catalogue)
    column.set("table", _identifier(alias))
    return [_joined(catalogue.spelling[way[-1].right_table.lower()])]


def _reach_outer(column: exp.Column, scope: Scope, outer: Scope, catalogue: Catalogue) -> list[Note]:
    """The table around the query has the column: join it here too, so that rows are compared with other rows."""
    owners = [one.table for one in outer.with_column(column.name) if one.table]
    starts = [one for one in scope.sources if one.table]
    if len(owners) != 1 or len(starts) != 1 or not (way := catalogue.between(starts[0].table, owners[0])):
        return []
    column.set("table", _identifier(add_way(scope, starts[0], way, catalogue)))
    return [_joined(catalogue.spelling[owners[0]])]


def _wrong_table(scope: Scope, catalogue: Catalogue) -> Note | None:
    """The only table lacks a column, and no key leads to it, but one other table has all that are named."""
    if len(scope.sources) != 1 or not scope.sources[0].table:
        return None
    source = scope.sources[0]
    columns = [one for one in scope.own(exp.Column) if isinstance(one, exp.Column)]
    mine = [
        one
        for one in columns
        if (not one.table or one.table.lower() == source.alias.lower()) and one.name.lower() not in scope.outputs
    ]
    missing = [
        one
        for one in mine
        if not source.has(one.name) and not _is_perhaps_text(one) and one.name.lower() not in ROW_NUMBERS
    ]
    if not missing or (scope.outer and any(scope.outer.sees(one.name) for one in missing)):
        return None
    names = {one.name.lower() for one in mine if not isinstance(one.this, exp.Star)}
    others = [table for table, known in catalogue.columns.items() if names <= known.keys()]
    if len(names) < LEAST_SHARED or len(others) != 1 or _is_parent(source.table, others[0], catalogue):
        return None
    return _replace_table(scope, source, others[0], catalogue)


def _is_parent(table: str, other: str, catalogue: Catalogue) -> bool:
    """Whether a key of the table refers to the other: then it is joined, not replaced."""
    return any((one.left_table.lower(), one.right_table.lower()) == (table, other) for one in catalogue.joins)


def _replace_table(scope: Scope, source: Source, other: str, catalogue: Catalogue) -> Note:
    wrong, right = catalogue.spelling[source.table], catalogue.spelling[other]
    table = scope.select.args["from_"].this
    if not table.alias:
        for column in scope.own(exp.Column):
            if isinstance(column, exp.Column) and column.table.lower() == source.alias.lower():
                column.set("table", _identifier(right))
        source.alias = right
    table.this.replace(_identifier(right))
    source.table, source.columns = other, catalogue.columns[other]
    return Note("mended_table", f"{wrong} has not all columns that are asked for; {right} has them.")


def _joined(table: str) -> Note:
    return Note("mended_join", f"The table {table} was joined by its key: the query names a column of it.")


def _identifier(name: str) -> exp.Identifier:
    return exp.to_identifier(name)
