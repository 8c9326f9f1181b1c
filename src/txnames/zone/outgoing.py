"""Zone transfers on their way out: a zone, or differences, as a stream of messages (RFC 5936, RFC 1995).

The messages are made one by one, as they are asked for, from a zone that doesn't change: however long it takes, the
stream shows one version.  Names are compressed by way of the zone's own name, which is in the question of every
message, and so at the same place: what precedes it is written, the rest is a pointer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from struct import Struct
from typing import Final

from txnames.wire.numbers import CNAME, MB, MD, MF, MG, MINFO, MR, MX, NS, PTR, SOA
from txnames.zone.difference import Difference
from txnames.zone.rrset import HEADER, OWNER, nameEnd
from txnames.zone.tree import Zone, inZone

__all__ = ["MESSAGE_SIZE", "axfrMessages", "axfrRecords", "ixfrRecords", "messages"]

MESSAGE_SIZE: Final = 0xFFFF - 512
"""The octets of a full message, with room for a signature."""

_header = Struct(">6H").pack
_pair = Struct(">H").pack
_START: Final = 12
_REACH: Final = 0x3FFF
"""The last octet that a pointer can point to."""

# Types whose data has names that may be compressed (RFC 3597 section 4), each with the octets before the first name and
# the number of names.
_shapes: Final = {
    type.to_bytes(2, "big"): shape
    for type, shape in {
        NS: (0, 1),
        MD: (0, 1),
        MF: (0, 1),
        CNAME: (0, 1),
        SOA: (0, 2),
        MB: (0, 1),
        MG: (0, 1),
        MR: (0, 1),
        PTR: (0, 1),
        MINFO: (0, 2),
        MX: (2, 1),
    }.items()
}


def axfrRecords(zone: Zone) -> Iterator[tuple[bytes, bytes]]:
    """What a full transfer consists of (RFC 5936 section 2.2): owners and packed RRsets, the SOA first and last."""
    yield from zone.rrsets()
    yield zone.ownerOf(zone.apex), zone.soa


def ixfrRecords(zone: Zone, differences: Iterable[Difference]) -> Iterator[tuple[bytes, bytes]]:
    """What an incremental transfer consists of (RFC 1995 section 4).

    @param zone: the present version.
    @param differences: what leads to it from the client's version, in order; none for a client that has it.
    """
    apex = zone.ownerOf(zone.apex)
    yield apex, zone.soa
    last = False
    for one in differences:
        last = True
        yield apex, one.oldSOA
        yield from one.removed
        yield apex, one.newSOA
        yield from one.added
    if last:
        yield apex, zone.soa


def axfrMessages(
    zone: Zone, ident: int, flags: int, question: bytes, *, opt: bytes = b"", limit: int = MESSAGE_SIZE
) -> Iterator[bytes]:
    """The messages of a full transfer; see L{messages}."""
    return messages(zone, axfrRecords(zone), ident, flags, question, opt=opt, limit=limit)


def messages(
    zone: Zone,
    records: Iterable[tuple[bytes, bytes]],
    ident: int,
    flags: int,
    question: bytes,
    *,
    opt: bytes = b"",
    limit: int = MESSAGE_SIZE,
) -> Iterator[bytes]:
    """Make messages of records, as few as there is need for.

    @param zone: whose transfer this is.
    @param records: owners in wire form, and packed RRsets.
    @param ident: the ID of the request.
    @param flags: the second 16 bits of the header.
    @param question: the question in wire form as it was asked.
    @param opt: the OPT record of the first message, in wire form; empty for none.
    @param limit: the octets that a message may have.
    @raise ValueError: a record is larger than that.
    """
    origin = zone.ownerOf(zone.apex)
    # Names keep their case: where the question spells the zone's name otherwise, nothing points to it.
    pointer = question[:-4] == origin and origin != b"\0"
    begin = _START + len(question)
    room = limit - len(opt)
    parts: list[bytes] = []
    used = begin
    count = 0
    last = name = own = b""
    for owner, packed in records:
        if owner != last:
            last, own = owner, b""
            name = _short(owner, origin) if pointer else owner
        shape = _shapes.get(packed[2:4]) if pointer else None
        position, size = 0, len(packed)
        while position < size:
            start = position + HEADER
            end = start + (packed[start - 2] << 8 | packed[start - 1])
            # Names in the data may point to the owner, even to where it stands in this very record.
            here = own or (_pair(0xC000 | used) if used <= _REACH and len(name) > 2 else b"")
            if shape is None:
                body = packed[position + 2 : end]
            else:
                data = _shortened(packed[start:end], shape, origin, last, here)
                body = packed[position + 2 : start - 2] + _pair(len(data)) + data
            if used + len(own or name) + len(body) > room:
                if not count:
                    raise ValueError(f"a record of {len(body)} octets is too large for any message")
                yield _finished(parts, ident, flags, question, count, opt)
                opt, room = b"", limit
                parts = []
                used = begin
                count = 0
                own = b""
                # What is in the data may point to what is in another message now.
                continue
            parts.append(own or name)
            parts.append(body)
            used += len(own or name) + len(body)
            own = here
            count += 1
            position = end
    yield _finished(parts, ident, flags, question, count, opt)


def _finished(parts: list[bytes], ident: int, flags: int, question: bytes, count: int, opt: bytes) -> bytes:
    """A message with its header."""
    return b"".join((_header(ident, flags, 1, count, 0, 1 if opt else 0), question, *parts, opt))


def _short(name: bytes, origin: bytes) -> bytes:
    """A name with a pointer in the place of the zone's name, if it ends with that."""
    return name[: -len(origin)] + OWNER if inZone(name, origin) else name


def _shortened(rdata: bytes, shape: tuple[int, int], origin: bytes, owner: bytes, pointer: bytes) -> bytes:
    """Data with its names written short.

    @param owner: the owner of the record, and C{pointer} to where it stands; empty if nothing can point there.
    """
    position, number = shape
    if number == 1:
        name = rdata[position:] if position else rdata
        if pointer and name.endswith(owner):
            rest = name[: -len(owner)]
            # Most often this is one label, or none.
            if not rest or rest[0] + 1 == len(rest) or inZone(name, owner):
                return rdata[:position] + rest + pointer
        if name.endswith(origin):
            return rdata[:position] + _short(name, origin)
        return rdata
    parts = [rdata[:position]]
    for _ in range(number):
        end = nameEnd(rdata, position)
        parts.append(_short(rdata[position:end], origin))
        position = end
    parts.append(rdata[position:])
    return b"".join(parts)
