"""An answer about the tables inside a conversation."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lib.asking.answer import Running
from lib.chat.answering import answering, take
from lib.chat.questions import question
from lib.chat.turns import AskTurn
from lib.errors import AppError
from lib.serving.under_way import under_way
from lib.settings import Settings
from lib.ui import card
from lib.ui.chat_state import Talk
from lib.ui.frame import ASK
from lib.ui.inert import plain
from lib.ui.place import Place
from lib.ui.visitor import address


def show(turn: AskTurn, talk: Talk, settings: Settings) -> None:
    """The card, and the way to the Ask page, where the SQL can be edited. SQL that was chosen instead runs first."""
    if turn.state == "asked" and turn.by_hand:
        _run(turn, talk, settings)
    if turn.answer is None:
        _offer(turn, talk)
        return
    place = Place(
        f"chat-{turn.id}",
        partial(talk.ask, wanted="data"),
        partial(talk.run_instead, turn.id),
        partial(talk.session.save, turn),
    )
    if turn.standalone not in ("", turn.question):
        st.caption(f"Asked as: {plain(turn.standalone)}")
    card.show(turn, turn.answer, place)
    if st.button("Open on the Ask page", key=f"open-{turn.id}", icon=":material/table_chart:", type="tertiary"):
        talk.session.open_copy(turn)
        st.switch_page(ASK, query_params=address(settings))


def _offer(turn: AskTurn, talk: Talk) -> None:
    """The SQL of an answer that came with an imported conversation: its rows stayed where it was made."""
    if turn.state != "done" or not turn.draft:
        return
    st.code(turn.draft, language="sql", wrap_lines=True)
    st.button("Run this SQL on my tables", key=f"chat-run-{turn.id}", icon=":material/play_arrow:", type="tertiary",
              on_click=talk.run_instead, args=(turn.id, turn.draft))  # fmt: skip


@under_way("question")
def _run(turn: AskTurn, talk: Talk, settings: Settings) -> None:
    space, doing = talk.session.workspace, st.empty()
    talk.session.run(turn)
    try:
        with question(turn, space, answering(turn, (), (), space, settings)) as steps:
            for step in steps:
                take(turn, step, space)
                said = step.how if isinstance(step, Running) else ""
                # touches the page, which is where Streamlit lets Stop in
                doing.caption(f":shimmer[{said or 'Running the query'}]")
            turn.state = "failed" if turn.error else "done"
    except AppError as e:
        turn.error, turn.state = e, "failed"
    finally:
        if turn.state == "running":
            turn.state = "stopped"
        talk.session.save(turn)
    doing.empty()
