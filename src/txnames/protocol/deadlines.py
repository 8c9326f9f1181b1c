"""Many deadlines over one delayed call of the reactor."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import Any, Final, Protocol

from twisted.internet.interfaces import IDelayedCall

__all__ = ["Deadline", "Deadlines", "Expiring"]

_NEVER: Final = float("inf")
_SLACK: Final = 1e-6
"""Seconds by which a delayed call may come early, as sums of floating point numbers do."""

_SPARE: Final = 64
"""How many deadlines that are of no use any more are kept before it is looked whether they are too many."""

Deadline = list[Any]
"""When; in which order; whose it is, C{None} for nobody's any more."""


class Expiring(Protocol):
    """Something whose time can be up."""

    def expired(self) -> None:
        """Take note that the time is up."""


class Deadlines:
    """Tells things that their time is up; the reactor has one delayed call for all, and none where nothing waits.

    Taking a deadline back costs next to nothing: it stays where it is until its time comes, or until such deadlines
    are half of all.
    """

    __slots__ = ("_at", "_call", "_heap", "_live", "_next", "_reactor")

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._heap: list[Deadline] = []
        self._live = 0
        self._next = 0
        self._call: IDelayedCall | None = None
        self._at = _NEVER

    def __len__(self) -> int:
        """How many deadlines there are."""
        return self._live

    def add(self, when: float, expiring: Expiring) -> Deadline:
        """Have something told at a time, in seconds of the reactor's clock.

        @return: the deadline, for L{remove}.
        """
        self._next = order = self._next + 1
        deadline = [when, order, expiring]
        heappush(self._heap, deadline)
        self._live += 1
        if when < self._at:
            self._arm(when)
        return deadline

    def remove(self, deadline: Deadline) -> None:
        """Take a deadline back; one that has passed, or was taken back, is let be."""
        if deadline[2] is None:
            return
        deadline[2] = None
        self._live = live = self._live - 1
        if not live:
            self._heap.clear()
            self._disarm()
        elif len(self._heap) > 2 * live + _SPARE:
            self._heap = [one for one in self._heap if one[2] is not None]
            heapify(self._heap)

    def clear(self) -> list[Any]:
        """Take all deadlines back.

        @return: those whose they were.
        """
        waiting = [deadline[2] for deadline in self._heap if deadline[2] is not None]
        for deadline in self._heap:
            deadline[2] = None
        self._heap.clear()
        self._live = 0
        self._disarm()
        return waiting

    def _arm(self, when: float) -> None:
        """Have the reactor call at a time, and at no other."""
        self._at = when
        delay = max(0.0, when - self._reactor.seconds())
        if self._call is None:
            self._call = self._reactor.callLater(delay, self._due)
        else:
            self._call.reset(delay)

    def _disarm(self) -> None:
        """Have the reactor call no more."""
        self._at = _NEVER
        if self._call is not None:
            self._call.cancel()
            self._call = None

    def _due(self) -> None:
        """Tell those whose time is up."""
        self._call = None
        now = self._reactor.seconds() + _SLACK
        # Deadlines that are added meanwhile need not arm.
        self._at = -_NEVER
        try:
            while (heap := self._heap) and (heap[0][2] is None or heap[0][0] <= now):
                deadline = heappop(heap)
                expiring = deadline[2]
                if expiring is not None:
                    deadline[2] = None
                    self._live -= 1
                    expiring.expired()
        finally:
            if self._live:
                self._arm(self._heap[0][0])
            else:
                self._heap.clear()
                self._disarm()
