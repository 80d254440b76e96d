"""The Chat page's conversation: its turns with what can be done to each, and the answer that is under way."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.runtime.scriptrunner_utils.exceptions import StopException

from lib.chat.copies import under_discussion
from lib.chat.ending import ending
from lib.chat.reply import Reply
from lib.chat.text_tables import TextTable, tables
from lib.chat.turns import AskTurn, ChatTurn, Way
from lib.data.workspace import Source
from lib.llm.messages import Finished
from lib.settings import Settings
from lib.ui import chat_answer, chat_files
from lib.ui.chat_state import Talk, editor
from lib.ui.copying import copy_button
from lib.ui.frame import show_error
from lib.ui.inert import plain, plain_lines, prose
from lib.ui.live import FRAMES_PER_SECOND, redraw_when
from lib.ui.runs import when_stopped

if TYPE_CHECKING:
    from lib.engine.result import Result

TURNS_AT_FIRST = 10

SUGGESTIONS = (
    "Explain the difference between a median and a mean, with a small example",
    "Write a SQL query that finds duplicate e-mail addresses",
    "What should I check before I trust a CSV that somebody sent me?",
    "Suggest five charts for monthly sales by region, and when to use each",
)


def welcome(talk: Talk) -> None:
    """What can be asked here."""
    if talk.session.workspace.tables:
        st.write("Ask about your tables, or anything else: each answer says whether your tables or the model gave it.")
    else:
        st.write("Ask about statistics, SQL or charts, or drop a CSV here and ask about it.")


def questions(talk: Talk) -> Sequence[str]:
    """Questions to begin with: about the tables that are there, else general ones."""
    from lib.asking.suggest import suggest

    known = talk.session.workspace.tables
    return talk.session.questions or suggest(known) if known else SUGGESTIONS


def show(talk: Talk, settings: Settings) -> None:
    """The branch that is shown, of a long one its end; then the words that are still coming."""
    turns = talk.branch
    first = 0 if talk.whole else max(0, len(turns) - TURNS_AT_FIRST)
    if first:
        st.button(f"Show {first:,} earlier", key="chat-earlier", type="tertiary", on_click=talk.show_whole)
    for turn in turns[first:-1]:
        _turn(turn, talk, settings)
    if turns:
        _last(turns[-1], talk, settings)


def _last(turn: ChatTurn, talk: Talk, settings: Settings) -> None:
    if turn.state == "asked":
        talk.start(turn, settings)
    running = talk.under_way
    if running is None:
        _turn(turn, talk, settings)
    else:
        _follow(running, talk, settings)


def _follow(running: Reply, talk: Talk, settings: Settings) -> None:
    """Draw what comes. Stop ends the answer; leaving the page does not."""
    turn = running.turn
    _question(turn, talk)
    with st.chat_message("assistant"):
        place, status = st.empty(), st.empty()
        st.button("Stop", key="chat-stop", icon=":material/stop_circle:", type="tertiary", shortcut="esc",
                  on_click=running.stop)  # fmt: skip
        card = st.container()
    redraw_when(lambda: running.done)
    stopped = when_stopped(running.stop)
    drawn, carded = "", False
    try:
        while not running.wait(1 / FRAMES_PER_SECOND):
            if drawn != (drawn := turn.answer):
                place.markdown(_words(turn, running.answer, talk) + " ▌")
            status.caption(f":shimmer[{plain(running.doing)}]" if running.doing else "")
            about = running.answer
            if about and about.state == "done" and not carded:
                carded = True
                talk.answers[about.id] = about
                with card:
                    chat_answer.show(about, talk, settings)
    except StopException:
        stopped()
        raise
    st.rerun()


def _turn(turn: ChatTurn, talk: Talk, settings: Settings) -> None:
    if talk.editing == turn.id:
        _edit(turn, talk)
        return
    _question(turn, talk)
    about = talk.answers.get(turn.about)
    with st.chat_message("assistant"):
        if turn.answer:
            st.markdown(_words(turn, about, talk))
            _legend(turn, about, talk)
        if turn.is_stale(about):
            st.caption(":material/history: The words are about an earlier result of this question.")
        _way(turn, talk)
        if about is not None:
            chat_answer.show(about, talk, settings)
        _outcome(turn, about)
        _actions(turn, talk, settings)


def _words(turn: ChatTurn, about: AskTurn | None, talk: Talk) -> str:
    """The words as Markdown. Of those about a result, the numbers that it does not hold are marked."""
    if (held := _held(turn, about, talk)) is None:
        return prose(turn.answer)
    from lib.ui.words import marked  # with NumPy, which a page without such words does not need

    return marked(turn.answer, *held)


def _legend(turn: ChatTurn, about: AskTurn | None, talk: Talk) -> None:
    if (held := _held(turn, about, talk)) is None:
        return
    from lib.chat.backed import figures
    from lib.ui.words import legend

    if said := legend(figures(turn.answer, *held)):
        st.caption(f":material/rule: {said}")


def _held(turn: ChatTurn, about: AskTurn | None, talk: Talk) -> tuple[Result, str] | None:
    """What the words may take their numbers from: the result that they are about, and what else is on screen."""
    seen = []
    if about is None and turn.way == "general" and "```" not in turn.answer:  # marked words have no code
        earlier = list(takewhile(lambda one: one.id != turn.id, talk.branch))
        about = under_discussion(earlier, talk.answers)
        seen = [one.question for one in (*earlier, turn)]
    if about is None or about.answer is None or about.answer.result is None or turn.is_stale(about):
        return None
    if seen:
        seen += [about.answer.sql, *(one.message for one in about.answer.findings or ())]
    return about.answer.result, " ".join([about.question, about.standalone, *seen])


def _way(turn: ChatTurn, talk: Talk) -> None:
    """Which way the question went, and the other one."""
    if turn.way == "data":
        _went("table_chart", "From your tables", "Ask the model alone", "general", turn, talk)
    elif turn.way == "general" and talk.session.workspace.tables:
        _went("psychology", "By the model alone, without your tables", "Ask my tables", "data", turn, talk)


def _went(icon: str, says: str, label: str, other: Way, turn: ChatTurn, talk: Talk) -> None:
    reason, about = f" · {plain(turn.reason)}" if turn.reason else "", talk.answers.get(turn.about)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f":material/{icon}: {says}{reason}")
        if about is not None and not about.question:
            return
        _action(label, "alt_route", f"chat-other-way-{turn.id}", talk.ask_instead, turn, turn.question, other)


def _question(turn: ChatTurn, talk: Talk) -> None:
    with st.chat_message("user"):
        st.markdown(plain_lines(turn.question))
        chat_files.show(turn.attachments)
        beside = talk.beside(turn)
        if len(beside) > 1:
            _versions(turn, beside, talk)


def _versions(turn: ChatTurn, beside: list[ChatTurn], talk: Talk) -> None:
    """Which of several versions is shown, and the way to the others."""
    at = beside.index(turn)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for name, step, off in (("older", -1, at == 0), ("newer", 1, at + 1 == len(beside))):
            st.button(
                name.capitalize(),
                key=f"chat-{name}-{turn.id}",
                type="tertiary",
                help=f"Show the {name} version of this question",
                disabled=off,
                on_click=_show_version,
                args=(talk, beside, (at + step) % len(beside), name),
            )
        st.caption(f"Version {at + 1} of {len(beside)}", width="content")


def _show_version(talk: Talk, beside: list[ChatTurn], at: int, name: str) -> None:
    """The focus stays on the button that was pressed, or goes to the other one at the end of its way."""
    talk.show(beside[at])
    name = "newer" if at == 0 else "older" if at + 1 == len(beside) else name
    talk.cursor.into(f"chat-{name}-{beside[at].id}")


def _outcome(turn: ChatTurn, about: AskTurn | None) -> None:
    if turn.left_out:
        st.caption(f"{turn.left_out} older messages were left out: the model's context is full.")
    if said := ending(turn):
        st.caption(said)
    if turn.error is not None and not (about and about.answer and about.error):  # else its card says it
        show_error(turn.error)
    if turn.finished is not None:
        st.caption(_figures(turn.finished))


def _figures(done: Finished) -> str:
    writing = done.seconds - (done.first_token_seconds or 0.0)
    speed = f" · {done.completion_tokens / writing:.1f} tokens/s" if writing > 0.05 and done.completion_tokens else ""
    about = "about " if done.estimated else ""
    cut = " · cut at max\\_tokens" if done.reason == "length" else ""
    return f"{about}{done.completion_tokens:,} tokens{speed} · {done.prompt_tokens:,} in the prompt{cut}"


def _actions(turn: ChatTurn, talk: Talk, settings: Settings) -> None:
    about = talk.answers.get(turn.about)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if turn.answer:
            copy_button(turn.answer, f"chat-copy-{turn.id}")
        if about is None or about.question:  # SQL that was written by hand is no question
            # A discussed answer may be one to a question that leaned on others, which are not here.
            question = (about.standalone if about and about.origin else "") or turn.question
            _action(_again(turn), "refresh", f"chat-again-{turn.id}", talk.ask_instead, turn, question, turn.wanted)
            _action("Edit question", "edit", f"chat-edit-{turn.id}", talk.edit, turn.id)
        if _was_cut(turn) and turn.way != "data" and turn.id == talk.branch[-1].id:
            _action("Continue", "resume", f"chat-continue-{turn.id}", _go_on, turn, talk, settings)
        for number, table in enumerate(tables(turn.answer) if turn.way != "data" else ()):
            label = f"Send {table.name or 'the table'} to Data"
            _action(plain(label), "database_upload", f"chat-table-{turn.id}-{number}", _send, table, talk)


def _again(turn: ChatTurn) -> str:
    if turn.state == "failed":
        return "Retry" if turn.runner else "Ask without the file"
    return "Retry" if turn.state == "done" and ending(turn) else "Regenerate"


def _was_cut(turn: ChatTurn) -> bool:
    return turn.finished is not None and turn.finished.reason == "length"


def _go_on(turn: ChatTurn, talk: Talk, settings: Settings) -> None:
    talk.start(turn, settings, goes_on=True)


def _send(table: TextTable, talk: Talk) -> None:
    """Load a table of an answer as one of the person's own."""
    talk.session.workspace.add([Source(f"{table.name or 'table'}.csv", io.BytesIO(table.csv()))])


def _edit(turn: ChatTurn, talk: Talk) -> None:
    with st.form(f"chat-edit-form-{turn.id}", border=False):
        question = st.text_area("Your question", turn.question, key=editor(turn.id))
        st.caption("What was asked and answered before stays as a version of its own.")
        with st.container(horizontal=True):
            send = st.form_submit_button("Send", type="primary")
            cancel = st.form_submit_button("Cancel")
    if send and question and question.strip():
        talk.ask_instead(turn, question.strip(), turn.wanted)
        st.rerun()
    if cancel:
        talk.edit("")
        st.rerun()


def _action(label: str, icon: str, key: str, act: Callable[..., None], *args: object) -> None:
    st.button(label, key=key, icon=f":material/{icon}:", type="tertiary", on_click=act, args=args)
