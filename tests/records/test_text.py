"""Tests of the records of text."""

import pytest

from txnames.records import Record_AVC, Record_HINFO, Record_SPF, Record_TXT


def test_txt() -> None:
    """Strings are given one by one, as text or octets, and kept as a list."""
    record = Record_TXT("foo", b"bar", ttl=15)
    assert record.data == [b"foo", b"bar"]
    assert repr(record) == "<TXT data=['foo', 'bar'] ttl=15>"
    assert hash(record) == hash(Record_TXT("foo", "bar", ttl=15))
    assert Record_TXT().data == []
    with pytest.raises(ValueError, match=r"TXT\.data: a string of 256 octets"):
        Record_TXT("a" * 256)


def test_others() -> None:
    """Other types have the same form, and are not equal to it."""
    assert repr(Record_SPF("foo", "bar", ttl=15)) == "<SPF data=['foo', 'bar'] ttl=15>"
    assert isinstance(Record_SPF(), Record_TXT)
    assert Record_AVC("a").__eq__(Record_TXT("a")) is NotImplemented
    assert repr(Record_HINFO("sparc", b"minix", 12)) == "<HINFO cpu='sparc' os='minix' ttl=12>"
