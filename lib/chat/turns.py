"""What was asked and answered: questions in a conversation, and questions about the tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from uuid import uuid4

from lib.data.history import MAIN
from lib.errors import AppError
from lib.llm.messages import Finished

if TYPE_CHECKING:
    from lib.asking.answer import Answer
    from lib.charts.draw import Drawn
    from lib.charts.reduced import Reduced
    from lib.charts.spec import Spec
    from lib.chat.attach import Attachment
    from lib.engine.result import Result

State = Literal["asked", "running", "done", "stopped", "failed"]
"""A turn is asked, then runs until it is done, failed, or stopped by a person (or by leaving the page)."""


Way = Literal["", "general", "data"]


def new_id() -> str:
    """A name that no other thing has."""
    return uuid4().hex


@dataclass
class ChatTurn:
    """A question of a conversation and what was answered so far."""

    question: str
    answer: str = ""
    state: State = "asked"
    finished: Finished | None = None
    left_out: int = 0
    error: AppError | None = None
    id: str = field(default_factory=new_id)
    runner: str = ""
    """The session that asked for the answer."""
    changed: float = 0.0
    """When it was written down last, as the history says."""
    conversation: str = MAIN
    parent: str = ""
    """The id of the turn that it follows; empty for a first one."""
    model: str = ""
    """Who answered."""
    way: Way = ""
    """Whether the tables answered or the model alone; empty until that is known."""
    wanted: Way = ""
    """The way that a person chose."""
    reason: str = ""
    """Why it went this way, in a sentence."""
    about: str = ""
    """The id of the question about the tables whose answer it speaks of."""
    window: int = 0
    """Tokens that the model takes, prompt and answer together; 0 until it was asked."""
    attachments: tuple[Attachment, ...] = ()
    names_only: bool = False
    """Whether the model was told no cell when it answered."""
    made_from: str = ""
    """The name of the answer about the tables that the words are made from."""

    def is_stale(self, about: AskTurn | None) -> bool:
        """Whether the words are about a result that another one has taken the place of."""
        return bool(about and self.made_from and self.made_from != about.answer_id)


@dataclass(frozen=True)
class Painted:
    """A drawing, of what, and whether on a dark page."""

    chart: Chart
    dark: bool
    drawn: Drawn


@dataclass(frozen=True)
class Told:
    """What a model is told of an answer, where it may know names and types only or cells too."""

    answer: Answer
    names_only: bool
    text: str


@dataclass(frozen=True)
class Chart:
    """How an answer's result is drawn. `note` says why it is not drawn from all rows where it should be."""

    spec: Spec
    by_hand: bool = False
    """Whether a person changed it."""
    reduced: Reduced | None = None
    note: str = ""


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
    chart: Chart | None = None
    painted: Painted | None = None
    """The chart as it was drawn last."""
    told: Told | None = None
    """What a model was told of the answer last."""
    error: AppError | None = None
    by_hand: bool = False
    """Whether the draft was run as a person wrote it."""
    runs: int = 0
    """How often the model wrote SQL for this turn: new SQL gets a new editor."""
    id: str = field(default_factory=new_id)
    runner: str = ""
    """The session that answers it, or answered it."""
    changed: float = 0.0
    """When it was written down last, as the history says."""
    conversation: str = MAIN
    """The conversation that it was asked in; the Ask page's own otherwise."""
    tables_state: int = -1
    """The state of the tables on which it was answered, as far as this process knows."""
    kept: Result | None = None
    """The result that the history holds."""
    kept_reduced: Reduced | None = None
    """What the chart is drawn from, as the history holds it."""
    rows_gone: bool = False
    """Whether there was a result that the history holds no more."""
    standalone: str = ""
    """The question as it stands alone, where it leans on others; a person may have written it."""
    follows: str = ""
    """The id of the turn that the question follows; empty means the one before it."""
    careful: bool = False
    """Whether several answers are compared."""
    names_only: bool = False
    """Whether the model is told names and types only."""
    answer_id: str = ""
    """Names the answer: another one, also of the same SQL, has another name; a copy has the same."""
    origin: str = ""
    """The id of the turn that this one was copied from."""

    def run_instead(self, sql: str) -> None:
        """Let other SQL run in the place of what ran."""
        self.draft, self.by_hand, self.state, self.error = sql, True, "asked", None
        self.runs += 1
