"""Turns of a conversation as the history keeps them, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

from lib.asking.answer import Agreement, Answer, Sent
from lib.data.history import History, Kind, Turn
from lib.data.table import Note
from lib.errors import AppError
from lib.llm.messages import Finished
from lib.ui.turns import AskTurn, ChatTurn, State

if TYPE_CHECKING:
    from lib.engine.result import Result


def save(history: History, turn: ChatTurn | AskTurn) -> None:
    """Write the turn down; its result too when it has one that is not kept yet."""
    kind: Kind = "chat" if isinstance(turn, ChatTurn) else "ask"
    body = _chat_body(turn) if isinstance(turn, ChatTurn) else _ask_body(turn)
    if isinstance(turn, AskTurn) and turn.answer and turn.answer.result and turn.kept is not turn.answer.result:
        history.put_result(turn.id, turn.answer.result.table)
        turn.kept = turn.answer.result
    stored = history.put(Turn(turn.id, kind, turn.question, turn.state, {**body, "runner": turn.runner}))
    turn.changed = stored.changed


def restored(history: History, stored: Turn) -> ChatTurn | AskTurn:
    """The turn as it was when it was saved last."""
    turn = _chat_turn(stored) if stored.kind == "chat" else _ask_turn(stored, history)
    turn.id, turn.runner, turn.changed = stored.id, stored.body["runner"], stored.changed
    if turn.state == "asked":
        turn.state = "stopped"  # only the tab in which it was asked answers it
    return turn


def _chat_body(turn: ChatTurn) -> dict[str, Any]:
    return {
        "answer": turn.answer,
        "finished": asdict(turn.finished) if turn.finished else None,
        "left_out": turn.left_out,
        "error": _error_body(turn.error),
    }


def _chat_turn(stored: Turn) -> ChatTurn:
    body = stored.body
    return ChatTurn(
        stored.question,
        body["answer"],
        cast(State, stored.state),
        Finished(**body["finished"]) if body["finished"] else None,
        body["left_out"],
        _error(body["error"]),
    )


def _ask_body(turn: AskTurn) -> dict[str, Any]:
    return {
        "draft": turn.draft,
        "wrote": turn.wrote,
        "by_hand": turn.by_hand,
        "runs": turn.runs,
        "standalone": turn.standalone,
        "follows": turn.follows,
        "careful": turn.careful,
        "names_only": turn.names_only,
        "answer": _answer_body(turn.answer) if turn.answer else None,
        "error": _error_body(turn.error),
    }


def _ask_turn(stored: Turn, history: History) -> AskTurn:
    body = stored.body
    turn = AskTurn(
        stored.question,
        draft=body["draft"],
        wrote=body["wrote"],
        by_hand=body["by_hand"],
        runs=body["runs"],
        state=cast(State, stored.state),
        error=_error(body["error"]),
        **{name: body[name] for name in ("standalone", "follows", "careful", "names_only") if name in body},
    )
    if body["answer"]:
        turn.answer = _answer(stored, body["answer"], history)
        turn.kept = turn.answer.result
        turn.rows_gone = bool(body["answer"]["result"]) and turn.kept is None
    return turn


def _answer_body(answer: Answer) -> dict[str, Any]:
    result = answer.result
    return {
        "standalone": answer.standalone,
        "model_sql": answer.model_sql,
        "sql": answer.sql,
        "notes": [asdict(one) for one in answer.notes],
        "findings": None if answer.findings is None else [asdict(one) for one in answer.findings],
        "agreement": asdict(answer.agreement) if answer.agreement else None,
        "attempts": answer.attempts,
        "sent": [asdict(one) for one in answer.sent],
        "left_out": [asdict(one) for one in answer.left_out],
        "names_only": answer.names_only,
        "seconds": answer.seconds,
        "error": _error_body(answer.error),
        "result": result
        and {
            "columns": [(one.name, one.type) for one in result.columns],
            "truncated": result.truncated,
            "total_rows": result.total_rows,
            "seconds": result.seconds,
        },
    }


def _answer(stored: Turn, body: Mapping[str, Any], history: History) -> Answer:
    from lib.asking.checks.finding import Finding
    from lib.asking.link import LeftOut

    found = body.get("findings")
    agreement = body.get("agreement")
    return Answer(
        stored.question,
        body.get("standalone", ""),
        body["model_sql"],
        body["sql"],
        notes=tuple(Note(**one) for one in body.get("notes", ())),
        findings=None if found is None else tuple(Finding(**one) for one in found),
        agreement=Agreement(**agreement) if agreement else None,
        attempts=body["attempts"],
        sent=_sent(body),
        left_out=tuple(LeftOut(**{**one, "columns": tuple(one["columns"])}) for one in body.get("left_out", ())),
        names_only=body.get("names_only", False),
        seconds=body["seconds"],
        error=_error(body["error"]),
        result=_result(stored.id, body["result"], history),
    )


def _sent(body: Mapping[str, Any]) -> tuple[Sent, ...]:
    if "sent" in body:
        return tuple(Sent(**one) for one in body["sent"])
    return (Sent("", body["prompt_tokens"], body["completion_tokens"]),)  # an earlier version kept the tokens only


def _result(turn_id: str, body: Mapping[str, Any] | None, history: History) -> Result | None:
    table = history.result(turn_id) if body else None
    if body is None or table is None:
        return None
    from lib.engine.result import Column, Result

    columns = tuple(Column(name, kind) for name, kind in body["columns"])
    return Result(columns, table, body["truncated"], body["total_rows"], body["seconds"])


def _error_body(error: AppError | None) -> tuple[str, str, str] | None:
    return (error.code, error.detail, error.hint) if error else None


def _error(body: tuple[str, str, str] | None) -> AppError | None:
    return AppError.named(*body) if body else None
