"""One visitor's state, in one typed place, and the home of their tables."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, cast

import streamlit as st

from lib import settings as settings_room
from lib.asking.ask import Answer
from lib.charts.choose import Spec
from lib.data.workspace import Loading, Workspace
from lib.errors import AppError
from lib.llm.messages import Finished

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

State = Literal["asked", "running", "done", "stopped", "failed"]
"""A turn is asked, then runs until it is done, failed, or stopped by a person (or by leaving the page)."""

_KEY = "bayan"
_TABLES = "bayan-tables"


@dataclass
class ChatTurn:
    """A question to the chat model and what was answered so far."""

    question: str
    answer: str = ""
    state: State = "asked"
    finished: Finished | None = None
    left_out: int = 0
    error: AppError | None = None


@dataclass
class AskTurn:
    """A question about the tables, or SQL written by hand (then `question` is empty)."""

    question: str
    draft: str = ""
    """What the SQL editor holds; it may have been changed since it ran."""
    wrote: str = ""
    """Everything that the model wrote in its last attempt."""
    state: State = "asked"
    answer: Answer | None = None
    chart: tuple[Spec, Figure | None] | None = None
    error: AppError | None = None
    by_hand: bool = False
    """Whether the draft was run as a person wrote it."""
    runs: int = 0
    """How often the model wrote SQL for this turn: new SQL gets a new editor."""


@dataclass
class Session:
    """What a visitor did since they opened the page."""

    chat: list[ChatTurn] = field(default_factory=list)
    editing_question: bool = False
    thread: list[AskTurn] = field(default_factory=list)
    active: int = -1
    """The turn of the thread whose SQL is in the editor."""
    uploads: int = 0
    """How often files were taken in: each time the uploader starts anew."""
    loading: Loading | None = None
    """Files on their way into tables; they arrive also when the page is drawn anew meanwhile."""
    upload_errors: list[AppError] = field(default_factory=list)
    questions: tuple[str, ...] = ()
    """Questions worth asking of the sample data that was taken."""

    def ask_chat(self, question: str) -> None:
        """Put a question at the end of the conversation; the page answers it when it is drawn."""
        self.chat.append(ChatTurn(question))
        self.editing_question = False

    def clear_chat(self) -> None:
        """Begin a new conversation."""
        self.chat.clear()
        self.editing_question = False

    def ask(self, question: str) -> None:
        """Put a question at the end of the thread; the page answers it when it is drawn."""
        self.thread.append(AskTurn(question.strip()))
        self.active = -1

    def write(self, sql: str) -> None:
        """Put an editor with `sql` at the end of the thread."""
        self.thread.append(AskTurn("", draft=sql, state="done"))
        self.active = -1


def session() -> Session:
    """The visitor's session, made at its first use.

    A turn that still runs when the page is drawn anew belongs to a run that was interrupted.
    """
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Session()
    state = cast(Session, st.session_state[_KEY])
    turns: list[ChatTurn | AskTurn] = [*state.chat, *state.thread]
    for turn in turns:
        if turn.state == "running":
            turn.state = "stopped"
    return state


def workspace() -> Workspace:
    """The visitor's tables; their files go when the visitor does."""
    if _TABLES not in st.session_state:
        st.session_state[_TABLES] = Workspace.create(settings_room.load())
        _close_with_session(st.session_state[_TABLES], secrets.token_hex(8))
    return cast(Workspace, st.session_state[_TABLES])


@st.cache_resource(scope="session", on_release=Workspace.close, show_spinner=False)
def _close_with_session(_space: Workspace, key: str) -> Workspace:
    """Hold the workspace until the session ends: Streamlit has no other word for that moment."""
    return _space
