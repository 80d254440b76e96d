"""Single numbers as a page shows them: with their unit, and with the change against the period before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lib.charts import moments
from lib.charts.labels import shown, worded
from lib.charts.numbers import Number, Unit, full, number, unit_of
from lib.charts.shape import Rows
from lib.charts.spec import Spec
from lib.engine.result import Column, Json


@dataclass(frozen=True)
class Metric:
    """A number as text. `change` is None without a period before, and begins with a hyphen where the number fell.

    All three are text and not Markdown.
    """

    label: str
    value: str
    change: str | None = None


def metrics(spec: Spec, columns: Sequence[Column], rows: Rows) -> tuple[Metric, ...]:
    """The numbers of a spec of the kind metric. With an `x`, those of the last period, else those of the first row."""
    if spec.kind != "metric" or not spec.fits(len(columns)) or not rows:
        return ()
    if spec.x is not None:
        rows = _in_time(rows, spec.x, columns[spec.x])
        row, before = rows[-1], rows[-2] if len(rows) > 1 else None
        return tuple(_metric(columns[y], row[y], before[y] if before else None) for y in spec.y)
    return tuple(
        _metric(columns[y], rows[0][y], rows[0][spec.previous] if spec.previous is not None and at == 0 else None)
        for at, y in enumerate(spec.y)
    )


def _in_time(rows: Rows, x: int, column: Column) -> list[Sequence[Json]]:
    """The rows by their period; those without one come first."""
    texts = [value for row in rows if isinstance(value := row[x], str) and number(value, column.type) is None]
    ranks = moments.ranks(set(texts))

    def place(row: Sequence[Json]) -> tuple[int, float, str]:
        value = row[x]
        size = number(value, column.type)
        if size is not None:
            return 2, float(size), ""
        return (1, float(ranks.get(value, -1)), value) if isinstance(value, str) else (0, 0.0, "")

    return sorted(rows, key=place)


def _metric(column: Column, value: Json, before: Json) -> Metric:
    now, then = number(value, column.type), number(before, column.type)
    unit = unit_of(column.name, [now, then])
    text = shown(value) if now is None else full(now, unit)
    return Metric(worded(column.name), text, None if now is None or then is None else _change(now, then, unit))


def _change(now: Number, then: Number, unit: Unit) -> str:
    """The change as a number, and in percent where there was something to change."""
    change = now - then
    if isinstance(change, float):
        change = float(f"{change:.12g}")  # 0.3 - 0.2 is not 0.1
    text = ("+" if change > 0 else "") + full(change, unit).replace("−", "-")
    if then == 0:
        return text
    return f"{text} ({'+' if change > 0 else '-' if change < 0 else ''}{full(round(abs(100 * change / then), 1))}%)"
