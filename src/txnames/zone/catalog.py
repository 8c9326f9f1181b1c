"""Catalog zones: zones that list other zones, so that a secondary server learns by transfer what to serve (RFC 9432).

L{readCatalog} reads the list, L{catalogRecords} and L{catalogZone} make one.  A catalog in which something is wrong is
no list at all (RFC 9432 section 5.1): the consumer keeps the members that it has, and says what L{CatalogError} says.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any, Final

import attrs

from txnames.records import Record_NS, Record_PTR, Record_SOA, Record_TXT
from txnames.wire.name import MAX_LABEL, MAX_NAME, Name, textFromWire
from txnames.wire.numbers import IN, PTR, TXT, className
from txnames.wire.record import Record
from txnames.zone.builder import ZoneBuilder
from txnames.zone.rrset import rdatasOf
from txnames.zone.tree import Zone, rrsetAt

__all__ = ["Catalog", "CatalogError", "Member", "catalogRecords", "catalogZone", "readCatalog"]

_VERSION: Final = b"2"
_versionLabel: Final = b"\x07version"
_zonesLabel: Final = b"\x05zones"
_groupLabel: Final = b"\x05group"
_ownerLabel: Final = b"\x03coo"

# The octets of a label that is made of a name.
_DIGEST: Final = 20

# What the SOA record says, in seconds; a catalog that cannot be refreshed stays in force.
_REFRESH: Final = 3600
_RETRY: Final = 600
_EXPIRE: Final = 0x7FFFFFFE


class CatalogError(ValueError):
    """A zone is no catalog, or a broken one."""


def _foldedLabel(label: bytes) -> bytes:
    """A label in lower case."""
    return label.lower()


def _sortedGroups(groups: Iterable[bytes]) -> tuple[bytes, ...]:
    """Groups, each once."""
    return tuple(sorted(set(groups)))


def _optionalName(name: Any) -> Name | None:
    """A name, where there is one."""
    return None if name is None else Name(name)


@attrs.frozen
class Member:
    """A zone of a catalog.

    @ivar zone: its name.
    @ivar label: the label of its node, folded.  A zone whose label changes is to be served as if it was another (RFC
        9432 section 5.4).  Where none is given it is made of the zone's name, and always the same.
    @ivar groups: what consumers may go by in how they serve it, sorted (RFC 9432 section 4.3.2).
    @ivar coo: the catalog that the zone may move to (RFC 9432 section 4.3.1).
    """

    zone: Name = attrs.field(converter=Name)
    label: bytes = attrs.field(converter=_foldedLabel)
    groups: tuple[bytes, ...] = attrs.field(default=(), converter=_sortedGroups)
    coo: Name | None = attrs.field(default=None, converter=_optionalName)

    @label.default
    def _labelOfZone(self) -> bytes:
        """The label that is made of the zone's name."""
        return sha256(self.zone.folded).hexdigest()[: 2 * _DIGEST].encode()

    @label.validator
    def _checkLabel(self, attribute: object, label: bytes) -> None:
        """Refuse what is no label."""
        if not 0 < len(label) <= MAX_LABEL:
            raise ValueError(f"a label of {len(label)} octets")

    @groups.validator
    def _checkGroups(self, attribute: object, groups: tuple[bytes, ...]) -> None:
        """Refuse what is no string of a TXT record (RFC 1035 section 3.3)."""
        for group in groups:
            if len(group) > 0xFF:
                raise ValueError(f"a group of {len(group)} octets")


@attrs.frozen
class Catalog:
    """What a catalog zone says.

    @ivar origin: the name of the catalog zone.
    @ivar members: the zones by their names, folded and in wire form.
    """

    origin: Name
    members: dict[bytes, Member] = attrs.field(factory=dict)


def readCatalog(zone: Zone) -> Catalog:
    """Read a catalog zone; what has no meaning in one is ignored.

    A TXT record of several strings is no group; a PTR record of a property that is not known means nothing.

    @raise CatalogError: the zone is not of class IN, not a catalog of version 2, or broken: a member node or a change
        of ownership has several PTR records, or two nodes are of one member (RFC 9432 sections 4.1 to 4.3).
    """
    if zone.cls != IN:
        raise CatalogError(f"a catalog of class {className(zone.cls)}")
    versions = _data(zone, _versionLabel + zone.apex, TXT)
    if not versions:
        raise CatalogError("no version: this is no catalog")
    if len(versions) > 1:
        raise CatalogError(f"{len(versions)} versions")
    if versions[0] != bytes((len(_VERSION),)) + _VERSION:
        raise CatalogError(f"the version is not {_VERSION.decode()}")
    members: dict[bytes, Member] = {}
    above = _zonesLabel + zone.apex
    for owner in zone.nodes:
        if owner[1 + owner[0] :] != above:
            continue
        target = _pointer(zone, owner)
        if target is not None:
            if target.folded in members:
                raise CatalogError(f"two nodes of the member {textFromWire(target.wire)}")
            groups = [text[1:] for text in _data(zone, _groupLabel + owner, TXT) if text[0] == len(text) - 1]
            coo = _pointer(zone, _ownerLabel + owner)
            members[target.folded] = Member(target, owner[1 : 1 + owner[0]], groups, coo)
    return Catalog(zone.origin, members)


def _data(zone: Zone, owner: bytes, type: int) -> list[bytes]:
    """The data of the records that a name has of a type."""
    packed = rrsetAt(zone.nodes.get(owner, ()), type)
    return [] if packed is None else rdatasOf(packed)


def _pointer(zone: Zone, owner: bytes) -> Name | None:
    """The name to which the PTR record of a name leads, or C{None} where it has none.

    @raise CatalogError: it has several.
    """
    found = _data(zone, owner, PTR)
    if len(found) > 1:
        raise CatalogError(f"{len(found)} PTR records of {textFromWire(owner)}")
    return Name.fromWire(found[0]) if found else None


def catalogRecords(
    origin: bytes | str | Name,
    serial: int,
    members: Iterable[Member | bytes | str | Name],
    *,
    ns: bytes | str | Name = "invalid",
) -> list[tuple[Name, Record]]:
    """The records of a catalog zone, in the form that L{txnames.authority.MemoryAuthority} takes.

    @param origin: the name of the catalog zone.
    @param serial: has to grow with each change of the members (RFC 1982).
    @param members: the zones; for one that is given by its name alone, the label is made of that.
    @param ns: the name server; nobody ever asks for it.
    @return: owners and records, each with a TTL of 0.
    @raise ValueError: two members of one name or label, or a name that grows too long.
    """
    origin = Name(origin)
    server = Name(ns).name
    soa = Record_SOA(server, b"invalid", serial, _REFRESH, _RETRY, _EXPIRE, 0, ttl=0)
    records: list[tuple[Name, Record]] = [
        (origin, soa),
        (origin, Record_NS(server, ttl=0)),
        (_below(_versionLabel, origin.wire), Record_TXT(_VERSION, ttl=0)),
    ]
    zones: set[bytes] = set()
    labels: set[bytes] = set()
    for one in members:
        member = one if isinstance(one, Member) else Member(one)
        if member.zone.folded in zones:
            raise ValueError(f"the member {textFromWire(member.zone.wire)} stands there twice")
        if member.label in labels:
            raise ValueError(f"the label of {textFromWire(member.zone.wire)} is that of another member")
        zones.add(member.zone.folded)
        labels.add(member.label)
        node = _below(bytes((len(member.label),)) + member.label + _zonesLabel, origin.wire)
        records.append((node, Record_PTR(member.zone.name, ttl=0)))
        records += [(_below(_groupLabel, node.wire), Record_TXT(group, ttl=0)) for group in member.groups]
        if member.coo is not None:
            records.append((_below(_ownerLabel, node.wire), Record_PTR(member.coo.name, ttl=0)))
    return records


def catalogZone(
    origin: bytes | str | Name,
    serial: int,
    members: Iterable[Member | bytes | str | Name],
    *,
    ns: bytes | str | Name = "invalid",
) -> Zone:
    """A catalog zone; the arguments are those of L{catalogRecords}.

    @raise ValueError: as there.
    """
    builder = ZoneBuilder(Name(origin).wire, cls=IN)
    for owner, record in catalogRecords(origin, serial, members, ns=ns):
        builder.add(owner.wire, record.TYPE, IN, 0, record.rdata)
    return builder.build()


def _below(labels: bytes, above: bytes) -> Name:
    """A name of labels and the name above them, all in wire form.

    @raise ValueError: it is too long.
    """
    wire = labels + above
    if len(wire) > MAX_NAME:
        raise ValueError(f"a name of {len(wire)} octets, {MAX_NAME} are allowed: {textFromWire(wire)}")
    return Name.fromWire(wire)
