"""Tests of the records of addresses."""

import ipaddress

import pytest

from txnames.error import DNSDecodeError
from txnames.records import Record_A, Record_A6, Record_AAAA
from txnames.wire.name import Name


def test_a() -> None:
    """An IPv4 address is kept as octets, and shows as a dotted quad."""
    record = Record_A(b"1.2.3.4", 567)
    assert record.address == b"\1\2\3\4"
    assert record.dottedQuad() == "1.2.3.4"
    assert repr(record) == "<A address=1.2.3.4 ttl=567>"
    assert Record_A().dottedQuad() == "0.0.0.0"
    assert Record_A(ipaddress.IPv4Address("1.2.3.4"), 567) == record


def test_aaaa() -> None:
    """An IPv6 address is kept as octets."""
    record = Record_AAAA("8765::1234", 10)
    assert record.address == bytes.fromhex("87650000000000000000000000001234")
    assert repr(record) == "<AAAA address=8765::1234 ttl=10>"
    assert Record_AAAA(b"AF43::") == Record_AAAA("af43::")


def test_a6() -> None:
    """A prefix takes its place of the suffix."""
    record = Record_A6(0, "1234::5678", b"foo.bar", ttl=10)
    assert repr(record) == "<A6 suffix=1234::5678 prefix=foo.bar ttl=10>"
    assert record.rdata == b"\0" + record.suffix
    assert [Record_A6(bits).bytes for bits in (0, 1, 7, 8, 64, 127, 128)] == [16, 16, 16, 15, 8, 1, 0]
    assert Record_A6(64, "::1", "Foo").rdata == b"\x40" + bytes(7) + b"\1\3Foo\0"
    assert Record_A6(64, "::1", "Foo").canonicalRdata() == b"\x40" + bytes(7) + b"\1\3foo\0"
    assert Record_A6(128, prefix="foo").rdata == b"\x80\3foo\0"
    assert Record_A6.read(b"\x80\3foo\0", 0, 6, {}, 5) == Record_A6(128, "::", Name("foo"), 5)
    with pytest.raises(DNSDecodeError, match=r"A6\.prefixLen: a prefix of 255 bits"):
        Record_A6.read(b"\xff", 0, 1, {})
