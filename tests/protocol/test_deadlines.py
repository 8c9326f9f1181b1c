"""Tests of L{txnames.protocol.deadlines}."""

import pytest
from twisted.internet.task import Clock

from txnames.protocol.deadlines import Deadlines


class Waiter:
    """Takes down when its time is up."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.times: list[float] = []

    def expired(self) -> None:
        """Take it down."""
        self.times.append(self.clock.seconds())


@pytest.fixture
def clock() -> Clock:
    """A clock."""
    return Clock()


def test_order(clock: Clock) -> None:
    """Each is told at its time, whatever the order in which they were added."""
    deadlines = Deadlines(clock)
    waiters = [Waiter(clock) for _ in range(5)]
    for when, waiter in zip((3, 1, 5, 2, 4), waiters, strict=True):
        deadlines.add(when, waiter)
    assert len(deadlines) == 5
    for _ in range(6):
        clock.advance(1)
    assert [waiter.times for waiter in waiters] == [[3], [1], [5], [2], [4]]
    assert len(deadlines) == 0
    assert clock.getDelayedCalls() == []


def test_oneCall(clock: Clock) -> None:
    """However many deadlines there are, the reactor has one call, at the first of them."""
    deadlines = Deadlines(clock)
    for when in (5.0, 3.0, 4.0, 2.0):
        deadlines.add(when, Waiter(clock))
    assert [call.getTime() for call in clock.getDelayedCalls()] == [2.0]


def test_removed(clock: Clock) -> None:
    """One that was taken back isn't told; without any, the reactor has no call."""
    deadlines = Deadlines(clock)
    first, second = Waiter(clock), Waiter(clock)
    deadline, other = deadlines.add(1, first), deadlines.add(2, second)
    deadlines.remove(deadline)
    deadlines.remove(deadline)
    assert len(deadlines) == 1
    clock.advance(1.5)
    assert [call.getTime() for call in clock.getDelayedCalls()] == [2.0]
    clock.advance(1)
    assert (first.times, second.times) == ([], [2.5])
    deadlines.remove(other)
    deadlines.remove(deadlines.add(9, first))
    assert clock.getDelayedCalls() == []


def test_memory(clock: Clock) -> None:
    """Those that were taken back don't pile up."""
    deadlines = Deadlines(clock)
    deadlines.add(1000, Waiter(clock))
    for _ in range(1000):
        deadlines.remove(deadlines.add(500, Waiter(clock)))
    assert len(deadlines._heap) < 100
    kept = [deadlines.add(400 - number, Waiter(clock)) for number in range(200)]
    for deadline in kept[:150]:
        deadlines.remove(deadline)
    assert len(deadlines) == 51
    assert clock.getDelayedCalls()[0].getTime() == 201


def test_addedMeanwhile(clock: Clock) -> None:
    """What is added while others are told has its time too, and what is taken back then isn't told."""
    deadlines = Deadlines(clock)
    later = Waiter(clock)
    victim = Waiter(clock)

    class Adding(Waiter):
        def expired(self) -> None:
            deadlines.add(3, later)
            deadlines.remove(deadline)

    deadlines.add(1, Adding(clock))
    deadline = deadlines.add(1, victim)
    clock.advance(1)
    assert [call.getTime() for call in clock.getDelayedCalls()] == [3.0]
    clock.advance(2)
    assert (later.times, victim.times) == ([3], [])
    assert clock.getDelayedCalls() == []


def test_allTakenBackMeanwhile(clock: Clock) -> None:
    """Where those that are told take back all others, nothing remains; nor if they add one that is due at once."""
    deadlines = Deadlines(clock)
    late = Waiter(clock)

    class Ending(Waiter):
        def expired(self) -> None:
            deadlines.remove(other)
            deadlines.add(0.5, late)

    deadlines.add(1, Ending(clock))
    other = deadlines.add(5, Waiter(clock))
    clock.advance(1)
    assert late.times == [1]
    assert len(deadlines) == 0
    assert clock.getDelayedCalls() == []


def test_failing(clock: Clock) -> None:
    """One that raises an error doesn't keep the others from their time."""
    deadlines = Deadlines(clock)
    waiter = Waiter(clock)

    class Failing(Waiter):
        def expired(self) -> None:
            raise ValueError("of no concern to others")

    deadlines.add(1, Failing(clock))
    deadlines.add(1, waiter)
    with pytest.raises(ValueError, match="of no concern"):
        clock.advance(1)
    clock.advance(0)
    assert waiter.times == [1]


def test_clear(clock: Clock) -> None:
    """All can be taken back at once, and are given back."""
    deadlines = Deadlines(clock)
    waiters = [Waiter(clock) for _ in range(3)]
    taken = [deadlines.add(when, waiter) for when, waiter in enumerate(waiters)]
    deadlines.remove(taken[1])
    assert deadlines.clear() == [waiters[0], waiters[2]]
    deadlines.remove(taken[0])
    assert len(deadlines) == 0
    assert clock.getDelayedCalls() == []
    clock.advance(10)
    assert waiters[0].times == []
