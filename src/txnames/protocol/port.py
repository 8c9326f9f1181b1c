"""The UDP port of a server that has several addresses, or clients on its own links.

A reply must leave from the address that was asked (RFC 2181 section 4.1); of a socket that is bound to all addresses
the system would choose another one.  So each request comes with the address that it was sent to, and its reply goes out
with that (C{IP_PKTINFO}; for IPv6 RFC 3542 section 6).  And a link-local address of IPv6 is none without its interface,
the scope, which the port of Twisted forgets.  Protocols see plain pairs of host and port; the pair knows the way back.
"""

from __future__ import annotations

import socket
import sys
from functools import lru_cache
from typing import Any, Final

from twisted.internet.abstract import isIPv6Address
from twisted.internet.error import CannotListenError
from twisted.internet.udp import Port
from twisted.python import log

__all__ = ["ReturnAddress", "ServerPort", "boundSocket", "sourceOf"]

# The module `socket` has the first one from Python 3.12 on only.
_IP_PKTINFO: Final[int | None] = getattr(socket, "IP_PKTINFO", 8 if sys.platform == "linux" else None)
_IPV6_RECVPKTINFO: Final[int | None] = getattr(socket, "IPV6_RECVPKTINFO", None)
_ANCILLARY: Final = socket.CMSG_SPACE(20) + socket.CMSG_SPACE(12)
"""The octets of the information about one datagram: 20 in IPv6, 12 in IPv4."""

_BUFFER: Final = 1 << 20
"""The octets of requests that may wait in the system."""

_NO_INTERFACE: Final = b"\0\0\0\0"

_Ancillary = tuple[tuple[int, int, bytes], ...]


class ReturnAddress(tuple[str, int]):
    """The host and port of a client; equal to the plain pair.

    @ivar peer: the client's address as the socket has it; in IPv6 with the scope.
    @ivar source: what has a datagram leave from the address that the client asked.
    """

    peer: Any
    source: _Ancillary


class ServerPort(Port):
    """A UDP port that replies from the address that was asked.

    What is written to a L{ReturnAddress} is a reply; to other addresses the port writes as others do.
    """

    def __init__(self, bound: socket.socket, protocol: Any, maxPacketSize: int, reactor: Any) -> None:
        """Take a socket of L{boundSocket} over."""
        Port.__init__(self, None, protocol, bound.getsockname()[0], maxPacketSize, reactor)
        self._preexistingSocket = bound  # type: ignore[assignment]  # reason: of Twisted, where it has no type

    def doRead(self) -> None:
        """Give the protocol the datagrams that are there, or as many as are fair to others."""
        read = 0
        while read < self.maxThroughput:
            try:
                data, ancillary, _, peer = self.socket.recvmsg(self.maxPacketSize, _ANCILLARY)
            except (BlockingIOError, InterruptedError, ConnectionRefusedError):
                return
            read += len(data)
            address = ReturnAddress(peer[:2])
            address.peer = peer
            address.source = sourceOf(*ancillary[0]) if ancillary else ()
            try:
                self.protocol.datagramReceived(data, address)
            except BaseException:
                log.err()

    def reply(self, datagram: bytes, address: ReturnAddress) -> None:
        """Send a reply.

        @raise OSError: it cannot be sent.
        """
        self.socket.sendmsg((datagram,), address.source, 0, address.peer)

    def write(self, datagram: bytes, addr: Any = None) -> None:
        """Send a datagram; see C{IUDPTransport}.

        @raise OSError: it cannot be sent.
        """
        if isinstance(addr, ReturnAddress):
            self.reply(datagram, addr)
        else:
            Port.write(self, datagram, addr)


@lru_cache(1024)
def sourceOf(level: int, kind: int, data: bytes) -> _Ancillary:
    """From what came with a request, make what goes out with its reply.

    The reply may take another interface than the request did, unless its source is an address of that link.
    """
    if level == socket.IPPROTO_IP:
        # The interface, the address of ours, and the one that was asked, which may be broadcast.
        return ((level, kind, _NO_INTERFACE + data[4:8] + b"\0\0\0\0"),)
    address, interface = data[:16], data[16:]
    if address[0] == 0xFF:
        # Nothing leaves from a multicast address.
        return ()
    isLinkLocal = address[0] == 0xFE and address[1] & 0xC0 == 0x80
    return ((level, kind, address + (interface if isLinkLocal else _NO_INTERFACE)),)


def boundSocket(
    interface: str,
    number: int,
    knowsDestination: bool = True,
    kind: int = socket.SOCK_DGRAM,
    shared: bool = False,
) -> socket.socket:
    """Make the socket of a L{ServerPort}.

    @param knowsDestination: whether each datagram is to say to which address it came.
    @param kind: the kind of socket.
    @param shared: whether others, of this user, may be bound to the same place (SO_REUSEPORT).
    @param interface: an address, which may have a scope; C{""} for all of IPv4, C{"::"} for all of IPv6 and nothing
        else.
    @raise CannotListenError: it cannot be bound.
    """
    try:
        if not isIPv6Address(interface):
            made = socket.socket(socket.AF_INET, kind)
            options = [(socket.IPPROTO_IP, _IP_PKTINFO)]
        else:
            made = socket.socket(socket.AF_INET6, kind)
            options = [(socket.IPPROTO_IPV6, _IPV6_RECVPKTINFO), (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)]
    except OSError as error:
        raise CannotListenError(interface, number, error) from error
    try:
        made.setblocking(False)
        if kind == socket.SOCK_STREAM:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        else:
            # Room for what comes while a batch is answered; the system gives as much of it as it allows.
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        if shared:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        for level, option in options:
            if option is not None and (knowsDestination or option == socket.IPV6_V6ONLY):
                made.setsockopt(level, option, 1)
        flags = socket.AI_NUMERICHOST | socket.AI_PASSIVE
        [found] = socket.getaddrinfo(interface or "0.0.0.0", number, made.family, made.type, 0, flags)
        made.bind(found[4])
    except OSError as error:
        made.close()
        raise CannotListenError(interface, number, error) from error
    return made
