"""Packed RRsets hold what was put in, in wire form."""

import dns.rdata
import dns.rdatatype
import pytest
from hypothesis import given
from hypothesis import strategies as st

from txnames.zone.rrset import (
    classOf,
    countOf,
    foldRdata,
    pack,
    packRecord,
    rdatasOf,
    recordsOf,
    ttlOf,
    typeOf,
    withTtl,
)

from .building import rdata, typeNumber

numbers = st.integers(0, 0xFFFF)
ttls = st.integers(0, 2**31 - 1)


@given(numbers, numbers, ttls, ttls, st.lists(st.binary(max_size=300), min_size=1, max_size=5))
def test_roundTrip(type: int, cls: int, ttl: int, other: int, rdatas: list[bytes]) -> None:
    """Type, class, TTL and data come back."""
    packed = pack(type, cls, ttl, rdatas)
    assert (typeOf(packed), classOf(packed), ttlOf(packed)) == (type, cls, ttl)
    assert rdatasOf(packed) == rdatas
    assert countOf(packed) == len(rdatas)
    assert list(recordsOf(packed)) == [(ttl, data) for data in rdatas]
    assert withTtl(packed, other) == pack(type, cls, other, rdatas)
    assert b"".join(packRecord(type, cls, ttl, data) for data in rdatas) == packed


def test_octets() -> None:
    """The octets are those of RFC 1035 section 4.1.3, the owner a pointer to the question."""
    assert pack(1, 1, 60, [b"\1\2\3\4"]) == bytes.fromhex("c00c 0001 0001 0000003c 0004 01020304")


@pytest.mark.parametrize(
    ("type", "text"),
    [
        ("NS", "Ns1.Example.ORG."),
        ("CNAME", "WWW"),
        ("DNAME", "WWW"),
        ("PTR", "WWW"),
        ("SOA", "NS1 HostMaster 1094795585 65 66 67 68"),
        ("MX", "16705 Mail"),
        ("RP", "Me.Example. TXT.Example."),
        ("AFSDB", "1 DB"),
        ("RT", "16705 Relay"),
        ("KX", "16705 KX"),
        ("PX", "16705 A.B C.D"),
        ("SRV", "16705 16962 17219 Host"),
        ("NAPTR", '16705 16962 "U" "E2U+sip" "!^.*$!sip:Info@Example.com!" Target'),
        ("RRSIG", "A 8 2 3600 20300101000000 20200101000000 16705 Signer.Example. QUJDREVG"),
        ("TXT", '"Some TEXT"'),
        ("A", "65.66.67.68"),
        ("CAA", '0 Issue "CA.Example"'),
        ("NSEC", "Next.Example. A NSEC"),
    ],
)
def test_fold(type: str, text: str) -> None:
    """Equal data has equal folded data, which is the canonical form but for compressed names."""
    data = rdata(type, text)
    origin = dns.rdata.from_wire("IN", type, data, 0, len(data))
    folded = foldRdata(typeNumber(type), data)
    assert len(folded) == len(data)
    if type in {"TXT", "A", "CAA", "NSEC"}:
        assert folded == data
    elif type in {"NAPTR", "RRSIG"}:
        # dnspython's canonical form of these keeps case: what is not a name stays, and folding again changes nothing.
        assert folded != data
        assert foldRdata(typeNumber(type), folded) == folded
        assert folded.lower() == data.lower()
    else:
        assert folded == origin.to_digestable()


@pytest.mark.parametrize(
    ("type", "data", "folded"),
    [
        ("NXT", b"\1A\0\x41\x42", b"\1a\0\x41\x42"),
        ("A6", b"\x80\1A\0", b"\x80\1a\0"),
        ("A6", b"\0" + b"A" * 16, b"\0" + b"A" * 16),
        ("A6", b"\x3d" + b"A" * 9 + b"\1A\1B\0", b"\x3d" + b"A" * 9 + b"\1a\1b\0"),
        ("SIG", b"A" * 18 + b"\1A\0SIG", b"A" * 18 + b"\1a\0SIG"),
        ("RRSIG", b"A" * 18 + b"\1A\0SIG", b"A" * 18 + b"\1a\0SIG"),
        ("NAPTR", b"AAAA\1U\0\2AB\1C\0", b"AAAA\1U\0\2AB\1c\0"),
    ],
)
def test_foldInside(type: str, data: bytes, folded: bytes) -> None:
    """Only the name is folded where other fields stand around it."""
    assert foldRdata(typeNumber(type), data) == folded
