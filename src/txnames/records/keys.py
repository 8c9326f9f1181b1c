"""Records that hold keys and certificates, or fingerprints of them."""

from __future__ import annotations

from txnames.wire.fields import TTL, UInt8
from txnames.wire.numbers import SSHFP
from txnames.wire.opaque import Hex
from txnames.wire.record import Record

__all__ = ["Record_SSHFP"]


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
