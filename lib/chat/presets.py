"""System prompts under names: those that Bayan brings, and a person's own, kept in their workspace."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from lib.chat.conversation import SYSTEM_PROMPT
from lib.data import durable
from lib.errors import DataError

FILE = "prompts.json"
LONGEST_NAME, LONGEST_PROMPT, MOST = 60, 20_000, 200


@dataclass(frozen=True)
class Preset:
    """A system prompt and what it is called. Only a person's `own` can be deleted."""

    name: str
    text: str
    own: bool = False


BROUGHT = (
    Preset("Helpful assistant", SYSTEM_PROMPT),
    Preset(
        "Short answers",
        "You help people who work with data. Answer in at most three sentences, without an introduction.",
    ),
    Preset(
        "Teacher",
        "You teach people who are new to data. Explain one step at a time in plain words, with a small example in "
        "numbers, and end with one question that checks whether it was understood.",
    ),
    Preset(
        "SQL reviewer",
        "You review SQL for DuckDB. Say first whether the query does what is asked, then what may be wrong: joins that "
        "repeat rows, missing values, ties, dates, division. Then give the query as you would write it.",
    ),
    Preset(
        "Critic of numbers",
        "You are a careful analyst. Question how numbers came about: what was counted, over which period, compared "
        "with what, and what is missing. Say what you would check, and never invent a number.",
    ),
)


def presets(folder: Path) -> tuple[Preset, ...]:
    """Those that Bayan brings, then a person's own by name. A file that cannot be read has none."""
    own = _own(folder)
    return (*BROUGHT, *(Preset(name, own[name], own=True) for name in sorted(own, key=str.casefold)))


def keep(folder: Path, name: str, text: str) -> None:
    """Keep a prompt under a name, in the place of the one that had it. Raises DataError."""
    name, own = " ".join(name.split()), _own(folder)
    if not name or len(name) > LONGEST_NAME or name in {one.name for one in BROUGHT}:
        raise DataError(f"A prompt needs a name of its own of at most {LONGEST_NAME} characters.", "Type another name.")
    if len(text) > LONGEST_PROMPT or (len(own) >= MOST and name not in own):
        raise DataError(
            f"At most {MOST} prompts of {LONGEST_PROMPT:,} characters each are kept.", "Delete some, or shorten this."
        )
    _write(folder, {**own, name: text})


def forget(folder: Path, name: str) -> None:
    """Delete a person's own prompt; of one that is not there nothing happens. Raises DataError."""
    _write(folder, {one: text for one, text in _own(folder).items() if one != name})


def _own(folder: Path) -> dict[str, str]:
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return {name: text for name, text in found.items() if _is_text(name, text)} if isinstance(found, dict) else {}


def _is_text(*values: object) -> bool:
    """Whether all are texts that can be shown: half a character cannot."""
    try:
        return all(isinstance(one, str) and one.encode() is not None for one in values)
    except UnicodeEncodeError:
        return False


def _write(folder: Path, own: dict[str, str]) -> None:
    data = json.dumps(own).encode()
    try:
        durable.write(folder / FILE, lambda stream: stream.write(data))
    except OSError as e:
        raise DataError(f"The prompt cannot be kept: {e.strerror}.", "Make room on the disk, then try again.") from e
