r"""Packed RRsets: how zones hold their data, and how answers send it.

A packed RRset is one C{bytes} object: its RRs in wire form one after the other, in the order in which they were
loaded.  Each is C{\xc0\x0c} (the pointer to the owner of the first question), type, class, TTL, the length of the
data, and the data with its names uncompressed and in their own case.  An answer to a question for the owner is
therefore the RRset as it stands; for any other owner the pointers are put in the place of the first two octets of
each RR.

All RRs of an RRset have one type, class and TTL (RFC 2181 section 5.2).  RRSIG is the exception: the signatures at a
name belong to the RRsets that they cover and share those sets' TTLs (RFC 4034 section 3), but they are stored and
asked for as one set.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from struct import Struct
from typing import Final

from txnames.wire.numbers import (
    A6,
    AFSDB,
    CNAME,
    DNAME,
    KX,
    MB,
    MD,
    MF,
    MG,
    MINFO,
    MR,
    MX,
    NAPTR,
    NS,
    NXT,
    PTR,
    PX,
    RP,
    RRSIG,
    RT,
    SIG,
    SOA,
    SRV,
)

__all__ = [
    "HEADER",
    "OWNER",
    "classOf",
    "countOf",
    "foldRdata",
    "nameEnd",
    "pack",
    "packRecord",
    "rdatasOf",
    "recordsOf",
    "ttlOf",
    "typeOf",
    "withTtl",
]

OWNER: Final = b"\xc0\x0c"
"""The pointer to the name of a message's first question, which stands right after the 12 octets of the header."""

HEADER: Final = 12
"""How many octets of an RR of a packed RRset precede its data."""

_head = Struct(">2sHHIH").pack

# Types whose data is nothing but names.
_namesOnly = frozenset({NS, MD, MF, CNAME, MB, MG, MR, PTR, MINFO, RP, DNAME})
# Types whose data ends with names, and the octets before them.
_namesAfter = {MX: 2, AFSDB: 2, RT: 2, KX: 2, PX: 2, SRV: 6}
# Types that end with a name, and have something before it, or end with something else and have a name before that.
_nameInside = frozenset({SOA, NAPTR, SIG, RRSIG, NXT, A6})


def packRecord(type: int, cls: int, ttl: int, rdata: bytes) -> bytes:
    """An RR in packed form; a packed RRset is the concatenation of its RRs."""
    return _head(OWNER, type, cls, ttl, len(rdata)) + rdata


def pack(type: int, cls: int, ttl: int, rdatas: Iterable[bytes]) -> bytes:
    """A packed RRset of RRs that have one TTL, in seconds."""
    return b"".join([_head(OWNER, type, cls, ttl, len(rdata)) + rdata for rdata in rdatas])


def typeOf(packed: bytes) -> int:
    """The type of an RRset."""
    return packed[2] << 8 | packed[3]


def classOf(packed: bytes) -> int:
    """The class of an RRset."""
    return packed[4] << 8 | packed[5]


def ttlOf(packed: bytes) -> int:
    """The TTL of an RRset, in seconds; of its first RR when they differ, which only those of RRSIG may."""
    return int.from_bytes(packed[6:10], "big")


def countOf(packed: bytes) -> int:
    """How many RRs an RRset has."""
    count = position = 0
    size = len(packed)
    while position < size:
        position += HEADER + (packed[position + 10] << 8 | packed[position + 11])
        count += 1
    return count


def rdatasOf(packed: bytes) -> list[bytes]:
    """The data of each RR."""
    found = []
    position = HEADER
    size = len(packed)
    while position <= size:
        end = position + (packed[position - 2] << 8 | packed[position - 1])
        found.append(packed[position:end])
        position = end + HEADER
    return found


def recordsOf(packed: bytes) -> Iterator[tuple[int, bytes]]:
    """Each RR's TTL, in seconds, and data."""
    position = HEADER
    size = len(packed)
    while position <= size:
        end = position + (packed[position - 2] << 8 | packed[position - 1])
        yield int.from_bytes(packed[position - 6 : position - 2], "big"), packed[position:end]
        position = end + HEADER


def withTtl(packed: bytes, ttl: int) -> bytes:
    """The RRset with another TTL, in seconds."""
    return pack(typeOf(packed), classOf(packed), ttl, rdatasOf(packed))


def foldRdata(type: int, rdata: bytes) -> bytes:
    """What equal data has in common: the octets with the case of names folded (RFC 4034 section 6.2)."""
    if type in _namesOnly:
        return rdata.lower()
    start = _namesAfter.get(type)
    if start is None:
        if type not in _nameInside:
            return rdata
        start, end = _nameBounds(type, rdata)
    else:
        end = len(rdata)
    return rdata[:start] + rdata[start:end].lower() + rdata[end:]


def _nameBounds(type: int, rdata: bytes) -> tuple[int, int]:
    """Where the names of data with other fields around them begin and end."""
    if type == SOA:
        return 0, len(rdata) - 20
    start = 0
    if type == NAPTR:
        start = 4
        for _ in range(3):
            start += 1 + rdata[start]
    elif type == A6:
        start = 1 + (128 - rdata[0] + 7) // 8
    elif type != NXT:
        start = 18
    return start, nameEnd(rdata, start) if start < len(rdata) else start


def nameEnd(octets: bytes, start: int = 0) -> int:
    """Where a name that begins at some octet, in wire form and not compressed, ends."""
    while length := octets[start]:
        start += 1 + length
    return start + 1
