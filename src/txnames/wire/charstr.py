"""Character strings that stand on their own, outside of a record."""

from __future__ import annotations

from typing import Any, BinaryIO

from zope.interface import implementer

from txnames.interfaces import IEncodable
from txnames.wire.buffer import readSome

__all__ = ["Charstr"]


@implementer(IEncodable)
class Charstr:
    """A character string: a length octet, and up to 255 octets (RFC 1035 section 3.3).

    @ivar string: the octets.
    """

    __slots__ = ("string",)

    def __init__(self, string: bytes = b"") -> None:
        if not isinstance(string, bytes):
            raise ValueError(f"a character string is bytes, not {type(string).__name__}")
        self.string = string

    def encode(self, strio: BinaryIO, compDict: Any = None) -> None:
        """Write the length and the octets.

        @raise ValueError: they are more than 255.
        """
        strio.write(bytes((len(self.string),)) + self.string)

    def decode(self, strio: BinaryIO, length: int | None = None) -> None:
        """Read a length and as many octets.

        @raise TruncatedError: the stream ends before; this is an C{EOFError}.
        """
        self.string = readSome(strio, readSome(strio, 1)[0])

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Charstr):
            return self.string == other.string
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.string)

    def __str__(self) -> str:
        return self.string.decode("latin-1")

    def __repr__(self) -> str:
        return f"Charstr({self.string!r})"
