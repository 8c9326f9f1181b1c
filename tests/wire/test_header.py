"""Tests of questions and of records around their data."""

from io import BytesIO
from typing import Any

import pytest

from txnames.records import Record_A, Record_AAAA, Record_NS
from txnames.wire.header import Query, RRHeader, streamed, writeItem
from txnames.wire.name import Name
from txnames.wire.numbers import AAAA, CH, IN, MX, NS, A
from txnames.wire.record import UnknownRecord


class StreamOnly:
    """Data of somebody else's, that knows streams and nothing else."""

    TYPE = A

    def encode(self, strio: Any, compDict: Any = None) -> None:
        """Write four octets."""
        strio.write(b"\x0a\x00\x00\x01")


class TestQuery:
    """Questions."""

    def testRoundTrip(self) -> None:
        """A question is read as it was written."""
        stream = BytesIO()
        Query(b"Example.com", MX, CH).encode(stream)
        assert stream.getvalue() == b"\x07Example\x03com\x00\x00\x0f\x00\x03"
        stream.seek(0)
        read = Query()
        read.decode(stream)
        assert read == Query("example.COM", MX, CH)
        assert stream.read() == b""

    def testTruncated(self) -> None:
        """A question without its class is refused."""
        with pytest.raises(EOFError, match="inside of the question"):
            Query().decode(BytesIO(b"\x01a\x00\x00\x01\x00"))

    def testValue(self) -> None:
        """Questions compare by name, type and class, and hash alike when they are equal."""
        assert hash(Query("a", MX)) == hash(Query(Name("A"), MX))
        assert Query("a") != Query("a", MX)
        assert Query("a") != Query("b")
        assert Query("a") != Query("a", A, CH)
        assert Query("a") != "a"

    def testOrder(self) -> None:
        """Questions have an order, and only among themselves."""
        assert Query("a") < Query("b")
        assert Query("a") <= Query("A")
        assert Query("b") > Query("a")
        assert Query("b") >= Query("B")
        for compare in ("__lt__", "__le__", "__gt__", "__ge__"):
            assert getattr(Query("a"), compare)(1) is NotImplemented

    def testText(self) -> None:
        """Numbers are shown by their names, or by their generic ones."""
        assert repr(Query("example.com", MX)) == "<Query example.com MX IN>"
        assert repr(Query("example.com", 65280, 7)) == "<Query example.com TYPE65280 CLASS7>"
        assert str(Query("example.com", MX)) == "example.com IN MX"


class TestRRHeader:
    """Records around their data."""

    def testEncode(self) -> None:
        """Owner, type, class, TTL, length and data follow one another."""
        stream = BytesIO()
        RRHeader("a.b", A, IN, 5, Record_A("1.2.3.4")).encode(stream)
        assert stream.getvalue() == b"\x01a\x01b\x00\x00\x01\x00\x01\x00\x00\x00\x05\x00\x04\x01\x02\x03\x04"

    def testEncodeNoData(self) -> None:
        """A record without data has the length 0."""
        header = RRHeader("a", A, IN, 5)
        stream = BytesIO()
        header.encode(stream)
        assert stream.getvalue() == b"\x01a\x00\x00\x01\x00\x01\x00\x00\x00\x05\x00\x00"
        assert written(header) == stream.getvalue()

    def testEncodeCompressed(self) -> None:
        """With a dictionary of names, owner and data are compressed, and the dictionary grows."""
        stream = BytesIO()
        names = {b"b": 12}
        RRHeader("a.b", NS, IN, 5, Record_NS("ns.a.b")).encode(stream, names)
        assert stream.getvalue() == b"\x01a\xc0\x0c\x00\x02\x00\x01\x00\x00\x00\x05\x00\x05\x02ns\xc0\x0c"
        assert names == {b"b": 12, b"a.b": 12, b"ns.a.b": 26}

    def testWrite(self) -> None:
        """Appending to a message gives the same octets as a stream gets."""
        for payload in (Record_A("1.2.3.4"), StreamOnly(), UnknownRecord(b"xyz")):
            header = RRHeader("a.b", A, IN, 5, payload)
            stream = BytesIO()
            header.encode(stream)
            assert written(header) == stream.getvalue()

    def testDecode(self) -> None:
        """All but the data is read; the stream is left at the data."""
        stream = BytesIO(b"\x01a\x00\x00\x1c\x00\x01\x00\x00\x00\x05\x00\x02xy")
        header = RRHeader()
        header.decode(stream)
        assert (header.name, header.type, header.cls, header.ttl, header.rdlength) == (Name("a"), AAAA, IN, 5, 2)
        assert stream.read() == b"xy"

    def testDecodeTruncated(self) -> None:
        """A record that ends in its header is refused."""
        with pytest.raises(EOFError, match="inside of the record's header"):
            RRHeader().decode(BytesIO(b"\x01a\x00\x00\x1c\x00\x01\x00\x00\x00\x05\x00"))

    def testTTL(self) -> None:
        """A TTL is a whole number, and not negative."""
        assert RRHeader(ttl=123.45).ttl == 123
        with pytest.raises(ValueError, match="invalid literal"):
            RRHeader(ttl="soon")
        with pytest.raises(ValueError, match="not negative"):
            RRHeader(ttl=-1)

    def testWrongPayload(self) -> None:
        """Data of another type is refused; data of no type goes with every type."""
        with pytest.raises(ValueError, match=r"Payload type \(AAAA\) is not the record's type \(A\)"):
            RRHeader(type=A, payload=Record_AAAA())
        assert RRHeader(type=A, payload=UnknownRecord(b"")).payload == UnknownRecord(b"")

    def testValue(self) -> None:
        """Records compare by all that they hold."""
        one = RRHeader("a", A, IN, 5, Record_A("1.2.3.4"))
        assert one == RRHeader("A", A, IN, 5, Record_A("1.2.3.4"))
        assert hash(one) == hash(RRHeader("A", A, IN, 5, Record_A("1.2.3.4")))
        assert one != RRHeader("a", A, IN, 5, Record_A("1.2.3.5"))
        assert one != RRHeader("a", A, IN, 6, Record_A("1.2.3.4"))
        assert one != RRHeader("a", A, IN, 5, Record_A("1.2.3.4"), auth=True)
        assert one != "a"

    def testText(self) -> None:
        """A record shows its header."""
        header = RRHeader("a", A, IN, 5, auth=True)
        assert str(header) == repr(header) == "<RR name=a type=A class=IN ttl=5s auth=True>"
        assert header.isAuthoritative()


def written(header: RRHeader) -> bytes:
    """What a record appends to a message."""
    out = bytearray()
    header.write(out, {})
    return bytes(out)


def testWriteItem() -> None:
    """Data that knows streams only is written as such."""
    out = bytearray()
    writeItem(StreamOnly(), out, {})
    assert bytes(out) == streamed(StreamOnly()) == b"\x0a\x00\x00\x01"
