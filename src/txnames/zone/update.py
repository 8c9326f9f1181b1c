"""Dynamic updates: a message asks for changes of a zone, on conditions (RFC 2136).

L{readUpdate} reads a message, L{Update.applied} gives the zone as it is after the update.  Nothing is changed before
all is known to be in order, and the old zone stays as it was.  Who may update is the caller's business, as is whether
what an update leads to is a zone that one wants to serve: see L{txnames.zone.check.check}.

An update says by the class of a record what is to be done with it:

    ============  =============================  ==================================
    class         as a prerequisite (2.4)        as an update (2.5)
    ============  =============================  ==================================
    the zone's    the RRset has just these data  add the record
    ANY           the RRset, or name, exists     delete the RRset, or all of a name
    NONE          it does not exist              delete the record
    ============  =============================  ==================================
"""

from __future__ import annotations

from struct import Struct
from struct import error as StructError
from typing import Final, NamedTuple, TypeAlias

import attrs

import txnames.records  # noqa: F401  # reason: makes the record types known
from txnames.error import DNSDecodeError
from txnames.wire.name import HEADER_SIZE, Name, readName, textFromWire
from txnames.wire.numbers import (
    ALL_RECORDS,
    ANY,
    CNAME,
    DNAME,
    EFORMAT,
    ENAME,
    ENOTAUTH,
    ENOTZONE,
    ENXRRSET,
    EYXDOMAIN,
    EYXRRSET,
    NONE,
    NS,
    NSEC,
    OP_UPDATE,
    RRSIG,
    SOA,
    WKS,
    className,
    isMetaType,
    typeName,
)
from txnames.wire.record import recordClass
from txnames.zone.edit import Add, Change, Remove, edited
from txnames.zone.rrset import foldRdata, rdatasOf, recordsOf, typeOf
from txnames.zone.serial import isNewer, serialAdd
from txnames.zone.tree import Node, Zone, inZone, rrsetAt, rrsetsAt

__all__ = ["Entry", "Update", "UpdateError", "readUpdate"]

_header = Struct(">6H").unpack_from
_question = Struct(">HH").unpack_from
_fixed = Struct(">HHIH").unpack_from

_SERIAL: Final = slice(-20, -16)
_MAX_TTL: Final = 0x7FFFFFFF
# The octets of address and protocol, by which one WKS record takes the place of another.
_WKS_KEY: Final = 5
# What may stand beside a CNAME record (RFC 4035 section 2.5).
_besideCname: Final = frozenset({CNAME, RRSIG, NSEC})


class UpdateError(Exception):
    """An update cannot be made; the zone stays as it was.

    @ivar rcode: the response code that says why (RFC 2136 section 2.2).
    """

    def __init__(self, reason: str, rcode: int) -> None:
        super().__init__(reason)
        self.rcode = rcode


class Entry(NamedTuple):
    """A record of an update, which need not be one of any zone.

    @ivar owner: in wire form.
    @ivar ttl: in seconds, as it was sent.
    @ivar rdata: in wire form, names uncompressed; empty where there is none.
    """

    owner: bytes
    type: int
    cls: int
    ttl: int
    rdata: bytes = b""

    def __str__(self) -> str:
        return f"{textFromWire(self.owner)} {className(self.cls)} {typeName(self.type)}"


@attrs.frozen
class Update:
    """An update.

    @ivar origin: the name of the zone.
    @ivar cls: the class of the zone.
    @ivar prerequisites: the conditions.
    @ivar updates: the changes.
    """

    origin: Name
    cls: int
    prerequisites: tuple[Entry, ...] = ()
    updates: tuple[Entry, ...] = ()

    def applied(self, zone: Zone) -> Zone:
        """A zone after the update.

        The serial grows by one, unless the update itself put a newer SOA record in place (RFC 2136 section 3.6).

        @return: the zone itself, where nothing changes.
        @raise UpdateError: a prerequisite is not met, or the update is not in order; NOTAUTH for one of another zone.
        """
        self.require(zone)
        self.prescan()
        return _Work(zone).done(self.updates)

    def require(self, zone: Zone) -> None:
        """Make sure that the prerequisites are met (RFC 2136 section 3.2).

        @raise UpdateError: one is not, or is none; NOTAUTH for an update of another zone.
        """
        if self.origin.folded != zone.apex or self.cls != zone.cls:
            raise UpdateError(f"an update of {self._zoneName} {className(self.cls)}, which is not here", ENOTAUTH)
        wanted: dict[tuple[bytes, int], set[bytes]] = {}
        for entry in self.prerequisites:
            if entry.ttl:
                raise UpdateError(f"the prerequisite {entry} has a TTL", EFORMAT)
            folded = self._folded(entry)
            if entry.cls == self.cls:
                if isMetaType(entry.type):
                    raise UpdateError(f"the prerequisite {entry} is of no type of data", EFORMAT)
                wanted.setdefault((folded, entry.type), set()).add(foldRdata(entry.type, entry.rdata))
            elif entry.cls in (ANY, NONE):
                _exist(zone.nodes.get(folded, ()), entry)
            else:
                raise UpdateError(f"the prerequisite {entry} is of a class that has no meaning", EFORMAT)
        for (folded, type), data in wanted.items():
            packed = rrsetAt(zone.nodes.get(folded, ()), type)
            if packed is None or {foldRdata(type, rdata) for rdata in rdatasOf(packed)} != data:
                raise UpdateError(f"{textFromWire(folded)} has other {typeName(type)} records", ENXRRSET)

    def prescan(self) -> None:
        """Make sure that the changes are in order, before any of them is made (RFC 2136 section 3.4.1).

        @raise UpdateError: one is not.
        """
        for entry in self.updates:
            self._folded(entry)
            if entry.cls not in (self.cls, ANY, NONE):
                raise UpdateError(f"the update {entry} is of a class that has no meaning", EFORMAT)
            if isMetaType(entry.type) and (entry.type != ALL_RECORDS or entry.cls != ANY):
                raise UpdateError(f"the update {entry} is of no type of data", EFORMAT)
            if entry.cls != self.cls and entry.ttl:
                raise UpdateError(f"the update {entry} has a TTL", EFORMAT)
            if entry.cls == ANY and entry.rdata:
                raise UpdateError(f"the update {entry} has data", EFORMAT)

    @property
    def _zoneName(self) -> str:
        """The name of the zone for errors."""
        return textFromWire(self.origin.wire)

    def _folded(self, entry: Entry) -> bytes:
        """The owner of a record, which has to lie in the zone."""
        folded = entry.owner.lower()
        if not inZone(folded, self.origin.folded):
            raise UpdateError(f"{textFromWire(entry.owner)} is not in the zone {self._zoneName}", ENOTZONE)
        return folded


def _exist(node: Node, entry: Entry) -> None:
    """Make sure that an RRset or name exists or does not; a name does where it has records (RFC 2136 section 2.4).

    @param node: what the name has.
    @raise UpdateError: it is otherwise, or the prerequisite is none.
    """
    if entry.rdata:
        raise UpdateError(f"the prerequisite {entry} has data", EFORMAT)
    whole = entry.type == ALL_RECORDS
    if isMetaType(entry.type) and not whole:
        raise UpdateError(f"the prerequisite {entry} is of no type of data", EFORMAT)
    exists = bool(node) if whole else rrsetAt(node, entry.type) is not None
    if exists == (entry.cls == ANY):
        return
    name = textFromWire(entry.owner)
    if whole:
        rcode = EYXDOMAIN if exists else ENAME
        raise UpdateError(f"{name} {'is' if exists else 'is not'} in use", rcode)
    rcode = EYXRRSET if exists else ENXRRSET
    raise UpdateError(f"{name} has {'' if exists else 'no '}{typeName(entry.type)} records", rcode)


_Sets: TypeAlias = dict[int, dict[bytes, tuple[int, bytes]]]
"""What a name has: by type, and by what tells it from other data, the TTL (in seconds) and the data of a record."""


def _setsOf(node: Node) -> _Sets:
    """What a node has."""
    sets: _Sets = {}
    for packed in rrsetsAt(node):
        type = typeOf(packed)
        sets[type] = {foldRdata(type, rdata): (ttl, rdata) for ttl, rdata in recordsOf(packed)}
    return sets


class _Work:
    """An update that is being made.

    @ivar there: what the touched names have by now.
    @ivar changes: what was done.
    """

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self.there: dict[bytes, _Sets] = {}
        self.changes: list[Change] = []

    def done(self, updates: tuple[Entry, ...]) -> Zone:
        """The zone after changes, which are made in their order (RFC 2136 section 3.4.2)."""
        zone = self.zone
        for entry in updates:
            folded = entry.owner.lower()
            sets = self.at(folded)
            if entry.cls == ANY:
                self.removeSets(entry, sets, folded == zone.apex)
            elif entry.cls == NONE:
                self.removeOne(entry, sets, folded == zone.apex)
            else:
                self.add(entry, sets)
        if all(sets == _setsOf(zone.nodes.get(folded, ())) for folded, sets in self.there.items()):
            return zone
        ((ttl, rdata),) = self.at(zone.apex)[SOA].values()
        # Each of several SOA records can be newer than the one before it, and the last one not newer than the first.
        if not isNewer(_serialIn(rdata), zone.serial):
            serial = serialAdd(zone.serial).to_bytes(4, "big")
            self.changes.append(Add(zone.origin.wire, SOA, ttl, rdata[:-20] + serial + rdata[-16:]))
        return edited(zone, self.changes)

    def at(self, folded: bytes) -> _Sets:
        """What a name has by now."""
        sets = self.there.get(folded)
        if sets is None:
            sets = self.there[folded] = _setsOf(self.zone.nodes.get(folded, ()))
        return sets

    def add(self, entry: Entry, sets: _Sets) -> None:
        """Add a record, or ignore it (RFC 2136 section 3.4.2.2)."""
        type, rdata = entry.type, entry.rdata
        if type == CNAME:
            if not sets.keys() <= _besideCname:
                return
        elif CNAME in sets and type not in _besideCname:
            return
        records = sets.get(type, {})
        # Where there is no SOA record, this is not the apex.
        if type == SOA and not any(isNewer(_serialIn(rdata), _serialIn(old)) for _, old in records.values()):
            return
        # A TTL with the first bit set counts as none (RFC 2181 section 8).
        ttl = entry.ttl if entry.ttl <= _MAX_TTL else 0
        key = foldRdata(type, rdata)
        if key in records:
            # Only its TTL can change: in a message, the case of a name may be that of another to which it points.
            rdata = records[key][1]
        for other, (_, old) in list(records.items()):
            if other != key and _replaces(type, rdata, old):
                self.changes.append(Remove(entry.owner, type, old))
                del records[other]
        if type != RRSIG and records and next(iter(records.values()))[0] != ttl:
            # All records of a set have one TTL (RFC 2181 section 5.2).
            records = {known: (ttl, old) for known, (_, old) in records.items()}
        self.changes.append(Add(entry.owner, type, ttl, rdata))
        records[key] = ttl, rdata
        sets[type] = records

    def removeSets(self, entry: Entry, sets: _Sets, apex: bool) -> None:
        """Delete an RRset, or all of a name; the apex keeps its SOA and NS records (RFC 2136 section 3.4.2.3)."""
        for type in list(sets) if entry.type == ALL_RECORDS else [entry.type]:
            if type in sets and not (apex and type in (SOA, NS)):
                self.changes.append(Remove(entry.owner, type))
                del sets[type]

    def removeOne(self, entry: Entry, sets: _Sets, apex: bool) -> None:
        """Delete a record; the apex keeps its SOA and its last NS record (RFC 2136 section 3.4.2.4)."""
        type = entry.type
        records = sets.get(type, {})
        key = foldRdata(type, entry.rdata)
        if key not in records or (apex and (type == SOA or (type == NS and len(records) == 1))):
            return
        self.changes.append(Remove(entry.owner, type, entry.rdata))
        del records[key]
        if not records:
            del sets[type]


def _serialIn(rdata: bytes) -> int:
    """The serial in the data of an SOA record."""
    return int.from_bytes(rdata[_SERIAL], "big")


def _replaces(type: int, rdata: bytes, present: bytes) -> bool:
    """Whether a record takes the place of another one, and does not stand beside it (also RFC 6672 section 5.2)."""
    if type == WKS:
        return rdata[:_WKS_KEY] == present[:_WKS_KEY]
    return type in (CNAME, SOA, DNAME)


def readUpdate(octets: bytes) -> Update:
    """Read an update from a message.

    The additional section is passed over: addresses there are no changes (RFC 2136 section 2.6).

    @param octets: the message, without its signature.
    @raise UpdateError: it is no request for an update, or has no one zone.
    @raise DNSDecodeError: it is malformed.
    """
    try:
        _, flags, zones, prerequisites, updates, additional = _header(octets)
        if flags >> 11 != OP_UPDATE:
            raise UpdateError("no request for an update", EFORMAT)
        if zones != 1:
            raise UpdateError(f"an update of {zones} zones", EFORMAT)
        names: dict[int, Name] = {}
        origin, offset = readName(octets, HEADER_SIZE, names)
        type, cls = _question(octets, offset)
        if type != SOA:
            raise UpdateError(f"the zone of an update with the type {typeName(type)}", EFORMAT)
        first, offset = _entries(octets, offset + 4, prerequisites, names, (cls,))
        second, offset = _entries(octets, offset, updates, names, (cls, NONE))
        _, offset = _entries(octets, offset, additional, names, ())
    except StructError:
        raise DNSDecodeError("the octets end inside of a record") from None
    if offset != len(octets):
        raise DNSDecodeError("octets after the end of the message")
    return Update(origin, cls, first, second)


def _entries(
    octets: bytes, offset: int, count: int, names: dict[int, Name], classes: tuple[int, ...]
) -> tuple[tuple[Entry, ...], int]:
    """Read records, and say where the octets behind them begin.

    @param classes: those of the records whose data is what their types say.
    """
    found = []
    for _ in range(count):
        owner, offset = readName(octets, offset, names)
        type, cls, ttl, length = _fixed(octets, offset)
        offset += 10
        end = offset + length
        if end > len(octets):
            raise DNSDecodeError("the octets end inside of a record")
        if cls in classes and not isMetaType(type):
            rdata = recordClass(type).read(octets, offset, end, names).rdata
        else:
            rdata = octets[offset:end]
        found.append(Entry(owner.wire, type, cls, ttl, rdata))
        offset = end
    return tuple(found), offset
