"""A conversation outside of Bayan, as values, and what had to be mended to get there."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, field

from lib.chat.attach import Attachment
from lib.data.table import counted
from lib.errors import DataError

MOST_CONVERSATIONS, MOST_TURNS = 10_000, 2_000
MOST_TEXT = 128 << 20
LONGEST_TEXT = 2_000_000
"""Characters of all texts of one import: a branch repeats the question that it shares."""

_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_YEAR_9999 = 253_370_764_800.0

_SENTENCES = {
    "attachments": ("attachment", "left out: a note stands in the text."),
    "characters": ("text", "had damaged characters: � stands in their place."),
    "conversations": ("conversation", "left out: not readable."),
    "empty": ("conversation", "left out: without any message."),
    "hidden": ("message", "of the system or of a tool left out."),
    "ids": ("turn", "told apart from another one with the same id."),
    "long": ("conversation", f"left out: more than {MOST_TURNS:,} turns."),
    "parents": ("turn", "placed at the start: the one before it is missing."),
    "turns": ("turn", "left out: not readable."),
}


@dataclass(frozen=True)
class PortableTurn:
    """A question and its answer after the turn `parent`, or at the start where that is empty.

    `created` is in seconds since 1970, 0 where nobody knows. `sql` is what was run for the answer, empty for none;
    `attachments` went with the question.
    """

    id: str
    parent: str
    question: str
    answer: str
    created: float = 0.0
    model: str = ""
    sql: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class Portable:
    """A conversation with all its branches: the current one ends with the turn `leaf`. A parent precedes its turns."""

    id: str
    title: str
    created: float
    changed: float
    pinned: bool
    system: str
    model: str
    leaf: str
    turns: tuple[PortableTurn, ...]


@dataclass
class Mending:
    """Counts what was mended or left out, by the names of `_SENTENCES`, and the text that was taken."""

    counts: Counter[str] = field(default_factory=Counter)
    taken: int = 0

    def text(self, value: object) -> str:
        """A text that can be written down; missing is empty. Raises TypeError for anything else."""
        if value is None:
            return ""
        if not isinstance(value, str):
            raise TypeError
        if _HALF_CHARACTER.search(value):
            self.counts["characters"] += 1
            return _HALF_CHARACTER.sub("\ufffd", value)
        return value

    def take(self, *texts: str) -> None:
        """Count what is kept. Raises DataError when it is too much."""
        self.taken += sum(map(len, texts))
        if self.taken > MOST_TEXT or max(map(len, texts), default=0) > LONGEST_TEXT:
            raise DataError("The texts in this file are too long.", "Export fewer conversations at a time.")

    def notices(self) -> tuple[str, ...]:
        """A sentence for each kind."""
        return tuple(
            f"{counted(number, _SENTENCES[kind][0])} {_SENTENCES[kind][1]}"
            for kind, number in sorted(self.counts.items())
            if number
        )


def moment(value: object) -> float:
    """Seconds since 1970 that a calendar can show, 0 for anything else."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return 0.0
    try:
        seconds = float(value)
    except OverflowError:
        return 0.0
    return seconds if math.isfinite(seconds) and 0 <= seconds < _YEAR_9999 else 0.0
