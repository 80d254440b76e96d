"""A condition that no row can meet: one column equal to two values at once.

"Players from both Spain and Italy" is what every name has a row for in each country, not what one row can say. So the
query becomes the rows under the one value that are also there under the other. It gave nothing before, whatever the
data.
"""

from __future__ import annotations

import re
from itertools import combinations

from sqlglot import exp

from lib.asking.mend.catalogue import Catalogue
from lib.data.table import Note

_BOTH = re.compile(r"\bboth\b", re.IGNORECASE)
_AND = re.compile(r"\band\b", re.IGNORECASE)
_OR = re.compile(r"\b(?:n?or|n?either)\b", re.IGNORECASE)


def split_both(query: exp.Query, catalogue: Catalogue, question: str) -> tuple[exp.Query, list[Note]]:
    """The query, and a note if it was one for both values."""
    if not isinstance(query, exp.Select) or not _is_plain(query) or _OR.search(question):
        return query, []
    one_row = query.copy()
    _unite(one_row, catalogue)
    pair = _contradiction(one_row)
    joined = bool(one_row.args.get("joins"))
    if pair is None or not (_BOTH.search(question) or (joined and _AND.search(question))):
        return query, []
    first, second = pair
    note = Note(
        "mended_both", f"No row has {first.sql()} and {second.sql()} at once: what has a row for each is shown."
    )
    return exp.intersect(_without(one_row, second), _without(one_row, first), copy=False), [note]


def _is_plain(select: exp.Select) -> bool:
    """Whether it only lists columns."""
    rest = ("group", "having", "order", "limit", "offset", "with_", "qualify")
    return not any(select.args.get(one) for one in rest) and all(
        isinstance(one.unalias(), exp.Column) and not one.is_star for one in select.expressions
    )


def _unite(select: exp.Select, catalogue: Catalogue) -> None:
    """A table joined with itself by a key of its own gives each row to itself: one of the two is enough."""
    from_ = select.args.get("from_")
    tables = [one.this for one in (from_, *(select.args.get("joins") or [])) if one is not None]
    keys = {(one.right_table.lower(), one.right_column.lower()) for one in catalogue.joins}
    for join in list(select.args.get("joins") or []):
        on, table = join.args.get("on"), join.this
        if not isinstance(on, exp.EQ) or not isinstance(table, exp.Table) or join.side:
            continue
        ends = [on.this, on.expression]
        if not all(isinstance(one, exp.Column) for one in ends) or ends[0].name.lower() != ends[1].name.lower():
            continue
        here, there = table.alias_or_name, next((one.table for one in ends if one.table != table.alias_or_name), "")
        twin = next((one for one in tables if isinstance(one, exp.Table) and one.alias_or_name == there), None)
        if twin is None or twin.name.lower() != table.name.lower():
            continue
        if (table.name.lower(), ends[0].name.lower()) not in keys:
            continue
        join.pop()
        for column in select.find_all(exp.Column):
            if column.table == here:
                column.set("table", exp.to_identifier(there))


def _contradiction(select: exp.Select) -> tuple[exp.EQ, exp.EQ] | None:
    """The first two terms of the condition that want another value in the same column."""
    where = select.args.get("where")
    if where is None or not isinstance(where.this, exp.And):
        return None
    terms = [one for one in where.this.flatten() if isinstance(one, exp.EQ) and _is_value(one)]
    for first, second in combinations(terms, 2):
        if first.this == second.this and first.expression != second.expression:
            return first, second
    return None


def _is_value(term: exp.EQ) -> bool:
    return isinstance(term.this, exp.Column) and isinstance(term.expression, exp.Literal)


def _without(select: exp.Select, term: exp.EQ) -> exp.Select:
    """A copy of the query without this term of its condition."""
    copy = select.copy()
    terms = [one for one in copy.args["where"].this.flatten() if one != term]
    return copy.where(exp.and_(*terms), append=False, copy=False)
