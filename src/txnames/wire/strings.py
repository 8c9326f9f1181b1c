"""Fields of character strings, which have a length octet before them each."""

from __future__ import annotations

from typing import Any

from txnames.wire.field import Field
from txnames.wire.name import Name
from txnames.wire.text import Token, Tokens, quote, unescape

__all__ = ["CharString", "CharStrings", "octetsOf", "stringIn", "stringOf"]


class CharString(Field[bytes, Any]):
    """A character string: up to 255 octets (RFC 1035 section 3.3)."""

    summary = "string to 255 octets"

    def convert(self, value: Any) -> bytes:
        """Take octets or ASCII text.

        @raise ValueError: over 255 octets.
        """
        return stringOf(value, self.where)

    def readFrom(self, wire: bytes, offset: int, end: int, names: dict[int, Name]) -> tuple[bytes, int]:
        """Read a length and as many octets."""
        if offset >= end:
            raise self.short(0, 1)
        stop = offset + 1 + wire[offset]
        if stop > end:
            raise self.short(end - offset - 1, wire[offset])
        return wire[offset + 1 : stop], stop

    def writeTo(self, out: bytearray, value: bytes, compress: dict[bytes, bytes] | None) -> None:
        """Append the length and the octets."""
        out.append(len(value))
        out += value

    def parse(self, tokens: Tokens, origin: bytes) -> bytes:
        """Read a string, with or without quotes."""
        return stringIn(self, tokens.next(self.where))

    def format(self, value: bytes) -> str:
        """Write a string between quotes."""
        return quote(value)

    def show(self, value: bytes) -> str:
        """Write the octets as Python does, without its prefix."""
        return repr(value)[1:]


class CharStrings(Field["list[bytes]", Any]):
    """Character strings to the end of the data, one at least (RFC 1035 section 3.3.14)."""

    variadic = True
    summary = "strings to 255 octets each"

    def convert(self, value: Any) -> list[bytes]:
        """Take a sequence of octets or ASCII texts.

        @raise ValueError: one is over 255 octets.
        """
        return [stringOf(one, self.where) for one in value]

    def readFrom(self, wire: bytes, offset: int, end: int, names: dict[int, Name]) -> tuple[list[bytes], int]:
        """Read strings to the end."""
        if offset >= end:
            raise self.short(0, 1)
        found = []
        while offset < end:
            stop = offset + 1 + wire[offset]
            if stop > end:
                raise self.short(end - offset - 1, wire[offset])
            found.append(wire[offset + 1 : stop])
            offset = stop
        return found, offset

    def writeTo(self, out: bytearray, value: list[bytes], compress: dict[bytes, bytes] | None) -> None:
        """Append the strings."""
        for one in value:
            out.append(len(one))
            out += one

    def parse(self, tokens: Tokens, origin: bytes) -> list[bytes]:
        """Read strings, one at least."""
        return [stringIn(self, token) for token in (tokens.next(self.where), *tokens.rest())]

    def format(self, value: list[bytes]) -> str:
        """Write strings between quotes."""
        return " ".join(map(quote, value))

    def show(self, value: list[bytes]) -> str:
        """Write the list as Python does."""
        return f"[{', '.join([repr(one)[1:] for one in value])}]"

    def key(self, value: list[bytes]) -> Any:
        """Make a tuple of the strings."""
        return tuple(value)


def octetsOf(value: Any) -> bytes:
    """Take octets or ASCII text.

    @raise TypeError: neither.
    @raise ValueError: text beyond ASCII.
    """
    return value.encode("ascii") if isinstance(value, str) else bytes(memoryview(value))


def stringOf(value: Any, where: str) -> bytes:
    """Take octets or ASCII text for a character string."""
    kept = octetsOf(value)
    if len(kept) > 255:
        raise ValueError(f"{where}: a string of {len(kept)} octets, 255 are allowed")
    return kept


def stringIn(field: Field[Any, Any], token: Token, limit: int = 255) -> bytes:
    """Read a token as a string of so many octets at most."""
    try:
        value = unescape(token.text)
    except ValueError as error:
        raise field.wrong(str(error), token) from None
    if len(value) > limit:
        raise field.wrong(f"a string of {len(value)} octets, {limit} are allowed", token)
    return value
