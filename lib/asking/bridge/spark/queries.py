"""What whole queries need on Spark: aliases where only columns are known, joins, row order, subqueries as values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlglot import exp
from sqlglot.expressions import Expr

from lib.asking.bridge.build import call, copied
from lib.asking.bridge.grouping import is_aggregate
from lib.asking.bridge.kinds import Kind, kind, known, known_as
from lib.asking.bridge.scope import aliases_of, clauses, found, is_star, own_nodes
from lib.asking.bridge.spark.casts import as_double
from lib.asking.bridge.spark.refusing import cannot

_NOT_EXISTS = "Write it with EXISTS or NOT EXISTS."
_OUTSIDE = frozenset({"with_", "order", "limit", "offset"})


def prepare(tree: Expr, tables: Iterable[str]) -> None:
    """Everything that has to be seen before the expressions are rewritten. Raises CannotTranslate."""
    _spell_tables(tree, tables)
    for with_ in tree.find_all(exp.With):
        if with_.args.get("recursive"):
            raise cannot("WITH RECURSIVE", "Ask for a fixed number of steps.")
    for column in tree.find_all(exp.Column):
        _known_column(column)
    for select in list(tree.find_all(exp.Select)):
        _join(select)
        _write_out_aliases(select)
        _plain_limit(select)
    for one in list(tree.find_all(exp.In)):
        if one.args.get("query") is not None:
            _member_of_query(one)
    for value in list(tree.find_all(exp.Subquery)):
        if _is_value(value):
            _one_row(value)


def finish(select: exp.Select) -> None:
    """What depends on how the expressions came out."""
    _order_of_distinct(select)
    _order_of_groups(select)


def _spell_tables(tree: Expr, tables: Iterable[str]) -> None:
    """Tables are named as they were loaded: a server may tell capital from small letters there."""
    spelling = {name.lower(): name for name in (*tables, *(one.alias for one in tree.find_all(exp.CTE)))}
    for table in tree.find_all(exp.Table):
        table.set("this", exp.to_identifier(spelling.get(table.name.lower(), table.name)))


def columns(query: Expr) -> list[Expr]:
    """What the first SELECT of a query selects."""
    while not isinstance(query, exp.Select):
        query = query.this
    return [one.unalias() for one in query.expressions]


def widened(query: exp.SetOperation) -> exp.SetOperation:
    """Whole numbers above or below numbers with fractions become such, which a server may do the other way round."""
    sides = list(_selects(query))
    starred = [any(is_star(one) for one in side.expressions) for side in sides]
    if any(starred):
        if not all(starred):
            raise cannot("* above or below named columns", "Name the columns.")
        return query
    for place, kinds in enumerate(zip(*(map(kind, columns(one)) for one in sides), strict=True)):
        if Kind.INTEGER in kinds and Kind.REAL in kinds:
            for side in sides:
                _widen(side.expressions[place])
    return query


def _widen(column: Expr) -> None:
    value = column.unalias()
    if kind(value) is Kind.INTEGER:
        name = column.alias_or_name
        made = as_double(value.copy())
        column.replace(known(exp.Alias(this=made, alias=exp.to_identifier(name)), Kind.REAL) if name else made)


def _selects(query: Expr) -> Iterator[exp.Select]:
    if isinstance(query, exp.SetOperation):
        yield from _selects(query.this)
        yield from _selects(query.expression)
    elif isinstance(query, exp.Select):
        yield query
    else:
        yield from _selects(query.this)


def _known_column(column: exp.Column) -> None:
    what = found(column)
    if what is not None and what.field.kind in (Kind.UNKNOWN, Kind.TIME):
        raise cannot(f"The type of the column {column.name}", "Leave the column out.")
    if what is None and column.name.lower() == "rowid":
        raise cannot("A row's number", "Order by a column, and use ROW_NUMBER() OVER (ORDER BY ...).")


def _join(select: exp.Select) -> None:
    for join in select.args.get("joins") or ():
        if join.method:
            raise cannot("NATURAL JOIN", "Join with ON.")
        if join.args.get("using"):
            _merge(select, join)
        elif join.args.get("on") is None:
            join.set("kind", "CROSS")


def _merge(select: exp.Select, join: exp.Join) -> None:
    """A column that USING merges is known by its name alone."""
    merged = {one.name.lower() for one in join.args["using"]}
    if join.side not in ("", "LEFT") or any(is_star(one) for one in select.expressions):
        raise cannot("This use of USING", "Join with ON, and name the columns.")
    joined = join.alias_or_name.lower()
    for column in select.find_all(exp.Column):
        if column.table and column.name.lower() in merged:
            if join.side and column.table.lower() == joined:
                raise cannot("This use of USING", "Join with ON.")
            column.set("table", None)


def _write_out_aliases(select: exp.Select) -> None:
    """Spark knows an alias only as a whole key of GROUP BY and ORDER BY, and in HAVING."""
    aliases = aliases_of(select)
    for name, part in list(clauses(select)):
        if name in ("expressions", "limit", "offset"):
            continue
        for node in list(own_nodes(part)):
            if not isinstance(node, exp.Column) or node.table or found(node) is not None:
                continue
            alias = aliases.get(node.name.lower())
            if alias is not None and not _is_whole_key(node):
                value = copied(alias.this)
                node.replace(known_as(exp.Paren(this=value), value))


def _is_whole_key(node: Expr) -> bool:
    return isinstance(node.parent, (exp.Ordered, exp.Group))


def _plain_limit(select: exp.Select) -> None:
    for name in ("limit", "offset"):
        part = select.args.get(name)
        if part is not None and not isinstance(part.expression, exp.Literal):
            raise cannot(f"{name.upper()} with an expression", "Write the number.")


def _member_of_query(node: exp.In) -> None:
    """Spark's servers are sure of IN over a query only as a condition that WHERE needs to hold."""
    above: Expr = node
    negated = False
    while not isinstance(above.parent, exp.Where):
        parent = above.parent
        if isinstance(parent, exp.Not) and above is node and not negated:
            negated = True
        elif not isinstance(parent, (exp.And, exp.Paren)) and not (isinstance(parent, exp.Or) and not negated):
            raise cannot("IN over a query that is no condition of WHERE by itself", _NOT_EXISTS)
        above = parent
    query = node.args["query"]
    if negated and (_is_correlated(query) or node.this.find(exp.Column) is None or isinstance(node.this, exp.Tuple)):
        raise cannot("This NOT IN over a query", _NOT_EXISTS)


def _is_value(node: exp.Subquery) -> bool:
    """Whether a subquery stands for one value."""
    return not isinstance(
        node.parent, (exp.In, exp.Exists, exp.From, exp.Join, exp.SetOperation, exp.CTE, exp.Subquery, exp.Table)
    )


def _one_row(value: exp.Subquery) -> None:
    """A subquery that looks at the row around it may have no LIMIT: its first row is taken by an aggregate."""
    query = value.this
    if not _is_correlated(query):
        return
    if not isinstance(query, exp.Select) or query.args.get("group") is not None:
        raise cannot("A subquery as a value that looks at the row around it", "Use a join.")
    limit = query.args.get("limit")
    if any(is_aggregate(node) for one in query.expressions for node in own_nodes(one)):
        return
    if limit is None or query.args.get("order") is not None or query.args.get("offset") is not None:
        raise cannot("A subquery as a value that looks at the row around it", "Use a join.")
    query.set("limit", None)
    column = query.expressions[0].unalias()
    query.set("expressions", [known_as(call("first", column.copy()), column)])


def _is_correlated(query: Expr) -> bool:
    inside = {one.alias_or_name.lower() for one in query.find_all(exp.Table, exp.Subquery)}
    columns = ((found(one), one) for one in query.find_all(exp.Column))
    return any(what is not None and what.source.name.lower() not in inside for what, _ in columns)


def _order_of_distinct(select: exp.Select) -> None:
    order = select.args.get("order")
    if order is None or select.args.get("distinct") is None:
        return
    written = _outputs(select)
    for one in order.expressions:
        if not one.this.is_int and one.this.sql().lower() not in written:
            raise cannot("SELECT DISTINCT ordered by something that is not selected", "Select it, or group by it.")


def _order_of_groups(select: exp.Select) -> None:
    """An aggregate that only orders the groups is computed beside them, in a query of its own."""
    order = select.args.get("order")
    if order is None or not any(_aggregates(one.this) for one in order.expressions):
        return
    written = _outputs(select)
    missing = [one for one in order.expressions if _aggregates(one.this) and one.this.sql().lower() not in written]
    if not missing:
        return
    _wrap(select)


def _wrap(select: exp.Select) -> None:
    """The groups become a query in FROM, with what orders them as columns of it."""
    inner = exp.Select(**{name: value for name, value in select.args.items() if name not in _OUTSIDE})
    columns: list[Expr] = []
    shown: list[Expr] = []
    names: set[str] = set()
    for place, one in enumerate(select.expressions, 1):
        name = one.alias_or_name
        inside = f"column_{place}" if not name or name.lower() in names else name
        names.add(inside.lower())
        column = exp.column(exp.to_identifier(inside))
        columns.append(_alias(one.unalias(), inside))
        shown.append(column if name in ("", inside) else _alias(column, name))
    for place, key in enumerate(select.args["order"].expressions, 1):
        if not key.this.is_int and key.this.name.lower() not in names:
            columns.append(_alias(key.this, f"order_{place}"))
            key.set("this", exp.column(exp.to_identifier(f"order_{place}")))
    inner.set("expressions", columns)
    for name in [name for name in select.args if name not in _OUTSIDE]:
        select.set(name, None)
    select.set("expressions", shown)
    alias = exp.TableAlias(this=exp.to_identifier("grouped"))
    select.set("from_", exp.From(this=exp.Subquery(this=inner, alias=alias)))


def _alias(value: Expr, name: str) -> exp.Alias:
    return known_as(exp.Alias(this=value.copy(), alias=exp.to_identifier(name)), value)


def _outputs(select: exp.Select) -> set[str]:
    """What ORDER BY may name of the columns: their expressions and their aliases, as text."""
    return {text for one in select.expressions for text in (one.unalias().sql().lower(), one.alias_or_name.lower())}


def _aggregates(node: Expr) -> bool:
    return any(is_aggregate(one) for one in own_nodes(node))
