"""Makes zones of records, as programs have them."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from struct import error as StructError
from typing import Any, Final, TypeAlias

from txnames.wire.name import Name
from txnames.wire.numbers import IN, SOA, isMetaType, typeName
from txnames.wire.record import MAX_RDATA, Record, validateRdata
from txnames.zone.answer import Sections
from txnames.zone.builder import ZoneBuilder
from txnames.zone.problem import Place, Problems
from txnames.zone.reader import MAX_TTL
from txnames.zone.tree import Zone

__all__ = ["Gathered", "Sound", "defaultTtl", "described", "gather", "rdataOf", "soundRecord"]

# How much of a record an error shows.
_SHOWN: Final = 200

Sound: TypeAlias = tuple[Name, int, int, bytes]
"""The owner of a record, its type, TTL in seconds, and data in wire form."""


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
    return min(max(int(soa.minimum), int(soa.expire)), MAX_TTL)


def rdataOf(record: Any) -> bytes:
    """The data of a record in wire form, be it one of ours or only something with C{encode}."""
    if isinstance(record, Record):
        return record.rdata
    stream = BytesIO()
    record.encode(stream)
    return stream.getvalue()


def described(owner: object, record: object) -> str:
    """An owner and a record as errors show them."""
    try:
        text = repr(record)
    except Exception:
        # Data that cannot even be shown is what the error is about.
        text = type(record).__name__
    return f"{owner!r}, {text[:_SHOWN]}"


def soundRecord(owner: bytes | str | Name, record: Any, default: int) -> Sound:
    """A record that a program has made, once it is sure that others can read it.

    @param default: the TTL of one that has none, in seconds.
    @raise ValueError: its owner is no name, its type none of data, its TTL not between 0 and 2147483647 (RFC 2181
        section 8), or its data not what its type has on the wire.
    """
    try:
        name = Name(owner)
        type = record.TYPE
        if not isinstance(type, int) or not 0 <= type <= 0xFFFF:
            raise ValueError("a record without a type")
        if isMetaType(type):
            raise ValueError(f"{typeName(type)} is no type of data")
        ttl = default if record.ttl is None else int(record.ttl)
        if not 0 <= ttl <= MAX_TTL:
            raise ValueError(f"a TTL of {ttl} s, {MAX_TTL} s are allowed")
        rdata = rdataOf(record)
        if len(rdata) > MAX_RDATA:
            raise ValueError(f"{len(rdata)} octets of data, {MAX_RDATA} are allowed")
        validateRdata(type, rdata)
    except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, StructError) as error:
        raise ValueError(f"{described(owner, record)}: {error}") from error
    return name, type, ttl, rdata


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

    def put(owner: bytes | str | Name, record: Any, where: Place | None) -> bool:
        """Add a record, and say whether it is the zone's SOA."""
        try:
            name, type, ttl, rdata = soundRecord(owner, record, default)
        except ValueError as error:
            problems.error(where, str(error))
            return record is soa
        builder.add(name.wire, type, IN, ttl, rdata, where)
        originals.setdefault((name.folded, type, rdata), record)
        originals.setdefault((type, rdata), record)
        return type == SOA and name == origin

    found = False
    for one in records:
        found = put(*one) or found
    if not found:
        put(origin, soa, None)
    return Gathered(builder.build(), originals)
