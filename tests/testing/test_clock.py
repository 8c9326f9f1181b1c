"""Tests of L{txnames.testing.clock}."""

import pytest
from twisted.internet.interfaces import IReactorTime
from zope.interface.verify import verifyObject

from txnames.testing import SimulatedClock


def test_ownTimes() -> None:
    """Each function is called at its own time, those for the same time in order."""
    clock = SimulatedClock(100.0)
    assert verifyObject(IReactorTime, clock)
    seen: list[tuple[str, float]] = []
    for delay, name in ((2, "b"), (1, "a"), (2, "c"), (3, "d")):
        clock.callLater(delay, lambda name: seen.append((name, clock.seconds())), name=name)
    clock.advance(2.5)
    assert seen == [("a", 101), ("b", 102), ("c", 102)]
    assert clock.seconds() == 102.5
    assert [clock.step(), clock.step()] == [True, False]
    assert seen[3:] == [("d", 103)]
    assert clock.seconds() == 103


def test_callsOfCalls() -> None:
    """What a function asks for is called too, if it's due."""
    clock = SimulatedClock()
    seen: list[float] = []

    def again() -> None:
        seen.append(clock.seconds())
        clock.callLater(1, again)

    again()
    clock.advance(3)
    assert seen == [0, 1, 2, 3]


def test_moved() -> None:
    """A call can be put off, brought forward, and taken back."""
    clock = SimulatedClock()
    seen: list[str] = []
    first = clock.callLater(1, seen.append, "first")
    second = clock.callLater(2, seen.append, "second")
    third = clock.callLater(3, seen.append, "third")
    first.reset(4)
    third.reset(0.5)
    assert clock.getDelayedCalls() == [third, second, first]
    assert clock.next() == 0.5
    clock.advance(1)
    assert seen == ["third"]
    second.cancel()
    assert clock.next() == 4
    # Forward, and to where it was again: it is called once.
    first.reset(1)
    first.delay(2)
    assert (clock.seconds(), first.getTime()) == (1, 4)
    clock.advance(10)
    assert seen == ["third", "first"]
    assert clock.getDelayedCalls() == []
    assert clock.next() is None


def test_past() -> None:
    """Nothing can be called in the past."""
    for delay in (-1, float("nan")):
        with pytest.raises(ValueError, match="past"):
            SimulatedClock().callLater(delay, print)


def test_owners() -> None:
    """Calls can be told apart by who asked for them."""
    clock = SimulatedClock()
    mine, yours = object(), object()
    late = clock.callFor(mine, 2, print)
    early = clock.callFor(mine, 1, print)
    clock.callFor(yours, 1, print)
    assert clock.callsOf(mine) == [early, late]
    early.cancel()
    assert clock.callsOf(mine) == [late]


def test_manyTakenBack() -> None:
    """Calls that were taken back don't pile up."""
    clock = SimulatedClock()
    seen: list[int] = []
    clock.callLater(5, seen.append, 1)
    for _ in range(1000):
        clock.callLater(10, seen.append, 2).cancel()
    assert len(clock._heap) < 200
    clock.advance(10)
    assert seen == [1]
