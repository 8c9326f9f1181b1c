"""Addresses and identifiers of other kinds than those of IP."""

from __future__ import annotations

import re
from typing import Any

from txnames.wire.field import Field, fixed
from txnames.wire.fields import TTL, CharString, DomainName, IPv4, UInt8, UInt16
from txnames.wire.name import Name
from txnames.wire.numbers import ATMA, EID, EUI48, EUI64, ISDN, L32, L64, LP, NID, NIMLOC, NSAP, SINK, X25
from txnames.wire.opaque import Base64, Hex, RestOctets, hexOf
from txnames.wire.record import Record
from txnames.wire.text import Token, Tokens

__all__ = [
    "Record_ATMA",
    "Record_EID",
    "Record_EUI48",
    "Record_EUI64",
    "Record_ISDN",
    "Record_L32",
    "Record_L64",
    "Record_LP",
    "Record_NID",
    "Record_NIMLOC",
    "Record_NSAP",
    "Record_SINK",
    "Record_X25",
]


class HexGroups(Field[bytes, Any]):
    """Octets of fixed number, in text as groups of hexadecimal digits."""

    separator: str
    digits: int

    def convert(self, value: Any) -> bytes:
        """Take the octets, or their text.

        @raise ValueError: neither.
        """
        kept = self._octets(value) if isinstance(value, str) else bytes(memoryview(value))
        if len(kept) != self.size:
            raise ValueError(f"{self.where}: {value!r} is not {self.summary}")
        return kept

    def _octets(self, text: str) -> bytes:
        """The octets that groups stand for; none if the text is something else."""
        groups = text.split(self.separator)
        if len(groups) * self.digits != 2 * self.size or not all(map(_group.fullmatch, groups)):
            return b""
        if max(map(len, groups)) > self.digits:
            return b""
        return bytes.fromhex("".join(group.rjust(self.digits, "0") for group in groups))

    def readFrom(self, wire: bytes, offset: int, end: int, names: dict[int, Name]) -> tuple[bytes, int]:
        """Read so many octets."""
        return fixed(self, wire, offset, end)

    def writeTo(self, out: bytearray, value: bytes, compress: dict[bytes, bytes] | None) -> None:
        """Append the octets."""
        out += value

    def parse(self, tokens: Tokens, origin: bytes) -> bytes:
        """Read groups of hexadecimal digits."""
        token = tokens.next(self.where)
        value = self._octets(token.text.decode("latin-1"))
        if not value:
            raise self.wrong(f"{token.text.decode('latin-1')!r} is not {self.summary}", token)
        return value

    def format(self, value: bytes) -> str:
        """Write groups of hexadecimal digits."""
        return value.hex(self.separator, self.digits // 2)

    def show(self, value: bytes) -> str:
        """Write groups of hexadecimal digits."""
        return self.format(value)


_group = re.compile(r"[0-9A-Fa-f]{1,4}")


class Locator64(HexGroups):
    """64 bits as four groups with colons (RFC 6742 sections 2.1.1 and 2.3.1)."""

    code, size, separator, digits, summary = "8s", 8, ":", 4, "four groups as in 2001:db8:1140:1000"


class MAC48(HexGroups):
    """48 bits as six groups with hyphens (RFC 7043 section 3.2)."""

    code, size, separator, digits, summary = "6s", 6, "-", 2, "six groups as in 00-00-5e-00-53-2a"


class MAC64(HexGroups):
    """64 bits as eight groups with hyphens (RFC 7043 section 4.2)."""

    code, size, separator, digits, summary = "8s", 8, "-", 2, "eight groups as in 00-00-5e-ef-10-00-00-2a"


class Record_NID(Record, type=NID):
    """The identifier of a node in the ILNP (RFC 6742 section 2.1)."""

    preference: UInt16 = UInt16(default=0)
    nodeID: Locator64 = Locator64(default="0:0:0:0")
    ttl: TTL = TTL(default=None)


class Record_L32(Record, type=L32):
    """A locator of 32 bits in the ILNP (RFC 6742 section 2.2)."""

    preference: UInt16 = UInt16(default=0)
    locator: IPv4 = IPv4(default="0.0.0.0")
    ttl: TTL = TTL(default=None)


class Record_L64(Record, type=L64):
    """A locator of 64 bits in the ILNP (RFC 6742 section 2.3)."""

    preference: UInt16 = UInt16(default=0)
    locator: Locator64 = Locator64(default="0:0:0:0")
    ttl: TTL = TTL(default=None)


class Record_LP(Record, type=LP):
    """The name at which locators of the ILNP are (RFC 6742 section 2.4)."""

    preference: UInt16 = UInt16(default=0)
    fqdn: DomainName = DomainName(default=b"")
    ttl: TTL = TTL(default=None)


class Record_EUI48(Record, type=EUI48):
    """An address of 48 bits of the link layer (RFC 7043 section 3)."""

    address: MAC48 = MAC48(default="00-00-00-00-00-00")
    ttl: TTL = TTL(default=None)


class Record_EUI64(Record, type=EUI64):
    """An address of 64 bits of the link layer (RFC 7043 section 4)."""

    address: MAC64 = MAC64(default="00-00-00-00-00-00-00-00")
    ttl: TTL = TTL(default=None)


class Record_X25(Record, type=X25):
    """An address in an X.25 network (RFC 1183 section 3.1)."""

    address: CharString = CharString(default=b"")
    ttl: TTL = TTL(default=None)


class OptionalString(CharString):
    """A character string that may be left out at the end of the data; C{None} then."""

    def convert(self, value: Any) -> Any:
        """Take octets, ASCII text or C{None}.

        @raise ValueError: over 255 octets.
        """
        return None if value is None else super().convert(value)

    def readFrom(self, wire: bytes, offset: int, end: int, names: dict[int, Name]) -> Any:
        """Read a length and as many octets, if there are any."""
        return super().readFrom(wire, offset, end, names) if offset < end else (None, offset)

    def writeTo(self, out: bytearray, value: bytes | None, compress: dict[bytes, bytes] | None) -> None:
        """Append the length and the octets."""
        if value is not None:
            super().writeTo(out, value, compress)

    def parse(self, tokens: Tokens, origin: bytes) -> Any:
        """Read a string, if there is any."""
        return super().parse(tokens, origin) if tokens.more() else None

    def format(self, value: bytes | None) -> str:
        """Write a string between quotes, if there is any."""
        return "" if value is None else super().format(value)


class Record_ISDN(Record, type=ISDN):
    """An address in the telephone network, with a subaddress or not (RFC 1183 section 3.2)."""

    address: CharString = CharString(default=b"")
    subaddress: OptionalString = OptionalString(default=None)
    ttl: TTL = TTL(default=None)


class NSAPAddress(RestOctets):
    """All the octets to the end, as hexadecimal digits after C{0x} (RFC 1706 section 7)."""

    summary = "hexadecimal digits after 0x"

    def parse(self, tokens: Tokens, origin: bytes) -> bytes:
        """Read hexadecimal digits after C{0x}, with dots wherever somebody wanted them."""
        token = tokens.next(self.where)
        if token.text[:2].lower() != b"0x":
            raise self.wrong("an NSAP address begins with 0x", token)
        value = hexOf([Token(token.text[2:].replace(b".", b""), False, token.line, token.column)], self.where)
        if not value:
            raise self.wrong("no digits", token)
        return value

    def format(self, value: bytes) -> str:
        """Write hexadecimal digits after C{0x}."""
        return f"0x{value.hex()}"


class Record_NSAP(Record, type=NSAP):
    """An address of the OSI network layer; obsolete (RFC 1706 section 5)."""

    address: NSAPAddress = NSAPAddress(default=b"", least=1)
    ttl: TTL = TTL(default=None)


class Record_EID(Record, type=EID):
    """An endpoint identifier of Nimrod; never standardised."""

    endpoint: Hex = Hex(default=b"", least=1)
    ttl: TTL = TTL(default=None)


class Record_NIMLOC(Record, type=NIMLOC):
    """A locator of Nimrod; never standardised."""

    locator: Hex = Hex(default=b"", least=1)
    ttl: TTL = TTL(default=None)


class ATMAddress(RestOctets):
    """All the octets to the end: of format 0 hexadecimal digits, of format 1 a telephone number after C{+}."""

    summary = "hexadecimal digits, or a telephone number after +"

    def parse(self, tokens: Tokens, origin: bytes) -> bytes:
        """Read hexadecimal digits, or decimal ones after C{+}, with dots wherever somebody wanted them."""
        token = tokens.next(self.where)
        digits = token.text.replace(b".", b"")
        if digits.startswith(b"+"):
            if not digits[1:].isdigit():
                raise self.wrong("no telephone number", token)
            return b"\1" + digits[1:]
        value = hexOf([Token(digits, False, token.line, token.column)], self.where)
        if not value:
            raise self.wrong("no digits", token)
        return b"\0" + value

    def format(self, value: bytes) -> str:
        """Write hexadecimal digits, or decimal ones after C{+}."""
        return f"+{value[1:].decode('ascii')}" if value[0] else value[1:].hex()


class Record_ATMA(Record, type=ATMA):
    """An address in an ATM network, after an octet for its format (ATM Forum af-dans-0152)."""

    address: ATMAddress = ATMAddress(default=b"\0\0", least=2)
    ttl: TTL = TTL(default=None)

    def toText(self) -> str:
        """The data as a zone file has it; in the generic form where the format has none."""
        form, rest = self.address[0], self.address[1:]
        return super().toText() if not form or (form == 1 and rest.isdigit()) else self.genericText()


class Record_SINK(Record, type=SINK):
    """Data in some coding; never standardised (draft-eastlake-kitchen-sink)."""

    meaning: UInt8 = UInt8(default=0)
    coding: UInt8 = UInt8(default=0)
    subcoding: UInt8 = UInt8(default=0)
    data: Base64 = Base64(default=b"")
    ttl: TTL = TTL(default=None)
