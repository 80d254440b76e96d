"""One SELECT of a query, the tables that it reads, and the columns that it names itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from lib.asking.mend.catalogue import Catalogue

Columns = Mapping[str, str]


@dataclass
class Source:
    """What stands in FROM or JOIN. `table` is the loaded table in lower case, empty for a subquery or a CTE.

    `columns` maps lower-case names to their spelling; None means that they are not known.
    """

    alias: str
    table: str
    columns: Columns | None
    added: bool = False
    """Whether it was joined here, so that no query inside this one can have meant it."""

    def has(self, column: str) -> bool:
        return self.columns is None or column.lower() in self.columns


@dataclass
class Scope:
    """A SELECT with its sources; `outer` is the one around it, whose columns it may name too."""

    select: exp.Select
    sources: list[Source]
    outer: Scope | None
    outputs: set[str] = field(default_factory=set)
    is_clear: bool = True
    """Whether every source is understood; else nothing is known of what a name means."""

    def source(self, alias: str) -> Source | None:
        return next((one for one in self.sources if one.alias.lower() == alias.lower()), None)

    def with_column(self, column: str) -> list[Source]:
        return [one for one in self.sources if one.has(column)]

    def sees(self, column: str) -> bool:
        """Whether a name without a table means something here or further out."""
        here: Scope | None = self
        while here is not None:
            if column.lower() in here.outputs or any(here is self or not one.added for one in here.with_column(column)):
                return True
            here = here.outer
        return False

    def knows(self, alias: str) -> bool:
        """Whether a table is called so here or further out."""
        here: Scope | None = self
        while here is not None:
            if here.source(alias):
                return True
            here = here.outer
        return False

    def own(self, kind: type[exp.Expr]) -> list[exp.Expr]:
        """The nodes of this kind in this SELECT, those of queries inside it left out."""
        return [node for node in _own(self.select) if isinstance(node, kind)]


def scopes(query: exp.Expr, catalogue: Catalogue) -> Iterator[Scope]:
    """Every SELECT of the query, an outer one before those in its conditions, a CTE before its use.

    What a consumer changes in a scope is seen by the scopes inside it.
    """
    yield from _of(query, catalogue, {}, None)


def _of(
    query: exp.Expr, catalogue: Catalogue, ctes: Mapping[str, Columns | None], outer: Scope | None
) -> Iterator[Scope]:
    if with_ := query.args.get("with_"):
        ctes = dict(ctes)
        for one in with_.expressions:
            yield from _of(one.this, catalogue, ctes, outer)
            ctes[one.alias.lower()] = _named(one, outputs(one.this))
    if isinstance(query, exp.Subquery):
        yield from _of(query.this, catalogue, ctes, outer)
    elif isinstance(query, exp.SetOperation):
        yield from _of(query.this, catalogue, ctes, outer)
        yield from _of(query.expression, catalogue, ctes, outer)
    elif isinstance(query, exp.Select):
        yield from _of_select(query, catalogue, ctes, outer)


def _of_select(
    select: exp.Select, catalogue: Catalogue, ctes: Mapping[str, Columns | None], outer: Scope | None
) -> Iterator[Scope]:
    items = [item.this for item in (select.args.get("from_"), *(select.args.get("joins") or [])) if item is not None]
    for item in items:
        if isinstance(item, exp.Subquery):
            yield from _of(item, catalogue, ctes, None)
    scope = Scope(select, [_source(item, catalogue, ctes) for item in items], outer)
    scope.is_clear = (outer is None or outer.is_clear) and all(map(_is_clear, items))
    scope.outputs = {one.alias.lower() for one in select.expressions if isinstance(one, exp.Alias)}
    yield scope
    for node in _own(select):
        if isinstance(node, exp.Query) and not any(node is item or node.parent is item for item in items):
            yield from _of(node, catalogue, ctes, scope)


def _is_clear(item: exp.Expr) -> bool:
    """A table or a query under its own names: no join in brackets, no PIVOT, no columns that an alias renames."""
    if not isinstance(item, exp.Table | exp.Subquery) or item.args.get("joins") or item.args.get("pivots"):
        return False
    alias = item.args.get("alias")
    renamed = bool(alias is not None and alias.args.get("columns"))
    return not renamed and (isinstance(item, exp.Table) or isinstance(item.this, exp.Query))


def _source(item: exp.Expr, catalogue: Catalogue, ctes: Mapping[str, Columns | None]) -> Source:
    if isinstance(item, exp.Table):
        name = item.name.lower()
        if name in ctes:
            return Source(item.alias_or_name, "", ctes[name])
        return Source(item.alias_or_name, name if name in catalogue.columns else "", catalogue.columns.get(name))
    return Source(item.alias_or_name, "", outputs(item) if isinstance(item, exp.Subquery) else None)


def outputs(query: exp.Expr) -> Columns | None:
    """The columns that a query gives, None where a star hides them."""
    while isinstance(query, exp.Subquery | exp.SetOperation):
        query = query.this
    if not isinstance(query, exp.Select) or any(one.is_star for one in query.expressions):
        return None
    return {one.alias_or_name.lower(): one.alias_or_name for one in query.expressions}


def _named(cte: exp.Expr, columns: Columns | None) -> Columns | None:
    given: Sequence[exp.Expr] = cte.args["alias"].args.get("columns") or ()
    return {one.name.lower(): one.name for one in given} if given else columns


def _own(node: exp.Expr) -> Iterator[exp.Expr]:
    """The nodes below, each query inside as itself only; a WITH is not part of it."""
    for key, value in node.args.items():
        if key == "with_":
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, exp.Expr):
                yield child
                if not isinstance(child, exp.Query):
                    yield from _own(child)
