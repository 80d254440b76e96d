"""Answers in a file, each on the disk as soon as it is there, so that a run which was killed can go on."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from lib.asking.answer import Answer
from lib.asking.evaluate.question_file import Id, is_id, records
from lib.errors import DataError

EARLIER = ".old"
"""What the name of a file with earlier answers gets at its end when a run begins anew."""


class AnswerFile:
    """A JSON object a line. Use it in a `with`; what goes wrong is a DataError."""

    def __init__(self, path: Path, *, resume: bool) -> None:
        """Go on with the file's answers, or begin a new file and keep the earlier one under another name."""
        self._path = path
        self.ids: frozenset[Id] = frozenset()
        """The questions that were answered before."""
        try:
            if resume and path.is_file():
                _drop_half_line(path)
                self.ids = _ids(path)
            elif path.is_file() and path.stat().st_size:
                path.replace(path.with_name(path.name + EARLIER))
            self._file = path.open("a", encoding="utf-8", errors="backslashreplace", newline="\n")
        except OSError as e:
            raise _unwritable(path, e) from e

    def put(self, id_: Id, answer: Answer) -> None:
        """Append the answer."""
        line = json.dumps({**answer.to_json(), "id": id_}, ensure_ascii=False)
        try:
            self._file.write(line + "\n")
            self._file.flush()
        except OSError as e:
            raise _unwritable(self._path, e) from e

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def _drop_half_line(path: Path) -> None:
    """Cut off what follows the last line end: the program ended while it was written."""
    whole = path.read_bytes().rfind(b"\n") + 1
    if whole < path.stat().st_size:
        os.truncate(path, whole)


def _ids(path: Path) -> frozenset[Id]:
    ids = set()
    for number, record in records(path):
        if not isinstance(record, dict) or not is_id(name := record.get("id")) or "sql" not in record:
            raise DataError(
                f"Line {number} of {path.name} is no answer of such a run.", "Name another file, or leave out --resume."
            )
        ids.add(name)
    return frozenset(ids)


def _unwritable(path: Path, e: OSError) -> DataError:
    return DataError(f"{path} cannot be written: {(e.strerror or 'the disk does not answer').lower()}.")
