"""Which column a name means: the sources of each SELECT, its aliases, and the queries around it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.expressions import Expr

from lib.asking.bridge.kinds import Kind, kind_of_type
from lib.data.table import Table

ROW_NUMBERS = frozenset({"rowid", "oid", "_rowid_"})
_FOUND = "found"


@dataclass(frozen=True)
class Field:
    """One column of a source. `stored` says that SQLite would give it a column's affinity.

    `type` is the engine's name of a loaded table's type; what a query computes has none.
    """

    name: str
    kind: Kind
    stored: bool = True
    type: str = ""


@dataclass(frozen=True)
class Source:
    """What FROM names. `fields` is None when its columns are not known; `merged` are those shared through USING."""

    name: str
    fields: tuple[Field, ...] | None
    is_table: bool = False
    merged: frozenset[str] = frozenset()

    def field(self, name: str) -> Field | None:
        return next((one for one in self.fields or () if one.name.lower() == name), None)


@dataclass(frozen=True)
class Found:
    """The column of a source, `level` queries further out."""

    field: Field
    source: Source
    level: int


@dataclass
class Scope:
    sources: list[Source] = field(default_factory=list)
    aliases: dict[str, exp.Alias] = field(default_factory=dict)
    outer: Scope | None = None

    def find(self, column: exp.Column) -> Found | None:
        """The column of the innermost query that has one of this name."""
        scope: Scope | None = self
        level = 0
        while scope is not None:
            for source in scope.sources:
                if column.table and source.name.lower() != column.table.lower():
                    continue
                if one := source.field(column.name.lower()):
                    return Found(one, source, level)
            scope, level = scope.outer, level + 1
        return None

    def alias(self, column: exp.Column) -> exp.Alias | None:
        """The projection that the name is an alias of, in this query or one further out."""
        scope: Scope | None = None if column.table else self
        while scope is not None:
            if found := scope.aliases.get(column.name.lower()):
                return found
            scope = scope.outer
        return None

    @property
    def is_closed(self) -> bool:
        """Whether all columns that a name could mean here are known."""
        scope: Scope | None = self
        while scope is not None:
            if any(one.fields is None for one in scope.sources):
                return False
            scope = scope.outer
        return True

    def has_table(self, column: exp.Column) -> Source | None:
        """The loaded table that a name like rowid would count the rows of."""
        tables = [one for one in self.sources if one.is_table]
        if column.table:
            tables = [one for one in tables if one.name.lower() == column.table.lower()]
        return tables[0] if len(tables) == 1 else None


def stored_tables(tables: Sequence[Table]) -> dict[str, tuple[Field, ...]]:
    """The loaded tables' columns by the table's name in small letters."""
    return {
        table.name.lower(): tuple(Field(one.name, kind_of_type(one.type), type=one.type) for one in table.columns)
        for table in tables
    }


def found(column: Expr) -> Found | None:
    """What `remember` has put on a column."""
    one: Found | None = column.meta.get(_FOUND)
    return one


def remember(column: exp.Column, what: Found) -> None:
    column.meta[_FOUND] = what


def own_nodes(node: Expr) -> Iterator[Expr]:
    """The node and what is below it, without the queries inside it."""
    yield node
    for child in children(node):
        if not isinstance(child, (exp.Query, exp.Subquery)):
            yield from own_nodes(child)


def children(node: Expr) -> Iterable[Expr]:
    for value in list(node.args.values()):
        if isinstance(value, Expr):
            yield value
        elif isinstance(value, list):
            yield from (one for one in value if isinstance(one, Expr))


def clauses(select: exp.Select) -> Iterator[tuple[str, Expr]]:
    """The parts of a SELECT that hold expressions of its own scope, in the order in which they are resolved."""
    for one in select.expressions:
        yield "expressions", one
    for join in select.args.get("joins") or ():
        if join.args.get("on") is not None:
            yield "on", join.args["on"]
    for name in ("where", "group", "having", "qualify", "order"):
        if select.args.get(name) is not None:
            yield name, select.args[name]
    for window in select.args.get("windows") or ():
        yield "windows", window
    for name in ("limit", "offset"):
        if select.args.get(name) is not None:
            yield name, select.args[name]


def is_star(node: Expr) -> bool:
    return isinstance(node, exp.Star) or (isinstance(node, exp.Column) and isinstance(node.this, exp.Star))


def aliases_of(select: exp.Select) -> Mapping[str, exp.Alias]:
    return {one.alias.lower(): one for one in select.expressions if isinstance(one, exp.Alias)}
