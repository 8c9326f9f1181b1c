"""Numbers that have mnemonics; in text either is read, and the number written."""

from __future__ import annotations

from typing import ClassVar

from txnames.wire.fields import Number, UInt8, UInt16
from txnames.wire.numbers import EBADCOOKIE, EBADSIG, rcodeName
from txnames.wire.text import Tokens

__all__ = ["AlgorithmNumber", "CertificateType", "DigestNumber", "ErrorNumber", "HashNumber", "ProtocolNumber"]


class Mnemonic(Number):
    """A number that has a mnemonic.

    @cvar numbers: the number of each mnemonic, in upper case.
    """

    numbers: ClassVar[dict[bytes, int]]

    def parse(self, tokens: Tokens, origin: bytes) -> int:
        """Read a mnemonic or decimal digits."""
        token = tokens.next(self.where)
        number = self.numbers.get(token.text.upper())
        return self.fits(self.digits(token), token) if number is None else number


class AlgorithmNumber(Mnemonic, UInt8):
    """The algorithm of a key or a signature (IANA: DNS Security Algorithm Numbers)."""

    summary = "algorithm"

    numbers: ClassVar = {
        b"RSAMD5": 1,
        b"DH": 2,
        b"DSA": 3,
        b"ECC": 4,
        b"RSASHA1": 5,
        b"DSA-NSEC3-SHA1": 6,
        b"NSEC3DSA": 6,
        b"RSASHA1-NSEC3-SHA1": 7,
        b"NSEC3RSASHA1": 7,
        b"RSASHA256": 8,
        b"RSASHA512": 10,
        b"ECC-GOST": 12,
        b"ECCGOST": 12,
        b"ECDSAP256SHA256": 13,
        b"ECDSAP384SHA384": 14,
        b"ED25519": 15,
        b"ED448": 16,
        b"SM2SM3": 17,
        b"ECC-GOST12": 23,
        b"INDIRECT": 252,
        b"PRIVATEDNS": 253,
        b"PRIVATEOID": 254,
    }


class DigestNumber(Mnemonic, UInt8):
    """The algorithm of a digest (IANA: DS RR Type Digest Algorithms)."""

    summary = "digest algorithm"

    numbers: ClassVar = {
        b"SHA1": 1,
        b"SHA-1": 1,
        b"SHA256": 2,
        b"SHA-256": 2,
        b"GOST": 3,
        b"SHA384": 4,
        b"SHA-384": 4,
    }


class HashNumber(Mnemonic, UInt8):
    """The algorithm of hashed names (RFC 5155 section 11)."""

    summary = "hash algorithm"

    numbers: ClassVar = {b"SHA-1": 1, b"SHA1": 1}


class CertificateType(Mnemonic, UInt16):
    """The kind of a certificate (RFC 4398 section 2.1)."""

    summary = "certificate type"

    numbers: ClassVar = {
        b"PKIX": 1,
        b"SPKI": 2,
        b"PGP": 3,
        b"IPKIX": 4,
        b"ISPKI": 5,
        b"IPGP": 6,
        b"ACPKIX": 7,
        b"IACPKIX": 8,
        b"URI": 253,
        b"OID": 254,
    }


class ProtocolNumber(Mnemonic, UInt8):
    """A protocol above IP (IANA: Protocol Numbers)."""

    summary = "TCP, UDP or a number"

    numbers: ClassVar = {b"ICMP": 1, b"TCP": 6, b"UDP": 17}


class ErrorNumber(Mnemonic, UInt16):
    """A response code with room for the extended ones (RFC 8945 section 3, RFC 2930 section 2.6)."""

    summary = "response code"

    numbers: ClassVar = {rcodeName(number).encode(): number for number in range(EBADCOOKIE + 1)} | {b"BADSIG": EBADSIG}
