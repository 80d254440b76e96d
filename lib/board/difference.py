"""How the rows of an answer differ from those of the same SQL before."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lib.board import fingerprint
from lib.charts.spec import Spec
from lib.data.table import counted
from lib.engine.result import Json, Result
from lib.engine.types import is_number

_LONGEST = 40
_SAME = 10.0 ** (1 - fingerprint.DIGITS)
Key = tuple[str, ...]


@dataclass(frozen=True)
class _Pair:
    """Two numbers in the same place. `scale` is the largest number of their column."""

    key: Key
    column: str
    old: float
    new: float
    scale: float

    @property
    def size(self) -> float:
        return abs(self.new - self.old) / self.scale


def difference(old: Result, new: Result, spec: Spec) -> str:
    """Sentences about what is other in the new rows; empty when nothing is. The order of rows does not count.

    `spec` is the chart of the old rows: what it has on an axis tells rows apart. The sentences are text.
    """
    if old.columns != new.columns:
        return _columns(old, new)
    if _length(old) == _length(new) and fingerprint.of_result(old) == fingerprint.of_result(new):
        return ""
    told = [*_more_or_fewer(old, new), *_values(old, new, spec)]
    if old.truncated or new.truncated:
        told.append(f"Only the first {new.table.num_rows:,} rows are compared.")
    return " ".join(told) or "The rows are others."


def _columns(old: Result, new: Result) -> str:
    before, now = ([f"{one.name} ({one.type})" for one in each.columns] for each in (old, new))
    came, went = [one for one in now if one not in before], [one for one in before if one not in now]
    parts = [f"new: {_listed(came)}"] * bool(came) + [f"gone: {_listed(went)}"] * bool(went)
    return f"The columns are others: {'; '.join(parts) or 'their order changed'}."


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(_cut, names[:5])) + (f" and {len(names) - 5:,} more" if len(names) > 5 else "")


def _length(result: Result) -> int | None:
    """How many rows there are; None where nobody counted them."""
    return result.total_rows if result.truncated else result.table.num_rows


def _more_or_fewer(old: Result, new: Result) -> Iterator[str]:
    before, now = _length(old), _length(new)
    if before is not None and now is not None and before != now:
        yield f"{counted(abs(now - before), 'row')} {'more' if now > before else 'fewer'}."


def _values(old: Result, new: Result, spec: Spec) -> Iterator[str]:
    """What differs in the rows that both have, and the largest change."""
    keys = _keys(old, spec)
    before, now = _by_key(old, keys), _by_key(new, keys)
    if before is None or now is None:
        return
    same = [key for key in before if key in now]
    rest = [at for at in range(len(old.columns)) if at not in keys]
    count = sum(not _alike(before[key][at], now[key][at]) for key in same for at in rest)
    if came := len(now) - len(same):
        yield f"{counted(came, 'row')} {'is' if came == 1 else 'are'} new."
    if count:
        yield f"{counted(count, 'value')} {'differs' if count == 1 else 'differ'}."
    largest = max(_pairs(old, before, now, same, rest), key=lambda one: one.size, default=None)
    if largest is not None and largest.size > _SAME:
        yield _told(largest)


def _keys(result: Result, spec: Spec) -> list[int]:
    """The columns that tell rows apart: all that are no numbers, and the numbers along which the chart is drawn."""
    axis = (spec.x,) if spec.kind in ("bar", "line", "area", "pie", "heatmap") else ()
    return [at for at, one in enumerate(result.columns) if not is_number(one.type) or at in axis]


def _by_key(result: Result, keys: Sequence[int]) -> dict[Key, list[Json]] | None:
    """The rows under their keys; None if two rows have the same."""
    rows = result.rows()
    found = {tuple(str(row[at]) for at in keys): row for row in rows}
    return found if len(found) == len(rows) else None


def _alike(one: Json, other: Json) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=_SAME)
    return one == other


def _pairs(
    result: Result,
    before: Mapping[Key, Sequence[Json]],
    now: Mapping[Key, Sequence[Json]],
    same: Sequence[Key],
    columns: Sequence[int],
) -> Iterator[_Pair]:
    for at in columns:
        both = [(key, before[key][at], now[key][at]) for key in same]
        numbers = [(key, a, b) for key, a, b in both if isinstance(a, int | float) and isinstance(b, int | float)]
        scale = max((max(abs(a), abs(b)) for _, a, b in numbers), default=0.0)
        if scale:
            yield from (_Pair(key, result.columns[at].name, a, b, scale) for key, a, b in numbers)


def _told(one: _Pair) -> str:
    where = f" of {_cut(', '.join(one.key))}" if any(one.key) else ""
    share = f" ({(one.new - one.old) / abs(one.old):+.0%})" if one.old and abs(one.new / one.old) < 100 else ""
    return f"Most of all {_cut(one.column)}{where}: from {_number(one.old)} to {_number(one.new)}{share}."


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
