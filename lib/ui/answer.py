"""The Ask page's thread: each question with how its answer came about, the SQL in an editor, and the answer's card."""

from __future__ import annotations

import time
from collections.abc import Generator
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.mutable_status_container import StatusContainer

from lib.asking.answer import Comparing, Preparing, Reading, Repairing, Running, Step, Writing
from lib.asking.extract import open_sql, reasoning
from lib.chat.answering import answering, take
from lib.chat.questions import question
from lib.chat.turns import AskTurn
from lib.data.table import counted
from lib.errors import AppError
from lib.llm.messages import Waiting
from lib.serving.under_way import under_way
from lib.settings import Settings
from lib.ui import card, discuss, model, remarks, trust
from lib.ui.frame import show_error
from lib.ui.inert import plain, plain_lines
from lib.ui.landing import land_here
from lib.ui.live import Pace, stop_button, watch_other_tabs
from lib.ui.place import Place
from lib.ui.session import Session, workspace
from lib.ui.stopped import redraw_when_stopped
from lib.ui.words import SQL_OF

TURNS_AT_FIRST = 4


def show_thread(state: Session, settings: Settings) -> None:
    """Every turn of the thread; of a long one the last, and the rest on request."""
    first = 0 if state.whole_thread else max(0, len(state.thread) - TURNS_AT_FIRST)
    if any(turn.id == state.landed for turn in state.thread[:first]):
        first = 0
        state.show_whole_thread()
    if first:
        st.button(f"Show {first} earlier", key="show-earlier", type="tertiary", on_click=state.show_whole_thread)
    unchecked = []
    for index, turn in enumerate(state.thread[first:], first):
        place = _place(turn, index, state)
        spot = show(turn, index, state, settings, place)
        if spot and turn.state == "done" and turn.answer and turn.answer.findings is None:
            unchecked.append((turn, place, spot))
    for turn, place, spot in unchecked:
        card.check(turn, place, spot)


def _place(turn: AskTurn, index: int, state: Session) -> Place:
    return Place(
        str(index), partial(state.ask_about, turn.id), partial(state.run_instead, index), partial(state.save, turn)
    )


def show(turn: AskTurn, index: int, state: Session, settings: Settings, place: Place) -> DeltaGenerator | None:
    """A turn of the thread: answered first when it was only asked. Returns the spot of its trust line, if any."""
    before = st.empty()
    if turn.state == "asked":
        with before.container():
            work(turn, index, state, settings)
        if turn.by_hand or state.trouble:  # an editor is on the page already, or there is something to say above
            st.rerun()
        before.empty()
    if turn.id == state.landed:
        land_here(f"land-{turn.id}")
        state.landed = ""
    spot = draw(turn, index, state, settings, place)
    if turn.state == "running":
        watch_other_tabs(state)
    return spot


@under_way("question")
def work(turn: AskTurn, index: int, state: Session, settings: Settings) -> None:
    """Answer the turn while the page shows each step; what came of it stays in the turn, also after Stop."""
    state.run(turn)
    _question(turn)
    with st.chat_message("assistant"):
        if turn.by_hand:
            _sql(turn, index, state)  # in its place: the page would jump when a focused editor goes
        stop_button("ask-stop")  # above what grows, so that it stays under the pointer
        thoughts = st.empty()
        status = st.status(":shimmer[Starting]", expanded=True)
        text = status.empty()
        redraw_when_stopped("ask-stopped")
    try:
        with question(turn, workspace(), _steps(turn, state, settings)) as steps:
            _follow(turn, steps, status, text, thoughts)
            turn.state = "failed" if turn.error else "done"
    except AppError as e:
        turn.error, turn.state = e, "failed"
    finally:
        turn.runs += not turn.by_hand
        if turn.state == "running":
            turn.state = "stopped"
        state.save(turn)
    remarks.remarks(state).forget_earlier(turn)


def _steps(turn: AskTurn, state: Session, settings: Settings) -> Generator[Step | str, None, None]:
    earlier = [one.standalone or one.question for one in state.before(turn)]
    return answering(turn, earlier, model.models(settings), workspace(), settings)


def _follow(
    turn: AskTurn,
    steps: Generator[Step | str, None, None],
    status: StatusContainer,
    text: DeltaGenerator,
    thoughts: DeltaGenerator,
) -> None:
    """Show each step; every step touches the page, which is where Streamlit lets Stop in."""
    label, pace, started = "Starting", Pace(), time.monotonic()
    thinking: DeltaGenerator | None = None
    for step in steps:
        take(turn, step, workspace())
        match step:
            case str():
                label = step
            case Preparing(what=what):
                label = what
            case Comparing(come=come, wanted=wanted, agree=agree):
                label = f"Comparing answers: {come} of {wanted} have come, {agree} agree"
            case Reading(tables=names):
                label = f"Reading {counted(len(names), 'table')}"
            case Writing(text=wrote):
                sql = open_sql(wrote)
                label = "Writing SQL" if sql else "Thinking"
                if reasoning(wrote) and not sql and pace.due():
                    thinking = thinking or thoughts.expander("Reasoning").empty()
                    thinking.code(reasoning(wrote), language=None, wrap_lines=True)
                elif sql and pace.due():
                    text.code(sql, language="sql", wrap_lines=True)
            case Running(sql=sql, how=how):
                label = how or "Running the query"
                if not how:
                    text.code(sql, language="sql", wrap_lines=True)
            case Repairing(error=error):
                label = f"Mending the query: {plain(error.detail[:120])}"
            case Waiting(why=why):
                label = plain(why)
        status.update(label=f":shimmer[{label}] · {time.monotonic() - started:.0f} s")


def draw(turn: AskTurn, index: int, state: Session, settings: Settings, place: Place) -> DeltaGenerator | None:
    """The finished turn at `index` of the thread. Returns the spot of its trust line, if it has a result."""
    _question(turn)
    if turn.standalone not in ("", turn.question):
        _asked_as(turn, index, state)
    spot = None
    with st.chat_message("assistant"):
        if turn.state == "stopped":
            st.caption("Stopped before it was finished.")
        if turn.state == "running":
            st.caption(":shimmer[Being answered in another tab]")
        if turn.wrote and not turn.by_hand:
            _how(turn)
        if turn.answer is not None and not turn.by_hand:
            trust.what_the_model_saw(turn.answer)
        if turn.draft or not turn.question:
            _sql(turn, index, state)
        if turn.error is not None:
            show_error(turn.error)
        if turn.answer is not None:
            spot = card.outcome(turn, turn.answer, place)
        if turn.answer is not None and turn.answer.result is not None:
            _what_next(turn, state, settings, place)
            remarks.show(turn, turn.answer, turn.answer.result, place, remarks.remarks(state), settings)
        if turn.question and turn.state in ("stopped", "failed"):
            st.button(
                "Ask again",
                key=f"again-{index}",
                icon=":material/refresh:",
                on_click=state.ask_again,
                args=(index,),
            )
    return spot


def _what_next(turn: AskTurn, state: Session, settings: Settings, place: Place) -> None:
    ready = model.is_ready(settings)
    with st.container(horizontal=True, gap="xsmall", key=f"what-next-{place.key}"):
        if turn.question:
            st.button(
                "Follow up on this",
                key=f"follow-{place.key}",
                icon=":material/subdirectory_arrow_right:",
                type="tertiary",
                on_click=state.follow_up,
                args=(turn.id,),
            )
        remarks.buttons(turn, place, remarks.remarks(state), settings, ready=ready)
        discuss.button(turn, place, state, settings, ready=ready)


def _asked_as(turn: AskTurn, index: int, state: Session) -> None:
    """The follow-up as it stands alone, which can be put in other words."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Asked as: {plain(turn.standalone)}")
        with st.popover("Change", type="tertiary"):
            words = st.text_area("The question as it stands alone", turn.standalone, key=f"alone-{index}-{turn.runs}")
            st.button(
                "Ask this",
                key=f"ask-alone-{index}",
                type="primary",
                disabled=not words.strip(),
                on_click=state.ask_again,
                args=(index, words.strip()),
            )


def _question(turn: AskTurn) -> None:
    with st.chat_message("user"):
        st.markdown(plain_lines(turn.question) if turn.question else "*SQL written by hand*")


def _how(turn: AskTurn) -> None:
    with st.expander("How this was answered", type="compact"):
        st.code(turn.wrote, language=None, wrap_lines=True)
        if turn.answer is not None and turn.answer.attempts:
            done = turn.answer
            tries = "first try" if done.attempts == 1 else f"{done.attempts} tries"
            tokens = f"{done.prompt_tokens:,} tokens read, {done.completion_tokens:,} written"
            st.caption(f"{tries} · {tokens} · {done.seconds:.1f} s")
            for note in done.notes:
                if not note.code.startswith("mended"):
                    st.caption(f":material/translate: {plain(note.message)}")


def _sql(turn: AskTurn, index: int, state: Session) -> None:
    if index != state.active % len(state.thread):
        st.code(turn.draft, language="sql", wrap_lines=True)
        st.button("Edit SQL", key=f"edit-{index}", icon=":material/edit:", on_click=_activate, args=(state, index))
        return
    height = min(40 + 24 * (turn.draft.count("\n") + 2), 400)
    key = f"sql-{index}-{turn.runs}"
    st.text_area(
        "SQL",
        turn.draft,
        key=key,
        height=height,
        help=f"Ctrl+Enter runs it. {SQL_OF[state.workspace.dialect]}",
        on_change=_keep_draft,
        args=(state, turn, key),
    )
    st.button(
        "Run",
        key=f"run-{index}",
        type="primary",
        icon=":material/play_arrow:",
        shortcut="ctrl+enter",
        on_click=_run,
        args=(state, turn, key),
    )


def _run(state: Session, turn: AskTurn, key: str) -> None:
    _keep_draft(state, turn, key)
    if turn.draft.strip():
        turn.by_hand, turn.state, turn.error = True, "asked", None


def _keep_draft(state: Session, turn: AskTurn, key: str) -> None:
    """Before anything else happens: the click that sent the text may take its editor off the page."""
    turn.draft = st.session_state[key] or ""
    state.save(turn)


def _activate(state: Session, index: int) -> None:
    state.active = index
