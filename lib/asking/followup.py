"""Follow-ups: a question that leans on an earlier one is rewritten into one that stands alone.

"Average delay by airline?"  then  "and by month?"  ->  "What is the average delay by month?"
"""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from lib.asking.answer import Preparing, Step
from lib.errors import EndpointFailed, KeyRefused, ModelNotFound
from lib.llm.chatml import inert
from lib.llm.messages import Finished, Message, Piece, Sampling, Tick, Waiting

if TYPE_CHECKING:
    from lib.llm.client import Client

MOST_EARLIER = 3
LONGEST_ALONE = 600
"""Characters of a rewritten question; a longer one is no question."""

_GREEDY = Sampling(temperature=0.0, top_p=1.0, max_tokens=160)

_SYSTEM = """You rewrite the last question of a conversation about tables so that it can be understood alone.
Take what it leaves out (what is measured, of whom, which filters, which grouping) from the earlier questions. What \
the last question changes takes the place of what was there; everything else stays. Keep its language. Never answer \
it, never explain. Reply with the rewritten question only; if it can be understood alone already, repeat it as it is."""

_SHOWN: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("How many orders were there in each region in 2022?",), "and only in spring?",
     "How many orders were there in each region in spring 2022?"),
    (("What is the average salary of each department?",), "and by city?", "What is the average salary of each city?"),
    (("Which ten books sold best?", "Which ten books by women sold best?"), "why is the first one so far ahead?",
     "Why did the best-selling book by a woman sell so much more than the other nine of the ten best-selling ones?"),
    (("How many members joined each year?",), "List the names of all trainers.", "List the names of all trainers."),
)  # fmt: skip

_BEGINS = re.compile(
    r"""\W*(and|or|but|also|only|just|now|then|again|instead|what\ about|how\ about|what\ if|why|same|except|excluding
        |including|without|with|for|in|by|per|as\ an?|sort|order|show\ (me\ )?(that|it|them|those)|the\ same
        |[وف]\w+|أو|فقط|لماذا|ماذا\ عن|بدون|مع|حسب|et|ou|seulement|pourquoi|und|oder|nur|warum|y|o|solo|por\ qué)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_POINTS = re.compile(
    r"""\b(that|those|these|this|it|its|them|they|their|he|she|him|her|ones?|above|previous|instead|as\ well|too
        |the\ (first|last|second|other|same|rest))\b""",
    re.IGNORECASE | re.VERBOSE,
)
_FEW, _MANY = 4, 9
"""Words of a question that hardly says everything, and of one in which `their` points to the question itself."""


def leans_on(question: str) -> bool:
    """Whether a question may mean something only after another one."""
    length = len(question.split())
    return length <= _FEW or bool(_BEGINS.match(question)) or (length < _MANY and bool(_POINTS.search(question)))


def standing_alone(
    question: str, earlier: Sequence[str], client: Client, chat_model: str
) -> Generator[Step, None, str]:
    """The question as it can be understood without the earlier ones, the oldest of which comes first.

    A chat model rewrites it. Where there is none, the question follows the last one in one text, which a model that
    writes SQL understands in its own prompt. Only questions are sent: no SQL and no result. Raises ModelError.
    """
    if not earlier or not leans_on(question):
        return question
    yield Preparing("Reading the question together with the ones before")
    try:
        wrote = yield from _rewritten(question, earlier, client, chat_model)
    except (ModelNotFound, EndpointFailed, KeyRefused):
        wrote = ""
    return _one_question(wrote) or f"{earlier[-1].rstrip()} {question}"


def _rewritten(question: str, earlier: Sequence[str], client: Client, chat_model: str) -> Generator[Step, None, str]:
    text = ""
    messages = _messages(question, earlier[-MOST_EARLIER:])
    with closing(client.chat(chat_model, messages, _GREEDY)) as events:
        for event in events:
            match event:
                case Piece(text=piece):
                    text += piece
                case Waiting() | Tick():
                    yield event
                case Finished():
                    break
    return text


def _messages(question: str, earlier: Sequence[str]) -> tuple[Message, ...]:
    turns = [Message("system", _SYSTEM)]
    for before, last, alone in _SHOWN:
        turns += [Message("user", _conversation(before, last)), Message("assistant", alone)]
    return (*turns, Message("user", _conversation(earlier, question)))


def _conversation(earlier: Sequence[str], last: str) -> str:
    return inert("\n".join([*(f"Earlier: {one}" for one in earlier), f"Last: {last}"]))


def _one_question(wrote: str) -> str:
    """The rewritten question without quotes or a heading; '' when the model did something else."""
    line = next((one.strip() for one in wrote.splitlines() if one.strip()), "")
    line = re.sub(r"^(rewritten( question)?|last|question)\s*:\s*", "", line, flags=re.IGNORECASE).strip("\"'`“”« »")
    return line if len(line) <= LONGEST_ALONE and "```" not in wrote else ""
