"""The answer to a question about the tables, step by step, and what each step leaves in its turn."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from lib.asking.answer import Answer, Running, Step, Writing
from lib.chat.turns import AskTurn, Chart, new_id
from lib.data.workspace import Workspace
from lib.errors import QueryError
from lib.llm.connect import Models
from lib.settings import Settings

if TYPE_CHECKING:
    from lib.engine.result import Result


def answering(
    turn: AskTurn, earlier: Sequence[str], models: Iterable[Models | str], space: Workspace, settings: Settings
) -> Generator[Step | str, None, None]:
    """Ask the model, or run what a person wrote. `earlier` has the questions that this one may lean on.

    Yields what happens, as a step or in words; `take` puts each into the turn. Raises AppError.
    """
    if turn.by_hand:
        yield from _run_by_hand(turn, space)
        return
    for ready in models:
        if isinstance(ready, Models):
            yield from _asked(turn, earlier, ready, space, settings)
        else:
            yield ready


def take(turn: AskTurn, step: Step | str, space: Workspace) -> None:
    """Keep in the turn what this step brings."""
    match step:
        case Writing(text=wrote):
            turn.wrote = wrote
        case Running(sql=sql):
            turn.draft = sql
        case Answer():
            turn.chart, turn.tables_state = renewed(turn, step), space.state
            turn.answer, turn.answer_id, turn.draft, turn.error = step, new_id(), step.sql, step.error


def renewed(turn: AskTurn, answer: Answer) -> Chart | None:
    """The chart of a new answer; what a person chose stays while the columns have the same names."""
    result, old = answer.result, turn.answer.result if turn.answer else None
    if result is None:
        return turn.chart
    if turn.chart and turn.chart.by_hand and old and _names(old) == _names(result):
        return Chart(turn.chart.spec, by_hand=True)
    from lib.charts.choose import chosen  # with Arrow, which the first paint does not need

    return Chart(chosen(answer.standalone or answer.question, result))


def _names(result: Result) -> list[str]:
    return [one.name for one in result.columns]


def _asked(
    turn: AskTurn, earlier: Sequence[str], models: Models, space: Workspace, settings: Settings
) -> Generator[Step, None, None]:
    from lib.asking.ask import SqlModel, ask  # with the libraries that read SQL: the first paint needs none of them
    from lib.asking.followup import standing_alone

    if not turn.standalone:
        turn.standalone = yield from standing_alone(turn.question, earlier, models.client, models.chat)
    asking = ask(
        turn.standalone,
        space,
        SqlModel.at(models.client, models.sql, settings.sql_profile),
        settings.max_repairs,
        names_only=turn.names_only or settings.names_only,
        answers=settings.careful_answers if turn.careful else 1,
        checked=False,
    )
    for step in asking:
        yield replace(step, question=turn.question, standalone=turn.standalone) if isinstance(step, Answer) else step


def _run_by_hand(turn: AskTurn, space: Workspace) -> Generator[Step, None, None]:
    from lib.asking.ask import run

    written = turn.answer.model_sql if turn.answer else ""
    answer = Answer(turn.question, model_sql=written, sql=turn.draft, dialect=space.dialect)
    try:
        result = yield from run(turn.draft, space)
        yield replace(answer, result=result, seconds=result.seconds)
    except QueryError as e:
        yield replace(answer, error=e)
