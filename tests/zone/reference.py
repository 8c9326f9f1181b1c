"""A slow lookup that follows the RFCs' words, for the fast one to be held against.

A zone is a list of rows, a name is a tuple of labels from the root down; nothing is indexed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from txnames.zone.rrset import recordsOf, typeOf
from txnames.zone.tree import Zone, rrsetsAt

A, NS, CNAME, SOA, MX, AAAA, SRV, DNAME, DS, ANY = 1, 2, 5, 6, 15, 28, 33, 39, 43, 255

HOST_AT = {MX: 2, SRV: 6}
"""Where the host's name begins in the data of types that name one (RFC 1035 section 3.3.9, RFC 2782)."""

Labels: TypeAlias = tuple[bytes, ...]
"""The labels of a name in lower case, from the root down."""

Row: TypeAlias = tuple[Labels, int, int, bytes]
"""Owner, type, TTL and data."""


def labelsOf(wire: bytes) -> Labels:
    """The labels of a name in wire form."""
    found: list[bytes] = []
    while wire[0]:
        found.insert(0, wire[1 : 1 + wire[0]].lower())
        wire = wire[1 + wire[0] :]
    return tuple(found)


def wireOf(labels: Labels) -> bytes:
    """The name in wire form."""
    return b"".join(bytes([len(label)]) + label for label in reversed(labels)) + b"\0"


def rowsOf(zone: Zone) -> list[Row]:
    """The records of a zone."""
    return [
        (labelsOf(folded), typeOf(packed), ttl, data)
        for folded, node in zone.nodes.items()
        for packed in rrsetsAt(node)
        for ttl, data in recordsOf(packed)
    ]


@dataclass
class Reply:
    """What is answered; rows have names in lower case."""

    rcode: int = 0
    authoritative: bool = True
    answer: set[Row] = field(default_factory=set)
    authority: set[Row] = field(default_factory=set)
    glue: set[Row] = field(default_factory=set)
    additional: set[Row] = field(default_factory=set)


@dataclass
class ReferenceZone:
    """A zone of rows."""

    apex: Labels
    rows: list[Row]

    def at(self, name: Labels, type: int) -> list[Row]:
        """The RRset of a name and type."""
        return [row for row in self.rows if row[0] == name and type in (row[1], ANY)]

    def exists(self, name: Labels) -> bool:
        """Whether something stands at a name or below it (RFC 4592 section 2.2)."""
        return name == self.apex or any(row[0][: len(name)] == name for row in self.rows)

    def negative(self) -> set[Row]:
        """The SOA of a negative answer (RFC 2308 section 3)."""
        ((owner, type, ttl, data),) = self.at(self.apex, SOA)
        return {(owner, type, min(ttl, int.from_bytes(data[-4:], "big")), data)}

    def occludes(self, name: Labels) -> bool:
        """Whether a name lies at or below a cut, or below a DNAME."""
        path = [name[:depth] for depth in range(len(self.apex), len(name) + 1)]
        return any(self.at(owner, DNAME) for owner in path[:-1]) or any(self.at(owner, NS) for owner in path[1:])

    def addresses(self, name: Labels) -> set[Row]:
        """The addresses that the zone has for a name."""
        return {*self.at(name, A), *self.at(name, AAAA)}


def nearest(zones: Iterable[ReferenceZone], name: Labels, qtype: int) -> ReferenceZone | None:
    """The zone to search (RFC 1034 section 4.3.2 step 2; RFC 4035 section 3.1.4.1 for DS)."""
    holding = sorted((zone for zone in zones if name[: len(zone.apex)] == zone.apex), key=lambda zone: len(zone.apex))
    if qtype == DS and len(holding) > 1 and holding[-1].apex == name:
        return holding[-2]
    return holding[-1] if holding else None


def reference(zones: list[ReferenceZone], qname: bytes, qtype: int) -> Reply | None:
    """The answer, C{None} outside of all zones."""
    reply = Reply()
    name = labelsOf(qname)
    seen: list[Labels] = []
    while True:
        zone = nearest(zones, name, qtype)
        if zone is None:
            return reply if seen else None
        seen.append(name)
        target = step(reply, zone, name, qtype, first=len(seen) == 1)
        if target is None or target in seen or len(seen) > 20:
            return reply
        name = target


def step(reply: Reply, zone: ReferenceZone, name: Labels, qtype: int, first: bool) -> Labels | None:
    """Step 3 of RFC 1034 section 4.3.2, label by label; the next name where one follows."""
    for depth in range(len(zone.apex), len(name) + 1):
        here = name[:depth]
        if depth > len(zone.apex) and zone.at(here, NS) and not (here == name and qtype == DS):
            reply.authoritative = not first
            reply.authority.update(zone.at(here, NS))
            for row in zone.at(here, NS):
                server = labelsOf(row[3])
                inside = server[: len(here)] == here
                (reply.glue if inside else reply.additional).update(zone.addresses(server))
            return None
        dname = zone.at(here, DNAME)
        if here != name and dname:
            ((_, _, ttl, data),) = dname
            reply.answer.update(dname)
            target = labelsOf(data) + name[depth:]
            if len(wireOf(target)) > 255:
                reply.rcode = 6
                return None
            reply.answer.add((name, CNAME, ttl, wireOf(target)))
            return None if qtype == CNAME else target
        if not zone.exists(here):
            wildcard = (*name[: depth - 1], b"*")
            if not zone.exists(wildcard):
                reply.rcode = 3
                reply.authority |= zone.negative()
                return None
            return node(reply, zone, name, wildcard, qtype)
    return node(reply, zone, name, name, qtype)


def node(reply: Reply, zone: ReferenceZone, name: Labels, source: Labels, qtype: int) -> Labels | None:
    """Answer from the data of a name, which for wildcards is another than the owner (RFC 4592 section 3.3.3)."""
    found = zone.at(source, qtype)
    alias = zone.at(source, CNAME)
    if found:
        reply.answer |= {(name, type, ttl, data.lower()) for _, type, ttl, data in found}
        if qtype == NS:
            for row in found:
                reply.additional |= zone.addresses(labelsOf(row[3]))
        elif qtype in HOST_AT:
            for row in found:
                host = labelsOf(row[3][HOST_AT[qtype] :])
                if not zone.occludes(host):
                    reply.additional |= zone.addresses(host)
    elif alias:
        ((_, _, ttl, data),) = alias
        reply.answer.add((name, CNAME, ttl, data.lower()))
        return labelsOf(data)
    else:
        reply.authority |= zone.negative()
    return None
