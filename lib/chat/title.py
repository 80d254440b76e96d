"""The title of a conversation, by a model; by its first question where the model gives none."""

from __future__ import annotations

import re

from lib.chat.thoughts import without_thoughts
from lib.data.names import one_line
from lib.llm.chatml import inert
from lib.llm.messages import Message, Sampling

MOST_WORDS, LONGEST = 6, 60
SAMPLING = Sampling(temperature=0.0, top_p=1.0, max_tokens=24)

_READ = 1_500
"""Characters of the question and of the answer that a title is made from; what it is about stands at their start."""

_SYSTEM = f"""You write titles. Reply with a title of at most {MOST_WORDS} words for the conversation, in the language \
of the person's question. No quotation marks, no full stop, no explanation. Never answer the question."""

_LABEL = re.compile(
    r"^\W*(?:(?:conversation |chat )?title|titre|título|titel|العنوان|عنوان|标题)\s*[:：]\s*", re.IGNORECASE
)
_MARKS = re.compile(r"[*_`#~>|\[\]{}<$\\]+|\((?:https?://|javascript:)[^)]*\)")
_AROUND = " \t\"'“”„«»‹›‘’「」『』.:;,!-–—•"


def messages(question: str, answer: str) -> tuple[Message, ...]:
    """What a model is asked after the first answer."""
    talk = f"Person: {question.strip()[:_READ]}\n\nAssistant: {answer.strip()[:_READ]}"
    return Message("system", _SYSTEM), Message("user", inert(f"{talk}\n\nWrite the title."))


def cleaned(text: str, question: str) -> str:
    """One line of at most `MOST_WORDS` words and `LONGEST` characters; of the question where there is no title.

    What is much longer than a title is an answer, and none.
    """
    lines = (_plain(_LABEL.sub("", _MARKS.sub(" ", line))) for line in without_thoughts(text).splitlines())
    title = next(filter(None, lines), "")
    if not title or len(title.split()) > 2 * MOST_WORDS or len(title) > 2 * LONGEST:
        title = _plain(_MARKS.sub(" ", question)) or one_line(question)
    return _short(title) or "New conversation"


def _plain(line: str) -> str:
    return one_line(line).strip(_AROUND)


def _short(title: str) -> str:
    words = title.split()
    short = " ".join(words[:MOST_WORDS]).rstrip(_AROUND)
    if len(short) > LONGEST:
        short = short[: LONGEST - 1].rstrip()
        return f"{short}…"
    return short if len(words) <= MOST_WORDS else f"{short}…"
