"""The questions that come with Bayan: about its sample data, with the SQL that answers them."""

from __future__ import annotations

import tomllib
from functools import cache

from lib.asking.evaluate.question import Question
from lib.data.samples import FOLDER


@cache
def bundled() -> tuple[Question, ...]:
    """All of them; those about one sample follow each other."""
    written = tomllib.loads((FOLDER / "questions.toml").read_text(encoding="utf-8"))
    return tuple(Question(one["id"], one["question"], one["sql"].strip(), one["sample"]) for one in written["question"])
