"""Sets of record types, as the bitmaps of NSEC and its kin hold them (RFC 4034 section 4.1.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from txnames.wire.field import Field
from txnames.wire.name import Name
from txnames.wire.numbers import typeName, typeNumber
from txnames.wire.text import Token, Tokens

__all__ = ["OldTypeBitmap", "TypeBitmap", "Types"]


class Types:
    """A set of record types, by number; a value that cannot change.

    It stays in the form of the wire, as a few octets can hold thousands of types.

    @ivar wire: the blocks of the bitmap.
    """

    __slots__ = ("wire",)

    def __init__(self, types: Iterable[int | str] = ()) -> None:
        """Make a set of numbers and mnemonics.

        @raise ValueError: one is no type.
        """
        windows: dict[int, bytearray] = {}
        for one in types:
            number = typeNumber(one) if isinstance(one, str) else one
            if not 0 <= number <= 0xFFFF:
                raise ValueError(f"{number} is no record type")
            setBit(windows.setdefault(number >> 8, bytearray()), number & 0xFF)
        self.wire = b"".join(bytes((window, len(bits))) + bits for window, bits in sorted(windows.items()))

    @classmethod
    def fromWire(cls, wire: bytes) -> Types:
        """Make a set of the blocks of a bitmap, which are trusted."""
        made = cls.__new__(cls)
        made.wire = wire
        return made

    def __contains__(self, number: object) -> bool:
        if not isinstance(number, int):
            return False
        wire, offset = self.wire, 0
        while offset < len(wire):
            if wire[offset] == number >> 8:
                octet = (number & 0xFF) >> 3
                return octet < wire[offset + 1] and bool(wire[offset + 2 + octet] & 0x80 >> (number & 7))
            offset += 2 + wire[offset + 1]
        return False

    def __iter__(self) -> Iterator[int]:
        wire, offset = self.wire, 0
        while offset < len(wire):
            stop = offset + 2 + wire[offset + 1]
            yield from (wire[offset] << 8 | bit for bit in bitsOf(wire[offset + 2 : stop]))
            offset = stop

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __eq__(self, other: object) -> bool:
        return self.wire == other.wire if isinstance(other, Types) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.wire)

    def __str__(self) -> str:
        return " ".join(map(typeName, self))

    def __repr__(self) -> str:
        return f"Types({[typeName(number) for number in self]!r})"


def setBit(bits: bytearray, number: int) -> None:
    """Set one bit, counted from the first octet's highest, in octets that grow as needed."""
    bits.extend(bytes(max(0, number // 8 + 1 - len(bits))))
    bits[number // 8] |= 0x80 >> number % 8


def bitsOf(bits: bytes) -> Iterator[int]:
    """The bits that are set, counted from the first octet's highest."""
    for index, octet in enumerate(bits):
        if octet:
            for bit in range(8):
                if octet & 0x80 >> bit:
                    yield 8 * index + bit


class TypeBitmap(Field[Types, Any]):
    """A set of record types to the end of the data, in blocks of 256 (RFC 4034 section 4.1.2)."""

    summary = "types"

    def convert(self, value: Any) -> Types:
        """Take a L{Types}, or numbers and mnemonics of types.

        @raise ValueError: one is no type.
        """
        return value if isinstance(value, Types) else Types(value.split() if isinstance(value, str) else value)

    def readFrom(self, wire: bytes, offset: int, end: int, names: dict[int, Name]) -> tuple[Types, int]:
        """Check the blocks, and take them to the end."""
        start, last = offset, -1
        while offset < end:
            if end - offset < 3:
                raise self.short(end - offset, 3)
            window, size = wire[offset], wire[offset + 1]
            if window <= last:
                raise self.bad(f"block {window} after block {last}")
            if not 0 < size <= 32:
                raise self.bad(f"block {window} of {size} octets")
            last = window
            offset += 2 + size
            if offset > end:
                raise self.short(end - offset + size, size)
            if not wire[offset - 1]:
                raise self.bad(f"block {window} ends in an octet of zero")
        return Types.fromWire(wire[start:end]), end

    def writeTo(self, out: bytearray, value: Types, compress: dict[bytes, bytes] | None) -> None:
        """Append the blocks."""
        out += value.wire

    def parse(self, tokens: Tokens, origin: bytes) -> Types:
        """Read mnemonics of types, in any order."""
        return Types(typeIn(self, token) for token in tokens.rest())

    def format(self, value: Types) -> str:
        """Write mnemonics of types."""
        return str(value)


class OldTypeBitmap(TypeBitmap):
    """A set of the record types to 127 at most, as one bitmap; obsolete (RFC 2535 section 5.2)."""

    def convert(self, value: Any) -> Types:
        """Take a L{Types}, or numbers and mnemonics of types.

        @raise ValueError: one is no type, or over 127.
        """
        types = super().convert(value)
        if not 0 <= max(types, default=0) < 128:
            raise ValueError(f"{self.where}: only types to 127 have a place here")
        return types

    def readFrom(self, wire: bytes, offset: int, end: int, names: dict[int, Name]) -> tuple[Types, int]:
        """Read a bitmap of 16 octets at most."""
        if end - offset > 16:
            raise self.bad(f"a bitmap of {end - offset} octets")
        if end > offset and (not wire[end - 1] or wire[offset] & 0x80):
            raise self.bad("a bitmap of another format")
        bits = wire[offset:end]
        return Types.fromWire(bytes((0, len(bits))) + bits if bits else b""), end

    def writeTo(self, out: bytearray, value: Types, compress: dict[bytes, bytes] | None) -> None:
        """Append the bitmap."""
        out += value.wire[2:]

    def parse(self, tokens: Tokens, origin: bytes) -> Types:
        """Read mnemonics of types to 127, in any order."""
        found = []
        for token in tokens.rest():
            number = typeIn(self, token)
            if not 0 < number < 128:
                raise self.wrong("only types from 1 to 127 have a place here", token)
            found.append(number)
        return Types(found)


def typeIn(field: Field[Any, Any], token: Token) -> int:
    """Read a token as a mnemonic of a type or C{TYPEn}."""
    try:
        return typeNumber(token.text.decode("latin-1"))
    except ValueError as error:
        raise field.wrong(str(error), token) from None
