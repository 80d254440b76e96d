"""Columns beside aggregates: SQLite takes them from one row of the group, the engine wants to be told which."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp
from sqlglot.expressions import Expr

from lib.asking.bridge import engine
from lib.asking.bridge.build import call
from lib.asking.bridge.functions import AGGREGATES
from lib.asking.bridge.kinds import known
from lib.asking.bridge.notes import Notes
from lib.asking.bridge.scope import Found as _Found
from lib.asking.bridge.scope import Scope, Source, children, clauses, found, is_star, remember

_AFTER_GROUPING = ("expressions", "having", "order", "windows", "qualify")


def bare_columns(select: exp.Select, scope: Scope, notes: Notes) -> None:
    """Wrap every column that is neither grouped nor inside an aggregate, so that one row of the group gives it."""
    parts = [node for name, node in clauses(select) if name in _AFTER_GROUPING]
    found_aggregates = [one for part in parts for one in _aggregates(part)]
    group = select.args.get("group")
    if group is None and not found_aggregates:
        return
    if group is not None and (not group.expressions or group.args.get("all")):
        return
    _spell_out_stars(select, scope)
    keys = {_key(one) for one in _grouped(select, scope)}
    choose = _Chooser(found_aggregates, keys, notes)
    for name, node in clauses(select):
        if name in _AFTER_GROUPING:
            choose.within(node)


def is_aggregate(node: Expr) -> bool:
    """MAX and MIN of several values are none."""
    if not isinstance(node, exp.Anonymous):
        return False
    name = node.name.lower()
    if name in ("max", "min"):
        return len(node.expressions) == 1
    return name in AGGREGATES or name in engine.aggregates()


class _Chooser:
    def __init__(self, aggregates: list[Expr], keys: set[object], notes: Notes) -> None:
        self._keys = keys
        self._notes = notes
        extremes = {one.sql(): one for one in aggregates if one.name.lower() in ("max", "min")}
        plain = [one for one in extremes.values() if not isinstance(one.expressions[0], exp.Distinct)]
        self._extreme = plain[0] if len(extremes) == 1 and plain else None

    def within(self, node: Expr) -> None:
        """Wrap the columns below the node, the node included."""
        if isinstance(node, (exp.Query, exp.Subquery)) or _key(node) in self._keys:
            return
        if is_aggregate(node) and not _is_windowed(node):
            return
        if isinstance(node, exp.Filter) and not _is_windowed(node.this):
            return
        if isinstance(node, exp.Column) and not is_star(node):
            self._wrap(node)
            return
        for child in children(node):
            self.within(child)

    def _wrap(self, column: exp.Column) -> None:
        what = found(column)
        if what is None or what.level > 0:
            return
        chosen = self._chosen(column.copy(), what)
        if isinstance(column.parent, exp.Select):
            chosen = exp.Alias(this=chosen, alias=exp.to_identifier(what.field.name, quoted=True))
        column.replace(chosen)

    def _chosen(self, column: exp.Column, what: _Found) -> Expr:
        remember(column, what)
        if what.source.name and what.field.name.lower() not in what.source.merged:
            column.set("table", exp.to_identifier(what.source.name))
        if self._extreme is None:
            self._notes.add("bare_column")
            made = call("first", column)
        else:
            self._notes.add("bare_column_of_extreme")
            name = "arg_max_null" if self._extreme.name.lower() == "max" else "arg_min_null"
            made = call(name, column, self._extreme.expressions[0].copy())
        return known(made, what.field.kind, stored=what.field.stored)


def _aggregates(node: Expr) -> Iterator[Expr]:
    """The aggregates of the query itself; those that a window computes are none."""
    if isinstance(node, (exp.Query, exp.Subquery)):
        return
    if is_aggregate(node) and not _is_windowed(node):
        yield node
        return
    for child in children(node):
        yield from _aggregates(child)


def _is_windowed(node: Expr) -> bool:
    parent = node.parent
    if isinstance(parent, exp.Filter):
        node, parent = parent, parent.parent
    return isinstance(parent, exp.Window) and parent.this is node


def _grouped(select: exp.Select, scope: Scope) -> Iterator[Expr]:
    """What the query is grouped by; positions and aliases stand for their expressions too."""
    group = select.args.get("group")
    for one in group.expressions if group is not None else ():
        yield one
        if isinstance(one, exp.Literal) and not one.is_string and one.this.isdecimal():
            if 0 < int(one.this) <= len(select.expressions):
                yield select.expressions[int(one.this) - 1].unalias()
        elif isinstance(one, exp.Column) and found(one) is None and (alias := scope.alias(one)):
            yield alias.this


def _key(node: Expr) -> object:
    what = found(node) if isinstance(node, exp.Column) else None
    if what is not None:
        return (what.source.name.lower(), what.field.name.lower(), what.level)
    return node.sql(dialect="sqlite").lower()


def _spell_out_stars(select: exp.Select, scope: Scope) -> None:
    """Name the columns that * stands for, because each has to be chosen by itself."""
    if not scope.is_closed or not any(is_star(one) for one in select.expressions):
        return
    spelled: list[Expr] = []
    for one in select.expressions:
        spelled += _columns_of(one, scope) if is_star(one) else [one]
    select.set("expressions", spelled)


def _columns_of(star: Expr, scope: Scope) -> Iterator[exp.Column]:
    wanted = star.table.lower() if isinstance(star, exp.Column) else ""
    for source in scope.sources:
        if not wanted or source.name.lower() == wanted:
            yield from _fields_of(source)


def _fields_of(source: Source) -> Iterator[exp.Column]:
    for one in source.fields or ():
        column = exp.column(exp.to_identifier(one.name, quoted=True), table=source.name or None)
        remember(column, _Found(one, source, 0))
        yield column
