"""Rows that have no partner of a kind: a LEFT JOIN whose condition then wants "another value" from the partner.

"Ships without a captain who is a midshipman", written so, loses the ships without any captain, which the LEFT JOIN
was to keep. What is meant are the rows whose key no such partner has. "Customers with an order that was not sent" is
another thing: the question must deny that there is a partner, not say what the partner is not.
"""

from __future__ import annotations

import re

from sqlglot import exp

from lib.asking.mend.catalogue import Catalogue
from lib.asking.mend.scope import Scope
from lib.data.table import Note

_DENIED = re.compile(
    r"\b(?:without|lacks?|lacking|(?:do|does|did)(?: not|n't) (?:have|own|hold)|(?:has|have|had|having|with) no"
    r"|(?:has|have|had)(?: not|n't) (?:an?|any)|never (?:have|has|had))\b",
    re.IGNORECASE,
)


def leave_out_partners(scope: Scope, catalogue: Catalogue, question: str) -> list[Note]:
    """Write such a query with NOT EXISTS, where it lists rows that may have several partners."""
    select = scope.select
    if any(select.args.get(one) for one in ("group", "having")) or select.find(exp.AggFunc, exp.Window):
        return []
    joins, where = select.args.get("joins") or [], select.args.get("where")
    if len(joins) != 1 or where is None or not _DENIED.search(question):
        return []
    join, partner = joins[0], joins[0].this
    on = join.args.get("on")
    if join.side != "LEFT" or not isinstance(partner, exp.Table) or on is None:
        return []
    if not all(column.table for column in on.find_all(exp.Column)) or not _is_child(on, scope, partner, catalogue):
        return []
    name = partner.alias_or_name.lower()
    terms = list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]
    denied = [one for one in terms if _is_of(one, name)]
    elsewhere = [
        column
        for column in select.find_all(exp.Column)
        if column.table.lower() in ("", name) and not any(column.find_ancestor(exp.NEQ) is one for one in denied)
        if column.find_ancestor(exp.Join) is not join
    ]
    if len(denied) != 1 or any(column.table or _is_ambiguous(column, scope, name) for column in elsewhere):
        return []
    term = denied[0]
    wanted = exp.EQ(this=term.this.copy(), expression=term.expression.copy())
    partners = exp.select("1").from_(partner.copy()).where(on.copy(), wanted)
    join.pop()
    scope.sources[:] = [one for one in scope.sources if one.alias.lower() != name]
    term.replace(exp.not_(exp.Exists(this=partners)))
    return [Note("mended_without", f"Rows without any {partner.name} are kept: only those with {_said(wanted)} go.")]


def _is_child(on: exp.Expr, scope: Scope, partner: exp.Table, catalogue: Catalogue) -> bool:
    """Whether a key of the partner refers to the other table."""
    if not isinstance(on, exp.EQ) or not isinstance(on.this, exp.Column) or not isinstance(on.expression, exp.Column):
        return False
    ends = []
    for column in (on.this, on.expression):
        source = scope.source(column.table)
        ends.append((source.table if source else "", column.name.lower()))
    ends.sort(key=lambda one: one[0] != partner.name.lower())
    child, parent = ends
    keys = [
        ((one.left_table.lower(), one.left_column.lower()), (one.right_table.lower(), one.right_column.lower()))
        for one in catalogue.joins
    ]
    return (child, parent) in keys


def _is_of(term: exp.Expr, name: str) -> bool:
    """Whether it wants another value than this one from the partner."""
    return (
        isinstance(term, exp.NEQ)
        and isinstance(term.this, exp.Column)
        and term.this.table.lower() == name
        and isinstance(term.expression, exp.Literal)
    )


def _said(term: exp.EQ) -> str:
    return exp.EQ(this=exp.column(term.this.this.copy()), expression=term.expression.copy()).sql("sqlite")


def _is_ambiguous(column: exp.Column, scope: Scope, name: str) -> bool:
    """Whether a column without a table may be the partner's."""
    source = scope.source(name)
    return source is None or source.has(column.name)
