"""Tests of the records of gateways, relays and rendezvous servers."""

import pytest

from txnames.error import DNSDecodeError, RdataTextError
from txnames.records import Record_AMTRELAY, Record_HIP, Record_IPSECKEY
from txnames.wire.name import Name
from txnames.wire.text import tokenize


def test_ipseckey() -> None:
    """The type says what the gateway is."""
    for kind, given, kept, shown in (
        (0, None, None, "None"),
        (0, "", None, "None"),
        (1, "192.0.2.1", b"\xc0\0\2\1", "192.0.2.1"),
        (2, "::1", bytes(15) + b"\1", "::1"),
        (3, "gw.example", Name("gw.example"), "gw.example"),
    ):
        record = Record_IPSECKEY(10, kind, 2, given, b"\1")
        assert record.gateway == kept
        assert f" gateway={shown} " in repr(record)
        assert Record_IPSECKEY.fromText(tokenize(record.toText().encode())) == record
    with pytest.raises(ValueError, match=r"IPSECKEY\.gateway: type 4 is unknown"):
        Record_IPSECKEY(10, 4, 2, "a")
    with pytest.raises(ValueError, match=r"IPSECKEY\.gateway: type 0 has no gateway"):
        Record_IPSECKEY(10, 0, 2, "a")
    with pytest.raises(RdataTextError, match=r"IPSECKEY\.gateway: type 9 is unknown"):
        Record_IPSECKEY.fromText(tokenize(b"10 9 2 . AQ=="))


def test_amtrelay() -> None:
    """The type's octet says besides whether discovery is optional."""
    record = Record_AMTRELAY(10, 0x81, "192.0.2.1")
    assert record.discoveryOptional
    assert record.gatewayType == 1
    assert record.toText() == "10 1 1 192.0.2.1"
    assert repr(record) == "<AMTRELAY precedence=10 discoveryAndType=129 relay=192.0.2.1 ttl=None>"
    assert not Record_AMTRELAY().discoveryOptional
    unknown = Record_AMTRELAY.read(b"\0\4abc", 0, 5, {})
    assert unknown.relay == b"abc"
    assert unknown.rdata == b"\0\4abc"
    assert unknown.toText() == r"\# 5 0004616263"
    assert "relay=616263" in repr(unknown)
    assert "relay=a.b" in repr(Record_AMTRELAY(0, 3, "a.b"))


def test_hip() -> None:
    """Lengths stand first, servers last and never compressed."""
    record = Record_HIP(2, b"\1\2", b"\3", ["a", b"b.c"], 60)
    assert record.rdata == b"\2\2\0\1\1\2\3\1a\0\1b\1c\0"
    assert record.canonicalRdata() == record.rdata
    assert record.toText() == "2 0102 Aw== a. b.c."
    assert repr(record) == r"<HIP algorithm=2 hit='\x01\x02' publicKey='\x03' servers=[a, b.c] ttl=60>"
    assert Record_HIP.read(record.rdata, 0, len(record.rdata), {}, 60) == record
    assert hash(record) == hash(Record_HIP(2, b"\1\2", b"\3", ("A", "b.c"), 60))
    with pytest.raises(ValueError, match=r"HIP\.hit: 256 octets, 255 are allowed"):
        Record_HIP(2, bytes(256))
    with pytest.raises(DNSDecodeError, match=r"HIP\.servers: a compressed name"):
        Record_HIP.read(b"\0" + b"\1\2\0\1\0\0\xc0\0", 1, 9, {})
