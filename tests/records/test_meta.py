"""Tests of the records of messages, and of NULL."""

from io import BytesIO

import pytest

from txnames.records import Record_NULL, Record_TKEY, Record_TSIG


def test_null() -> None:
    """Anything may stand there, or nothing."""
    assert repr(Record_NULL("abcd", 123)) == "<NULL payload='abcd' ttl=123>"
    assert Record_NULL().rdata == b""
    assert Record_NULL().toText() == r"\# 0"
    assert Record_NULL(b"\0").rdata == b"\0"


def test_tsig() -> None:
    """What is not known yet may be left out."""
    empty = Record_TSIG()
    assert [getattr(empty, name) for name in ("algorithm", "timeSigned", "MAC", "fudge", "ttl")] == [
        None,
        None,
        None,
        5,
        0,
    ]
    assert repr(empty) == "<TSIG algorithm=None timeSigned=None MAC=None error=0 otherData=''>"
    assert hash(empty) == hash(Record_TSIG())
    record = Record_TSIG("hmac-md5.sig-alg.reg.int", 1515548975, originalID=42, MAC=b"\1" * 16, error=18, otherData="x")
    stream = BytesIO()
    record.encode(stream)
    assert len(stream.getvalue()) == 26 + 6 + 2 + 2 + 16 + 2 + 2 + 2 + 1
    stream.seek(0)
    other = Record_TSIG()
    other.decode(stream, len(stream.getvalue()))
    assert other == record
    with pytest.raises(ValueError, match=r"TSIG\.timeSigned"):
        Record_TSIG(timeSigned=1 << 48)


def test_tkey() -> None:
    """A key is in the midst of the data."""
    record = Record_TKEY("gss", 1, 2, 3, 17, b"key", b"other")
    assert record.toText() == "gss. 1 2 3 17 3 a2V5 5 b3RoZXI="
    assert Record_TKEY().ttl == 0
