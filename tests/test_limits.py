"""The limiter: how many at once, how many a second, in which order, and how a wait ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event, Lock, Thread

import pytest

from lib.llm.limits import Limiter, Stopped, limiter
from lib.settings import Settings

PATIENCE = 10.0


class Person:
    """Somebody who waits for a slot in a thread of their own and keeps it until told to leave."""

    def __init__(self, limits: Limiter, entered: Callable[[Person], None] = lambda person: None) -> None:
        self.told: list[tuple[float, int]] = []
        self.stopped, self.waits, self.next, self.inside, self.leave, self.gone = (Event() for _ in range(6))
        self._limits, self._entered = limits, entered
        Thread(target=self._live, daemon=True).start()

    def _live(self) -> None:
        try:
            with self._limits.slot(self.stopped, self._hear):
                self._entered(self)
                self.inside.set()
                assert self.leave.wait(PATIENCE)
        except Stopped:
            pass
        self.gone.set()

    def _hear(self, seconds: float, ahead: int) -> None:
        self.told.append((seconds, ahead))
        self.waits.set()
        if ahead == 0:
            self.next.set()


def test_no_more_than_allowed_are_inside_at_once() -> None:
    limits, lock = Limiter(rate=1000, burst=1000, at_once=3), Lock()
    now, most = 0, 0

    def visit() -> None:
        nonlocal now, most
        with limits.slot(Event(), lambda seconds, ahead: None):
            with lock:
                now += 1
                most = max(most, now)
            time.sleep(0.005)
            with lock:
                now -= 1

    threads = [Thread(target=visit) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert (now, most) == (0, 3)


def test_first_come_first_served() -> None:
    limits = Limiter(rate=1000, burst=1000, at_once=1)
    order: list[Person] = []
    first = Person(limits, order.append)
    assert first.inside.wait(PATIENCE)
    queue = []
    for _ in range(5):
        queue.append(Person(limits, order.append))
        assert queue[-1].waits.wait(PATIENCE)
    for person in (first, *queue):
        assert person.inside.wait(PATIENCE)
        person.leave.set()
    assert order == [first, *queue]
    assert [person.told[0][1] for person in queue] == [0, 1, 2, 3, 4]


def test_who_waits_hears_that_the_others_leave() -> None:
    limits = Limiter(rate=1000, burst=1000, at_once=1)
    people = []
    for _ in range(3):
        people.append(Person(limits))
        assert (people[-1].waits if people[1:] else people[-1].inside).wait(PATIENCE)
    people[0].leave.set()
    assert people[1].inside.wait(PATIENCE)
    assert people[2].next.wait(PATIENCE)
    people[1].leave.set()
    assert people[2].inside.wait(PATIENCE)
    people[2].leave.set()
    assert [ahead for _, ahead in people[2].told] == [1, 0]


def test_burst_goes_at_once_and_the_next_one_waits_for_the_bucket() -> None:
    limits = Limiter(rate=5, burst=3, at_once=100)
    told: list[float] = []
    started = time.monotonic()
    for _ in range(3):
        with limits.slot(Event(), lambda seconds, ahead: told.append(seconds)):
            pass
    assert told == []
    with limits.slot(Event(), lambda seconds, ahead: told.append(seconds)):
        assert time.monotonic() - started >= 0.19
    assert 0 < told[0] <= 0.2


def test_bucket_holds_no_more_than_the_burst() -> None:
    limits, stopped = Limiter(rate=0.001, burst=2, at_once=100), Event()
    for _ in range(2):
        with limits.slot(stopped, lambda seconds, ahead: None):
            pass
    with pytest.raises(Stopped), limits.slot(stopped, lambda seconds, ahead: stopped.set()):
        pass


def test_idle_time_fills_the_bucket_no_higher_than_the_burst() -> None:
    limits, told = Limiter(rate=5, burst=2, at_once=100), Event()
    Event().wait(0.5)
    for _ in range(3):
        assert not told.is_set()
        with limits.slot(Event(), lambda seconds, ahead: told.set()):
            pass
    assert told.is_set()


def test_stopping_ends_the_wait_and_lets_the_next_one_move_up() -> None:
    limits = Limiter(rate=1000, burst=1000, at_once=1)
    inside = Person(limits)
    assert inside.inside.wait(PATIENCE)
    quitter = Person(limits)
    assert quitter.waits.wait(PATIENCE)
    last = Person(limits)
    assert last.waits.wait(PATIENCE)
    quitter.stopped.set()
    assert quitter.gone.wait(1.0)
    assert not quitter.inside.is_set()
    inside.leave.set()
    assert last.inside.wait(PATIENCE)
    last.leave.set()


def test_who_has_stopped_gets_no_slot_even_if_there_is_one() -> None:
    stopped = Event()
    stopped.set()
    with pytest.raises(Stopped), Limiter(1, 1, 1).slot(stopped, lambda seconds, ahead: None):
        pass


@pytest.mark.parametrize("way_out", [ValueError, KeyboardInterrupt, GeneratorExit])
def test_slot_comes_back_however_the_block_is_left(way_out: type[BaseException]) -> None:
    limits = Limiter(rate=1000, burst=1000, at_once=1)
    with pytest.raises(way_out), limits.slot(Event(), lambda seconds, ahead: None):
        raise way_out
    again = Person(limits)
    assert again.inside.wait(PATIENCE)
    again.leave.set()


def test_process_has_one_limiter_for_each_endpoint() -> None:
    one, two = "https://one.example/v1", "https://two.example/v1"
    assert limiter(one, Settings()) is limiter(one, Settings())
    assert limiter(one, Settings()) is not limiter(two, Settings())
