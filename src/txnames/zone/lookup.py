"""Looks names up in zones: RFC 1034 section 4.3.2, with what came later.

A search goes from the apex of the most specific zone down to the name, label by label, each step a dict hit on a
suffix of the folded name.  It ends at

 - a cut (RFC 1034 section 4.2.1): a referral, whatever may stand below it in the zone; but for the DS RRset of the
 cut itself, which is the parent's (RFC 4035 section 3.1.4.1);
 - a DNAME above the name (RFC 6672): it is answered with the CNAME that follows from it, and the search starts anew;
 - a name that is not there: the wildcard below its closest encloser answers in its stead (RFC 4592), or nothing does;
 - the name: its RRset, or its CNAME, which starts the search anew, or nothing.

What starts anew may lead into another loaded zone, where the search goes on, or out of all zones, where it ends with
what was found.  The response code is that of the last name (RFC 6604), AA tells of the first (RFC 1035 section
4.1.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from txnames.wire.name import MAX_NAME
from txnames.wire.numbers import (
    AAAA,
    ALL_RECORDS,
    CNAME,
    DNAME,
    DS,
    ENAME,
    EYXDOMAIN,
    IN,
    MX,
    NS,
    NSEC,
    NSEC3,
    RRSIG,
    SRV,
    A,
)
from txnames.zone.answer import Answer, Section
from txnames.zone.rrset import HEADER, packRecord, rdatasOf, ttlOf, typeOf
from txnames.zone.tree import Node, Zone, inZone, rrsetAt, rrsetsAt

__all__ = ["MAX_ALIASES", "ZoneTable", "answerAcross", "lookup"]

MAX_ALIASES: Final = 20
"""How many aliases (CNAME or DNAME) are followed for one question."""

_ANY_CLASS: Final = 255
_proofs: Final = frozenset({DS, RRSIG, NSEC, NSEC3})

# The types that name hosts whose addresses go along, and where in the data (RFC 1035 sections 3.3.9, 3.3.11; RFC 2782).
_hostAt: Final = {NS: 0, MX: 2, SRV: 6}


class ZoneTable:
    """The loaded zones, by class and name.

    @ivar version: a number that grows whenever a zone comes, goes or changes.
    """

    __slots__ = ("_classes", "version")

    def __init__(self, zones: Iterable[Zone] = ()) -> None:
        """Begin with these zones."""
        self._classes: dict[int, dict[bytes, Zone]] = {}
        self.version = 0
        for zone in zones:
            self.put(zone)

    def put(self, zone: Zone) -> None:
        """Enter a zone, in the place of the one that has the same apex and class."""
        self._classes.setdefault(zone.cls, {})[zone.apex] = zone
        self.version += 1

    def remove(self, zone: Zone) -> None:
        """Take out the zone that has the same apex and class.

        @raise KeyError: there is none.
        """
        del self._classes[zone.cls][zone.apex]
        self.version += 1

    def __iter__(self) -> Iterator[Zone]:
        for zones in self._classes.values():
            yield from zones.values()

    def find(self, folded: bytes, cls: int, type: int = A) -> Zone | None:
        """The most specific zone that a name lies in.

        For DS at an apex it is the zone above, if that is loaded (RFC 4035 section 3.1.4.1).

        @param folded: the name in wire form and lower case.
        @param cls: the class; 255 for that which has the most specific zone.
        """
        if cls == _ANY_CLASS and self._classes:
            found = [self.find(folded, cls, type) for cls in sorted(self._classes)]
            return max(found, key=lambda zone: len(zone.apex) if zone else 0)
        zones = self._classes.get(cls)
        if not zones:
            return None
        atApex = None
        position = 0
        while True:
            zone = zones.get(folded[position:])
            if zone is not None:
                if position or type != DS:
                    return zone
                atApex = zone
            if not folded[position]:
                return atApex
            position += 1 + folded[position]


def lookup(zone: Zone, qname: bytes, qtype: int, qclass: int = IN, *, minimalAny: bool = True) -> Answer | None:
    """Answer a question from one zone.

    @param qname: the name in wire form, as it was asked.
    @param minimalAny: answer ANY with one RRset (RFC 8482 section 4.1), not with all.
    @return: the answer, or C{None} where the name or the class is not the zone's.
    """
    return answerAcross(ZoneTable((zone,)), qname, qtype, qclass, minimalAny=minimalAny)


def answerAcross(
    zones: ZoneTable, qname: bytes, qtype: int, qclass: int = IN, *, minimalAny: bool = True
) -> Answer | None:
    """Answer a question from the most specific of the loaded zones, and follow aliases through all of them.

    @param qname: the name in wire form, as it was asked.
    @param minimalAny: answer ANY with one RRset (RFC 8482 section 4.1), not with all.
    @return: the answer, or C{None} for a name outside of all zones.
    """
    folded = qname.lower()
    zone = zones.find(folded, qclass, qtype)
    if zone is None:
        return None
    answer = Answer(authoritative=qclass != _ANY_CLASS)
    target = _search(answer, zone, qname, folded, qtype, minimalAny)
    if target is not None:
        _follow(answer, zones, zone.cls, folded, target, qtype, minimalAny)
    return answer


def _follow(
    answer: Answer, zones: ZoneTable, cls: int, folded: bytes, name: bytes | None, qtype: int, minimalAny: bool
) -> None:
    """Go on with the target of an alias, until a search ends with data or a name comes up a second time."""
    seen = {folded}
    while name is not None and len(seen) <= MAX_ALIASES:
        folded = name.lower()
        if folded in seen:
            return
        seen.add(folded)
        zone = zones.find(folded, cls, qtype)
        if zone is None:
            return
        name = _search(answer, zone, name, folded, qtype, minimalAny)


def _search(answer: Answer, zone: Zone, name: bytes, folded: bytes, qtype: int, minimalAny: bool) -> bytes | None:
    """Look a name of a zone up and add what is found to the answer.

    @return: the name to look up next, where an alias led away.
    """
    nodes = zone.nodes
    rest = len(folded) - len(zone.apex)
    if not rest:
        return _found(answer, zone, name, nodes[folded], qtype, minimalAny)
    if zone.apexDname is not None:
        return _redirected(answer, zone, name, rest, zone.apexDname, qtype)
    starts = []
    position = 0
    while position < rest:
        starts.append(position)
        position += 1 + folded[position]
    encloser = zone.apex
    while starts:
        start = starts.pop()
        owner = folded[start:]
        node = nodes.get(owner)
        if node is None:
            wildcard = nodes.get(b"\1*" + encloser)
            if wildcard is None:
                answer.rcode = ENAME
                _deny(answer, zone)
                return None
            return _found(answer, zone, name, wildcard, qtype, minimalAny)
        for packed in (node,) if isinstance(node, bytes) else node:
            kind = packed[2] << 8 | packed[3]
            if kind == NS:
                if start or qtype != DS:
                    _refer(answer, zone, owner, packed)
                    return None
            elif kind == DNAME and start:
                return _redirected(answer, zone, name, start, packed, qtype)
        encloser = owner
    return _found(answer, zone, name, nodes[folded], qtype, minimalAny)


def _found(answer: Answer, zone: Zone, name: bytes, node: Node, qtype: int, minimalAny: bool) -> bytes | None:
    """Answer from the node of the name, or of the wildcard in its stead.

    @return: the name to look up next, where the node is an alias.
    """
    if qtype == ALL_RECORDS:
        rrsets = rrsetsAt(node)
        if minimalAny:
            # Whatever is there, but what nobody wants alone (RFC 8482 section 4.1).
            rrsets = tuple([packed for packed in rrsets if typeOf(packed) not in _proofs][:1]) or rrsets[:1]
        if rrsets:
            answer.answer += [(name, packed) for packed in rrsets]
            return None
    else:
        packed = rrsetAt(node, qtype)
        if packed is not None:
            answer.answer.append((name, packed))
            if qtype in _hostAt:
                _addHosts(answer, zone, packed, qtype)
            return None
        packed = rrsetAt(node, CNAME)
        if packed is not None:
            answer.answer.append((name, packed))
            return _first(packed)
    _deny(answer, zone)
    return None


def _first(packed: bytes) -> bytes:
    """The data of the first record of an RRset that should have one alone."""
    return packed[HEADER : HEADER + (packed[10] << 8 | packed[11])]


def _addHosts(answer: Answer, zone: Zone, packed: bytes, qtype: int) -> None:
    """Add the addresses of the hosts that an RRset names, each once.

    Those below a cut are not the zone's to tell, but of name servers.
    """
    seen = set()
    for folded, addresses in _hosts(zone, packed, _hostAt[qtype]):
        if folded not in seen and (qtype == NS or not _isOccluded(zone, folded)):
            seen.add(folded)
            answer.additional += addresses


def _isOccluded(zone: Zone, folded: bytes) -> bool:
    """Whether a name of the zone lies at or below a cut, or below a DNAME."""
    nodes, apex = zone.nodes, zone.apex
    owner = folded
    while owner != apex:
        node = nodes[owner]
        if rrsetAt(node, NS) is not None or (owner != folded and rrsetAt(node, DNAME) is not None):
            return True
        owner = owner[1 + owner[0] :]
    return folded != apex and zone.apexDname is not None


def _deny(answer: Answer, zone: Zone) -> None:
    """Add the SOA with which a zone says that something does not exist (RFC 2308 section 2)."""
    if not answer.answer:
        answer.encoded = zone.encoded
    answer.authority.append((zone.origin.wire, zone.negative))


def _redirected(answer: Answer, zone: Zone, name: bytes, start: int, dname: bytes, qtype: int) -> bytes | None:
    """Answer with a DNAME above the name, and the CNAME that follows from it (RFC 6672 section 3.1).

    @param start: how many octets of the name stand below the owner of the DNAME.
    @return: the name to look up next.
    """
    owner = zone.ownerOf(name[start:].lower())
    if (owner, dname) not in answer.answer:
        answer.answer.append((owner, dname))
    target = name[:start] + _first(dname)
    if len(target) > MAX_NAME:
        answer.rcode = EYXDOMAIN
        return None
    answer.answer.append((name, packRecord(CNAME, zone.cls, ttlOf(dname), target)))
    return None if qtype == CNAME else target


def _refer(answer: Answer, zone: Zone, cut: bytes, packed: bytes) -> None:
    """Refer to the servers of a delegated zone, with the addresses of those whose names lie in this zone.

    Those below the cut are glue: nobody could reach them otherwise (RFC 9471 section 3.1).
    """
    if not answer.answer:
        answer.authoritative = False
    answer.authority.append((zone.ownerOf(cut), packed))
    for folded, addresses in _hosts(zone, packed, 0):
        if inZone(folded, cut):
            answer.glue += addresses
        else:
            answer.additional += addresses


def _hosts(zone: Zone, packed: bytes, at: int) -> Iterator[tuple[bytes, Section]]:
    """The folded names of those hosts of an RRset that are in the zone, and their addresses.

    @param at: where the host's name begins in the data of a record.
    """
    nodes = zone.nodes
    for rdata in rdatasOf(packed):
        target = rdata[at:]
        folded = target.lower()
        node = nodes.get(folded)
        if node:
            yield folded, [(target, rrset) for type in (A, AAAA) if (rrset := rrsetAt(node, type)) is not None]
