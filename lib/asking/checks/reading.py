"""A query as the checks read it: its SELECTs, what their names stand for, and the rows that they work on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar, cast

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from lib.asking.checks.finding import shown
from lib.asking.checks.probe import Ask
from lib.data.table import Column, Table
from lib.engine.types import quoted

DIALECT = "duckdb"
LONGEST_SQL = 20_000
MOST_SELECTS = 12
"""A longer or more deeply built query is left alone: reading it would take longer than running it."""

_QUERY = re.compile(r"(\s|\(|--[^\n]*\n|/\*.*?\*/)*(SELECT|WITH|FROM)\b", re.IGNORECASE | re.DOTALL)
_T = TypeVar("_T", bound=exp.Expr)
_STRANGE = (exp.Pivot, exp.Lateral, exp.TableSample, exp.Unnest)


@dataclass(frozen=True)
class Base:
    """A column of a loaded table, and the name under which the SELECT has that table."""

    table: Table
    column: Column
    alias: str

    @property
    def rows(self) -> str:
        return f"FROM {quoted(self.table.name)}"

    @property
    def sql(self) -> str:
        return quoted(self.column.name)

    def asks(self, *figures: str) -> tuple[Ask, ...]:
        """Aggregates over the whole table."""
        return tuple(Ask(self.rows, figure) for figure in figures)


@dataclass(frozen=True)
class Source:
    """One name of a FROM: a loaded table, or a query. `padded` if an outer join may fill it with NULL."""

    alias: str
    table: Table | None
    query: exp.Expr | None
    padded: bool = False

    @property
    def name(self) -> str:
        """What a reader knows it by."""
        return shown(self.table.name if self.table else self.alias)


class Select:
    """One SELECT of a query, wherever it stands."""

    def __init__(self, node: exp.Select, reading: Reading) -> None:
        self.node = node
        self._reading = reading

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """What it reads, in order."""
        found: list[Source] = []
        start = self.node.args.get("from_")
        joins = self.node.args.get("joins") or []
        for number, item in enumerate([start, *joins] if start else []):
            side = item.args.get("side") if number else ""
            if side in ("RIGHT", "FULL"):
                found = [Source(one.alias, one.table, one.query, True) for one in found]
            found.append(self._source(item.this, side in ("LEFT", "FULL")))
        return tuple(found)

    @property
    def tables(self) -> tuple[Source, ...]:
        """Those of its sources that are loaded tables."""
        return tuple(one for one in self.sources if one.table)

    def own(self, *kinds: type[_T], among: exp.Expr | None = None) -> Iterator[_T]:
        """The nodes of these kinds that are its own and not those of a query inside it."""
        start = among if among is not None else self.node
        for node in start.walk(prune=lambda one: one is not self.node and isinstance(one, exp.Query | exp.CTE)):
            if isinstance(node, kinds):
                yield node

    def base(self, column: exp.Column) -> Base | None:
        """The table's column that a column stands for, also when it comes through queries unchanged."""
        for source in self.sources:
            if column.table and source.alias.casefold() != column.table.casefold():
                continue
            if found := self._in(source, column.name):
                return found
        return None

    def only(self, node: exp.Expr) -> Base | None:
        """The one column of a table that an expression is about; None if it is about others or other things, too."""
        if any(node.find_all(exp.Query, exp.Window, exp.AggFunc, exp.Placeholder)):
            return None
        found = {self.base(one) for one in node.find_all(exp.Column)}
        return found.pop() if len(found) == 1 else None

    @cached_property
    def conjuncts(self) -> tuple[exp.Expr, ...]:
        """The conditions of its WHERE, all of which must hold."""
        where = self.node.args.get("where")
        return tuple(_flattened(where.this)) if where else ()

    @cached_property
    def group(self) -> tuple[exp.Expr, ...] | None:
        """What it groups by, positions and names resolved; None where that is not plain."""
        group = self.node.args.get("group")
        if not group:
            return ()
        if group.args.get("all"):
            return tuple(one.unalias() for one in self.node.expressions if not one.find(exp.AggFunc))
        if any(value for key, value in group.args.items() if key != "expressions"):
            return None
        return tuple(self.resolved(one) for one in group.expressions)

    def resolved(self, node: exp.Expr) -> exp.Expr:
        """What a position or a name of GROUP BY or ORDER BY means."""
        outputs = self.node.expressions
        if isinstance(node, exp.Literal) and not node.is_string and node.name.isdigit():
            place = int(node.name)
            return outputs[place - 1].unalias() if 0 < place <= len(outputs) else node
        if isinstance(node, exp.Column) and not node.table:
            named = [one for one in outputs if isinstance(one, exp.Alias) and _same(one.alias, node.name)]
            if named and not (self.node.args.get("group") is node.parent and self.base(node)):
                return cast(exp.Expr, named[0].this)
        return node

    @cached_property
    def aggregates(self) -> tuple[exp.AggFunc, ...]:
        """Its aggregates, those over windows left out."""
        return tuple(
            one
            for one in self.own(exp.AggFunc)
            if not one.find_ancestor(exp.Window, exp.Select, exp.Qualify)
            or isinstance(one.find_ancestor(exp.Window, exp.Select, exp.Qualify), exp.Select)
        )

    def asks(self, *figures: str, without_filters: bool = False) -> tuple[Ask, ...]:
        """Aggregates over the rows on which it works: after its joins and its WHERE. None of them if it has no rows
        of its own, because it belongs to an outer row."""
        rows = self._rows(without_filters)
        return tuple(Ask(rows, figure, self._given, of_query=True) for figure in figures) if rows else ()

    def is_filter(self, condition: exp.Expr) -> bool:
        """Whether a condition chooses rows, rather than joining two sources."""
        return not (isinstance(condition, exp.EQ) and len(self.aliases(condition)) > 1)

    def aliases(self, node: exp.Expr) -> set[str]:
        """The sources that an expression is about."""
        found = set()
        for column in node.find_all(exp.Column):
            base = self.base(column)
            found.add((base.alias if base else column.table).casefold())
        return found

    @property
    def is_root(self) -> bool:
        return self.node is self._reading.tree

    @cached_property
    def is_alone(self) -> bool:
        """Whether it can be run by itself: it refers to nothing outside."""
        if self.is_root:
            return True
        inside = [self._reading.select(one) for one in self.node.find_all(exp.Select)]
        names = {source.alias.casefold() for one in inside for source in one.sources}
        outputs = {out.alias.casefold() for one in inside for out in one.node.expressions if out.alias}
        for column in self.node.find_all(exp.Column):
            if column.table and column.table.casefold() not in names:
                return False
            known = column.table or column.name.casefold() in outputs or any(one.base(column) for one in inside)
            if not known and not any(source.query for one in inside for source in one.sources):
                return False
        return True

    @cached_property
    def _given(self) -> str:
        """The WITH clauses that it can see, as one."""
        ctes: list[exp.Expr] = []
        recursive = False
        node: exp.Expr | None = self.node
        while node is not None:
            if with_ := node.args.get("with_"):
                ctes = [*with_.expressions, *ctes]
                recursive |= bool(with_.args.get("recursive"))
            node = node.parent
        if not ctes:
            return ""
        names = [one.alias.casefold() for one in ctes]
        if len(set(names)) < len(names):
            return "?"
        return f"WITH {'RECURSIVE ' if recursive else ''}{', '.join(one.sql(DIALECT) for one in ctes)}"

    def _rows(self, without_filters: bool) -> str:
        strange = any(self.own(*_STRANGE)) or not self.node.args.get("from_") or self._given == "?"
        if strange or not self.is_alone:
            return ""
        parts = [self.node.args["from_"], *(self.node.args.get("joins") or [])]
        text = "".join((" " if number else "") + one.sql(DIALECT).strip() for number, one in enumerate(parts))
        text = re.sub(r" , ", ", ", text)
        kept = [one for one in self.conjuncts if not (without_filters and self.is_filter(one))]
        return text + (f" WHERE {' AND '.join(f'({one.sql(DIALECT)})' for one in kept)}" if kept else "")

    def _source(self, node: exp.Expr, padded: bool) -> Source:
        if not isinstance(node, exp.Table):
            return Source(node.alias_or_name, None, node.this if isinstance(node, exp.Subquery) else None, padded)
        query = self._reading.cte(node) if not node.db else None
        table = None if query is not None else self._reading.table(node.name)
        return Source(node.alias_or_name, table, query, padded)

    def _in(self, source: Source, name: str) -> Base | None:
        if source.table:
            column = next((one for one in source.table.columns if _same(one.name, name)), None)
            return Base(source.table, column, source.alias) if column else None
        if not isinstance(source.query, exp.Select) or source.query is self.node:
            return None
        inner = self._reading.select(source.query)
        for output in source.query.expressions:
            plain = output.unalias()
            if isinstance(plain, exp.Column) and isinstance(plain.this, exp.Star):
                plain = plain.this
            if _same(output.alias_or_name, name) and isinstance(plain, exp.Column):
                found = inner.base(plain)
            elif isinstance(plain, exp.Star):
                found = inner.base(exp.column(name))
            else:
                continue
            return Base(found.table, found.column, source.alias) if found else None
        return None


class Reading:
    """A whole query. `tree` is None when it cannot be read; it has no SELECTs then."""

    def __init__(self, sql: str, tables: Sequence[Table]) -> None:
        self.sql = sql
        self.tree = _parsed(sql)
        self.tables = tuple(tables)
        self._tables = {one.name.casefold(): one for one in tables}
        found = list(self.tree.find_all(exp.Select)) if self.tree else []
        self._selects = {id(one): Select(one, self) for one in found}
        self.selects = tuple(self._selects.values()) if len(found) <= MOST_SELECTS else ()

    @property
    def root(self) -> Select | None:
        """The SELECT that gives the answer's rows, if it is one alone."""
        return self._selects.get(id(self.tree)) if self.selects else None

    @cached_property
    def used(self) -> tuple[Table, ...]:
        """The loaded tables that it reads."""
        found = [source.table for select in self.selects for source in select.sources if source.table]
        return tuple({one.name: one for one in found}.values())

    def nodes(self, *kinds: type[_T]) -> Iterator[_T]:
        """The nodes of these kinds in the whole query."""
        if self.tree:
            yield from self.tree.find_all(*kinds)

    def table(self, name: str) -> Table | None:
        return self._tables.get(name.casefold())

    def select(self, node: exp.Select) -> Select:
        return self._selects[id(node)]

    def cte(self, table: exp.Table) -> exp.Expr | None:
        """The query that a WITH gives the name of this table."""
        node: exp.Expr | None = table
        while node is not None:
            with_ = node.args.get("with_")
            for one in with_.expressions if with_ else ():
                if _same(one.alias, table.name):
                    return cast(exp.Expr, one.this)
            node = node.parent
        return None

    def name(self, base: Base) -> str:
        """The column as a sentence names it: with its table where there are several."""
        return shown(f"{base.table.name}.{base.column.name}" if len(self.used) > 1 else base.column.name)

    def without(self, condition: exp.Expr) -> str:
        """The whole query without one condition of a WHERE."""
        copy, node = self._copied(condition)
        parent = node.parent
        if isinstance(parent, exp.And):
            parent.replace(parent.expression if parent.this is node else parent.this)
        elif parent:
            parent.pop()
        return copy.sql(DIALECT)

    def with_replaced(self, old: exp.Expr, new: exp.Expr) -> str:
        """The whole query with another expression in the place of one of its own."""
        if isinstance(old, exp.Literal) and self.sql.count(old.sql(DIALECT)) == 1:
            return self.sql.replace(old.sql(DIALECT), new.sql(DIALECT))
        copy, node = self._copied(old)
        node.replace(new)
        return copy.sql(DIALECT)

    def _copied(self, node: exp.Expr) -> tuple[exp.Expr, exp.Expr]:
        """A copy of the whole query, and the node in it that is the copy of this one."""
        root = node.root()
        copy = root.copy()
        pairs = zip(root.walk(), copy.walk(), strict=True)
        return copy, next(other for one, other in pairs if one is node)


def _parsed(sql: str) -> exp.Expr | None:
    if len(sql) > LONGEST_SQL or not _QUERY.match(sql):
        return None
    try:
        (tree,) = sqlglot.parse(sql, read=DIALECT)
    except (SqlglotError, RecursionError, ValueError):  # the last one: there is more than one statement
        return None
    return tree


def plain_column(node: exp.Expr) -> exp.Column | None:
    """The column that an expression is, changes of its type apart."""
    while isinstance(node, exp.Cast | exp.TryCast | exp.Paren):
        node = node.this
    return node if isinstance(node, exp.Column) else None


def _flattened(node: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(node, exp.And):
        yield from _flattened(node.this)
        yield from _flattened(node.expression)
    elif isinstance(node, exp.Paren) and isinstance(node.this, exp.And):
        yield from _flattened(node.this)
    else:
        yield node


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
