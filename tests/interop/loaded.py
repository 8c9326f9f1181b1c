"""The records of a zone that txnames has loaded, in the form in which the daemons' are compared."""

from txnames.zone.tree import Zone, rrsetsAt

from .replies import Row, readRow

_HEADER = 12  # octets before the rdata of each record of a packed RRset
_UNSEEN = bytes(10)  # the header of a message without its ID: offsets count from there


def rowsOf(zone: Zone | None) -> frozenset[Row]:
    """All records of the zone of an authority."""
    assert zone is not None
    rows = set()
    for folded, node in zone.nodes.items():
        for packed in rrsetsAt(node):
            offset = 0
            while offset < len(packed):
                size = int.from_bytes(packed[offset + _HEADER - 2 : offset + _HEADER], "big")
                end = offset + _HEADER + size
                rows.add(readRow(_UNSEEN + folded + packed[offset + 2 : end], len(_UNSEEN))[0])
                offset = end
    return frozenset(rows)
