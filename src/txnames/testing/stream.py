"""Connections of a network in memory, and the ports that take them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from twisted.internet import defer
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IHalfCloseableProtocol, IListeningPort, IPushProducer, ITCPTransport
from twisted.python.failure import Failure
from zope.interface import implementer

from txnames.protocol.request import TCP
from txnames.testing.addresses import WILD, Address, addressOf, canonical, overlap

if TYPE_CHECKING:
    from txnames.testing.connector import Connector
    from txnames.testing.host import Host

__all__ = ["Listener", "Stream"]


@implementer(IListeningPort)
class Listener:
    """A port that takes connections.

    @ivar host: its host.
    @ivar port: its number.
    @ivar factory: makes the protocols.
    @ivar interface: the address; empty for all IPv4 ones, C{"::"} for all IPv6 ones.
    """

    def __init__(self, host: Host, port: int, factory: Any, interface: str) -> None:
        self.host = host
        self.port = port
        self.factory = factory
        self.interface = interface if interface in WILD else canonical(interface)

    def startListening(self) -> None:
        """Open the port.

        @raise CannotListenError: it is in use, or its address is another host's.
        """
        self.port = self.host.freePort(self.port, self.interface, self.host.listeners)
        self.host.listeners.append(self)
        self.factory.doStart()

    def stopListening(self) -> defer.Deferred[None]:
        """Close the port; the connections stay.

        @return: a Deferred that fires when it is closed.
        """
        if self in self.host.listeners:
            self.host.listeners.remove(self)
            self.factory.doStop()
        return defer.succeed(None)

    def overlaps(self, interface: str) -> bool:
        """Whether the same number on this interface would be the same port."""
        return overlap(self.interface, interface)

    def takes(self, address: Address) -> bool:
        """Whether a connection to this address is for this port."""
        return address[1] == self.port and overlap(self.interface, address[0])

    def accept(self, stream: Stream) -> None:
        """Take a connection, of which this is the near end."""
        protocol = self.factory.buildProtocol(stream.getPeer())
        stream.open(protocol)
        if protocol is None:
            stream.loseConnection()

    def getHost(self) -> IPv4Address | IPv6Address:
        """The address of this port."""
        return addressOf("TCP", self.interface, self.port)


@implementer(ITCPTransport, IPushProducer)
class Stream:
    """One end of a connection: the transport of its protocol.

    @ivar host: the host at this end.
    @ivar here: the address of this end.
    @ivar there: the address of the other end.
    @ivar other: the other end.
    @ivar protocol: gets what comes; C{None} if there is nobody to get it.
    @ivar connector: what made the connection, at the end where it was made.
    @ivar connected: whether octets can be sent.
    @ivar disconnecting: whether it is about to be closed.
    """

    other: Stream

    def __init__(self, host: Host, here: Address, there: Address) -> None:
        self.host = host
        self.here = here
        self.there = there
        self.protocol: Any = None
        self.connector: Connector | None = None
        self.connected = False
        self.disconnecting = False
        self._latest = 0.0
        self._paused = False
        self._held: list[bytes | Exception | None] = []
        self._producer: Any = None
        self._closing = False

    @property
    def port(self) -> int:
        """The port of this end."""
        return self.here[1]

    def overlaps(self, interface: str) -> bool:
        """Whether the same port on this interface would be the same."""
        return overlap(self.here[0], interface)

    def open(self, protocol: Any) -> None:
        """Take this end into use.

        @param protocol: C{None} if the connection is to be closed at once.
        """
        self.protocol = protocol
        self.connected = True
        self.host.connections.append(self)
        if protocol is not None:
            protocol.makeConnection(self)

    # --- out ---

    def write(self, data: bytes) -> None:
        """Send octets."""
        if self.connected and data:
            octets = bytes(data)
            self.host.network.capture(self.here, self.there, octets, TCP)
            self._deliver(octets)

    def writeSequence(self, data: Iterable[bytes]) -> None:
        """Send octets that are given in pieces."""
        self.write(b"".join(data))

    def loseConnection(self) -> None:
        """Close the connection in both directions, after what was written and what the producer has to write."""
        if self._producer is not None:
            self._closing = True
        elif self.connected:
            self._deliver(ConnectionDone())
            self._end(ConnectionDone())

    def abortConnection(self) -> None:
        """Close the connection at once."""
        if self.connected:
            self._deliver(ConnectionLost())
            self._end(ConnectionAborted())

    def loseWriteConnection(self) -> None:
        """Say that nothing more is sent; what comes in is still taken."""
        if self.connected:
            self._deliver(None)

    def _deliver(self, what: bytes | Exception | None) -> None:
        """Bring something to the other end, after all that was sent before."""
        network = self.host.network
        now = network.seconds()
        self._latest = when = max(self._latest, now + network.delay(self.here[0], self.there[0]))
        if not self.host.down:
            network.clock.callLater(max(0.0, when - now), self.other.receive, what)

    # --- in ---

    def receive(self, data: bytes | Exception | None) -> None:
        """Take octets, or the word that the other end sends no more (C{None}), or that the connection is gone."""
        if not self.connected or self.host.down:
            return
        if self._paused or self._held:
            self._held.append(data)
        elif isinstance(data, bytes):
            self.protocol.dataReceived(data)
        elif data is not None:
            self._end(data)
        elif IHalfCloseableProtocol.providedBy(self.protocol):
            self.protocol.readConnectionLost()
        else:
            self.loseConnection()

    def pauseProducing(self) -> None:
        """Hold back what comes in."""
        self._paused = True

    def resumeProducing(self) -> None:
        """Give what was held back to the protocol, as soon as the network goes on, and all that comes later."""
        if self._paused:
            self._paused = False
            self.host.network.clock.callLater(0, self._release)

    def _release(self) -> None:
        """Give what was held back to the protocol."""
        while self._held and not self._paused:
            held, self._held = self._held, []
            self.receive(held.pop(0))
            self._held[:0] = held

    def stopProducing(self) -> None:
        """Close the connection."""
        self.loseConnection()

    def _end(self, error: Exception) -> None:
        """Tell the protocol, as soon as the network goes on, that the connection is gone."""
        self.connected = False
        self.disconnecting = True
        self._held.clear()
        self.host.connections.remove(self)
        self.host.reactor.callLater(0, self._tell, Failure(error))

    def _tell(self, reason: Failure) -> None:
        """Tell the protocol, and the factory of a client, that the connection is gone."""
        if self._producer is not None:
            self._producer.stopProducing()
        if self.protocol is not None:
            self.protocol.connectionLost(reason)
        if self.connector is not None:
            self.connector.lost(reason)

    # --- what transports also do ---

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Let somebody write here; what is written is never too much.

        @raise RuntimeError: somebody does already.
        """
        if self._producer is not None:
            raise RuntimeError("there is a producer already")
        if not self.connected:
            producer.stopProducing()
            return
        self._producer = producer
        if not streaming:
            self.host.reactor.callLater(0, self._pull, producer)

    def _pull(self, producer: Any) -> None:
        """Have a pull producer write once more."""
        if self._producer is producer and self.connected:
            producer.resumeProducing()
            self.host.reactor.callLater(0, self._pull, producer)

    def unregisterProducer(self) -> None:
        """Take note that nobody writes here any more."""
        self._producer = None
        if self._closing:
            self._closing = False
            self.loseConnection()

    def getHost(self) -> IPv4Address | IPv6Address:
        """The address of this end."""
        return addressOf("TCP", *self.here)

    def getPeer(self) -> IPv4Address | IPv6Address:
        """The address of the other end."""
        return addressOf("TCP", *self.there)

    def setTcpNoDelay(self, enabled: bool) -> None:
        """Do nothing: there is no delay."""

    def getTcpNoDelay(self) -> bool:
        """Whether octets are sent without delay: always."""
        return True

    def setTcpKeepAlive(self, enabled: bool) -> None:
        """Do nothing: connections don't die of idleness."""

    def getTcpKeepAlive(self) -> bool:
        """Whether idle connections are kept alive: never."""
        return False
