"""What every form of a report says in the same words."""

from __future__ import annotations

import datetime as dt
import re

from lib.board.exhibit import Exhibit
from lib.data.table import counted
from lib.engine.result import Result

_HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def visible(text: str) -> str:
    """Text from outside without what nobody sees, or what reorders the text beside it."""
    return _HIDDEN.sub("\ufffd", text)


def moment(seconds: float) -> str:
    """A time in seconds since 1970 as a sentence ends with it."""
    try:
        at = dt.datetime.fromtimestamp(seconds, dt.UTC)
    except (OverflowError, ValueError, OSError):  # a board from elsewhere may say anything
        return "at an unknown time"
    return f"{at.day} {at:%B %Y, %H:%M} UTC" if seconds else "at an unknown time"


def rows_in(result: Result) -> str:
    """How many rows the answer has, also those that the result does not hold."""
    rows = result.table.num_rows
    if not result.truncated:
        return counted(rows, "row")
    return f"more than {rows:,} rows" if result.total_rows is None else counted(result.total_rows, "row")


def checks(exhibit: Exhibit) -> str:
    """What came of the checks, as a sentence ends with it."""
    if exhibit.findings is None:
        return "not made"
    return f"found {counted(len(exhibit.findings), 'thing')}" if exhibit.findings else "found nothing to question"
