"""The answer card: the SQL, the chart, the rows, what may be wrong, and what the model was told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib.chat.turns import AskTurn
from lib.ui import trust
from lib.ui.frame import show_error
from lib.ui.place import Place
from lib.ui.session import workspace

if TYPE_CHECKING:
    from lib.asking.answer import Answer


def show(turn: AskTurn, answer: Answer, place: Place) -> None:
    """The whole card, with SQL that is only read; an answer that was not checked yet is checked at its end."""
    trust.what_the_model_saw(answer)
    if answer.sql:
        st.code(answer.sql, language="sql", wrap_lines=True)
    if turn.error is not None:
        show_error(turn.error)
    spot = outcome(turn, answer, place)
    if spot is not None and answer.findings is None:
        check(turn, place, spot)


def outcome(turn: AskTurn, answer: Answer, place: Place) -> DeltaGenerator | None:
    """The result with its trust line, or a word about rows that are gone. Returns the spot of the trust line."""
    if answer.result is None:
        if turn.rows_gone:
            st.caption("The rows of this answer are not kept any more. Run the SQL to see them again.")
        return None
    from lib.ui import result  # with Arrow, which the first paint does not need

    result.show(turn, answer, answer.result, place)
    spot = st.empty()
    trust.line(turn, place, spot)
    return spot


def check(turn: AskTurn, place: Place, spot: DeltaGenerator) -> None:
    """Check an answer once all is drawn: it never waits for its checks."""
    from lib.asking.ask import with_findings

    if turn.answer is not None and turn.answer.result is not None:
        turn.answer = with_findings(turn.answer, workspace())
        place.save()
        trust.line(turn, place, spot)
