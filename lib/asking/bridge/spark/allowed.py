"""What may be written for Spark: the parts of a query, the functions and the types that the tests have proven."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp
from sqlglot.expressions import Expr

from lib.asking.bridge.spark.refusing import cannot

_SIDES = frozenset({"this", "expression"})
_QUERY = frozenset({"with_", "order", "limit", "offset"})
_ALONE = frozenset({"this"})
_LISTED = frozenset({"expressions"})
_NAMED = frozenset({"this", "alias"})

NODES: Mapping[type[Expr], frozenset[str]] = {
    **dict.fromkeys((exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod), _SIDES),
    **dict.fromkeys((exp.BitwiseAnd, exp.BitwiseOr, exp.DPipe, exp.And, exp.Or), _SIDES),
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ), _SIDES),
    **dict.fromkeys((exp.Is, exp.ILike, exp.Like, exp.RegexpLike, exp.Filter), _SIDES),
    **dict.fromkeys(
        (exp.Neg, exp.BitwiseNot, exp.Not, exp.Paren, exp.Boolean, exp.Exists, exp.From, exp.Where, exp.Having), _ALONE
    ),
    **dict.fromkeys((exp.Star, exp.Null), frozenset()),
    **dict.fromkeys((exp.Tuple, exp.Distinct, exp.Group, exp.Order, exp.With), _LISTED),
    **dict.fromkeys((exp.Limit, exp.Offset), frozenset({"expression"})),
    **dict.fromkeys((exp.Alias, exp.CTE, exp.Table), _NAMED),
    **dict.fromkeys((exp.Union, exp.Except, exp.Intersect), _SIDES | _QUERY | {"distinct"}),
    exp.Subquery: _NAMED | _QUERY,
    exp.Anonymous: frozenset({"this", "expressions"}),
    exp.Between: frozenset({"this", "low", "high"}),
    exp.Case: frozenset({"this", "ifs", "default"}),
    exp.Cast: frozenset({"this", "to"}),
    exp.TryCast: frozenset({"this", "to", "safe"}),
    exp.Column: frozenset({"this", "table"}),
    exp.DataType: frozenset({"this", "expressions", "nested"}),
    exp.DataTypeParam: _ALONE,
    exp.Identifier: frozenset({"this", "quoted"}),
    exp.If: frozenset({"this", "true"}),
    exp.In: frozenset({"this", "expressions", "query"}),
    exp.Join: frozenset({"this", "on", "using", "kind", "side"}),
    exp.Literal: frozenset({"this", "is_string"}),
    exp.Ordered: frozenset({"this", "desc", "nulls_first"}),
    exp.Select: _LISTED | _QUERY | {"distinct", "from_", "joins", "where", "group", "having", "windows"},
    exp.TableAlias: frozenset({"this", "columns"}),
    exp.Window: frozenset({"this", "partition_by", "order", "spec", "alias", "over"}),
    exp.WindowSpec: frozenset({"kind", "start", "start_side", "end", "end_side"}),
}

FUNCTIONS = frozenset(
    """
    abs avg ceil coalesce concat count cume_dist current_timestamp date_format date_trunc dayofweek dayofyear
    dense_rank first first_value floor format_string greatest hex ifnull instr lag last_value lead least
    length lower lpad ltrim make_dt_interval make_ym_interval max max_by min min_by nth_value ntile nullif
    percent_rank rand rank regexp_extract replace round row_number rtrim shiftleft shiftright sign sqrt
    substr sum timestamp_micros trim unix_micros upper year
    """.split()
)

TYPES = frozenset({"BIGINT", "DATE", "DOUBLE", "INT", "STRING", "TIMESTAMP", "TIMESTAMP_NTZ", "DECIMAL"})


def check(tree: Expr) -> None:
    """Raises CannotTranslate for what is not proven."""
    for node in tree.walk():
        parts = NODES.get(type(node))
        if parts is None:
            raise cannot(_word(node))
        for name, value in node.args.items():
            if value and name not in parts:
                raise cannot(f"{_word(node)} with {name.strip('_').replace('_', ' ').upper()}")
        if isinstance(node, exp.Anonymous) and node.name.lower() not in FUNCTIONS:
            raise cannot(f"The function {node.name.upper()}")
        if isinstance(node, exp.DataType) and node.sql(dialect="spark").partition("(")[0] not in TYPES:
            raise cannot(f"CAST to {node.sql(dialect='spark')}")


def _word(node: Expr) -> str:
    return node.key.replace("_", " ").upper()
