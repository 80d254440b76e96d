"""What comes of a question, and what is said on the way to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lib.errors import AppError, QueryError
from lib.llm.messages import Tick, Waiting

if TYPE_CHECKING:
    from lib.asking.checks import Finding
    from lib.asking.link import LeftOut
    from lib.data.table import Note
    from lib.engine.result import Result


LONGEST_QUESTION = 4_000


@dataclass(frozen=True)
class Preparing:
    """What is being looked up in the tables before the model is asked."""

    what: str


@dataclass(frozen=True)
class Reading:
    """The tables that the model is told about, and what did not fit."""

    tables: tuple[str, ...]
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class Writing:
    """All that the model has written in this attempt so far."""

    text: str


@dataclass(frozen=True)
class Comparing:
    """So many of the answers of a careful question have come, and so many of them agree."""

    come: int
    wanted: int
    agree: int


@dataclass(frozen=True)
class Running:
    """The SQL that the engine runs now; `how` says how far it is, or why it waits."""

    sql: str
    how: str = ""


@dataclass(frozen=True)
class Repairing:
    """The error goes back to the model."""

    error: QueryError


@dataclass(frozen=True)
class Sent:
    """One request to the model: the text to the letter, and the tokens of it and of the answer."""

    text: str
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True)
class Agreement:
    """How many of a careful question's answers gave the same result.

    `other` is SQL that gave the next most frequent one; `question` asks which is meant, where both are likely.
    """

    agree: int
    of: int
    other: str = ""
    other_agree: int = 0
    question: str = ""


@dataclass(frozen=True)
class Answer:
    """What came of a question. `sql` ran, or failed with `error`; `model_sql` is what the model wrote.

    `notes` say what was changed in the model's SQL before it ran, `findings` what its checks found; they are None
    until the checks have ended. `standalone` is the question that was asked in place of a follow-up. `model` is the id
    of the one that wrote the SQL, empty where a person did. `dialect` is that of `sql`.
    """

    question: str
    standalone: str = ""
    model_sql: str = ""
    sql: str = ""
    result: Result | None = None
    notes: tuple[Note, ...] = ()
    findings: tuple[Finding, ...] | None = None
    agreement: Agreement | None = None
    attempts: int = 0
    sent: tuple[Sent, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    names_only: bool = False
    model: str = ""
    dialect: str = "duckdb"
    seconds: float = 0.0
    error: AppError | None = None

    @property
    def prompt_tokens(self) -> int:
        return sum(one.prompt_tokens for one in self.sent)

    @property
    def completion_tokens(self) -> int:
        return sum(one.completion_tokens for one in self.sent)

    def to_json(self, id: str | None = None) -> dict[str, Any]:  # noqa: A002
        """The answer object of the command line."""
        result = self.result
        return {
            "id": id,
            "question": self.question,
            "standalone_question": self.standalone or self.question,
            "model_sql": self.model_sql,
            "sql": self.sql,
            "columns": [{"name": c.name, "type": c.type} for c in result.columns] if result else [],
            "rows": result.rows() if result else [],
            "truncated": result.truncated if result else False,
            "warnings": [
                *self._two_readings(),
                *({"code": one.code, "message": one.message} for one in self.notes),
                *({"code": one.code, "message": one.message} for one in self.findings or ()),
            ],
            "attempts": self.attempts,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "seconds": round(self.seconds, 3),
            "error": {"code": self.error.code, "message": str(self.error)} if self.error else None,
        }

    def _two_readings(self) -> list[dict[str, str]]:
        asks = self.agreement.question if self.agreement else ""
        return [{"code": "two_readings", "message": asks}] if asks else []


Step = Preparing | Reading | Writing | Comparing | Running | Repairing | Waiting | Tick | Answer
