"""Fields: what the data of a record is made of.

A field knows how one kind of value stands on the wire, in text and in C{repr}, and nothing of the record around it.
Records are lists of fields (see L{txnames.wire.record}).  For type checkers each class here is a descriptor: on a
record the attribute has the type that C{__get__} gives, and takes what C{__set__} takes.  At run time a slot of the
same name takes the field's place, so that a record costs no more than a class written by hand; only the constructor
converts, and who assigns to an attribute later assigns the value as it is kept.

To add a kind of field, subclass L{Field} and write its C{readFrom}, C{writeTo}, C{parse} and C{format}.  Numbers and
addresses have a C{code} of the struct module besides: neighbours of that sort are read and written in one step.
"""

from __future__ import annotations

import socket
from typing import Any, ClassVar, Generic, Self, TypeVar, overload

from txnames.error import DNSDecodeError, RdataTextError, TruncatedError
from txnames.wire.interval import str2time
from txnames.wire.name import Name, nameFromText, readName, textFromWire, writeName
from txnames.wire.text import Token, Tokens, quote, unescape

__all__ = [
    "TTL",
    "CharString",
    "CharStrings",
    "DomainName",
    "Field",
    "IPv4",
    "IPv6",
    "Seconds",
    "UInt8",
    "UInt16",
    "UInt32",
]

Value = TypeVar("Value")
Accepted = TypeVar("Accepted")

REQUIRED: Any = object()
"""The default of a field that has none."""


class Field(Generic[Value, Accepted]):
    """One field of a record.

    @ivar name: the attribute that holds its value.
    @ivar where: the record and the field, such as C{MX.preference}, for errors.
    @ivar default: what the constructor takes when it is given nothing.
    @ivar also: another name by which the constructor takes the value.
    @ivar shown: the name in C{repr}; empty when it isn't shown.
    """

    code: ClassVar[str] = ""
    """How the struct module writes the value, for fields of fixed size."""

    size: ClassVar[int] = 0
    """The octets of a field with a C{code}."""

    converts: ClassVar[bool] = True
    """Whether the constructor has to pass values through L{convert}."""

    onWire: ClassVar[bool] = True
    """Whether the field stands on the wire (a record's TTL does not stand in its data)."""

    variadic: ClassVar[bool] = False
    """Whether the constructor takes all of its positional arguments for this field."""

    summary: ClassVar[str] = ""
    """What the field is in zone files, for the documentation."""

    def __init__(self, *, default: Any = REQUIRED, also: str = "", show: str | None = None) -> None:
        self.default = default
        self.also = also
        self.name = ""
        self.where = ""
        self._show = show

    @property
    def shown(self) -> str:
        """The name that C{repr} gives."""
        return self.name if self._show is None else self._show

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type) -> Value: ...

    def __get__(self, instance: object, owner: type) -> Self | Value:
        """Give the field itself: on records a slot stands in its place."""
        return self

    def __set__(self, instance: object, value: Accepted) -> None:
        raise AttributeError("a field belongs to the body of a record class")

    def belongTo(self, record: str, name: str) -> None:
        """Learn the record and the attribute that this field is of."""
        self.name = name
        self.where = f"{record}.{name}"

    def convert(self, value: Any) -> Value:
        """Make what the constructor was given the value to keep.

        @raise ValueError: it cannot be one.
        """
        kept: Value = value
        return kept

    def readFrom(self, wire: bytes, offset: int, end: int, names: dict[int, Name]) -> tuple[Value, int]:
        """Read the value at an offset, and say where the next begins; nothing past C{end} is the record's.

        @raise DNSDecodeError: the octets are not this field's.
        """
        raise NotImplementedError

    def writeTo(self, out: bytearray, value: Value, compress: dict[bytes, bytes] | None) -> None:
        """Append the value's octets to a message; C{compress} as in L{writeName}, C{None} without compression."""
        raise NotImplementedError

    def writeCanonical(self, out: bytearray, value: Value) -> None:
        """Append the value's octets in canonical form (RFC 4034 section 6.2)."""
        self.writeTo(out, value, None)

    def parse(self, tokens: Tokens, origin: bytes) -> Value:
        """Read the value from text.

        @raise RdataTextError: the text is not this field's.
        """
        raise NotImplementedError

    def format(self, value: Value) -> str:
        """Write the value as text; an empty string leaves it out."""
        raise NotImplementedError

    def show(self, value: Value) -> str:
        """Write the value as C{repr} has it."""
        return str(value)

    def key(self, value: Value) -> Any:
        """Make what stands for the value in a hash."""
        return value

    def bad(self, reason: str) -> DNSDecodeError:
        """Make the error for wrong octets."""
        return DNSDecodeError(reason, self.where)

    def short(self, left: int, needed: int) -> TruncatedError:
        """Make the error for octets that end too early."""
        return TruncatedError(f"{octets(left)} left, {needed} needed", self.where)

    def wrong(self, reason: str, token: Token | None = None) -> RdataTextError:
        """Make the error for wrong text."""
        return RdataTextError(f"{self.where}: {reason}", token)


def octets(count: int) -> str:
    """Say how many octets."""
    return "1 octet" if count == 1 else f"{count} octets"


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
        """Take seconds, or a span such as C{"1H"}.

        @raise ValueError: neither.
        """
        return super().convert(str2time(value))

    def parse(self, tokens: Tokens, origin: bytes) -> int:
        """Read seconds, or a span such as C{1h30m}."""
        token = tokens.next(self.where)
        if token.text.isdigit():
            return self.fits(self.digits(token), token)
        try:
            return self.fits(int(str2time(token.text.decode("ascii"))), token)
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


def fixed(field: Field[Any, Any], wire: bytes, offset: int, end: int) -> tuple[bytes, int]:
    """Read the octets of a field of fixed size."""
    stop = offset + field.size
    if stop > end:
        raise field.short(end - offset, field.size)
    return wire[offset:stop], stop


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
        name, stop = readName(wire, offset, names)
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
        if token.quoted:
            raise self.wrong("a name does not stand between quotes", token)
        try:
            return nameFromText(token.text, origin)
        except ValueError as error:
            raise self.wrong(f"{token.text.decode('latin-1')!r}: {error}", token) from None

    def format(self, value: Name) -> str:
        """Write an absolute name."""
        return textFromWire(value.wire)


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


def stringOf(value: Any, where: str) -> bytes:
    """Take octets or ASCII text for a character string."""
    kept = value.encode("ascii") if isinstance(value, str) else bytes(value)
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
