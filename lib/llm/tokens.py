"""How many tokens a text takes, without a tokenizer, and what fits into a model's context.

The estimate stands in for Qwen2.5's byte-level BPE (151,643 tokens), which both remote models and the built-in
one use. It follows that tokenizer's own first step: digits are one token each; a blank joins the word after it;
a run of one mark, a run of line ends, is one token. What cannot be known is how a word breaks up, so words get
a price by length, and letter runs that no language has (hashes, keys) a higher one. Other scripts have a price
per character. The prices are a little above what the real tokenizer gave on prose in 30 languages, CSV files,
schemas, code and JSON: CSV files 1.0 to 1.3 times the truth, English and schemas 1.4, Arabic 1.5, Chinese 1.75.
Below the truth are random letters and Finnish (0.8) and very rare Chinese characters (0.6).
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from lib.errors import BadParameter, ContextTooLong
from lib.llm.messages import MOST_TOKENS, Message

LEAST_ANSWER = 256
"""Tokens that an answer needs at least to be of use; a smaller rest of the context is no room."""

_MARGIN = 1.04
_KEPT = 8_000  # characters of a text whose count is kept
_PER_MESSAGE = 5  # <|im_start|>, role, line end before the text; <|im_end|>, line end after it
_PER_CHAT = 3  # <|im_start|>assistant and a line end, where the answer begins
_DEFAULT_SYSTEM = 25  # the template adds its own system prompt when there is none

_PIECE = re.compile(
    r"""(?P<caps>[A-Z]{2,})(?![a-z]) | (?P<word>[A-Z]?[a-z]+|[A-Z]) | (?P<line>[ \t]*[\r\n]+)
      | (?P<space>[ \t]+) | (?P<mark>(?P<one>[!-/:-@\[-`{-~])(?P=one)*) | (?P<other>.)""",
    re.DOTALL | re.VERBOSE,
)
_UNWORDLY = re.compile(r"[bcdfghjklmnpqrstvwxz]{4}|^[^aeiouy]{3}", re.IGNORECASE)

# Tokens a character, from this code point on.
_PRICES = (
    (0x0000, 1.0),  # digits, control characters
    (0x0080, 1.4),  # Latin with accents
    (0x0250, 2.0),
    (0x0370, 1.05),  # Greek
    (0x0400, 0.5),  # Cyrillic
    (0x0530, 1.5),  # Armenian
    (0x0590, 0.6),  # Hebrew
    (0x0600, 0.62),  # Arabic
    (0x064B, 1.2),  # its vowel signs, and the letters of Persian and Urdu
    (0x0700, 1.4),  # Syriac to the scripts of India
    (0x0E00, 0.9),  # Thai
    (0x0E80, 1.7),  # Lao to Georgian
    (0x1100, 2.5),
    (0x1E00, 0.9),  # Vietnamese
    (0x2000, 1.4),  # dashes, quotes, arrows, mathematics, symbols
    (0x2E80, 2.0),
    (0x3000, 0.75),  # kana
    (0x3100, 1.0),
    (0x3400, 2.5),  # rare Chinese characters
    (0x4E00, 0.95),  # Chinese characters
    (0xA000, 2.5),
    (0xAC00, 0.85),  # Hangul
    (0xD7B0, 2.0),
    (0x10000, 3.3),  # emoji, ancient scripts
)
_STARTS = tuple(start for start, _ in _PRICES)


@dataclass(frozen=True)
class Fit:
    """What may be sent: `dropped` messages were left out; `prompt_tokens` is an estimate."""

    max_tokens: int
    prompt_tokens: int
    messages: tuple[Message, ...] = ()
    dropped: int = 0


def estimate(text: str) -> int:
    """Tokens that `text` takes, rather too many than too few."""
    return _known(text) if len(text) <= _KEPT else _counted(text)


def _counted(text: str) -> int:
    return math.ceil(_MARGIN * sum(_price(piece) for piece in _PIECE.finditer(text)))


_known = lru_cache(maxsize=4096)(_counted)
"""The same texts are counted again and again: all of a long conversation for each of its questions."""


def fit(messages: Sequence[Message], context: int, max_tokens: int, stretch: float = 1.0) -> Fit:
    """Leave out the oldest turns until the answer has room: what was asked for, at most a quarter of `context`.

    The system prompt and everything from the last question on always stay. `stretch` multiplies the estimates,
    for an endpoint that was seen to count more. Raises ContextTooLong when those alone leave no room.
    """
    last = _last_question(messages)
    if last < 0:
        raise BadParameter("There is no question to send.")
    kept = [at for at, one in enumerate(messages) if _always_stays(one, at, last)]
    used = sum(_cost(messages[at], stretch) for at in kept) + _frame(messages)
    answer = _room(context - used, max_tokens, used, context, "Shorten the question or the system prompt.")
    wanted = min(answer, max(context // 4, LEAST_ANSWER))
    history = _newest(messages, stretch, last, context - used - wanted)
    used += sum(_cost(messages[at], stretch) for at in history)
    sent = tuple(messages[at] for at in sorted({*kept, *history}))
    return Fit(min(max_tokens, MOST_TOKENS, context - used), used, sent, len(messages) - len(sent))


def needed(messages: Sequence[Message]) -> tuple[int, int]:
    """Tokens of what `fit` never leaves out, and how many of the messages that is."""
    last = _last_question(messages)
    kept = [one for at, one in enumerate(messages) if _always_stays(one, at, last)]
    return sum(_cost(one, 1.0) for one in kept) + _frame(messages), len(kept)


def fit_text(prompt: str, context: int, max_tokens: int, stretch: float = 1.0) -> Fit:
    """Give the answer what the prompt leaves; the prompt is never cut. Raises ContextTooLong."""
    used = math.ceil(estimate(prompt) * stretch)
    hint = "Shorten the question, or use fewer or narrower tables."
    return Fit(_room(context - used, max_tokens, used, context, hint), used)


def _last_question(messages: Sequence[Message]) -> int:
    return max((at for at, one in enumerate(messages) if one.role == "user"), default=-1)


def _always_stays(message: Message, at: int, last: int) -> bool:
    return message.role == "system" or at >= last


def _cost(message: Message, stretch: float) -> int:
    return math.ceil((estimate(message.content) + _PER_MESSAGE) * stretch)


def _frame(messages: Sequence[Message]) -> int:
    """What the template adds around the messages."""
    return _PER_CHAT + (0 if any(one.role == "system" for one in messages) else _DEFAULT_SYSTEM)


def _newest(messages: Sequence[Message], stretch: float, end: int, room: int) -> list[int]:
    """The longest run of turns just before `end` that costs at most `room` and begins with a question.

    What is older than that is not even counted.
    """
    run: list[int] = []
    for at in reversed(range(end)):
        if messages[at].role == "system":
            continue
        room -= _cost(messages[at], stretch)
        if room < 0:
            break
        run.append(at)
    else:
        return run
    while run and messages[run[-1]].role == "assistant":
        run.pop()
    return run


def _room(left: int, max_tokens: int, used: int, context: int, hint: str) -> int:
    if left < min(max_tokens, LEAST_ANSWER):
        raise ContextTooLong(
            f"This needs about {used:,} tokens, and the model takes {context:,} together with its answer.", hint
        )
    return min(max_tokens, MOST_TOKENS, left)


def _price(piece: re.Match[str]) -> float:
    kind, text = piece.lastgroup, piece.group()
    if kind in ("word", "caps"):
        return _word_price(text)
    if kind == "space":
        return 0.0 if text == " " else 0.5 + len(text) / 60
    if kind == "line":
        return 0.9 + len(text) / 60
    if kind == "mark":
        return 0.95 + len(text) / 16
    return _PRICES[bisect_right(_STARTS, ord(text)) - 1][1]


def _word_price(word: str) -> float:
    if len(word) > 20 or _UNWORDLY.search(word):
        return max(1.0, len(word) / 1.8)
    easy = 2 if word.isupper() else 4
    return 1 + max(0, len(word) - easy) / 4
