"""A store whose entries expire: bounded in number and in octets, the least recently used go first.

There is one delayed call for all entries, and none while the store is empty.  It only gives memory back: an entry that
has expired is not given out, whether the call has come or not.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from heapq import heapify, heappop, heappush
from typing import Any, Generic, TypeVar

from twisted.internet.interfaces import IDelayedCall

__all__ = ["Expiring", "ExpiringStore"]

_NEVER = float("inf")

_PATIENCE = 1.0
"""The least seconds between two rounds in which expired entries are dropped."""

_SPARE = 1000
"""How many dates of entries that are gone are kept before it is looked whether they are too many."""


class Expiring:
    """What can be stored.

    @ivar dropped: when it is of no use any more, in seconds of the reactor's clock.
    @ivar size: the octets that it takes.
    """

    __slots__ = ("dropped", "size")

    dropped: float
    size: int


_Entry = TypeVar("_Entry", bound=Expiring)


class ExpiringStore(Generic[_Entry]):
    """Entries by their keys.

    @ivar maximumEntries: how many there may be.
    @ivar maximumOctets: how many octets they may take.
    @ivar octets: how many they take.
    @ivar evicted: how many had to make room for others.
    @ivar expired: how many were dropped because their time had come.
    """

    def __init__(self, clock: Callable[[], Any], maximumEntries: int, maximumOctets: int) -> None:
        """Make an empty store.

        @param clock: gives the reactor.
        """
        self.maximumEntries = maximumEntries
        self.maximumOctets = maximumOctets
        self.octets = 0
        self.evicted = 0
        self.expired = 0
        self._clock = clock
        self._entries: OrderedDict[Any, _Entry] = OrderedDict()
        self._dates: list[tuple[float, int, Any]] = []
        self._count = 0
        self._call: IDelayedCall | None = None
        self._closed = False

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Any]:
        """The keys, the least recently used first."""
        return iter(list(self._entries))

    def get(self, key: Any) -> _Entry | None:
        """Find an entry, which is then the most recently used one; whether it has expired is for the caller to see."""
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def peek(self, key: Any) -> _Entry | None:
        """Find an entry, without counting that as use."""
        return self._entries.get(key)

    def put(self, key: Any, entry: _Entry) -> None:
        """Store an entry, in the place of another with that key; one that is too large for the store is not stored."""
        self.discard(key)
        if self._closed or entry.size > self.maximumOctets or self.maximumEntries <= 0:
            return
        self._entries[key] = entry
        self.octets += entry.size
        while len(self._entries) > self.maximumEntries or self.octets > self.maximumOctets:
            _, old = self._entries.popitem(last=False)
            self.octets -= old.size
            self.evicted += 1
        if entry.dropped == _NEVER:
            return
        self._count += 1
        heappush(self._dates, (entry.dropped, self._count, key))
        if len(self._dates) > 2 * len(self._entries) + _SPARE:
            dated = [(one.dropped, key) for key, one in self._entries.items() if one.dropped != _NEVER]
            self._dates = [(when, number, key) for number, (when, key) in enumerate(dated)]
            self._count = len(self._dates)
            heapify(self._dates)
        if self._call is None:
            self._arm()

    def discard(self, key: Any) -> None:
        """Drop an entry, if there is one."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.octets -= entry.size

    def clear(self) -> None:
        """Drop all entries."""
        self._entries.clear()
        self._dates.clear()
        self.octets = 0
        if self._call is not None:
            self._call.cancel()
            self._call = None

    def close(self) -> None:
        """Drop all entries, and take none any more."""
        self.clear()
        self._closed = True

    def _arm(self) -> None:
        """Have the reactor call when the next entry expires, but not too soon."""
        reactor = self._clock()
        delay = max(_PATIENCE, self._dates[0][0] - reactor.seconds())
        self._call = reactor.callLater(delay, self._sweep)

    def _sweep(self) -> None:
        """Drop what has expired."""
        self._call = None
        now = self._clock().seconds()
        dates = self._dates
        while dates and dates[0][0] <= now:
            when, _, key = heappop(dates)
            entry = self._entries.get(key)
            if entry is not None and entry.dropped <= when:
                self.discard(key)
                self.expired += 1
        if dates:
            self._arm()
