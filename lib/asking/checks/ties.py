"""LIMIT that cuts between rows which the order does not tell apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlglot import exp

from lib.asking.checks.case import Case
from lib.asking.checks.finding import Finding, shown
from lib.asking.checks.probe import Ask, Probe, Step
from lib.asking.checks.reading import DIALECT, Select

MOST_ROWS = 1000


def cut_tie(case: Case) -> Iterator[Step]:
    """The first row that LIMIT left out has the same place in the order as the last one that it kept."""
    for select in case.reading.selects:
        limit, order = select.node.args.get("limit"), select.node.args.get("order")
        number = _number(limit) if isinstance(limit, exp.Limit) else 0
        if number and order and (ask := _ask(select, order, number)):
            yield Probe((ask,), _cut(order, number))


def _number(node: exp.Expr) -> int:
    """The number of a LIMIT or an OFFSET, 0 if it is no plain one."""
    value = node.expression
    plain = isinstance(value, exp.Literal) and value.name.isdigit() and not node.args.get("limit_options")
    return int(value.name) if plain and int(value.name) <= MOST_ROWS else 0


def _ask(select: Select, order: exp.Expr, number: int) -> Ask | None:
    """Of the last row and the first one left out: whether there are two, different, with one place in the order."""
    node = select.node
    keys = [select.resolved(one.this) for one in order.expressions]
    outputs = [one.unalias() for one in node.expressions]
    plain = not node.args.get("distinct") or all(key in outputs for key in keys)
    rows = select.asks("count(*)")
    if not plain or not rows:
        return None
    skipped = _number(node.args["offset"]) if node.args.get("offset") else 0
    last = node.copy()
    last.set("with_", None)
    last.set("expressions", [*last.expressions, *(exp.alias_(key.copy(), _key(n)) for n, key in enumerate(keys))])
    last.set("limit", exp.Limit(expression=exp.Literal.number(2)))
    last.set("offset", exp.Offset(expression=exp.Literal.number(number - 1 + skipped)))
    places = ", ".join(map(_key, range(len(keys))))
    return Ask(
        f"FROM ({last.sql(DIALECT)}) AS cut",
        f"[count(*), count(DISTINCT ({places},)), count(DISTINCT cut)]",
        rows[0].given,
        of_query=True,
    )


def _key(number: int) -> str:
    return f"order_key_{number}"


def _cut(order: exp.Expr, number: int) -> Callable[[list[int]], Finding | None]:
    def judge(figures: list[int]) -> Finding | None:
        rows, places, different = figures
        if rows < 2 or places > 1 or different < 2:
            return None
        by = shown(", ".join(one.this.sql(DIALECT) for one in order.expressions))
        return Finding(
            "cut_tie",
            "doubt",
            f"Row {number + 1} has the same {by} as row {number}, and LIMIT {number} cuts it off; raise the limit to"
            " see what else comes equal.",
        )

    return judge
