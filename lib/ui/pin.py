"""Pinning an answer to the board, with the evidence for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from lib.charts.choose import chosen
from lib.chat.turns import AskTurn
from lib.data.asked import finished
from lib.data.workspace import Workspace
from lib.errors import AppError
from lib.ui.frame import BOARD, show_error
from lib.ui.place import Place
from lib.ui.session import workspace

if TYPE_CHECKING:
    from lib.asking.answer import Answer
    from lib.board.exhibit import Exhibit
    from lib.charts.reduced import Reduced
    from lib.charts.spec import Spec
    from lib.engine.result import Result


def button(turn: AskTurn, answer: Answer, result: Result, place: Place) -> None:
    """One click pins the answer as it is shown."""
    if not st.button("Pin to board", key=f"pin-{place.key}", icon=":material/keep:", type="tertiary"):
        return
    from lib.board import board

    space = workspace()
    try:
        with st.spinner("Reading the tables once more for the board"):
            exhibit = _exhibit(turn, answer, result, space)
            board.pin(space.folder, exhibit)
    except AppError as e:
        show_error(e)
        return
    st.toast("Pinned to the board.", icon=":material/keep:")
    if exhibit.result is not result:
        st.caption("The SQL ran again for the board, on the tables as they are now: its rows differ from those above.")
    st.page_link(BOARD, label="Open the board", icon=":material/dashboard:")


def _exhibit(turn: AskTurn, answer: Answer, result: Result, space: Workspace) -> Exhibit:
    """The answer with its evidence: of today's tables, and so with today's rows. Raises AppError."""
    from lib.board import evidence

    spec = turn.chart.spec if turn.chart else chosen(answer.question, result)
    reduced = turn.chart.reduced if turn.chart else None
    if turn.tables_state != space.state:
        answer, reduced = _today(answer, result, spec, reduced, space)
    made = evidence.exhibit(
        answer.question,
        answer.sql,
        answer.result or result,
        spec,
        space,
        standalone=answer.standalone,
        assumptions=assumptions(answer),
        findings=answer.findings,
        model=answer.model,
        title=spec.title,
    )
    return replace(made, reduced=reduced)


def _today(
    answer: Answer, result: Result, spec: Spec, reduced: Reduced | None, space: Workspace
) -> tuple[Answer, Reduced | None]:
    """The answer and its chart's rows on the tables as they are now; as they were where the rows are the same."""
    from lib.asking.ask import with_findings
    from lib.board import evidence, fingerprint
    from lib.board.whole import whole

    evidence.require_dialect(answer.dialect, space)
    again = space.run(answer.sql)
    if fingerprint.of_result(again) == fingerprint.of_result(result):
        return answer, reduced
    checked = with_findings(replace(answer, result=again), space)
    return checked, finished(whole(spec, answer.sql, again, space))


def assumptions(answer: Answer) -> tuple[str, ...]:
    """What a reader of the answer should know of how it came about."""
    agreed = answer.agreement
    return (
        *([f"{agreed.agree} of {agreed.of} answers of the model gave this result."] if agreed else []),
        *(["The model was told names and types only."] if answer.names_only else []),
        *(one.message for one in answer.notes),
    )
