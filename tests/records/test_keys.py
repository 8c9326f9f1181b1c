"""Tests of the records of keys and certificates."""

import pytest

from txnames.records import Record_CAA, Record_CERT, Record_SSHFP, Record_TLSA


def test_sshfp() -> None:
    """A fingerprint has constants for its kinds, and no TTL in its repr."""
    record = Record_SSHFP(Record_SSHFP.ALGORITHM_DSS, Record_SSHFP.FINGERPRINT_TYPE_SHA1, b"\1")
    assert (record.algorithm, record.fingerprintType, record.ttl) == (2, 1, 0)
    assert repr(record) == r"<SSHFP algorithm=2 fingerprintType=1 fingerprint='\x01'>"
    assert (Record_SSHFP.ALGORITHM_RSA, Record_SSHFP.ALGORITHM_ECDSA, Record_SSHFP.ALGORITHM_Ed25519) == (1, 3, 4)
    assert Record_SSHFP.FINGERPRINT_TYPE_SHA256 == 2


def test_caa() -> None:
    """A tag is letters and digits."""
    record = Record_CAA(128, "issue", b"ca.example.net")
    assert repr(record) == "<CAA flags=128 tag='issue' value='ca.example.net' ttl=None>"
    for tag in ("", "iss-ue", "iss ue", b"iss\xfc"):
        with pytest.raises(ValueError, match=r"CAA\.tag"):
            Record_CAA(0, tag, b"")


def test_others() -> None:
    """Certificates are octets."""
    assert Record_TLSA(3, 1, 1, b"\xab").toText() == "3 1 1 AB"
    assert Record_CERT(1, 2, 3, b"\0\0\0").toText() == "1 2 3 AAAA"
