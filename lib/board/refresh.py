"""Every tile's SQL on today's tables, one after another: what is new, what differs, what does not run any more."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from lib.asking.answer import Answer
from lib.asking.ask import with_findings
from lib.board import board
from lib.board.difference import difference
from lib.board.evidence import marks, require_dialect
from lib.board.exhibit import Exhibit
from lib.board.tile import Outcome, Refreshed, Tile
from lib.board.whole import whole
from lib.charts.choose import chosen
from lib.data.asked import asked
from lib.data.table import counted
from lib.data.workspace import Workspace
from lib.engine.result import Result
from lib.errors import QueryError

Given = TypeVar("Given")


@dataclass(frozen=True)
class Step:
    """The tile under way is `heading`, number `at` from 0 `of` all; `doing` says what is waited for."""

    at: int
    of: int
    heading: str
    doing: str = "Running the query"


def refresh(space: Workspace, tiles: Sequence[Tile]) -> Generator[Step, None, str]:
    """Run the tiles' SQL and keep what it gives, tile by tile; in the end a sentence about all of them.

    Yields about every 0.1 s while a query runs. Closing it stops the query and leaves the rest as it was. A tile whose
    SQL does not run keeps its rows and says so. Raises DataError when the board cannot be kept.
    """
    outcomes: Counter[Outcome] = Counter()
    for at, tile in enumerate(tiles):
        done = yield from _refreshed(space, tile, Step(at, len(tiles), tile.exhibit.heading))
        outcomes[done.outcome] += 1
    return _summary(outcomes)


def _refreshed(space: Workspace, tile: Tile, step: Step) -> Generator[Step, None, Refreshed]:
    try:
        new = yield from _anew(space, tile.exhibit, step)
    except QueryError as e:
        done = Refreshed("failed", str(e), time.time())
        _keep(space.folder, tile, lambda now: replace(now, refreshed=done))
        return done
    says = _difference(tile, new.result)
    done = Refreshed("changed" if says else "unchanged", says, time.time())
    _keep(space.folder, tile, lambda now: replace(now, exhibit=_with_rows(now.exhibit, new), refreshed=done))
    return done


def _anew(space: Workspace, old: Exhibit, step: Step) -> Generator[Step, None, Exhibit]:
    """The same answer on the tables as they are now, with its evidence. Raises QueryError."""
    require_dialect(old.dialect, space)
    result = yield from _followed(asked(space, old.sql, step.doing, own=False), step)
    read = time.time()
    yield replace(step, doing="Looking at what changed")
    findings = old.findings
    if findings is not None:
        asked_as = Answer(old.question, old.standalone, sql=old.sql, result=result, dialect=old.dialect)
        findings = with_findings(asked_as, space).findings
    spec = old.spec
    if result.columns != old.result.columns:
        spec = chosen(old.standalone or old.question, result)
    reduced = yield from _followed(whole(spec, old.sql, result, space), step)
    tables = marks(old.sql, space)
    return replace(
        old, result=result, spec=spec, findings=findings, tables=tables, engine=space.engine, read=read, reduced=reduced
    )


def _followed(steps: Generator[str, None, Given], step: Step) -> Generator[Step, None, Given]:
    with closing(steps):
        while True:
            try:
                yield replace(step, doing=next(steps))
            except StopIteration as end:
                given: Given = end.value
                return given


def _difference(tile: Tile, new: Result) -> str:
    if not tile.has_rows:
        return "Its rows are here now."
    return difference(tile.exhibit.result, new, tile.exhibit.spec)


def _with_rows(now: Exhibit, new: Exhibit) -> Exhibit:
    """The new answer under the title and the note that it has by now, and its chart if it still fits."""
    new = replace(new, title=now.title, note=now.note)
    changed_meanwhile = new.result.columns == now.result.columns and now.spec != new.spec
    return replace(new, spec=now.spec, reduced=None) if changed_meanwhile else new


def _keep(folder: Path, tile: Tile, how: Callable[[Tile], Tile]) -> None:
    with suppress(board.Gone):
        board.change(folder, tile.id, how)


def _summary(outcomes: Counter[Outcome]) -> str:
    words: dict[Outcome, str] = {"changed": "changed", "unchanged": "as before", "failed": "failed"}
    parts = [f"{outcomes[one]:,} {said}" for one, said in words.items() if outcomes[one]]
    return (
        f"{counted(outcomes.total(), 'answer')} refreshed: {', '.join(parts)}."
        if parts
        else "There is nothing to refresh."
    )
