"""Tests of the records of DNSSEC."""

import pytest

from txnames.records import (
    Record_CDS,
    Record_DLV,
    Record_DNSKEY,
    Record_DS,
    Record_KEY,
    Record_NSEC3,
    Record_NSEC3PARAM,
    Record_RRSIG,
    Record_SIG,
)
from txnames.wire.text import tokenize


def test_ds() -> None:
    """A digest is octets."""
    record = Record_DS(1, 8, 2, b"\xab", 60)
    assert repr(record) == r"<DS keyTag=1 algorithm=8 digestType=2 digest='\xab' ttl=60>"
    assert record.toText() == "1 8 2 AB"
    for kind in (Record_CDS, Record_DLV):
        assert kind(1, 8, 2, b"\xab").rdata == record.rdata
        assert kind(1, 8, 2, b"\xab", 60) != record
    assert Record_CDS.fromText(tokenize(b"0 0 0 0")) == Record_CDS(0, 0, 0, b"\0")
    assert Record_CDS.fromText(tokenize(b"0 0 0 0 0")) == Record_CDS(0, 0, 0, b"\0")


def test_key() -> None:
    """A key's algorithm is read by its mnemonic."""
    record = Record_DNSKEY.fromText(tokenize(b"257 3 ecdsap256sha256 AQ=="))
    assert record == Record_DNSKEY(257, 3, 13, b"\1")
    assert Record_DNSKEY().protocol == 3


def test_signature() -> None:
    """Times are dates or seconds."""
    record = Record_RRSIG(1, 8, 2, 3600, 1767225600, 0, 1, "Example", b"\1")
    assert record.toText() == "A 8 2 3600 20260101000000 19700101000000 1 Example. AQ=="
    assert Record_RRSIG.fromText(tokenize(b"A 8 2 3600 1767225600 0 1 example. AQ==")) == record
    assert Record_SIG().TYPE == 24


def test_nsec3() -> None:
    """Salt and hash have lengths of their own."""
    record = Record_NSEC3(1, 1, 12, b"\xaa", b"\1" * 20, "A")
    assert record.toText() == "1 1 12 AA 040G2081040G2081040G2081040G2081 A"
    assert repr(record).startswith("<NSEC3 hashAlgorithm=1 flags=1 iterations=12 salt=AA nextHashed=")
    assert repr(Record_NSEC3PARAM()) == "<NSEC3PARAM hashAlgorithm=1 flags=0 iterations=0 salt=- ttl=None>"
    assert Record_NSEC3PARAM.fromText(tokenize(b"sha-1 0 0 -")) == Record_NSEC3PARAM()
    with pytest.raises(ValueError, match=r"NSEC3PARAM\.salt: a string of 256 octets"):
        Record_NSEC3PARAM(salt=bytes(256))


def test_keyWithoutKey() -> None:
    """A key that is missing against the flags is written in the generic form, which alone is read then."""
    assert Record_KEY(0xC000, 3, 8).toText() == "49152 3 8"
    assert Record_KEY(0x4000, 3, 8).toText() == r"\# 4 40000308"
