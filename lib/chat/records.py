"""Turns of a conversation as the history keeps them, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_args
from weakref import WeakValueDictionary

from lib.asking.answer import Agreement, Answer, Sent
from lib.chat.attach import Attachment
from lib.chat.turns import AskTurn, Chart, ChatTurn, State, Way
from lib.data.history import History, Kind, Turn
from lib.data.spill import on_disk
from lib.data.table import Note
from lib.data.typed import moment, require_types
from lib.errors import AppError
from lib.llm.messages import Finished

_PLAIN = ("parent", "model", "way", "wanted", "reason", "about", "window", "names_only", "made_from")
"""What is known of a turn of a conversation, which earlier versions did not keep."""

_KEPT: WeakValueDictionary[int, AskTurn] = WeakValueDictionary()
"""Every turn of this process whose rows the history holds too."""

if TYPE_CHECKING:
    import pyarrow as pa

    from lib.engine.result import Result


def save(history: History, turn: ChatTurn | AskTurn) -> None:
    """Write the turn down; its result too when it has one that is not kept yet."""
    if isinstance(turn, AskTurn):
        _save_tables(history, turn)
    turn.changed = history.put(stored(turn)).changed


def move_to_disk(folder: Path) -> None:
    """Let no answer that the history holds take memory for its rows, nor for what can be made again of them.

    The rows are read from files below `folder` that go with the last who uses them. Raises OSError.
    """
    for turn in list(_KEPT.values()):
        turn.painted = turn.told = None
        answer = turn.answer
        if answer is not None and answer.result is not None and turn.kept is answer.result:
            result = replace(answer.result, table=on_disk(answer.result.table, folder))
            turn.answer, turn.kept = replace(answer, result=result), result


def stored(turn: ChatTurn | AskTurn) -> Turn:
    """The turn as the history keeps it, without its tables and times."""
    kind: Kind = "chat" if isinstance(turn, ChatTurn) else "ask"
    body = _chat_body(turn) if isinstance(turn, ChatTurn) else _ask_body(turn)
    body["runner"] = turn.runner
    return Turn(turn.id, kind, turn.question, turn.state, body, turn.conversation)


def parents(kept: Sequence[Turn]) -> dict[str, str]:
    """Which turn each turn of a conversation follows: a version without branches wrote them one after another."""
    before = ["", *(one.id for one in kept)]
    return {one.id: str(one.body.get("parent", last)) for one, last in zip(kept, before, strict=False)}


def sql(kept: Turn) -> str:
    """What ran, or should run, for a question about the tables; empty if that is not what `save` wrote."""
    try:
        answer = kept.body["answer"]
        return str(answer["sql"] if answer else kept.body["draft"])
    except (KeyError, TypeError):
        return ""


def _save_tables(history: History, turn: AskTurn) -> None:
    result = turn.answer.result if turn.answer else None
    if result and turn.kept is not result:
        history.put_result(turn.id, result.table)
        turn.kept = result
        _KEPT[id(turn)] = turn
    reduced = turn.chart.reduced if turn.chart else None
    if reduced and turn.kept_reduced is not reduced:
        history.put_result(turn.id, reduced.result.table, "chart")
        turn.kept_reduced = reduced


def restored(history: History, stored: Turn) -> ChatTurn | AskTurn | None:
    """The turn as it was when it was saved last; None if it is not what `save` writes."""
    try:
        turn = _chat_turn(stored) if stored.kind == "chat" else _ask_turn(stored, history)
        turn.id, turn.runner, turn.changed = stored.id, stored.body["runner"], stored.changed
        turn.conversation = stored.conversation
        _require_sound(stored, turn)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    if turn.state == "asked":
        turn.state = "stopped"  # only the tab in which it was asked answers it
    return turn


def _require_sound(stored: Turn, turn: ChatTurn | AskTurn) -> None:
    """Raises TypeError or ValueError for what would fail later, where nobody looks at it any more."""
    require_types(stored)
    require_types(turn)
    json.dumps([stored.question, stored.body], ensure_ascii=False).encode()  # half a character is a ValueError
    if turn.state not in get_args(State) or (stored.created, stored.changed) != _moments(stored):
        raise ValueError
    if isinstance(turn, ChatTurn) and not {turn.way, turn.wanted} <= set(get_args(Way)):
        raise ValueError
    if isinstance(turn, AskTurn) and turn.answer and turn.answer.result and turn.chart:
        drawn = turn.chart.reduced.result if turn.chart.reduced else turn.answer.result
        spec = turn.chart.reduced.spec if turn.chart.reduced else turn.chart.spec
        if not (turn.chart.spec.fits(len(turn.answer.result.columns)) and spec.fits(len(drawn.columns))):
            raise ValueError


def _moments(stored: Turn) -> tuple[float, float]:
    return moment(stored.created), moment(stored.changed)


def _chat_body(turn: ChatTurn) -> dict[str, Any]:
    return {
        "answer": turn.answer,
        "finished": asdict(turn.finished) if turn.finished else None,
        "left_out": turn.left_out,
        "error": _error_body(turn.error),
        **{name: getattr(turn, name) for name in _PLAIN},
        "attachments": [asdict(one) for one in turn.attachments],
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
        **{name: body[name] for name in _PLAIN if name in body},
        attachments=tuple(Attachment(**{**one, "notes": tuple(one["notes"])}) for one in body.get("attachments", ())),
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
        "answer_id": turn.answer_id,
        "origin": turn.origin,
        "answer": _answer_body(turn.answer) if turn.answer else None,
        "chart": _chart_body(turn.chart) if turn.chart else None,
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
        **{name: body[name] for name in ("standalone", "follows", "careful", "names_only", "origin") if name in body},
        answer_id=body.get("answer_id", stored.id),
    )
    if body["answer"]:
        turn.answer = _answer(stored, body["answer"], history)
        turn.kept = turn.answer.result
        _KEPT[id(turn)] = turn
        turn.rows_gone = bool(body["answer"]["result"]) and turn.kept is None
    if body.get("chart") and turn.kept:
        turn.chart = _chart(stored.id, body["chart"], history)
        turn.kept_reduced = turn.chart.reduced if turn.chart else None
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
        "model": answer.model,
        "dialect": answer.dialect,
        "seconds": answer.seconds,
        "error": _error_body(answer.error),
        "result": result and _result_body(result),
    }


def _result_body(result: Result) -> dict[str, Any]:
    return {
        "columns": [(one.name, one.type) for one in result.columns],
        "truncated": result.truncated,
        "total_rows": result.total_rows,
        "seconds": result.seconds,
    }


def _chart_body(chart: Chart) -> dict[str, Any]:
    reduced = chart.reduced
    return {
        "spec": chart.spec.to_json(),
        "by_hand": chart.by_hand,
        "note": chart.note,
        "reduced": reduced
        and {"spec": reduced.spec.to_json(), "note": reduced.note, "result": _result_body(reduced.result)},
    }


def _chart(turn_id: str, body: Mapping[str, Any], history: History) -> Chart | None:
    """None when what the engine made of all rows is not kept any more: it is made anew then."""
    from lib.charts.reduced import Reduced
    from lib.charts.spec import Spec

    spec, made = Spec.from_json(body["spec"]), body["reduced"]
    if not made:
        return Chart(spec, body["by_hand"], note=body["note"])
    result = _result(history.result(turn_id, "chart"), made["result"])
    if result is None:
        return None
    return Chart(spec, body["by_hand"], Reduced(Spec.from_json(made["spec"]), result, made["note"]), body["note"])


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
        model=body.get("model", ""),
        dialect=body.get("dialect", "duckdb"),  # earlier versions had no other
        seconds=body["seconds"],
        error=_error(body["error"]),
        result=body["result"] and _result(history.result(stored.id), body["result"]),
    )


def _sent(body: Mapping[str, Any]) -> tuple[Sent, ...]:
    if "sent" in body:
        return tuple(Sent(**one) for one in body["sent"])
    return (Sent("", body["prompt_tokens"], body["completion_tokens"]),)  # an earlier version kept the tokens only


def _result(table: pa.Table | None, body: Mapping[str, Any]) -> Result | None:
    if table is None:
        return None
    from lib.engine.result import Column, Result

    columns = tuple(Column(name, kind) for name, kind in body["columns"])
    if table.column_names != [one.name for one in columns]:
        return None  # the rows are another answer's
    return Result(columns, table, body["truncated"], body["total_rows"], body["seconds"])


def _error_body(error: AppError | None) -> tuple[str, str, str] | None:
    return (error.code, error.detail, error.hint) if error else None


def _error(body: tuple[str, str, str] | None) -> AppError | None:
    return AppError.named(*body) if body else None
