"""The fields that most records are made of: numbers, times, addresses, names and strings.

What a field is, and how to add a kind of it, stands in L{txnames.wire.field}.  Numbers and addresses have a C{code} of
the struct module: neighbours of that sort are read and written in one step.
"""

from __future__ import annotations

import socket
from typing import Any

from txnames.error import DNSDecodeError
from txnames.wire.field import REQUIRED, Field, fixed
from txnames.wire.interval import seconds, str2time
from txnames.wire.name import Name, nameFromText, readName, textFromWire, writeName
from txnames.wire.strings import CharString, CharStrings
from txnames.wire.text import Token, Tokens

__all__ = [
    "TTL",
    "CharString",
    "CharStrings",
    "DomainName",
    "Field",
    "IPv4",
    "IPv6",
    "Number",
    "Seconds",
    "UInt8",
    "UInt16",
    "UInt32",
    "UInt48",
]


class Number(Field[int, Any]):
    """An unsigned number of a fixed width, in decimal digits."""

    def convert(self, value: Any) -> int:
        """Check the range.

        @raise ValueError: it doesn't fit.
        """
        number = int(value)
        if not 0 <= number < 1 << 8 * self.size:
            raise ValueError(f"{self.where}: {number} is not between 0 and {(1 << 8 * self.size) - 1}")
        return number

    def readFrom(self, wire: bytes, offset: int, end: int, names: dict[int, Name]) -> tuple[int, int]:
        """Read a number in network order."""
        stop = offset + self.size
        if stop > end:
            raise self.short(end - offset, self.size)
        return int.from_bytes(wire[offset:stop], "big"), stop

    def writeTo(self, out: bytearray, value: int, compress: dict[bytes, bytes] | None) -> None:
        """Append a number in network order."""
        out += value.to_bytes(self.size, "big")

    def parse(self, tokens: Tokens, origin: bytes) -> int:
        """Read decimal digits."""
        token = tokens.next(self.where)
        return self.fits(self.digits(token), token)

    def digits(self, token: Token) -> int:
        """Read decimal digits, of any size."""
        if not token.text.isdigit() or len(token.text) > 20:
            raise self.wrong(f"{token.text.decode('latin-1')!r} is not a number", token)
        return int(token.text)

    def fits(self, number: int, token: Token) -> int:
        """Check that a number has a place in this field."""
        if number >> 8 * self.size:
            raise self.wrong(f"{number} is more than {(1 << 8 * self.size) - 1}", token)
        return number

    def format(self, value: int) -> str:
        """Write decimal digits."""
        return str(value)


class UInt8(Number):
    """A number of 8 bits."""

    code, size, summary = "B", 1, "number to 255"


class UInt16(Number):
    """A number of 16 bits."""

    code, size, summary = "H", 2, "number to 65535"


class UInt32(Number):
    """A number of 32 bits."""

    code, size, summary = "I", 4, "number to 4294967295"


class UInt48(Number):
    """A number of 48 bits, such as the time in TSIG (RFC 8945 section 4.2)."""

    size, summary = 6, "number of 48 bits"


class Seconds(UInt32):
    """A span of time in seconds; text and constructor take C{1h30m} too."""

    summary = "seconds, or such as 1h30m"

    def convert(self, value: Any) -> int:
        """Take seconds, or a span such as C{"1H"}; unlike in text a year is one, too.

        @raise ValueError: neither.
        """
        return super().convert(str2time(value))

    def parse(self, tokens: Tokens, origin: bytes) -> int:
        """Read seconds, or a span such as C{1h30m}."""
        token = tokens.next(self.where)
        if token.text.isdigit():
            return self.fits(self.digits(token), token)
        try:
            return self.fits(seconds(token.text.decode("ascii")), token)
        except ValueError:
            raise self.wrong(f"{token.text.decode('latin-1')!r} is not a span of time", token) from None


class TTL(Field[int | None, Any]):
    """How long a record may be kept, in seconds; C{None} where the zone or the header is to say.

    It stands in the header of the record and not in its data (RFC 1035 section 3.2.1).
    """

    onWire = False

    def convert(self, value: Any) -> int | None:
        """Take seconds, a span such as C{"1H"}, or C{None}."""
        return None if value is None else int(str2time(value))

    def show(self, value: int | None) -> str:
        """Write seconds, or C{None}."""
        return str(value)


class IPv4(Field[bytes, Any]):
    """An IPv4 address, kept as 4 octets (RFC 1035 section 3.4.1)."""

    code, size, summary = "4s", 4, "IPv4 address"

    def convert(self, value: Any) -> bytes:
        """Take dotted text, or an C{ipaddress.IPv4Address}.

        @raise ValueError: not an address.
        """
        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
        try:
            return socket.inet_pton(socket.AF_INET, text)
        except (OSError, ValueError):
            raise ValueError(f"{self.where}: {text!r} is not an IPv4 address") from None

    def readFrom(self, wire: bytes, offset: int, end: int, names: dict[int, Name]) -> tuple[bytes, int]:
        """Read 4 octets."""
        return fixed(self, wire, offset, end)

    def writeTo(self, out: bytearray, value: bytes, compress: dict[bytes, bytes] | None) -> None:
        """Append 4 octets."""
        out += value

    def parse(self, tokens: Tokens, origin: bytes) -> bytes:
        """Read four decimal numbers with dots."""
        token = tokens.next(self.where)
        try:
            return self.convert(token.text)
        except ValueError:
            raise self.wrong(f"{token.text.decode('latin-1')!r} is not an IPv4 address", token) from None

    def format(self, value: bytes) -> str:
        """Write four decimal numbers with dots."""
        return socket.inet_ntop(socket.AF_INET, value)

    def show(self, value: bytes) -> str:
        """Write dotted text."""
        return self.format(value)


class IPv6(Field[bytes, Any]):
    """An IPv6 address, kept as 16 octets (RFC 3596 section 2.2)."""

    code, size, summary = "16s", 16, "IPv6 address"

    def convert(self, value: Any) -> bytes:
        """Take text with colons, or an C{ipaddress.IPv6Address}.

        @raise ValueError: not an address.
        """
        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
        try:
            return socket.inet_pton(socket.AF_INET6, text)
        except (OSError, ValueError):
            raise ValueError(f"{self.where}: {text!r} is not an IPv6 address") from None

    def readFrom(self, wire: bytes, offset: int, end: int, names: dict[int, Name]) -> tuple[bytes, int]:
        """Read 16 octets."""
        return fixed(self, wire, offset, end)

    def writeTo(self, out: bytearray, value: bytes, compress: dict[bytes, bytes] | None) -> None:
        """Append 16 octets."""
        out += value

    def parse(self, tokens: Tokens, origin: bytes) -> bytes:
        """Read text with colons."""
        token = tokens.next(self.where)
        try:
            return self.convert(token.text)
        except ValueError:
            raise self.wrong(f"{token.text.decode('latin-1')!r} is not an IPv6 address", token) from None

    def format(self, value: bytes) -> str:
        """Write the text that RFC 5952 recommends."""
        return socket.inet_ntop(socket.AF_INET6, value)

    def show(self, value: bytes) -> str:
        """Write text with colons."""
        return self.format(value)


class DomainName(Field[Name, "Name | bytes | str"]):
    """A domain name.

    @ivar compress: whether it may be compressed on the way out: the types of RFC 1035 only (RFC 3597 section 4).
    @ivar lower: whether the canonical form is lower case (RFC 4034 section 6.2, RFC 6840 section 5.1).
    """

    summary = "domain name"

    def __init__(
        self,
        *,
        default: Any = REQUIRED,
        also: str = "",
        show: str | None = None,
        compress: bool = False,
        lower: bool = False,
    ) -> None:
        super().__init__(default=default, also=also, show=show)
        self.compress = compress
        self.lower = compress or lower

    def convert(self, value: Any) -> Name:
        """Take a name, or its dotted text.

        @raise ValueError: not a name.
        """
        return value if isinstance(value, Name) else Name(value)

    def readFrom(self, wire: bytes, offset: int, end: int, names: dict[int, Name]) -> tuple[Name, int]:
        """Read a name; of which every type may hold pointers, as some servers compress more than they should."""
        try:
            name, stop = readName(wire, offset, names)
        except DNSDecodeError as error:
            raise self.at(error) from None
        if stop > end:
            raise self.short(end - offset, stop - offset)
        return name, stop

    def writeTo(self, out: bytearray, value: Name, compress: dict[bytes, bytes] | None) -> None:
        """Append the name's octets."""
        if compress is None or not self.compress:
            out += value.wire
        else:
            writeName(out, value.wire, compress)

    def writeCanonical(self, out: bytearray, value: Name) -> None:
        """Append the name's octets, in lower case where the type is of the old ones."""
        out += value.wire.lower() if self.lower else value.wire

    def parse(self, tokens: Tokens, origin: bytes) -> Name:
        """Read a name, relative to the origin without a last dot."""
        token = tokens.next(self.where)
        return Name.fromWire(self.wireOf(token, origin))

    def wireOf(self, token: Token, origin: bytes) -> bytes:
        """Read a token as a name in wire form."""
        try:
            return nameFromText(token.text, origin)
        except ValueError as error:
            raise self.wrong(f"{token.text.decode('latin-1')!r}: {error}", token) from None

    def format(self, value: Name) -> str:
        """Write an absolute name."""
        return textFromWire(value.wire)
