"""Columns that only sort: shown by the query, though the question names them for nothing but the order.

"The player with the highest score" asks for the player, "names in ascending order of age" for names. What the
sentence says of an order is set aside; a column that sorts goes when only that part names it. A figure that ranks
several rows stays, since a ranking cannot be read without it. Only English is understood; else nothing goes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp

from lib.asking.mend.catalogue import Catalogue
from lib.asking.mend.scope import Scope
from lib.asking.mend.unneeded import SAY_NOTHING, forms
from lib.data.table import Note
from lib.data.words import singulars, words

_SUPERLATIVE = (
    r"(?<!at )(?:most|least|fewest|best|worst|maximum|minimum|highest|lowest|largest|smallest|biggest|greatest|longest"
    r"|shortest|oldest|youngest|latest|earliest|newest|tallest|cheapest|fastest|slowest|heaviest|lightest|strongest)"
)
_REST = r"(?:(?! and\b)[^.,;:?!])*"
_DIRECTION = r"(?:ascending|descending|increasing|decreasing|alphabetical|chronological|reverse)"
_ORDER = re.compile(
    rf"\b(?:sort|sorted|ordered|ranked|arrange|arranged)\s+(?:\w+\s+){{0,3}}?by\b{_REST}"
    rf"|\border\s+(?:them|it|the\s+\w+)\s+by\b{_REST}"
    rf"|\b(?:in|by)\s+(?:the\s+)?{_DIRECTION}(?:\s+\w+)?\s+order\b{_REST}"
    rf"|\bin\s+(?:the\s+)?order\s+of\b{_REST}",
    re.IGNORECASE,
)
_FIRST = re.compile(
    rf"\b(?:with|having|has|have|had|whose|of)\s+(?:the\s+)?(?:\w+\s+)?{_SUPERLATIVE}\b{_REST}"
    r"|\bmost\s+(?:common|frequent|popular)\b",
    re.IGNORECASE,
)
_OF_EACH = re.compile(r"\b(?:each|every|per)\b", re.IGNORECASE)
_POINT_BACK = {"how", "it", "its", "year", "years"}
_SAID_OF: dict[type[exp.Expr], str] = {
    exp.Count: "number count counts counted times frequency total amount many often",
    exp.Sum: "total sum amount much many",
    exp.Avg: "average mean avg",
}


def drop_unasked(scope: Scope, catalogue: Catalogue, question: str) -> list[Note]:
    """Take such columns out of a whole query."""
    select, order = scope.select, scope.select.args.get("order")
    if select.parent is not None or order is None or not _is_plain(select):
        return []
    phrase = _FIRST if _takes_one(select) else _ORDER
    if not phrase.search(question) or _names_more(question, phrase, select, scope, catalogue):
        return []
    asked = words(phrase.sub(" ", question))
    keys = select.args["group"].expressions if select.args.get("group") else []
    unasked = [
        one
        for one in select.expressions
        if _sorts(one, order) and not _is_named(one, asked) and one.unalias() not in keys and _may_go(one, select)
    ]
    left = [one for one in select.expressions if not any(one is other for other in unasked)]
    if not unasked or not any(_is_named(one, asked) for one in left) or not _let_go(unasked, select, order):
        return []
    select.set("expressions", left)
    return [Note("unasked_column", f"{_title(one)} was left out: it sorts and is not asked for.") for one in unasked]


def _is_plain(select: exp.Select) -> bool:
    """Whether each thing that is shown can go without another meaning for the rest."""
    group = select.args.get("group")
    positions = group is not None and (group.args.get("all") or any(one.is_int for one in group.expressions))
    moving = any(one.is_star or one.find(exp.Window, exp.Explode, exp.Unnest) for one in select.expressions)
    return not select.args.get("distinct") and not positions and not moving


def _takes_one(select: exp.Select) -> bool:
    limit = select.args.get("limit")
    return isinstance(limit, exp.Limit) and limit.expression is not None and limit.expression.sql() == "1"


def _names_more(question: str, phrase: re.Pattern[str], select: exp.Select, scope: Scope, catalogue: Catalogue) -> bool:
    """Whether something after the phrase is not a name of the tables: it may ask for the column in other words."""
    *_, last = phrase.finditer(question)
    names = [catalogue.spelling[one.table] for one in scope.sources if one.table]
    names += [column.name for column in select.find_all(exp.Column)]
    known = {form for name in names for word in words(name) for form in forms(word)}
    after = [word for word in words(question[last.end() :]) if word not in SAY_NOTHING - _POINT_BACK]
    return any(not forms(word) & known for word in after) or (
        bool(_OF_EACH.search(question)) and bool(select.find(exp.AggFunc))
    )


def _sorts(shown: exp.Expr, order: exp.Order) -> bool:
    keys = [one.this for one in order.expressions]
    return any(key == shown.unalias() or _is_alias(key, shown) for key in keys)


def _is_alias(key: exp.Expr, shown: exp.Expr) -> bool:
    return isinstance(key, exp.Column) and not key.table and key.name.lower() == shown.alias.lower() != ""


def _may_go(shown: exp.Expr, select: exp.Select) -> bool:
    """A column of the table, or the figure by which one row was found to be the first."""
    if isinstance(shown.unalias(), exp.Column):
        return not select.find(exp.AggFunc)
    return _takes_one(select) and isinstance(shown.unalias(), exp.Count | exp.Sum | exp.Avg)


def _is_named(shown: exp.Expr, asked: Sequence[str]) -> bool:
    """Whether one of these words may ask for what is shown."""
    figures = {word for kind, said in _SAID_OF.items() if shown.find(kind) for word in said.split()}
    if figures & {form for word in asked for form in singulars(word)}:
        return True
    if isinstance(shown.unalias(), exp.Count):
        # A count is called after what it counts: only a word of its own is one that the question may have used.
        return bool(set(words(shown.alias)) & set(asked) - _of_names(shown))
    names = [one.name for one in shown.find_all(exp.Column)]
    called = {form for name in (*names, shown.alias) for word in words(name) for form in forms(word)}
    return bool(called & {form for word in asked for form in forms(word)})


def _of_names(shown: exp.Expr) -> set[str]:
    """The words of the query's tables and of its columns besides this one, with their plurals."""
    select = shown.find_ancestor(exp.Select) or shown
    names = [one.name for one in select.find_all(exp.Table, exp.Column) if one.name.lower() != shown.alias.lower()]
    return {form for name in names for word in words(name) for form in (word, f"{word}s", f"{word}es")}


def _let_go(unasked: list[exp.Expr], select: exp.Select, order: exp.Order) -> bool:
    """Let ORDER BY name what its aliases stood for; False if a position or anything else names what would go."""
    if any(one.this.is_int for one in order.expressions):
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


def _title(shown: exp.Expr) -> str:
    return shown.name if isinstance(shown, exp.Column) else shown.alias or shown.sql("sqlite")
