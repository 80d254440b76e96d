"""Numbers, texts and names as Spark writes them.

A whole number is a BIGINT and a number with a fraction a DOUBLE, as in SQLite; Spark alone would take INT, which ends
at 2^31, and DECIMAL, which cuts its digits.
"""

from __future__ import annotations

import re

from sqlglot import exp
from sqlglot.dialects.spark import Spark
from sqlglot.expressions import Expr

from lib.asking.bridge.kinds import known_as
from lib.asking.bridge.spark.refusing import cannot

_PLAIN_NAME = re.compile("[A-Za-z_][A-Za-z0-9_]*")
_WORDS = frozenset(word for words in Spark.Tokenizer.KEYWORDS for word in words.lower().split())
_SUBSTITUTED = "${"
_MOST = 1 << 63
_COMPARED = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ, exp.In, exp.Between)
_DIVIDED = (exp.Div, exp.IntDiv, exp.Mod)
_COUNTED = (exp.Limit, exp.Offset, exp.Group, exp.Ordered, exp.WindowSpec)
_VALUES = frozenset({"coalesce", "ifnull", "nullif", "greatest", "least", "max", "min", "sum", "first"})


def literal(node: exp.Literal) -> Expr:
    """The literal as Spark has to be told it."""
    if node.is_string:
        return _text(node)
    digits = str(node.this)
    if digits.isdecimal() and int(digits) < _MOST:
        made = digits if _may_be_small(node) else f"{digits}L"
    else:
        whole, _, power = digits.lower().partition("e")
        before, _, after = whole.partition(".")
        made = f"{before or 0}.{after or 0}{'e' + power if power else ''}D"
    return known_as(exp.Literal.number(made), node)


def _may_be_small(node: exp.Literal) -> bool:
    """Whether nothing is computed with the number where it stands, so that its width does not matter."""
    parent = node.parent
    if isinstance(parent, exp.Anonymous):
        return parent.name.lower() not in _VALUES
    return isinstance(parent, (*_COMPARED, *_COUNTED, *_DIVIDED)) and int(str(node.this)) < 1 << 31


def _text(node: exp.Literal) -> Expr:
    """Spark replaces ${name} in every text of SQL before it reads it: such a text is put together of two."""
    parts = str(node.this).split(_SUBSTITUTED)
    if len(parts) == 1:
        return node
    pieces = [
        parts[0] + _SUBSTITUTED[0],
        *(_SUBSTITUTED[1] + one + _SUBSTITUTED[0] for one in parts[1:-1]),
        _SUBSTITUTED[1] + parts[-1],
    ]
    call = exp.Anonymous(this="concat", expressions=[exp.Literal.string(one) for one in pieces])
    return known_as(call, node)


def quote_names(tree: Expr) -> None:
    """Put every name in backticks that Spark could take for something else."""
    for name in tree.find_all(exp.Identifier):
        text = str(name.this)
        if _SUBSTITUTED in text or not text:
            raise cannot(f"The name {text!r}", "Rename it.")
        name.set("quoted", _PLAIN_NAME.fullmatch(text) is None or text.lower() in _WORDS)
