"""Walks one statement from the inside out: names first, then groups, then every expression by its rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlglot import exp
from sqlglot.expressions import Expr

from lib.asking.bridge import arithmetic, compare, dates, functions, grouping, names, queries, texts
from lib.asking.bridge.infer import inferred
from lib.asking.bridge.kinds import is_known, is_stored, kind, known
from lib.asking.bridge.notes import Notes
from lib.asking.bridge.scope import Field, Scope, Source, aliases_of, clauses, is_star, own_nodes
from lib.errors import CannotTranslate

Rule = Callable[[Any, Notes], Expr]
Tables = Mapping[str, tuple[Field, ...]]

RULES: Mapping[type[Expr], tuple[Rule, ...]] = {
    **dict.fromkeys((exp.Add, exp.Sub), (arithmetic.text_operands,)),
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE), (compare.comparison,)),
    **dict.fromkeys((exp.NullSafeEQ, exp.NullSafeNEQ), (compare.comparison,)),
    **dict.fromkeys((exp.And, exp.Or, exp.Not), (arithmetic.truths,)),
    **dict.fromkeys((exp.CurrentDate, exp.CurrentTime, exp.CurrentTimestamp), (dates.current,)),
    exp.Anonymous: (functions.translated,),
    exp.Between: (compare.between,),
    exp.Case: (compare.simple_case, arithmetic.branch_conditions, texts.unified_branches),
    exp.Cast: (arithmetic.casts,),
    exp.DPipe: (texts.concatenated,),
    exp.Div: (arithmetic.division_of_text, arithmetic.text_operands, arithmetic.division),
    exp.Glob: (texts.printed_operands,),
    exp.In: (compare.member,),
    exp.Like: (texts.like,),
    exp.Mod: (arithmetic.remainder,),
    exp.Mul: (arithmetic.text_operands, arithmetic.wide_product),
    exp.Neg: (arithmetic.negated_text,),
    exp.Ordered: (queries.null_order,),
    exp.RegexpLike: (texts.regexp,),
}
_ALIAS_FIRST = "order"
_DONE = "done"


class Translation:
    """One statement over tables whose columns and kinds are known. `sql` is its text."""

    def __init__(self, sql: str, tables: Tables) -> None:
        self._sql = sql
        self._tables = tables
        self.notes = Notes()
        self.unresolved = False

    def statement(self, tree: Expr) -> Expr:
        """The tree, translated in place. Raises CannotTranslate."""
        if not isinstance(tree, (exp.Query, exp.Subquery)):
            raise CannotTranslate("Only a SELECT can be translated.", "Write one SELECT.")
        self._query(tree, Scope(), {})
        return tree

    def _query(self, query: Expr, outer: Scope, ctes: Tables) -> tuple[Field, ...] | None:
        """Translate a query in place; return its columns, None when they cannot be told."""
        if _DONE in query.meta:
            done: tuple[Field, ...] | None = query.meta[_DONE]
            return done
        ctes = self._ctes(query, outer, ctes)
        match query:
            case exp.Select():
                fields = self._select(query, outer, ctes)
            case exp.SetOperation():
                fields = self._set_operation(query, outer, ctes)
            case exp.Subquery() | exp.Paren():
                fields = self._query(query.this, outer, ctes)
                self._order(query, outer, ctes)
            case _:
                self._expressions(query, outer, ctes)
                fields = None
        if isinstance(query, exp.Query):
            queries.no_limit(query, self.notes)
        return fields

    def _ctes(self, query: Expr, outer: Scope, ctes: Tables) -> Tables:
        with_ = query.args.get("with_")
        if with_ is None:
            return ctes
        seen = dict(ctes)
        for one in with_.expressions:
            name = one.alias.lower()
            seen.pop(name, None)
            if with_.args.get("recursive") and isinstance(one.this, exp.SetOperation):
                self._start(one, one.this, outer, seen)
            self._remember(seen, one, self._query(one.this, outer, seen))
        return seen

    def _start(self, cte: exp.CTE, query: exp.SetOperation, outer: Scope, seen: dict[str, Any]) -> None:
        """The columns of a recursive query are told by the part that it starts from."""
        first: Expr = query.this
        while isinstance(first, exp.SetOperation):
            first = first.this
        fields = self._query(first, outer, seen)
        first.meta[_DONE] = fields
        self._remember(seen, cte, fields)

    def _remember(self, seen: dict[str, Any], cte: exp.CTE, fields: tuple[Field, ...] | None) -> None:
        renamed = cte.args["alias"].args.get("columns") or []
        if fields and renamed:
            fields = tuple(replace(one, name=new.name) for one, new in zip(fields, renamed, strict=False))
        seen[cte.alias.lower()] = fields

    def _select(self, select: exp.Select, outer: Scope, ctes: Tables) -> tuple[Field, ...] | None:
        scope = Scope(self._sources(select, outer, ctes), dict(aliases_of(select)), outer)
        queries.late_conditions(select, self.notes)
        names.text_aliases(select, self.notes, self._sql)
        for name, part in list(clauses(select)):
            self._resolve(part, scope, alias_first=name == _ALIAS_FIRST)
        scope.aliases = dict(aliases_of(select))
        grouping.bare_columns(select, scope, self.notes)
        select.set("expressions", [self._expression(one, scope, ctes) for one in select.expressions])
        scope.aliases = dict(aliases_of(select))
        for name, part in list(clauses(select)):
            if name != "expressions":
                part.replace(self._expression(part, scope, ctes))
        self._conditions(select)
        return self._fields(select, scope)

    def _conditions(self, select: exp.Select) -> None:
        for name in ("where", "having"):
            if (clause := select.args.get(name)) is not None:
                clause.set("this", arithmetic.truth(clause.this, self.notes))
        for join in select.args.get("joins") or ():
            if join.args.get("on") is not None:
                join.set("on", arithmetic.truth(join.args["on"], self.notes))

    def _set_operation(self, query: exp.SetOperation, outer: Scope, ctes: Tables) -> tuple[Field, ...] | None:
        left = self._query(query.this, outer, ctes)
        right = self._query(query.expression, outer, ctes)
        self._order(query, outer, ctes)
        queries.set_order(query, self.notes)
        if left is None or right is None:
            return left
        return queries.shared_columns(query, left, right, self.notes)

    def _order(self, query: Expr, outer: Scope, ctes: Tables) -> None:
        """The order of a set operation: its keys are columns of the result."""
        for one in query.args["order"].expressions if query.args.get("order") is not None else ():
            queries.null_order(one, self.notes)

    def _sources(self, select: exp.Select, outer: Scope, ctes: Tables) -> list[Source]:
        from_ = select.args.get("from_")
        found = self._source(from_.this, outer, ctes) if from_ is not None else []
        for join in select.args.get("joins") or ():
            found += self._joined(join, found, outer, ctes)
        for lateral in select.args.get("laterals") or ():
            found.append(Source(lateral.alias, None))
        return found

    def _joined(self, join: exp.Join, before: list[Source], outer: Scope, ctes: Tables) -> list[Source]:
        """The sources of a join; columns that it merges belong to those on the left."""
        sources = self._source(join.this, outer, ctes)
        merged = {one.name.lower() for one in join.args.get("using") or ()}
        if join.method == "NATURAL":
            left = {one.name.lower() for source in before for one in source.fields or ()}
            merged = {one.name.lower() for source in sources for one in source.fields or () if one.name.lower() in left}
        if merged:
            before[:] = [replace(one, merged=one.merged | merged) for one in before]
            sources = [replace(one, merged=one.merged | merged) for one in sources]
        return sources

    def _source(self, node: Expr, outer: Scope, ctes: Tables) -> list[Source]:
        match node:
            case exp.Table():
                found = [self._table(node, ctes)]
            case exp.Subquery() if isinstance(node.this, exp.Table):
                found = self._source(node.this, outer, ctes)
            case exp.Subquery():
                fields = self._query(node.this, outer, ctes)
                found = [Source(node.alias, self._renamed(node, fields))]
            case exp.Paren():
                found = self._source(node.this, outer, ctes)
            case _:
                found = [Source(node.alias_or_name, None)]
        for join in node.args.get("joins") or ():
            found += self._joined(join, found, outer, ctes)
            if join.args.get("on") is not None:
                scope = Scope(list(found), {}, outer)
                self._resolve(join.args["on"], scope, alias_first=False)
                join.set("on", self._expression(join.args["on"], scope, ctes))
        return found

    def _table(self, node: exp.Table, ctes: Tables) -> Source:
        name = node.name.lower()
        if not isinstance(node.this, exp.Identifier):
            return Source(node.alias_or_name, None)
        if name in ctes:
            return Source(node.alias_or_name, self._renamed(node, ctes[name]))
        return Source(node.alias_or_name, self._renamed(node, self._tables.get(name)), is_table=name in self._tables)

    def _renamed(self, node: Expr, fields: tuple[Field, ...] | None) -> tuple[Field, ...] | None:
        alias = node.args.get("alias")
        columns = alias.args.get("columns") if isinstance(alias, exp.TableAlias) else None
        if not fields or not columns:
            return fields
        return tuple(replace(one, name=new.name) for one, new in zip(fields, columns, strict=False))

    def _resolve(self, part: Expr, scope: Scope, *, alias_first: bool) -> None:
        for node in list(own_nodes(part)):
            if isinstance(node, exp.Column) and not is_star(node):
                first = alias_first and isinstance(node.parent, exp.Ordered)
                new = names.resolve(node, scope, self.notes, self._sql, alias_first=first)
                if new is not node:
                    node.replace(new)
                elif not names.is_resolved(node, scope):
                    self.unresolved = True

    def _expression(self, node: Expr, scope: Scope, ctes: Tables) -> Expr:
        """The expression, translated from its leaves up."""
        if isinstance(node, (exp.Subquery, exp.Query)):
            return self._subquery(node, scope, ctes)
        if isinstance(node, exp.Column):
            return names.typed(node, scope)
        self._expressions(node, scope, ctes)
        return self._by_rules(node)

    def _expressions(self, node: Expr, scope: Scope, ctes: Tables) -> None:
        for key, value in list(node.args.items()):
            if isinstance(value, Expr):
                node.set(key, self._expression(value, scope, ctes))
            elif isinstance(value, list):
                node.set(key, [self._expression(one, scope, ctes) if isinstance(one, Expr) else one for one in value])

    def _by_rules(self, node: Expr) -> Expr:
        if is_known(node):
            return node
        for rule in RULES.get(type(node), ()):
            new = rule(node, self.notes)
            if type(new) is not type(node):
                node = new
                break
            node = new
        return node if is_known(node) else inferred(node)

    def _subquery(self, node: Expr, scope: Scope, ctes: Tables) -> Expr:
        fields = self._query(node, scope, ctes)
        if isinstance(node, exp.Subquery) and not isinstance(node.parent, (exp.In, exp.Exists, exp.Any, exp.All)):
            queries.first_row(node.this, self.notes)
        if fields and len(fields) == 1:
            return known(node, fields[0].kind, stored=fields[0].stored)
        return node

    def _fields(self, select: exp.Select, scope: Scope) -> tuple[Field, ...] | None:
        fields: list[Field] = []
        for one in select.expressions:
            if is_star(one):
                starred = _starred(one, scope)
                if starred is None:
                    return None
                fields += starred
            else:
                inner = one.unalias()
                fields.append(Field(one.alias_or_name or inner.sql(dialect="sqlite"), kind(inner), is_stored(inner)))
        return tuple(fields)


def _starred(star: Expr, scope: Scope) -> list[Field] | None:
    wanted = star.table.lower() if isinstance(star, exp.Column) else ""
    fields: list[Field] = []
    seen: set[str] = set()
    for source in scope.sources:
        if wanted and source.name.lower() != wanted:
            continue
        if source.fields is None:
            return None
        fields += [one for one in source.fields if wanted or one.name.lower() not in seen & source.merged]
        seen |= {one.name.lower() for one in source.fields}
    return fields
