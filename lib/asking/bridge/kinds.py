"""What kind of value an expression has, as far as it can be told without running it."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from sqlglot.expressions import Expr

Node = TypeVar("Node", bound=Expr)

_KIND, _STORED, _DIGITS = "kind", "stored", "digits"


class Kind(StrEnum):
    """SQLite has integers, reals and texts; the engine's columns also hold truth values, dates and times."""

    INTEGER = "integer"
    REAL = "real"
    BOOLEAN = "boolean"
    TEXT = "text"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TIME = "time"
    UNKNOWN = "unknown"


NUMBERS = frozenset({Kind.INTEGER, Kind.REAL, Kind.BOOLEAN})
DATES = frozenset({Kind.DATE, Kind.TIMESTAMP, Kind.TIME})
TEXTS = frozenset({Kind.TEXT}) | DATES
"""SQLite keeps dates and times as texts, so that they compare and print as such."""

_BY_TYPE = {
    **dict.fromkeys(
        ("TINYINT", "SMALLINT", "INTEGER", "INT", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"),
        Kind.INTEGER,
    ),
    **dict.fromkeys(("DOUBLE", "FLOAT", "REAL", "DECIMAL"), Kind.REAL),
    **dict.fromkeys(("VARCHAR", "TEXT"), Kind.TEXT),
    "BOOLEAN": Kind.BOOLEAN,
    "DATE": Kind.DATE,
    **dict.fromkeys(("TIMESTAMP", "DATETIME", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"), Kind.TIMESTAMP),
    "TIME": Kind.TIME,
}


def kind_of_type(name: str) -> Kind:
    """The kind of a column of the engine's type `name`."""
    return _BY_TYPE.get(name.upper().partition("(")[0].strip(), Kind.UNKNOWN)


def kind(node: Expr) -> Kind:
    """The kind that `known` has put on the node."""
    found: Kind = node.meta.get(_KIND, Kind.UNKNOWN)
    return found


def is_known(node: Expr) -> bool:
    return _KIND in node.meta


def is_stored(node: Expr) -> bool:
    """Whether SQLite compares it with a column's affinity: a column, a cast, or one of these out of a subquery."""
    return bool(node.meta.get(_STORED))


def is_digits(node: Expr) -> bool:
    """Whether it is a text of digits alone, as the year of a date is."""
    return bool(node.meta.get(_DIGITS))


def known(node: Node, kind: Kind, *, stored: bool = False, digits: bool = False) -> Node:
    """The node, with its kind put on it."""
    node.meta[_KIND] = kind
    node.meta[_STORED] = stored
    node.meta[_DIGITS] = digits
    return node


def known_as(node: Node, other: Expr) -> Node:
    """The node, with the kind of another put on it."""
    return known(node, kind(other), stored=is_stored(other), digits=is_digits(other))


def common(kinds: set[Kind]) -> Kind:
    """The kind that values of several kinds share as one column; TEXT when only printing unites them."""
    kinds = kinds - {Kind.UNKNOWN}
    if len(kinds) <= 1:
        return next(iter(kinds), Kind.UNKNOWN)
    if kinds <= NUMBERS:
        return Kind.REAL if Kind.REAL in kinds else Kind.INTEGER
    return Kind.TEXT
