"""Tests of sets of record types."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txnames.records import Record_NSEC, Record_NXT
from txnames.records.bitmap import Types, bitsOf, setBit


def test_types() -> None:
    """A set is made of numbers and mnemonics, in any order."""
    types = Types(["MX", 1, "TYPE1234", 1, "a"])
    assert list(types) == [1, 15, 1234]
    assert len(types) == 3
    assert str(types) == "A MX TYPE1234"
    assert repr(types) == "Types(['A', 'MX', 'TYPE1234'])"
    assert types.wire == bytes.fromhex("00024001041b") + bytes(26) + b"\x20"
    assert types == Types([15, 1, 1234])
    assert hash(types) == hash(Types([15, 1, 1234]))
    assert types != Types([1])
    assert types.__eq__([1, 15, 1234]) is NotImplemented
    assert [number for number in (0, 1, 2, 15, 16, 255, 256, 1234, 65535) if number in types] == [1, 15, 1234]
    assert "A" not in types
    assert list(Types()) == []
    for wrong in (65536, -1, "NOSUCH"):
        with pytest.raises(ValueError, match=r"is no record type|unknown type"):
            Types([wrong])


@given(st.sets(st.integers(0, 0xFFFF)))
def test_any(numbers: set[int]) -> None:
    """What goes in is in."""
    types = Types(numbers)
    assert list(types) == sorted(numbers)
    assert all(number in types for number in numbers)
    assert Types.fromWire(types.wire) == types


@given(st.sets(st.integers(0, 300)))
def test_bits(numbers: set[int]) -> None:
    """Bits that are set are read."""
    bits = bytearray()
    for number in numbers:
        setBit(bits, number)
    assert list(bitsOf(bytes(bits))) == sorted(numbers)


def test_records() -> None:
    """Records take a set, numbers, mnemonics, or a text."""
    record = Record_NSEC("a", "A MX")
    assert record == Record_NSEC("a", Types([1, 15])) == Record_NSEC("a", [1, "MX"])
    assert repr(record) == "<NSEC nextName=a types=A MX ttl=None>"
    assert 15 in record.types
    assert Record_NXT("a", "A NXT").rdata == b"\1a\0\x40\0\0\2"
    for wrong in (128, 300):
        with pytest.raises(ValueError, match="only types to 127"):
            Record_NXT("a", [wrong])
