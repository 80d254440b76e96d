"""A condition that no row can meet: one column equal to two values at once.

"Articles with both tags" have a row for each tag; none says both. So the query becomes what has a row with the one
value, and is the same thing as what has a row with the other: by the key that the rows were joined by, or by what is
shown where there is one table only. Before, it gave nothing, whatever the data.
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
    if pair is None or pair[0].this.name.lower() in {one.unalias().name.lower() for one in query.expressions}:
        return query, []
    first, second = pair
    if not one_row.args.get("joins"):
        split = _intersection(one_row, first, second, catalogue) if _BOTH.search(question) else None
    else:
        split = _by_key(one_row, first, second) if _BOTH.search(question) or _AND.search(question) else None
    if split is None:
        return query, []
    said = f"No row has {_said(first)} and {_said(second)} at once: what has a row for each is shown."
    return split, [Note("mended_both", said)]


def _said(term: exp.EQ) -> str:
    return exp.EQ(this=exp.column(term.this.this.copy()), expression=term.expression.copy()).sql("sqlite")


def _is_plain(select: exp.Select) -> bool:
    """Whether it only lists columns."""
    rest = ("group", "having", "order", "limit", "offset", "with_", "qualify")
    return not any(select.args.get(one) for one in rest) and all(
        isinstance(one.unalias(), exp.Column) and not one.is_star for one in select.expressions
    )


def _unite(select: exp.Select, catalogue: Catalogue) -> None:
    """A table joined with itself by a key of its own gives each row to itself: one of the two is enough."""
    if len(select.args.get("joins") or []) != 1:
        return
    table, join = select.args["from_"].this, select.args["joins"][0]
    ends = _ends(join)
    if ends is None or join.side or not isinstance(table, exp.Table) or not isinstance(join.this, exp.Table):
        return
    # Only keys that were found are known to be unique; a join that a person confirmed may repeat.
    keys = {(one.right_table.lower(), one.right_column.lower()) for one in catalogue.joins if not one.confirmed}
    shown = {one.unalias().args.get("table") for one in select.expressions}
    if (
        table.name.lower() != join.this.name.lower()
        or ends[0].name.lower() != ends[1].name.lower()
        or (table.name.lower(), ends[0].name.lower()) not in keys
        or len(shown) != 1
    ):
        return
    join.pop()
    for column in select.find_all(exp.Column):
        if column.table == join.this.alias_or_name:
            column.set("table", exp.to_identifier(table.alias_or_name))


def _ends(join: exp.Join) -> tuple[exp.Column, exp.Column] | None:
    on = join.args.get("on")
    if isinstance(on, exp.EQ) and isinstance(on.this, exp.Column) and isinstance(on.expression, exp.Column):
        return on.this, on.expression
    return None


def _contradiction(select: exp.Select) -> tuple[exp.EQ, exp.EQ] | None:
    """The two terms of the condition that want another value in the same column; None if it is not just two."""
    where = select.args.get("where")
    if where is None or not isinstance(where.this, exp.And):
        return None
    terms = [one for one in where.this.flatten() if isinstance(one, exp.EQ) and _is_value(one)]
    pairs = [(a, b) for a, b in combinations(terms, 2) if a.this == b.this and a.expression != b.expression]
    return pairs[0] if len(pairs) == 1 else None


def _is_value(term: exp.EQ) -> bool:
    return isinstance(term.this, exp.Column) and isinstance(term.expression, exp.Literal)


def _intersection(select: exp.Select, first: exp.EQ, second: exp.EQ, catalogue: Catalogue) -> exp.Query | None:
    """Of one table what it shows for the one value and for the other; nothing where that names a single row."""
    table = select.args["from_"].this.name.lower()
    keys = {one.right_column.lower() for one in catalogue.joins if one.right_table.lower() == table}
    if any(one.unalias().name.lower() in keys for one in select.expressions):
        return None
    return exp.intersect(_without(select, second), _without(select, first), copy=False)


def _by_key(select: exp.Select, first: exp.EQ, second: exp.EQ) -> exp.Query | None:
    """Of joined tables what is shown of the rows whose key has the other value too."""
    shown = {one.unalias().table.lower() for one in select.expressions}
    all_ends = [_ends(join) for join in select.args["joins"]]
    if len(shown) != 1 or shown == {""} or first.this.table.lower() in shown or None in all_ends:
        return None
    keys = [one for ends in all_ends if ends for one in ends if one.table.lower() in shown]
    if len(keys) != 1:
        return None
    others = _without(select, first).select(keys[0].copy(), append=False, copy=False)
    others.set("distinct", None)
    split = _without(select, second).where(keys[0].copy().isin(query=others, copy=False), copy=False)
    return split.distinct(copy=False)


def _without(select: exp.Select, term: exp.EQ) -> exp.Select:
    """A copy of the query without this term of its condition."""
    copy = select.copy()
    terms = [one for one in copy.args["where"].this.flatten() if one != term]
    return copy.where(exp.and_(*terms), append=False, copy=False)
