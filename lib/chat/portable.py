"""Conversations as a file: Bayan's own JSON, which comes back as it went, and the exports of other programs.

A file may come from anybody. It is read within bounds and looked at value by value; what is damaged is mended or left
out, and a sentence says so. Ids are made anew, so that a conversation can be imported twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal
from uuid import uuid4

from lib.chat import portable_openai
from lib.chat.attach import Attachment, measured
from lib.chat.portable_values import MOST_CONVERSATIONS, MOST_TURNS, Mending, Portable, PortableTurn, moment
from lib.data.table import counted
from lib.errors import DataError

__all__ = ["Imported", "Portable", "PortableTurn", "from_json", "to_json"]

MOST_MB = 64
"""The size of a file that is read."""

_MOST_PARTS = 5_000_000
"""Values in a file. Each takes far more memory than its characters; real exports have one in a hundred of them."""

_GONE = "gone"
_FORMAT, _VERSION = "bayan-conversations", 1


@dataclass(frozen=True)
class Imported:
    """What a file held, and sentences on what had to be mended or left out."""

    conversations: tuple[Portable, ...]
    notices: tuple[str, ...] = ()


def to_json(conversations: Sequence[Portable]) -> bytes:
    """The file, in UTF-8."""
    body = {"format": _FORMAT, "version": _VERSION, "conversations": [asdict(one) for one in conversations]}
    return json.dumps(body, ensure_ascii=True, indent=1).encode("ascii")


def from_json(data: bytes) -> Imported:
    """What `to_json` wrote, or an export of ChatGPT or of a program that writes lists of messages.

    Raises DataError when the file is too large, damaged as a whole, or something else.
    """
    body = _parsed(data)
    mending = Mending()
    if isinstance(body, dict) and body.get("format") == _FORMAT:
        found = list(_own(body, mending))
    elif portable_openai.is_export(body):
        found = list(portable_openai.conversations(_bounded(body if isinstance(body, list) else [body]), mending))
    else:
        raise _unknown()
    if not found and mending.counts.total():
        raise DataError("No conversation in this file can be read.", "Export it again.")
    return Imported(tuple(found), mending.notices())


def _parsed(data: bytes) -> Any:
    if len(data) > MOST_MB << 20:
        raise DataError(f"This file has more than {MOST_MB} MB.", "Export fewer conversations at a time.")
    if data.startswith(b"PK"):
        raise DataError("This is a ZIP archive.", "Unpack it and import the file conversations.json in it.")
    if sum(map(data.count, (b"[", b"{", b","))) > _MOST_PARTS:
        raise DataError("This file has too many parts.", "Export fewer conversations at a time.")
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as e:
        raise _unknown() from e


def _unknown() -> DataError:
    return DataError(
        "This file is no export of conversations that Bayan knows, or it is damaged.",
        "Choose Bayan's own JSON, the conversations.json of ChatGPT, or a list of messages with roles.",
    )


def _bounded(items: object) -> list[Any]:
    if not isinstance(items, list):
        raise _unknown()
    if len(items) > MOST_CONVERSATIONS:
        raise DataError(
            f"This file has {counted(len(items), 'conversation')}; at most {MOST_CONVERSATIONS:,} can be imported.",
            "Export fewer conversations at a time.",
        )
    return items


def _own(body: Mapping[str, Any], mending: Mending) -> Iterator[Portable]:
    version = body.get("version")
    if not isinstance(version, int):
        raise _unknown()
    if version > _VERSION:
        raise DataError("This file was written by a newer version of Bayan.", "Import it with that version.")
    for given in _bounded(body.get("conversations")):
        try:
            if not isinstance(given["turns"], list):
                raise TypeError
            if len(given["turns"]) > MOST_TURNS:
                mending.counts["long"] += 1
            else:
                yield _conversation(given, mending)
        except (TypeError, KeyError, AttributeError):
            mending.counts["conversations"] += 1


def _conversation(given: Mapping[str, Any], mending: Mending) -> Portable:
    turns, leaf = _turns(given["turns"], given.get("leaf"), mending)
    texts = {name: mending.text(given.get(name)) for name in ("title", "system", "model")}
    mending.take(*texts.values())
    return Portable(
        id=uuid4().hex,
        created=moment(given.get("created")),
        changed=moment(given.get("changed")),
        pinned=given.get("pinned") is True,
        leaf=leaf,
        turns=turns,
        **texts,
    )


def _turns(given: Sequence[Any], leaf: object, mending: Mending) -> tuple[tuple[PortableTurn, ...], str]:
    """The turns under new ids, those that others follow before them, and the new id of the leaf."""
    read = [turn for one in given if (turn := _turn(one, mending))]
    new_ids: dict[str, str] = {}
    renamed = []
    for turn in read:
        new = uuid4().hex
        if new_ids.setdefault(turn.id, new) != new:
            mending.counts["ids"] += 1
        renamed.append(replace(turn, id=new))
    following = [replace(one, parent=new_ids.get(one.parent, _GONE) if one.parent else "") for one in renamed]
    turns = _in_order(following, mending)
    last = turns[-1].id if turns else ""
    return turns, new_ids.get(leaf, last) if isinstance(leaf, str) else last


def _turn(given: Any, mending: Mending) -> PortableTurn | None:
    try:
        texts = {name: mending.text(given.get(name)) for name in ("id", "parent", "question", "answer", "model", "sql")}
        mending.take(*texts.values())
        attached = tuple(_attachment(one, mending) for one in given.get("attachments") or ())
        return PortableTurn(created=moment(given.get("created")), attachments=attached, **texts)
    except (TypeError, AttributeError):
        mending.counts["turns"] += 1
        return None


def _attachment(given: Any, mending: Mending) -> Attachment:
    name, text, table = (mending.text(given.get(one)) for one in ("name", "text", "table"))
    notes = tuple(mending.text(one) for one in given.get("notes") or ())
    mending.take(name, text, table, *notes)
    kind: Literal["text", "table"] = "table" if given.get("kind") == "table" else "text"
    names_only = given.get("names_only") is True
    return measured(Attachment(name, kind, text, table=table, notes=notes, names_only=names_only))


def _in_order(turns: Sequence[PortableTurn], mending: Mending) -> tuple[PortableTurn, ...]:
    """Each turn after the one that it follows, else as they came. Who follows nobody, or itself, begins a branch."""
    by_id = {one.id: one for one in turns}
    placed: dict[str, PortableTurn] = {}
    for turn in turns:
        waiting: dict[str, PortableTurn] = {}
        at: PortableTurn | None = turn
        while at and at.id not in placed and at.id not in waiting:
            waiting[at.id] = at
            at = by_id.get(at.parent)
        for one in reversed(waiting.values()):
            if one.parent and one.parent not in placed:
                mending.counts["parents"] += 1
                one = replace(one, parent="")
            placed[one.id] = one
    return tuple(placed.values())
