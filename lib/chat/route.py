"""Is a message of a conversation a question about the loaded tables, or a general one?

Its words decide where they can: what it asks for (lib/chat/wishes.py), and which tables, columns and values it names.
Where they cannot, a chat model is asked once, with the names of tables and columns and never a cell. A question about
the tables themselves ("what columns do I have?") is one about the data.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lib.asking.followup import leans_on
from lib.asking.likeness import likeness, name_words, question_words
from lib.asking.values import Match, ValueIndex, indexing
from lib.asking.values.phrases import is_stop
from lib.chat.wishes import Wishes, is_for_looking_up, wishes
from lib.data.table import Table
from lib.errors import ModelError
from lib.llm.chatml import inert
from lib.llm.messages import Event, Finished, Message, Piece, Sampling, Tick, Waiting
from lib.llm.tokens import estimate

if TYPE_CHECKING:
    from lib.data.workspace import Workspace
    from lib.llm.client import Client

Way = Literal["data", "general"]

MOST_NAMES = 500
"""Tokens of the names of tables and columns that the model is told."""
LONGEST_SHOWN = 600
"""Characters of a message that the model is told."""
_ALIKE, _SURE = 0.55, 0.8
_HALF_OF_IT, _MOST_OF_IT = 0.5, 0.6
_GREEDY = Sampling(temperature=0.0, top_p=1.0, max_tokens=3)
_COMMON = frozenset(
    """name names type types date dates year years month day time number code id kind title status value values
    description age first last size word words text language order address email""".split()
)
"""Words of many tables' columns, and of many messages that have nothing to do with tables."""


@dataclass(frozen=True)
class Routed:
    """`reason` is a sentence for the reader; `by` says whether the words decided or a model."""

    way: Way
    reason: str
    by: Literal["words", "model"]


@dataclass(frozen=True)
class _Named:
    """What of a message names something of the tables: the `tables`, and its words that do and that say anything."""

    tables: tuple[str, ...]
    words: frozenset[str]
    telling: frozenset[str]

    @property
    def share(self) -> float:
        return len(self.words) / max(1, len(self.telling))

    @property
    def is_sure(self) -> bool:
        """Whether more is named than words that everybody uses."""
        return bool(self.words - _COMMON)


def route(
    question: str,
    workspace: Workspace,
    earlier: Sequence[tuple[str, Way]],
    client: Client,
    model: str,
    *,
    names_only: bool = False,
) -> Generator[Event, None, Routed]:
    """Decide; `earlier` are the questions before and the ways that they went, the oldest first.

    Yields what the model's client does meanwhile, so that the caller can stop. A model that fails decides nothing: then
    the words do. With `names_only` the tables' values are not looked up.
    """
    tables = workspace.tables
    if not tables:
        return Routed("general", "No table is loaded.", "words")
    wished, named = wishes(question), _named(question, tables, ())
    way = _by_words(question, wished, named, earlier)
    if way is None and not names_only:
        index = yield from _index(workspace)
        named = _named(question, tables, index.matches(question))
        way = _by_words(question, wished, named, earlier)
    if way is not None:
        return Routed(way, _reason(way, wished, named), "words")
    way = yield from _by_model(question, tables, client, model)
    if way is not None:
        return Routed(way, _reason(way, wished, named), "model")
    way = "data" if not wished.general and (wished.looking_up or named.is_sure) else "general"
    return Routed(way, _reason(way, wished, named), "words")


def _index(workspace: Workspace) -> Generator[Event, None, ValueIndex]:
    with closing(indexing(workspace)) as steps:
        while True:
            try:
                next(steps)
            except StopIteration as end:
                index: ValueIndex = end.value
                return index
            yield Tick()


def _by_words(question: str, wished: Wishes, named: _Named, earlier: Sequence[tuple[str, Way]]) -> Way | None:
    """The way where the words leave no doubt."""
    if wished.talk or (wished.answer and not named.is_sure):
        return "general"
    if wished.general:
        unsure = wished.own or (wished.general == 1 and wished.looking_up and named.is_sure)
        return None if unsure else "general"
    if wished.own or (named.is_sure and wished.looking_up and named.share >= _HALF_OF_IT):
        return "data"
    if earlier and leans_on(question):
        return earlier[-1][1]
    if len(named.words) > 1 and named.share > _MOST_OF_IT:
        return "data"
    if wished.looking_up and not question.isascii():
        return "data"  # its words are in another script than the names, so that it cannot name them
    return None


def _named(question: str, tables: Sequence[Table], matches: Sequence[Match]) -> _Named:
    """Which words of the message the tables' names and values have."""
    words = [one for one in question_words(question) if len(one) > 1]
    telling = [one for one in words if not (is_stop(one) or is_for_looking_up(one))]
    of_table = {
        table.name: {
            *name_words(table.name),
            *(word for one in table.columns for word in name_words(one.name, one.label)),
        }
        for table in tables
    }
    vocabulary = sorted(set().union(*of_table.values()))
    alike = likeness(telling, vocabulary) >= _ALIKE
    found = {word for word, row in zip(telling, alike, strict=True) if row.any()}
    values = [one for one in matches if one.score >= _SURE]
    found |= {word for one in values for word in question_words(one.phrase) if word in telling}
    names = {vocabulary[at] for row in alike for at in row.nonzero()[0]}
    best = sorted(tables, key=lambda one: -len(of_table[one.name] & names))
    at = [one.name for one in best[:1] if of_table[one.name] & names] or [one.table for one in values[:1]]
    return _Named(tuple(at), frozenset(found), frozenset(telling) - (_COMMON - found))


def _reason(way: Way, wished: Wishes, named: _Named) -> str:
    if way == "data":
        of = f"the table {named.tables[0]}" if named.tables else "your tables"
        return f"It asks for what {of} can tell." if not wished.looking_up else f"It asks for figures of {of}."
    if wished.talk:
        return "It asks for nothing that is in the tables."
    return "It asks for a text or for code." if wished.making or wished.tool else "It asks for general knowledge."


_SYSTEM = """Tables:
{names}

A user who looks at these tables writes messages. For each say data or general.
data = needs the rows of the tables.
general = anyone could answer without the tables, or the tables have no column for it."""

_SHOWN: tuple[tuple[str, Way], ...] = (
    ("{first} with the highest {last}", "data"),
    ("What is the speed of light?", "general"),
    ("Which one was best?", "data"),
    ("Where do {table} come from?", "general"),
    ("over time?", "data"),
    ("Who is the president of Peru?", "general"),
    ("What is a {first}?", "general"),
    ("how many in total", "data"),
    ("How many days are in a week?", "general"),
)
"""With names of the first table, so that a small model sees what the tables have to do with a message."""


def _by_model(question: str, tables: Sequence[Table], client: Client, model: str) -> Generator[Event, None, Way | None]:
    """What a chat model says; None where it fails or says something else."""
    text = ""
    try:
        with closing(client.chat(model, _messages(question, tables), _GREEDY)) as events:
            for event in events:
                match event:
                    case Piece(text=piece):
                        text += piece
                    case Waiting() | Tick():
                        yield event
                    case Finished():
                        break
    except ModelError:
        return None
    said = text.strip(" .\"'*`").casefold()
    return "data" if said.startswith("data") else "general" if said.startswith("general") else None


def _messages(question: str, tables: Sequence[Table]) -> tuple[Message, ...]:
    """All but the last one stay the same until the tables change, so that the endpoint need not read them again."""
    table = tables[0]
    names = {"table": table.name, "first": table.columns[0].name, "last": table.columns[-1].name}
    turns = [Message("system", _SYSTEM.format(names=_names(tables)))]
    for shown, way in _SHOWN:
        turns += [Message("user", inert(shown.format(**names))), Message("assistant", way)]
    return (*turns, Message("user", inert(question[:LONGEST_SHOWN])))


def _names(tables: Sequence[Table]) -> str:
    """The tables with their columns, as many as there is room for."""
    lines: list[str] = []
    room = MOST_NAMES
    for table in tables:
        line = inert(f"{table.name}: {', '.join(one.name for one in table.columns)}")
        room -= estimate(line)
        lines.append(line if room > 0 else inert(table.name))
        if room < -MOST_NAMES:
            break
    return "\n".join(lines)
