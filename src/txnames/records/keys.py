"""Records that hold keys and certificates, or say which of them are to be trusted."""

from __future__ import annotations

from typing import Any

from txnames.records.mnemonics import AlgorithmNumber, CertificateType
from txnames.wire.fields import TTL, CharString, UInt8, UInt16
from txnames.wire.name import Name
from txnames.wire.numbers import CAA, CERT, DHCID, OPENPGPKEY, SMIMEA, SSHFP, TLSA
from txnames.wire.opaque import Base64, Hex, LongString
from txnames.wire.record import Record
from txnames.wire.text import Tokens

__all__ = [
    "Record_CAA",
    "Record_CERT",
    "Record_DHCID",
    "Record_OPENPGPKEY",
    "Record_SMIMEA",
    "Record_SSHFP",
    "Record_TLSA",
]


class Record_SSHFP(Record, type=SSHFP):
    """The fingerprint of a host's SSH key (RFC 4255 section 3.1, RFC 6594, RFC 7479)."""

    ALGORITHM_RSA = 1
    ALGORITHM_DSS = 2
    ALGORITHM_ECDSA = 3
    ALGORITHM_Ed25519 = 4
    FINGERPRINT_TYPE_SHA1 = 1
    FINGERPRINT_TYPE_SHA256 = 2

    algorithm: UInt8 = UInt8(default=0)
    fingerprintType: UInt8 = UInt8(default=0)
    fingerprint: Hex = Hex(default=b"", least=1)
    ttl: TTL = TTL(default=0, show="")


class Record_TLSA(Record, type=TLSA):
    """Which certificate a TLS server has (RFC 6698 section 2.1)."""

    usage: UInt8 = UInt8(default=0)
    selector: UInt8 = UInt8(default=0)
    matchingType: UInt8 = UInt8(default=0)
    association: Hex = Hex(default=b"", least=1)
    ttl: TTL = TTL(default=None)


class Record_SMIMEA(Record_TLSA, type=SMIMEA):
    """Which certificate the owner of a mailbox has (RFC 8162 section 2)."""


class Record_CERT(Record, type=CERT):
    """A certificate, or a list of those revoked (RFC 4398 section 2)."""

    certificateType: CertificateType = CertificateType(default=0)
    keyTag: UInt16 = UInt16(default=0)
    algorithm: AlgorithmNumber = AlgorithmNumber(default=0)
    certificate: Base64 = Base64(default=b"", least=1)
    ttl: TTL = TTL(default=None)


class Record_OPENPGPKEY(Record, type=OPENPGPKEY):
    """The OpenPGP key of the owner of a mailbox (RFC 7929 section 2)."""

    publicKey: Base64 = Base64(default=b"", least=1)
    ttl: TTL = TTL(default=None)


class Record_DHCID(Record, type=DHCID):
    """Which DHCP client a name belongs to (RFC 4701 section 3)."""

    identifier: Base64 = Base64(default=b"", least=1)
    ttl: TTL = TTL(default=None)


class CAATag(CharString):
    """The name of a property: ASCII letters and digits, one at least (RFC 8659 section 4.1)."""

    summary = "letters and digits"

    def convert(self, value: Any) -> bytes:
        """Take letters and digits.

        @raise ValueError: none, or something else.
        """
        tag = super().convert(value)
        if not tag.isalnum():
            raise ValueError(f"{self.where}: {tag!r} is not letters and digits")
        return tag

    def readFrom(self, wire: bytes, offset: int, end: int, names: dict[int, Name]) -> tuple[bytes, int]:
        """Read a length and as many letters and digits."""
        tag, offset = super().readFrom(wire, offset, end, names)
        if not tag.isalnum():
            raise self.bad(f"{tag!r} is not letters and digits")
        return tag, offset

    def parse(self, tokens: Tokens, origin: bytes) -> bytes:
        """Read letters and digits."""
        tag = super().parse(tokens, origin)
        if not tag.isalnum():
            raise self.wrong("a tag is letters and digits", tokens.items[tokens.position - 1])
        return tag

    def format(self, value: bytes) -> str:
        """Write letters and digits."""
        return value.decode("ascii")


class Record_CAA(Record, type=CAA):
    """Which authority may issue certificates for a domain (RFC 8659 section 4.1)."""

    flags: UInt8 = UInt8(default=0)
    tag: CAATag = CAATag(default=b"issue")
    value: LongString = LongString(default=b"")
    ttl: TTL = TTL(default=None)
