"""DuckDB's names: how one is written in SQL, and what those of types mean to who only looks at columns."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|DECIMAL\(\d+,\d+\)|DOUBLE|FLOAT")


def is_number(type_: str) -> bool:
    """Whether values of the type are single numbers."""
    return _NUMBER.fullmatch(type_) is not None


def is_whole(type_: str) -> bool:
    """Whether they are integers."""
    return is_number(type_) and "INT" in type_


def is_day_or_time(type_: str) -> bool:
    """Whether values of the type lie on the calendar."""
    return type_ == "DATE" or (type_.startswith("TIMESTAMP") and not type_.endswith("]"))


def quoted(name: str) -> str:
    """The name as an identifier in SQL."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """The value as a text in SQL."""
    return "'" + value.replace("'", "''") + "'"
