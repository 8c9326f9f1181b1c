"""Tests of character strings in records."""

from typing import Any

import pytest

from txnames.error import RdataTextError, TruncatedError
from txnames.wire.strings import CharString, CharStrings, octetsOf, stringIn, stringOf
from txnames.wire.text import Token, tokenize


def made(field: Any) -> Any:
    """Make a field that is called C{X.y} in errors."""
    field.belongTo("X", "y")
    return field


def test_string() -> None:
    """A string has its length before it, and stands between quotes in text."""
    field = made(CharString())
    for value in (b"", b"a b", b"\0" * 255):
        out = bytearray()
        field.writeTo(out, value, None)
        assert out == bytes((len(value),)) + value
        assert field.readFrom(bytes(out) + b".", 0, len(out), {}) == (value, len(out))
        assert field.parse(tokenize(field.format(value).encode("ascii")), b"\0") == value
    assert field.convert("a") == field.convert(b"a") == field.convert(bytearray(b"a")) == b"a"
    assert field.show(b"a\x1f") == "'a\\x1f'"
    assert field.parse(tokenize(b"bare\\032word"), b"\0") == b"bare word"


def test_noString() -> None:
    """What isn't a string is refused."""
    field = made(CharString())
    with pytest.raises(TruncatedError, match=r"X\.y: 0 octets left, 1 needed"):
        field.readFrom(b"", 0, 0, {})
    with pytest.raises(TruncatedError, match=r"X\.y: 1 octet left, 2 needed"):
        field.readFrom(b"\2ab", 0, 2, {})
    with pytest.raises(ValueError, match=r"X\.y: a string of 256 octets, 255 are allowed"):
        field.convert(b"a" * 256)
    with pytest.raises(ValueError, match="ascii"):
        field.convert("\u00e9")
    for other in (5, None, [1]):
        with pytest.raises(TypeError):
            field.convert(other)
    with pytest.raises(RdataTextError, match=r"X\.y: a string of 256 octets"):
        field.parse(tokenize(b"a" * 256), b"\0")
    with pytest.raises(RdataTextError, match="is not an octet"):
        field.parse(tokenize(b"\\256"), b"\0")


def test_strings() -> None:
    """Strings go on to the end."""
    field = made(CharStrings())
    value = [b"a", b"", b"b c"]
    out = bytearray()
    field.writeTo(out, value, None)
    assert out == b"\1a\0\3b c"
    assert field.readFrom(b"." + out, 1, 1 + len(out), {}) == (value, 1 + len(out))
    assert field.format(value) == '"a" "" "b c"'
    assert field.parse(tokenize(b'a "" "b c"'), b"\0") == value
    assert field.show(value) == "['a', '', 'b c']"
    assert field.key(value) == (b"a", b"", b"b c")
    assert field.convert(("a", b"", "b c")) == value
    with pytest.raises(TruncatedError, match=r"X\.y: 1 octet left, 2 needed"):
        field.readFrom(b"\0\2ab", 0, 3, {})
    with pytest.raises(TruncatedError, match=r"X\.y: 0 octets left, 1 needed"):
        field.readFrom(b"", 0, 0, {})
    with pytest.raises(ValueError, match="256 octets"):
        field.convert([b"a" * 256])


def test_functions() -> None:
    """Text and octets become octets."""
    assert octetsOf("a") == octetsOf(memoryview(b"a")) == b"a"
    assert stringOf("a", "X.y") == b"a"
    assert stringIn(made(CharString()), Token(b"a" * 300), 300) == b"a" * 300
