"""Records that say where a service is."""

from __future__ import annotations

from typing import Any, ClassVar

from txnames.records.bitmap import bitsOf, setBit
from txnames.records.mnemonics import ProtocolNumber
from txnames.wire.charstr import Charstr
from txnames.wire.field import Field
from txnames.wire.fields import TTL, CharString, DomainName, IPv4, UInt16
from txnames.wire.name import Name
from txnames.wire.numbers import AFSDB, KX, NAPTR, RT, SRV, URI, WKS
from txnames.wire.opaque import LongString, RestOctets
from txnames.wire.record import Record
from txnames.wire.text import Token, Tokens

__all__ = ["Record_AFSDB", "Record_KX", "Record_NAPTR", "Record_RT", "Record_SRV", "Record_URI", "Record_WKS"]


class Record_AFSDB(Record, type=AFSDB):
    """A server of an AFS or DCE cell (RFC 1183 section 1)."""

    subtype: UInt16 = UInt16(default=0)
    hostname: DomainName = DomainName(default=b"", lower=True)
    ttl: TTL = TTL(default=None)


class Record_KX(Record, type=KX):
    """A key exchanger (RFC 2230 section 3.1)."""

    preference: UInt16 = UInt16(default=0)
    exchanger: DomainName = DomainName(default=b"", lower=True)
    ttl: TTL = TTL(default=None)


class Record_RT(Record, type=RT):
    """A host that routes to the owner (RFC 1183 section 3.3)."""

    preference: UInt16 = UInt16(default=0)
    intermediate: DomainName = DomainName(default=b"", lower=True)
    ttl: TTL = TTL(default=None)


class Record_SRV(Record, type=SRV):
    """The host and port of a service (RFC 2782)."""

    showAttributes = ("priority", "weight", "target", "port", "ttl")

    priority: UInt16 = UInt16(default=0)
    weight: UInt16 = UInt16(default=0)
    port: UInt16 = UInt16(default=0)
    target: DomainName = DomainName(default=b"", lower=True)
    ttl: TTL = TTL(default=None)


class LooseString(Field[Charstr, Any]):
    """A character string that a program gets as a L{Charstr}."""

    summary = CharString.summary

    def belongTo(self, record: str, name: str) -> None:
        """Learn the record and the attribute that this field is of."""
        super().belongTo(record, name)
        self._string = CharString()
        self._string.belongTo(record, name)

    def convert(self, value: Any) -> Charstr:
        """Take octets, ASCII text or a L{Charstr}.

        @raise ValueError: over 255 octets.
        """
        return value if isinstance(value, Charstr) else Charstr(self._string.convert(value))

    def readFrom(self, wire: bytes, offset: int, end: int, names: dict[int, Name]) -> tuple[Charstr, int]:
        """Read a length and as many octets."""
        string, offset = self._string.readFrom(wire, offset, end, names)
        return Charstr(string), offset

    def writeTo(self, out: bytearray, value: Charstr, compress: dict[bytes, bytes] | None) -> None:
        """Append the length and the octets."""
        self._string.writeTo(out, value.string, compress)

    def parse(self, tokens: Tokens, origin: bytes) -> Charstr:
        """Read a string, with or without quotes."""
        return Charstr(self._string.parse(tokens, origin))

    def format(self, value: Charstr) -> str:
        """Write a string between quotes."""
        return self._string.format(value.string)


class Record_NAPTR(Record, type=NAPTR):
    """A rule that rewrites a name into another or into a URI (RFC 3403 section 4)."""

    order: UInt16 = UInt16(default=0)
    preference: UInt16 = UInt16(default=0)
    flags: LooseString = LooseString(default=b"")
    service: LooseString = LooseString(default=b"")
    regexp: LooseString = LooseString(default=b"")
    replacement: DomainName = DomainName(default=b"", lower=True)
    ttl: TTL = TTL(default=None)


class Record_URI(Record, type=URI):
    """The URI of a service (RFC 7553 section 4)."""

    priority: UInt16 = UInt16(default=0)
    weight: UInt16 = UInt16(default=0)
    target: LongString = LongString(default=b"")
    ttl: TTL = TTL(default=None)


class PortMap(RestOctets):
    """The bits of the ports at which there is a server (RFC 1035 section 3.4.2)."""

    summary = "ports or services"

    _ports: ClassVar = {
        b"DISCARD": 9,
        b"DOMAIN": 53,
        b"ECHO": 7,
        b"FINGER": 79,
        b"FTP": 21,
        b"FTP-DATA": 20,
        b"HTTP": 80,
        b"HTTPS": 443,
        b"IMAP": 143,
        b"NNTP": 119,
        b"NTP": 123,
        b"POP3": 110,
        b"SMTP": 25,
        b"SSH": 22,
        b"SUNRPC": 111,
        b"TELNET": 23,
        b"TFTP": 69,
        b"TIME": 37,
        b"WHOIS": 43,
    }

    def readFrom(self, wire: bytes, offset: int, end: int, names: dict[int, Name]) -> tuple[bytes, int]:
        """Read to the end."""
        if end - offset > 8192:
            raise self.bad("bits beyond port 65535")
        return wire[offset:end], end

    def parse(self, tokens: Tokens, origin: bytes) -> bytes:
        """Read names or numbers of ports."""
        bits = bytearray()
        for token in tokens.rest():
            setBit(bits, self._port(token))
        return bytes(bits)

    def _port(self, token: Token) -> int:
        """Read one port."""
        port = self._ports.get(token.text.upper())
        if port is None:
            if not token.text.isdigit() or len(token.text) > 5 or int(token.text) > 0xFFFF:
                raise self.wrong(f"{token.text.decode('latin-1')!r} is not a port", token)
            port = int(token.text)
        return port

    def format(self, value: bytes) -> str:
        """Write numbers of ports."""
        return " ".join(map(str, bitsOf(value)))


class Record_WKS(Record, type=WKS):
    """The services that a host offers over one protocol; obsolete (RFC 1035 section 3.4.2)."""

    address: IPv4 = IPv4(default="0.0.0.0")
    protocol: ProtocolNumber = ProtocolNumber(default=0)
    map: PortMap = PortMap(default=b"", show="")
    ttl: TTL = TTL(default=None)

    def toText(self) -> str:
        """The data as a zone file has it; in the generic form where octets of zero end it."""
        return self.genericText() if self.map.endswith(b"\0") else super().toText()
