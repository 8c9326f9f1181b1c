"""Secondaries that learn from a catalog zone which zones there are (RFC 9432)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.python import log

from txnames.secondary import SecondaryAuthority
from txnames.wire.name import Name
from txnames.zone.catalog import CatalogError, Member, readCatalog
from txnames.zone.closed import ClosedZone

__all__ = ["CatalogFollower"]


class CatalogFollower:
    """Has zones copied, and dropped again, as a catalog says.

    A catalog that is broken changes nothing.  A zone that is configured otherwise, or belongs to another catalog, is
    left to that; one whose label in the catalog changes is dropped and copied anew (RFC 9432 section 5.4).

    @ivar catalog: the secondary for the catalog zone itself.
    @ivar members: the secondaries for its zones, by their names, folded and in wire form.
    """

    def __init__(
        self,
        catalog: SecondaryAuthority,
        isTaken: Callable[[bytes], bool],
        add: Callable[[Name], SecondaryAuthority],
        remove: Callable[[SecondaryAuthority], Any],
    ) -> None:
        """Follow a catalog from now on.

        @param isTaken: whether a zone is served already, for another reason.
        @param add: begins to copy a zone from the catalog's primaries.
        @param remove: ends that.
        """
        self.catalog = catalog
        self.members: dict[bytes, SecondaryAuthority] = {}
        self._labels: dict[bytes, bytes] = {}
        self._isTaken = isTaken
        self._add = add
        self._remove = remove
        catalog.watch(self.look)

    def look(self) -> None:
        """Look what the catalog says now."""
        zone = self.catalog.zone
        if zone is None or isinstance(zone, ClosedZone):
            # Zones are served for as long as their own times say.
            return
        try:
            found = readCatalog(zone).members
        except CatalogError as error:
            log.msg(f"the catalog {zone.origin} changes nothing: {error}")
            return
        for apex in [*self.members]:
            if apex in self.members and (apex not in found or found[apex].label != self._labels[apex]):
                self._drop(apex)
        for apex, member in found.items():
            if apex not in self.members:
                try:
                    self._take(apex, member)
                except Exception:
                    # What is wrong with one zone is nothing to the others.
                    log.err(None, f"the catalog {zone.origin}: {member.zone}")

    def _drop(self, apex: bytes) -> None:
        """Drop a zone."""
        authority = self.members.pop(apex)
        del self._labels[apex]
        log.msg(f"the catalog {self.catalog.origin} drops {authority.origin}")
        self._remove(authority)

    def _take(self, apex: bytes, member: Member) -> None:
        """Copy a zone."""
        if self._isTaken(apex):
            log.msg(f"the catalog {self.catalog.origin} has {member.zone}, which is served already")
            return
        log.msg(f"the catalog {self.catalog.origin} brings {member.zone}")
        made = self._add(member.zone)
        self._labels[apex] = member.label
        self.members[apex] = made
