"""Tests of numbers, times, addresses and names in records."""

import ipaddress
from typing import Any

import pytest

from txnames.error import DNSDecodeError, RdataTextError, TruncatedError
from txnames.wire.field import Field
from txnames.wire.fields import TTL, DomainName, IPv4, IPv6, Seconds, UInt8, UInt16, UInt32, UInt48
from txnames.wire.name import Name
from txnames.wire.text import tokenize


def made(field: Any) -> Any:
    """Make a field that is called C{X.y} in errors."""
    field.belongTo("X", "y")
    return field


NUMBERS = [(UInt8, 1), (UInt16, 2), (UInt32, 4), (UInt48, 6), (Seconds, 4)]


@pytest.mark.parametrize(("kind", "size"), NUMBERS)
def test_number(kind: type[Field[Any, Any]], size: int) -> None:
    """A number has its width and no more, in each direction."""
    field, most = made(kind()), (1 << 8 * size) - 1
    for value in (0, 1, most):
        out = bytearray()
        field.writeTo(out, value, None)
        assert out == value.to_bytes(size, "big")
        assert field.readFrom(b"." + out, 1, 1 + size, {}) == (value, 1 + size)
        assert field.parse(tokenize(field.format(value).encode()), b"\0") == value
        assert field.convert(value) == value
        assert field.convert(str(value)) == value
    for value in (-1, most + 1):
        with pytest.raises(ValueError, match=rf"X\.y: {value} is not between 0 and {most}"):
            field.convert(value)
    with pytest.raises(RdataTextError, match=rf"X\.y: {most + 1} is more than {most}"):
        field.parse(tokenize(str(most + 1).encode()), b"\0")
    with pytest.raises(TruncatedError, match=rf"X\.y: {size - 1} octets? left, {size} needed"):
        field.readFrom(bytes(size), 0, size - 1, {})


@pytest.mark.parametrize("text", [b"-1", b"+1", b"1_0", b"0x1", b"1.0", b"9" * 21, b"\xb2", b'""'])
def test_noNumber(text: bytes) -> None:
    """Only digits are a number."""
    with pytest.raises(RdataTextError, match="is not a number"):
        made(UInt32()).parse(tokenize(text), b"\0")


def test_seconds() -> None:
    """Spans of time have units."""
    field = made(Seconds())
    assert field.parse(tokenize(b"1h30m"), b"\0") == 5400
    assert field.convert("2H") == 7200
    for text in (b"1x", b"\xff", b"7102W"):
        with pytest.raises(RdataTextError, match="is not a span of time"):
            field.parse(tokenize(text), b"\0")


def test_ttl() -> None:
    """A TTL may be left open."""
    field = made(TTL())
    assert field.convert(None) is None
    assert field.convert("1H") == 3600
    assert field.convert(b"2M") == 120
    assert field.convert(5.5) == 5
    assert field.show(None) == "None"


@pytest.mark.parametrize(
    ("kind", "given", "kept", "text"),
    [
        (IPv4, "192.0.2.1", b"\xc0\0\2\1", "192.0.2.1"),
        (IPv4, b"192.0.2.1", b"\xc0\0\2\1", "192.0.2.1"),
        (IPv4, ipaddress.IPv4Address("192.0.2.1"), b"\xc0\0\2\1", "192.0.2.1"),
        (IPv6, "2001:DB8::1", bytes.fromhex("20010db8000000000000000000000001"), "2001:db8::1"),
        (IPv6, b"0:0069::0", bytes.fromhex("00000069000000000000000000000000"), "0:69::"),
        (IPv6, ipaddress.IPv6Address("::1"), bytes(15) + b"\1", "::1"),
    ],
)
def test_address(kind: type[Field[Any, Any]], given: Any, kept: bytes, text: str) -> None:
    """Addresses are kept as octets and shown as text."""
    field = made(kind())
    assert field.convert(given) == kept
    assert field.format(kept) == field.show(kept) == text
    out = bytearray(b".")
    field.writeTo(out, kept, None)
    assert field.readFrom(bytes(out), 1, len(out), {}) == (kept, len(out))
    with pytest.raises(TruncatedError):
        field.readFrom(bytes(out), 1, len(out) - 1, {})


@pytest.mark.parametrize(("kind", "given"), [(IPv4, "1.2.3"), (IPv4, "\0"), (IPv4, b"\xff"), (IPv6, "x"), (IPv6, "\0")])
def test_noAddress(kind: type[Field[Any, Any]], given: str | bytes) -> None:
    """What isn't an address is refused."""
    with pytest.raises(ValueError, match=r"X\.y: .* is not an IPv. address"):
        made(kind()).convert(given)


def test_name() -> None:
    """A name is read through pointers, and written with them where its type is of the oldest."""
    for field in (made(DomainName()), made(DomainName(lower=True)), made(DomainName(compress=True))):
        assert field.convert("A.b") == field.convert(b"A.b.") == field.convert(Name("A.b")) == Name("A.b")
        assert field.readFrom(b"\1b\0\1A\xc0\0", 3, 7, {}) == (Name("A.b"), 7)
        out = bytearray(b"\1b\0")
        field.writeTo(out, Name("A.b"), {Name("b").wire: b"\xc0\0"})
        assert bytes(out[3:]) == (b"\1A\xc0\0" if field.compress else b"\1A\1b\0")
        out = bytearray()
        field.writeTo(out, Name("A.b"), None)
        field.writeCanonical(out, Name("A.b"))
        assert out == b"\1A\1b\0" + (b"\1a\1b\0" if field.lower else b"\1A\1b\0")
        assert field.format(Name("A.b")) == "A.b."
        assert field.show(Name("A.b")) == "A.b"
        assert field.parse(tokenize(b"A"), b"\1b\0") == Name("A.b")
        assert field.parse(tokenize(b'"A.b."'), b"\1b\0") == Name("A.b")


def test_noName() -> None:
    """What isn't a name is refused, and the error says which field."""
    field = made(DomainName())
    with pytest.raises(DNSDecodeError, match=r"^X\.y: label type 01 at octet 0$") as caught:
        field.readFrom(b"\x40", 0, 1, {})
    assert caught.value.field == "X.y"
    with pytest.raises(TruncatedError, match=r"^X\.y: the octets end"):
        field.readFrom(b"\1", 0, 1, {})
    with pytest.raises(TruncatedError, match=r"^X\.y: 2 octets left, 3 needed$"):
        field.readFrom(b"\1a\0", 0, 2, {})
    with pytest.raises(RdataTextError, match=r"^X\.y: 'a..b': an empty label$"):
        field.parse(tokenize(b"a..b"), b"\0")
    with pytest.raises(ValueError, match="an empty label"):
        field.convert("a..b")
    with pytest.raises(TypeError):
        field.convert(None)
