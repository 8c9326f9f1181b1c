"""Tests of the records of other networks."""

import pytest

from txnames.error import TruncatedError
from txnames.records import Record_ATMA, Record_EUI48, Record_EUI64, Record_ISDN, Record_L64, Record_NID, Record_NSAP


def test_groups() -> None:
    """Octets and their text are the same."""
    assert Record_EUI48("00-00-5e-00-53-2a") == Record_EUI48(bytes.fromhex("00005e00532a"))
    assert Record_EUI64("0-0-5e-ef-10-0-0-2a").toText() == "00-00-5e-ef-10-00-00-2a"
    assert Record_NID(10, "14:4fff:ff20:ee64").toText() == "10 0014:4fff:ff20:ee64"
    assert repr(Record_L64(1, "1:2:3:4")) == "<L64 preference=1 locator=0001:0002:0003:0004 ttl=None>"
    for wrong in ("", "00-00-5e-00-53", "00-00-5e-00-53-2", "0-0-0-0-0-000", b"", bytes(7)):
        if wrong == "00-00-5e-00-53-2":
            assert Record_EUI48(wrong).toText() == "00-00-5e-00-53-02"
            continue
        with pytest.raises(ValueError, match=r"EUI48\.address: .* is not six groups"):
            Record_EUI48(wrong)


def test_stream() -> None:
    """Groups are read and written as the octets that they are."""
    field = Record_EUI48.fields[0]
    out = bytearray(b".")
    field.writeTo(out, b"abcdef", None)
    assert field.readFrom(bytes(out), 1, 7, {}) == (b"abcdef", 7)
    with pytest.raises(TruncatedError, match=r"EUI48\.address: 5 octets left, 6 needed"):
        field.readFrom(bytes(out), 1, 6, {})


def test_others() -> None:
    """A subaddress may be left out, which is not the same as empty."""
    assert Record_ISDN("1").toText() == '"1"'
    assert Record_ISDN("1", b"") != Record_ISDN("1")
    assert Record_NSAP(b"\x47").toText() == "0x47"
    assert Record_ATMA(b"\x01123").toText() == "+123"
    assert Record_ATMA(b"\0\x12").toText() == "12"
