"""One question of many: asked, and whatever comes of it is an answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from lib.asking.answer import Answer
from lib.asking.ask import SqlModel, ask
from lib.data.workspace import Workspace
from lib.errors import AppError, BuiltinError, KeyRefused, ModelNotFound, Unreachable
from lib.llm.connect import Models
from lib.settings import Settings

HOPELESS = (Unreachable, KeyRefused, ModelNotFound, BuiltinError)
"""After one of these no other question would be answered either."""


@dataclass(frozen=True)
class Way:
    """How questions are asked: `answers` above 1 compares so many, `checked` looks whether an answer can be trusted."""

    model: SqlModel
    max_repairs: int
    names_only: bool = False
    answers: int = 1
    checked: bool = False

    @classmethod
    def of(cls, models: Models, settings: Settings, *, careful: bool = False, checked: bool = False) -> Way:
        """As the settings have it."""
        model = SqlModel.at(models.client, models.sql, settings.sql_profile)
        answers = settings.careful_answers if careful else 1
        return cls(model, settings.max_repairs, settings.names_only, answers, checked)


def answer(question: str, space: Workspace, way: Way, stopped: Callable[[], bool]) -> Answer | None:
    """The answer, which holds the error if there was one; None when `stopped()` became true before.

    Raises the errors of HOPELESS, and the DataError of a workspace that was closed.
    """
    started, given = time.monotonic(), None
    asking = ask(
        question,
        space,
        way.model,
        way.max_repairs,
        names_only=way.names_only,
        answers=way.answers,
        checked=way.checked,
    )
    try:
        with closing(asking) as steps:
            for step in steps:
                given = step if isinstance(step, Answer) else given
                if stopped():
                    return None
    except AppError as e:
        if isinstance(e, HOPELESS) or space.closed:
            raise
        return given or Answer(question, error=e, seconds=time.monotonic() - started)
    if given is None:
        raise AssertionError("asking ends with an answer or with an error")
    return given
