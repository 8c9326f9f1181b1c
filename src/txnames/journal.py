"""The differences between the versions of a zone that there were, for incremental transfers (RFC 1995 section 5)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

from txnames.zone.difference import Difference, difference, isEmpty
from txnames.zone.serial import isNewer
from txnames.zone.tree import Zone

__all__ = ["Journal"]

_OCTETS: Final = 16_000_000


class Journal:
    """The last versions of a zone: what led from each to the next, and the present one.

    @ivar zone: the present version.
    @ivar maximum: how many octets of differences are kept, more or less.
    """

    def __init__(self, zone: Zone, history: Iterable[Difference] = (), *, maximum: int = _OCTETS) -> None:
        """Begin with a version.

        @param history: what led to it, in order; a part of it that doesn't lead there is of no use, and is left out.
        """
        self.zone = zone
        self.maximum = maximum
        self._differences: deque[Difference] = deque()
        self._octets = 0
        for one in history:
            if self._differences and self._differences[-1].newSOA != one.oldSOA:
                self._clear()
            self._add(one)
        if self._differences and self._differences[-1].newSOA != zone.soa:
            self._clear()

    @property
    def history(self) -> tuple[Difference, ...]:
        """The differences, the oldest first."""
        return tuple(self._differences)

    def _clear(self) -> None:
        """Forget all older versions."""
        self._differences.clear()
        self._octets = 0

    def _add(self, one: Difference) -> None:
        """Take in a difference; the oldest go where they are too many."""
        self._differences.append(one)
        self._octets += one.size
        while self._octets > self.maximum:
            self._octets -= self._differences.popleft().size

    def advance(self, zone: Zone, differences: Iterable[Difference] | None = None) -> tuple[Difference, ...]:
        """Take note of another version.

        @param differences: what leads to it; by default that is found out.
        @return: what leads to it.  Nothing where the version is the same, or its serial isn't newer: then nobody who
            has an older version could tell what he has, and the versions before are forgotten.
        """
        old, self.zone = self.zone, zone
        if not isNewer(zone.serial, old.serial):
            if not isEmpty(difference(old, zone)):
                self._clear()
            return ()
        found = (difference(old, zone),) if differences is None else tuple(differences)
        for one in found:
            self._add(one)
        return found

    def since(self, serial: int) -> tuple[Difference, ...] | None:
        """What leads from an older version to the present one, in order.

        @return: nothing where that is the present one; C{None} where it is not known.
        """
        if serial == self.zone.serial:
            return ()
        found: list[Difference] = []
        for one in reversed(self._differences):
            found.append(one)
            if one.oldSerial == serial:
                found.reverse()
                return tuple(found)
        return None
