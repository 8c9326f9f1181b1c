"""A protocol whose replies are signed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from txnames.tsig import Key, StreamSigner

__all__ = ["SigningProtocol"]


class SigningProtocol:
    """Stands before a protocol while one request is answered that was signed, and signs what is sent in reply.

    @ivar transportName: how the request came.
    @ivar spare: the octets that a signature takes at most.
    """

    def __init__(self, protocol: Any, key: Key, requestMAC: bytes, now: Callable[[], float]) -> None:
        """Take the key and the MAC of the request.

        @param now: tells the time in seconds since 1970.
        """
        self._protocol = protocol
        self._signer = StreamSigner(key, requestMAC)
        self._now = now
        self.transport = protocol.transport
        self.transportName = protocol.transportName
        self.spare = key.recordSize

    def sign(self, octets: bytes) -> bytes:
        """Sign a reply."""
        return self._signer.sign(octets, self._now())

    def writeMessage(self, message: Any, address: Any = None) -> None:
        """Sign and send a reply."""
        self.writeOctets(message.toStr(), address)

    def writeOctets(self, octets: bytes, address: Any = None) -> None:
        """Sign and send a reply in wire form."""
        signed = self.sign(octets)
        if self.transportName == "udp":
            self._protocol.writeOctets(signed, address)
        else:
            self._protocol.writeOctets(signed)

    @property
    def canStream(self) -> bool:
        """Whether a reply may consist of several messages."""
        return bool(getattr(self._protocol, "canStream", False))

    def stream(self, messages: Iterable[bytes]) -> Any:
        """Sign and send a reply of several messages (RFC 8945 section 5.3.1)."""
        return self._protocol.stream(self.sign(octets) for octets in messages)
