"""The records of DNSSEC (RFC 4034, RFC 5155), and those that came before or after them in the same forms."""

from __future__ import annotations

from base64 import b32hexdecode, b32hexencode
from datetime import datetime, timedelta
from typing import Any, Final, Self

from txnames.records.bitmap import OldTypeBitmap, TypeBitmap, typeIn
from txnames.records.mnemonics import AlgorithmNumber, DigestNumber, HashNumber
from txnames.wire.field import Field
from txnames.wire.fields import TTL, DomainName, UInt8, UInt16, UInt32
from txnames.wire.name import ROOT, Name
from txnames.wire.numbers import (
    CDNSKEY,
    CDS,
    CSYNC,
    DLV,
    DNSKEY,
    DS,
    KEY,
    NSEC,
    NSEC3,
    NSEC3PARAM,
    NXT,
    RKEY,
    RRSIG,
    SIG,
    TA,
    TALINK,
    ZONEMD,
    typeName,
)
from txnames.wire.opaque import Base64, Hex, hexOf
from txnames.wire.record import Record
from txnames.wire.strings import stringOf
from txnames.wire.text import Tokens

__all__ = [
    "Record_CDNSKEY",
    "Record_CDS",
    "Record_CSYNC",
    "Record_DLV",
    "Record_DNSKEY",
    "Record_DS",
    "Record_KEY",
    "Record_NSEC",
    "Record_NSEC3",
    "Record_NSEC3PARAM",
    "Record_NXT",
    "Record_RKEY",
    "Record_RRSIG",
    "Record_SIG",
    "Record_TA",
    "Record_TALINK",
    "Record_ZONEMD",
]


class TypeNumber(UInt16):
    """A record type."""

    summary = "type"

    def parse(self, tokens: Tokens, origin: bytes) -> int:
        """Read a mnemonic or C{TYPEn}."""
        return typeIn(self, tokens.next(self.where))

    def format(self, value: int) -> str:
        """Write a mnemonic or C{TYPEn}."""
        return typeName(value)


class Timestamp(UInt32):
    """Seconds since 1970, modulo 2^32 (RFC 4034 section 3.1.5)."""

    summary = "time as YYYYMMDDHHmmSS, or seconds since 1970"

    def parse(self, tokens: Tokens, origin: bytes) -> int:
        """Read a date of 14 digits, or seconds."""
        token = tokens.next(self.where)
        number = self.digits(token)
        if len(token.text) != 14:
            return self.fits(number, token)
        parts = [number // 10**power % 100 for power in (8, 6, 4, 2, 0)]
        try:
            moment = datetime(number // 10**10, *parts)  # type: ignore[arg-type]  # reason: not to tzinfo
        except ValueError:
            raise self.wrong(f"{number} is not a date", token) from None
        if moment < _epoch:
            raise self.wrong("a time before 1970", token)
        return int((moment - _epoch).total_seconds()) & 0xFFFFFFFF

    def format(self, value: int) -> str:
        """Write a date of 14 digits, from 1970 to 2106."""
        return f"{_epoch + timedelta(seconds=value):%Y%m%d%H%M%S}"


_epoch = datetime(1970, 1, 1)


class Record_DS(Record, type=DS):
    """The delegation's signer: a digest of a key of the zone below (RFC 4034 section 5.1)."""

    keyTag: UInt16 = UInt16(default=0)
    algorithm: AlgorithmNumber = AlgorithmNumber(default=0)
    digestType: DigestNumber = DigestNumber(default=0)
    digest: Hex = Hex(default=b"", least=1)
    ttl: TTL = TTL(default=None)


class DeletingHex(Hex):
    """Hexadecimal digits; a single 0 is one octet, as RFC 8078 writes it (section 4)."""

    def parse(self, tokens: Tokens, origin: bytes) -> bytes:
        """Read hexadecimal digits to the end."""
        if [token.text for token in tokens.items[tokens.position :]] == [b"0"]:
            tokens.rest()
            return b"\0"
        return super().parse(tokens, origin)


class Record_CDS(Record_DS, type=CDS):
    """The child's wish for a DS record (RFC 7344 section 3.1)."""

    digest: DeletingHex = DeletingHex(default=b"", least=1)


class Record_DLV(Record_DS, type=DLV):
    """A DS record outside of the delegation; obsolete (RFC 4431 section 2)."""


class Record_TA(Record_DS, type=TA):
    """A trust anchor in the form of DS; never standardised."""


class Record_DNSKEY(Record, type=DNSKEY):
    """A public key of a zone (RFC 4034 section 2.1)."""

    flags: UInt16 = UInt16(default=0)
    protocol: UInt8 = UInt8(default=3)
    algorithm: AlgorithmNumber = AlgorithmNumber(default=0)
    publicKey: Base64 = Base64(default=b"", least=1)
    ttl: TTL = TTL(default=None)


class Record_CDNSKEY(Record_DNSKEY, type=CDNSKEY):
    """The child's wish for a DS record, as the key itself (RFC 7344 section 3.2)."""


# The first two bits of the flags, where there is no key.
_NO_KEY: Final = 3


class Record_KEY(Record_DNSKEY, type=KEY):
    """A public key, of SIG(0) today (RFC 2535 section 3.1, RFC 3445); with some flags there is none."""

    publicKey: Base64 = Base64(default=b"")

    @classmethod
    def fromText(cls, tokens: Tokens, origin: bytes = ROOT, ttl: int | None = None) -> Self:
        """Read the fields; a key may be missing only where the flags say that there is none.

        @raise RdataTextError: the text is not this type's.
        """
        record = super().fromText(tokens, origin, ttl)
        if not record.publicKey and record.flags >> 14 != _NO_KEY:
            raise cls.fields[3].wrong("a key is missing, and the flags do not say so", tokens.items[-1])
        return record

    def toText(self) -> str:
        """The data as a zone file has it; in the generic form where a key is missing that should be there."""
        return super().toText() if self.publicKey or self.flags >> 14 == _NO_KEY else self.genericText()


class Record_RKEY(Record_DNSKEY, type=RKEY):
    """A key to encrypt NAPTR records with; never standardised."""


class Record_RRSIG(Record, type=RRSIG):
    """The signature of an RRset (RFC 4034 section 3.1)."""

    typeCovered: TypeNumber = TypeNumber(default=0)
    algorithm: AlgorithmNumber = AlgorithmNumber(default=0)
    labels: UInt8 = UInt8(default=0)
    originalTTL: UInt32 = UInt32(default=0)
    expiration: Timestamp = Timestamp(default=0)
    inception: Timestamp = Timestamp(default=0)
    keyTag: UInt16 = UInt16(default=0)
    signer: DomainName = DomainName(default=b"", lower=True)
    signature: Base64 = Base64(default=b"", least=1)
    ttl: TTL = TTL(default=None)


class Record_SIG(Record_RRSIG, type=SIG):
    """The signature of a message (RFC 2931 section 3), once of an RRset (RFC 2535 section 4.1)."""


class Record_NSEC(Record, type=NSEC):
    """The next name of a zone, and the types that the owner has (RFC 4034 section 4.1)."""

    nextName: DomainName = DomainName(default=b"")
    types: TypeBitmap = TypeBitmap(default=())
    ttl: TTL = TTL(default=None)


class Record_NXT(Record, type=NXT):
    """The next name of a zone, and the types that the owner has; obsolete (RFC 2535 section 5.2)."""

    nextName: DomainName = DomainName(default=b"", lower=True)
    types: OldTypeBitmap = OldTypeBitmap(default=())
    ttl: TTL = TTL(default=None)


class Record_TALINK(Record, type=TALINK):
    """The trust anchors before and after; never standardised."""

    previousName: DomainName = DomainName(default=b"")
    nextName: DomainName = DomainName(default=b"")
    ttl: TTL = TTL(default=None)


class Salt(Field[bytes, Any]):
    """Up to 255 octets with their number before them; hexadecimal digits, or C{-} for none."""

    summary = "hexadecimal digits, or -"

    def convert(self, value: Any) -> bytes:
        """Take octets.

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
        """Read hexadecimal digits, or C{-}."""
        token = tokens.next(self.where)
        if token.text == b"-":
            return b""
        value = hexOf([token], self.where)
        if not 0 < len(value) <= 255:
            raise self.wrong(f"{len(value)} octets", token)
        return value

    def format(self, value: bytes) -> str:
        """Write hexadecimal digits, or C{-}."""
        return value.hex().upper() or "-"

    def show(self, value: bytes) -> str:
        """Write hexadecimal digits, or C{-}."""
        return self.format(value)


class HashedName(Salt):
    """The hash of a name: 1 to 255 octets with their number before them, in base32hex (RFC 5155 section 3.3)."""

    summary = "base32hex"

    def readFrom(self, wire: bytes, offset: int, end: int, names: dict[int, Name]) -> tuple[bytes, int]:
        """Read a length and as many octets, of which there has to be one."""
        value, stop = super().readFrom(wire, offset, end, names)
        if not value:
            raise self.bad("an empty hash")
        return value, stop

    def parse(self, tokens: Tokens, origin: bytes) -> bytes:
        """Read base32hex; padding, which is not to be there, is remarked on."""
        token = tokens.next(self.where)
        text = token.text
        try:
            value = b32hexdecode(text + b"=" * (-len(text) % 8), casefold=True)
            if text.endswith(b"="):
                tokens.remark(token, f"{self.where}: base32hex with padding")
        except ValueError:
            raise self.wrong(f"{text.decode('latin-1')!r} is not base32hex", token) from None
        if not 0 < len(value) <= 255:
            raise self.wrong(f"{len(value)} octets", token)
        return value

    def format(self, value: bytes) -> str:
        """Write base32hex without padding."""
        return b32hexencode(value).decode("ascii").rstrip("=")


class Record_NSEC3(Record, type=NSEC3):
    """The next hashed name of a zone, and the types that the owner has (RFC 5155 section 3.2)."""

    hashAlgorithm: HashNumber = HashNumber(default=1)
    flags: UInt8 = UInt8(default=0)
    iterations: UInt16 = UInt16(default=0)
    salt: Salt = Salt(default=b"")
    nextHashed: HashedName = HashedName(default=b"\0" * 20)
    types: TypeBitmap = TypeBitmap(default=())
    ttl: TTL = TTL(default=None)


class Record_NSEC3PARAM(Record, type=NSEC3PARAM):
    """How a zone's names are hashed (RFC 5155 section 4.2)."""

    hashAlgorithm: HashNumber = HashNumber(default=1)
    flags: UInt8 = UInt8(default=0)
    iterations: UInt16 = UInt16(default=0)
    salt: Salt = Salt(default=b"")
    ttl: TTL = TTL(default=None)


class Record_CSYNC(Record, type=CSYNC):
    """What the parent is to copy of the child (RFC 7477 section 2.1)."""

    serial: UInt32 = UInt32(default=0)
    flags: UInt16 = UInt16(default=0)
    types: TypeBitmap = TypeBitmap(default=())
    ttl: TTL = TTL(default=None)


class Record_ZONEMD(Record, type=ZONEMD):
    """A digest of the whole zone (RFC 8976 section 2.2)."""

    serial: UInt32 = UInt32(default=0)
    scheme: UInt8 = UInt8(default=1)
    hashAlgorithm: UInt8 = UInt8(default=1)
    digest: Hex = Hex(default=b"", least=1)
    ttl: TTL = TTL(default=None)
