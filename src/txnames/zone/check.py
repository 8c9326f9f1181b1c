"""Finds what is wrong with a zone as a whole, once all its records are there.

What NSD, Knot DNS and BIND all refuse is an error, what some of them load is a warning.  The search is one pass over
the names, and for nearly all of them it ends with a glance at the type: so it has its place in every load, of large
zones too.  Where the records stand is not kept with them; for each problem the reader is asked, which may look for it
in the text then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from txnames.wire.name import textFromWire
from txnames.wire.numbers import AAAA, CNAME, DNAME, MX, NS, NSEC, RRSIG, SOA, SRV, A, typeName
from txnames.zone.problem import MAX_ERRORS, MAX_WARNINGS, Place, Problem, Severity
from txnames.zone.rrset import countOf, rdatasOf, typeOf
from txnames.zone.tree import Node, Zone, inZone, rrsetAt, rrsetsAt

__all__ = ["Locate", "check"]

Locate: TypeAlias = Callable[[bytes, int], Place | None]
"""Says where the first record of an owner (in wire form, folded) and type stands."""

_MAX_RRSET: Final = 0xFFFF
# What may stand beside a CNAME (RFC 2181 section 10.1, RFC 4034 section 2.5).
_besideCname: Final = frozenset({CNAME, RRSIG, NSEC})
# The low octets of the types that are looked at.
_noteworthy: Final = frozenset({NS, CNAME, SOA, MX, SRV, DNAME})
# Types that lead to a host, and the octets of their data before its name.
_hostAfter: Final = {NS: 0, MX: 2, SRV: 6}


def check(zone: Zone, locate: Locate | None = None) -> list[Problem]:
    """The problems of a zone, errors first; not more than the first 20 errors and the first 1000 warnings.

    @param locate: says where records stand.
    """
    found = _Check(zone, locate)
    found.run()
    return found.errors + found.warnings


class _Check:
    """One search for problems."""

    def __init__(self, zone: Zone, locate: Locate | None) -> None:
        self.zone = zone
        self.nodes = zone.nodes
        self.apex = zone.apex
        self.locate = locate
        self.errors: list[Problem] = []
        self.warnings: list[Problem] = []
        self.dnames: set[bytes] = set()

    def run(self) -> None:
        """Look at every name."""
        self.checkApex()
        noteworthy = _noteworthy
        look = self.look
        for owner, node in self.nodes.items():
            if isinstance(node, bytes):
                if node[3] in noteworthy or len(node) > _MAX_RRSET:
                    look(owner, (node,))
            elif node:
                look(owner, node)
        if self.dnames:
            self.checkBelowDnames()

    def error(self, owner: bytes, type: int, reason: str) -> None:
        """Note what keeps the zone from loading."""
        if len(self.errors) < MAX_ERRORS:
            self.errors.append(Problem.at(self.place(owner, type), reason))

    def warning(self, owner: bytes, type: int, reason: str) -> None:
        """Note what the zone loads with nevertheless."""
        if len(self.warnings) < MAX_WARNINGS:
            self.warnings.append(Problem.at(self.place(owner, type), reason, Severity.WARNING))

    def place(self, owner: bytes, type: int) -> Place | None:
        """Where a record stands."""
        return self.locate(owner, type) if self.locate else None

    def checkApex(self) -> None:
        """See that SOA and NS are at the apex."""
        node = self.nodes[self.apex]
        name = textFromWire(self.apex)
        if rrsetAt(node, SOA) is None:
            self.error(self.apex, SOA, f"the zone {name} has no SOA record")
        if rrsetAt(node, NS) is None:
            self.warning(self.apex, SOA, f"the zone {name} has no NS record at its apex")

    def look(self, owner: bytes, rrsets: tuple[bytes, ...]) -> None:
        """Check the RRsets of one name."""
        for packed in rrsets:
            type = typeOf(packed)
            if type in _hostAfter:
                if self.apex in packed.lower():
                    self.checkHosts(owner, type, packed)
            elif type == CNAME:
                self.checkCname(owner, packed, rrsets)
            elif type == DNAME:
                self.dnames.add(owner)
                self.checkDname(owner, packed, rrsets)
            elif type == SOA and owner != self.apex:
                self.error(owner, SOA, f"an SOA record at {textFromWire(owner)}, which is not the apex of the zone")
            if len(packed) > _MAX_RRSET:
                self.error(
                    owner, type, f"the {typeName(type)} records of {textFromWire(owner)} have over {_MAX_RRSET} octets"
                )

    def checkCname(self, owner: bytes, packed: bytes, rrsets: tuple[bytes, ...]) -> None:
        """See that a CNAME is the only one, and has no other data beside it (RFC 2181 section 10.1)."""
        name = textFromWire(owner)
        if countOf(packed) > 1:
            self.error(owner, CNAME, f"several CNAME records at {name}")
        others = [typeName(type) for rrset in rrsets if (type := typeOf(rrset)) not in _besideCname]
        if others:
            self.error(owner, CNAME, f"a CNAME record at {name} beside other data ({', '.join(others)})")

    def checkDname(self, owner: bytes, packed: bytes, rrsets: tuple[bytes, ...]) -> None:
        """See that a DNAME is the only one, and not at a cut (RFC 6672 sections 2.4 and 5.2)."""
        name = textFromWire(owner)
        if countOf(packed) > 1:
            self.error(owner, DNAME, f"several DNAME records at {name}")
        if owner != self.apex and any(typeOf(rrset) == NS for rrset in rrsets):
            self.warning(owner, DNAME, f"a DNAME record at {name}, which is delegated")

    def checkHosts(self, owner: bytes, type: int, packed: bytes) -> None:
        """See that NS, MX and SRV records lead to hosts, as far as those are in the zone."""
        start = _hostAfter[type]
        for rdata in rdatasOf(packed):
            host = rdata[start:].lower()
            node = self.nodes.get(host)
            if node:
                if rrsetAt(node, A) is not None or rrsetAt(node, AAAA) is not None:
                    continue
                if rrsetAt(node, CNAME) is not None:
                    self.badHost(owner, type, host, "is an alias")
                    continue
            if type == NS and inZone(host, self.apex) and not self.reachable(owner, host):
                self.badHost(owner, NS, host, "has no address")

    def badHost(self, owner: bytes, type: int, host: bytes, fault: str) -> None:
        """Note that a record leads to a name that is no host."""
        self.warning(
            owner,
            type,
            f"the {typeName(type)} record of {textFromWire(owner)} names {textFromWire(host)}, which {fault}",
        )

    def reachable(self, cut: bytes, host: bytes) -> bool:
        """Whether a name server's address comes from a wildcard or from another zone, as its name has none here."""
        nodes = self.nodes
        if host in nodes:
            node: Node | None = nodes[host]
        else:
            encloser = host
            while encloser not in nodes:
                encloser = encloser[1 + encloser[0] :]
            node = nodes.get(b"\1*" + encloser)
        if node is not None and any(typeOf(packed) in (A, AAAA, CNAME) for packed in rrsetsAt(node)):
            return True
        above = host
        while above != self.apex:
            at = nodes.get(above)
            if at and above != cut and rrsetAt(at, NS) is not None:
                return True
            above = above[1 + above[0] :]
        return False

    def checkBelowDnames(self) -> None:
        """See that nothing lies below a DNAME (RFC 6672 section 2.4)."""
        for owner, node in self.nodes.items():
            if node and owner != self.apex:
                above = owner
                while above != self.apex:
                    above = above[1 + above[0] :]
                    if above in self.dnames:
                        type = typeOf(rrsetsAt(node)[0])
                        name = textFromWire(owner)
                        self.error(owner, type, f"{name} lies below the DNAME record of {textFromWire(above)}")
                        break
