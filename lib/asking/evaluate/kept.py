"""What a workspace keeps of measuring: a person's own questions, and the last measurements."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, get_args

from lib.asking.evaluate.question import Mark, Measurement, Question, Verdict, Which
from lib.data import durable
from lib.data.typed import moment
from lib.errors import DataError

FILE = "measurements.json"
MOST_QUESTIONS = 100
MOST_MEASUREMENTS = 5
"""The last of each kind."""

_VERSION = 1
_lock = threading.Lock()


@dataclass(frozen=True)
class Kept:
    """Own questions in the order in which they were added; measurements, the newest first.

    `notice` is a sentence about a file that could not be read and was set aside.
    """

    questions: tuple[Question, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    notice: str = ""


def read(folder: Path) -> Kept:
    """What is kept in a workspace's folder. Raises DataError when the disk does not answer."""
    with _lock:
        return _read(folder)


def put(folder: Path, measured: Measurement) -> None:
    """Keep a measurement, or what it has become. Raises DataError."""

    def changed(now: Kept) -> Kept:
        others = [one for one in now.measurements if one.id != measured.id]
        newest = sorted([measured, *others], key=lambda one: one.started, reverse=True)
        last = [one for which in get_args(Which) for one in _of(newest, which)[:MOST_MEASUREMENTS]]
        return replace(now, measurements=tuple(one for one in newest if one in last))

    _change(folder, changed)


def put_question(folder: Path, question: Question) -> None:
    """Add an own question, or change the one with its id. Raises DataError."""

    def changed(now: Kept) -> Kept:
        if any(one.id == question.id for one in now.questions):
            return replace(now, questions=tuple(question if one.id == question.id else one for one in now.questions))
        if len(now.questions) >= MOST_QUESTIONS:
            raise DataError(f"There are {MOST_QUESTIONS} questions already.", "Delete one that you do not need.")
        return replace(now, questions=(*now.questions, question))

    _change(folder, changed)


def delete_question(folder: Path, id_: str) -> None:
    """Forget an own question. Raises DataError."""
    _change(folder, lambda now: replace(now, questions=tuple(one for one in now.questions if one.id != id_)))


def _of(measurements: Sequence[Measurement], which: Which) -> list[Measurement]:
    return [one for one in measurements if one.which == which]


def _change(folder: Path, change: Callable[[Kept], Kept]) -> None:
    with _lock:
        now = change(_read(folder))
        body = {
            "version": _VERSION,
            "questions": [asdict(one) for one in now.questions],
            "measurements": [asdict(one) for one in now.measurements],
        }
        try:
            durable.write(folder / FILE, lambda file: file.write(json.dumps(body).encode()))
        except OSError as e:
            raise _failed(e) from e


def _read(folder: Path) -> Kept:
    path = folder / FILE
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return Kept()
    except OSError as e:
        raise _failed(e) from e
    try:
        return _kept(json.loads(raw))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return Kept(notice=_set_aside(path))


def _kept(body: Mapping[str, Any]) -> Kept:
    """Raises ValueError, TypeError or KeyError for what `_change` does not write."""
    if body["version"] != _VERSION:
        raise ValueError
    return Kept(
        tuple(_question(one) for one in body["questions"]), tuple(_measurement(one) for one in body["measurements"])
    )


def _question(body: Mapping[str, Any]) -> Question:
    question = Question(**body)
    _require_texts(question.id, question.text, question.sql, question.sample)
    return question


def _measurement(body: Mapping[str, Any]) -> Measurement:
    verdicts = tuple(_verdict(one) for one in body["verdicts"])
    settings = tuple((str(name), str(value)) for name, value in body["settings"])
    measured = Measurement(**{**body, "settings": settings, "verdicts": verdicts})
    _require_texts(measured.id, measured.model, measured.place)
    if measured.which not in get_args(Which):
        raise ValueError
    return replace(measured, started=moment(measured.started), total=int(measured.total))


def _verdict(body: Mapping[str, Any]) -> Verdict:
    verdict = Verdict(**body)
    _require_texts(verdict.question, verdict.expected, verdict.sql, verdict.reason)
    if verdict.mark not in get_args(Mark):
        raise ValueError
    return replace(verdict, seconds=float(verdict.seconds))


def _require_texts(*values: object) -> None:
    if not all(isinstance(one, str) for one in values):
        raise TypeError


def _set_aside(path: Path) -> str:
    aside = path.with_name(f"damaged-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S%f}Z-{path.name}")
    with suppress(OSError):
        path.rename(aside)
    return f"Your measurements and questions could not be read; their file is set aside as {aside.name}."


def _failed(e: OSError) -> DataError:
    reason = (e.strerror or "the disk does not answer").lower()
    return DataError(f"The measurements cannot be kept: {reason}.", "Make room on the disk, then try again.")
