"""Tests of the records of services."""

import pytest

from txnames.records import Record_AFSDB, Record_NAPTR, Record_SRV, Record_URI, Record_WKS
from txnames.wire.charstr import Charstr


def test_repr() -> None:
    """Records show their fields."""
    assert repr(Record_SRV(1, 2, 3, "example.org", 4)) == "<SRV priority=1 weight=2 target=example.org port=3 ttl=4>"
    assert repr(Record_AFSDB(3, "example.org", 5)) == "<AFSDB subtype=3 hostname=example.org ttl=5>"
    assert repr(Record_WKS("2.3.4.5", 7, b"foobar", 8)) == "<WKS address=2.3.4.5 protocol=7 ttl=8>"
    assert repr(Record_URI(1, 2, b"a:")) == "<URI priority=1 weight=2 target='a:' ttl=None>"


def test_naptr() -> None:
    """The strings of a rewriting rule are those that twisted.names gives."""
    record = Record_NAPTR(5, 9, b"S", "http", b"/foo/bar/i", b"baz", 3)
    assert repr(record) == ("<NAPTR order=5 preference=9 flags=S service=http regexp=/foo/bar/i replacement=baz ttl=3>")
    assert record.flags == Charstr(b"S")
    assert record.service.string == b"http"
    assert record == Record_NAPTR(5, 9, Charstr(b"S"), Charstr(b"http"), "/foo/bar/i", "baz", 3)
    with pytest.raises(ValueError, match=r"NAPTR\.flags: a string of 256 octets"):
        Record_NAPTR(flags=b"a" * 256)


def test_wks() -> None:
    """Services are bits."""
    record = Record_WKS(b"192.0.2.1", 6, "\x01")
    assert record.map == b"\1"
    assert record.toText() == "192.0.2.1 6 7"
    assert Record_WKS(map=b"\x80\0").toText() == r"\# 7 00000000008000"
    with pytest.raises(ValueError, match="beyond port 65535"):
        Record_WKS.read(bytes(5 + 8193), 0, 5 + 8193, {})
