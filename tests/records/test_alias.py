"""Tests of the records that are one name."""

from io import BytesIO

import pytest

from txnames.records import (
    Record_CNAME,
    Record_DNAME,
    Record_MB,
    Record_MD,
    Record_MF,
    Record_MG,
    Record_MR,
    Record_NS,
    Record_NSAP_PTR,
    Record_PTR,
    SimpleRecord,
)
from txnames.wire.name import Name

KINDS = [Record_NS, Record_MD, Record_MF, Record_CNAME, Record_MB, Record_MG, Record_MR, Record_PTR, Record_DNAME]


@pytest.mark.parametrize("kind", KINDS)
def test_simple(kind: type[SimpleRecord]) -> None:
    """A record holds one name, and has the common base."""
    record = kind("Example.com", 4321)
    assert isinstance(record, SimpleRecord)
    assert record.name == Name("example.com")
    assert repr(record) == f"<{kind.fancybasename} name=Example.com ttl=4321>"
    assert record == kind(b"example.COM", ttl=4321)
    assert record.canonicalRdata() == b"\7example\3com\0"


def test_base() -> None:
    """The base can be used by itself, and is of no type."""
    record = SimpleRecord(b"a")
    assert record.TYPE is None
    stream = BytesIO()
    record.encode(stream)
    stream.seek(0)
    other = SimpleRecord()
    other.decode(stream)
    assert other == record
    assert repr(record) == "<SimpleRecord name=a ttl=None>"
    assert record.__eq__(Record_NS(b"a")) is NotImplemented


def test_compression() -> None:
    """What came after RFC 1035 is not compressed."""
    for kind, octets in ((Record_CNAME, b"\xc0\x0c"), (Record_DNAME, b"\1a\0"), (Record_NSAP_PTR, b"\1a\0")):
        out = bytearray()
        kind("a").write(out, {b"\1a\0": b"\xc0\x0c"})
        assert out == octets
    assert Record_NSAP_PTR("A").canonicalRdata() == b"\1A\0"
