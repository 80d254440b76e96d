"""A question becomes an answer: write SQL, run it in the locked engine, send an error back, say what happened.

`ask` is a generator of steps. Its consumer draws them; closing it stops the model and the query.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lib.asking.extract import extract_sql
from lib.asking.prompt import Failure, direct_messages, reasoning_prompt
from lib.data.table import Table
from lib.data.workspace import Workspace
from lib.errors import AppError, CannotAnswer, ContextTooLong, QueryError, QueryStopped
from lib.llm.messages import Event, Finished, Piece, Tick, Waiting
from lib.llm.profiles import Profile, profile_for

if TYPE_CHECKING:
    from lib.engine.result import Result
    from lib.llm.client import Client

LONGEST_QUESTION = 4_000


@dataclass(frozen=True)
class SqlModel:
    """A model that writes SQL, where it answers and how it wants to be asked."""

    client: Client
    name: str
    profile: Profile

    @classmethod
    def at(cls, client: Client, name: str) -> SqlModel:
        return cls(client, name, profile_for(name))


@dataclass(frozen=True)
class Reading:
    """The tables that the model is told about."""

    tables: tuple[str, ...]


@dataclass(frozen=True)
class Writing:
    """All that the model has written in this attempt so far."""

    text: str


@dataclass(frozen=True)
class Running:
    """The SQL that the engine runs now."""

    sql: str


@dataclass(frozen=True)
class Repairing:
    """The engine's message goes back to the model."""

    error: QueryError


@dataclass(frozen=True)
class Answer:
    """What came of a question. `sql` ran, or failed with `error`; `model_sql` is what the model wrote."""

    question: str
    model_sql: str = ""
    sql: str = ""
    result: Result | None = None
    attempts: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    error: AppError | None = None
    warnings: tuple[tuple[str, str], ...] = field(default=())

    def to_json(self, id: str | None = None) -> dict[str, Any]:  # noqa: A002
        """The answer object of the command line."""
        result = self.result
        return {
            "id": id,
            "question": self.question,
            "standalone_question": self.question,
            "model_sql": self.model_sql,
            "sql": self.sql,
            "columns": [{"name": c.name, "type": c.type} for c in result.columns] if result else [],
            "rows": result.rows() if result else [],
            "truncated": result.truncated if result else False,
            "warnings": [{"code": code, "message": message} for code, message in self.warnings],
            "attempts": self.attempts,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "seconds": round(self.seconds, 3),
            "error": {"code": self.error.code, "message": str(self.error)} if self.error else None,
        }


Step = Reading | Writing | Running | Repairing | Waiting | Tick | Answer


def ask(question: str, workspace: Workspace, model: SqlModel, max_repairs: int) -> Generator[Step, None, None]:
    """Yield steps; the last one is the Answer. Raises ModelError when the model itself fails."""
    started = time.monotonic()
    answer = Answer(_checked(question, workspace.tables))
    yield Reading(tuple(table.name for table in workspace.tables))
    failure: Failure | None = None
    while True:
        wrote, usage = yield from _write(workspace, answer.question, model, failure)
        sql = extract_sql(wrote)
        answer = replace(
            answer,
            attempts=answer.attempts + 1,
            model_sql=sql,
            sql=sql,
            prompt_tokens=answer.prompt_tokens + usage.prompt_tokens,
            completion_tokens=answer.completion_tokens + usage.completion_tokens,
        )
        if not sql:
            error: AppError = CannotAnswer(
                "The model wrote no SQL for this question.", "Ask it in other words, or write the SQL yourself."
            )
            break
        try:
            result = yield from run(sql, workspace)
            yield replace(answer, result=result, seconds=time.monotonic() - started)
            return
        except QueryStopped:
            raise
        except QueryError as e:
            error = e
        if answer.attempts > max_repairs:
            break
        yield Repairing(error)
        failure = Failure(sql, error.detail)
    yield replace(answer, error=error, seconds=time.monotonic() - started)


def run(sql: str, workspace: Workspace) -> Generator[Step, None, Result]:
    """Run one query, with a Tick about every 0.1 s; closing the generator kills the query."""
    yield Running(sql)
    with workspace.start(sql) as query:
        while not query.wait(0.1):
            yield Waiting(0, "Waiting for a place: other queries are running.") if query.queued else Tick()
        return query.result()


def _checked(question: str, tables: Sequence[Table]) -> str:
    question = question.strip()
    if not question:
        raise CannotAnswer("The question is empty.", "Type what you want to know.")
    if len(question) > LONGEST_QUESTION:
        raise CannotAnswer(
            f"The question has {len(question):,} characters; the model can read {LONGEST_QUESTION:,}.",
            "Shorten it, or load long lists as a file.",
        )
    if not tables:
        raise CannotAnswer("There is no table to ask about.", "Upload a CSV or take the sample data.")
    return question


def _write(
    workspace: Workspace, question: str, model: SqlModel, failure: Failure | None
) -> Generator[Step, None, tuple[str, Finished]]:
    """Let the model write; return its text and its usage."""
    text = ""
    with closing(_request(workspace, question, model, failure)) as events:
        for event in _hinted(events):
            match event:
                case Piece(text=piece):
                    text += piece
                    yield Writing(text)
                case Waiting() | Tick():
                    yield event
                case Finished():
                    return text, event
    raise AssertionError("a stream ends with Finished or with an error")


def _hinted(events: Iterator[Event]) -> Iterator[Event]:
    """What does not fit here is the tables, so the way out is another than in a chat."""
    try:
        yield from events
    except ContextTooLong as e:
        raise ContextTooLong(
            "The tables have more columns than the model can read at once.", "Remove tables or load fewer columns."
        ) from e


def _request(
    workspace: Workspace, question: str, model: SqlModel, failure: Failure | None
) -> Generator[Event, None, None]:
    profile, client = model.profile, model.client
    tables, joins = workspace.tables, workspace.joins
    if profile.wire == "text":
        prompt = reasoning_prompt(tables, joins, question, profile.dialect, failure)
        return client.text(model.name, prompt, profile.sampling)
    messages = direct_messages(tables, joins, question, profile.dialect, failure)
    return client.chat(model.name, messages, profile.sampling)
