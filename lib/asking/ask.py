"""A question becomes an answer: tell the model what it needs, let it write SQL, mend, translate and run it, check it.

`ask` is a generator of steps. Its consumer draws them; closing it stops the model and the query.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lib.asking.answer import (
    LONGEST_QUESTION,
    Answer,
    Comparing,
    Preparing,
    Reading,
    Repairing,
    Running,
    Sent,
    Step,
    Writing,
)
from lib.asking.attempt import Ready, lesson, ready
from lib.asking.checkable import NOT_CHECKED, in_duckdb, out_of_reach
from lib.asking.checks import check
from lib.asking.drafts import drafting
from lib.asking.extract import cannot_answer, extract_sql
from lib.asking.prompt import Failure, Request, request, shown
from lib.asking.told import Known, Told, knowing, tell
from lib.asking.vote import Candidate, Votes
from lib.data.table import Table
from lib.data.workspace import OWN_DIALECT, Workspace
from lib.errors import CannotAnswer, ContextTooLong, QueryError, QueryFailed, QueryStopped
from lib.llm.messages import Event, Finished, Piece, Sampling, Tick, Waiting
from lib.llm.profiles import Profile, profile_for
from lib.llm.tokens import estimate

if TYPE_CHECKING:
    from lib.engine.result import Result
    from lib.llm.client import Client

LEAST_TABLES = 512
"""Tokens that the tables get at least, however long the question is."""
VARIED = 0.8
"""The temperature of answers that should differ, as Arctic's own voting has it."""
CHECK_SECONDS = 10.0


@dataclass(frozen=True)
class SqlModel:
    """A model that writes SQL, where it answers and how it wants to be asked."""

    client: Client
    name: str
    profile: Profile

    @classmethod
    def at(cls, client: Client, name: str, profile: str = "") -> SqlModel:
        """The model with the profile of that name, else with the one that its id calls for."""
        return cls(client, name, profile_for(name, profile))

    def write(self, asked: Request, sampling: Sampling) -> Generator[Event, None, None]:
        """Let it answer. Raises ModelError."""
        if isinstance(asked, str):
            return self.client.text(self.name, asked, sampling)
        return self.client.chat(self.name, asked, sampling)


@dataclass(frozen=True)
class _Asking:
    """One question under way."""

    question: str
    workspace: Workspace
    model: SqlModel
    known: Known
    told: Told
    names_only: bool

    def request(self, failure: Failure | None = None) -> Request:
        return request(self.told, self.question, self.model.profile, failure)

    def try_(self, sql: str) -> Generator[Step, None, tuple[Ready, Result]]:
        """Run what the model wrote. Raises QueryError."""
        try:
            one = ready(sql, self.question, self.known, self.model.profile, self.workspace.dialect)
        except RecursionError:
            raise QueryFailed("The SQL is nested too deeply.", "Write it with fewer levels.", sql=sql) from None
        return one, (yield from run(one.sql, self.workspace))

    def failure(self, sql: str, error: QueryError) -> Failure:
        return Failure(sql, lesson(error, sql, self.known, self.model.profile, self.names_only))


def ask(
    question: str,
    workspace: Workspace,
    model: SqlModel,
    max_repairs: int,
    *,
    names_only: bool = False,
    answers: int = 1,
    checked: bool = True,
) -> Generator[Step, None, None]:
    """Yield steps. The first Answer has the result; where `checked`, a second one has the findings too.

    With `answers` above 1 so many are compared by their results. With `names_only` no cell's value is sent to the
    model. Raises ModelError when the model itself fails.
    """
    started = time.monotonic()
    asked = _checked(question, workspace.tables)
    answer = Answer(asked, names_only=names_only, model=model.name, dialect=workspace.dialect)
    asking = yield from _prepared(answer.question, workspace, model, names_only)
    yield Reading(tuple(table.name for table in asking.told.tables), asking.told.left_out)
    answer = replace(answer, left_out=asking.told.left_out)
    if answers > 1:
        answer = yield from _compared(answer, asking, answers, max_repairs)
    else:
        answer = yield from _written(answer, asking, max_repairs)
    answer = replace(answer, seconds=time.monotonic() - started)
    yield answer
    if checked and answer.result is not None:
        yield with_findings(answer, workspace)


def run(sql: str, workspace: Workspace) -> Generator[Step, None, Result]:
    """Run one query, with a Tick about every 0.1 s; closing the generator kills the query."""
    yield Running(sql)
    with workspace.start(sql) as query:
        while not query.wait(0.1):
            yield Running(sql, query.doing) if query.doing else Tick()
        return query.result()


def with_findings(answer: Answer, workspace: Workspace) -> Answer:
    """The same answer with what its checks found."""
    if answer.result is None:
        return answer
    sql = answer.sql if answer.dialect == OWN_DIALECT else in_duckdb(answer.sql, answer.dialect)
    if sql is None:
        return replace(answer, findings=(NOT_CHECKED,))

    def probe(sql: str) -> Result:
        return workspace.run(sql, timeout=CHECK_SECONDS, own=True)

    question = answer.standalone or answer.question
    found = check(question, sql, answer.result, workspace.own_tables, workspace.joins, probe)
    if answer.dialect != OWN_DIALECT:  # their remedies are written in DuckDB's SQL, too
        found = tuple(replace(one, sql="") for one in found)
    return replace(answer, findings=(*found, *out_of_reach(sql, workspace.tables)))


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


def _prepared(question: str, workspace: Workspace, model: SqlModel, names_only: bool) -> Generator[Step, None, _Asking]:
    steps = knowing(workspace, names_only)
    with closing(steps):
        while True:
            try:
                yield Preparing(next(steps))
            except StopIteration as end:
                known: Known = end.value
                break
    profile = model.profile

    def size(told: Told) -> int:
        return estimate(shown(request(told, question, profile)))

    context = model.client.context_length(model.name)
    budget = max(LEAST_TABLES, context - min(profile.sampling.max_tokens, context // 2))
    return _Asking(question, workspace, model, known, tell(question, known, size, budget), names_only)


def _written(answer: Answer, asking: _Asking, max_repairs: int) -> Generator[Step, None, Answer]:
    """Let the model write one answer, and mend it with the engine's help until it runs."""
    failure: Failure | None = None
    sampling = asking.model.profile.sampling
    while True:
        try:
            wrote, sent = yield from _write(asking, failure, sampling)
        except ContextTooLong:
            if answer.error is None:
                raise
            return answer  # what failed is too long to be sent back
        sql = extract_sql(wrote)
        if failure and sql == failure.sql:
            sampling = replace(sampling, temperature=VARIED)  # it would go on repeating itself
        answer = replace(
            answer, attempts=answer.attempts + 1, model_sql=sql, sql=sql, sent=(*answer.sent, sent), notes=()
        )
        if not sql:
            return replace(answer, error=cannot_answer(wrote))
        try:
            prepared, result = yield from asking.try_(sql)
            return replace(answer, sql=prepared.sql, notes=prepared.notes, result=result, error=None)
        except QueryStopped:
            raise
        except QueryError as e:
            if e.sql:
                answer = replace(answer, sql=e.sql)
            answer = replace(answer, error=e)
            if answer.attempts > max_repairs:
                return answer
            yield Repairing(e)
            failure = asking.failure(sql, e)


def _write(asking: _Asking, failure: Failure | None, sampling: Sampling) -> Generator[Step, None, tuple[str, Sent]]:
    """Let the model write; return its text and what that took."""
    asked, text = asking.request(failure), ""
    with closing(_hinted(asking.model.write(asked, sampling))) as events:
        for event in events:
            match event:
                case Piece(text=piece):
                    text += piece
                    yield Writing(text)
                case Waiting() | Tick():
                    yield event
                case Finished():
                    return text, _sent(asked, event)
    raise AssertionError("a stream ends with Finished or with an error")


def _sent(asked: Request, usage: Finished) -> Sent:
    return Sent(shown(asked), usage.prompt_tokens, usage.completion_tokens)


def _compared(answer: Answer, asking: _Asking, wanted: int, max_repairs: int) -> Generator[Step, None, Answer]:
    """Let the model answer several times, and take the result that most answers give; repair if none runs."""
    asked, votes = asking.request(), Votes(wanted)
    plain = asking.model.profile.sampling
    samplings = [plain] + [replace(plain, temperature=VARIED)] * (wanted - 1)
    starts = [_starting(asking.model, asked, one) for one in samplings]
    yield Comparing(0, wanted, 0)
    with closing(drafting(starts)) as drafts:
        for draft in drafts:
            if isinstance(draft, Waiting | Tick):
                yield draft
                continue
            text, usage = draft
            answer = replace(answer, attempts=answer.attempts + 1, sent=(*answer.sent, _sent(asked, usage)))
            votes.add((yield from _candidate(extract_sql(text), asking)))
            yield Comparing(votes.cast, wanted, votes.agree)
            if votes.decided:
                break
    if not votes.groups:
        return (yield from _written(answer, asking, answer.attempts + max_repairs))
    best = votes.ranked[0][0]
    return replace(
        answer,
        model_sql=best.model_sql,
        sql=best.ready.sql,
        notes=best.ready.notes,
        result=best.result,
        agreement=votes.agreement(),
    )


def _starting(model: SqlModel, asked: Request, sampling: Sampling) -> Callable[[], Generator[Event, None, None]]:
    return lambda: model.write(asked, sampling)


def _candidate(sql: str, asking: _Asking) -> Generator[Step, None, Candidate | None]:
    if not sql:
        return None
    try:
        prepared, result = yield from asking.try_(sql)
    except QueryStopped:
        raise
    except QueryError:
        return None
    return Candidate(sql, prepared, result)


def _hinted(events: Iterator[Event]) -> Generator[Event, None, None]:
    """What does not fit here is the tables, so the way out is another than in a chat."""
    try:
        yield from events
    except ContextTooLong as e:
        raise ContextTooLong(
            "The tables have more columns than the model can read at once.", "Remove tables or load fewer columns."
        ) from e
