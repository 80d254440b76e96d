"""Columns that only sort: shown by the query, though the question asks for no more than an order or for the first.

"The player with the highest score" asks for the player. What the sentence says of an order is set aside; a column
that sorts goes when the rest of the question does not name it, and names another one. Only questions in English are
understood so; in others nothing goes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp

from lib.asking.mend.scope import Scope
from lib.asking.mend.unneeded import forms
from lib.data.table import Note
from lib.data.words import singulars, words

_SUPERLATIVE = (
    r"(?:most|least|fewest|maximum|minimum|top|best|worst|(?!(?:test|west|rest|nest|guest|forest)\b)\w{3,}est)"
)
_REST = r"(?:(?! and\b| along\b| together\b| as well\b)[^.,;:?!])*"
_SORTING = re.compile(
    rf"\b(?:with|having|has|have|had|of|by|whose|that|which|who)\s+(?:\w+\s+){{0,3}}?{_SUPERLATIVE}\b{_REST}"
    rf"|\b(?:sort|order|rank|arrange)\w*\s+(?:\w+\s+){{0,4}}?by\b{_REST}"
    rf"|\bin\s+(?:\w+\s+){{0,3}}?order\b{_REST}"
    rf"|\b(?:in|by)\s+(?:ascending|descending|increasing|decreasing)\b{_REST}"
    rf"|\bfrom\s+(?:the\s+)?{_SUPERLATIVE}\s+to\b{_REST}",
    re.IGNORECASE,
)
_RANKS = re.compile(rf"\b{_SUPERLATIVE}\b", re.IGNORECASE)
_ASKS_FOR_THE_FIGURE = re.compile(r"\b(?:how|it|value|figure)\b", re.IGNORECASE)
_SAID_OF: dict[type[exp.Expr], str] = {
    exp.Count: "number count counts counted times frequency total amount",
    exp.Sum: "total sum amount",
    exp.Avg: "average mean avg",
    exp.Max: "maximum max",
    exp.Min: "minimum min",
}


def drop_unasked(scope: Scope, question: str) -> list[Note]:
    """Take such columns out of a whole query."""
    select, order = scope.select, scope.select.args.get("order")
    if select.parent is not None or order is None or select.args.get("distinct"):
        return []
    rest = _SORTING.sub(" ", question)
    if (rest == question and not _RANKS.search(question)) or _ASKS_FOR_THE_FIGURE.search(rest):
        return []
    asked = words(rest)
    sorting = [one for one in select.expressions if _sorts(one, order)]
    unasked = [one for one in sorting if not _is_named(one, asked)]
    left = [one for one in select.expressions if not any(one is other for other in unasked)]
    if not unasked or not any(_is_named(one, asked) for one in left) or not _let_go(unasked, select, order):
        return []
    select.set("expressions", left)
    return [
        Note("unasked_column", f"{one.unalias().sql()} was left out: it sorts and is not asked for.") for one in unasked
    ]


def _sorts(shown: exp.Expr, order: exp.Order) -> bool:
    keys = [one.this for one in order.expressions]
    return any(key == shown.unalias() or _is_alias(key, shown) for key in keys)


def _is_alias(key: exp.Expr, shown: exp.Expr) -> bool:
    return isinstance(key, exp.Column) and not key.table and key.name.lower() == shown.alias.lower() != ""


def _is_named(shown: exp.Expr, asked: Sequence[str]) -> bool:
    """Whether one of these words may ask for what is shown."""
    figures = {word for kind, said in _SAID_OF.items() if shown.find(kind) for word in said.split()}
    if figures & {form for word in asked for form in singulars(word)}:
        return True
    names = () if shown.find(exp.Count) else [one.name for one in shown.find_all(exp.Column)]
    called = {form for name in names for word in words(name) for form in forms(word)}
    return bool(called & {form for word in asked for form in forms(word)})


def _let_go(unasked: list[exp.Expr], select: exp.Select, order: exp.Order) -> bool:
    """Let ORDER BY name what its aliases stood for; False if a position or anything else names what would go."""
    if any(isinstance(one.this, exp.Literal) for one in order.expressions):
        return False
    aliases = {one.alias.lower(): one.unalias() for one in unasked if one.alias}
    inside = {id(column) for column in order.find_all(exp.Column)}
    for column in select.find_all(exp.Column):
        if column.name.lower() in aliases and not column.table and id(column) not in inside:
            return False
    for column in list(order.find_all(exp.Column)):
        if not column.table and column.name.lower() in aliases:
            column.replace(aliases[column.name.lower()].copy())
    return True
