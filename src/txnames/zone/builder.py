"""Makes a zone of its records, whatever their order."""

from __future__ import annotations

from typing import Final

from txnames.wire.name import Name, textFromWire
from txnames.wire.numbers import IN, RRSIG, SOA, typeName
from txnames.zone.problem import Place, Problems, Refusers
from txnames.zone.rrset import classOf, foldRdata, packRecord, recordsOf, typeOf
from txnames.zone.tree import Node, Zone, completed, inZone, rrsetAt, rrsetsAt

__all__ = ["ZoneBuilder"]

# What grows beyond this is gathered in lists, so that adding to it does not copy all of it each time.
_OPEN_OCTETS: Final = 512
_OPEN_SETS: Final = 8


class ZoneBuilder:
    """Gathers the records of a zone.

    A reader in a hurry writes to C{nodes} itself.  For a folded name that lies in the zone and is not there yet it
    may store the packed RRset, of the zone's class and without duplicates; unless the name was in lower case, it
    enters the name in C{spelling}.  All else goes through L{add}.

    @ivar origin: the apex, in wire form.
    @ivar apex: the same, folded.
    @ivar cls: the zone's class; that of the first record unless it was given.
    @ivar nodes: the names and what was gathered for them.
    @ivar spelling: the owners that are not in lower case, as they were first written.
    @ivar problems: what was found wrong.
    """

    __slots__ = ("_mixed", "_open", "apex", "cls", "nodes", "origin", "problems", "spelling")

    def __init__(self, origin: bytes, problems: Problems | None = None, cls: int | None = None) -> None:
        """Begin a zone without records."""
        self.origin = origin
        self.apex = origin.lower()
        self.cls = cls
        self.nodes: dict[bytes, Node] = {}
        self.spelling: dict[bytes, bytes] = {}
        self.problems = Problems() if problems is None else problems
        # Large nodes; in `nodes` stands what they were when they became so.
        self._open: dict[bytes, _OpenNode] = {}
        # The RRsets whose TTLs were found to differ.
        self._mixed: set[tuple[bytes, int, int]] = set()

    def add(self, owner: bytes, type: int, cls: int, ttl: int, rdata: bytes, where: Place | None = None) -> None:
        """Add a record; what is wrong with it becomes a problem.

        @param owner: the owner in wire form, its case kept.
        @param ttl: in seconds; that of the RRset's first record takes its place where they differ.
        @param rdata: the data in wire form, names uncompressed.
        @param where: where the record stands, for the problems.
        """
        folded = owner.lower()
        if cls != self.cls:
            if self.cls is not None:
                self.problems.error(where, f"a record of class {cls} in a zone of class {self.cls}")
                return
            self.cls = cls
        node = self.nodes.get(folded)
        if node is None:
            if not inZone(folded, self.apex):
                name, zone = textFromWire(owner), textFromWire(self.origin)
                reason = f"{name} lies outside of the zone {zone}: its record is left out"
                self.problems.warning(where, reason, Refusers.NSD)
                return
            self._enter(owner, folded, packRecord(type, cls, ttl, rdata))
            return
        opened = self._open.get(folded)
        if opened is None:
            present = rrsetAt(node, type)
            if present is None:
                if isinstance(node, bytes) or len(node) < _OPEN_SETS:
                    rrsets = [*rrsetsAt(node), packRecord(type, cls, ttl, rdata)]
                    rrsets.sort(key=typeOf)
                    self.nodes[folded] = tuple(rrsets)
                    return
            elif len(present) < _OPEN_OCTETS:
                self._grow(folded, node, present, ttl, rdata, where)
                return
            opened = self._open[folded] = _OpenNode(node)
        gathered = opened.sets.get(type)
        if gathered is None:
            gathered = opened.sets[type] = _OpenSet()
        key = foldRdata(type, rdata)
        covered = _covered(type, rdata)
        taken = self._judged(folded, type, covered, ttl, gathered.ttls.get(covered), key in gathered.known, where)
        if taken is not None:
            gathered.put(type, cls, taken, rdata, key, covered)

    def addRRset(self, owner: bytes, packed: bytes, where: Place | None = None) -> None:
        """Add the records of a packed RRset, without duplicates, as L{add} does; at once where the owner is new."""
        folded = owner.lower()
        cls = classOf(packed)
        if cls == self.cls and folded not in self.nodes and inZone(folded, self.apex):
            self._enter(owner, folded, packed)
            return
        type = typeOf(packed)
        for ttl, rdata in recordsOf(packed):
            self.add(owner, type, cls, ttl, rdata, where)

    def build(self) -> Zone:
        """The zone, with its empty non-terminals; the builder gives its dicts away and must not be used any more."""
        nodes = self.nodes
        for folded, opened in self._open.items():
            nodes[folded] = opened.closed()
        completed(nodes, self.apex)
        origin = Name.fromWire(self.spelling.get(self.apex, self.apex))
        return Zone(origin, IN if self.cls is None else self.cls, nodes, self.spelling)

    def _enter(self, owner: bytes, folded: bytes, node: Node) -> None:
        """Put the first data of a name in its place."""
        self.nodes[folded] = node
        if folded != owner:
            self.spelling[folded] = owner

    def _grow(self, folded: bytes, node: Node, present: bytes, ttl: int, rdata: bytes, where: Place | None) -> None:
        """Add a record to a small RRset."""
        type = typeOf(present)
        covered = _covered(type, rdata)
        key = foldRdata(type, rdata)
        setTtl = None
        duplicate = False
        for oldTtl, old in recordsOf(present):
            if setTtl is None and _covered(type, old) == covered:
                setTtl = oldTtl
            duplicate = duplicate or foldRdata(type, old) == key
        taken = self._judged(folded, type, covered, ttl, setTtl, duplicate, where)
        if taken is not None:
            grown = present + packRecord(type, classOf(present), taken, rdata)
            self.nodes[folded] = (
                grown if node is present else tuple([grown if p is present else p for p in rrsetsAt(node)])
            )

    def _judged(
        self, folded: bytes, type: int, covered: int, ttl: int, setTtl: int | None, duplicate: bool, where: Place | None
    ) -> int | None:
        """Note what is wrong with a record of an RRset that has some already.

        @param setTtl: the TTL of the RRset, in seconds; C{None} for one without records.
        @return: the TTL that the record gets, in seconds, or C{None} to leave it out.
        """
        if duplicate:
            reason = f"a second time the same {typeName(type)} record of {textFromWire(folded)}"
            self.problems.warning(where, reason, Refusers.NSD if type == SOA else Refusers.NOBODY)
            return None
        if type == SOA and setTtl is not None:
            reason = f"a second SOA record of {textFromWire(folded)}: it is left out"
            self.problems.warning(where, reason, Refusers.BIND | Refusers.NSD)
            return None
        if setTtl is not None and setTtl != ttl:
            if (folded, type, covered) not in self._mixed:
                self._mixed.add((folded, type, covered))
                records = f"{typeName(type)} records of {textFromWire(folded)}"
                self.problems.warning(where, f"a TTL of {ttl} s where the {records} before have {setTtl} s")
            return setTtl
        return ttl


class _OpenNode:
    """A node that has grown large, by type."""

    __slots__ = ("sets",)

    def __init__(self, node: Node) -> None:
        self.sets: dict[int, _OpenSet] = {}
        for packed in rrsetsAt(node):
            type = typeOf(packed)
            gathered = self.sets[type] = _OpenSet()
            for ttl, rdata in recordsOf(packed):
                gathered.put(type, classOf(packed), ttl, rdata, foldRdata(type, rdata), _covered(type, rdata))

    def closed(self) -> Node:
        """The node in its lasting form."""
        packed = tuple([b"".join(self.sets[type].rrs) for type in sorted(self.sets)])
        return packed[0] if len(packed) == 1 else packed


class _OpenSet:
    """An RRset that is being gathered.

    @ivar rrs: its packed RRs in order.
    @ivar known: their folded data.
    @ivar ttls: its TTL, in seconds; signatures have one for each type that they cover.
    """

    __slots__ = ("known", "rrs", "ttls")

    def __init__(self) -> None:
        self.rrs: list[bytes] = []
        self.known: set[bytes] = set()
        self.ttls: dict[int, int] = {}

    def put(self, type: int, cls: int, ttl: int, rdata: bytes, key: bytes, covered: int) -> None:
        """Add a record that is no duplicate."""
        self.rrs.append(packRecord(type, cls, ttl, rdata))
        self.known.add(key)
        self.ttls.setdefault(covered, ttl)


def _covered(type: int, rdata: bytes) -> int:
    """The type that a signature covers; 0 for all other records."""
    return rdata[0] << 8 | rdata[1] if type == RRSIG else 0
