"""What a person puts beside a question: a text, or a table as the model is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Attachment:
    """`tokens` is an estimate of what `text` takes; `table` names the table that it tells of."""

    name: str
    kind: Literal["text", "table"]
    text: str
    tokens: int
    table: str = ""
