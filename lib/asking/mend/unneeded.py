"""Joins that a query does not need: they give it no column, and every word of the question is accounted for without.

Such a join repeats rows or loses some. It may as well be meant to: "customers who bought something" joins orders and
shows nothing of them. So an inner join goes only when the rest of the query explains each word of the question; a
question in another language than the names explains none. Where rows are counted, every join stays.
"""

from __future__ import annotations

import re

from sqlglot import exp

from lib.asking.mend.catalogue import Catalogue
from lib.asking.mend.scope import Scope, Source
from lib.data.table import Note
from lib.data.words import singulars, words

STEM = 5

SAY_NOTHING = frozenset(
    """a about above all also among an and any are as ascending at average be been below between bigger both by can
    descending did different distinct do does each equal every find first for from get give greater greatest had has
    have having high higher highest how in is it its larger largest last least less list longest low lower lowest many
    max maximum me mean min minimum more most much name names not number of on only or order ordered over per please
    return same show shown small smaller smallest sort sorted sum tell than that the their them then these they this
    those to total under us was we were what when where which who whose with year years you
    achieve achieved belong belongs contain contains obtain obtained""".split()
)
_TOTALS = (exp.Sum, exp.Avg, exp.Max, exp.Min)


def drop_unneeded(scope: Scope, catalogue: Catalogue, question: str) -> list[Note]:
    """Take such joins out of a whole query, the last one first, since one may have served only another."""
    if scope.select.parent is not None or _counts_rows(scope):
        return []
    notes = []
    for join in reversed(scope.select.args.get("joins") or []):
        source = scope.source(join.this.alias_or_name) if isinstance(join.this, exp.Table) else None
        if source is None or not source.table or not _is_plain(join):
            continue
        others = [one for one in scope.sources if one is not source]
        if join.side != "LEFT" and not _is_accounted_for(question, scope.select, others, catalogue):
            continue
        if _give_up(join, source, scope):
            join.pop()
            scope.sources.remove(source)
            title = catalogue.spelling[source.table]
            notes.append(Note("mended_join", f"The join with {title} was left out: nothing of it is asked for."))
    return notes


def _counts_rows(scope: Scope) -> bool:
    """Whether the number of rows matters for more than their list: totals may be taken of plain columns only."""
    if any(one.is_star for one in scope.select.expressions) or scope.own(exp.Window):
        return True
    totals = [one for one in scope.own(exp.AggFunc) if isinstance(one, exp.Expression)]
    return any(not isinstance(one, _TOTALS) or not isinstance(one.this, exp.Column) for one in totals)


def _is_plain(join: exp.Join) -> bool:
    """Whether rows are joined where two columns are equal."""
    return join.side in ("", "LEFT") and join.kind in ("", "INNER") and _key(join.args.get("on")) is not None


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


def _is_accounted_for(question: str, select: exp.Select, others: list[Source], catalogue: Catalogue) -> bool:
    """Whether the other tables' names and columns and the query's own values explain every word of the question."""
    names = [catalogue.spelling[one.table] for one in others if one.table]
    names += [name for one in others for name in (one.columns or {}).values()]
    values = [str(one.this) for one in select.find_all(exp.Literal)]
    known = {form for name in (*names, *values) for word in words(name) for form in forms(word)}
    asked = [word for word in re.findall(r"[^\W_]+", question.casefold()) if word not in SAY_NOTHING]
    return bool(asked) and all(forms(word) & known for word in asked)


def forms(word: str) -> set[str]:
    """What a word shares with its other forms: `teach` and `teachers`, `founding` and `founded`."""
    return {*singulars(word), *([word[:STEM]] if len(word) >= STEM else [])}
