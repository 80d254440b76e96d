"""One visitor's state, in one typed place, and the home of their tables and conversations."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar, cast

import streamlit as st

from lib import settings as settings_room
from lib.chat import late, records
from lib.chat.copies import copied, holding
from lib.chat.remarks import forget_all
from lib.chat.turns import AskTurn, ChatTurn
from lib.data import homes
from lib.data.history import MAIN, Turn, spoiled
from lib.data.workspace import Workspace
from lib.errors import AppError
from lib.ui import visitor
from lib.ui.frame import show_error
from lib.ui.inert import plain

_KEY = "bayan"
_TABLES = "bayan-tables"

AnyTurn = TypeVar("AnyTurn", ChatTurn, AskTurn)
T = TypeVar("T")


@dataclass
class Session:
    """What one tab shows. Its turns are those of the workspace's history, which other tabs write too."""

    workspace: Workspace
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    thread: list[AskTurn] = field(default_factory=list)
    active: int = -1
    """The turn of the thread whose SQL is in the editor."""
    uploads: int = 0
    """How often files were taken in: each time the uploader starts anew."""
    upload_errors: list[AppError] = field(default_factory=list)
    follows: str = ""
    """The turn that the next question follows; empty means the last one."""
    careful: bool = False
    """Whether the next question's answer is chosen among several."""
    names_only: bool = False
    """Whether the model is told names and types only."""
    whole_thread: bool = False
    """Whether every turn of a long thread is drawn."""
    landed: str = ""
    """The turn of the thread that was opened from another page and is to be seen first."""
    questions: tuple[str, ...] = ()
    """Questions worth asking of the sample data that was taken."""
    spoiled: set[str] = field(default_factory=set)
    """The turns that the history holds in no shape that can be shown."""
    trouble: AppError | None = None
    """Why the last turn could not be written down."""
    seen: int = -1
    """The history's revision that `thread` shows."""

    def ask(self, question: str) -> None:
        """Put a question at the end of the thread; the page answers it when it is drawn."""
        self.thread.append(
            AskTurn(question.strip(), follows=self.follows, careful=self.careful, names_only=self.names_only)
        )
        self.save(self.thread[-1])
        self.active, self.follows = -1, ""

    def ask_again(self, index: int, standalone: str = "") -> None:
        """Ask a question of the thread once more, in its place; in these words, where some are given."""
        old = self.thread[index]
        self.thread[index] = AskTurn(
            old.question,
            id=old.id,
            standalone=standalone or (old.standalone if old.origin else ""),
            follows=old.follows,
            careful=self.careful,
            names_only=self.names_only,
            origin=old.origin,
        )
        self.save(self.thread[index])

    def follow_up(self, turn_id: str) -> None:
        """Let the next question follow this turn; an empty id means the last one."""
        self.follows = turn_id

    def ask_about(self, turn_id: str, question: str) -> None:
        """Ask a question that follows that turn."""
        self.follow_up(turn_id)
        self.ask(question)

    def before(self, turn: AskTurn) -> list[AskTurn]:
        """The questions that a turn follows, the oldest first."""
        chain: list[AskTurn] = []
        place = {one.id: index for index, one in enumerate(self.thread)}
        here = turn
        while True:
            index = place.get(here.follows, place.get(here.id, 0) - 1)
            if here.origin or index < 0 or self.thread[index] in chain:
                return chain
            here = self.thread[index]
            if here.question:
                chain.insert(0, here)

    def run_instead(self, index: int, sql: str) -> None:
        """Run other SQL for a question of the thread, in the place of what ran."""
        self.thread[index].run_instead(sql)
        self.save(self.thread[index])

    def open_copy(self, turn: AskTurn) -> None:
        """Have the thread show an answer of a conversation: where it holds it already, else in a copy at its end."""
        found = holding(self.thread, turn.answer_id)
        if found is None:
            found = copied(turn, MAIN)
            self.thread.append(found)
            self.save(found)
        self.active, self.landed = self.thread.index(found), found.id

    def write(self, sql: str) -> None:
        """Put an editor with `sql` at the end of the thread."""
        self.thread.append(AskTurn("", draft=sql, state="done"))
        self.save(self.thread[-1])
        self.active = -1

    def clear_thread(self) -> None:
        """Forget all questions about the tables, and their answers."""
        for turn in self.thread:
            late.forget(turn.id)
        self.written(lambda: self.workspace.history.clear("ask"))
        self.written(lambda: forget_all(self.workspace.history))
        self.thread.clear()
        self.active = -1

    def show_whole_thread(self) -> None:
        """Draw every turn from now on."""
        self.whole_thread = True

    def run(self, turn: ChatTurn | AskTurn) -> None:
        """Mark that this tab answers the turn from now on."""
        turn.state, turn.runner = "running", self.token
        self.save(turn)

    def save(self, turn: ChatTurn | AskTurn) -> None:
        """Write the turn down, so that it outlives the page and the server; what hinders that is told on the page."""
        with suppress(AppError):  # it is tried again, and `notices` says so
            late.save(self.workspace, turn)

    def written(self, write: Callable[[], T]) -> T | None:
        """What `write` returns; what hinders it is told on the page, and the page goes on."""
        try:
            return write()
        except AppError as e:
            self.trouble = e
            return None

    def follow(self) -> None:
        """Take in what other tabs wrote; stop what this one was answering when it was drawn anew."""
        history = self.workspace.history
        if (revision := history.revision) != self.seen:
            known = [*self.thread, *late.ask_turns(self.workspace)]
            self.thread = self.merged(known, history.turns("ask"))
            self.seen = revision
        for turn in self.thread:
            if turn.state == "running" and turn.runner == self.token:
                turn.state = "stopped"
                self.save(turn)

    def merged(self, known: Iterable[AnyTurn], stored: Sequence[Turn]) -> list[AnyTurn]:
        """The turns as they are written down, and as this tab has them where that is newer."""
        mine = {turn.id: turn for turn in known}
        merged: list[AnyTurn] = []
        for one in stored:
            turn = mine.get(one.id)
            if turn is None or turn.changed < one.changed:
                turn = cast("AnyTurn | None", records.restored(self.workspace.history, one))
            if turn is None:
                self.spoiled.add(one.id)
            else:
                merged.append(turn)
        return merged + [turn for turn in mine.values() if not turn.changed]  # those could not be written down


def session() -> Session:
    """The visitor's session, made at its first use; a workspace that cannot be opened ends the page with its reason."""
    try:
        space = workspace()
        if _KEY not in st.session_state:
            st.session_state[_KEY] = Session(space)
        state = cast(Session, st.session_state[_KEY])
        state.follow()
    except AppError as e:
        show_error(e)
        st.stop()
    return state


def workspace() -> Workspace:
    """The visitor's tables and history, shared by all their tabs. Raises DataError."""
    if _TABLES not in st.session_state or st.session_state[_TABLES].closed:  # another tab may have deleted everything
        st.session_state.pop(_KEY, None)
        st.session_state[_TABLES] = visitor.open_workspace(settings_room.load())
        _release_with_session(st.session_state[_TABLES], secrets.token_hex(8))
    return cast(Workspace, st.session_state[_TABLES])


@st.cache_resource(scope="session", on_release=homes.release, show_spinner=False)
def _release_with_session(_space: Workspace, key: str) -> Workspace:
    """Hold the workspace until the session ends: Streamlit has no other word for that moment."""
    return _space


def forget_everything() -> None:
    """Delete the visitor's tables, files, questions and answers for good; begin with nothing."""
    workspace().delete()
    for key in (_KEY, _TABLES):
        st.session_state.pop(key, None)
    visitor.forget_id()


def notices(state: Session) -> None:
    """What had to be set aside when the workspace was opened, and what could not be written down."""
    for sentence in state.workspace.notices:
        st.warning(plain(sentence), icon=":material/warning:")
    if error := late.why(state.workspace):
        show_error(error)
    if state.spoiled:
        st.warning(spoiled(len(state.spoiled)), icon=":material/warning:")
    if state.trouble is not None:
        show_error(state.trouble)
        state.trouble = None
