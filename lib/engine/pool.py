"""Places for the queries that run, and warm spare workers that wait for the next ones.

Whose turn it is: of those who wait, whoever has the fewest queries on their way; among them, who came first. Nobody
has more than their share of the places while others run or wait. A query that has run for `SLOW_SECONDS` gives its
place back and goes on at the lowest priority, so that no number of endless queries keeps the short ones waiting; so
many may do that at once as memory allows.
"""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from math import ceil

import psutil

from lib.engine.process import FORKS, Started, Template, Worker

SLOW_SECONDS = 2.0
SLOW_FOR_EACH_PLACE = 4
"""How many slow queries may go on for each place, if memory allows."""

KEPT_SECONDS = 5.0
"""How long spares outlive the last engine: a page that is loaded anew closes its engine and opens it again."""

MEMORY_EVERY = 1.0
"""Seconds after which those who wait look again whether others left them memory."""

_MB = 1 << 20


@dataclass(eq=False)
class Ticket:
    """One query's wait for a place, and its stay there."""

    owner: str
    at_once: int
    memory_mb: int
    given_up: bool = False
    ahead: int | None = None
    """How many queries go before it; None when it does not wait."""
    slow: bool = field(default=False, init=False)


class Pool:
    """The workers of this process. All engines share one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[Ticket] = []
        self._running: list[Ticket] = []
        self._engines = 0
        self._spares: list[Worker] = []
        self._most_spares = 0
        self._template = Template()
        self._ending = threading.Timer(KEPT_SECONDS, self._end_spares)

    def open(self, spares: int) -> None:
        """An engine is here: keep so many spares ready."""
        with self._changed:
            self._engines += 1
            self._most_spares = spares
        self.refill()

    def close(self) -> None:
        """An engine is gone; a while after the last one no spare is left."""
        with self._changed:
            self._engines -= 1
            if not self._engines:
                self._ending.cancel()
                self._ending = threading.Timer(KEPT_SECONDS, self._end_spares)
                self._ending.daemon = True  # spares of a process that ends go too: they read the end of their pipe
                self._ending.start()

    def _end_spares(self) -> None:
        with self._changed:
            if self._engines:
                return
            gone, self._spares = self._spares, []
            self._template.end()
        for spare in gone:
            spare.end()

    def enter(self, ticket: Ticket) -> bool:
        """Wait for a place. False if the ticket was given up before there was one."""
        with self._changed:
            self._waiting.append(ticket)
            self._changed.notify_all()
            while not ticket.given_up:
                order = self._order()
                if order[0] is ticket and self._has_place_for(ticket):
                    break
                ticket.ahead = order.index(ticket)
                self._changed.wait(MEMORY_EVERY)
            self._waiting.remove(ticket)
            ticket.ahead = None
            self._changed.notify_all()
            if ticket.given_up:
                return False
            self._running.append(ticket)
            return True

    def slow(self, ticket: Ticket) -> None:
        """Say that its query takes long: it holds no place any more."""
        with self._changed:
            ticket.slow = True
            self._changed.notify_all()

    def leave(self, ticket: Ticket) -> None:
        with self._changed:
            self._running.remove(ticket)
            self._changed.notify_all()

    def give_up(self, ticket: Ticket) -> None:
        """Let it wait no longer."""
        with self._changed:
            ticket.given_up = True
            self._changed.notify_all()

    def load(self) -> tuple[int, int, int]:
        """How many queries run, how many wait, and how many spare workers are ready."""
        with self._changed:
            return len(self._running), len(self._waiting), len(self._spares)

    def _order(self) -> list[Ticket]:
        """Those who wait, the next one first."""
        before = Counter(one.owner for one in self._running)
        turns: dict[Ticket, int] = {}
        for one in self._waiting:
            turns[one] = before[one.owner]
            before[one.owner] += 1
        # Who has their share of the places waits behind those who have not, and blocks nobody.
        return sorted(self._waiting, key=lambda one: (self._has_share(one), turns[one]))

    def _has_share(self, ticket: Ticket) -> bool:
        owners = {one.owner for one in (*self._running, *self._waiting)}
        held = sum(one.owner == ticket.owner for one in self._running)
        return held >= ceil(ticket.at_once / len(owners))

    def _has_place_for(self, ticket: Ticket) -> bool:
        slow = sum(one.slow for one in self._running)
        if not self._running:
            return True
        return (
            len(self._running) - slow < ticket.at_once
            and len(self._running) < ticket.at_once * (1 + SLOW_FOR_EACH_PLACE)
            and not self._has_share(ticket)
            and _free_memory() > ticket.memory_mb * _MB
        )

    def take(self) -> Worker:
        """The spare that waits longest if there is one, else a new worker."""
        while True:
            with self._changed:
                if not self._spares:
                    return self._new()
                spare = self._spares.pop(0)
            if spare.alive:
                return spare
            spare.end()

    def refill(self) -> None:
        """Start the spares that are missing, as many as memory has room for."""
        # Where no process can be started, the next query finds no spare, tries itself, and tells.
        with self._changed, suppress(OSError):
            while self._engines and len(self._spares) < self._most_spares:
                self._spares.append(self._new())

    def _new(self) -> Worker:
        return self._template.worker() if FORKS else Started()


def _free_memory() -> int:
    """Bytes that a new query could use before others lose theirs."""
    return int(psutil.virtual_memory().available)
