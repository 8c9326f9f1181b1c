"""Records of addresses."""

from __future__ import annotations

import socket
from typing import Any, Self

from txnames.wire.fields import TTL, DomainName, IPv4, IPv6, UInt8
from txnames.wire.name import ROOT, Name, textFromWire
from txnames.wire.numbers import A6, AAAA, A
from txnames.wire.record import Record
from txnames.wire.text import Tokens

__all__ = ["Record_A", "Record_A6", "Record_AAAA"]

Octets = bytes
"""C{Record_A6} has an attribute of the name C{bytes}."""


class Record_A(Record, type=A):
    """An IPv4 address (RFC 1035 section 3.4.1), kept as 4 octets."""

    address: IPv4 = IPv4(default="0.0.0.0")
    ttl: TTL = TTL(default=None)

    def dottedQuad(self) -> str:
        """The address as four decimal numbers with dots."""
        return socket.inet_ntop(socket.AF_INET, self.address)


class Record_AAAA(Record, type=AAAA):
    """An IPv6 address (RFC 3596 section 2.1), kept as 16 octets."""

    address: IPv6 = IPv6(default="::")
    ttl: TTL = TTL(default=None)


class Record_A6(Record, type=A6):
    """The last bits of an IPv6 address, and the name whose address has those before; historic (RFC 2874 section 3).

    With a prefix of 128 bits no suffix is on the wire, and without a prefix no name.
    """

    prefixLen: UInt8 = UInt8(default=0, show="")
    suffix: IPv6 = IPv6(default="::")
    prefix: DomainName = DomainName(default=b"", lower=True)
    ttl: TTL = TTL(default=None)

    @property
    def bytes(self) -> int:
        """The octets that the suffix has on the wire."""
        return 16 - self.prefixLen // 8

    @classmethod
    def readPart(
        cls, wire: Octets, offset: int, end: int, names: dict[int, Name], ttl: int | None = None
    ) -> tuple[Self, int]:
        """Read the length of the prefix, and what it leaves of the suffix.

        @raise DNSDecodeError: the octets are not this type's.
        """
        (length, suffix, prefix, _) = cls.fields
        bits, offset = length.readFrom(wire, offset, end, names)
        if bits > 128:
            raise length.bad(f"a prefix of {bits} bits")
        size = 16 - bits // 8
        if size > end - offset:
            raise suffix.short(end - offset, size)
        record = cls(bits, ttl=ttl)
        record.suffix = wire[offset : offset + size].rjust(16, b"\0")
        offset += size
        if bits:
            record.prefix, offset = prefix.readFrom(wire, offset, end, names)
        return record, offset

    def write(self, out: bytearray, compress: Any = None) -> None:
        """Append the data to a message, never compressed."""
        self._write(out, self.prefix.wire)

    def canonicalRdata(self) -> Octets:
        """The octets of the data in canonical form (RFC 4034 section 6.2)."""
        out = bytearray()
        self._write(out, self.prefix.wire.lower())
        return Octets(out)

    def _write(self, out: bytearray, prefix: Octets) -> None:
        """Append the data with a prefix in wire form."""
        out.append(self.prefixLen)
        out += self.suffix[self.prefixLen // 8 :]
        if self.prefixLen:
            out += prefix

    @classmethod
    def fromText(cls, tokens: Tokens, origin: Octets = ROOT, ttl: int | None = None) -> Self:
        """Read the length of the prefix, the suffix unless that is 128, and the prefix unless it is 0.

        @raise RdataTextError: the text is not this type's.
        """
        (length, suffix, prefix, _) = cls.fields
        token = tokens.next(length.where)
        bits = length.parse(Tokens([token]), origin)
        if bits > 128:
            raise length.wrong(f"a prefix of {bits} bits", token)
        record = cls(bits, ttl=ttl)
        if bits < 128:
            record.suffix = _suffix(suffix.parse(tokens, origin), bits)
        if bits:
            record.prefix = prefix.parse(tokens, origin)
        tokens.end()
        return record

    def toText(self) -> str:
        """The data as a zone file has it; in the generic form where bits of the prefix are in the suffix."""
        bits = self.prefixLen
        if bits < 128 and self.suffix[bits // 8 :] != _suffix(self.suffix, bits)[bits // 8 :]:
            return self.genericText()
        parts = [str(bits)]
        if bits < 128:
            parts.append(socket.inet_ntop(socket.AF_INET6, self.suffix))
        if bits:
            parts.append(textFromWire(self.prefix.wire))
        return " ".join(parts)


def _suffix(address: Octets, bits: int) -> Octets:
    """An address without its first bits."""
    return (int.from_bytes(address, "big") & (1 << 128 - bits) - 1).to_bytes(16, "big")
