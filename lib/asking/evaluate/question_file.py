"""Questions in a file: a JSON object a line with `id`, `db` and `question`; whatever else it holds is ignored."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeGuard

from lib.errors import DataError

Id = str | int


@dataclass(frozen=True)
class Asked:
    """A question and the name of the folder whose files it is about."""

    id: Id
    db: str
    question: str


def read_questions(path: Path, limit: int | None = None) -> list[Asked]:
    """The questions of the first `limit` lines. Raises DataError that names the line which is none."""
    questions: list[Asked] = []
    lines: dict[Id, int] = {}
    for number, record in islice(records(path), limit):
        one = _question(record)
        if one is None:
            raise DataError(
                f"Line {number} of {path.name} is no question.",
                'Each line has to be a JSON object with "id", "db" and "question".',
            )
        if one.id in lines:
            raise DataError(
                f"Line {number} of {path.name} has the id of line {lines[one.id]}.", "Each question needs its own."
            )
        lines[one.id] = number
        questions.append(one)
    return questions


def records(path: Path) -> Iterator[tuple[int, Any]]:
    """The lines that are not blank, each with its number from 1 and what its JSON means: None if it is none."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="\n") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, _json(line)
    except OSError as e:
        raise DataError(f"The file {path} cannot be read: {(e.strerror or 'it is not there').lower()}.") from e


def grouped(questions: Sequence[Asked]) -> list[Asked]:
    """Those of one database after each other, the databases in the order in which they come first.

    An endpoint that keeps what it has read of a prompt then reads each database's tables once.
    """
    order = {db: place for place, db in enumerate(dict.fromkeys(one.db for one in questions))}
    return sorted(questions, key=lambda one: order[one.db])


def database_files(folder: Path, names: Iterable[str]) -> dict[str, tuple[Path, ...]]:
    """The files of each database below `folder`. Raises DataError for a name that is no folder in it."""
    if not folder.is_dir():
        raise DataError(f"There is no folder {folder}.", "Check the path.")
    return {name: _files(folder, name) for name in dict.fromkeys(names)}


def is_id(value: object) -> TypeGuard[Id]:
    """Whether it can name a question."""
    return isinstance(value, str | int) and not isinstance(value, bool)


def _files(folder: Path, name: str) -> tuple[Path, ...]:
    if name in ("", ".", "..") or any(letter in name for letter in "/\\:\0"):
        raise DataError(f"{json.dumps(name)} cannot be the name of a database.", "It has to name a folder in DIR.")
    try:
        there = [one for one in (folder / name).iterdir() if one.is_file() and not one.name.startswith(".")]
    except OSError as e:
        raise DataError(f"There is no folder {name} in {folder}.", "Each database is a folder with its files.") from e
    if not there:
        raise DataError(f"The folder {folder / name} holds no files.", "Put the database's files there.")
    return tuple(sorted(there))


def _question(record: Any) -> Asked | None:
    if not isinstance(record, dict):
        return None
    name, db, question = (record.get(key) for key in ("id", "db", "question"))
    return Asked(name, db, question) if is_id(name) and isinstance(db, str) and isinstance(question, str) else None


def _json(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
