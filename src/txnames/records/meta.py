"""Records that stand in messages and not in zones, and the one that may hold anything."""

from __future__ import annotations

from typing import Any

from txnames.records.mnemonics import ErrorNumber
from txnames.wire.fields import TTL, DomainName, UInt16, UInt32, UInt48
from txnames.wire.name import Name
from txnames.wire.numbers import NULL, TKEY, TSIG
from txnames.wire.opaque import CountedBase64, RestOctets
from txnames.wire.record import Record

__all__ = ["Record_NULL", "Record_TKEY", "Record_TSIG"]


class Anything(RestOctets):
    """All the octets to the end; C{None} stands for no octets."""

    def convert(self, value: Any) -> Any:
        """Take octets, ASCII text or C{None}."""
        return None if value is None else super().convert(value)

    def writeTo(self, out: bytearray, value: bytes | None, compress: dict[bytes, bytes] | None) -> None:
        """Append the octets."""
        out += value or b""

    def format(self, value: bytes | None) -> str:
        r"""Write C{\# length hex}."""
        return super().format(value or b"")


class Record_NULL(Record, type=NULL):
    """Any data; experimental (RFC 1035 section 3.3.10)."""

    payload: Anything = Anything(default=None)
    ttl: TTL = TTL(default=None)


class MaybeName(DomainName):
    """A domain name; C{None} where it is not known yet, which goes out as the root."""

    def convert(self, value: Any) -> Any:
        """Take a name, its dotted text or C{None}."""
        return None if value is None else super().convert(value)

    def writeTo(self, out: bytearray, value: Name | None, compress: dict[bytes, bytes] | None) -> None:
        """Append the name's octets."""
        super().writeTo(out, value or Name(), compress)

    def writeCanonical(self, out: bytearray, value: Name | None) -> None:
        """Append the name's octets, in lower case."""
        super().writeCanonical(out, value or Name())

    def format(self, value: Name | None) -> str:
        """Write an absolute name."""
        return super().format(value or Name())


class MaybeTime(UInt48):
    """Seconds since 1970 in 48 bits; C{None} where the time is not known yet, which goes out as 0."""

    summary = "seconds since 1970"

    def convert(self, value: Any) -> Any:
        """Take seconds or C{None}."""
        return None if value is None else super().convert(value)

    def writeTo(self, out: bytearray, value: int | None, compress: dict[bytes, bytes] | None) -> None:
        """Append 6 octets."""
        super().writeTo(out, value or 0, compress)

    def format(self, value: int | None) -> str:
        """Write decimal digits."""
        return super().format(value or 0)


class MaybeMAC(CountedBase64):
    """A message authentication code; C{None} where it is not computed yet, which goes out as no octets."""

    def convert(self, value: Any) -> Any:
        """Take octets or C{None}."""
        return None if value is None else super().convert(value)

    def writeTo(self, out: bytearray, value: bytes | None, compress: dict[bytes, bytes] | None) -> None:
        """Append the length and the octets."""
        super().writeTo(out, value or b"", compress)

    def format(self, value: bytes | None) -> str:
        """Write the length, and Base64 unless that is 0."""
        return super().format(value or b"")


class Record_TSIG(Record, type=TSIG):
    """The signature of a message by a shared secret (RFC 8945 section 4.2)."""

    showAttributes = ("algorithm", "timeSigned", "MAC", "error", "otherData")

    algorithm: MaybeName = MaybeName(default=None)
    timeSigned: MaybeTime = MaybeTime(default=None)
    fudge: UInt16 = UInt16(default=5)
    MAC: MaybeMAC = MaybeMAC(default=None)
    originalID: UInt16 = UInt16(default=0)
    error: ErrorNumber = ErrorNumber(default=0)
    otherData: CountedBase64 = CountedBase64(default=b"")
    ttl: TTL = TTL(default=0)


class Record_TKEY(Record, type=TKEY):
    """The agreement on a shared secret (RFC 2930 section 2); times are in seconds since 1970."""

    algorithm: DomainName = DomainName(default=b"")
    inception: UInt32 = UInt32(default=0)
    expiration: UInt32 = UInt32(default=0)
    mode: UInt16 = UInt16(default=0)
    error: ErrorNumber = ErrorNumber(default=0)
    key: CountedBase64 = CountedBase64(default=b"")
    otherData: CountedBase64 = CountedBase64(default=b"")
    ttl: TTL = TTL(default=0)
