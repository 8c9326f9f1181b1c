"""Ports for datagrams, of hosts of a network in memory."""

from __future__ import annotations

from collections.abc import Iterable
from errno import EBADF
from os import strerror
from typing import TYPE_CHECKING, Any, Final

from twisted.internet import defer
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.error import InvalidAddressError, MessageLengthError
from twisted.internet.interfaces import IListeningPort, IUDPTransport
from zope.interface import implementer

from txnames.protocol.request import UDP
from txnames.testing.addresses import WILD, Address, addressOf, canonical, overlap

if TYPE_CHECKING:
    from txnames.testing.host import Host

__all__ = ["DatagramPort"]

_LARGEST: Final = 65507
"""The octets of the largest datagram."""


@implementer(IListeningPort, IUDPTransport)
class DatagramPort:
    """A port for datagrams: the transport of its protocol.

    @ivar host: its host.
    @ivar port: its number.
    @ivar protocol: gets what comes.
    @ivar interface: the address; empty for all IPv4 ones, C{"::"} for all IPv6 ones.
    @ivar maxPacketSize: how many octets of a datagram are taken.
    @ivar peer: the address to which it is connected; C{None} if it isn't.
    """

    def __init__(self, host: Host, port: int, protocol: Any, interface: str, maxPacketSize: int) -> None:
        self.host = host
        self.port = port
        self.protocol = protocol
        self.interface = interface if interface in WILD else canonical(interface)
        self.maxPacketSize = maxPacketSize
        self.peer: Address | None = None
        self._stopped: defer.Deferred[None] | None = None
        self._broadcast = False

    def startListening(self) -> None:
        """Open the port.

        @raise CannotListenError: it is in use, or its address is another host's.
        """
        self.port = self.host.freePort(self.port, self.interface, self.host.ports)
        self._stopped = None
        self.host.ports.append(self)
        self.protocol.makeConnection(self)

    def stopListening(self) -> defer.Deferred[None]:
        """Close the port, as soon as the network goes on.

        @return: a Deferred that fires when it is closed.
        """
        done: defer.Deferred[None] = defer.Deferred()
        if self._stopped is None:
            self._stopped = defer.Deferred()
            self.host.reactor.callLater(0, self._stop, self._stopped)
        self._stopped.addCallback(done.callback)
        return done

    def _stop(self, stopped: defer.Deferred[None]) -> None:
        """Close the port."""
        self.host.ports.remove(self)
        self.protocol.doStop()
        stopped.callback(None)

    def overlaps(self, interface: str) -> bool:
        """Whether the same number on this interface would be the same port."""
        return overlap(self.interface, interface)

    def takes(self, address: Address) -> bool:
        """Whether a datagram to this address is for this port."""
        return address[1] == self.port and overlap(self.interface, address[0])

    def receive(self, octets: bytes, source: Address) -> None:
        """Take a datagram; what is too long is cut off."""
        if self._stopped is None and (self.peer is None or self.peer == source):
            self.protocol.datagramReceived(octets[: self.maxPacketSize], source)

    def write(self, packet: bytes, addr: Any = None) -> None:
        """Send a datagram.

        @param addr: the IP address and the port; a connected port needs none.
        @raise OSError: the port is closed, or its host has no address of the destination's family.
        @raise MessageLengthError: it is too long.
        @raise InvalidAddressError: the address is none, but a name.
        """
        if self not in self.host.ports:
            raise OSError(EBADF, strerror(EBADF))
        if addr is None:
            if self.peer is None:
                raise TypeError("a port that isn't connected needs an address to write to")
            destination = self.peer
        else:
            destination = _literal(addr[0]), addr[1]
            if self.peer not in (None, destination):
                raise ValueError(f"the port is connected to {self.peer}, not to {destination}")
        if len(packet) > _LARGEST:
            raise MessageLengthError("message too long")
        source = self.host.address(self.interface, destination[0]), self.port
        if self.host.hostAt(destination[0]) is self.host:
            network = self.host.network
            network.capture(source, destination, bytes(packet), UDP)
            network.clock.callLater(0, self.host.receive, source, destination, bytes(packet))
        else:
            self.host.network.send(source, destination, packet)

    def writeSequence(self, seq: Iterable[bytes], addr: Any = None) -> None:
        """Send a datagram that is given in pieces."""
        self.write(b"".join(seq), addr)

    def connect(self, host: str, port: int) -> None:
        """Take datagrams from one address only, and learn when nobody listens there.

        @raise RuntimeError: the port is connected.
        @raise InvalidAddressError: the address is none, but a name.
        """
        if self.peer is not None:
            raise RuntimeError("already connected, reconnecting is not currently supported")
        self.peer = _literal(host), port

    def getHost(self) -> IPv4Address | IPv6Address:
        """The address of this port."""
        return addressOf("UDP", self.interface, self.port)

    def setBroadcastAllowed(self, enabled: bool) -> None:
        """Take note; there is no broadcasting here."""
        self._broadcast = enabled

    def getBroadcastAllowed(self) -> bool:
        """What was noted last."""
        return self._broadcast


def _literal(host: str) -> str:
    """An address in the one spelling that is used here.

    @raise InvalidAddressError: it is none.
    """
    try:
        return canonical(host)
    except ValueError:
        raise InvalidAddressError(host, "write() only accepts IP addresses, not hostnames") from None
