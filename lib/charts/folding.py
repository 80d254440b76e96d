"""Many groups become few: the largest ones, and one for all others. What the engine folded already stays so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lib.charts.labels import key, shown
from lib.engine.result import Json

OTHER = "\u2063Other"
"""How the value begins that stands for all other groups: with a mark that nobody sees and no file has."""


@dataclass(frozen=True)
class Group:
    """One distinct value of a column. `other` is the group of all that are not drawn by themselves."""

    key: str
    value: Json
    label: str
    other: bool = False

    @classmethod
    def of(cls, value: Json) -> Group:
        if isinstance(value, str) and value.startswith(OTHER):
            return cls(OTHER, None, value[1:], other=True)
        return cls(key(value), value, shown(value))


def key_of(value: Json) -> str:
    """The key of the value's group."""
    return OTHER if isinstance(value, str) and value.startswith(OTHER) else key(value)


def groups(values: Iterable[Json]) -> dict[str, Group]:
    """The distinct values by their keys, in the order in which they come."""
    found: dict[str, Group] = {}
    for value in values:
        if (one := key_of(value)) not in found:
            found[one] = Group.of(value)
    return found


def kept(sizes: Mapping[str, float], most: int, *, with_other: bool) -> set[str]:
    """The keys of the largest groups, one fewer when the others have a group of their own."""
    if len(sizes) <= most:
        return set(sizes)
    ranked = sorted((one for one in sizes if one != OTHER), key=lambda one: -sizes[one])
    return set(ranked[: most - 1 if with_other else most])


def other(left_out: int) -> Group:
    """The group for so many others."""
    return Group(OTHER, None, f"Other ({left_out:,})", other=True)


def natural_order(found: Sequence[Group]) -> list[Group]:
    """Numbers by size, texts by the alphabet, what is missing after them, and all others at the end."""
    return sorted(found, key=_rank)


def _rank(one: Group) -> tuple[bool, int, float, str]:
    if isinstance(one.value, int | float):
        return (one.other, 0, one.value, "")
    return (one.other, 2 if one.value is None else 1, 0.0, one.label.casefold())
