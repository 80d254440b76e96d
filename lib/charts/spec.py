"""A chart as data: which columns of a result are drawn, and how. Small, validated, and never code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

Kind = Literal["table", "metric", "bar", "line", "area", "scatter", "pie", "histogram", "box", "heatmap"]
Aggregate = Literal["none", "sum", "mean", "median", "min", "max", "count"]
Sort = Literal["given", "x", "x_down", "value", "value_down"]

KINDS: tuple[Kind, ...] = get_args(Kind)
AGGREGATES: tuple[Aggregate, ...] = get_args(Aggregate)
SORTS: tuple[Sort, ...] = get_args(Sort)


@dataclass(frozen=True)
class Spec:
    """Columns are named by their position in the result, because names may repeat.

    kind       x                       y                         color
    table      -                       -                         -
    metric     the period of each row  numbers to show           -
    bar        categories              numbers, a series each    a column with a series for each value
    line,area  times or ordered x      numbers, a series each    a column with a series for each value
    scatter    a number or a time      one number                groups of points
    pie        the parts' labels       one number                -
    histogram  the number to count     -                         a column with a layer for each value
    box        groups, may be None     one number                -
    heatmap    columns of the grid     one: rows of the grid     the number that colours a cell

    `size` is a number that sizes a scatter's points; `previous` the column in which a metric's one row has the number
    of the period before (with `x`, it is the row before). `aggregate` says how rows that share a mark are put together;
    "none" means that none do, and "count" needs no `y`. `horizontal` lets bars lie, for long labels. `reason` is one
    sentence that says why this chart, `alternatives` the next best kinds, the best first.
    """

    kind: Kind
    reason: str = ""
    x: int | None = None
    y: tuple[int, ...] = ()
    color: int | None = None
    size: int | None = None
    previous: int | None = None
    aggregate: Aggregate = "none"
    sort: Sort = "given"
    stacked: bool = False
    horizontal: bool = False
    log: bool = False
    title: str = ""
    alternatives: tuple[Kind, ...] = ()

    @property
    def columns(self) -> tuple[int, ...]:
        """Every column that it names, each once."""
        named = (self.x, *self.y, self.color, self.size, self.previous)
        return tuple(dict.fromkeys(one for one in named if one is not None))

    def fits(self, width: int) -> bool:
        """Whether it names only columns of a result that is so many wide, and has those that its kind needs."""
        if any(not 0 <= one < width for one in self.columns):
            return False
        counts = self.aggregate == "count"
        match self.kind:
            case "table":
                return True
            case "metric":
                return bool(self.y)
            case "bar" | "line" | "area":
                return self.x is not None and (bool(self.y) or counts)
            case "scatter":
                return self.x is not None and len(self.y) == 1
            case "pie":
                return self.x is not None and (len(self.y) == 1 or counts)
            case "histogram":
                return self.x is not None
            case "box":
                return len(self.y) == 1
            case "heatmap":
                return self.x is not None and len(self.y) == 1 and (self.color is not None or counts)

    def to_json(self) -> dict[str, Any]:
        """As a history, a board and a report keep it."""
        return asdict(self)

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Spec:
        """The inverse. Raises ValueError for anything that `to_json` does not write: it may come from a file."""
        try:
            spec = cls(**{**given, "y": tuple(given["y"]), "alternatives": tuple(given["alternatives"])})
        except (TypeError, KeyError) as e:
            raise ValueError("This is no chart.") from e
        if not _is_sound(spec):
            raise ValueError("This is no chart.")
        return spec


def _is_sound(spec: Spec) -> bool:
    """Whether each field has a value of its type."""
    positions = (spec.x, *spec.y, spec.color, spec.size, spec.previous)
    return (
        spec.kind in KINDS
        and spec.aggregate in AGGREGATES
        and spec.sort in SORTS
        and all(one in KINDS for one in spec.alternatives)
        and all(one is None or (isinstance(one, int) and not isinstance(one, bool)) for one in positions)
        and all(isinstance(one, bool) for one in (spec.stacked, spec.horizontal, spec.log))
        and isinstance(spec.title, str)
        and isinstance(spec.reason, str)
    )
