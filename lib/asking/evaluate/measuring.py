"""A measurement under way: a thread that asks questions whose answers are known, and can be watched and stopped."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from lib.asking.answer import Answer
from lib.asking.evaluate import kept
from lib.asking.evaluate.answering import Way, answer
from lib.asking.evaluate.compare import same_rows
from lib.asking.evaluate.question import Mark, Measurement, Question, Verdict, Which
from lib.data.samples import samples
from lib.data.workspace import Source, Workspace
from lib.errors import AppError, QueryError
from lib.llm import builtin, connect
from lib.llm.connect import Models
from lib.serving.under_way import under_way
from lib.settings import SETTINGS, Settings

if TYPE_CHECKING:
    from lib.engine.result import Result

_POLL_SECONDS = 0.1


class Measuring:
    """Asks the questions one after the other. Each verdict is kept in the workspace as soon as it is there."""

    def __init__(
        self,
        planned: Measurement,
        questions: Sequence[Question],
        models: Iterable[Models | str],
        space: Workspace,
        settings: Settings,
        careful: bool,
    ) -> None:
        self._measured, self._questions = planned, questions
        self._models, self._space, self._settings, self._careful = models, space, settings, careful
        self._stop, self._done = threading.Event(), threading.Event()
        self._doing, self._asking_since = "Starting", 0.0
        self._error: AppError | None = None
        threading.Thread(target=self._work, name="measuring", daemon=True).start()

    @property
    def measured(self) -> Measurement:
        """The verdicts so far."""
        return self._measured

    @property
    def doing(self) -> str:
        """What happens now, in a few words."""
        return "Stopping" if self._stop.is_set() else self._doing

    @property
    def seconds_left(self) -> float | None:
        """An estimate from the questions that were answered; None before the first."""
        done = len(self._measured.verdicts)
        if not done:
            return None
        return (time.monotonic() - self._asking_since) / done * (self._measured.total - done)

    @property
    def error(self) -> AppError | None:
        """Why it ended before all was asked."""
        return self._error

    @property
    def done(self) -> bool:
        return self._done.is_set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait at most so long; True when it has ended."""
        return self._done.wait(seconds)

    def stop(self) -> None:
        """End it; the verdicts so far stay."""
        self._stop.set()

    def _stopped(self) -> bool:
        return self._stop.is_set() or self._space.closed

    def _work(self) -> None:
        try:
            way = self._connected()
            for sample, questions in groupby(self._questions, key=lambda one: one.sample):
                with self._tables(sample) as space:
                    for question in questions:
                        self._judge(question, space, way)
        except _Stopped:
            pass
        except AppError as e:
            self._error = None if self._stopped() else e
        finally:
            self._done.set()

    def _connected(self) -> Way:
        for ready in self._models:
            if self._stopped():
                break
            if isinstance(ready, Models):
                return Way.of(ready, self._settings, careful=self._careful)
            self._doing = ready
        raise _Stopped

    @contextmanager
    def _tables(self, sample: str) -> Iterator[Workspace]:
        """The person's own tables, or a workspace with the sample's for as long as they are needed."""
        if not sample:
            yield self._space
            return
        (found,) = (one for one in samples() if one.name == sample)
        self._doing = f"Loading the sample data: {found.title}"
        with Workspace.temporary(self._settings) as space:
            with space.add([Source(one.name, one) for one in found.files]) as loading:
                self._wait(loading.wait)
                for error in loading.errors:
                    raise error
            yield space

    @under_way("question")
    def _judge(self, question: Question, space: Workspace, way: Way) -> None:
        if self._stopped():
            raise _Stopped
        self._asking_since = self._asking_since or time.monotonic()
        self._doing = f"Question {len(self._measured.verdicts) + 1} of {self._measured.total}"
        try:
            expected = self._expected(question, space)
        except QueryError as e:
            verdict = Verdict(question.text, question.sql, "", "unchecked", 0.0, f"The expected SQL: {e}")
        else:
            self._wait(self._space.may_ask)
            with self._space.question():
                given = answer(question.text, space, way, self._stopped)
            if given is None:
                raise _Stopped
            verdict = judged(question, expected, given)
        self._measured = replace(self._measured, verdicts=(*self._measured.verdicts, verdict))
        if self._space.closed:  # its folder may be another's by now
            raise _Stopped
        kept.put(self._space.folder, self._measured)

    def _expected(self, question: Question, space: Workspace) -> Result:
        with space.start(question.sql, own=bool(question.sample)) as query:  # the samples' is DuckDB's
            self._wait(query.wait)
            return query.result()

    def _wait(self, wait: Callable[[float], bool]) -> None:
        while not wait(_POLL_SECONDS):
            if self._stopped():
                raise _Stopped


class _Stopped(Exception):
    """Nobody wants the rest."""


def judged(question: Question, expected: Result, given: Answer) -> Verdict:
    """Right when the answer's rows are the expected ones; without rows it has failed."""
    mark: Mark = "failed"
    if given.result is not None:
        whole = not (expected.truncated or given.result.truncated)
        mark = "right" if whole and same_rows(expected.rows(), given.result.rows()) else "wrong"
    reason = str(given.error) if given.error else ""
    return Verdict(question.text, question.sql, given.sql, mark, given.seconds, reason)


_current: dict[Workspace, Measuring] = {}
_lock = threading.Lock()


def current(space: Workspace) -> Measuring | None:
    """The measurement that was started last for this workspace, by whichever of its tabs."""
    with _lock:
        return _current.get(space)


def start(
    which: Which,
    questions: Sequence[Question],
    models: Iterable[Models | str],
    space: Workspace,
    settings: Settings,
    *,
    careful: bool = False,
) -> Measuring:
    """Begin to measure, or return the measurement that is under way: a workspace has one at a time.

    `models` yields sentences while the model starts, then the Models. Raises SettingError.
    """
    with _lock:
        for gone in [one for one in _current if one.closed]:
            del _current[gone]
        running = _current.get(space)
        if running is None or running.done:
            planned = _planned(which, len(questions), settings, careful)
            running = _current[space] = Measuring(planned, questions, models, space, settings, careful)
        return running


def _planned(which: Which, total: int, settings: Settings, careful: bool) -> Measurement:
    if settings.remote:
        model, place = settings.llm_sql_model, connect.endpoint(settings).name
    else:
        model, place = Path(settings.local_model_path).name or builtin.MODEL_ID, "this machine"
    counting = [one.name for one in SETTINGS if one.repr and not _ELSEWHERE.match(one.name)]
    values = tuple((name.upper(), str(getattr(settings, name))) for name in counting)
    mode = (("CAREFUL", "True"),) if careful else ()
    return Measurement(uuid4().hex, which, time.time(), model, place, (*mode, *values), total)


_ELSEWHERE = re.compile(
    r"llm_|local_|bayan_|workspace_|allow|lock_|max_upload|max_workspace|queries_|questions_"
    r"|memory_ceiling|stop_|admins"
)
"""Settings that say where things are and how much there may be of them: they do not change an answer."""
