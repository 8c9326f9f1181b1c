"""Tests of messages."""

from io import BytesIO
from typing import Any

import pytest

from txnames.error import DNSDecodeError
from txnames.records import Record_A, Record_AAAA, Record_MX, Record_NS, Record_TXT
from txnames.wire.edns import OPTHeader
from txnames.wire.header import Query, RRHeader
from txnames.wire.message import Message, compactRepr, responseFromMessage
from txnames.wire.name import Name
from txnames.wire.numbers import (
    AAAA,
    ANY,
    CH,
    ENAME,
    EREFUSED,
    IN,
    MX,
    NS,
    OP_NOTIFY,
    OPT,
    TXT,
    A,
)
from txnames.wire.record import UnknownRecord


def address(owner: str, number: int = 1, auth: bool = False) -> RRHeader:
    """An address record."""
    return RRHeader(owner, A, IN, 300, Record_A(f"192.0.2.{number}", 300), auth)


def decoded(octets: bytes) -> Message:
    """The message that octets are."""
    message = Message()
    message.fromStr(octets)
    return message


class Streamed:
    """Data of somebody else's, that knows streams and nothing else."""

    TYPE = A
    type: int

    def __init__(self, octets: bytes = b"", ttl: int | None = None) -> None:
        self.octets = octets
        self.ttl = ttl

    def encode(self, strio: Any, compDict: Any = None) -> None:
        """Write the octets."""
        strio.write(self.octets)

    def decode(self, strio: Any, length: int | None = None) -> None:
        """Read so many octets."""
        self.octets = strio.read(length)


class StreamedMessage(Message):
    """A message whose data is of a class by somebody else."""

    def lookupRecordType(self, type: int) -> Any:
        """One class for all."""
        return Streamed


class TestHeader:
    """The header's fields."""

    def testEveryField(self) -> None:
        """Each field has its own bits, and comes back."""
        plain = Message().toStr()
        assert plain == bytes(12)
        for field, value, octets in (
            ("id", 0x1234, "12340000"),
            ("answer", 1, "00008000"),
            ("opCode", OP_NOTIFY, "00002000"),
            ("auth", 1, "00000400"),
            ("trunc", 1, "00000200"),
            ("recDes", 1, "00000100"),
            ("recAv", 1, "00000080"),
            ("authenticData", 1, "00000020"),
            ("checkingDisabled", 1, "00000010"),
            ("rCode", EREFUSED, "00000005"),
        ):
            message = Message(**{field: value})
            assert message.toStr() == bytes.fromhex(octets) + bytes(8), field
            assert getattr(decoded(message.toStr()), field) == value

    def testTooShort(self) -> None:
        """Fewer than twelve octets are no message."""
        with pytest.raises(EOFError, match="a header of 11 octets, 12 needed"):
            Message().fromStr(bytes(11))

    def testStreams(self) -> None:
        """Streams serve as octets do."""
        message = Message(id=7)
        message.addQuery("example.com", MX)
        stream = BytesIO()
        message.encode(stream)
        assert stream.getvalue() == message.toStr()
        stream.seek(0)
        read = Message()
        read.decode(stream)
        assert read.queries == [Query("example.com", MX)]
        again = Message()
        again.decode(BytesIO(message.toStr() + b"xx"), len(message.toStr()))
        assert again.queries == read.queries

    def testOctetsOfOtherKinds(self) -> None:
        """A memoryview serves too."""
        assert decoded(memoryview(Message(id=7).toStr())).id == 7  # type: ignore[arg-type]  # reason: what is tested


class TestRecords:
    """The sections."""

    def testRoundTrip(self) -> None:
        """Questions and records of all sections come back."""
        message = Message(id=7, answer=1, auth=1, maxSize=0)
        message.queries = [Query("Example.com", A), Query("example.net", ANY, CH)]
        message.answers = [address("example.com", auth=True)]
        message.authority = [RRHeader("com", NS, IN, 5, Record_NS("ns.example.com", 5), True)]
        message.additional = [RRHeader("x", 65280, 7, 5, UnknownRecord(b"data", 5), True)]
        assert decoded(message.toStr()) == message

    def testCompression(self) -> None:
        """Names share the octets of names before them, in owners and in data, where the case is the same."""
        message = Message(answer=1)
        message.addQuery("www.Example.com", A)
        message.answers = [
            RRHeader("Example.com", MX, IN, 5, Record_MX(1, "mail.Example.com")),
            RRHeader("example.com", MX, IN, 5, Record_MX(1, "www.Example.com")),
        ]
        octets = message.toStr()
        assert octets[12:].count(b"Example") == 1
        assert octets.count(b"\x04mail\xc0\x10") == 1
        assert octets.endswith(b"\x00\x01\xc0\x0c")
        assert [str(record.name) for record in decoded(octets).answers] == ["Example.com", "example.com"]

    def testRootIsNotCompressed(self) -> None:
        """The root is one octet, which no pointer makes shorter."""
        message = Message()
        message.addQuery("", NS)
        message.answers = [RRHeader("", NS, IN, 5, Record_NS("a")), RRHeader("", A, IN, 5, Record_A())]
        octets = message.toStr()
        assert b"\xc0\x0c" not in octets
        assert [record.name for record in decoded(octets).answers] == [Name(), Name()]

    def testNoPointerPastReach(self) -> None:
        """A name that begins past octet 16383 is never pointed to (RFC 1035 section 4.1.4)."""
        message = Message(maxSize=0)
        for number in range(80):
            text = Record_TXT(b"x" * 200)
            message.answers.append(RRHeader(f"{number}.example", TXT, IN, 5, text))
        message.answers += [RRHeader(f"{n}.late.test", NS, IN, 5, Record_NS(f"{n}.late.test")) for n in range(80)]
        read = decoded(message.toStr())
        assert [r.name for r in read.answers] == [r.name for r in message.answers]
        assert [r.payload.name for r in read.answers[80:]] == [r.payload.name for r in message.answers[80:]]
        assert len(message.toStr()) > 0x4000

    def testForeignData(self) -> None:
        """Data by somebody else is written and read by streams."""
        message = StreamedMessage()
        message.answers = [RRHeader("a", A, IN, 5, Streamed(b"12")), RRHeader("a", A, IN, 5)]
        read = StreamedMessage()
        read.fromStr(message.toStr())
        assert [(r.payload.octets, r.payload.ttl) for r in read.answers] == [(b"12", 5), (b"", 5)]

    def testForeignItem(self) -> None:
        """What is in a section need not be a record, if it can be written."""
        message = Message()
        message.additional = [OPTHeader(1232)]
        assert message.toStr()[12:] == bytes.fromhex("00002904d0000000000000")
        assert decoded(message.toStr()).additional[0].type == OPT

    def testBrokenRecord(self) -> None:
        """A record that lacks a field is a mistake that is not hidden."""
        message = Message()
        message.answers = [RRHeader("a", A, IN, 5, Record_A.__new__(Record_A))]
        with pytest.raises(AttributeError, match="address"):
            message.toStr()

    def testParseRecords(self) -> None:
        """Records are read from where a stream stands."""
        message = Message()
        message.answers = [address("a"), address("b", 2)]
        stream = BytesIO(message.toStr())
        stream.seek(12)
        found: list[RRHeader] = []
        message.parseRecords(found, 1, stream)
        message.parseRecords(found, 1, stream)
        assert found == message.answers

    def testAuthority(self) -> None:
        """Every record of a message with AA counts as authoritative."""
        message = Message(auth=1)
        message.answers = [address("a")]
        assert decoded(message.toStr()).answers[0].auth is True

    def testLookupRecordType(self) -> None:
        """Types have classes, or the one for all the others."""
        assert Message().lookupRecordType(A) is Record_A
        assert Message().lookupRecordType(65280) is UnknownRecord

    def testSubclass(self) -> None:
        """A subclass that leaves types alone reads as fast as the class itself."""

        class Mine(Message):
            """A message of a program's own."""

        assert Mine._knownTypes is Message._knownTypes


class TestTruncation:
    """Messages that are too long for their bound."""

    def message(self, *records: RRHeader, maxSize: int = 512) -> Message:
        """A response with answers."""
        message = Message(answer=1, auth=1, maxSize=maxSize)
        message.addQuery("example.com", A)
        message.answers = list(records)
        return message

    def testWholeRRsets(self) -> None:
        """An RRset goes as a whole, and those before it stay (RFC 2181 section 9)."""
        first = [address("example.com", n) for n in range(3)]
        second = [address("other.com", n) for n in range(40)]
        octets = self.message(*first, *second).toStr()
        read = decoded(octets)
        assert (len(read.answers), read.trunc) == (3, 1)
        assert len(octets) <= 512

    def testOtherItems(self) -> None:
        """What is no record stands alone, and goes like an RRset of one."""
        message = self.message(*[address("example.com", n) for n in range(40)])
        message.authority = [Query("example.com", A)]
        read = decoded(message.toStr())
        assert (len(read.answers), len(read.authority), read.trunc) == (0, 0, 1)

    @pytest.mark.parametrize("section", ["answers", "authority", "additional"])
    def testForeignItems(self, section: str) -> None:
        """What can only be encoded may have to go, too; of those with a lasting type it stays."""
        message = self.message()
        message.auth = 0
        setattr(message, section, [Streamed(bytes(300)), Streamed(bytes(300))])
        assert (message.toStr()[2] >> 1 & 1, len(message.toStr())) == (section != "additional", 12 + 17 + 300)

    def testForeignOPT(self) -> None:
        """An OPT record by somebody else stays."""
        message = self.message(*[address("example.com", n) for n in range(40)])
        lasting = Streamed(bytes.fromhex("00002904d0000000000000"))
        lasting.type = OPT
        message.additional = [lasting]
        read = decoded(message.toStr())
        assert (read.trunc, read.answers, [record.type for record in read.additional]) == (1, [], [OPT])

    def testExactFit(self) -> None:
        """A message of just the size is not cut, and one octet less is enough to cut it."""
        message = self.message(address("example.com"), address("example.com", 2))
        size = len(message.toStr())
        message.maxSize = size
        assert decoded(message.toStr()).trunc == 0
        message.maxSize = size - 1
        assert (decoded(message.toStr()).trunc, decoded(message.toStr()).answers) == (1, [])

    def testOPTStays(self) -> None:
        """The OPT record is there whatever else has to go (RFC 6891 section 7)."""
        message = self.message(*[address("example.com", n) for n in range(40)])
        message.additional = [address("x.example.com"), OPTHeader(1232)]
        read = decoded(message.toStr())
        assert (read.trunc, read.answers, [record.type for record in read.additional]) == (1, [], [OPT])

    def testAdditionalGoesSilently(self) -> None:
        """Additional records that nobody needs go without TC."""
        message = self.message(address("example.com"))
        message.additional = [address(f"{n}.example.com") for n in range(40)]
        message.additional.append(OPTHeader())
        read = decoded(message.toStr())
        assert read.trunc == 0
        assert 0 < len(read.additional) < 40
        assert read.additional[-1].type == OPT

    @pytest.mark.parametrize(("server", "trunc"), [("ns.child.example.com", 1), ("ns.sibling.example.com", 0)])
    def testGlue(self, server: str, trunc: int) -> None:
        """A referral without the addresses that it needs has TC (RFC 9471 section 3.1)."""
        message = self.message()
        message.auth = 0
        message.authority = [RRHeader("child.example.com", NS, IN, 5, Record_NS(server, 5))]
        message.additional = [RRHeader(server, AAAA, IN, 5, Record_AAAA(f"2001:db8::{n:x}", 5)) for n in range(40)]
        read = decoded(message.toStr())
        assert (read.trunc, len(read.authority), read.additional) == (trunc, 1, [])

    def testQuestionStays(self) -> None:
        """A bound below the question's own size leaves the question."""
        message = self.message(address("example.com"), maxSize=20)
        read = decoded(message.toStr())
        assert (read.queries, read.answers, read.trunc) == (message.queries, [], 1)
        message.answers = []
        assert decoded(message.toStr()).trunc == 0

    def testSeveralQuestions(self) -> None:
        """All questions stay, compressed."""
        message = self.message(*[address("example.com", n) for n in range(40)])
        message.addQuery("www.example.com", A)
        read = decoded(message.toStr())
        assert (read.queries, read.trunc) == (message.queries, 1)


class TestBadOctets:
    """Octets that are no message."""

    @pytest.mark.parametrize(
        ("body", "counts", "reason"),
        [
            ("", (1, 0, 0, 0), "inside of the name"),
            ("0161", (1, 0, 0, 0), "inside of the name"),
            ("00 0001 00", (1, 0, 0, 0), "inside of a question"),
            ("00 0001 0001 00000005 00", (0, 1, 0, 0), "record's header"),
            ("0161 00 0001 0001 00000005 00", (0, 0, 1, 0), "record's header"),
            ("00 0001 0001 00000005 0004 010203", (0, 1, 0, 0), "A: 3 octets left, 4 announced"),
            ("00 0001 0001 00000005 0003 010203", (0, 1, 0, 0), "A.address: 3 octets left, 4 needed"),
            ("00 0001 0001 00000005 0005 0102030405", (0, 1, 0, 0), "A: 1 octet too many"),
            ("c00c 0001 0001", (1, 0, 0, 0), "leads forward"),
            ("c010 0001 0001", (1, 0, 0, 0), "leads forward"),
            ("c0", (1, 0, 0, 0), "inside of the name"),
            ("0161 c00c 0001 0001", (1, 0, 0, 0), "leads forward"),
            ("40 0001 0001", (1, 0, 0, 0), "label type 01"),
            ("80 0001 0001", (1, 0, 0, 0), "label type 10"),
        ],
    )
    def testRefused(self, body: str, counts: tuple[int, int, int, int], reason: str) -> None:
        """Each is refused with its reason, and nothing but the documented error."""
        header = bytes(4) + b"".join(count.to_bytes(2, "big") for count in counts)
        with pytest.raises(DNSDecodeError, match=reason):
            decoded(header + bytes.fromhex(body))

    def testLongName(self) -> None:
        """A name over 255 octets is refused, be it with a pointer or without."""
        label = b"\x3f" + b"x" * 63
        for octets in (label * 4 + b"\0", label * 3 + b"\x3d" + b"x" * 61 + b"\0"):
            wire = bytes(4) + b"\0\1" + bytes(6) + octets + b"\0\1\0\1"
            if len(octets) <= 255:
                assert len(decoded(wire).queries[0].name.wire) == 255
            else:
                with pytest.raises(DNSDecodeError, match="longer than 255"):
                    decoded(wire)
        first = label * 3 + b"\0"
        wire = bytes(4) + b"\0\2" + bytes(6) + first + b"\0\1\0\1" + label + b"\xc0\x0c\0\1\0\1"
        with pytest.raises(DNSDecodeError, match="longer than 255"):
            decoded(wire)


def testEquality() -> None:
    """Messages compare by all that they hold, and cannot be keys."""
    assert Message(id=7) == Message(id=7)
    assert Message(id=7) != Message(id=8)
    assert Message(id=7) != 7
    with pytest.raises(TypeError):
        hash(Message())


def testRepr() -> None:
    """What differs from the default is shown."""
    message = Message(id=10, opCode=20, rCode=30, maxSize=40, answer=1, auth=1)
    message.answers = [1]
    assert repr(Message()) == "<Message id=0>"
    assert repr(message) == "<Message id=10 opCode=20 rCode=30 maxSize=40 flags=answer,auth answers=[1]>"


def testCompactRepr() -> None:
    """Sections that aren't there are left out."""
    assert compactRepr(Message(id=7), fieldNames=("id",), sectionNames=("nothing", "queries")) == "<Message id=7>"


def testResponse() -> None:
    """A response has the request's ID, opcode, RD, CD and questions."""
    request = Message(id=7, opCode=OP_NOTIFY, recDes=1, checkingDisabled=1, authenticData=1)
    request.addQuery("a", A)
    request.additional = [OPTHeader()]
    expected = Message(id=7, answer=True, opCode=OP_NOTIFY, recDes=1, checkingDisabled=1, rCode=ENAME)
    expected.addQuery("a", A)
    assert responseFromMessage(responseConstructor=Message, message=request, rCode=ENAME) == expected
    assert responseFromMessage(responseConstructor=Message, message=request, recDes=0).recDes == 0
