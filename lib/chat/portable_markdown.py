"""A conversation as Markdown: questions are quoted text, answers stay Markdown that loads nothing."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from markdown_it import MarkdownIt

from lib.chat.portable_values import Portable, PortableTurn
from lib.data.names import one_line
from lib.data.table import counted

_PARSER = MarkdownIt("commonmark").enable("table")
_ACTS = re.compile(r"[\\`*_{}\[\]<>#|~$&@]|(?<=:)/(?=/)|^\s*[-+=]|(?<=\d)[.)](?=\s|$)")
_TICKS = re.compile("`+")
_IMAGE_OR_TAG = re.compile(r"!(?=\[)|<(?=[A-Za-z/!?])(?!https?://)")


def to_markdown(conversation: Portable) -> str:
    """The current branch from its first turn to its last, then the other branches, each from where it leaves."""
    path = _path(conversation)
    branches = list(_branches(conversation, path))
    lines = [
        f"# {_plain(one_line(conversation.title)) or 'Conversation'}",
        "",
        _about(conversation, path, branches),
        "",
    ]
    if conversation.system.strip():
        lines += ["System prompt:", "", *_quoted(conversation.system), ""]
    for number, turn in enumerate(path, 1):
        lines += _turn(turn, f"## {number}. {_when(turn)}")
    if branches:
        lines += ["# Other branches", ""]
    for number, branch in enumerate(branches, 1):
        lines += [f"## Branch {number}: {_leaves(branch[0], path)}", ""]
        for turn in branch:
            lines += _turn(turn, f"### {_when(turn)}")
    return "\n".join(lines).rstrip("\n") + "\n"


def _path(conversation: Portable) -> list[PortableTurn]:
    """The turns up to the leaf. A circle, which only a damaged conversation has, is walked once."""
    by_id = {one.id: one for one in conversation.turns}
    path: dict[str, PortableTurn] = {}
    at = by_id.get(conversation.leaf)
    while at and at.id not in path:
        path[at.id] = at
        at = by_id.get(at.parent)
    return list(reversed(path.values()))


def _branches(conversation: Portable, path: Sequence[PortableTurn]) -> Iterator[list[PortableTurn]]:
    """All other turns, each in a run of turns that follow one another."""
    told = {one.id for one in path}
    following: dict[str, list[PortableTurn]] = {}
    for one in conversation.turns:
        following.setdefault(one.parent, []).append(one)
    for turn in conversation.turns:
        run: list[PortableTurn] = []
        at: PortableTurn | None = turn
        while at and at.id not in told:
            told.add(at.id)
            run.append(at)
            at = next((one for one in following.get(at.id, ()) if one.id not in told), None)
        if run:
            yield run


def _leaves(first: PortableTurn, path: Sequence[PortableTurn]) -> str:
    if not first.parent:
        return "another beginning"
    numbers = {one.id: number for number, one in enumerate(path, 1)}
    return f"after turn {numbers[first.parent]}" if first.parent in numbers else "after a turn of a branch above"


def _about(conversation: Portable, path: Sequence[PortableTurn], branches: Sequence[object]) -> str:
    said = [counted(len(path), "turn")]
    if branches:
        said.append(f"{len(branches):,} other branch" + ("" if len(branches) == 1 else "es"))
    if conversation.created:
        said.append(f"begun {_moment(conversation.created)}")
    if conversation.model:
        said.append(f"model {_plain(one_line(conversation.model))}")
    return ", ".join(said) + "."


def _when(turn: PortableTurn) -> str:
    model = f", {_plain(one_line(turn.model))}" if turn.model else ""
    return (_moment(turn.created) if turn.created else "Question") + model


def _moment(seconds: float) -> str:
    return f"{dt.datetime.fromtimestamp(seconds, dt.UTC):%Y-%m-%d %H:%M} UTC"


def _turn(turn: PortableTurn, heading: str) -> Iterator[str]:
    yield from (heading, "", *_quoted(turn.question or "(no question)"), "")
    for one in turn.attachments:
        yield from (f"Attached: {_plain(one_line(one.name))}", "", *_code(one.text), "")
    yield from (_closed(_inert(turn.answer)), "")
    if turn.sql:
        yield from (*_code(turn.sql, "sql"), "")


def _code(text: str, language: str = "") -> tuple[str, str, str]:
    fence = "`" * max(3, *(len(run) + 1 for run in _TICKS.findall(text)), 3)
    return f"{fence}{language}", text, fence


def _quoted(text: str) -> list[str]:
    """Literal text that keeps its lines and what they are indented by."""
    lines = [_plain(_indented(line)) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return [f"> {line}\\" if line and after else f"> {line}".rstrip(" ") for line, after in pairwise([*lines, ""])]


def _indented(line: str) -> str:
    """With blanks at its start that make no code of it."""
    text = line.expandtabs(4).strip()
    return "\u00a0" * (len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip())) + text if text else ""


def _plain(line: str) -> str:
    return _ACTS.sub(lambda found: found[0][:-1] + "\\" + found[0][-1], line)


def _inert(answer: str) -> str:
    """The answer as it is, unless a reader would load an image or take it for HTML: then those are literal."""
    tokens = _PARSER.parse(answer)
    inline = [child.type for token in tokens for child in token.children or ()]
    if not {"image", "html_inline"} & set(inline) and not any(token.type == "html_block" for token in tokens):
        return answer
    lines = answer.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    code = {at for token in tokens if token.type in ("fence", "code_block") and token.map for at in range(*token.map)}
    return "\n".join(line if at in code else _IMAGE_OR_TAG.sub(_apart, line) for at, line in enumerate(lines))


def _apart(found: re.Match[str]) -> str:
    return "!\\" if found[0] == "!" else "\\<"


def _closed(answer: str) -> str:
    """The answer with an end to its last fence: what follows is no part of it."""
    tokens = _PARSER.parse(answer)
    if not tokens or tokens[-1].type != "fence":
        return answer
    mark = tokens[-1].markup
    last = answer.rstrip().rsplit("\n", 1)[-1].strip()
    ends = "\n" in answer.strip() and set(last) == {mark[0]} and len(last) >= len(mark)
    return answer if ends else f"{answer.rstrip()}\n{mark}"
