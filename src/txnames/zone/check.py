"""Finds what is wrong with a zone as a whole, once all its records are there.

BIND, NSD and Knot DNS do not agree on what a zone may hold.  A zone that each of them refuses, be it for different
reasons, has errors; what some of them load, with a word or without, is a warning.  So with each fault stands who
refuses it.

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
    CNAME,
    DNAME,
    DS,
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
    A,
    typeName,
)
from txnames.zone.problem import MAX_ERRORS, MAX_WARNINGS, Place, Problem, Severity
from txnames.zone.rrset import countOf, rdatasOf, typeOf
from txnames.zone.tree import Zone, inZone, rrsetAt, rrsetsAt

__all__ = ["Locate", "check"]

Locate: TypeAlias = Callable[[bytes, int], Place | None]
"""Says where the first record of an owner (in wire form, folded) and type stands."""

# Who refuses a zone for a fault.
_NOBODY: Final = 0
_BIND: Final = 1
_NSD: Final = 2
_KNOT: Final = 4
_ALL: Final = _BIND | _NSD | _KNOT

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
# The low octets of the types that are looked at.
_noteworthy: Final = frozenset({NS, CNAME, SOA, MX, SRV, DNAME})
# Types that lead to a host, and the octets of their data before its name.
_hostAfter: Final = {NS: 0, MX: 2, SRV: 6}


def check(zone: Zone, locate: Locate | None = None) -> list[Problem]:
    """The problems of a zone, errors first; not more than the first 20 errors and the first 1000 warnings.

    @param locate: says where records stand.
    """
    search = _Check(zone)
    search.run()
    errors, warnings = search.judged()
    chosen = [(Severity.ERROR, fault) for fault in errors[:MAX_ERRORS]]
    chosen += [(Severity.WARNING, fault) for fault in warnings[:MAX_WARNINGS]]
    return [
        Problem.at(locate(owner, type) if locate else None, reason, severity)
        for severity, (owner, type, reason) in chosen
    ]


_Fault: TypeAlias = tuple[bytes, int, str]
"""An owner and type of the records at fault, and what is wrong with them."""


class _Check:
    """One search for faults.

    @ivar faults: by who refuses a zone for them; not more of each kind than are ever reported.
    """

    def __init__(self, zone: Zone) -> None:
        self.nodes = zone.nodes
        self.apex = zone.apex
        self.dnames: set[bytes] = set()
        self.faults: dict[int, list[_Fault]] = {}

    def judged(self) -> tuple[list[_Fault], list[_Fault]]:
        """The errors, for which all three refuse the zone: each for one, or for some together; and the warnings."""
        together = 0
        for refusers in self.faults:
            together |= refusers
        least = 1 if together == _ALL and _ALL not in self.faults else _ALL
        errors: list[_Fault] = []
        warnings: list[_Fault] = []
        for refusers, faults in self.faults.items():
            (errors if refusers >= least else warnings).extend(faults)
        return errors, warnings

    def note(self, refusers: int, owner: bytes, type: int, reason: str) -> None:
        """Note a fault, as one of those for which a zone is refused by some."""
        faults = self.faults.setdefault(refusers, [])
        if len(faults) < MAX_WARNINGS:
            faults.append((owner, type, reason))

    def run(self) -> None:
        """Look at every name."""
        noteworthy = _noteworthy
        look = self.look
        for owner, node in self.nodes.items():
            if isinstance(node, bytes):
                if node[3] in noteworthy or len(node) > _MAX_RRSET:
                    look(owner, (node,))
            elif node:
                look(owner, node)
        self.checkBelowDnames()
        self.checkApex()

    def look(self, owner: bytes, rrsets: tuple[bytes, ...]) -> None:
        """Check the RRsets of one name."""
        for packed in rrsets:
            type = typeOf(packed)
            if type in _hostAfter:
                if owner == self.apex:
                    if type != NS:
                        self.checkHosts(owner, type, packed)
                    continue
                if type == NS and owner[:2] == b"\1*":
                    self.note(_BIND, owner, NS, f"{textFromWire(owner)} delegates, but is a wildcard")
                if self.apex in packed.lower():
                    self.checkHosts(owner, type, packed)
            elif type == CNAME:
                self.checkCname(owner, packed, rrsets)
            elif type == DNAME:
                self.checkDname(owner, packed, rrsets)
            elif type == SOA and owner != self.apex:
                reason = f"an SOA record at {textFromWire(owner)}, which is not the apex of the zone"
                self.note(_BIND | _NSD, owner, SOA, reason)
            if len(packed) > _MAX_RRSET:
                records = f"{typeName(type)} records of {textFromWire(owner)}"
                self.note(_BIND, owner, type, f"the {records} have over {_MAX_RRSET} octets: no message holds them")

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
        refusers = 0
        others = []
        for rrset in rrsets:
            type = typeOf(rrset)
            refused = _besideCname.get(type, _ALL)
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

    def checkHosts(self, owner: bytes, type: int, packed: bytes) -> None:
        """See that NS, MX and SRV records lead to hosts, as far as those are in the zone."""
        start = _hostAfter[type]
        for rdata in rdatasOf(packed):
            host = rdata[start:].lower()
            if host == ROOT:
                # There is no host, and that is meant (RFC 7505, RFC 2782).
                continue
            node = self.nodes.get(host)
            if node and (rrsetAt(node, A) is not None or rrsetAt(node, AAAA) is not None):
                continue
            fault = self.hostFault(host, owner if type == NS else None)
            if fault:
                self.badHost(_NOBODY, owner, type, host, fault)

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

    def badHost(self, refusers: int, owner: bytes, type: int, host: bytes, fault: str) -> None:
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
                    type = typeOf(rrsetsAt(node)[0])
                    reason = f"{textFromWire(owner)} lies below the DNAME record of {textFromWire(above)}"
                    self.note(_NSD | _KNOT, owner, type, reason)
                    break
