"""Spark SQL out of the tree that the rewrites for SQLite have left, where every meaning is spelled out.

What is proven equal by test is written; everything else is refused with a sentence, never translated on trust.
`rules` and its neighbours say each construct in Spark's words, `queries` what whole queries need, and `allowed` lets
through only what the tests have shown. Moments have no time zone here; the session's own has to be UTC.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp
from sqlglot.expressions import Expr

from lib.asking.bridge.spark import allowed, queries
from lib.asking.bridge.spark.literals import quote_names
from lib.asking.bridge.spark.rules import rewritten

__all__ = ["spark_sql"]


def spark_sql(tree: Expr, tables: Iterable[str], *, pretty: bool = False) -> str:
    """The translated tree over `tables` as Spark SQL, `pretty` over several lines. Raises CannotTranslate."""
    queries.prepare(tree, tables)
    tree = rewritten(tree)
    for query in list(tree.find_all(exp.Select)):
        queries.finish(query)
    allowed.check(tree)
    quote_names(tree)
    return tree.sql(dialect="spark", pretty=pretty, normalize_functions=False, comments=False)
