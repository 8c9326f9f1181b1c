"""A zone as twisted.names shows it: a mapping from names to lists of records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from txnames.wire.name import Name
from txnames.wire.record import Record
from txnames.zone.answer import payloadsOf
from txnames.zone.tree import Zone, rrsetsAt

__all__ = ["RecordsView", "recordsView"]


class RecordsView(Mapping[bytes, list[Record]]):
    """The records of a zone by the dotted name of their owner, in lower case and without the last dot.

    The records are made when they are asked for, each time anew.
    """

    def __init__(self, zone: Zone) -> None:
        self._zone = zone

    def __getitem__(self, name: bytes) -> list[Record]:
        try:
            node = self._zone.nodes.get(Name(name).folded)
        except ValueError:
            node = None
        if not node:
            raise KeyError(name)
        return [payload for packed in rrsetsAt(node) for payload in payloadsOf(packed)]

    def __iter__(self) -> Iterator[bytes]:
        for folded, node in self._zone.nodes.items():
            if node:
                yield Name.fromWire(folded).name

    def __len__(self) -> int:
        return sum(1 for node in self._zone.nodes.values() if node)


def recordsView(zone: Zone) -> RecordsView:
    """The records of a zone by the dotted name of their owner."""
    return RecordsView(zone)
