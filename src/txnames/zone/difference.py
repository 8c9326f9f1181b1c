"""What makes one version of a zone another: the records to take out and those to put in (RFC 1995 section 2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from txnames.wire.name import textFromWire
from txnames.wire.numbers import SOA, typeName
from txnames.zone.edit import Add, Change, Remove, edited
from txnames.zone.rrset import foldRdata, packRecord, recordsOf, typeOf
from txnames.zone.tree import Node, Zone, rrsetAt, rrsetsAt

__all__ = ["Difference", "DifferenceError", "RepeatedError", "applied", "difference", "isEmpty"]

_SERIAL: Final = slice(-20, -16)


class DifferenceError(ValueError):
    """A difference is not one from the version that is at hand."""


class RepeatedError(DifferenceError):
    """A difference has a record that comes where it is already, and stays as it is."""


@attrs.frozen
class Difference:
    """A difference between two versions of a zone.

    @ivar oldSOA: the packed SOA RRset of the older version.
    @ivar newSOA: that of the newer one.
    @ivar removed: owners in wire form, and of each the records that go, packed, all of one type; without the SOA.
    @ivar added: the same for those that come.
    """

    oldSOA: bytes
    newSOA: bytes
    removed: tuple[tuple[bytes, bytes], ...] = ()
    added: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def oldSerial(self) -> int:
        """The serial of the older version."""
        return int.from_bytes(self.oldSOA[_SERIAL], "big")

    @property
    def newSerial(self) -> int:
        """The serial of the newer version."""
        return int.from_bytes(self.newSOA[_SERIAL], "big")

    @property
    def size(self) -> int:
        """The octets of all records, more or less."""
        sets = (*self.removed, *self.added)
        return sum([len(owner) + len(packed) for owner, packed in sets], len(self.oldSOA) + len(self.newSOA))


def difference(old: Zone, new: Zone) -> Difference:
    """The difference between two versions of a zone.

    @raise ValueError: they are not of one zone.
    """
    if (old.apex, old.cls) != (new.apex, new.cls):
        raise ValueError(f"{old} and {new} are not versions of one zone")
    removed: list[tuple[bytes, bytes]] = []
    added: list[tuple[bytes, bytes]] = []
    nodes = new.nodes
    for folded, node in old.nodes.items():
        other = nodes.get(folded, ())
        if node != other:
            _compare(old.ownerOf(folded), new.ownerOf(folded), node, other, removed, added)
    known = old.nodes
    for folded, node in nodes.items():
        if folded not in known:
            added += [(new.ownerOf(folded), packed) for packed in rrsetsAt(node)]
    return Difference(old.soa, new.soa, tuple(removed), tuple(added))


def isEmpty(found: Difference) -> bool:
    """Whether two versions hold the same, their serials included."""
    return not found.removed and not found.added and found.oldSOA == found.newSOA


def _compare(
    oldOwner: bytes,
    newOwner: bytes,
    old: Node,
    new: Node,
    removed: list[tuple[bytes, bytes]],
    added: list[tuple[bytes, bytes]],
) -> None:
    """Compare what a name has in two versions."""
    for packed in rrsetsAt(old):
        type = typeOf(packed)
        other = rrsetAt(new, type)
        if other == packed or type == SOA:
            continue
        gone = _without(packed, other)
        come = b"" if other is None else _without(other, packed)
        if gone:
            removed.append((oldOwner, gone))
        if come:
            added.append((newOwner, come))
    for packed in rrsetsAt(new):
        type = typeOf(packed)
        if type != SOA and rrsetAt(old, type) is None:
            added.append((newOwner, packed))


def _without(packed: bytes, other: bytes | None) -> bytes:
    """The records of an RRset that another one does not have, TTL and case of names included."""
    if other is None:
        return packed
    have = set(recordsOf(other))
    kind, cls = typeOf(packed), packed[4] << 8 | packed[5]
    return b"".join([packRecord(kind, cls, ttl, data) for ttl, data in recordsOf(packed) if (ttl, data) not in have])


def applied(zone: Zone, differences: Iterable[Difference], *, repeats: bool = False) -> Zone:
    """A zone after some differences, one after the other.

    @param repeats: whether records may come that are there already.
    @raise RepeatedError: one does, and may not.
    @raise DifferenceError: the first of them is not from this version, one is not from what the one before leads to,
        a record that is to go is not there, or one that is to come is there with another TTL.
    """
    soa = zone.soa
    changes: list[Change] = []
    there: dict[tuple[bytes, int], dict[bytes, int]] = {}
    for one in differences:
        if one.oldSOA[_SERIAL] != soa[_SERIAL]:
            serial = int.from_bytes(soa[_SERIAL], "big")
            raise DifferenceError(f"a difference from serial {one.oldSerial}, where the serial is {serial}")
        soa = one.newSOA
        for owner, type, ttl, rdata in _records(one.removed):
            records = _at(zone, there, owner, type)
            if records.pop(foldRdata(type, rdata), None) != ttl:
                raise DifferenceError(f"a {typeName(type)} record of {textFromWire(owner)} is to go that is not there")
            changes.append(Remove(owner, type, rdata))
        for owner, type, ttl, rdata in _records(one.added):
            records = _at(zone, there, owner, type)
            key = foldRdata(type, rdata)
            if key in records:
                reason = f"a {typeName(type)} record of {textFromWire(owner)} is to come that is there"
                if records[key] != ttl:
                    raise DifferenceError(f"{reason} with another TTL")
                if not repeats:
                    raise RepeatedError(reason)
                continue
            records[key] = ttl
            changes.append(Add(owner, type, ttl, rdata))
    ((ttl, rdata),) = recordsOf(soa)
    changes.append(Add(zone.origin.wire, SOA, ttl, rdata))
    try:
        return edited(zone, changes)
    except ValueError as error:
        raise DifferenceError(str(error)) from None


def _records(sets: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, int, int, bytes]]:
    """The records of packed RRsets: owner, type, TTL and data."""
    for owner, packed in sets:
        type = typeOf(packed)
        for ttl, rdata in recordsOf(packed):
            yield owner, type, ttl, rdata


def _at(zone: Zone, there: dict[tuple[bytes, int], dict[bytes, int]], owner: bytes, type: int) -> dict[bytes, int]:
    """The records that a name has of a type by now: their folded data, and their TTLs."""
    key = owner.lower(), type
    records = there.get(key)
    if records is None:
        packed = rrsetAt(zone.nodes.get(key[0], ()), type)
        found = () if packed is None else recordsOf(packed)
        records = there[key] = {foldRdata(type, rdata): ttl for ttl, rdata in found}
    return records
