"""Records that lead to a host through another: IPsec gateways, AMT relays, HIP rendezvous servers."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from typing import Any, Self

from txnames.wire.field import Field
from txnames.wire.fields import TTL, DomainName, IPv4, IPv6, UInt8
from txnames.wire.name import Name, textFromWire
from txnames.wire.numbers import AMTRELAY, HIP, IPSECKEY
from txnames.wire.opaque import Base64, Hex, base64Of, hexOf
from txnames.wire.record import Record
from txnames.wire.text import Tokens

__all__ = ["Record_AMTRELAY", "Record_HIP", "Record_IPSECKEY"]


class Nowhere(Field[None, Any]):
    """No gateway: a dot in text, and nothing on the wire."""

    def convert(self, value: Any) -> None:
        """Take any value that is false.

        @raise ValueError: another value.
        """
        if value:
            raise ValueError(f"{self.where}: type 0 has no gateway, {value!r} was given")

    def readFrom(self, wire: bytes, offset: int, end: int, names: dict[int, Name]) -> tuple[None, int]:
        """Read nothing."""
        return None, offset

    def parse(self, tokens: Tokens, origin: bytes) -> None:
        """Read a dot."""
        token = tokens.next(self.where)
        if token.text != b".":
            raise self.wrong("type 0 has no gateway, so a dot stands here", token)


class Gateway(Field["None | bytes | Name", Any]):
    """No gateway, the octets of an address, or a name: as the record's C{gatewayType} says (RFC 4025 section 2.5)."""

    dependent = True
    summary = "address or domain name; . for none"

    def __init__(self) -> None:
        super().__init__(default=None)
        self.kinds: dict[int, Field[Any, Any]] = {}

    def belongTo(self, record: str, name: str) -> None:
        """Learn the record and the attribute that this field is of."""
        super().belongTo(record, name)
        self.kinds = {0: Nowhere(), 1: IPv4(), 2: IPv6(), 3: DomainName()}
        for kind in self.kinds.values():
            kind.belongTo(record, name)

    def convertFor(self, record: Any, value: Any) -> bytes | Name | None:
        """Take what the type says: C{None}, an address or a name, or the text of one.

        @raise ValueError: the type is unknown, or the value another.
        """
        kind = self.kinds.get(record.gatewayType)
        if kind is None:
            raise ValueError(f"{self.where}: type {record.gatewayType} is unknown")
        made: bytes | Name | None = kind.convert(value)
        return made

    def readFor(
        self, record: Any, wire: bytes, offset: int, end: int, names: dict[int, Name]
    ) -> tuple[bytes | Name | None, int]:
        """Read what the type says."""
        kind = self.kinds.get(record.gatewayType)
        if kind is None:
            raise self.bad(f"type {record.gatewayType} is unknown")
        made: tuple[bytes | Name | None, int] = kind.readFrom(wire, offset, end, names)
        return made

    def writeTo(self, out: bytearray, value: bytes | Name | None, compress: dict[bytes, bytes] | None) -> None:
        """Append an address's octets or a name's."""
        out += value.wire if isinstance(value, Name) else value or b""

    def parseFor(self, record: Any, tokens: Tokens, origin: bytes) -> bytes | Name | None:
        """Read what the type says."""
        kind = self.kinds.get(record.gatewayType)
        if kind is None:
            raise self.wrong(f"type {record.gatewayType} is unknown")
        made: bytes | Name | None = kind.parse(tokens, origin)
        return made

    def format(self, value: bytes | Name | None) -> str:
        """Write an address, a name or a dot."""
        if isinstance(value, Name):
            return textFromWire(value.wire)
        if value is None:
            return "."
        return socket.inet_ntop(socket.AF_INET if len(value) == 4 else socket.AF_INET6, value)

    def show(self, value: bytes | Name | None) -> str:
        """Write an address or a name without its last dot."""
        return str(value) if isinstance(value, Name) else self.format(value)


class Record_IPSECKEY(Record, type=IPSECKEY):
    """The key and the gateway for IPsec with a host (RFC 4025 section 2)."""

    precedence: UInt8 = UInt8(default=0)
    gatewayType: UInt8 = UInt8(default=0)
    algorithm: UInt8 = UInt8(default=0)
    gateway: Gateway = Gateway()
    publicKey: Base64 = Base64(default=b"")
    ttl: TTL = TTL(default=None)


class RelayType(UInt8):
    """The type of a relay in 7 bits, under the bit that says that discovery is optional (RFC 8777 section 4.2)."""

    summary = "0 or 1 for optional discovery, type of the relay"

    def parse(self, tokens: Tokens, origin: bytes) -> int:
        """Read the bit and the type."""
        token = tokens.next(self.where)
        if token.text not in (b"0", b"1"):
            raise self.wrong("0 or 1 stands before the type", token)
        optional = token.text == b"1"
        token = tokens.next(self.where)
        number = self.fits(self.digits(token), token)
        if number > 3:
            raise self.wrong(f"type {number} is unknown", token)
        return optional << 7 | number

    def format(self, value: int) -> str:
        """Write the bit and the type."""
        return f"{value >> 7} {value & 0x7F}"


class Relay(Gateway):
    """No relay, the octets of an address, or a name: as the record's C{relayType} says (RFC 8777 section 4.2)."""

    def readFor(
        self, record: Any, wire: bytes, offset: int, end: int, names: dict[int, Name]
    ) -> tuple[bytes | Name | None, int]:
        """Read what the type says; all octets where it is unknown."""
        if record.gatewayType in self.kinds:
            return super().readFor(record, wire, offset, end, names)
        return wire[offset:end], end

    def show(self, value: bytes | Name | None) -> str:
        """Write an address or a name without its last dot; hexadecimal digits where the type is unknown."""
        return value.hex() if isinstance(value, bytes) and len(value) not in (4, 16) else super().show(value)


class Record_AMTRELAY(Record, type=AMTRELAY):
    """A relay for multicast through tunnels (RFC 8777 section 4).

    C{discoveryAndType} holds the type in its low 7 bits, see C{gatewayType}, and C{discoveryOptional} in the highest.
    """

    precedence: UInt8 = UInt8(default=0)
    discoveryAndType: RelayType = RelayType(default=0)
    relay: Relay = Relay()
    ttl: TTL = TTL(default=None)

    @property
    def gatewayType(self) -> int:
        """The type of the relay: 0 none, 1 IPv4, 2 IPv6, 3 a name."""
        return self.discoveryAndType & 0x7F

    @property
    def discoveryOptional(self) -> bool:
        """Whether a gateway need not look for relays near it first."""
        return self.discoveryAndType >= 0x80

    def toText(self) -> str:
        """The data as a zone file has it; in the generic form where the type is unknown."""
        return super().toText() if self.gatewayType < 4 else self.genericText()


class Word(Hex):
    """Hexadecimal digits in one word."""

    def parse(self, tokens: Tokens, origin: bytes) -> bytes:
        """Read hexadecimal digits."""
        return self.enough(hexOf([tokens.next(self.where)], self.where), tokens)


class Base64Word(Base64):
    """Base64 in one word."""

    def parse(self, tokens: Tokens, origin: bytes) -> bytes:
        """Read Base64."""
        return self.enough(base64Of([tokens.next(self.where)], self.where), tokens)


class Names(Field["tuple[Name, ...]", Any]):
    """Domain names to the end of the data, of which there may be none; never compressed (RFC 3597 section 4)."""

    summary = "domain names"

    def belongTo(self, record: str, name: str) -> None:
        """Learn the record and the attribute that this field is of."""
        super().belongTo(record, name)
        self.one = DomainName()
        self.one.belongTo(record, name)

    def convert(self, value: Any) -> tuple[Name, ...]:
        """Take names, or their dotted text.

        @raise ValueError: one is not a name.
        """
        return tuple(self.one.convert(name) for name in value)

    def readFrom(self, wire: bytes, offset: int, end: int, names: dict[int, Name]) -> tuple[tuple[Name, ...], int]:
        """Read names to the end."""
        found = []
        while offset < end:
            name, stop = self.one.readFrom(wire, offset, end, names)
            if stop - offset != len(name.wire):
                raise self.bad("a compressed name")
            found.append(name)
            offset = stop
        return tuple(found), offset

    def writeTo(self, out: bytearray, value: Iterable[Name], compress: dict[bytes, bytes] | None) -> None:
        """Append the names' octets."""
        for name in value:
            out += name.wire

    def parse(self, tokens: Tokens, origin: bytes) -> tuple[Name, ...]:
        """Read names."""
        return tuple(Name.fromWire(self.one.wireOf(token, origin)) for token in tokens.rest())

    def format(self, value: Iterable[Name]) -> str:
        """Write absolute names."""
        return " ".join(textFromWire(name.wire) for name in value)

    def show(self, value: Iterable[Name]) -> str:
        """Write names without their last dots."""
        return f"[{', '.join(map(str, value))}]"


class Record_HIP(Record, type=HIP):
    """The identity of a host, and the servers that know where it is (RFC 8005 section 5).

    On the wire the lengths of tag and key come first, around the algorithm.
    """

    algorithm: UInt8 = UInt8(default=0)
    hit: Word = Word(default=b"\0", least=1, most=255)
    publicKey: Base64Word = Base64Word(default=b"\0", least=1)
    servers: Names = Names(default=())
    ttl: TTL = TTL(default=None)

    @classmethod
    def readPart(
        cls, wire: bytes, offset: int, end: int, names: dict[int, Name], ttl: int | None = None
    ) -> tuple[Self, int]:
        """Read lengths, algorithm, tag, key and servers.

        @raise DNSDecodeError: the octets are not this type's.
        """
        algorithm, hit, publicKey, servers, _ = cls.fields
        if end - offset < 4:
            raise algorithm.short(end - offset, 4)
        record = cls(wire[offset + 1], ttl=ttl)
        sizes = (wire[offset], wire[offset + 2] << 8 | wire[offset + 3])
        offset += 4
        for field, size in zip((hit, publicKey), sizes, strict=True):
            if size > end - offset:
                raise field.short(end - offset, size)
            value, offset = field.readFrom(wire, offset, offset + size, names)
            setattr(record, field.name, value)
        record.servers, offset = servers.readFrom(wire, offset, end, names)
        return record, offset

    def write(self, out: bytearray, compress: Any = None) -> None:
        """Append the data to a message, never compressed."""
        out += bytes((len(self.hit), self.algorithm)) + len(self.publicKey).to_bytes(2, "big")
        out += self.hit + self.publicKey
        self.fields[3].writeTo(out, self.servers, None)

    def canonicalRdata(self) -> bytes:
        """The octets of the data in canonical form (RFC 4034 section 6.2)."""
        return self.rdata
