"""Tests of character strings outside of records."""

from io import BytesIO

import pytest

from txnames.wire.charstr import Charstr


def testRoundTrip() -> None:
    """A string is written with its length, and read from there."""
    stream = BytesIO()
    Charstr(b"some octets").encode(stream)
    assert stream.getvalue() == b"\x0bsome octets"
    stream.seek(0)
    read = Charstr()
    read.decode(stream)
    assert read == Charstr(b"some octets")
    assert str(read) == "some octets"
    assert repr(read) == "Charstr(b'some octets')"


def testValue() -> None:
    """Equal strings hash alike; other things are not equal."""
    assert hash(Charstr(b"a")) == hash(Charstr(b"a"))
    assert Charstr(b"a") != Charstr(b"b")
    assert Charstr(b"a") != b"a"


def testTruncated() -> None:
    """A string that is cut is refused."""
    with pytest.raises(EOFError):
        Charstr().decode(BytesIO(b"\x05abcd"))
    with pytest.raises(EOFError):
        Charstr().decode(BytesIO(b""))


def testMisuse() -> None:
    """Text is not octets, and 256 octets are too many."""
    with pytest.raises(ValueError, match="bytes, not str"):
        Charstr("abc")  # type: ignore[arg-type]  # reason: what is tested
    with pytest.raises(ValueError, match="must be in range"):
        Charstr(b"x" * 256).encode(BytesIO())
