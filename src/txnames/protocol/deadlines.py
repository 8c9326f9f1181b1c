"""Many deadlines over one delayed call of the reactor."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import Any, Final

from twisted.internet.interfaces import IDelayedCall

__all__ = ["Deadline", "Deadlines"]

_NEVER: Final = float("inf")
_SLACK: Final = 1e-6
"""Seconds by which a delayed call may come early, as sums of floating point numbers do."""

_SPARE: Final = 64
"""How many deadlines that are of no use any more are kept before it is looked whether they are too many."""

Deadline = list[Any]
"""When, in which order, and what is to be called: C{None} for nothing any more."""


class Deadlines:
    """Calls functions at their times; the reactor has one delayed call for all, and none while nothing is due.

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

    def add(self, when: float, expired: Callable[[], None]) -> Deadline:
        """Have a function called at a time, in seconds of the reactor's clock.

        @return: the deadline, for L{remove}.
        """
        self._next = order = self._next + 1
        deadline = [when, order, expired]
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

    def clear(self) -> None:
        """Take all deadlines back."""
        for deadline in self._heap:
            deadline[2] = None
        self._heap.clear()
        self._live = 0
        self._disarm()

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
        """Call what is due."""
        self._call = None
        now = self._reactor.seconds() + _SLACK
        # Deadlines that are added meanwhile need not arm.
        self._at = -_NEVER
        try:
            while (heap := self._heap) and (heap[0][2] is None or heap[0][0] <= now):
                deadline = heappop(heap)
                expired = deadline[2]
                if expired is not None:
                    deadline[2] = None
                    self._live -= 1
                    expired()
        finally:
            if self._live:
                self._arm(self._heap[0][0])
            else:
                self._heap.clear()
                self._disarm()
