"""Zones in memory.

A zone is a dict from folded owner names (L{txnames.wire.name.Name.folded}) to nodes.  There is no tree of objects: an
ancestor's name is a suffix of its descendant's, so a walk down the tree is a dict hit for each label.  A node is the
one packed RRset of its name, or a tuple of them by ascending type where there are several or none: an empty tuple is
an empty non-terminal (RFC 8499 section 7), a name that exists because something stands below it.  So a zone of a
million records is some hundred thousand C{bytes} objects and one dict.

A zone does not change once it is built (by L{txnames.zone.builder}); L{txnames.zone.edit} makes a new one that shares
the nodes which stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from txnames.wire.name import Name, textFromWire
from txnames.wire.numbers import DNAME, SOA
from txnames.zone.rrset import ttlOf, typeOf, withTtl

__all__ = ["Node", "Zone", "completed", "inZone", "rrsetAt", "rrsetsAt"]

Node: TypeAlias = bytes | tuple[bytes, ...]
"""One packed RRset, or any other number of them by ascending type."""

_EMPTY: Final[Node] = ()


def rrsetAt(node: Node, type: int) -> bytes | None:
    """The packed RRset of a type at a node."""
    if isinstance(node, bytes):
        return node if node[2] << 8 | node[3] == type else None
    for packed in node:
        if packed[2] << 8 | packed[3] == type:
            return packed
    return None


def rrsetsAt(node: Node) -> tuple[bytes, ...]:
    """All packed RRsets at a node, by ascending type."""
    return (node,) if isinstance(node, bytes) else node


def inZone(owner: bytes, apex: bytes) -> bool:
    """Whether a name lies at or below a zone's apex, both in wire form and folded."""
    if not owner.endswith(apex):
        return False
    rest = len(owner) - len(apex)
    position = 0
    while position < rest:
        position += 1 + owner[position]
    return position == rest


def completed(nodes: dict[bytes, Node], apex: bytes, owners: Iterable[bytes] | None = None) -> None:
    """Add the empty non-terminals between names and the apex, in place; the apex itself exists in any case.

    @param owners: the names to look at; all where none are given.
    """
    nodes.setdefault(apex, _EMPTY)
    above = apex[1 + apex[0] :]
    missing: dict[bytes, Node] = {above: _EMPTY}
    for owner in nodes if owners is None else owners:
        parent = owner[1 + owner[0] :]
        while parent not in nodes and parent not in missing:
            missing[parent] = _EMPTY
            parent = parent[1 + parent[0] :]
    del missing[above]
    nodes.update(missing)


class Zone:
    """A zone (RFC 1034 section 4.2): an immutable value once built.

    @ivar origin: the name of its apex.
    @ivar apex: the same as folded wire octets, the key of its node.
    @ivar cls: its class.
    @ivar nodes: its names, as folded wire octets, and what stands there; empty non-terminals too.
    @ivar spelling: the owners which are not written in lower case, as they are written.
    @ivar apexDname: the DNAME RRset at the apex, for which every question has to look.
    @ivar encoded: the authority section of negative answers, see L{txnames.zone.answer.Answer}.
    """

    __slots__ = ("_negative", "apex", "apexDname", "cls", "encoded", "nodes", "origin", "spelling")

    def __init__(self, origin: Name, cls: int, nodes: dict[bytes, Node], spelling: dict[bytes, bytes]) -> None:
        """Make a zone of complete nodes, such as L{completed} gives."""
        self.origin = origin
        self.apex = origin.folded
        self.cls = cls
        self.nodes = nodes
        self.spelling = spelling
        self.apexDname = rrsetAt(nodes[self.apex], DNAME)
        self.encoded: dict[int, bytes] = {}
        self._negative: bytes | None = None

    @property
    def soa(self) -> bytes:
        """The packed SOA RRset.

        @raise LookupError: it has none, as only a zone that was refused.
        """
        packed = rrsetAt(self.nodes[self.apex], SOA)
        if packed is None:
            raise LookupError(f"{self.origin} has no SOA record")
        return packed

    @property
    def serial(self) -> int:
        """The serial number in the SOA record."""
        return int.from_bytes(self.soa[-20:-16], "big")

    @property
    def minimum(self) -> int:
        """The last field of the SOA record, in seconds: it bounds the TTL of negative answers (RFC 2308 section 4)."""
        return int.from_bytes(self.soa[-4:], "big")

    @property
    def negative(self) -> bytes:
        """The packed SOA RRset for negative answers: its TTL is at most the minimum (RFC 2308 section 3)."""
        packed = self._negative
        if packed is None:
            packed = self._negative = withTtl(self.soa, min(ttlOf(self.soa), self.minimum))
        return packed

    def ownerOf(self, folded: bytes) -> bytes:
        """A name of the zone as it was written."""
        return self.spelling.get(folded, folded)

    def rrsets(self) -> Iterator[tuple[bytes, bytes]]:
        """All owners and their packed RRsets, SOA first; below that in the order in which they were loaded."""
        apex = self.ownerOf(self.apex)
        yield apex, self.soa
        for packed in rrsetsAt(self.nodes[self.apex]):
            if typeOf(packed) != SOA:
                yield apex, packed
        spelling = self.spelling
        for folded, node in self.nodes.items():
            if folded != self.apex:
                owner = spelling.get(folded, folded)
                for packed in rrsetsAt(node):
                    yield owner, packed

    def __repr__(self) -> str:
        return f"<Zone {textFromWire(self.origin.wire)} with {len(self.nodes)} names>"
