"""The clock of a network in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import Any, Final

from twisted.internet.base import DelayedCall
from twisted.internet.task import Clock

__all__ = ["SimulatedClock"]

_FEW: Final = 64
"""How many calls that will not be made are kept before it is looked whether they are too many."""


class _Call(DelayedCall):
    """A call to come, and on whose behalf it is made."""

    owner: Any = None


class SimulatedClock(Clock):
    """A clock that goes when it is told to, and calls each function at that function's own time.

    Twisted's C{Clock} jumps to where it is advanced, and then calls all that is due; here a function sees the time for
    which it was asked, and functions for the same time are called in the order in which they were asked for.
    """

    def __init__(self, start: float = 0.0) -> None:
        """Make a clock that shows C{start}, in seconds."""
        super().__init__()
        self._now = start
        self._heap: list[tuple[float, int, _Call]] = []
        self._order = 0
        self._gone = 0

    def seconds(self) -> float:
        """The time that the clock shows, in seconds."""
        return self._now

    def callLater(self, delay: float, callable: Callable[..., object], *args: object, **kw: object) -> DelayedCall:
        """Have a function called after some seconds.

        @raise ValueError: the time is in the past.
        """
        return self.callFor(None, delay, callable, args, kw)

    def callFor(
        self,
        owner: Any,
        delay: float,
        what: Callable[..., object],
        args: Sequence[Any] = (),
        kw: Mapping[str, Any] | None = None,
    ) -> DelayedCall:
        """Have a function called after some seconds, on behalf of an owner; see L{callsOf}.

        @raise ValueError: the time is in the past.
        """
        if not delay >= 0:
            raise ValueError(f"{delay} seconds from now is in the past")
        when = self._now + delay
        call = _Call(when, what, args, dict(kw or {}), self._cancelled, self._push, self.seconds)
        call.owner = owner
        self._push(call)
        return call

    def getDelayedCalls(self) -> list[DelayedCall]:
        """All calls to come, the next one first."""
        return self._calls(lambda call: True)

    def callsOf(self, owner: Any) -> list[DelayedCall]:
        """The calls to come that were asked for on behalf of an owner, the next one first."""
        return self._calls(lambda call: call.owner is owner)

    def _calls(self, wanted: Callable[[_Call], bool]) -> list[DelayedCall]:
        """Some of the calls to come, the next one first."""
        live = dict.fromkeys(call for _, _, call in self._heap if call.active() and wanted(call))
        return sorted(live, key=DelayedCall.getTime)

    def next(self) -> float | None:
        """When the next call is due; C{None} if there is none."""
        heap = self._heap
        while heap:
            when, _, call = heap[0]
            if call.active() and call.getTime() == when:
                return when
            heappop(heap)
            # A call that is put off does not say so: that is found out when its old time has come.
            if call.active() and call.getTime() > when:
                call.activate_delay()
                self._push(call)
        self._gone = 0
        return None

    def step(self) -> bool:
        """Go to the time of the next call, and make it.

        @return: whether there was one.
        """
        when = self.next()
        if when is None:
            return False
        call = heappop(self._heap)[2]
        self._now = max(self._now, when)
        call.called = 1
        call.func(*call.args, **call.kw)
        return True

    def advance(self, amount: float) -> None:
        """Let some seconds pass, and make the calls that are due in them."""
        end = self._now + amount
        while (when := self.next()) is not None and when <= end:
            self.step()
        self._now = max(self._now, end)

    def _push(self, call: Any) -> None:
        """Put a call in its place; an earlier entry of it is dropped when it is met."""
        self._order += 1
        heappush(self._heap, (call.getTime(), self._order, call))

    def _cancelled(self, call: DelayedCall) -> None:
        """Drop the calls that will not be made, once they are most of all."""
        self._gone += 1
        if self._gone > _FEW and self._gone * 2 > len(self._heap):
            self._heap = [entry for entry in self._heap if entry[2] is not call and entry[2].active()]
            heapify(self._heap)
            self._gone = 0
