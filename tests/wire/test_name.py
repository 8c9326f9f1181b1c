"""Tests of names, of text and of octets, one by one and in messages."""

from io import SEEK_END, BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import names
from txnames.error import DNSDecodeError, TruncatedError
from txnames.records import Record_NS
from txnames.wire.header import RRHeader
from txnames.wire.message import Message
from txnames.wire.name import (
    ROOT,
    Name,
    domainString,
    nameFromText,
    readName,
    registerName,
    suffixes,
    textFromWire,
    writeName,
)
from txnames.wire.numbers import IN, NS

LONG = b"\x3f" + b"a" * 63
MAXIMUM = LONG * 3 + b"\x3d" + b"b" * 61 + b"\0"


@pytest.mark.parametrize(
    ("text", "wire"),
    [
        (b"", b"\0"),
        (b".", b"\0"),
        (b"example.com", b"\7example\3com\0"),
        (b"example.com.", b"\7example\3com\0"),
        ("Example.COM", b"\7Example\3COM\0"),
        (rb"a\.b.c", b"\3a.b\1c\0"),
        (rb"a\.", b"\2a.\0"),
        (rb"a\\.b", b"\2a\\\1b\0"),
        (rb"\000\255.a", b"\2\0\xff\1a\0"),
        (rb"\065b", b"\2Ab\0"),
        (b"a b", b"\3a b\0"),
        ("\u00e9chec.example.org", b"\x0cxn--chec-9oa\7example\3org\0"),
        ("\u203d.test", b"\7xn--fwg\4test\0"),
        ("a" * 63, LONG + b"\0"),
        ("@", b"\1@\0"),
        (b"@.a", b"\1@\1a\0"),
    ],
)
def test_construct(text: bytes | str, wire: bytes) -> None:
    """Dotted text, with escapes or beyond ASCII, gives labels."""
    assert Name(text).wire == wire
    assert Name(Name(text)).wire == wire


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b".a", "an empty label"),
        (b"a..b", "an empty label"),
        (b"..", "an empty label"),
        (b"a" * 64, "a label of 64 octets"),
        (b".".join([b"a" * 63] * 4), "a name of 257 octets, 255 are allowed"),
        (rb"\256", "is not an octet"),
        (rb"\12", "a backslash needs"),
        (rb"a.b" + b"\\", "a backslash needs"),
        (rb"\..", "x"),
    ],
)
def test_constructInvalid(text: bytes, reason: str) -> None:
    """What isn't a name is refused, with the reason."""
    if reason == "x":
        assert Name(text).labels == (b".",)
        return
    with pytest.raises(ValueError, match=reason):
        Name(text)


@pytest.mark.parametrize("other", [123, None, object(), []])
def test_constructOther(other: object) -> None:
    """Only text, octets and names make names."""
    with pytest.raises(TypeError):
        Name(other)  # type: ignore[arg-type]  # reason: that is the point


def test_longest() -> None:
    """A name has up to 255 octets, length octets and the root among them."""
    assert len(MAXIMUM) == 255
    assert Name(Name.fromWire(MAXIMUM).name).wire == MAXIMUM
    with pytest.raises(ValueError, match="a name of 256 octets"):
        Name(Name.fromWire(MAXIMUM).name + b"b")


def test_properties() -> None:
    """A name shows its labels, its text, its parent and what it sorts by."""
    name = Name("WWW.Example.com")
    assert name.labels == (b"WWW", b"Example", b"com")
    assert name.name == b"WWW.Example.com"
    assert name.folded == b"\3www\7example\3com\0"
    assert name.key == (b"com", b"example", b"www")
    assert name.parent() == Name("example.com")
    assert str(name) == "WWW.Example.com"
    assert repr(name) == "Name(b'WWW.Example.com')"
    assert len(name) == 15
    assert name
    assert not Name()
    assert Name().labels == ()
    with pytest.raises(ValueError, match="no parent"):
        Name().parent()


def test_subdomain() -> None:
    """A name lies below another by labels, not by octets, and case does not count."""
    name = Name("www.example.com")
    for other in ("www.example.com", "EXAMPLE.com", "com", ""):
        assert name.isSubdomainOf(Name(other))
    for other in ("ample.com", "a.www.example.com", "example.org"):
        assert not name.isSubdomainOf(Name(other))
    assert not Name.fromWire(b"\x0a\1a\7example\0").isSubdomainOf(Name("example"))


def test_order() -> None:
    """Names sort as RFC 4034 section 6.1 shows."""
    texts = ["example", "a.example", "yljkjljk.a.example", "Z.a.example", "zABC.a.EXAMPLE", "z.example"]
    ordered = [*map(Name, texts), Name(rb"\001.z.example"), Name("*.z.example"), Name(rb"\200.z.example")]
    backwards = ordered[::-1]
    assert sorted(backwards) == ordered


def test_equality() -> None:
    """Case does not count, the bounds of labels do."""
    assert Name("a.B") == Name("A.b")
    assert hash(Name("a.B")) == hash(Name("A.b"))
    assert Name(rb"a\.b") != Name("a.b")
    assert Name("a") != b"a"
    assert Name("a").__eq__("a") is NotImplemented


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (b"xn--chec-9oa.example", "\u00e9chec.example"),
        (b"XN--CHEC-9OA", "\u00e9chec"),
        (b"xn--a.example", "xn--a.example"),
        (b"plain", "plain"),
        (b"", ""),
    ],
)
def test_unicode(name: bytes, text: str) -> None:
    """A-labels become Unicode where they stand for something."""
    assert Name(name).toUnicode() == text


def test_domainString() -> None:
    """Octets stay, text becomes ASCII."""
    assert domainString(b"\xff") == b"\xff"
    assert domainString("a") == b"a"
    assert domainString("\u00e9") == b"xn--9ca"
    with pytest.raises(TypeError, match="not Name"):
        domainString(Name())  # type: ignore[arg-type]  # reason: that is the point
    with pytest.raises(ValueError, match=r"label|codec"):
        domainString("\u00e9" * 64)


def test_encodeStream() -> None:
    """A stream gets the octets; with earlier names it gets a pointer, and the new names are added."""
    stream = BytesIO()
    Name("foo.example.com").encode(stream)
    assert stream.getvalue() == b"\3foo\7example\3com\0"
    stream = BytesIO()
    earlier = {b"example.com": 0x17}
    Name("foo.example.com").encode(stream, earlier)
    assert stream.getvalue() == b"\3foo\xc0\x17"
    assert earlier == {b"example.com": 0x17, b"foo.example.com": 12}
    Name("foo.example.com").encode(stream, earlier)
    assert stream.getvalue() == b"\3foo\xc0\x17\xc0\x0c"


def test_encodeManyNames() -> None:
    """Of the names that a stream holds only the ancestors of the one that is written are looked up."""

    class Counted(dict[bytes, int]):
        """Counts the look-ups, and cannot be gone through."""

        asked = 0

        def get(self, key: bytes, default: Any = None) -> Any:
            """Count."""
            self.asked += 1
            return super().get(key, default)

        def items(self) -> Any:
            """Refuse."""
            raise AssertionError("all names are gone through")

    stream, earlier = BytesIO(), Counted()
    for number in range(300):
        RRHeader(b"h%d.example" % number, NS, IN, 60, Record_NS(b"ns%d.example" % number)).encode(stream, earlier)
    assert earlier.asked <= 300 * 2 * 3
    assert earlier[b"ns299.example"] < len(stream.getvalue()) + 12
    found: list[Any] = []
    Message().parseRecords(found, 300, _after(stream))
    assert [str(header.payload.name) for header in found] == [f"ns{number}.example" for number in range(300)]


def test_encodeFarName() -> None:
    """A name past the reach of pointers is not entered, and the data behind it stays whole."""
    stream, earlier = BytesIO(bytes(0x4000)), {b"example": 20}
    stream.seek(0, SEEK_END)
    Record_NS("ns.example").encode(stream, earlier)
    Name("far.example").encode(stream, earlier)
    assert stream.getvalue()[0x4000:] == b"\2ns\xc0\x14\3far\xc0\x14"
    assert earlier == {b"example": 20}


def _after(stream: BytesIO) -> BytesIO:
    """A stream that stands behind a message's header."""
    whole = BytesIO(bytes(12) + stream.getvalue())
    whole.seek(12)
    return whole


def test_decodeStream() -> None:
    """A name is read from where the stream stands, and pointers count from its start."""
    name = Name()
    stream = BytesIO(b"\1a\0\1b\xc0\0rest")
    stream.seek(3)
    name.decode(stream)
    assert name == Name("b.a")
    assert stream.read() == b"rest"
    with pytest.raises(ValueError, match="leads forward"):
        name.decode(BytesIO(b"\xc0\0"))
    with pytest.raises(EOFError):
        name.decode(BytesIO(b"\3ab"))


@pytest.mark.parametrize(
    ("wire", "offset", "text", "end"),
    [
        (b"\0", 0, "", 1),
        (b"\1a\1b\0x", 0, "a.b", 5),
        (b"\1a\1b\0\xc0\2x", 5, "b", 7),
        (b"\1a\0\1b\xc0\0\1c\xc0\3x", 7, "c.b.a", 11),
        (b"\1a\0\xc0\0\xc0\3\xc0\5x", 7, "a", 9),
        (b"\1a\0\xc0\0\1b\xc0\3x", 5, "b.a", 9),
        (b"\0\xc0\0\1b\xc0\1x", 3, "b", 7),
    ],
)
def test_read(wire: bytes, offset: int, text: str, end: int) -> None:
    """A name is read through pointers, and all names on the way are remembered."""
    names: dict[int, Name] = {}
    assert readName(wire, offset, names) == (Name(text), end)
    for at, name in names.items():
        assert readName(wire, at, {})[0].wire == name.wire
    assert readName(wire, offset, names) == (Name(text), end)


def test_readRemembered() -> None:
    """A name that was read is the same object when a pointer leads to it."""
    names: dict[int, Name] = {}
    wire = b"\1a\0\xc0\0\1b\xc0\0"
    first, _ = readName(wire, 0, names)
    assert readName(wire, 3, names)[0] is first
    assert readName(wire, 5, names)[0] == Name("b.a")


def test_readLong() -> None:
    """A pointer leads to a name of many labels, and then to places in it."""
    wire = b"\1a" * 127 + b"\0"
    for first in range(0, 254, 2):
        names: dict[int, Name] = {}
        octets = wire + (0xC000 | first).to_bytes(2, "big") + b"\xc0\0"
        assert readName(octets, 255, names)[0].wire == wire[first:]
        assert readName(octets, 257, names)[0].wire == wire
        for at, name in names.items():
            assert readName(octets, at, {})[0].wire == name.wire


@pytest.mark.parametrize(
    ("wire", "offset", "reason"),
    [
        (b"\xc0\0", 0, "leads forward to 0"),
        (b"\xc0\5\0\0\0\0", 0, "leads forward to 5"),
        (b"\1a\xc0\0", 0, "leads forward to 0"),
        (b"\1a\xc0\2", 0, "leads forward to 2"),
        (b"\xc0\2\xc0\0", 2, "leads forward to 2"),
        (b"\1a\xc0\0\xc0\0", 4, "leads forward to 0"),
        (b"\1a\xc0\4\xc0\0", 4, "leads forward to 4"),
        (b"\x40\0", 0, "label type 01 at octet 0"),
        (b"\x80\0", 0, "label type 10 at octet 0"),
        (b"\1a\x7fa", 0, "label type 01 at octet 2"),
        (b"\1a\x80\0\xc0\0", 4, "label type 10 at octet 2"),
        (b"\x3f" * 300, 0, "longer than 255|inside of the name"),
        (LONG * 4 + b"\0", 0, "the name at octet 0 is longer than 255"),
        (MAXIMUM + b"\1a\xc0\0", 255, "the name at octet 255 is longer than 255"),
        (LONG * 4 + b"\0\xc0\0", 257, "the name at octet 0 is longer than 255"),
        (MAXIMUM + b"\1a\xc0\0\xc0\xff", 259, "the name at octet 255 is longer than 255"),
    ],
)
def test_readInvalid(wire: bytes, offset: int, reason: str) -> None:
    """What isn't a name is refused, with the reason."""
    with pytest.raises(DNSDecodeError, match=reason):
        readName(wire, offset, {})


@pytest.mark.parametrize(
    ("wire", "offset"), [(b"", 0), (b"\3ab", 0), (b"\1a", 0), (b"\xc0", 0), (b"\1a\xc0", 0), (b"\1a\xc0\0\xc0", 4)]
)
def test_readTruncated(wire: bytes, offset: int) -> None:
    """Octets that end inside of a name are told apart."""
    with pytest.raises(TruncatedError, match="inside of the name"):
        readName(wire, offset, {})


def test_readTruncatedBehindPointer() -> None:
    """Octets may also end where a pointer leads."""
    with pytest.raises(TruncatedError, match="inside of the name at octet 4"):
        readName(b"\x20abc\xc0\0", 4, {})


def test_write() -> None:
    """Names share what they have in common; case is kept, so names of another case share nothing."""
    out = bytearray(12)
    compress: dict[bytes, bytes] = {}
    for text in ("www.example.com", "example.com", "a.example.com", "www.example.com", "Example.com", "com", ""):
        writeName(out, Name(text).wire, compress)
    assert out[12:] == (b"\3www\7example\3com\0\xc0\x10\1a\xc0\x10\xc0\x0c\7Example\xc0\x18\xc0\x18\0")


def test_writeFar() -> None:
    """No pointer is made to what stands past octet 16383 or near it, but those to what stands before are used."""
    out = bytearray(0x3F00)
    compress: dict[bytes, bytes] = {}
    writeName(out, Name("a.b").wire, compress)
    assert compress[Name("a.b").wire] == b"\xff\x00"
    out = bytearray(0x4000)
    far: dict[bytes, bytes] = {Name("b").wire: b"\xc0\x0c"}
    writeName(out, Name("a.b").wire, far)
    writeName(out, Name("c").wire, far)
    assert out[0x4000:] == b"\1a\xc0\x0c\1c\0"
    assert far == {Name("b").wire: b"\xc0\x0c"}


@given(st.lists(names, max_size=8), st.integers(12, 0x4010))
def test_writeRead(given: list[Name], start: int) -> None:
    """Names that share octets come back as they were given."""
    out = bytearray(start)
    compress: dict[bytes, bytes] = {}
    places = []
    for name in given:
        places.append(len(out))
        writeName(out, name.wire, compress)
    found: dict[int, Name] = {}
    for name, place in zip(given, places, strict=True):
        assert readName(bytes(out), place, found)[0].wire == name.wire


def test_register() -> None:
    """A name that stands somewhere is entered with its ancestors."""
    compress: dict[bytes, bytes] = {}
    assert registerName(compress, Name("a.bc").wire, 12) == b""
    assert compress == {Name("a.bc").wire: b"\xc0\x0c", Name("bc").wire: b"\xc0\x0e"}


def test_suffixes() -> None:
    """The ancestors end in the root."""
    assert suffixes(b"\1a\1b\0") == [b"\1a\1b\0", b"\1b\0", b"\0"]
    assert suffixes(ROOT) == [ROOT]


@pytest.mark.parametrize(
    ("text", "wire"),
    [
        (b"@", b"\6origin\0"),
        (b"a", b"\1a\6origin\0"),
        (b"a.", b"\1a\0"),
        (b".", b"\0"),
        (rb"\@", b"\1@\6origin\0"),
        (rb"a\.", b"\2a.\6origin\0"),
        (rb"a\..", b"\2a.\0"),
        (b"A-_*/", b"\5A-_*/\6origin\0"),
    ],
)
def test_fromText(text: bytes, wire: bytes) -> None:
    """A name without a last dot is relative to the origin."""
    assert nameFromText(text, b"\6origin\0") == wire


@pytest.mark.parametrize(
    ("wire", "text"),
    [
        (b"\0", "."),
        (b"\1a\2Bc\0", "a.Bc."),
        (b"\3a.b\0", r"a\.b."),
        (b'\6\\"();@\1$\0', r"\\\"\(\)\;\@.\$."),
        (b"\4\0 \x7f\xff\0", r"\000\032\127\255."),
    ],
)
def test_toText(wire: bytes, text: str) -> None:
    """What means something else in zone files is escaped."""
    assert textFromWire(wire) == text
    assert nameFromText(text.encode(), b"\1x\0") == wire
