"""Joins that a query does not need: they give it no column, and the question does not speak of them.

Such a join repeats rows or loses some. A LEFT JOIN never filters, so it goes whatever the question says; an inner one
goes only when no word of the question can mean its table. Where rows are counted, every join stays.
"""

from __future__ import annotations

from sqlglot import exp

from lib.asking.mend.catalogue import Catalogue
from lib.asking.mend.scope import Scope, Source
from lib.data.table import Note
from lib.data.words import singulars, words


def drop_unneeded(scope: Scope, catalogue: Catalogue, question: str) -> list[Note]:
    """Take such joins out of the scope, the last one first, since one may have served only another."""
    if scope.own(exp.Count) or any(one.is_star for one in scope.select.expressions):
        return []
    notes = []
    for join in reversed(scope.select.args.get("joins") or []):
        source = scope.source(join.this.alias_or_name) if isinstance(join.this, exp.Table) else None
        if source is None or not source.table or not _is_plain(join):
            continue
        others = [one for one in scope.sources if one is not source]
        if join.side != "LEFT" and _is_spoken_of(source, others, catalogue, question):
            continue
        if _give_up(join, source, scope):
            join.pop()
            scope.sources.remove(source)
            title = catalogue.spelling[source.table]
            notes.append(Note("mended_join", f"The join with {title} was left out: nothing of it is asked for."))
    return notes


def _is_plain(join: exp.Join) -> bool:
    """Whether rows are joined where two columns are equal."""
    on = join.args.get("on")
    return join.side in ("", "LEFT") and join.kind in ("", "INNER") and _key(on) is not None


def _key(on: object) -> tuple[exp.Column, exp.Column] | None:
    if isinstance(on, exp.EQ) and isinstance(on.this, exp.Column) and isinstance(on.expression, exp.Column):
        return on.this, on.expression
    return None


def _give_up(join: exp.Join, source: Source, scope: Scope) -> bool:
    """Let the other side's column stand wherever the key of this one is named; False if more of it is used."""
    key = _key(join.args["on"])
    if key is None:
        return False
    mine, other = key if key[0].table.lower() == source.alias.lower() else (key[1], key[0])
    if mine.table.lower() != source.alias.lower() or other.table.lower() == mine.table.lower():
        return False
    used = []
    for column in scope.select.find_all(exp.Column):
        if column is mine or column is other:
            continue
        if not column.table and source.has(column.name) and isinstance(column.this, exp.Identifier):
            return False
        if column.table.lower() == source.alias.lower():
            used.append(column)
    if any(one.name.lower() != mine.name.lower() for one in used) or (used and join.side == "LEFT"):
        return False
    for column in used:
        column.replace(other.copy())
    return True


def _is_spoken_of(source: Source, others: list[Source], catalogue: Catalogue, question: str) -> bool:
    """Whether a word of the question can mean the table: one of its name that no other table here has in its name."""
    asked = {form for word in words(question) for form in singulars(word)}
    elsewhere = {form for one in others if one.table for form in _forms(catalogue.spelling[one.table])}
    own = _forms(catalogue.spelling[source.table]) - elsewhere
    return not own or any(_mean_the_same(one, word) for one in own for word in asked)


def _forms(name: str) -> set[str]:
    return {form for word in words(name) for form in singulars(word)}


def _mean_the_same(one: str, other: str) -> bool:
    """The same word, or two of one stem: `order` and `ordered`, `acceptance` and `accepted`."""
    short = min(len(one), len(other), 6)
    return one == other or (short >= 4 and one[:short] == other[:short])
