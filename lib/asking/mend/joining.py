"""Joins that the keys imply: adds the ones that a query forgot, and corrects the ones that name no column."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp

from lib.asking.mend.catalogue import Catalogue
from lib.asking.mend.scope import Scope, Source
from lib.data.table import Join, Note


def forgotten_way(starts: Sequence[Source], column: str, catalogue: Catalogue) -> tuple[Source, list[Join]] | None:
    """The shortest way over keys from one of the sources to a table that has the column."""
    owners = set(catalogue.owners(column))
    ways = [(start, catalogue.way(start.table, owners.__contains__)) for start in starts]
    found = [(start, way) for start, way in ways if way]
    return min(found, key=lambda one: len(one[1])) if found else None


def add_way(scope: Scope, start: Source, way: Sequence[Join], catalogue: Catalogue) -> str:
    """Join the tables along the way, those that are there already reused; return the last one's alias."""
    here = start
    for step in way:
        there = next((one for one in scope.sources if one.table == step.right_table.lower() and one is not start), None)
        if there is None:
            there = _add(scope, here, step, catalogue)
        here = there
    return here.alias


def _add(scope: Scope, here: Source, step: Join, catalogue: Catalogue) -> Source:
    table = step.right_table.lower()
    new = Source(_free_alias(scope, catalogue.spelling[table]), table, catalogue.columns[table], added=True)
    _qualify(scope, new)
    right = exp.to_table(exp.to_identifier(step.right_table).sql("sqlite"), dialect="sqlite")
    if new.alias.lower() != table:
        right.set("alias", exp.TableAlias(this=exp.to_identifier(new.alias)))
    on = exp.EQ(this=_named(here.alias, step.left_column), expression=_named(new.alias, step.right_column))
    scope.select.append("joins", exp.Join(this=right, kind="INNER", on=on))
    scope.sources.append(new)
    return new


def _qualify(scope: Scope, new: Source) -> None:
    """Names without a table that the new one has too must go on meaning what they meant."""
    for column in scope.own(exp.Column):
        if not isinstance(column, exp.Column) or column.table or not new.has(column.name):
            continue
        if owners := scope.with_column(column.name):
            column.set("table", exp.to_identifier(owners[0].alias))


def _free_alias(scope: Scope, table: str) -> str:
    taken = {one.alias.lower() for one in scope.sources}
    numbered = [int(found[1]) for one in taken if (found := re.fullmatch(r"t(\d+)", one))]
    if numbered:
        return f"T{max(numbered) + 1}"
    return table if table.lower() not in taken else f"{table}_{len(taken) + 1}"


def rejoin(join: exp.Join, scope: Scope, catalogue: Catalogue) -> list[Note]:
    """An ON that compares a column which one side has not: the key between the two tables takes its place."""
    on = join.args.get("on")
    if not isinstance(on, exp.EQ) or not isinstance(on.this, exp.Column) or not isinstance(on.expression, exp.Column):
        return []
    ends = [scope.source(one.table) for one in (on.this, on.expression)]
    left, right = ends
    if left is None or right is None or left is right or not (left.table and right.table):
        return []
    if left.has(on.this.name) and right.has(on.expression.name):
        return []
    way = catalogue.between(left.table, right.table)
    if not way:
        return []
    if len(way) == 1:
        join.set(
            "on",
            exp.EQ(this=_named(left.alias, way[0].left_column), expression=_named(right.alias, way[0].right_column)),
        )
    else:
        _through(join, scope, left, right, way, catalogue)
    return [Note("mended_join", f"{_title(left, catalogue)} and {_title(right, catalogue)} were joined by their keys.")]


def _through(
    join: exp.Join, scope: Scope, left: Source, right: Source, way: Sequence[Join], catalogue: Catalogue
) -> None:
    """Put the tables between the two before the join."""
    joined = scope.select.args["joins"]
    count = len(joined)
    last = add_way(scope, left, way[:-1], catalogue)
    added = joined[count:]
    del joined[count:]
    at = joined.index(join)
    joined[at:at] = added
    join.set("on", exp.EQ(this=_named(last, way[-1].left_column), expression=_named(right.alias, way[-1].right_column)))


def _named(alias: str, column: str) -> exp.Column:
    return exp.column(exp.to_identifier(column), table=exp.to_identifier(alias))


def _title(source: Source, catalogue: Catalogue) -> str:
    return catalogue.spelling[source.table]
