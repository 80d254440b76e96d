"""Texts on Spark: what prints alike, patterns with LIKE and GLOB, and the numbers in a text."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.expressions import Expr

from lib.asking.bridge.build import (
    INTEGER_AT_START,
    NUMBER_AT_START,
    WHOLE_AT_START,
    call,
    literal_text,
    text_literal,
)
from lib.asking.bridge.kinds import Kind, is_digits, kind, known
from lib.asking.bridge.spark.casts import cast
from lib.asking.bridge.spark.refusing import cannot

OWN_PATTERNS = frozenset({NUMBER_AT_START, INTEGER_AT_START, WHOLE_AT_START})
_NUMBER_ALONE = rf"^\s*({NUMBER_AT_START.removeprefix('^').removeprefix(chr(92) + 's*')})\s*$"
_WILD = "%_\\"


def as_text(value: Expr) -> Expr:
    """The value printed as SQLite prints it."""
    found = kind(value)
    if found is Kind.TEXT or isinstance(value.unnest(), exp.Null):
        return value
    if found in (Kind.INTEGER, Kind.DATE, Kind.TIMESTAMP):
        return known(cast(value, "STRING", Kind.TEXT), Kind.TEXT, digits=is_digits(value))
    if found is Kind.REAL:
        raise cannot("How a number with a fraction is printed", "Cast it to INTEGER, or select it as it is.")
    raise cannot(f"How {found} is printed")


def like(node: Expr, escape: str = "") -> Expr:
    """ILIKE; Spark's own escape is the backslash, which SQLite's pattern means as itself."""
    pattern = node.expression
    written = literal_text(pattern)
    if written is None:
        if escape:
            raise cannot("ESCAPE with a pattern that is no fixed text", "Write the pattern in quotes.")
        backslash = text_literal("\\")
        made: Expr = call("replace", pattern, backslash, text_literal("\\\\"), kind=Kind.TEXT)
    else:
        made = text_literal(_with_backslashes(written, escape))
    value = as_text(node.this)
    matched = known(exp.ILike(this=value, expression=made), Kind.BOOLEAN)
    return known(exp.Not(this=matched), Kind.BOOLEAN) if node.args.get("negate") else matched


def _with_backslashes(pattern: str, escape: str) -> str:
    made = ""
    letters = iter(pattern)
    for letter in letters:
        if letter == escape:
            literal = next(letters, "")
            made += f"\\{literal}" if literal in _WILD else literal
        else:
            made += "\\\\" if letter == "\\" else letter
    return made


def glob(node: exp.Glob) -> Expr:
    """GLOB tells capital from small letters, as Spark's LIKE does; * and ? are its wild cards."""
    written = literal_text(node.expression)
    if written is None or "[" in written:
        raise cannot("This pattern of GLOB", "Use LIKE.")
    made = "".join({"*": "%", "?": "_"}.get(one, f"\\{one}" if one in _WILD else one) for one in written)
    return known(exp.Like(this=as_text(node.this), expression=text_literal(made)), Kind.BOOLEAN)


def matches(node: exp.Anonymous) -> Expr:
    """A search that a rewrite has put there; what a person wrote is told by other rules on each engine."""
    value, pattern = node.expressions
    if literal_text(pattern) not in OWN_PATTERNS:
        raise cannot("REGEXP", "Use LIKE.")
    return known(exp.RegexpLike(this=value, expression=pattern), Kind.BOOLEAN)


def extract(node: exp.Anonymous) -> Expr:
    value, pattern = node.expressions
    if literal_text(pattern) not in OWN_PATTERNS:
        raise cannot("REGEXP_EXTRACT", "Use SUBSTR and INSTR.")
    return _extracted(value, str(pattern.this), 0)


def number_in(value: Expr) -> Expr:
    """The text when it is one number and nothing else, else an empty one, which is cast to NULL."""
    return _extracted(value, _NUMBER_ALONE, 1)


def matching(value: Expr, pattern: str) -> Expr:
    """What the pattern's first group describes of the text, else an empty one."""
    return _extracted(value, pattern, 1)


def is_extracted(value: Expr) -> bool:
    return isinstance(value, exp.Anonymous) and value.name == "regexp_extract"


def _extracted(value: Expr, pattern: str, group: int) -> Expr:
    return call("regexp_extract", value, text_literal(pattern), exp.Literal.number(group), kind=Kind.TEXT)
