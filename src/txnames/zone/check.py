"""Finds what is wrong with a zone as a whole, once all its records are there.

BIND, NSD and Knot DNS do not agree on what a zone may hold.  What all of them refuse is an error; what some of them
load, with a word or without, is a warning.  With each fault stands who refuses a zone for it.

The search is one pass over the names, which for nearly all of them ends with a glance at the type: zones of any size
are checked.  Where a record stands is not known here: for each problem the reader is asked, which looks for it in the
text then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from txnames.wire.name import ROOT, textFromWire
from txnames.wire.numbers import (
    AAAA,
    AFSDB,
    CNAME,
    DNAME,
    DS,
    HTTPS,
    KEY,
    MX,
    NS,
    NSEC,
    NSEC3,
    NXT,
    RRSIG,
    SIG,
    SOA,
    SRV,
    SVCB,
    A,
    typeName,
)
from txnames.zone.hostname import isHostname, ownsLikeHost
from txnames.zone.problem import MAX_ERRORS, MAX_WARNINGS, Place, Problem, Refusers, Severity
from txnames.zone.rrset import countOf, nameEnd, rdatasOf, typeOf
from txnames.zone.tree import Zone, inZone, rrsetAt, rrsetsAt

__all__ = ["Locate", "check"]

Locate: TypeAlias = Callable[[bytes, int], Place | None]
"""Says where the first record of an owner (in wire form, folded) and type stands."""

_NOBODY: Final = Refusers.NOBODY
_BIND: Final = Refusers.BIND
_NSD: Final = Refusers.NSD
_KNOT: Final = Refusers.KNOT
_ALL: Final = Refusers.ALL

# Who refuses what stands beside a CNAME (RFC 2181 section 10.1, RFC 4034 section 2.5); all do so with other types.
_besideCname: Final = {
    CNAME: _NOBODY,
    RRSIG: _NOBODY,
    NSEC: _NOBODY,
    NSEC3: _BIND,
    KEY: _NSD | _KNOT,
    SIG: _KNOT,
    NXT: _BIND | _KNOT,
}
_MAX_RRSET: Final = 0xFFFF
# Types that lead to a host that should have an address, and the octets of their data before its name.
_hostAfter: Final = {NS: 0, MX: 2, SRV: 6}
# Types with the name of a host.
_nameAfter: Final = {**_hostAfter, SOA: 0, AFSDB: 2, SVCB: 2, HTTPS: 2}
# The low octets of the types that are looked at.
_noteworthy: Final = frozenset(number & 0xFF for number in (CNAME, DNAME, *_nameAfter))
_addresses: Final = frozenset({A, AAAA})
_addressTypes: Final = frozenset(type.to_bytes(2, "big") for type in _addresses)
# How many RRsets without fault are remembered, as many cuts have the same name servers.
_MAX_SOUND: Final = 10_000


def check(zone: Zone, locate: Locate | None = None) -> list[Problem]:
    """The problems of a zone, errors first; not more than the first 20 errors and the first 1000 warnings.

    @param locate: says where records stand.
    """
    faults = _Check(zone).run()
    chosen = [(Severity.ERROR, _ALL, fault) for fault in faults.pop(_ALL, [])[:MAX_ERRORS]]
    # One of each kind comes through.
    warnings = [(refusers, fault) for refusers, kind in faults.items() for fault in kind[:1]]
    warnings += [(refusers, fault) for refusers, kind in faults.items() for fault in kind[1:]]
    chosen += [(Severity.WARNING, refusers, fault) for refusers, fault in warnings[:MAX_WARNINGS]]
    return [
        Problem.at(locate(owner, type) if locate else None, reason, severity, refusers)
        for severity, refusers, (owner, type, reason) in chosen
    ]


_Fault: TypeAlias = tuple[bytes, int, str]
"""An owner and type of the records at fault, and what is wrong with them."""


def _areAddresses(first: bytes, second: bytes) -> bool:
    """Whether two RRsets of a node are its addresses, and not too many."""
    return first[3] == A and second[3] == AAAA and first[2] == second[2] == 0 and len(first) + len(second) <= _MAX_RRSET


class _Check:
    """One search for faults.

    @ivar faults: by who refuses a zone for them; not more of each kind than are ever reported.
    """

    def __init__(self, zone: Zone) -> None:
        self.nodes = zone.nodes
        self.apex = zone.apex
        self.dnames: set[bytes] = set()
        self.faults: dict[Refusers, list[_Fault]] = {}
        self.sound: set[bytes] = set()

    def note(self, refusers: Refusers, owner: bytes, type: int, reason: str) -> None:
        """Note a fault, as one of those for which a zone is refused by some."""
        faults = self.faults.setdefault(refusers, [])
        if len(faults) < MAX_WARNINGS:
            faults.append((owner, type, reason))

    def run(self) -> dict[Refusers, list[_Fault]]:
        """Look at every name."""
        noteworthy = _noteworthy
        addresses = _addresses
        sound = self.sound
        look = self.look
        for owner, node in self.nodes.items():
            if isinstance(node, bytes):
                number = node[3]
                if number in addresses:
                    if not isHostname(owner) or len(node) > _MAX_RRSET:
                        look(owner, (node,))
                elif (number in noteworthy or len(node) > _MAX_RRSET) and (
                    # A set of name servers that was found sound is so for all but wildcards.
                    node not in sound or number != NS or owner[:2] == b"\1*"
                ):
                    look(owner, (node,))
            elif node and not (len(node) == 2 and _areAddresses(*node) and isHostname(owner)):
                look(owner, node)
        self.checkBelowDnames()
        self.checkApex()
        return self.faults

    def look(self, owner: bytes, rrsets: tuple[bytes, ...]) -> None:
        """Check the RRsets of one name."""
        for packed in rrsets:
            type = packed[2] << 8 | packed[3]
            if type in _addresses:
                if not ownsLikeHost(owner, type):
                    self.badOwner(owner, type)
            elif type in _nameAfter:
                if packed not in self.sound:
                    self.checkNames(owner, type, packed)
                if type == NS and owner[:2] == b"\1*":
                    self.note(_BIND, owner, NS, f"{textFromWire(owner)} delegates, but is a wildcard")
                elif type == MX and not ownsLikeHost(owner, type):
                    self.badOwner(owner, type)
                elif type == SOA and owner != self.apex:
                    reason = f"an SOA record at {textFromWire(owner)}, which is not the apex of the zone"
                    self.note(_BIND | _NSD, owner, SOA, reason)
            elif type == CNAME:
                self.checkCname(owner, packed, rrsets)
            elif type == DNAME:
                self.checkDname(owner, packed, rrsets)
            if len(packed) > _MAX_RRSET:
                records = f"{typeName(type)} records of {textFromWire(owner)}"
                self.note(_BIND, owner, type, f"the {records} have over {_MAX_RRSET} octets: no message holds them")

    def badOwner(self, owner: bytes, type: int) -> None:
        """Note that a name that is none for a host has records for one."""
        self.note(_BIND, owner, type, f"the {typeName(type)} record of {textFromWire(owner)}, which is no host name")

    def checkNames(self, owner: bytes, type: int, packed: bytes) -> None:
        """See that the names in the data are those of hosts, and that those of this zone have addresses."""
        start = _nameAfter[type]
        wanted = type in _hostAfter and (type != NS or owner != self.apex)
        sound = wanted
        for rdata in rdatasOf(packed):
            host = rdata[start:].lower()
            node = self.nodes.get(host)
            if node:
                sound = False
                first = node if isinstance(node, bytes) else node[0]
                if host[1:2] != b"*" and (first[2:4] in _addressTypes or rrsetAt(node, AAAA) is not None):
                    continue
            if not isHostname(host):
                sound = False
                self.badHost(_BIND, owner, type, host[: nameEnd(host)], "is no host name")
            elif wanted and host != ROOT:
                # The root says that there is no host (RFC 7505, RFC 2782).
                fault = self.hostFault(host, owner if type == NS else None)
                if fault:
                    sound = False
                    self.badHost(_NOBODY, owner, type, host, fault)
            if type == SOA:
                mailbox = host[nameEnd(host) : -20]
                if not isHostname(mailbox[1 + mailbox[0] :] or mailbox):
                    self.badHost(_BIND, owner, type, mailbox, "is no mailbox of a host")
        if sound and len(self.sound) < _MAX_SOUND:
            self.sound.add(packed)

    def checkApex(self) -> None:
        """See that the apex has SOA and NS, its name servers have addresses, and that it has no DS."""
        apex = self.apex
        node = self.nodes[apex]
        name = textFromWire(apex)
        if rrsetAt(node, SOA) is None:
            self.note(_ALL, apex, SOA, f"the zone {name} has no SOA record")
        servers = rrsetAt(node, NS)
        if servers is None:
            self.note(_BIND, apex, SOA, f"the zone {name} has no NS record at its apex")
        else:
            for server in rdatasOf(servers):
                fault = self.hostFault(server.lower(), apex)
                if fault:
                    self.badHost(_BIND, apex, NS, server, fault)
        if rrsetAt(node, DS) is not None:
            self.note(_BIND, apex, DS, f"a DS record at {name}, the apex of the zone: it belongs to the zone above")

    def checkCname(self, owner: bytes, packed: bytes, rrsets: tuple[bytes, ...]) -> None:
        """See that a CNAME is the only one, and has no other data beside it (RFC 2181 section 10.1)."""
        name = textFromWire(owner)
        if countOf(packed) > 1:
            self.note(_ALL, owner, CNAME, f"several CNAME records at {name}")
        refusers = _NOBODY
        others = []
        for rrset in rrsets:
            type = typeOf(rrset)
            refused = _besideCname.get(type, _ALL)
            if type == SOA and owner != self.apex:
                refused = _BIND | _NSD
            if refused:
                refusers |= refused
                others.append(typeName(type))
        if others:
            reason = f"a CNAME record at {name} beside other data ({', '.join(others[:8])})"
            self.note(refusers, owner, CNAME, reason)

    def checkDname(self, owner: bytes, packed: bytes, rrsets: tuple[bytes, ...]) -> None:
        """See that a DNAME is the only one, and not at a cut (RFC 6672 sections 2.3 and 2.4)."""
        self.dnames.add(owner)
        name = textFromWire(owner)
        if countOf(packed) > 1:
            self.note(_ALL, owner, DNAME, f"several DNAME records at {name}")
        if owner != self.apex and any(typeOf(rrset) == NS for rrset in rrsets):
            self.note(_KNOT, owner, DNAME, f"a DNAME record at {name}, which is delegated")

    def hostFault(self, host: bytes, cut: bytes | None) -> str | None:
        """Why a name of the zone leads to no address; C{None} where it does, or where another zone has to say it.

        @param host: the name, folded.
        @param cut: the zone's name whose name server it is, folded; C{None} for hosts of other kinds.
        """
        apex = self.apex
        if not inZone(host, apex):
            return None
        nodes = self.nodes
        path = [host]
        while path[-1] != apex:
            path.append(path[-1][1 + path[-1][0] :])
        encloser = apex
        node = nodes[apex]
        for name in reversed(path):
            if name not in nodes:
                node = nodes.get(b"\1*" + encloser, ())
                break
            node = nodes[name]
            if name != apex and rrsetAt(node, NS) is not None:
                glue = nodes.get(host, ())
                if cut is None or cut == apex or rrsetAt(glue, A) or rrsetAt(glue, AAAA):
                    return None
                return "has no address (glue) in this zone"
            if name != host and rrsetAt(node, DNAME) is not None:
                return f"lies below the DNAME record of {textFromWire(name)}"
            encloser = name
        if rrsetAt(node, CNAME) is not None:
            return "is an alias"
        return None if rrsetAt(node, A) or rrsetAt(node, AAAA) else "has no address"

    def badHost(self, refusers: Refusers, owner: bytes, type: int, host: bytes, fault: str) -> None:
        """Note that a record leads to a name that is no host."""
        reason = f"the {typeName(type)} record of {textFromWire(owner)} names {textFromWire(host)}, which {fault}"
        self.note(refusers, owner, type, reason)

    def checkBelowDnames(self) -> None:
        """See that nothing lies below a DNAME (RFC 6672 section 2.4)."""
        if not self.dnames:
            return
        for owner, node in self.nodes.items():
            above = owner
            while node and above != self.apex:
                above = above[1 + above[0] :]
                if above in self.dnames:
                    types = [typeOf(packed) for packed in rrsetsAt(node)]
                    reason = f"{textFromWire(owner)} lies below the DNAME record of {textFromWire(above)}"
                    # Knot DNS has left out an SOA record before it looks here.
                    self.note(_NSD if types == [SOA] else _NSD | _KNOT, owner, types[0], reason)
                    break
