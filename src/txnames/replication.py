"""All that a server does so that zones are the same everywhere: for other servers, and by other servers.

A L{Replication} stands between the authorities of a server and the rest of the world.  It follows the versions of each
zone, so that the differences between them can be sent to secondaries (L{txnames.transferring}); it tells these of each
new version (L{txnames.notifying}), and keeps the versions over restarts (L{txnames.zonestore}).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet import defer
from twisted.python import log

from txnames.journal import Journal
from txnames.secondary import Secondaries, SecondaryAuthority
from txnames.transferring import Sender
from txnames.zone.closed import ClosedZone
from txnames.zone.difference import Difference
from txnames.zone.serial import isNewer
from txnames.zone.tree import Zone

__all__ = ["Replication"]


class Replication:
    """Follows the zones of a server.

    @ivar sender: sends zones to other servers.
    @ivar secondaries: the copies of others' zones.
    @ivar notifier: tells other servers of changes; or C{None}.
    @ivar store: keeps versions over restarts; or C{None}.
    @ivar published: the authorities for zones of our own, and the journals of these.
    @ivar storedBefore: the versions that were stored when these were published, by the zones' names, folded and in wire
        form; those of zones that others may change, where what was loaded is not newer.
    """

    def __init__(self, sender: Sender | None = None, notifier: Any = None, store: Any = None) -> None:
        self.sender = Sender() if sender is None else sender
        self.notifier = notifier
        self.store = store
        self.secondaries = Secondaries()
        self.published: dict[Any, Journal] = {}
        self.storedBefore: dict[bytes, Zone] = {}
        self._kept: tuple[Difference, ...] | None = None

    # --- zones of our own ---

    def publish(self, authority: Any, updated: bool = False) -> Journal | None:
        """Follow the versions of an authority's zone from now on.

        @param authority: an L{txnames.interfaces.IZoneSource}.
        @param updated: whether others may change the zone, so that what is stored of it may be more than was loaded.
        @return: the journal of its zone; C{None} if it has none.
        """
        zone = authority.zone
        if zone is None:
            return None
        journal = self.published[authority] = self._restored(zone, updated)
        self.sender.remember(journal)
        authority.watch(lambda: self._changed(authority))
        return journal

    def _restored(self, zone: Zone, updated: bool) -> Journal:
        """The journal of a zone that was loaded, with what is stored of its versions before."""
        stored = None
        if self.store is not None:
            try:
                stored = self.store.load(zone.origin)
            except OSError as error:
                log.msg(f"what is stored of {zone.origin} was not read: {error}")
        if stored is None:
            journal = Journal(zone)
            self._save(journal)
            return journal
        journal = Journal(stored.zone, stored.journal)
        if updated and not isNewer(zone.serial, stored.zone.serial) and zone.nodes != stored.zone.nodes:
            # Updates were made that the file does not have.
            self.storedBefore[zone.apex] = stored.zone
            return journal
        self._advance(journal, zone)
        return journal

    def keep(self, authority: Any, zone: Zone, found: Difference) -> None:
        """Store the next version of an authority's zone, before it answers from it.

        @param found: what leads to it.
        @raise OSError: that failed.
        """
        try:
            self.store.append(zone.origin, found)
        except (LookupError, ValueError):
            # What is stored is another version, since storing one failed before.
            self.store.save(zone, (*self.published[authority].history, found))
        self._kept = (found,)

    def _changed(self, authority: Any) -> None:
        """Take note that an authority's zone is another."""
        zone, journal = authority.zone, self.published[authority]
        if zone is None or zone is journal.zone:
            return
        if self._advance(journal, zone):
            self._tell(zone)

    def _advance(self, journal: Journal, zone: Zone) -> bool:
        """Take note of another version of a zone.

        @return: whether it is newer.
        """
        old = journal.zone
        kept, self._kept = self._kept, None
        differences = journal.advance(zone, kept)
        if not differences:
            if zone.nodes != old.nodes:
                log.msg(f"{zone.origin} changed, but not to a newer serial than {old.serial}: secondaries will not see")
                self._save(journal)
            return False
        if self.store is not None and not self._isToBeSaved(zone):
            try:
                for one in () if kept else differences:
                    self.store.append(zone.origin, one)
            except OSError as error:
                log.msg(f"the new version of {zone.origin} was not stored: {error}")
            except (LookupError, ValueError):
                self._save(journal)
        else:
            self._save(journal)
        return isNewer(zone.serial, old.serial)

    def _isToBeSaved(self, zone: Zone) -> bool:
        """Whether a zone is to be stored as a whole, rather than what led to it."""
        try:
            return bool(self.store.compactable(zone.origin))
        except OSError:
            return False

    def _save(self, journal: Journal) -> None:
        """Store a zone as a whole."""
        if self.store is not None:
            try:
                self.store.save(journal.zone, journal.history)
            except OSError as error:
                log.msg(f"{journal.zone.origin} was not stored: {error}")

    def _tell(self, zone: Zone) -> None:
        """Tell other servers of a new version."""
        self.sender.changed(zone)
        if self.notifier is not None:
            self.notifier.notify(zone)

    # --- zones of others ---

    def copy(self, authority: SecondaryAuthority) -> None:
        """Follow the versions of a secondary's zone from now on; it is for the caller to start it."""
        self.secondaries.add(authority)
        authority.store = self.store
        authority.watch(lambda: self._copied(authority))

    def drop(self, authority: SecondaryAuthority) -> defer.Deferred[None]:
        """Follow a secondary no more, and forget what is stored of it.

        @return: a Deferred that fires when nothing of it goes on any more.
        """
        self.secondaries.remove(authority)
        if authority.journal is not None:
            self.sender.forget(authority.journal.zone)
        stopped = authority.stop()
        if self.store is not None:
            try:
                self.store.remove(authority.origin)
            except OSError as error:
                log.msg(f"what is stored of {authority.origin} was not removed: {error}")
        return stopped

    def _copied(self, authority: SecondaryAuthority) -> None:
        """Take note that a secondary's zone is another."""
        zone, journal = authority.zone, authority.journal
        if journal is None or zone is None or isinstance(zone, ClosedZone):
            return
        self.sender.remember(journal)
        self._tell(zone)

    # --- its life ---

    def start(self) -> None:
        """Tell other servers of the versions that there are."""
        for journal in self.published.values():
            self._tell(journal.zone)

    def stop(self) -> defer.Deferred[None]:
        """Ask and tell nobody any more.

        @return: a Deferred that fires when all has ended.
        """
        ending: list[defer.Deferred[Any]] = [one.stop() for one in self.secondaries.authorities.values()]
        close: Callable[[], defer.Deferred[Any]] | None = getattr(self.notifier, "close", None)
        if close is not None:
            ending.append(close())
        return defer.DeferredList(ending).addCallback(lambda _: None)
