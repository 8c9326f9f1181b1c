"""Changes to a zone: a new zone that shares with the old one the nodes which stay as they are.

Changes are made all together or not at all, and whoever holds the old zone goes on with it as it was.  They are not
judged: a caller who minds passes the new zone to L{txnames.zone.check.check}.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from txnames.wire.name import Name, textFromWire
from txnames.wire.numbers import RRSIG, SOA
from txnames.zone.rrset import foldRdata, packRecord, recordsOf, typeOf
from txnames.zone.tree import Node, Zone, completed, inZone, rrsetsAt

__all__ = ["Add", "Change", "Remove", "edited"]


class Add(NamedTuple):
    """Add a record, unless it is there; its TTL becomes that of the whole RRset (RFC 2136 section 3.4.2.2).

    An SOA record takes the place of the one that is there.

    @ivar owner: in wire form.
    @ivar ttl: in seconds.
    @ivar rdata: in wire form, names uncompressed.
    """

    owner: bytes
    type: int
    ttl: int
    rdata: bytes


class Remove(NamedTuple):
    """Remove a record, an RRset, or all that a name has; what is not there is no error.

    @ivar owner: in wire form.
    @ivar type: the type; C{None} for all.
    @ivar rdata: the data in wire form, names uncompressed; C{None} for all of the type.
    """

    owner: bytes
    type: int | None = None
    rdata: bytes | None = None


Change: TypeAlias = Add | Remove


def edited(zone: Zone, changes: Iterable[Change]) -> Zone:
    """A zone after some changes, which are made in their order.

    @raise ValueError: an owner that does not lie in the zone.
    """
    drafts: dict[bytes, _Draft] = {}
    spelling = dict(zone.spelling)
    for change in changes:
        folded = change.owner.lower()
        draft = drafts.get(folded)
        if draft is None:
            if not inZone(folded, zone.apex):
                raise ValueError(f"{textFromWire(change.owner)} is not in the zone {textFromWire(zone.apex)}")
            draft = drafts[folded] = _Draft(zone.nodes.get(folded, ()))
        if isinstance(change, Remove):
            draft.remove(change)
        else:
            draft.add(change)
    nodes = dict(zone.nodes)
    emptied = set()
    for folded, draft in drafts.items():
        node = draft.node(zone.cls)
        owner = draft.owner if node else folded
        if owner is not None:
            spelling.pop(folded, None)
            if owner != folded:
                spelling[folded] = owner
        if node:
            nodes[folded] = node
        elif nodes.get(folded):
            nodes[folded] = ()
            emptied.add(folded)
    completed(nodes, zone.apex, [folded for folded in drafts if nodes.get(folded)])
    _prune(nodes, emptied, zone.apex)
    return Zone(Name.fromWire(spelling.get(zone.apex, zone.apex)), zone.cls, nodes, spelling)


def _prune(nodes: dict[bytes, Node], emptied: set[bytes], apex: bytes) -> None:
    """Take out the names that have neither data nor names below them any more.

    @param emptied: the names that have lost their data.
    """
    doubtful: dict[bytes, int] = {}
    for owner in emptied:
        while owner != apex and owner not in doubtful and nodes.get(owner) == ():
            doubtful[owner] = 0
            owner = owner[1 + owner[0] :]
    if not doubtful:
        return
    for owner in nodes:
        parent = owner[1 + owner[0] :]
        if parent in doubtful:
            doubtful[parent] += 1
    for owner in sorted(doubtful, key=len, reverse=True):
        if not doubtful[owner]:
            del nodes[owner]
            parent = owner[1 + owner[0] :]
            if parent in doubtful:
                doubtful[parent] -= 1


class _Draft:
    """A node that is being changed.

    @ivar owner: how the name is to be written; C{None} for as it was.
    @ivar sets: by type, the TTL and data of its records, each by what tells it from others.
    @ivar ttls: by type, the TTL that the RRset is to have, in seconds.
    """

    __slots__ = ("owner", "sets", "ttls")

    def __init__(self, node: Node) -> None:
        self.owner: bytes | None = None
        self.sets: dict[int, dict[bytes, tuple[int, bytes]]] = {}
        self.ttls: dict[int, int] = {}
        for packed in rrsetsAt(node):
            type = typeOf(packed)
            self.sets[type] = {foldRdata(type, rdata): (ttl, rdata) for ttl, rdata in recordsOf(packed)}

    def add(self, change: Add) -> None:
        """Add a record."""
        if not self.sets:
            self.owner = change.owner
        type = change.type
        if type == SOA:
            self.sets.pop(SOA, None)
        elif type != RRSIG:
            self.ttls[type] = change.ttl
        self.sets.setdefault(type, {})[foldRdata(type, change.rdata)] = (change.ttl, change.rdata)

    def remove(self, change: Remove) -> None:
        """Remove what is there of a record, an RRset or all."""
        if change.type is None:
            self.sets.clear()
        elif change.rdata is None:
            self.sets.pop(change.type, None)
        else:
            records = self.sets.get(change.type, {})
            records.pop(foldRdata(change.type, change.rdata), None)
            if not records:
                self.sets.pop(change.type, None)

    def node(self, cls: int) -> Node:
        """The node in its lasting form."""
        packed = []
        for type in sorted(self.sets):
            common = self.ttls.get(type)
            records = self.sets[type].values()
            packed.append(
                b"".join([packRecord(type, cls, ttl if common is None else common, rdata) for ttl, rdata in records])
            )
        return packed[0] if len(packed) == 1 else tuple(packed)
