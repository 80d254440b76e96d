"""The exports of other programs: ChatGPT's conversations.json, a tree of messages, and plain lists of messages.

A turn here is a question with all that was answered before the next one. So where an answer was made anew, or a
question was edited, there are turns of the same parent; those of an answer repeat its question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from lib.chat.portable_values import MOST_TURNS, Mending, Portable, PortableTurn, moment
from lib.chat.title import cleaned
from lib.data.names import one_line

LONGEST_TITLE = 200
_MOST_MESSAGES = 10 * MOST_TURNS
_LEFT_OUT = "[An attachment was left out here]"
_THOUGHTS = ("thoughts", "reasoning_recap", "user_editable_context", "model_editable_context")


@dataclass(frozen=True)
class _Message:
    """A message that a person sees: of the person, or of the assistant."""

    is_question: bool
    text: str
    created: float
    model: str


@dataclass
class _Draft:
    """A question and the answer up to some message; it becomes a turn when something follows it, or nothing does."""

    question: str
    parent: str
    created: float
    answer: str = ""
    model: str = ""
    turn: str = ""
    longer: list[_Draft] = field(default_factory=list)


def is_export(body: object) -> bool:
    """Whether it looks like one of these exports."""
    items = body if isinstance(body, list) else [body]
    return any(isinstance(one, dict) and ("mapping" in one or "messages" in one) for one in items)


def conversations(items: Sequence[Any], mending: Mending) -> Iterator[Portable]:
    """The conversations of an export; what cannot be read is counted in `mending`. Raises DataError for too much."""
    for given in items:
        try:
            found = _conversation(given, mending)
        except (TypeError, KeyError, AttributeError, ValueError):
            mending.counts["conversations"] += 1
            continue
        if found:
            yield found


def _conversation(given: Mapping[str, Any], mending: Mending) -> Portable | None:
    tree = _Tree(mending)
    if "mapping" in given:
        current = tree.grow(given["mapping"], given.get("current_node"))
    else:
        current = tree.grow(_chain(given["messages"]), str(len(given["messages"]) - 1))
    if len(tree.turns) > MOST_TURNS:
        mending.counts["long"] += 1
        return None
    if not tree.turns:
        mending.counts["empty"] += 1
        return None
    title = one_line(mending.text(given.get("title")))[:LONGEST_TITLE] or cleaned("", tree.turns[0].question)
    leaf = current or tree.turns[-1].id
    created = moment(given.get("create_time")) or tree.turns[0].created
    return Portable(
        id=uuid4().hex,
        title=title,
        created=created,
        changed=moment(given.get("update_time")) or created,
        pinned=given.get("is_starred") is True,
        system=tree.system,
        model=_model(tree.turns, leaf),
        leaf=leaf,
        turns=tuple(tree.turns),
    )


def _model(turns: Sequence[PortableTurn], leaf: str) -> str:
    """Who answered last on the way to the leaf."""
    by_id = {one.id: one for one in turns}
    at = by_id.get(leaf)
    while at and not at.model:
        at = by_id.get(at.parent)
    return at.model if at else ""


def _chain(messages: Sequence[Any]) -> dict[str, Any]:
    """A plain list as the tree that it is."""
    if not isinstance(messages, list):
        raise TypeError
    return {str(at): {"message": one, "parent": str(at - 1) if at else None} for at, one in enumerate(messages)}


class _Tree:
    """Makes turns of messages; `system` is the first prompt that the person gave."""

    def __init__(self, mending: Mending) -> None:
        self.turns: list[PortableTurn] = []
        self.system = ""
        self._mending = mending
        self._drafts: list[_Draft] = []

    def grow(self, mapping: Mapping[str, Any], current: object) -> str:
        """Read all nodes; returns the id of the turn that the node `current` is in, empty if it is in none."""
        if len(mapping) > _MOST_MESSAGES:
            raise ValueError
        at: dict[str, _Draft | None] = {}
        for name, parent in self._parents_first(mapping):
            at[name] = self._after(at[parent] if parent else None, self._message(mapping[name]))
        for draft in self._drafts:
            if not draft.longer:
                self._turn_of(draft)
        found = at.get(current) if isinstance(current, str) else None
        while found and not found.turn:
            found = found.longer[0]
        return found.turn if found else ""

    def _parents_first(self, mapping: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Each node with the one that it follows, or with none where that is not there or follows it in a circle."""
        nodes = {name: node for name, node in mapping.items() if isinstance(node, dict)}
        self._mending.counts["turns"] += len(mapping) - len(nodes)
        parents = {name: node.get("parent") for name, node in nodes.items()}
        for name, node in nodes.items():
            for child in node.get("children") or ():
                if isinstance(child, str) and child in parents and parents[child] is None:
                    parents[child] = name
        placed: dict[str, str] = {}
        for name in parents:
            waiting: dict[str, None] = {}
            above: object = name
            while isinstance(above, str) and above in parents and above not in placed and above not in waiting:
                waiting[above] = None
                above = parents[above]
            for one in reversed(waiting):
                parent = parents[one]
                if parent is not None and not (isinstance(parent, str) and parent in placed):
                    self._mending.counts["parents"] += 1
                    parent = None
                placed[one] = parent if isinstance(parent, str) else ""
        return list(placed.items())

    def _after(self, draft: _Draft | None, said: _Message | None) -> _Draft | None:
        if said is None:
            return draft
        if said.is_question:
            made = _Draft(said.text, self._turn_of(draft) if draft else "", said.created)
        elif draft is None:
            made = _Draft("", "", said.created, said.text, said.model)
        else:
            answer = f"{draft.answer}\n\n{said.text}" if draft.answer else said.text
            made = _Draft(draft.question, draft.parent, draft.created, answer, said.model or draft.model)
            draft.longer.append(made)
        self._mending.take(made.answer)
        self._drafts.append(made)
        return made

    def _turn_of(self, draft: _Draft) -> str:
        if not draft.turn:
            self._mending.take(draft.question)
            draft.turn = uuid4().hex
            self.turns.append(
                PortableTurn(draft.turn, draft.parent, draft.question, draft.answer, draft.created, draft.model)
            )
        return draft.turn

    def _message(self, node: Mapping[str, Any]) -> _Message | None:
        """What a person sees of a node; None where that is nothing."""
        message = node.get("message")
        if message is None:
            return None
        about = message.get("metadata") or {}
        role = (message.get("author") or {}).get("role") or message.get("role")
        text = self._content(message.get("content"))
        if not text.strip():
            return None
        is_seen = not about.get("is_visually_hidden_from_conversation") and message.get("recipient") in (None, "all")
        if role == "system" and is_seen and not self.system:
            self.system = text
            return None
        if role not in ("user", "assistant") or not is_seen:
            self._mending.counts["hidden"] += 1
            return None
        model = self._mending.text(about.get("model_slug")) if role == "assistant" else ""
        return _Message(role == "user", text, moment(message.get("create_time")), model)

    def _content(self, content: Any) -> str:
        """The text of a message, whose parts stand in lists and objects of many kinds."""
        if not isinstance(content, dict):
            parts = content if isinstance(content, list) else [content]
        elif content.get("content_type") in _THOUGHTS:
            self._mending.counts["hidden"] += 1
            return ""
        elif isinstance(content.get("parts"), list):
            parts = content["parts"]
        else:
            parts = [content.get("text")]
        return "\n\n".join(filter(None, map(self._part, parts)))

    def _part(self, part: Any) -> str:
        if part is None or isinstance(part, str):
            return self._mending.text(part)
        text = part.get("text")
        text = text.get("value") if isinstance(text, dict) else text
        if text is None:
            self._mending.counts["attachments"] += 1
            return _LEFT_OUT
        return self._mending.text(text)
