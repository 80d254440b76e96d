"""What SQLite makes of names: texts in double quotes, row numbers, aliases beside columns."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.expressions import Expr

from lib.asking.bridge.build import grouped, number_literal, text_literal
from lib.asking.bridge.kinds import Kind, kind, known
from lib.asking.bridge.notes import Notes
from lib.asking.bridge.scope import ROW_NUMBERS, Found, Scope, found, remember


def resolve(column: exp.Column, scope: Scope, notes: Notes, sql: str, *, alias_first: bool) -> Expr:
    """The column with what it means put on it, or what SQLite would read instead of it."""
    alias = scope.alias(column)
    what = scope.find(column)
    if alias is not None and (what is None or (alias_first and what.level == 0)):
        return column
    if what is not None:
        remember(column, what)
        if alias is not None and alias.this is not column and not _is_of(alias, what):
            qualify(column, what, notes)
        return column
    if column.name.lower() in ROW_NUMBERS and scope.has_table(column) is not None:
        return row_number(column, notes)
    if is_double_quoted(column, sql) and scope.is_closed:
        return quoted_text(column, notes)
    return column


def text_aliases(select: exp.Select, notes: Notes, sql: str) -> None:
    """An alias written as a text: beside a column the engine would read a literal of a type."""
    for one in select.expressions:
        start = one.args["alias"].meta.get("start") if isinstance(one, exp.Alias) else None
        if isinstance(start, int) and sql[start : start + 1] == "'":
            notes.add("syntax")


def is_resolved(column: exp.Column, scope: Scope) -> bool:
    return found(column) is not None or scope.alias(column) is not None


def is_double_quoted(column: exp.Column, sql: str) -> bool:
    start = column.this.meta.get("start")
    return not column.table and isinstance(start, int) and sql[start : start + 1] == '"'


def quoted_text(column: exp.Column, notes: Notes) -> Expr:
    """SQLite reads "Berlin" as a text when no column has that name."""
    notes.add("double_quotes")
    return text_literal(column.name)


def qualify(column: exp.Column, what: Found, notes: Notes) -> None:
    """The engine would take the alias of the same name where SQLite takes the column."""
    if not column.table and what.level == 0 and what.source.name and column.name.lower() not in what.source.merged:
        notes.add("qualified_name")
        column.set("table", exp.to_identifier(what.source.name))


def row_number(column: exp.Column, notes: Notes) -> Expr:
    """The engine counts rows from 0."""
    notes.add("rowid")
    column = column.copy()
    column.set("this", exp.to_identifier("rowid"))
    known(column, Kind.INTEGER, stored=True)
    return known(grouped(exp.Add(this=column, expression=number_literal("1"))), Kind.INTEGER, stored=True)


def typed(column: exp.Column, scope: Scope) -> exp.Column:
    """The column with its kind: that of the source's column, or of the expression that it is an alias of."""
    if what := found(column):
        return known(column, what.field.kind, stored=what.field.stored)
    if alias := scope.alias(column):
        return known(column, kind(alias.this))
    return column


def _is_of(alias: exp.Alias, what: Found) -> bool:
    """Whether the alias only repeats the column's own name."""
    inner = alias.this
    return isinstance(inner, exp.Column) and inner.name.lower() == what.field.name.lower()
