"""Tests of reading binary streams."""

from io import BytesIO

import pytest

from txnames.error import DNSDecodeError
from txnames.wire.buffer import readSome, restOf


def testReadSome() -> None:
    """So many octets are read from where the stream stands."""
    stream = BytesIO(b"abcdef")
    assert (readSome(stream, 2), readSome(stream, 3)) == (b"ab", b"cde")


def testReadSomeTooFew() -> None:
    """A stream that ends too early is an end of file, and wrong octets too."""
    with pytest.raises(EOFError, match="1 octets left, 2 needed") as caught:
        readSome(BytesIO(b"a"), 2)
    assert isinstance(caught.value, DNSDecodeError)


def testRestOf() -> None:
    """All octets are given, and the stream stands where it stood."""
    stream = BytesIO(b"abcdef")
    stream.seek(4)
    assert restOf(stream) == b"abcdef"
    assert stream.tell() == 4
