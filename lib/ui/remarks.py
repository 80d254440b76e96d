"""What a model says about an answer of the Ask page: asked for by a button, drawn below the answer as it comes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import streamlit as st

from lib.chat import reply
from lib.chat.remarks import REMARKS, forget_earlier, new_remark, remark_id, remarking, without_cells
from lib.chat.reply import Reply
from lib.chat.turns import AskTurn, ChatTurn
from lib.settings import Settings
from lib.ui import model
from lib.ui.copying import copy_button
from lib.ui.frame import show_error
from lib.ui.inert import plain
from lib.ui.place import Place
from lib.ui.session import Session

if TYPE_CHECKING:
    from lib.asking.answer import Answer
    from lib.chat.grounded import Purpose
    from lib.engine.result import Result

LABELS: dict[Purpose, tuple[str, str]] = {
    "explain": ("Explain", "school"),
    "summarise": ("Summarise for a manager", "summarize"),
    "next": ("What should I ask next?", "lightbulb"),
}
LONGEST_WORD = 30
_KEY = "bayan-remarks"


@dataclass
class Remarks:
    """The remarks that this tab knows, by id."""

    session: Session
    turns: dict[str, ChatTurn] = field(default_factory=dict)
    seen: int = -1

    def of(self, turn: AskTurn) -> list[tuple[Purpose, ChatTurn]]:
        """Those about the turn's answer."""
        found = [(purpose, self.turns.get(remark_id(turn, purpose))) for purpose in LABELS]
        return [(purpose, one) for purpose, one in found if one is not None]

    def start(self, turn: AskTurn, purpose: Purpose, settings: Settings) -> None:
        """Have it said, whatever page is open meanwhile; what was said of this kind before goes."""
        session, space = self.session, self.session.workspace
        if turn.answer is None or reply.current(remark_id(turn, purpose)):
            return
        remark = self.turns[remark_id(turn, purpose)] = new_remark(turn, purpose)
        remark.runner = session.token
        answer = without_cells(turn.answer, turn.names_only or session.names_only or settings.names_only)
        reply.start(remark, remarking(remark, purpose, answer, model.models(settings), space), space, {})
        session.save(remark)
        self.forget_earlier(turn)

    def forget_earlier(self, turn: AskTurn) -> None:
        """Let go what was said about answers that the turn had before."""
        session = self.session
        session.written(lambda: forget_earlier(session.workspace.history, turn, self.turns.values()))

    def follow(self) -> None:
        """Take in what was written down since, here or in another tab."""
        history = self.session.workspace.history
        if (revision := history.revision) == self.seen:
            return
        self.seen = revision
        known = self.session.merged(self.turns.values(), history.turns("chat", REMARKS))
        for at, one in enumerate(known):
            if running := reply.current(one.id):
                known[at] = running.turn
            elif one.state == "running":
                one.state = "stopped"  # whoever said it is gone
        self.turns = {one.id: one for one in known}


def remarks(session: Session) -> Remarks:
    """This tab's."""
    known = cast("Remarks | None", st.session_state.get(_KEY))
    if known is None or known.session is not session:
        known = st.session_state[_KEY] = Remarks(session)
    known.follow()
    return known


def buttons(turn: AskTurn, place: Place, said: Remarks, settings: Settings, *, ready: bool) -> None:
    """A button for each kind of remark. They stay where they are: a second click must not meet another one."""
    have = dict(said.of(turn))
    for purpose, (label, icon) in LABELS.items():
        st.button(
            label,
            key=f"{purpose}-{place.key}",
            icon=f":material/{icon}:",
            type="tertiary",
            disabled=not ready or purpose in have,
            help=None if ready else model.NEEDED,
            on_click=said.start,
            args=(turn, purpose, settings),
        )


def show(turn: AskTurn, answer: Answer, result: Result, place: Place, said: Remarks, settings: Settings) -> None:
    """What was said about the answer, and what is being said."""
    for purpose, remark in said.of(turn):
        key = f"{purpose}-{place.key}"
        with st.container(border=True, key=f"remark-{key}"):
            st.caption(f":material/{LABELS[purpose][1]}: **{LABELS[purpose][0]}**")
            if running := reply.current(remark.id):
                _coming(running, result, _in_view(answer), key)
            else:
                _said(purpose, remark, answer, result, place)
                with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                    if remark.answer and purpose != "next":
                        copy_button(remark.answer, f"copy-{key}")
                    failed = remark.state == "failed"
                    st.button("Retry" if failed else "Again", key=f"again-{key}", icon=":material/refresh:",
                              type="tertiary", on_click=said.start, args=(turn, purpose, settings))  # fmt: skip


@st.fragment(run_every=0.2)
def _coming(running: Reply, result: Result, in_view: str, key: str) -> None:
    from lib.ui import words

    if running.done:
        st.rerun()
    if whole := _whole_words(running.turn.answer):
        st.markdown(words.marked(whole, result, in_view) + " ▌")
    if running.doing:
        st.caption(f":shimmer[{plain(running.doing)}]")
    st.button("Stop", key=f"stop-{key}", icon=":material/stop_circle:", type="tertiary", on_click=running.stop)


def _whole_words(text: str) -> str:
    """Without the last one, which may still become another number; a script without blanks is shown as it comes."""
    end = max(text.rfind(" "), text.rfind("\n"), 0)
    return text[:end] if len(text) - end <= LONGEST_WORD else text


def _said(purpose: Purpose, remark: ChatTurn, answer: Answer, result: Result, place: Place) -> None:
    from lib.chat.backed import figures  # with Arrow, which the first paint does not need
    from lib.chat.grounded import follow_ups
    from lib.ui import words

    in_view = _in_view(answer)
    asks = follow_ups(remark.answer) if purpose == "next" and remark.state == "done" else ()
    for number, question in enumerate(asks):
        label = words.marked(question, result, in_view).strip()
        st.button(label, key=f"next-{place.key}-{number}", on_click=place.ask, args=(question,))
    if remark.answer and not asks:
        st.markdown(words.marked(remark.answer, result, in_view))
    if marks := words.legend(figures("\n".join(asks) or remark.answer, result, in_view)):
        st.caption(plain(marks))
    if remark.answer and not remark.model:
        st.caption("Written without a model.")
    if remark.reason:
        st.caption(remark.reason)
    if remark.state == "stopped":
        st.caption("Stopped here.")
    if remark.finished is not None and remark.finished.reason == "length":
        st.caption("The model was cut off here: it may write only so much.")
    if remark.error is not None:
        show_error(remark.error)


def _in_view(answer: Answer) -> str:
    """What is on the card beside the rows, and may be repeated."""
    findings = [one.message for one in answer.findings or ()]
    return "\n\n".join([answer.question, answer.standalone, answer.sql, *findings])
