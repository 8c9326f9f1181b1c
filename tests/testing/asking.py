"""Asks name servers of a scripted Internet, one datagram or message at a time."""

from typing import Any

from twisted.internet.protocol import ClientFactory, DatagramProtocol, Protocol, connectionDone
from twisted.python.failure import Failure

from txnames.testing import Host, Internet
from txnames.wire.edns import EDNSMessage
from txnames.wire.header import Query
from txnames.wire.numbers import typeNumber


class Datagrams(DatagramProtocol):
    """Gathers datagrams.

    @ivar received: each with its source.
    @ivar refused: how often it was told that nobody listens.
    """

    noisy = False
    transport: Any

    def __init__(self) -> None:
        self.received: list[tuple[bytes, tuple[str, int]]] = []
        self.refused = 0

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        """Take a datagram."""
        self.received.append((datagram, addr))

    def connectionRefused(self) -> None:
        """Take note that nobody listens."""
        self.refused += 1


class Stream(Protocol):
    """Gathers octets.

    @ivar received: them.
    @ivar reason: why the connection ended, if it did.
    """

    transport: Any

    def __init__(self) -> None:
        self.received = b""
        self.reason: Any = None
        self.greeting = b""

    def connectionMade(self) -> None:
        """Send the greeting."""
        self.transport.write(self.greeting)

    def dataReceived(self, data: bytes) -> None:
        """Take octets."""
        self.received += data

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Take note of the end."""
        self.reason = reason.value


class Streams(ClientFactory):
    """Makes streams.

    @ivar made: the last one.
    @ivar events: what happened, in order.
    """

    noisy = False

    def __init__(self, greeting: bytes = b"", refuses: bool = False) -> None:
        self.made: Stream | None = None
        self.events: list[str] = []
        self.error: Any = None
        self.greeting = greeting
        self.refuses = refuses

    def startFactory(self) -> None:
        """Take note of it."""
        self.events.append("start")

    def stopFactory(self) -> None:
        """Take note of it."""
        self.events.append("stop")

    def startedConnecting(self, connector: Any) -> None:
        """Take note of it."""
        self.events.append("connecting")

    def buildProtocol(self, addr: Any) -> Stream | None:
        """Make a stream."""
        self.events.append("connected")
        if self.refuses:
            return None
        self.made = Stream()
        self.made.greeting = self.greeting
        return self.made

    def clientConnectionFailed(self, connector: Any, reason: Failure) -> None:
        """Take note of it."""
        self.events.append("failed")
        self.error = reason.value

    def clientConnectionLost(self, connector: Any, reason: Failure) -> None:
        """Take note of it."""
        self.events.append("lost")


class Asker:
    """Asks one question at a time.

    @ivar internet: where.
    @ivar received: the datagrams that came for the last question.
    """

    def __init__(self, internet: Internet, host: Host | None = None) -> None:
        self.internet = internet
        self.host = internet.host("203.0.113.1", "2001:db8:ffff::1") if host is None else host
        self.received: list[tuple[EDNSMessage, tuple[str, int]]] = []

    def ask(
        self, name: str, type: str = "A", server: str = "192.0.2.1", tcp: bool = False, wait: float = 1.0, **fields: Any
    ) -> EDNSMessage | None:
        """Ask a server, and wait.

        @return: the first reply within a second; C{None} if there was none.
        """
        request = EDNSMessage(**{"id": 4711, "maxSize": 1232, **fields})
        request.queries = [Query(name, typeNumber(type))]
        octets = request.toStr()
        if tcp:
            factory = Streams(len(octets).to_bytes(2, "big") + octets)
            connector = self.host.reactor.connectTCP(server, 53, factory)
            self.internet.advance(wait)
            found = [factory.made.received[2:]] if factory.made is not None and factory.made.received else []
            self.received = [(_decoded(one), (server, 53)) for one in found]
            connector.disconnect()
        else:
            protocol = Datagrams()
            port = self.host.reactor.listenUDP(0, protocol, interface="::" if ":" in server else "")
            protocol.transport.write(octets, (server, 53))
            self.internet.advance(wait)
            self.received = [(_decoded(one), source) for one, source in protocol.received]
            port.stopListening()
        self.internet.advance(0.1)
        assert self.host.leaks() == []
        return self.received[0][0] if self.received else None


def _decoded(octets: bytes) -> EDNSMessage:
    """Decode a message."""
    message = EDNSMessage()
    message.fromStr(octets)
    return message
