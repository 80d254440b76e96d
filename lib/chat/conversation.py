"""A conversation: how its answers are asked for, and the tree of its turns.

A question that is edited or asked again stands beside the old one, as another child of the same turn: both branches
stay, and `leaf` names the end of the one that is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from lib.chat.turns import ChatTurn
from lib.data.conversations import Conversation as Stored
from lib.data.history import History
from lib.errors import BadParameter
from lib.llm.messages import Sampling

SYSTEM_PROMPT = "You are a helpful assistant for people who work with data. Answer clearly."
UNTITLED = "New chat"
LONGEST_TITLE = 80


@dataclass(frozen=True)
class Options:
    """How answers are asked for. An empty `model` is the one of the settings; `tables` lets data answer questions."""

    model: str = ""
    system: str = SYSTEM_PROMPT
    sampling: Sampling = field(default_factory=Sampling)
    tables: bool = True


@dataclass(frozen=True)
class Summary:
    """What was said up to a turn, in the model's words."""

    text: str
    upto: str
    """The id of the last turn that it covers."""


@dataclass(frozen=True)
class Conversation:
    """A conversation without its turns. `titled_by` is "model" or "person" once there is a title."""

    id: str = field(default_factory=lambda: uuid4().hex)
    title: str = ""
    titled_by: str = ""
    pinned: bool = False
    leaf: str = ""
    options: Options = field(default_factory=Options)
    summary: Summary | None = None
    created: float = 0.0
    changed: float = 0.0

    @property
    def name(self) -> str:
        """What it is called in a list."""
        return self.title or UNTITLED

    def renamed(self, title: str, by: str) -> Conversation:
        """The same under another title, which is one line; an empty one leaves the old."""
        line = " ".join(title.split())[:LONGEST_TITLE]
        return replace(self, title=line, titled_by=by) if line else self


def stored(one: Conversation) -> Stored:
    """As the history keeps it."""
    how = one.options
    body = {
        "titled_by": one.titled_by,
        "leaf": one.leaf,
        "model": how.model,
        "system": how.system,
        "sampling": [how.sampling.temperature, how.sampling.top_p, how.sampling.max_tokens],
        "tables": how.tables,
        "summary": [one.summary.text, one.summary.upto] if one.summary else None,
    }
    return Stored(one.id, one.title, one.pinned, body, one.created, one.changed)


def restored(kept: Stored) -> Conversation:
    """As it was stored; what is missing or not what it should be gets its default."""
    body = kept.body
    summary = body.get("summary")
    return Conversation(
        kept.id,
        kept.title,
        str(body.get("titled_by", "")),
        kept.pinned,
        str(body.get("leaf", "")),
        _options(body),
        Summary(*map(str, summary)) if isinstance(summary, list) and len(summary) == 2 else None,
        kept.created,
        kept.changed,
    )


def change(history: History, id_: str, how: Callable[[Conversation], Conversation]) -> Conversation | None:
    """Write down what `how` makes of the conversation as it is now; None if it is not there any more."""
    made = history.conversations.change(id_, lambda kept: stored(how(restored(kept))))
    return restored(made) if made else None


def _options(body: Mapping[str, Any]) -> Options:
    try:
        sampling = Sampling(*body["sampling"])
    except (KeyError, TypeError, BadParameter):
        sampling = Sampling()
    system = str(body.get("system", SYSTEM_PROMPT))
    return Options(str(body.get("model", "")), system, sampling, bool(body.get("tables", True)))


def branch(turns: Sequence[ChatTurn], leaf: str) -> list[ChatTurn]:
    """The turns from the first to the one of that id, or to the newest one if there is none of it."""
    known = {one.id: one for one in turns}
    here = known.get(leaf) or (turns[-1] if turns else None)
    way: dict[str, ChatTurn] = {}
    while here is not None and here.id not in way:
        way[here.id] = here
        here = known.get(here.parent)
    return list(reversed(way.values()))


def beside(turns: Sequence[ChatTurn], one: ChatTurn) -> list[ChatTurn]:
    """The turns that follow the same one, in the order in which they were asked; `one` is among them."""
    return [other for other in turns if other.parent == one.parent]


def end_of(turns: Sequence[ChatTurn], start: str) -> str:
    """The id of the newest end that can be reached from that turn."""
    way = [start]
    while following := [one.id for one in turns if one.parent == way[-1] and one.id not in way]:
        way.append(following[-1])
    return way[-1]
