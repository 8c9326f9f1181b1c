"""Tests of what all records do: text, streams, repr, the registry, and data of unknown types."""

from io import BytesIO
from struct import error as StructError
from typing import Self

import pytest
from zope.interface.verify import verifyClass, verifyObject

from txnames.error import DNSDecodeError, RdataTextError, TruncatedError
from txnames.interfaces import IEncodableRecord
from txnames.records import Record_A, Record_MX, Record_NULL, Record_SOA, Record_SRV, Record_TXT
from txnames.wire.fields import TTL, UInt8
from txnames.wire.name import Name
from txnames.wire.record import Record, UnknownRecord, rdataFromText, rdataToText, recordClass, validateRdata
from txnames.wire.text import Token, Tokens, tokenize


def test_interface() -> None:
    """Records provide what Twisted's messages want of data."""
    assert verifyClass(IEncodableRecord, Record_MX)
    assert verifyObject(IEncodableRecord, Record_MX())


def test_placeholders() -> None:
    """The base itself reads and writes nothing."""
    record = Record(1, two=2)
    with pytest.raises(NotImplementedError):
        Record.read(b"", 0, 0, {})
    with pytest.raises(NotImplementedError):
        Record.readPart(b"", 0, 0, {})
    with pytest.raises(NotImplementedError):
        record.write(bytearray())
    with pytest.raises(NotImplementedError):
        _ = record.rdata


def test_registry() -> None:
    """A class with a type is known by its number from then on."""

    class Record_SENSOR(Record, type=65290, mnemonic="SENSOR"):
        """A record of a program's own."""

        reading: UInt8 = UInt8(default=0)
        ttl: TTL = TTL(default=None)

    try:
        assert recordClass(65290) is Record_SENSOR
        assert rdataFromText(65290, tokenize(b"7")) == b"\7"
        assert rdataToText(65290, b"\7") == "7"
        assert repr(Record_SENSOR(7)) == "<SENSOR reading=7 ttl=None>"
    finally:
        del Record.registry[65290]
    assert recordClass(65290) is UnknownRecord


def test_text() -> None:
    """Text is read relative to an origin, and written absolute."""
    record = Record_MX.fromText(tokenize(b"10 mail"), b"\7example\0", 60)
    assert record == Record_MX(10, "mail.example", 60)
    assert record.toText() == "10 mail.example."
    assert Record_MX.fromText(tokenize(b"10 mail")) == Record_MX(10, "mail")
    with pytest.raises(RdataTextError, match="'20' is more than the record takes"):
        Record_MX.fromText(tokenize(b"10 mail 20"))


def test_rdataFromText() -> None:
    """The generic form suits every type, and is checked."""
    assert rdataFromText(15, tokenize(rb"\# 3 000A00")) == b"\0\x0a\0"
    assert rdataFromText(15, tokenize(b"10 @"), b"\7example\0") == b"\0\x0a\7example\0"
    assert rdataFromText(65280, tokenize(rb"\# 2 AB CD")) == b"\xab\xcd"
    with pytest.raises(RdataTextError, match="is not valid: MX: 1 octet too many"):
        rdataFromText(15, tokenize(rb"\# 4 000A00FF"))
    with pytest.raises(RdataTextError, match="is not valid: MX: not the one form"):
        rdataFromText(15, tokenize(rb"\# 4 0000C000"))
    with pytest.raises(RdataTextError, match=r"TYPE65280 can only be given as \\#"):
        rdataFromText(65280, tokenize(b"abc"))
    with pytest.raises(RdataTextError, match=r"TYPE65280 can only be given as \\#"):
        rdataFromText(65280, tokenize(rb'"\#" 0'))
    with pytest.raises(RdataTextError, match="65792 octets of data, 65535 are allowed"):
        rdataFromText(16, tokenize(b" ".join([b"a" * 255] * 257)))


@pytest.mark.parametrize("error", [ValueError("x"), OverflowError("x"), StructError("x")])
def test_rdataFromForeignText(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """A class by somebody else may refuse text by any of Python's errors."""

    class Foreign(UnknownRecord):
        """Refuses everything."""

        @classmethod
        def fromText(cls, tokens: Tokens, origin: bytes = b"", ttl: int | None = None) -> Self:
            """Refuse."""
            raise error

    monkeypatch.setitem(Record.registry, 65280, Foreign)
    for text, place in ((b"a", Token(b"a")), (b"", None)):
        with pytest.raises(RdataTextError, match=r"^the data is not that of TYPE65280: x$") as caught:
            rdataFromText(65280, tokenize(text))
        assert caught.value.token == place


def test_validate() -> None:
    """Octets are data of a type in one form only."""
    assert validateRdata(15, b"\0\x0a\1a\0") == Record_MX(10, "a")
    assert validateRdata(65280, b"anything") == UnknownRecord(b"anything")
    with pytest.raises(DNSDecodeError, match="not the one form"):
        validateRdata(15, b"\0\0\xc0\0")


def test_encodeStream() -> None:
    """A stream gets the data, with pointers where earlier names are given, and these grow."""
    stream = BytesIO()
    record = Record_MX(10, "mail.example.com")
    record.encode(stream)
    assert stream.getvalue() == b"\0\x0a\4mail\7example\3com\0"
    stream = BytesIO()
    earlier = {b"example.com": 20}
    record.encode(stream, earlier)
    assert stream.getvalue() == b"\0\x0a\4mail\xc0\x14"
    assert earlier == {b"example.com": 20, b"mail.example.com": 14}
    record.encode(stream, earlier)
    assert stream.getvalue() == b"\0\x0a\4mail\xc0\x14\0\x0a\xc0\x0e"


def test_decodeStream() -> None:
    """A record takes what stands in a stream, of a given length or as long as the data says."""
    stream = BytesIO(b"..\0\x0a\1a\0\0\x0b\xc0\4..")
    stream.seek(2)
    record = Record_MX(ttl=60)
    record.decode(stream, 5)
    assert record == Record_MX(10, "a", 60)
    record.decode(stream)
    assert record == Record_MX(11, "a", 60)
    assert stream.read() == b".."
    with pytest.raises(TruncatedError, match="MX: 2 octets left, 3 needed"):
        record.decode(BytesIO(b".."), 3)
    with pytest.raises(EOFError):
        record.decode(BytesIO(b"\0\1"))
    assert record == Record_MX(11, "a", 60)


def test_repr() -> None:
    """A record shows its fields in order, or in the order that it says, with the names that it says."""
    assert repr(Record_SRV(1, 2, 3, "example.org", 4)) == "<SRV priority=1 weight=2 target=example.org port=3 ttl=4>"
    assert repr(Record_TXT("foo", "bar", ttl=15)) == "<TXT data=['foo', 'bar'] ttl=15>"
    assert repr(Record_NULL()) == "<NULL payload=None ttl=None>"
    assert repr(UnknownRecord(b"foo\x1fbar", 12)) == "<UNKNOWN data='foo\\x1fbar' ttl=12>"


def test_change() -> None:
    """A record can be changed, and is then equal to others."""
    record = Record_A("192.0.2.1")
    record.ttl = 60
    assert record == Record_A("192.0.2.1", 60)
    soa = Record_SOA("a", "b")
    soa.mname = Name("c")
    assert hash(soa) == hash(Record_SOA("c", "b"))


def test_unknown() -> None:
    """Data of an unknown type is octets."""
    assert UnknownRecord("foo") == UnknownRecord(b"foo")
    assert UnknownRecord().data == b""
    assert UnknownRecord.TYPE is None
    assert UnknownRecord(b"\1").toText() == r"\# 1 01"
    assert UnknownRecord.fromText(tokenize(rb"\# 1 01")) == UnknownRecord(b"\1")
    assert UnknownRecord(b"a").__eq__(Record_NULL(b"a")) is NotImplemented
