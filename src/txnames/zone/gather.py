"""Makes zones of records, as programs have them."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Any

from txnames.records import Record_SOA
from txnames.wire.name import Name
from txnames.wire.numbers import IN
from txnames.wire.record import Record
from txnames.zone.answer import Sections
from txnames.zone.builder import ZoneBuilder
from txnames.zone.problem import Place, Problems
from txnames.zone.tree import Zone

__all__ = ["Gathered", "defaultTtl", "gather", "rdataOf"]


class Gathered:
    """A zone made of records, and those records.

    @ivar zone: the zone.
    """

    def __init__(self, zone: Zone, originals: dict[object, Any]) -> None:
        self.zone = zone
        self._originals = originals

    def restored(self, sections: Sections) -> Sections:
        """An answer from the zone, with the records themselves as payloads, whose TTL may be C{None}."""
        originals = self._originals
        for section in sections:
            for header in section:
                data = header.type, rdataOf(header.payload)
                # A wildcard's record has another owner in the answer.
                header.payload = originals.get((header.name.folded, *data), originals.get(data, header.payload))
        return sections


def defaultTtl(soa: Any) -> int:
    """The TTL of records that were given none, in seconds: the greater of the SOA's minimum and expire."""
    return max(int(soa.minimum), int(soa.expire))


def rdataOf(record: Any) -> bytes:
    """The data of a record in wire form, be it one of ours or only something with C{encode}."""
    if isinstance(record, Record):
        return record.rdata
    stream = BytesIO()
    record.encode(stream)
    return stream.getvalue()


def gather(
    origin: Name, soa: Any, records: Iterable[tuple[bytes | str | Name, Any, Place | None]], problems: Problems
) -> Gathered:
    """Make a zone of records; it is not checked as a whole.

    @param origin: the name of the apex.
    @param soa: the SOA record; it need not be among the records.
    @param records: owners, records and their places.
    @param problems: takes what is wrong with single records.
    """
    builder = ZoneBuilder(origin.wire, problems, IN)
    default = defaultTtl(soa)
    originals: dict[object, Any] = {}
    lacking = True
    for owner, record, where in records:
        try:
            name = Name(owner)
            rdata = rdataOf(record)
        except (ValueError, TypeError, AttributeError) as error:
            problems.error(where, f"{owner!r}, {record!r}: {error}")
            continue
        ttl = default if record.ttl is None else int(record.ttl)
        builder.add(name.wire, record.TYPE, IN, ttl, rdata, where)
        originals.setdefault((name.folded, record.TYPE, rdata), record)
        originals.setdefault((record.TYPE, rdata), record)
        lacking = lacking and not (record.TYPE == Record_SOA.TYPE and name == origin)
    if lacking:
        rdata = rdataOf(soa)
        builder.add(origin.wire, Record_SOA.TYPE, IN, default if soa.ttl is None else int(soa.ttl), rdata)
        originals.setdefault((Record_SOA.TYPE, rdata), soa)
    return Gathered(builder.build(), originals)
