"""What a check says of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Severity = Literal["problem", "doubt", "note"]
SEVERITIES: tuple[Severity, ...] = ("problem", "doubt", "note")
"""The worst first: the answer is wrong, the answer may be wrong, a fact that the reader should know."""

LONGEST = 40


@dataclass(frozen=True)
class Finding:
    """One plain sentence with the way out. `sql` is the whole query with the remedy in it, where a click can apply it.

    `message` has names and values of the data in it, each cut to `LONGEST` characters: text, not Markdown.
    """

    code: str
    severity: Severity
    message: str
    sql: str = ""


def shown(value: object) -> str:
    """A name, a value or a piece of SQL as a sentence shows it."""
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def listed(names: Sequence[str]) -> str:
    """Names as a sentence lists them: "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
