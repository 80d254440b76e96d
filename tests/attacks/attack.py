"""The shape of every case: what is sent, through which door, and what it would have won."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Attack(Generic[T_co]):
    """`area` names the door, `name` the case within it; `prize` is what the attacker would have if it went through."""

    area: str
    name: str
    sent: T_co
    prize: str

    @property
    def id(self) -> str:
        return f"{self.area}: {self.name}"


def attacks(area: str, prize: str, sent: Mapping[str, T]) -> tuple[Attack[T], ...]:
    """Cases by name that all want the same."""
    return tuple(Attack(area, name, one, prize) for name, one in sent.items())


def each(area: str, cases: Iterable[tuple[str, T, str]]) -> tuple[Attack[T], ...]:
    """Cases of which each wants something of its own: name, what is sent, prize."""
    return tuple(Attack(area, name, sent, prize) for name, sent, prize in cases)
