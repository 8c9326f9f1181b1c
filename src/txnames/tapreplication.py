"""The options of C{twistd dns} by which zones are copied, and the service that they describe."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import attrs
from twisted.application.service import Service
from twisted.internet.abstract import isIPAddress, isIPv6Address
from twisted.python import log, usage

from txnames import server
from txnames.authority import MemoryAuthority
from txnames.cataloging import CatalogFollower
from txnames.interfaces import IZoneSource
from txnames.keyfile import readKeys
from txnames.notifying import Notifier, Target
from txnames.protocol.access import AccessList
from txnames.receiving import Primary
from txnames.replication import Replication
from txnames.secondary import SecondaryAuthority, SecondaryAuthorityService, Turns
from txnames.transferring import Sender
from txnames.tsig import Key, Keyring
from txnames.updating import Updates
from txnames.wire.name import Name
from txnames.zone.catalog import catalogRecords
from txnames.zone.serial import isNewer, serialAdd
from txnames.zonestore import StoreLockedError, ZoneStore

__all__ = ["ReplicationOptions", "ReplicationService", "portOf", "serverOf", "taken"]

_KEY = "key:"
_PORT = 53


def portOf(text: str) -> int:
    """Take the number of a port.

    @raise ValueError: it is none.
    """
    if not (text.isascii() and text.isdigit() and int(text) <= 0xFFFF):
        raise ValueError(f"a port is a number from 0 to 65535, not {text!r}")
    return int(text)


def serverOf(text: str) -> tuple[str, int]:
    """Take a server: an IP address, and a port that is 53 if none is given.

    @raise ValueError: it is none.
    """
    host, port = text, str(_PORT)
    if text.startswith("["):
        host, _, port = text[1:].partition("]")
        port = port.removeprefix(":") or str(_PORT)
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    if not isIPAddress(host) and not isIPv6Address(host):
        raise ValueError(f"{text!r} is no server such as 192.0.2.1, 192.0.2.1:53, 2001:db8::1 or [2001:db8::1]:53")
    return host, portOf(port)


def taken(option: str, take: Callable[[Any], Any], value: Any) -> Any:
    """Take the value of an option.

    @raise usage.UsageError: it is not of the kind that the option has.
    """
    try:
        return take(value)
    except ValueError as error:
        raise usage.UsageError(f"{option}: {error}") from None


def _keyed(text: str) -> tuple[str | None, str]:
    """Take C{key:NAME@} off, where that is in front.

    @return: the key's name, C{None} for none, and what follows.
    """
    if text.lower().startswith(_KEY) and "@" in text:
        name, _, rest = text[len(_KEY) :].partition("@")
        return name, rest
    return None, text


@attrs.frozen
class _Source:
    """Where a zone is copied from, before the keys are known."""

    option: str
    zone: str
    server: tuple[str, int]
    key: str | None


def _sourceOf(option: str, text: str) -> _Source:
    """Take a server and a zone.

    @raise ValueError: it is not that.
    """
    key, rest = _keyed(text)
    place, slash, zone = rest.partition("/")
    if not slash or not zone:
        raise ValueError(f"{text!r} is not of the form IP/ZONE, IP:PORT/ZONE or key:NAME@IP:PORT/ZONE")
    Name(zone)
    return _Source(option, zone, serverOf(place), key)


class ReplicationOptions(usage.Options):
    """The options.

    @ivar secondaries: for each C{--secondary}, host and port of the server, and the zone's name in a list.
    @ivar svcs: for each, the service that keeps the copies.
    @ivar reactor: has all sockets and timers; C{None} for the global one.
    """

    reactor: Any = None

    optParameters: Any = (
        ("state-dir", None, None, "A folder in which copies of zones, updates and differences are kept over restarts."),
        ("make-catalog", None, None, "The name of a catalog zone to make of the zones that are given here (RFC 9432)."),
    )

    def __init__(self) -> None:
        usage.Options.__init__(self)
        self.secondaries: list[tuple[tuple[str, int], list[str]]] = []
        self.svcs: list[Any] = []
        self.copies: list[SecondaryAuthority] = []
        self.keyring = Keyring()
        self._sourcesOfZones: list[_Source] = []
        self._catalogs: list[_Source] = []
        self.transferItems: list[str] = []
        self._updateItems: dict[bytes | None, list[str]] = {}
        self._targets: list[tuple[str | None, tuple[str, int]]] = []

    def opt_secondary(self, source: str) -> None:
        """[key:NAME@]IP[:PORT]/ZONE of a zone to copy from another server; may be repeated.

        Given several times for one zone, its servers are asked in turn.
        """
        found = taken("--secondary", lambda text: _sourceOf("--secondary", text), source)
        self._sourcesOfZones.append(found)
        self.secondaries.append((found.server, [found.zone]))

    def opt_catalog(self, source: str) -> None:
        """[key:NAME@]IP[:PORT]/ZONE of a catalog zone, whose zones are copied from there too; may be repeated."""
        self._catalogs.append(taken("--catalog", lambda text: _sourceOf("--catalog", text), source))

    def opt_tsig_key(self, filename: str) -> None:
        """A file with keys in the format of BIND's; may be repeated."""
        try:
            octets = Path(filename).read_bytes()
        except OSError as error:
            raise usage.UsageError(f"--tsig-key: {filename}: {error.strerror or error}") from None
        for key in taken("--tsig-key", lambda octets: readKeys(octets, filename), octets).values():
            taken("--tsig-key", self.keyring.add, key)

    def opt_allow_transfer(self, item: str) -> None:
        """NET, IP or key:NAME to which zones may be transferred; may be repeated.  Without it, nobody."""
        taken("--allow-transfer", AccessList, [item])
        self.transferItems.append(item)

    def opt_allow_update(self, item: str) -> None:
        """[ZONE=]key:NAME (or NET, or IP) that may change zones, or one zone; may be repeated, needs --state-dir."""
        zone, sign, rest = item.partition("=")
        apex = taken("--allow-update", Name, zone).folded if sign else None
        rest = rest if sign else item
        taken("--allow-update", AccessList, [rest])
        self._updateItems.setdefault(apex, []).append(rest)

    def opt_also_notify(self, target: str) -> None:
        """[key:NAME@]IP[:PORT] of a server that is told of changes of zones; may be repeated."""
        key, rest = _keyed(target)
        self._targets.append((key, taken("--also-notify", serverOf, rest)))

    def takeReplication(self) -> None:
        """Look whether these options fit together, and make the secondaries.

        @raise usage.UsageError: they don't.
        """
        for item in [*self.transferItems, *[one for found in self._updateItems.values() for one in found]]:
            if item.lower().startswith(_KEY):
                self._key("--allow-transfer or --allow-update", item[len(_KEY) :])
        if self._updateItems and self["state-dir"] is None:
            raise usage.UsageError(
                "--allow-update needs --state-dir: updates are kept there before they are acknowledged"
            )
        if self["make-catalog"] is not None:
            taken("--make-catalog", Name, self["make-catalog"])
        byZone: dict[bytes, SecondaryAuthority] = {}
        for source in self._sourcesOfZones:
            made = SecondaryAuthorityService(source.server[0], [])
            made._port = source.server[1]
            self.svcs.append(made)
            apex = Name(source.zone).folded
            if apex in byZone:
                byZone[apex].primaries = (*byZone[apex].primaries, self._primary(source))
                continue
            authority = SecondaryAuthority(
                source.server[0], source.zone, primaries=[self._primary(source)], reactor=self.reactor
            )
            byZone[apex] = authority
            made.domains.append(authority)
            self.copies.append(authority)
        for source in self._catalogs:
            self._primary(source)

    def _key(self, option: str, name: str | None) -> Key | None:
        """The key of a name.

        @raise usage.UsageError: there is none.
        """
        return None if name is None else taken(option, self.keyring.named, name)

    def _primary(self, source: _Source) -> Primary:
        """A server to copy from."""
        return Primary(*source.server, self._key(source.option, source.key))

    def replicate(self, factory: server.DNSServerFactory, zones: Sequence[Any]) -> ReplicationService | None:
        """Make a server replicate, if it is to.

        @param zones: the authorities for zones that were loaded.
        @return: the service for that.
        @raise usage.UsageError: the folder is of no use.
        """
        factory.keys = self.keyring
        if not self.replicates:
            return None
        return ReplicationService(self, factory, zones)

    @property
    def replicates(self) -> bool:
        """Whether zones are copied, to or from here, or changed, or kept."""
        wanted = (self.transferItems, self._targets, self._updateItems, self._sourcesOfZones, self._catalogs)
        return any(wanted) or self["make-catalog"] is not None or self["state-dir"] is not None

    @property
    def targets(self) -> list[Target]:
        """The servers that are told of changes."""
        return [Target(*place, self._key("--also-notify", key)) for key, place in self._targets]

    @property
    def updateRules(self) -> dict[bytes | None, AccessList]:
        """Who may change zones."""
        return {apex: AccessList(items) for apex, items in self._updateItems.items()}

    @property
    def catalogs(self) -> list[tuple[str, list[Primary]]]:
        """The catalogs to follow, and where they are."""
        found: dict[bytes, tuple[str, list[Primary]]] = {}
        for source in self._catalogs:
            found.setdefault(Name(source.zone).folded, (source.zone, []))[1].append(self._primary(source))
        return list(found.values())


class ReplicationService(Service):
    """Has a server's zones copied to and from others for as long as it runs.

    @ivar replication: what follows the zones.
    @ivar updates: what changes zones for others; or C{None}.
    @ivar own: the addresses and ports at which the server itself listens, where they are known.
    """

    own: frozenset[tuple[str, int]] = frozenset()

    def __init__(self, options: ReplicationOptions, factory: server.DNSServerFactory, zones: Sequence[Any]) -> None:
        """Take the zones that there are.

        @raise usage.UsageError: the folder is of no use.
        """
        self._options = options
        self._factory = factory
        self._zones = zones
        self.updates: Updates | None = None
        self._followers: list[CatalogFollower] = []
        self._catalogs: list[SecondaryAuthority] = []
        self._turns = Turns()
        store = None
        folder = options["state-dir"]
        if folder is not None:
            try:
                store = ZoneStore(folder)
            except (OSError, StoreLockedError) as error:
                raise usage.UsageError(f"--state-dir: {folder}: {getattr(error, 'strerror', None) or error}") from None
        self._store = store
        self.replication = Replication(Sender(AccessList(options.transferItems)), None, store)
        factory.transfers = self.replication.sender
        factory.secondaries = self.replication.secondaries
        for authority in options.copies:
            self._prepare(authority)
        if options["make-catalog"] is not None:
            self._makeCatalog(options["make-catalog"])
        for name, primaries in options.catalogs:
            self._follow(name, primaries)

    def _resolvers(self) -> list[Any]:
        """The list of the server's resolvers, which may be changed."""
        resolvers: list[Any] = self._factory.resolver.resolvers
        return resolvers

    def _prepare(self, authority: SecondaryAuthority) -> None:
        """Have a secondary follow the rules of this server."""
        authority.turns = self._turns
        self.replication.copy(authority)

    def _makeCatalog(self, name: str) -> None:
        """Serve a catalog of the zones that are loaded, and of those that are copied by name."""
        members = [one.zone.origin for one in self._zones if IZoneSource.providedBy(one) and one.zone is not None]
        members += [one.origin for one in self._options.copies]
        serial = int(time.time()) & 0xFFFFFFFF
        stored = None
        try:
            stored = None if self._store is None else self._store.load(Name(name))
        except OSError as error:
            log.msg(f"what is stored of the catalog {name} was not read: {error}")
        if stored is not None and not isNewer(serial, stored.zone.serial):
            # The clock was set back.
            serial = serialAdd(stored.zone.serial)
        made = MemoryAuthority(name, catalogRecords(name, serial, members))
        self._resolvers().insert(0, made)
        self._zones = [*self._zones, made]

    def _follow(self, name: str, primaries: list[Primary]) -> None:
        """Copy a catalog, and its zones."""
        reactor = self._options.reactor
        catalog = SecondaryAuthority(primaries[0].host, name, primaries=primaries, reactor=reactor)
        self._prepare(catalog)
        self._resolvers().insert(0, catalog)
        self._catalogs.append(catalog)

        def add(origin: Name) -> SecondaryAuthority:
            made = SecondaryAuthority(primaries[0].host, origin.name, primaries=primaries, reactor=reactor)
            self._prepare(made)
            self._resolvers().insert(0, made)
            made.start()
            return made

        def remove(authority: SecondaryAuthority) -> None:
            self._resolvers().remove(authority)
            # Another catalog may have the zone now (RFC 9432 section 4.3.1).
            for other in self._followers:
                if authority not in other.members.values() and other.catalog is not catalog:
                    other.look()
            self.replication.drop(authority).addErrback(lambda failure: log.err(failure))

        self._followers.append(CatalogFollower(catalog, self._isServed, add, remove))

    def _isServed(self, apex: bytes) -> bool:
        """Whether a zone is served."""
        return any(zone.apex == apex for zone in self._factory.resolver.zones())

    def startService(self) -> None:
        """Begin."""
        Service.startService(self)
        options = self._options
        if options.transferItems or options.targets:
            reactor = options.reactor
            if reactor is None:
                from twisted.internet import reactor
            self.replication.notifier = Notifier(
                reactor,
                targets=options.targets,
                resolver=self._factory.resolver,
                own=self.own,
                useNameServers=bool(options.transferItems),
            )
        rules = options.updateRules
        for authority in self._zones:
            if IZoneSource.providedBy(authority) and not isinstance(authority, SecondaryAuthority):
                zone = authority.zone
                updated = None in rules or (zone is not None and zone.apex in rules)
                self.replication.publish(authority, updated)
        if rules:
            self.updates = self._factory.updates = Updates(self.replication, rules, options.reactor)
            for authority in self.replication.published:
                self.updates.add(authority)
        for catalog in self._catalogs:
            catalog.start()
        self.replication.start()

    def stopService(self) -> Any:
        """End.

        @return: a Deferred that fires when all has ended.
        """
        Service.stopService(self)
        if self.updates is not None:
            self.updates.close()
        ended = self.replication.stop()
        return ended.addBoth(lambda _: None if self._store is None else self._store.close())

    def reload(self, authority: Any) -> bool:
        """Load an authority's zone anew, if it takes updates.

        @return: whether it does; otherwise it is for the caller to load.
        """
        return self.updates is not None and self.updates.reload(authority)

    def refresh(self) -> None:
        """Ask the primaries of all secondaries, those of catalogs and of their zones too."""
        for authority in list(self.replication.secondaries.authorities.values()):
            authority.reload()
