"""Tests of digests, keys and other octets in records, and of the generic form of text."""

from base64 import b64decode, b64encode
from typing import Any

import pytest

from txnames.error import RdataTextError, TruncatedError
from txnames.wire.opaque import (
    Base64,
    CountedBase64,
    Hex,
    LongString,
    RestOctets,
    base64Of,
    fromBase64,
    genericRdata,
    genericText,
    hexOf,
)
from txnames.wire.text import Token, tokenize


def made(field: Any) -> Any:
    """Make a field that is called C{X.y} in errors."""
    field.belongTo("X", "y")
    return field


@pytest.mark.parametrize(
    ("kind", "text"),
    [(RestOctets, r"\# 3 010AFF"), (Hex, "010AFF"), (Base64, "AQr/"), (LongString, r'"\001\010\255"')],
)
def test_toTheEnd(kind: Any, text: str) -> None:
    """Octets go on to the end of the data."""
    field = made(kind(default=b""))
    value = b"\1\x0a\xff"
    out = bytearray(b".")
    field.writeTo(out, value, None)
    assert out == b"." + value
    assert field.readFrom(out + b".", 1, 4, {}) == (value, 4)
    assert field.readFrom(b"", 0, 0, {}) == (b"", 0)
    assert field.format(value) == text
    assert field.parse(tokenize(text.encode("ascii")), b"\0") == value
    assert field.convert("ab") == field.convert(b"ab") == b"ab"
    assert field.show(value) == r"'\x01\n\xff'"


@pytest.mark.parametrize(("kind", "text"), [(Hex, b"01"), (Base64, b"AQ==")])
def test_least(kind: Any, text: bytes) -> None:
    """There may have to be some octets."""
    field = made(kind(least=2))
    with pytest.raises(TruncatedError, match=r"X\.y: 1 octet left, 2 needed"):
        field.readFrom(b"ab", 0, 1, {})
    with pytest.raises(RdataTextError, match=r"X\.y is missing"):
        field.parse(tokenize(b""), b"\0")
    with pytest.raises(RdataTextError, match=r"X\.y: 1 octet, 2 are the least"):
        field.parse(tokenize(text), b"\0")
    assert made(kind()).parse(tokenize(b""), b"\0") == b""


@pytest.mark.parametrize(("kind", "text"), [(Hex, b"010203"), (Base64, b"AQID")])
def test_most(kind: Any, text: bytes) -> None:
    """There may be some octets at most, and never more than a record's data can have."""
    field = made(kind(most=2))
    with pytest.raises(RdataTextError, match=r"X\.y: 3 octets, 2 are allowed"):
        field.parse(tokenize(text), b"\0")
    with pytest.raises(ValueError, match=r"X\.y: 3 octets, 2 are allowed"):
        field.convert(b"abc")
    with pytest.raises(ValueError, match=r"X\.y: 65536 octets, 65535 are allowed"):
        made(kind()).convert(bytes(65536))


def test_counted() -> None:
    """Octets may have their number before them, on the wire and in text."""
    field = made(CountedBase64())
    for value, octets, text in ((b"", b"\0\0", "0"), (b"abc", b"\0\3abc", "3 YWJj")):
        out = bytearray(b".")
        field.writeTo(out, value, None)
        assert out[1:] == octets
        assert field.readFrom(bytes(out), 1, len(out), {}) == (value, len(out))
        assert field.format(value) == text
        assert field.parse(tokenize(text.encode("ascii")), b"\0") == value
        assert field.convert(value) == value
    assert field.show(b"abc") == "'abc'"
    for octets, reason in ((b"\0", "1 octet left, 2 needed"), (b"\0\2a", "1 octet left, 2 needed")):
        with pytest.raises(TruncatedError, match=reason):
            field.readFrom(octets + b"..", 0, len(octets), {})
    with pytest.raises(ValueError, match="65536 octets, 65535 are allowed"):
        field.convert(bytes(65536))
    with pytest.raises(RdataTextError, match="'65536' is not a length"):
        field.parse(tokenize(b"65536 " + b64encode(bytes(65536))), b"\0")


def test_generic() -> None:
    """The generic form gives length and digits, in as many words as one likes."""
    assert genericText(b"") == r"\# 0"
    assert genericText(b"\xab\1") == r"\# 2 AB01"
    assert genericRdata(tokenize(b"2 a b01")) == b"\xab\1"
    assert genericRdata(tokenize(b"0")) == b""


@pytest.mark.parametrize("text", [b"", b"a", b"65536 00", b"1", b"0 00", b"1 0", b"1 0_0", b"1 0 0 0 0", b"-1"])
def test_notGeneric(text: bytes) -> None:
    """What isn't so is refused."""
    with pytest.raises(RdataTextError):
        genericRdata(tokenize(text))
    with pytest.raises(RdataTextError, match="begins with"):
        made(RestOctets()).parse(tokenize(b'"\\#" 0'), b"\0")


def test_hex() -> None:
    """Hexadecimal digits come in pairs."""
    assert hexOf([Token(b"0A"), Token(b"b"), Token(b"C")]) == b"\x0a\xbc"
    assert hexOf([]) == b""
    for text in (b"0", b"0x00", b"0g", b" 00", b"\xff\xff"):
        with pytest.raises(RdataTextError, match=r"^\\#: not an even number"):
            hexOf([Token(text)])
    with pytest.raises(RdataTextError, match=r"^X\.y: not an even number"):
        hexOf([Token(b"0")], "X.y")


@pytest.mark.parametrize("text", [b'01""02', b'"01""02"', b'01"02"', b'"01"02'])
def test_touching(text: bytes) -> None:
    """Words of digits have a blank between them, also where quotes are around them."""
    for kind, digits in ((Hex, text), (Base64, text.replace(b"0", b"AAA"))):
        field = made(kind(default=b""))
        with pytest.raises(RdataTextError, match=r"^X\.y: no blank between two words$"):
            field.parse(tokenize(digits), b"\0")
        apart = b" ".join(filter(None, digits.split(b'"')))
        assert len(field.parse(tokenize(apart), b"\0")) in (2, 6)


@pytest.mark.parametrize(
    "text", [b"A", b"AAA", b"AAAA=", b"AAAA====", b"AA=A", b"AA==AAAA", b"=AAA", b"AA-_", b"AA\nAA"]
)
def test_notBase64(text: bytes) -> None:
    """Base64 has its padding and no other octets."""
    with pytest.raises(ValueError, match=r"(?i)base64|padding"):
        fromBase64(text)
    with pytest.raises(RdataTextError, match=r"X\.y: not Base64"):
        base64Of([Token(text)], "X.y")


@pytest.mark.parametrize("text", [b"AB==", b"AQF=", b"AQIDAAF="])
def test_lostBits(text: bytes) -> None:
    """Bits of the last digit that no octet has are remarked on where there is who listens, and else refused."""
    tokens = tokenize(text)
    field = made(Base64(default=b""))
    assert field.parse(tokens, b"\0") == b64decode(text)
    assert tokens.remarks == ((tokens.items[0], "X.y: Base64 whose last digit has bits that get lost"),)
    with pytest.raises(RdataTextError, match=r"X\.y: Base64 whose last digit has bits"):
        base64Of(tokens.items, "X.y")
    with pytest.raises(ValueError, match="whose last digit has bits"):
        fromBase64(text)


def test_base64() -> None:
    """Base64 may stand in several words."""
    assert base64Of([Token(b"A"), Token(b"Q="), Token(b"=")], "X.y") == b"\1"
    assert fromBase64(b"") == b""
