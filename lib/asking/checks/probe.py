"""What the checks want to know of the data, asked together: one query for all of them.

A query costs a process of its own, much more than one more figure in it. So checks do not ask: they hand in a `Probe`,
the figures that they want and what to make of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lib.asking.checks.finding import Finding
from lib.errors import QueryError, QueryFailed, QueryRefused

if TYPE_CHECKING:
    from lib.engine.result import Result

MOST_FIGURES = 120
"""Figures of one query; checks that come later say nothing when there are more."""


@dataclass(frozen=True)
class Ask:
    """One figure: an aggregate, as SQL, over `rows`, which are a FROM and what follows it.

    `given` is the WITH before it, if any. `of_query` says that the rows are those of the query and not a table's.
    """

    rows: str
    figure: str
    given: str = ""
    of_query: bool = False


@dataclass(frozen=True)
class Probe:
    """`judge` gets a figure an ask, in their order."""

    asks: tuple[Ask, ...]
    judge: Callable[..., Finding | None]


Step = Finding | Probe


def settle(steps: Iterable[Step], run: Callable[[str], Result]) -> list[Finding]:
    """What is found, with at most three queries; a probe that the engine cannot answer finds nothing."""
    given = list(steps)
    probes = [one for one in given if isinstance(one, Probe)]
    known = _known(_fitting(probes), run)
    judged = (one.judge(*(known[ask] for ask in one.asks)) for one in probes if all(ask in known for ask in one.asks))
    return [one for one in (*given, *judged) if isinstance(one, Finding)]


def _fitting(probes: Sequence[Probe]) -> list[Ask]:
    asks: dict[Ask, None] = {}
    for probe in probes:
        if len(asks) + len(probe.asks) <= MOST_FIGURES:
            asks |= dict.fromkeys(probe.asks)
    return list(asks)


def _known(asks: Sequence[Ask], run: Callable[[str], Result]) -> dict[Ask, Any]:
    """The figures, in one query; when that has an error, in two, so that one bad figure silences fewer."""
    try:
        return _answered(asks, run)
    except (QueryFailed, QueryRefused):
        parts: list[list[Ask]] = [[ask for ask in asks if ask.of_query is own] for own in (True, False)]
        return {ask: figure for part in parts for ask, figure in _answered_if_possible(part, run).items()}
    except QueryError:
        return {}  # too long or too big: asking in another way would not be better


def _answered_if_possible(asks: Sequence[Ask], run: Callable[[str], Result]) -> dict[Ask, Any]:
    try:
        return _answered(asks, run)
    except QueryError:
        return {}


def _answered(asks: Sequence[Ask], run: Callable[[str], Result]) -> dict[Ask, Any]:
    if not asks:
        return {}
    groups: dict[tuple[str, str], list[Ask]] = {}
    for ask in asks:
        groups.setdefault((ask.given, ask.rows), []).append(ask)
    ordered = [ask for group in groups.values() for ask in group]
    (row,) = run(_together(groups)).rows()
    return dict(zip(ordered, row, strict=True))


def _together(groups: dict[tuple[str, str], list[Ask]]) -> str:
    number = 0
    parts: list[str] = []
    for (given, rows), asks in groups.items():
        figures = [f"{ask.figure} AS f{number + place}" for place, ask in enumerate(asks)]
        number += len(asks)
        parts.append(f"({given} SELECT {', '.join(figures)} {rows}) AS s{len(parts)}")
    return f"SELECT * FROM {' CROSS JOIN '.join(parts)}"
