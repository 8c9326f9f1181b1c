"""A name server of a scripted Internet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from twisted.internet.protocol import DatagramProtocol, ServerFactory
from twisted.protocols.basic import Int16StringReceiver

from txnames.error import DNSDecodeError
from txnames.protocol.request import TCP, UDP
from txnames.server import DNSServerFactory
from txnames.testing.addresses import Address
from txnames.testing.scripts import scriptedZone
from txnames.testing.zoneresolver import ZoneResolver
from txnames.wire.edns import EDNSMessage
from txnames.wire.name import Name, textFromWire
from txnames.wire.numbers import typeName
from txnames.zone.tree import Zone

if TYPE_CHECKING:
    from txnames.testing.host import Host

__all__ = ["Asked", "Behaviour", "Incoming", "NameServer", "Outgoing"]

_PORT: Final = 53


class Incoming(NamedTuple):
    """A request as a name server gets it.

    @ivar octets: the message.
    @ivar source: who asks.
    @ivar destination: the server's own address.
    @ivar transport: C{"udp"} or C{"tcp"}.
    @ivar server: the server.
    """

    octets: bytes
    source: Address
    destination: Address
    transport: str
    server: NameServer

    @property
    def message(self) -> EDNSMessage:
        """The request, decoded: each time a new one.

        @raise DNSDecodeError: it is no message.
        """
        return _decoded(self.octets)


class Outgoing(NamedTuple):
    """What a name server sends.

    @ivar octets: the message; over a connection, none ends the connection.
    @ivar delay: how many seconds later.
    @ivar source: the address that a datagram comes from; C{None} for the one that was asked.
    """

    octets: bytes
    delay: float = 0.0
    source: Address | None = None

    @property
    def message(self) -> EDNSMessage:
        """The reply, decoded: each time a new one."""
        return _decoded(self.octets)


Behaviour = Callable[[Incoming, list[Outgoing]], list[Outgoing]]
"""Makes what a server sends of what it would send; nothing, where it is to be silent."""


class Asked(NamedTuple):
    """A question that arrived; prints as C{"192.0.2.1 www.example. A"}.

    @ivar time: when, on the network's clock.
    @ivar server: the IP address that was asked.
    @ivar name: the name, absolute, in small letters.
    @ivar type: the number of the type.
    @ivar transport: C{"udp"} or C{"tcp"}.
    @ivar source: who asks.
    @ivar request: the whole request.
    """

    time: float
    server: str
    name: str
    type: int
    transport: str
    source: Address
    request: EDNSMessage

    def __str__(self) -> str:
        """The server, the name and the type."""
        return f"{self.server} {self.name} {typeName(self.type)}"


class NameServer:
    """A host that answers questions, on port 53 of all of its addresses.

    @ivar host: the host.
    @ivar behaviours: what is odd about its answers; each works on what the one before it makes.  May be changed at any
        time.
    @ivar asked: the questions that arrived.
    @ivar factory: what answers, before the behaviours: a server with the zones.
    @ivar zones: the zones, by the names of their apexes, folded and in wire form.
    """

    def __init__(self, host: Host, zones: Mapping[str, str]) -> None:
        """Make a server that behaves well.

        @param zones: the text of each zone, by its origin; see L{txnames.testing.scripts.scriptedZone}.
        """
        self.host = host
        self.behaviours: list[Behaviour] = []
        self.asked: list[Asked] = []
        self._resolvers: dict[bytes, ZoneResolver] = {}
        self.factory = DNSServerFactory(reactor=host.reactor)
        for origin, text in zones.items():
            self.serve(origin, text)
        reactor = host.reactor
        self._ports = [reactor.listenUDP(_PORT, _Datagrams(self, one), interface=one) for one in host.addresses]
        self._listeners = [reactor.listenTCP(_PORT, _Streams(self, one), interface=one) for one in host.addresses]

    @property
    def zones(self) -> dict[bytes, Zone]:
        """The zones, by the names of their apexes, folded and in wire form."""
        return {apex: resolver.zone for apex, resolver in self._resolvers.items() if resolver.zone is not None}

    def serve(self, origin: str, text: str | None) -> NameServer:
        """Serve a zone, in the place of an earlier one of the same name.

        @param text: its text; C{None} to serve it no more.
        @return: the server.
        """
        zone = None if text is None else scriptedZone(origin, text)
        self._resolvers[Name(origin).folded] = ZoneResolver(zone)
        self.factory = DNSServerFactory(list(self._resolvers.values()), reactor=self.host.reactor)
        return self

    def behaves(self, *behaviours: Behaviour) -> NameServer:
        """Behave in this way from now on, and no longer as before; well, if no way is given.

        @return: the server.
        """
        self.behaviours = list(behaviours)
        return self

    def refuseTCP(self) -> NameServer:
        """Take no connections any more.

        @return: the server.
        """
        for listener in self._listeners:
            listener.stopListening()
        return self

    def stop(self) -> NameServer:
        """Answer no more: the ports are closed, and the host says so to who is connected.

        @return: the server.
        """
        for port in self._ports:
            port.stopListening()
        return self.refuseTCP()

    def reply(self, octets: bytes, source: Address, transport: str) -> bytes | None:
        """What a server that behaves well replies to a request; C{None} if nothing."""
        replies: list[bytes | None] = []
        self.factory.respond(octets, source, transport).addCallback(replies.append)
        return replies[0] if replies else None

    def answer(self, incoming: Incoming) -> list[Outgoing]:
        """What is sent for a request."""
        try:
            message = incoming.message
        except DNSDecodeError:
            return []
        for query in message.queries:
            name = textFromWire(query.name.folded)
            self.asked.append(
                Asked(
                    self.host.reactor.seconds(),
                    incoming.destination[0],
                    name,
                    query.type,
                    incoming.transport,
                    incoming.source,
                    message,
                )
            )
        reply = self.reply(incoming.octets, incoming.source, incoming.transport)
        outgoing = [] if reply is None else [Outgoing(reply)]
        for behaviour in self.behaviours:
            outgoing = behaviour(incoming, outgoing)
        return outgoing


class _Datagrams(DatagramProtocol):
    """Takes requests by UDP."""

    noisy = False

    def __init__(self, server: NameServer, own: str) -> None:
        self.server = server
        self.own = own, _PORT

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        """Answer a request."""
        network = self.server.host.network
        for one in self.server.answer(Incoming(datagram, addr, self.own, UDP, self.server)):
            network.send(one.source or self.own, addr, one.octets, one.delay)


class _Streams(ServerFactory):
    """Takes connections."""

    noisy = False

    def __init__(self, server: NameServer, own: str) -> None:
        self.server = server
        self.own = own, _PORT

    def buildProtocol(self, addr: Any) -> Int16StringReceiver:
        """Make the protocol of a connection."""
        return _Stream(self.server, self.own, (addr.host, addr.port))


class _Stream(Int16StringReceiver):
    """Takes requests by TCP."""

    MAX_LENGTH = 0xFFFF
    transport: Any

    def __init__(self, server: NameServer, own: Address, peer: Address) -> None:
        self.server = server
        self.own = own
        self.peer = peer

    def stringReceived(self, string: bytes) -> None:
        """Answer a request."""
        for one in self.server.answer(Incoming(string, self.peer, self.own, TCP, self.server)):
            if one.delay:
                self.server.host.reactor.callLater(one.delay, self._send, one.octets)
            else:
                self._send(one.octets)

    def _send(self, octets: bytes) -> None:
        """Send a reply, or end the connection."""
        if octets:
            self.transport.write(len(octets).to_bytes(2, "big") + octets)
        else:
            self.transport.loseConnection()


def _decoded(octets: bytes) -> EDNSMessage:
    """Decode a message."""
    message = EDNSMessage()
    message.fromStr(octets)
    return message
