"""Tests of the OPT record and of messages that have one."""

from io import BytesIO

import pytest

from txnames.records import Record_A
from txnames.wire.edns import EDNSMessage, OPTHeader, readOptions
from txnames.wire.header import Query, RRHeader
from txnames.wire.message import Message
from txnames.wire.name import Name
from txnames.wire.numbers import EBADVERSION, IN, OPT, A
from txnames.wire.options import CookieOption, OPTVariableOption
from txnames.wire.record import UnknownRecord

WIRE = bytes.fromhex("00 0029 04d0 01 00 8000 000c 000a0008") + b"clientcl"


class TestOPTHeader:
    """The OPT record."""

    header = OPTHeader(1232, 1, 0, True, [CookieOption(b"clientcl")])

    def testRoundTrip(self) -> None:
        """The record is written whole, and read whole, and what follows is left."""
        stream = BytesIO()
        self.header.encode(stream)
        assert stream.getvalue() == WIRE
        stream = BytesIO(WIRE + b"more")
        read = OPTHeader()
        read.decode(stream)
        assert read == self.header
        assert hash(read) == hash(self.header)
        assert stream.read() == b"more"

    def testOwner(self) -> None:
        """Owner and type are what they are."""
        assert (self.header.name, self.header.type) == (Name(b""), OPT)
        with pytest.raises(AttributeError):
            self.header.name = Name(b"a")  # type: ignore[misc]  # reason: what is tested

    def testFromRRHeader(self) -> None:
        """The record is made of the one that a message holds, be it without data."""
        header = RRHeader(b"", OPT, 1232, 0x01008000, UnknownRecord(WIRE[11:]))
        assert OPTHeader.fromRRHeader(header) == self.header
        assert OPTHeader.fromRRHeader(RRHeader(b"", OPT, 512, 0x00020000)) == OPTHeader(512, version=2)

    def testValue(self) -> None:
        """Other things are not equal."""
        assert OPTHeader() != 41
        assert OPTHeader() != OPTHeader(dnssecOK=True)

    def testText(self) -> None:
        """All fields are shown."""
        assert repr(OPTHeader()) == (
            "<OPTHeader name= type=41 udpPayloadSize=4096 extendedRCODE=0 version=0 dnssecOK=False options=[]>"
        )

    @pytest.mark.parametrize("octets", ["00", "000a00", "000a0001", "000a000108 0001"])
    def testTruncatedOptions(self, octets: str) -> None:
        """An option that is cut is refused."""
        with pytest.raises(EOFError):
            readOptions(bytes.fromhex(octets))


class TestEDNSMessage:
    """Messages with EDNS."""

    def testRoundTrip(self) -> None:
        """The OPT record's fields are the message's, and come back."""
        message = EDNSMessage(
            id=7,
            answer=True,
            rCode=EBADVERSION,
            dnssecOK=True,
            maxSize=1232,
            queries=[Query("a.b", A)],
            answers=[RRHeader("a.b", A, IN, 5, Record_A("1.2.3.4", 5))],
            options=[OPTVariableOption(65001, b"x")],
        )
        read = EDNSMessage()
        read.fromStr(message.toStr())
        assert read == message
        plain = Message()
        plain.fromStr(message.toStr())
        assert [record.type for record in plain.additional] == [OPT]
        assert plain.rCode == 0

    def testWithout(self) -> None:
        """A message without an OPT record has no version of EDNS."""
        message = EDNSMessage(id=7, ednsVersion=None)
        assert message.toStr() == Message(id=7).toStr()
        read = EDNSMessage()
        read.fromStr(message.toStr())
        assert read.ednsVersion is None

    def testSeveral(self) -> None:
        """A message with two OPT records has no version of EDNS either, and keeps none of them."""
        message = Message()
        message.additional = [OPTHeader(), OPTHeader(512)]
        read = EDNSMessage()
        read.fromStr(message.toStr())
        assert (read.ednsVersion, read.additional) == (None, [])

    def testValue(self) -> None:
        """Messages compare by all that they hold, and cannot be keys."""
        assert EDNSMessage(id=7) == EDNSMessage(id=7)
        assert EDNSMessage(id=7) != EDNSMessage(id=8)
        assert EDNSMessage(id=7) != Message(id=7)
        with pytest.raises(TypeError):
            hash(EDNSMessage())

    def testText(self) -> None:
        """What differs from the default is shown."""
        message = EDNSMessage(id=7, ednsVersion=5, dnssecOK=True, options=[OPTVariableOption(1, b"x")])
        expected = "<EDNSMessage id=7 ednsVersion=5 flags=dnssecOK options=[<OPTVariableOption code=1 data=x>]>"
        assert repr(message) == expected
