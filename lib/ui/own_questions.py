"""A person's own questions with the SQL that answers them: added, changed, deleted, measured with."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast
from uuid import uuid4

import streamlit as st

from lib.asking.answer import LONGEST_QUESTION
from lib.asking.evaluate import kept as keeping
from lib.asking.evaluate.kept import Kept
from lib.asking.evaluate.question import Question
from lib.data.asked import asked
from lib.data.table import counted
from lib.errors import AppError, CannotAnswer
from lib.settings import Settings
from lib.ui import accuracy
from lib.ui.frame import show_error
from lib.ui.inert import plain
from lib.ui.session import Session
from lib.ui.words import SQL_OF

if TYPE_CHECKING:
    from lib.engine.result import Result

_KEY = "bayan-own-question"


@dataclass(frozen=True)
class _Form:
    """What the form holds at first: a question to change or an empty one. A new `number` empties it."""

    question: Question
    number: int = 0
    said: str = ""


def show(state: Session, kept: Kept) -> None:
    """The questions, and the form below them."""
    if not kept.questions:
        st.write("Add questions that you know the answers to, each with SQL that gives the expected rows.")
    for one in kept.questions:
        _question(one, state)
    if state.workspace.tables:
        _form(state)
    else:
        st.caption("There is no table to ask about yet. Load files on **Ask your data** or **Data** first.")


def measure(state: Session, kept: Kept, settings: Settings, ready: bool) -> None:
    """Measure with them."""
    if kept.questions or any(one.which == "own" for one in kept.measurements):
        usable = ready and bool(kept.questions) and bool(state.workspace.tables)
        accuracy.card("own", kept.questions, state, kept, settings, usable)


def _question(one: Question, state: Session) -> None:
    with st.expander(plain(one.text), icon=":material/help:", key=f"own-{one.id}"):
        st.code(one.sql, language="sql", wrap_lines=True)
        with st.container(horizontal=True):
            st.button("Edit", key=f"own-edit-{one.id}", icon=":material/edit:", on_click=_edit, args=(one,))
            st.button(
                "Delete", key=f"own-delete-{one.id}", icon=":material/delete:", on_click=_delete, args=(one, state)
            )


def _form(state: Session) -> None:
    now = _state()
    key = f"own-form-{now.number}"
    if now.said:
        st.caption(plain(now.said))
    with st.form(key):
        st.markdown("**Change a question**" if now.question.id else "**Add a question**")
        text = st.text_input("Question", now.question.text, key=f"{key}-text", max_chars=LONGEST_QUESTION) or ""
        sql = (
            st.text_area("Expected SQL", now.question.sql, key=f"{key}-sql", help=SQL_OF[state.workspace.dialect]) or ""
        )
        with st.container(horizontal=True):
            save = st.form_submit_button("Save", type="primary", key=f"{key}-save")
            cancel = now.question.id and st.form_submit_button("Cancel", key=f"{key}-cancel")
    if cancel:
        _begin()
        st.rerun()
    if save:
        _save(replace(now.question, text=text.strip(), sql=sql.strip()), state)


def _save(question: Question, state: Session) -> None:
    """Keep the question if its SQL runs; else say why not and leave the form as it is."""
    try:
        rows = _rows(question, state)
        keeping.put_question(state.workspace.folder, replace(question, id=question.id or uuid4().hex))
    except AppError as e:
        show_error(e)
        return
    _begin(f"Saved. The expected SQL gives {counted(rows, 'row')} now.")
    st.rerun()


def _rows(question: Question, state: Session) -> int:
    """How many rows are expected. Raises CannotAnswer for a question that cannot be measured with, and QueryError."""
    if not question.text or not question.sql:
        raise CannotAnswer("A question and its expected SQL are both needed.")
    result = _tried(question.sql, state)
    if result.truncated:
        raise CannotAnswer(
            "The expected SQL gives more rows than can be compared.", "Ask for fewer, with a condition or a LIMIT."
        )
    return int(result.table.num_rows)


def _tried(sql: str, state: Session) -> Result:
    """Run the SQL, and show it step by step: there Streamlit stops it when the person goes elsewhere."""
    place = st.empty()
    with closing(asked(state.workspace, sql, "Running the expected SQL", own=False)) as steps:
        while True:
            try:
                place.caption(f":shimmer[{plain(next(steps))}]")
            except StopIteration as end:
                place.empty()
                return cast("Result", end.value)


def _edit(question: Question) -> None:
    _begin(question=question)


def _delete(question: Question, state: Session) -> None:
    try:
        keeping.delete_question(state.workspace.folder, question.id)
    except AppError as e:
        state.trouble = e
    if _state().question.id == question.id:
        _begin()


def _begin(said: str = "", question: Question | None = None) -> None:
    """Let the form begin anew."""
    st.session_state[_KEY] = _Form(question or Question("", "", ""), _state().number + 1, said)


def _state() -> _Form:
    return cast(_Form, st.session_state.get(_KEY, _Form(Question("", "", ""))))
