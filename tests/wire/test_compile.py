"""Tests of the metaclass of records and of the methods that it compiles."""

import inspect
from typing import Any

import pytest

from txnames.error import DNSDecodeError, TruncatedError
from txnames.records import Record_AAAA, Record_MX, Record_NS, Record_TXT, SimpleRecord
from txnames.wire.compile import METHODS, Pending
from txnames.wire.fields import TTL, CharStrings, DomainName, IPv4, UInt8, UInt16, UInt32
from txnames.wire.name import Name
from txnames.wire.record import Record


class Several(Record, mnemonic="SEVERAL"):
    """A record with neighbours of fixed size, and one alone."""

    first: UInt8 = UInt8(default=1)
    second: UInt32 = UInt32(default=2)
    address: IPv4 = IPv4(default="192.0.2.1")
    name: DomainName = DomainName(default=b"", compress=True, also="alias")
    last: UInt8 = UInt8(default=3)
    ttl: TTL = TTL(default=None)


class Required(Record, mnemonic="REQUIRED"):
    """A record with a field that has no default."""

    number: UInt16 = UInt16()
    ttl: TTL = TTL(default=None)


class Empty(Record, mnemonic="EMPTY"):
    """A record without data."""

    ttl: TTL = TTL(default=None)


class Nothing(Record, mnemonic="NOTHING"):
    """A record without any field."""


class Named(Record, mnemonic="NAMED"):
    """A record whose strings are not last."""

    strings: CharStrings = CharStrings()
    more: UInt8 = UInt8(default=0)
    also: UInt8 = UInt8(default=0, also="besides")
    ttl: TTL = TTL(default=None)


def test_fields() -> None:
    """A class knows its fields in order, with the names that errors use."""
    assert [field.name for field in Several.fields] == ["first", "second", "address", "name", "last", "ttl"]
    assert [field.where for field in Several.fields][:2] == ["SEVERAL.first", "SEVERAL.second"]
    assert [field.kind for field in Several.fields][:3] == ["UInt8", "UInt32", "IPv4"]
    assert Several.compareAttributes == ("first", "second", "address", "name", "last", "ttl")


def test_slots() -> None:
    """A record holds its fields and nothing else."""
    assert not hasattr(Several(), "__dict__")
    with pytest.raises(AttributeError):
        Several().other = 1  # type: ignore[attr-defined]  # reason: that is the point


def test_pending() -> None:
    """Methods are compiled when one of them is first used."""

    class Late(Record, mnemonic="LATE"):
        """A record that was not used yet."""

        number: UInt8 = UInt8(default=0)

    assert all(isinstance(vars(Late)[name], Pending) for name in METHODS)
    assert Late(5).number == 5
    assert not any(isinstance(vars(Late)[name], Pending) for name in METHODS)
    assert Late.__init__.__qualname__ == f"{Late.__qualname__}.__init__"
    assert Late.__init__.__module__ == __name__


@pytest.mark.parametrize("name", METHODS)
def test_pendingEach(name: str) -> None:
    """Whatever method is used first, it is there."""

    class Late(Record, mnemonic="LATE"):
        """A record that was not used yet."""

        number: UInt8 = UInt8(default=7)

    record = Late.__new__(Late)
    record.number = 7
    uses: dict[str, Any] = {
        "__init__": lambda: Late(7) == record,
        "read": lambda: Late.read(b"\7", 0, 1, {}) == record,
        "readPart": lambda: Late.readPart(b"\7a", 0, 2, {}) == (record, 1),
        "write": lambda: not record.write(bytearray()),  # type: ignore[func-returns-value]  # reason: has none
        "rdata": lambda: record.rdata == b"\7",
        "__eq__": lambda: record == Late(7),
        "__hash__": lambda: hash(record) == hash(Late(7)),
    }
    assert uses[name]()


def test_signature() -> None:
    """The constructor has the fields as parameters, in order, with their defaults."""
    assert str(inspect.signature(Record_NS)) == "(name=b'', ttl=None)"
    assert list(inspect.signature(Record_MX).parameters) == ["preference", "name", "ttl", "exchange"]
    assert str(inspect.signature(Record_TXT)) == "(*data, ttl=None)"
    assert str(inspect.signature(Required)) == "(number, ttl=None)"
    assert str(inspect.signature(Empty)) == "(ttl=None)"
    assert str(inspect.signature(Nothing)) == "()"


def test_construct() -> None:
    """Arguments are taken by position, by name and by the other name."""
    assert Several(9, 8, "192.0.2.9", b"a", 7, 60) == Several(
        first=9, second=8, address="192.0.2.9", name="A", last=7, ttl="1M"
    )
    also: Any = Several
    assert also(alias="b").name == Name("b")
    strings: Any = Named
    assert strings("a", b"b", more=3, besides=4, ttl=5) == strings("a", "b", more=3, also=4, ttl=5)
    with pytest.raises(TypeError):
        Required()
    with pytest.raises(ValueError, match=r"REQUIRED\.number: 65536 is not between 0 and 65535"):
        Required(65536)


def test_read() -> None:
    """Octets are read where they stand; what is missing and what is too much is told."""
    octets = b"..\1\0\0\0\2\xc0\0\2\1\1a\0\3.."
    record = Several.read(octets, 2, len(octets) - 2, {}, 60)
    assert record == Several(name="a", ttl=60)
    assert Several.readPart(octets, 2, len(octets), {}) == (Several(name="a"), len(octets) - 2)
    for end, field in [(2, "first"), (3, "second"), (6, "second"), (9, "address"), (11, "name"), (14, "last")]:
        with pytest.raises(TruncatedError) as caught:
            Several.read(octets[:end], 2, end, {})
        assert caught.value.field == f"SEVERAL.{field}"
    with pytest.raises(DNSDecodeError, match="SEVERAL: 1 octet too many"):
        Several.read(octets, 2, len(octets) - 1, {})
    with pytest.raises(TruncatedError, match=r"SEVERAL\.name: 1 octet left, 3 needed"):
        Several.read(octets, 2, 12, {})
    assert Empty.read(b"", 0, 0, {}) == Empty()
    assert Nothing.read(b"", 0, 0, {}) == Nothing()


def test_write() -> None:
    """Octets are appended, and compressed where that is asked for."""
    out = bytearray(12)
    compress: dict[bytes, bytes] = {}
    Several(name="a").write(out, compress)
    Several(name="b.a").write(out, compress)
    assert out[12:] == b"\1\0\0\0\2\xc0\0\2\1\1a\0\3\1\0\0\0\2\xc0\0\2\1\1b\xc0\x15\3"
    assert Several(name="b.a").rdata == b"\1\0\0\0\2\xc0\0\2\1\1b\1a\0\3"
    out = bytearray()
    Several(name="b.a").write(out)
    assert out == Several(name="b.a").rdata
    assert Empty().rdata == b""


def test_compare() -> None:
    """Records of one class are equal by their fields, the TTL among them; others are never equal."""
    assert Several() == Several()
    assert Several() != Several(last=4)
    assert Several() != Several(ttl=1)
    assert Several() != object()
    assert Several().__eq__("x") is NotImplemented
    assert hash(Several(name="a")) == hash(Several(name="A"))
    assert len({Several(), Several(), Several(last=4)}) == 2
    assert Nothing() == Nothing()


def test_inherit() -> None:
    """A class below another has its fields, with its own name in errors, and may have one more or another."""

    class More(SimpleRecord, type=65281, mnemonic="MORE"):
        """A record with a further field."""

        number: UInt8 = UInt8(default=0)

    assert [field.where for field in More.fields] == ["MORE.name", "MORE.number", "MORE.ttl"]
    assert [field.where for field in SimpleRecord.fields] == ["SimpleRecord.name", "SimpleRecord.ttl"]
    assert More("a", 5, 60).rdata == b"\1a\0\5"
    assert Record.registry.pop(65281) is More

    class Other(Several, mnemonic="OTHER"):
        """A record with another kind of field in the same place."""

        second: UInt8 = UInt8(default=2)

    assert Other().rdata == b"\1\2\xc0\0\2\1\0\3"
    assert repr(Other()) == "<OTHER first=1 second=2 address=192.0.2.1 name= last=3 ttl=None>"


def test_plainSubclass() -> None:
    """A program may subclass a type for its own ends; the class of the type stays."""

    class Mine(Record_AAAA):
        """A record with a method and an attribute of its own."""

        def __init__(self, address: str) -> None:
            super().__init__(address, ttl=5)
            self.note = "mine"

    mine = Mine("::1")
    assert (mine.note, mine.ttl, mine.rdata) == ("mine", 5, Record_AAAA("::1").rdata)
    assert mine != Record_AAAA("::1", 5)
    assert Record.registry[Record_AAAA.TYPE] is Record_AAAA

    class Typed(Mine, type=65282, mnemonic="TYPED"):
        """A type below that."""

    Record.registry.pop(65282)
    assert Typed("::2").note == "mine"


class Handmade(Record_MX):
    """A record that writes in its own way."""

    def write(self, out: bytearray, compress: dict[bytes, bytes] | None = None) -> None:
        """Write three octets."""
        out += b"abc"


class TypedHandmade(Handmade, type=65283, mnemonic="HANDMADE"):
    """A type below that."""

    extra: UInt8 = UInt8(default=0)


class ReadInParts(Record, type=65284, mnemonic="PARTS"):
    """A record that reads in its own way."""

    number: UInt8 = UInt8(default=0)
    ttl: TTL = TTL(default=None)

    @classmethod
    def readPart(cls, wire: bytes, offset: int, end: int, names: dict[int, Name], ttl: int | None = None) -> Any:
        """Read one octet."""
        return cls(wire[offset] + 1, ttl=ttl), offset + 1


del Record.registry[65283], Record.registry[65284]


def test_handmade() -> None:
    """A method of a class body wins, for the octets too, and in classes below."""
    for kind in (Handmade, TypedHandmade):
        assert kind().rdata == b"abc"
        assert kind.compresses
        assert kind(5, "a") == kind(5, "a")
    assert ReadInParts.read(b"\1", 0, 1, {}, 5) == ReadInParts(2, ttl=5)
    with pytest.raises(DNSDecodeError, match="PARTS: 1 octet too many"):
        ReadInParts.read(b"\1\1", 0, 2, {})


def test_compresses() -> None:
    """It is known which classes write pointers."""
    assert Record_MX.compresses
    assert not Record_AAAA.compresses
