"""Telling other servers that a zone has a new version (RFC 1996).

Each version of a zone is a change, of which the zone's name servers are told, and those that are configured.  A newer
change of the zone takes the place of an older one, with all notices that have not ended; how they are sent, and whose
turn it is, is for L{txnames.protocol.notices}.

Where a name server's address is not in the zone it has to be looked up.  A thousand zones that have the same name
server wait for the same lookup.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Callable, Container, Iterable, Sequence
from random import Random
from typing import Any, Final

from twisted.internet import defer
from twisted.python import log
from twisted.python.failure import Failure

from txnames.protocol.deadlines import Deadline, Deadlines
from txnames.protocol.notices import Notice, Outbox, Place, Target, Version, ZoneKey
from txnames.wire.name import Name, textFromWire
from txnames.wire.numbers import AAAA, IN, NS, A
from txnames.zone.rrset import nameEnd, rdatasOf
from txnames.zone.tree import Zone, rrsetAt

__all__ = ["Notifier", "Target"]

_LOOKUP_TIME: Final = 60.0
"""How many seconds the addresses of a server may take to be found."""

_CONFIGURED: Final = b""
"""In the place of a name, of a server that was configured by its address."""


class _Change:
    """A new version of a zone, and who is told of it.

    @ivar version: the version.
    @ivar key: the zone.
    @ivar places: who was told, or is to be told; nobody is told twice.
    @ivar notices: the notices that have not ended.
    @ivar names: the names of servers whose addresses are not all found yet, folded and in wire form.
    """

    __slots__ = ("key", "names", "notices", "places", "version")

    def __init__(self, zone: Zone) -> None:
        self.version = Version(zone)
        self.key = self.version.key
        self.places: set[Place] = set()
        self.notices: dict[Place, Notice] = {}
        self.names: set[bytes] = set()


class _Lookup:
    """A search for the addresses of a server.

    @ivar name: its name, folded and in wire form.
    @ivar changes: those that it is to be told of.
    @ivar found: the addresses found so far.
    @ivar running: the searches.
    @ivar missing: how many of them have no result yet.
    @ivar complaint: what went wrong last; for the log.
    @ivar deadline: when the time is up; C{None} before the search has begun.
    @ivar ended: whether it is over.
    """

    __slots__ = ("changes", "complaint", "deadline", "ended", "found", "missing", "name", "running")

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.changes: dict[ZoneKey, _Change] = {}
        self.found: list[str] = []
        self.running: list[defer.Deferred[Any]] = []
        self.missing = 0
        self.complaint = "there are none"
        self.deadline: Deadline | None = None
        self.ended = False

    def expired(self) -> None:
        """Wait no longer: the searches fail."""
        self.cancel()

    def cancel(self) -> None:
        """Have the searches end."""
        for one in self.running:
            one.cancel()


class Notifier:
    """Tells other servers of new versions of zones.

    @ivar targets: the servers that are told of all zones.
    @ivar resolver: finds the addresses of name servers that are not in the zone itself; an C{IResolver}, or C{None}.
    @ivar useNameServers: whether the name servers of a zone are told too.
    @ivar maximumInFlight: how many names are looked up at a time; more wait for their turn.
    """

    def __init__(
        self,
        reactor: Any,
        *,
        targets: Sequence[Target] = (),
        resolver: Any = None,
        random: Random | None = None,
        own: Callable[[], Container[Place]] | Container[Place] = (),
        useNameServers: bool = True,
        maximumInFlight: int = 50,
    ) -> None:
        """Make one that has nothing to tell yet.

        @param reactor: what has the sockets and the time.
        @param targets: the servers that are told of all zones.
        @param resolver: an C{IResolver}; without one, a name server whose address is not in the zone is left out.
        @param random: where ports and IDs come from; by default the system.
        @param own: addresses and ports of our own, which are left out; or what gives them at the time.
        @param maximumInFlight: how many messages wait for their replies at a time, over all zones.
        @raise ValueError: two targets differ in nothing but their keys.
        """
        self.targets = tuple(dict.fromkeys(targets))
        if len({target.place for target in self.targets}) < len(self.targets):
            raise ValueError("two targets have the same address and port, but not the same key")
        self.resolver = resolver
        self.useNameServers = useNameServers
        self.maximumInFlight = maximumInFlight
        self._reactor = reactor
        self._own = own
        self._deadlines = Deadlines(reactor)
        self._outbox = Outbox(reactor, random, maximumInFlight, self._ended)
        self._changes: dict[ZoneKey, _Change] = {}
        self._lookups: dict[bytes, _Lookup] = {}
        self._unsought: OrderedDict[bytes, _Lookup] = OrderedDict()
        self._proceeding = False
        self._closed = False

    def notify(self, zone: Zone) -> None:
        """Tell of a new version of a zone, and no longer of an earlier one.

        After L{close} nobody is told.

        @raise LookupError: the zone has no SOA record.
        """
        if self._closed:
            return
        change = _Change(zone)
        recipients = {target.place: (target, _CONFIGURED) for target in self.targets}
        unknown: list[bytes] = []
        if self.useNameServers and zone.cls == IN:
            for name in _serversOf(zone):
                found = _addressesIn(zone, name)
                for target in _serversAt(found):
                    recipients.setdefault(target.place, (target, name))
                if not found and self.resolver is not None:
                    unknown.append(name)
        old = self._changes.get(change.key)
        if old is not None:
            for place, notice in old.notices.items():
                # Until its name was looked up again, a server is taken to be where it was.
                if notice.via in unknown:
                    recipients.setdefault(place, (notice.target, notice.via))
        own = self._ownPlaces()
        recipients = {place: one for place, one in recipients.items() if place not in own}
        if old is not None:
            self._withdraw(old, recipients)
        self._changes[change.key] = change
        for target, via in recipients.values():
            self._put(change, target, via)
        for name in unknown:
            self._seek(change, name)
        if old is not None:
            self._drop([name for name in old.names if not self._lookups[name].changes])
        self._settle(change)
        self._proceed()

    def close(self) -> defer.Deferred[None]:
        """Tell nobody anything any more.

        @return: a Deferred that fires when all sockets are closed.
        """
        self._closed = True
        self._drop(list(self._lookups))
        self._changes.clear()
        return self._outbox.close()

    # --- who is told ---

    def _ownPlaces(self) -> Container[Place]:
        """Our own addresses and ports."""
        return self._own() if callable(self._own) else self._own

    def _put(self, change: _Change, target: Target, via: bytes) -> None:
        """Have a server told of a change, unless it was."""
        if target.place not in change.places:
            change.places.add(target.place)
            change.notices[target.place] = self._outbox.put(change.version, target, via)

    def _withdraw(self, change: _Change, recipients: Container[Place]) -> None:
        """Tell nobody of a change any more, because there is a newer one.

        @param recipients: who will be told of that one.
        """
        for place, notice in change.notices.items():
            self._outbox.withdraw(notice, place in recipients)
        for name in change.names:
            del self._lookups[name].changes[change.key]

    def _ended(self, notice: Notice) -> None:
        """Take note that a server was told, or will not be."""
        change = self._changes[notice.version.key]
        del change.notices[notice.target.place]
        self._settle(change)

    def _settle(self, change: _Change) -> None:
        """Forget a change of which all that are to be told are."""
        if not change.notices and not change.names:
            self._changes.pop(change.key, None)

    # --- where they are ---

    def _seek(self, change: _Change, name: bytes) -> None:
        """Have a server told whose addresses have to be found."""
        lookup = self._lookups.get(name)
        if lookup is None:
            lookup = self._lookups[name] = self._unsought[name] = _Lookup(name)
        lookup.changes[change.key] = change
        change.names.add(name)
        self._tell(lookup, [change], lookup.found)

    def _proceed(self) -> None:
        """Begin the lookups, and send the notices, whose turn it is."""
        if self._proceeding:
            # A resolver that knows the address at once.
            return
        self._proceeding = True
        try:
            while self._unsought and len(self._lookups) - len(self._unsought) < self.maximumInFlight:
                self._begin(self._unsought.popitem(last=False)[1])
        finally:
            self._proceeding = False
        self._outbox.proceed()

    def _begin(self, lookup: _Lookup) -> None:
        """Begin to look for addresses."""
        lookup.missing = 2
        lookup.deadline = self._deadlines.add(self._reactor.seconds() + _LOOKUP_TIME, lookup)
        name = Name.fromWire(lookup.name).name
        for search in (self.resolver.lookupAddress, self.resolver.lookupIPV6Address):
            found = defer.maybeDeferred(search, name)
            lookup.running.append(found)
            found.addCallback(_addressesOf)
            found.addBoth(self._found, lookup)

    def _found(self, result: Any, lookup: _Lookup) -> None:
        """Take the addresses that a search found."""
        lookup.missing -= 1
        if lookup.ended:
            return
        if not isinstance(result, Failure):
            new = [address for address in result if address not in lookup.found]
            lookup.found += new
            self._tell(lookup, lookup.changes.values(), new)
        elif result.check(defer.CancelledError):
            lookup.complaint = "it takes too long"
        else:
            lookup.complaint = result.getErrorMessage()
        if not lookup.missing:
            if not lookup.found:
                name = textFromWire(lookup.name)
                log.msg(f"no addresses for NOTIFY to the name server {name} were found: {lookup.complaint}")
            self._drop([lookup.name])
        self._proceed()

    def _tell(self, lookup: _Lookup, changes: Iterable[_Change], addresses: Iterable[str]) -> None:
        """Have the server at the addresses that were found told of changes."""
        own = self._ownPlaces()
        for target in _serversAt(addresses):
            if target.place not in own:
                for change in changes:
                    self._put(change, target, lookup.name)

    def _drop(self, names: Iterable[bytes]) -> None:
        """End searches for addresses."""
        for name in names:
            lookup = self._lookups.pop(name)
            self._unsought.pop(name, None)
            lookup.ended = True
            if lookup.deadline is not None:
                self._deadlines.remove(lookup.deadline)
            lookup.cancel()
            for change in lookup.changes.values():
                change.names.discard(name)
                self._settle(change)


def _serversOf(zone: Zone) -> list[bytes]:
    """The names of a zone's servers, but for the one where its changes are made (RFC 1996 section 3.3).

    @return: folded, and in wire form.
    """
    packed = rrsetAt(zone.nodes[zone.apex], NS)
    if packed is None:
        return []
    soa = rdatasOf(zone.soa)[0]
    primary = soa[: nameEnd(soa)].lower()
    names = [name.lower() for name in rdatasOf(packed)]
    return [name for name in dict.fromkeys(names) if name != primary]


def _addressesIn(zone: Zone, name: bytes) -> list[str]:
    """The addresses that a name has in a zone; the name folded, and in wire form."""
    node = zone.nodes.get(name, ())
    found = [rrsetAt(node, type) for type in (A, AAAA)]
    return [str(ipaddress.ip_address(rdata)) for packed in found if packed is not None for rdata in rdatasOf(packed)]


def _addressesOf(sections: Any) -> list[str]:
    """The addresses that a lookup gave."""
    return [str(ipaddress.ip_address(one.payload.address)) for one in sections[0] if one.type in (A, AAAA)]


def _serversAt(addresses: Iterable[str]) -> list[Target]:
    """What listens at addresses; nothing does where an address is of no host, whatever its records say."""
    ips = [ipaddress.ip_address(address) for address in addresses]
    return [Target(str(ip)) for ip in ips if not (ip.is_unspecified or ip.is_multicast)]
