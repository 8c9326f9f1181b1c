"""Transaction signatures by shared secrets (RFC 8945).

A key signs whole messages.  What is signed depends on where a message stands: a request by itself, a response together
with the MAC of its request, the further messages of a zone transfer each with the MAC of the one before.  L{sign} and
L{verify} do one message; L{StreamSigner} and L{StreamVerifier} what follows the first one.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterable, Mapping
from struct import Struct
from struct import error as StructError
from typing import Any, Final

import attrs

from txnames.error import DNSDecodeError
from txnames.wire.name import MAX_LABEL, MAX_NAME, Name, readName
from txnames.wire.numbers import TSIG

__all__ = [
    "ALGORITHMS",
    "BADKEY",
    "BADSIG",
    "BADTIME",
    "BADTRUNC",
    "FUDGE",
    "Key",
    "Keyring",
    "Signature",
    "StreamSigner",
    "StreamVerifier",
    "TSIGError",
    "readSignature",
    "refuse",
    "sign",
    "verify",
]

BADSIG: Final = 16
BADKEY: Final = 17
BADTIME: Final = 18
BADTRUNC: Final = 22

FUDGE: Final = 300
"""The seconds by which clocks may differ (RFC 8945 section 10)."""

_UNSIGNED: Final = 99
"""How many messages of a stream may follow each other without a signature (RFC 8945 section 5.3.1)."""

_HEADER: Final = 12
_ANY: Final = 255
_NOTAUTH: Final = 9
_FORMERR: Final = 1
_LEAST: Final = 10
"""The octets that a truncated MAC has at least (RFC 8945 section 5.2.2.1)."""

_counts = Struct(">4H").unpack_from
_fixed = Struct(">HHIH")
_pair = Struct(">HH").pack

ALGORITHMS: Mapping[str, str] = {
    "hmac-sha1": "sha1",
    "hmac-sha224": "sha224",
    "hmac-sha256": "sha256",
    "hmac-sha384": "sha384",
    "hmac-sha512": "sha512",
}
"""The algorithms by their names in messages and in key files, and what C{hashlib} calls their hashes."""

_hashes = {Name(name).folded: hash for name, hash in ALGORITHMS.items()}


def _algorithm(value: Any) -> Name:
    """Take the name of an algorithm.

    @raise ValueError: it is not one of L{ALGORITHMS}.
    """
    name = Name(value)
    if name.folded not in _hashes:
        raise ValueError(f"the algorithm {str(name)!r} is not one of {', '.join(ALGORITHMS)}")
    return name


@attrs.frozen
class Key:
    """A shared secret.

    @ivar name: its name, on which both sides agree.
    @ivar secret: the octets.
    @ivar algorithm: the name of the algorithm, one of L{ALGORITHMS}.
    """

    name: Name = attrs.field(converter=Name)
    # What is not shown cannot get into a log.
    secret: bytes = attrs.field(repr=False)
    algorithm: Name = attrs.field(default=Name("hmac-sha256"), converter=_algorithm)

    @classmethod
    def fromBase64(cls, name: Any, secret: str, algorithm: str = "hmac-sha256") -> Key:
        """Make a key of a secret in Base64.

        @raise ValueError: that is no Base64, or the algorithm is not known; the secret is not in the message.
        """
        try:
            octets = b64decode(secret, validate=True)
        except (Base64Error, ValueError):
            raise ValueError(f"the secret of the key {str(Name(name))!r} is no Base64") from None
        if not octets:
            raise ValueError(f"the secret of the key {str(Name(name))!r} is empty")
        return cls(name, octets, algorithm)

    @property
    def size(self) -> int:
        """The octets of a MAC by this key."""
        return hashlib.new(_hashes[self.algorithm.folded]).digest_size

    @property
    def recordSize(self) -> int:
        """The octets of a TSIG record by this key, at most: with the server's time in it (RFC 8945 section 5.2.3)."""
        return len(self.name.wire) + _fixed.size + len(self.algorithm.wire) + 16 + self.size + 6

    def digest(self) -> hmac.HMAC:
        """Begin a MAC."""
        return hmac.new(self.secret, digestmod=_hashes[self.algorithm.folded])


class Keyring(dict[bytes, Key]):
    """Keys by their names, folded and in wire form."""

    def __init__(self, keys: Iterable[Key] = ()) -> None:
        super().__init__((key.name.folded, key) for key in keys)

    def add(self, key: Key) -> None:
        """Add a key.

        @raise ValueError: there is another one of that name.
        """
        if self.get(key.name.folded, key) != key:
            raise ValueError(f"there are two keys of the name {str(key.name)!r}")
        self[key.name.folded] = key

    def named(self, name: Any) -> Key:
        """The key of a name.

        @raise ValueError: there is none.
        """
        try:
            return self[Name(name).folded]
        except KeyError:
            raise ValueError(f"there is no key of the name {str(Name(name))!r}") from None

    def __repr__(self) -> str:
        return f"<Keyring {' '.join([str(key.name) for key in self.values()])}>"


@attrs.frozen
class Signature:
    """The TSIG record of a message (RFC 8945 section 4.2).

    @ivar start: where in the message the record begins.
    @ivar name: the key's name.
    @ivar algorithm: the algorithm's name.
    @ivar timeSigned: when it was signed, in seconds since 1970.
    @ivar fudge: by how many seconds clocks may differ.
    @ivar mac: the message authentication code.
    @ivar originalID: the ID that the message had when it was signed.
    @ivar error: an extended response code.
    @ivar otherData: with BADTIME, the server's time.
    """

    start: int
    name: Name
    algorithm: Name
    timeSigned: int
    fudge: int
    mac: bytes
    originalID: int
    error: int = 0
    otherData: bytes = b""

    @property
    def variables(self) -> bytes:
        """What is signed besides the message (RFC 8945 section 4.3.3)."""
        return b"".join(
            (
                self.name.folded,
                b"\0\xff\0\0\0\0",
                self.algorithm.folded,
                self.timers,
                _pair(self.error, len(self.otherData)),
                self.otherData,
            )
        )

    @property
    def timers(self) -> bytes:
        """What is signed besides the later messages of a stream (RFC 8945 section 5.3.1)."""
        return self.timeSigned.to_bytes(6, "big") + self.fudge.to_bytes(2, "big")

    @property
    def wire(self) -> bytes:
        """The record."""
        data = b"".join(
            (
                self.algorithm.wire,
                self.timers,
                len(self.mac).to_bytes(2, "big"),
                self.mac,
                _pair(self.originalID, self.error),
                len(self.otherData).to_bytes(2, "big"),
                self.otherData,
            )
        )
        return self.name.wire + _fixed.pack(TSIG, _ANY, 0, len(data)) + data

    def attach(self, octets: bytes) -> bytes:
        """A message with this record as its last."""
        additional = int.from_bytes(octets[10:12], "big") + 1
        return octets[:10] + additional.to_bytes(2, "big") + octets[12:] + self.wire


class TSIGError(Exception):
    """A message is not signed as it should be.

    @ivar error: the error for the TSIG record of the reply: L{BADSIG}, L{BADKEY}, L{BADTIME} or L{BADTRUNC}; 0 where
        the reply has none.
    @ivar rcode: the response code of the reply.
    @ivar signature: the signature at fault, or C{None} where there is none.
    @ivar key: the key by which the reply is signed, or C{None}.
    """

    def __init__(self, reason: str, error: int = 0, signature: Signature | None = None, key: Key | None = None) -> None:
        super().__init__(reason)
        self.error = error
        self.rcode = _NOTAUTH if error else _FORMERR
        self.signature = signature
        self.key = key


def _skipName(octets: bytes, offset: int) -> int:
    """Where a name ends."""
    while length := octets[offset]:
        if length > 0x3F:
            return offset + 2
        offset += length + 1
    return offset + 1


def _plainName(octets: bytes, offset: int) -> Name:
    """Read a name within the data, which is not compressed (RFC 8945 section 4.2).

    @raise DNSDecodeError: it is, or is no name.
    """
    end = offset
    while length := octets[end]:
        if length > MAX_LABEL:
            raise DNSDecodeError("a compressed name", "TSIG")
        end += length + 1
    if end >= offset + MAX_NAME:
        raise DNSDecodeError("a name of more than 255 octets", "TSIG")
    return Name.fromWire(octets[offset : end + 1])


def readSignature(octets: bytes) -> Signature | None:
    """The signature of a message; C{None} for one without.

    @raise DNSDecodeError: the message is none, or its TSIG record is malformed or not the last record.
    """
    try:
        questions, *sections = _counts(octets, 4)
        if not sections[2]:
            return None
        offset = _HEADER
        for _ in range(questions):
            offset = _skipName(octets, offset) + 4
        last = sum(sections)
        for number in range(1, last + 1):
            start = offset
            offset = _skipName(octets, offset)
            type, cls, ttl, length = _fixed.unpack_from(octets, offset)
            offset += _fixed.size
            if type == TSIG:
                if number != last or offset + length != len(octets):
                    raise DNSDecodeError("a TSIG record that is not the last thing in its message", "TSIG")
                if cls != _ANY or ttl:
                    raise DNSDecodeError("a TSIG record has class ANY and TTL 0", "TSIG")
                return _read(octets, start, offset)
            offset += length
    except (IndexError, StructError):
        raise DNSDecodeError("the octets end inside of a record") from None
    return None


def _read(octets: bytes, start: int, offset: int) -> Signature:
    """Read a TSIG record whose data goes to the end of the message."""

    def take(size: int) -> bytes:
        nonlocal offset
        offset += size
        if offset > len(octets):
            raise DNSDecodeError("the octets end too early", "TSIG")
        return octets[offset - size : offset]

    def number(size: int) -> int:
        return int.from_bytes(take(size), "big")

    # The owner may be compressed as any other; some servers do so.
    name, _ = readName(octets, start, {})
    algorithm = _plainName(octets, offset)
    offset += len(algorithm.wire)
    timeSigned, fudge = number(6), number(2)
    mac = take(number(2))
    originalID, error = number(2), number(2)
    otherData = take(number(2))
    if offset != len(octets):
        raise DNSDecodeError("octets after the end", "TSIG")
    return Signature(start, name, algorithm, timeSigned, fudge, mac, originalID, error, otherData)


def _unsigned(octets: bytes, signature: Signature) -> bytes:
    """A message as it was before it was signed."""
    additional = int.from_bytes(octets[10:12], "big") - 1
    ident = signature.originalID.to_bytes(2, "big")
    return ident + octets[2:10] + additional.to_bytes(2, "big") + octets[12 : signature.start]


def _prefixed(mac: bytes) -> bytes:
    """A MAC as it is signed along; nothing, for none."""
    return len(mac).to_bytes(2, "big") + mac if mac else b""


def sign(
    octets: bytes,
    key: Key,
    now: float,
    *,
    requestMAC: bytes = b"",
    fudge: int = FUDGE,
    error: int = 0,
    otherData: bytes = b"",
) -> tuple[bytes, bytes]:
    """Sign a request, or the first message of a response.

    @param now: the time, in seconds since 1970.
    @param requestMAC: the MAC of the request, for a response.
    @return: the signed message, and its MAC.
    """
    ident = int.from_bytes(octets[:2], "big")
    signature = Signature(len(octets), key.name, key.algorithm, int(now), fudge, b"", ident, error, otherData)
    digest = key.digest()
    digest.update(_prefixed(requestMAC) + octets + signature.variables)
    mac = digest.digest()
    return attrs.evolve(signature, mac=mac).attach(octets), mac


def verify(
    octets: bytes, keys: Mapping[bytes, Key], now: float, *, requestMAC: bytes = b""
) -> tuple[bytes, Key, Signature]:
    """Verify a signed request, or the first message of a response.

    @param keys: the keys that there are; see L{Keyring}.
    @param now: the time, in seconds since 1970.
    @param requestMAC: the MAC of the request, for a response.
    @return: the message as it was before it was signed, the key, and the signature.
    @raise TSIGError: it is not signed, or not as it should be.
    @raise DNSDecodeError: it is no message.
    """
    signature = readSignature(octets)
    if signature is None:
        raise TSIGError("the message is not signed")
    key = keys.get(signature.name.folded)
    if key is None or key.algorithm != signature.algorithm:
        raise TSIGError(f"no key {str(signature.name)!r} for {signature.algorithm}", BADKEY, signature)
    message = _unsigned(octets, signature)
    digest = key.digest()
    digest.update(_prefixed(requestMAC) + message + signature.variables)
    _check(digest, key, signature, now)
    return message, key, signature


def _check(digest: hmac.HMAC, key: Key, signature: Signature, now: float) -> None:
    """Compare MACs and times, in the order of RFC 8945 section 5.2.

    @raise TSIGError: something is wrong.
    """
    full = digest.digest()
    size = len(signature.mac)
    if size > len(full):
        raise TSIGError("the MAC is longer than the algorithm makes it")
    if size < max(_LEAST, len(full) // 2):
        # An error by which a server refuses the key or the signature comes without a MAC.
        if signature.error in (BADSIG, BADKEY) and not size:
            raise TSIGError(f"the server refused the signature: error {signature.error}", BADSIG, signature)
        raise TSIGError("the MAC is too short", BADTRUNC if size else BADSIG, signature)
    if not hmac.compare_digest(full[:size], signature.mac):
        raise TSIGError("the MAC is wrong", BADSIG, signature)
    if abs(int(now) - signature.timeSigned) > signature.fudge:
        reason = f"signed {int(now) - signature.timeSigned} seconds ago, where {signature.fudge} are allowed"
        raise TSIGError(reason, BADTIME, signature, key)


def refuse(octets: bytes, error: TSIGError, now: float) -> bytes:
    """Give the reply to a request with a faulty signature the TSIG record that says so (RFC 8945 section 5.2).

    @param octets: the reply.
    @param now: the time, in seconds since 1970.
    """
    signature = error.signature
    if signature is None or not error.error:
        return octets
    if error.key is not None:
        other = int(now).to_bytes(6, "big")
        # The time signed is that of the request, so that the client can verify it whatever its clock says.
        return sign(
            octets,
            error.key,
            signature.timeSigned,
            requestMAC=signature.mac,
            fudge=signature.fudge,
            error=error.error,
            otherData=other,
        )[0]
    ident = int.from_bytes(octets[:2], "big")
    return attrs.evolve(signature, mac=b"", originalID=ident, error=error.error, otherData=b"").attach(octets)


class StreamSigner:
    """Signs the messages of a response that has several (RFC 8945 section 5.3.1); each of them is signed.

    @ivar mac: the MAC of the request, and then of the last message.
    """

    def __init__(self, key: Key, requestMAC: bytes, fudge: int = FUDGE) -> None:
        self.key = key
        self.mac = requestMAC
        self.fudge = fudge
        self._first = True

    def sign(self, octets: bytes, now: float) -> bytes:
        """Sign the next message.

        @param now: the time, in seconds since 1970.
        """
        if self._first:
            self._first = False
            signed, self.mac = sign(octets, self.key, now, requestMAC=self.mac, fudge=self.fudge)
            return signed
        key = self.key
        ident = int.from_bytes(octets[:2], "big")
        signature = Signature(len(octets), key.name, key.algorithm, int(now), self.fudge, b"", ident)
        digest = key.digest()
        digest.update(_prefixed(self.mac) + octets + signature.timers)
        self.mac = digest.digest()
        return attrs.evolve(signature, mac=self.mac).attach(octets)


class StreamVerifier:
    """Verifies the messages of a response that has several; the first and the last have to be signed.

    @ivar pending: how many messages came since the last one that was signed.
    """

    def __init__(self, key: Key, requestMAC: bytes) -> None:
        self.key = key
        self.pending = 0
        self._mac = requestMAC
        self._digest: hmac.HMAC | None = None

    def verify(self, octets: bytes, now: float) -> bytes:
        """Verify the next message.

        @param now: the time, in seconds since 1970.
        @return: the message as it was before it was signed.
        @raise TSIGError: it is not signed as it should be.
        @raise DNSDecodeError: it is no message.
        """
        if self._digest is None:
            keys = {self.key.name.folded: self.key}
            message, _, signature = verify(octets, keys, now, requestMAC=self._mac)
        else:
            found = readSignature(octets)
            if found is None:
                self.pending += 1
                if self.pending > _UNSIGNED:
                    raise TSIGError("too many messages without a signature")
                self._digest.update(octets)
                return octets
            signature = found
            if signature.name != self.key.name or signature.algorithm != self.key.algorithm:
                raise TSIGError("the key changes within a stream", BADKEY, signature)
            message = _unsigned(octets, signature)
            self._digest.update(message + signature.timers)
            _check(self._digest, self.key, signature, now)
        self.pending = 0
        self._digest = self.key.digest()
        self._digest.update(_prefixed(signature.mac))
        return message
