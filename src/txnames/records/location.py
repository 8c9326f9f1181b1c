"""Records of places."""

from __future__ import annotations

import re
from typing import Any, Self

from txnames.wire.field import Field
from txnames.wire.fields import TTL, CharString, UInt8, UInt32
from txnames.wire.name import ROOT, Name
from txnames.wire.numbers import GPOS, LOC
from txnames.wire.record import Record
from txnames.wire.text import Token, Tokens

__all__ = ["Record_GPOS", "Record_LOC"]


class Record_GPOS(Record, type=GPOS):
    """A place in degrees and metres, as text; LOC took its place (RFC 1712 section 3)."""

    longitude: CharString = CharString(default=b"0")
    latitude: CharString = CharString(default=b"0")
    altitude: CharString = CharString(default=b"0")
    ttl: TTL = TTL(default=None)


class Version(UInt8):
    """The version of a format, of which there is only 0."""

    code = ""
    summary = "(not in text)"

    def convert(self, value: Any) -> int:
        """Take 0.

        @raise ValueError: another version.
        """
        if value != 0:
            raise ValueError(f"{self.where}: {value} is not 0")
        return 0

    def readFrom(self, wire: bytes, offset: int, end: int, names: dict[int, Name]) -> tuple[int, int]:
        """Read one octet of zero."""
        version, offset = super().readFrom(wire, offset, end, names)
        if version:
            raise self.bad(f"version {version}")
        return version, offset


class Extent(Field[int, Any]):
    """A length in centimetres: on the wire a digit and a power of ten (RFC 1876 section 2)."""

    summary = "metres"

    def convert(self, value: Any) -> int:
        """Take centimetres; what has more than one digit is rounded down.

        @raise ValueError: negative, or over 90000 km.
        """
        if not 0 <= value <= 9 * 10**9:
            raise ValueError(f"{self.where}: {value} is not between 0 and {9 * 10**9} centimetres")
        power = 10 ** (len(str(value)) - 1)
        return int(value // power * power)

    def readFrom(self, wire: bytes, offset: int, end: int, names: dict[int, Name]) -> tuple[int, int]:
        """Read two digits in one octet."""
        if offset >= end:
            raise self.short(0, 1)
        digit, power = wire[offset] >> 4, wire[offset] & 0xF
        if digit > 9 or power > 9 or (power and not digit):
            raise self.bad(f"{digit} times 10 to the power of {power}")
        return int(digit * 10**power), offset + 1

    def writeTo(self, out: bytearray, value: int, compress: dict[bytes, bytes] | None) -> None:
        """Append one octet."""
        power = len(str(value)) - 1
        out.append(value // 10**power << 4 | power)

    def parse(self, tokens: Tokens, origin: bytes) -> int:
        """Read metres, with two decimals at most, whether C{m} follows or not."""
        token = tokens.next(self.where)
        centimetres = metres(self, token)
        if not 0 <= centimetres <= 9 * 10**9 + 99:
            raise self.wrong("not between 0 and 90000000 metres", token)
        return self.convert(min(centimetres, 9 * 10**9))

    def format(self, value: int) -> str:
        """Write metres."""
        return f"{value // 100}.{value % 100:02d}m"


class Angle(Field[int, Any]):
    """A latitude or longitude in thousandths of seconds of arc, north and east positive (RFC 1876 section 2)."""

    summary = "degrees, minutes, seconds and a direction"

    def __init__(self, directions: bytes, limit: int) -> None:
        super().__init__(default=0)
        self.directions = directions
        self.limit = limit

    def convert(self, value: Any) -> int:
        """Take thousandths of seconds of arc.

        @raise ValueError: beyond the pole, or more than half around.
        """
        if not -self.limit <= value <= self.limit:
            raise ValueError(f"{self.where}: {value} is not between -{self.limit} and {self.limit}")
        return int(value)

    def readFrom(self, wire: bytes, offset: int, end: int, names: dict[int, Name]) -> tuple[int, int]:
        """Read a number of 32 bits, with 2^31 for the equator or the prime meridian."""
        if end - offset < 4:
            raise self.short(end - offset, 4)
        value = int.from_bytes(wire[offset : offset + 4], "big") - (1 << 31)
        if not -self.limit <= value <= self.limit:
            raise self.bad(f"{value} thousandths of seconds of arc")
        return value, offset + 4

    def writeTo(self, out: bytearray, value: int, compress: dict[bytes, bytes] | None) -> None:
        """Append a number of 32 bits."""
        out += (value + (1 << 31)).to_bytes(4, "big")

    def parse(self, tokens: Tokens, origin: bytes) -> int:
        """Read degrees, minutes and seconds, of which the last may be left out, and the direction."""
        parts: list[Token] = []
        while True:
            token = tokens.next(self.where)
            direction = token.text.upper()
            if len(direction) == 1 and direction in self.directions:
                break
            parts.append(token)
        if not 1 <= len(parts) <= 3:
            raise self.wrong("one to three numbers stand before a direction", token)
        value = 0
        for unit, limit, part in zip((3600000, 60000, 1000), (180, 59, 59), parts, strict=False):
            value += self._part(part, unit, limit)
        if value > self.limit:
            raise self.wrong(f"more than {self.limit // 3600000} degrees", token)
        return value if direction == self.directions[:1] else -value

    def _part(self, token: Token, unit: int, limit: int) -> int:
        """Read degrees, minutes or seconds; only the latter have decimals."""
        found = (_seconds if unit == 1000 else _whole).fullmatch(token.text)
        if not found or int(found[1]) > limit:
            raise self.wrong(f"{token.text.decode('latin-1')!r} is not a number to {limit}", token)
        value = int(found[1]) * unit
        if unit == 1000 and found[2]:
            value += int(found[2].ljust(3, b"0"))
        return value

    def format(self, value: int) -> str:
        """Write degrees, minutes, seconds and the direction."""
        seconds, thousandths = divmod(abs(value), 1000)
        minutes, seconds = divmod(seconds, 60)
        degrees, minutes = divmod(minutes, 60)
        direction = self.directions.decode()[value < 0]
        return f"{degrees} {minutes} {seconds}.{thousandths:03d} {direction}"


_whole = re.compile(rb"([0-9]{1,3})")
_seconds = re.compile(rb"([0-9]{1,2})(?:\.([0-9]{0,3}))?")
_metres = re.compile(rb"(-?)([0-9]{1,8})(?:\.([0-9]{0,2}))?[mM]?")

DATUM = 10000000
"""How far below sea level, in centimetres, altitudes begin (RFC 1876 section 2)."""


def metres(field: Field[Any, Any], token: Token) -> int:
    """Read metres with two decimals at most, in centimetres."""
    found = _metres.fullmatch(token.text)
    if not found:
        raise field.wrong(f"{token.text.decode('latin-1')!r} is not a number of metres", token)
    centimetres = int(found[2]) * 100 + int((found[3] or b"").ljust(2, b"0"))
    return -centimetres if found[1] else centimetres


class Altitude(UInt32):
    """An altitude in centimetres above the WGS 84 spheroid (RFC 1876 section 2)."""

    code = ""
    summary = "metres"

    def convert(self, value: Any) -> int:
        """Take centimetres.

        @raise ValueError: under -100 km, or over 42849.67295 km.
        """
        return super().convert(value + DATUM) - DATUM

    def readFrom(self, wire: bytes, offset: int, end: int, names: dict[int, Name]) -> tuple[int, int]:
        """Read centimetres over 100 km below sea level."""
        value, offset = super().readFrom(wire, offset, end, names)
        return value - DATUM, offset

    def writeTo(self, out: bytearray, value: int, compress: dict[bytes, bytes] | None) -> None:
        """Append centimetres over 100 km below sea level."""
        super().writeTo(out, value + DATUM, compress)

    def parse(self, tokens: Tokens, origin: bytes) -> int:
        """Read metres, with two decimals at most, whether C{m} follows or not."""
        token = tokens.next(self.where)
        value = metres(self, token)
        if not 0 <= value + DATUM < 1 << 32:
            raise self.wrong("not between -100000.00 and 42849672.95 metres", token)
        return value

    def format(self, value: int) -> str:
        """Write metres."""
        return f"{'-' * (value < 0)}{abs(value) // 100}.{abs(value) % 100:02d}m"


class Record_LOC(Record, type=LOC):
    """A place on earth (RFC 1876 section 2): lengths in centimetres, angles in thousandths of seconds of arc."""

    version: Version = Version(default=0, show="")
    size: Extent = Extent(default=100)
    horizontalPrecision: Extent = Extent(default=1000000)
    verticalPrecision: Extent = Extent(default=1000)
    latitude: Angle = Angle(b"NS", 90 * 3600000)
    longitude: Angle = Angle(b"EW", 180 * 3600000)
    altitude: Altitude = Altitude(default=0)
    ttl: TTL = TTL(default=None)

    @classmethod
    def fromText(cls, tokens: Tokens, origin: bytes = ROOT, ttl: int | None = None) -> Self:
        """Read the place, and the three lengths, each of which may be left out with those behind it.

        @raise RdataTextError: the text is not this type's.
        """
        record = cls(ttl=ttl)
        _, *extents, latitude, longitude, altitude, _ = cls.fields
        for field in (latitude, longitude, altitude, *extents):
            if field in extents and not tokens.more():
                break
            setattr(record, field.name, field.parse(tokens, origin))
        tokens.end()
        return record

    def toText(self) -> str:
        """The data as a zone file has it."""
        _, *extents, latitude, longitude, altitude, _ = self.fields
        return " ".join(field.format(getattr(self, field.name)) for field in (latitude, longitude, altitude, *extents))
