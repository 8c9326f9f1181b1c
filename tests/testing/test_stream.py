"""Tests of L{txnames.testing.stream} and L{txnames.testing.connector}."""

from typing import Any

import pytest
from twisted.internet import error
from twisted.internet.interfaces import IConnector, IHalfCloseableProtocol, IListeningPort, IPushProducer, ITCPTransport
from zope.interface import implementer
from zope.interface.verify import verifyObject

from tests.testing.asking import Stream, Streams
from txnames.testing import Host, Network


class World:
    """A network with a server and a client, and perhaps a connection between them."""

    def __init__(self, **fields: Any) -> None:
        self.network = Network(latency=0.5)
        self.server = self.network.host("192.0.2.1", "2001:db8::1")
        self.client = self.network.host("192.0.2.2", "192.0.2.3")
        self.theirs = Streams(**fields)
        self.listener = self.server.reactor.listenTCP(53, self.theirs)
        self.ours = Streams()

    def connect(self, host: str = "192.0.2.1", port: int = 53, **fields: Any) -> Any:
        """Begin to connect."""
        self.began = self.network.seconds()
        return self.client.reactor.connectTCP(host, port, self.ours, **fields)

    def connected(self) -> tuple[Stream, Stream]:
        """The protocols of client and server."""
        self.connect()
        self.network.advance(1)
        assert self.ours.made is not None
        assert self.theirs.made is not None
        return self.ours.made, self.theirs.made

    def leaks(self, *hosts: Host) -> list[str]:
        """What is left on client and server, but for the port that listens."""
        self.network.run(self.listener.stopListening())
        self.network.advance(2)
        return self.network.leaks()


def test_interfaces() -> None:
    """Everything is what its interfaces say."""
    world = World()
    connector = world.connect()
    ours, theirs = world.connected()
    assert verifyObject(IConnector, connector)
    assert verifyObject(IListeningPort, world.listener)
    for transport in (ours.transport, theirs.transport):
        assert verifyObject(ITCPTransport, transport)
        assert verifyObject(IPushProducer, transport)
    assert ours.transport.getPeer() == theirs.transport.getHost() == connector.getDestination()
    assert ours.transport.getHost() == theirs.transport.getPeer()
    assert world.listener.getHost().port == 53
    ours.transport.setTcpNoDelay(True)
    ours.transport.setTcpKeepAlive(True)
    assert (ours.transport.getTcpNoDelay(), ours.transport.getTcpKeepAlive()) == (True, False)


def test_octets() -> None:
    """Octets arrive after the latency, in order, until the connection is closed; factories learn what happens."""
    world = World(greeting=b"hello")
    connector = world.connect()
    assert connector.state == "connecting"
    assert world.client.leaks()[0] == "<Host 192.0.2.2>: attempt to connect to 192.0.2.1 port 53"
    world.network.advance(1)
    assert connector.state == "connected"
    ours, theirs = world.ours.made, world.theirs.made
    assert ours is not None
    assert theirs is not None
    assert ours.received == b"hello"
    ours.transport.write(b"one")
    world.client.latency = -0.4
    ours.transport.writeSequence([b"two", b"three"])
    ours.transport.write(b"")
    world.network.advance(0.4)
    assert theirs.received == b""
    world.network.advance(0.2)
    assert theirs.received == b"onetwothree"
    connector.disconnect()
    ours.transport.write(b"too late")
    ours.transport.loseConnection()
    world.network.advance(2)
    assert isinstance(ours.reason, error.ConnectionDone)
    assert isinstance(theirs.reason, error.ConnectionDone)
    assert theirs.received == b"onetwothree"
    assert connector.state == "disconnected"
    assert world.ours.events == ["start", "connecting", "connected", "lost", "stop"]
    assert world.theirs.events == ["start", "connected"]
    assert world.leaks() == []
    world.network.run(world.listener.stopListening())
    assert world.theirs.events == ["start", "connected", "stop"]


def test_abort() -> None:
    """A connection that is aborted ends at both ends, without what has not arrived."""
    world = World()
    ours, theirs = world.connected()
    theirs.transport.write(b"lost")
    ours.transport.abortConnection()
    ours.transport.abortConnection()
    world.network.advance(2)
    assert isinstance(ours.reason, error.ConnectionAborted)
    assert isinstance(theirs.reason, error.ConnectionLost)
    assert ours.received == b""
    assert world.leaks() == []


@pytest.mark.parametrize(
    ("host", "port", "fields", "kind", "when"),
    [
        ("192.0.2.1", 54, {}, error.ConnectionRefusedError, 1.0),
        ("192.0.2.9", 53, {"timeout": 7}, error.TimeoutError, 7.0),
        ("192.0.2.1", 53, {"timeout": 0.7}, error.TimeoutError, 0.7),
        ("2001:db8::1", 53, {}, error.NoRouteError, 0.0),
        ("name.example", 53, {}, error.DNSLookupError, 0.0),
        ("192.0.2.1", 53, {"bindAddress": ("192.0.2.77", 0)}, error.ConnectBindError, 0.0),
    ],
)
def test_failures(host: str, port: int, fields: dict[str, Any], kind: type[Exception], when: float) -> None:
    """A connection that cannot be made fails, as fast as that can be known."""
    world = World()
    connector = world.connect(host, port, **fields)
    while world.ours.error is None:
        world.network.clock.step()
    assert type(world.ours.error) is kind
    assert world.network.seconds() - world.began == pytest.approx(when)
    assert connector.state == "disconnected"
    assert world.ours.events == ["start", "connecting", "failed", "stop"]
    assert world.leaks() == []


def test_noTimeout() -> None:
    """Without a timeout, whoever connects waits for ever."""
    world = World()
    world.connect("192.0.2.9", timeout=None)
    world.network.advance(1000)
    assert world.ours.events == ["start", "connecting"]


def test_bindAddress() -> None:
    """The address and port to connect from can be chosen; a port in use cannot."""
    world = World()
    world.connect(bindAddress="192.0.2.3")
    world.network.advance(1)
    assert world.ours.made is not None
    assert world.ours.made.transport.getHost().host == "192.0.2.3"
    second = Streams()
    port = world.ours.made.transport.getHost().port
    world.client.reactor.connectTCP("192.0.2.1", 53, second, bindAddress=("192.0.2.3", port))
    world.network.advance(1)
    assert isinstance(second.error, error.ConnectBindError)
    world.theirs.refuses = True
    third = Streams(refuses=True)
    world.client.reactor.connectTCP("192.0.2.1", 53, third)
    world.network.advance(3)
    assert third.events == ["start", "connecting", "connected", "lost", "stop"]


def test_loopback() -> None:
    """A host can connect to itself."""
    world = World()
    factory = Streams(b"?")
    world.server.reactor.connectTCP("127.0.0.1", 53, factory)
    world.network.advance(2)
    assert factory.made is not None
    assert world.theirs.made is not None
    assert world.theirs.made.received == b"?"


def test_givenUp() -> None:
    """Whoever connects can give up, and is not connected by what comes later."""
    world = World()
    connector = world.connect()
    with pytest.raises(RuntimeError):
        connector.connect()
    connector.disconnect()
    assert isinstance(world.ours.error, error.UserError)
    with pytest.raises(error.NotConnectingError):
        connector.stopConnecting()
    connector.disconnect()
    world.connect("192.0.2.1", 54).stopConnecting()
    world.network.advance(3)
    assert world.ours.made is None
    assert world.theirs.made is not None
    assert isinstance(world.theirs.made.reason, error.ConnectionLost)
    assert world.leaks() == []


def test_anew() -> None:
    """A connector can connect anew, from its factory's methods too."""
    world = World()
    tries = []

    def again(connector: Any, reason: Any) -> None:
        tries.append(reason.value)
        if len(tries) < 3:
            connector.connect()

    world.ours.clientConnectionFailed = again  # type: ignore[method-assign]  # reason: a factory of this test only
    world.ours.clientConnectionLost = again  # type: ignore[method-assign]  # reason: the same
    world.connect("192.0.2.1", 54)
    world.network.advance(5)
    assert len(tries) == 3
    assert world.ours.events == ["start", "connecting", "connecting", "connecting", "stop"]
    world.ours.events.clear()
    tries[:] = tries[:1]
    world.connect()
    for _ in range(2):
        world.network.advance(1)
        assert world.ours.made is not None
        world.ours.made.transport.loseConnection()
    world.network.advance(1)
    assert world.ours.events == ["start", "connecting", "connected", "connecting", "connected", "stop"]


@pytest.mark.parametrize("refuses", ["ours", "theirs"])
def test_noProtocol(refuses: str) -> None:
    """A factory that makes no protocol has the connection closed."""
    world = World()
    getattr(world, refuses).refuses = True
    world.connect()
    world.network.advance(3)
    other = world.ours.made if refuses == "theirs" else world.theirs.made
    assert other is not None
    assert isinstance(other.reason, error.ConnectionDone)
    assert world.leaks() == []


def test_paused() -> None:
    """What comes while a protocol wants nothing is held back, the end of the connection too."""
    world = World()
    ours, theirs = world.connected()
    ours.transport.pauseProducing()
    for octets in (b"a", b"b"):
        theirs.transport.write(octets)
    theirs.transport.loseConnection()
    world.network.advance(2)
    assert (ours.received, ours.reason) == (b"", None)
    ours.transport.resumeProducing()
    ours.transport.resumeProducing()
    ours.transport.pauseProducing()
    world.network.advance(1)
    assert ours.received == b""
    ours.transport.resumeProducing()
    assert ours.received == b""
    world.network.advance(1)
    assert ours.received == b"ab"
    assert isinstance(ours.reason, error.ConnectionDone)
    assert world.leaks() == []


def test_pausedAgain() -> None:
    """A protocol can take what was held back piece by piece."""
    world = World()
    ours, theirs = world.connected()
    ours.transport.pauseProducing()
    for octets in (b"a", b"b", b"c"):
        theirs.transport.write(octets)
    world.network.advance(1)
    seen = []

    def taken(data: bytes) -> None:
        seen.append(data)
        ours.transport.pauseProducing()

    ours.dataReceived = taken  # type: ignore[method-assign]  # reason: a protocol of this test only
    for count in (1, 2, 3):
        ours.transport.resumeProducing()
        world.network.advance(1)
        assert len(seen) == count
    assert seen == [b"a", b"b", b"c"]
    ours.transport.stopProducing()
    assert world.leaks() == []


def test_halfClosed() -> None:
    """A protocol that knows of it learns that the other end sends no more; one that doesn't has it closed."""
    world = World()
    ours, _ = world.connected()
    ours.transport.loseWriteConnection()
    world.network.advance(2)
    assert isinstance(ours.reason, error.ConnectionDone)
    ours.transport.loseWriteConnection()

    @implementer(IHalfCloseableProtocol)
    class Half(Stream):
        """Knows of it."""

        closed = 0

        def readConnectionLost(self) -> None:
            """Take note of it."""
            self.closed += 1

        def writeConnectionLost(self) -> None:
            """Do nothing."""

    world = World()
    half = Half()
    world.theirs.buildProtocol = lambda addr: half  # type: ignore[method-assign]  # reason: a factory of this test only
    world.connect()
    world.network.advance(1)
    assert world.ours.made is not None
    world.ours.made.transport.loseWriteConnection()
    world.network.advance(1)
    assert half.closed == 1
    half.transport.write(b"still there")
    world.network.advance(1)
    assert world.ours.made.received == b"still there"


class Producer:
    """Writes, and says when it has nothing more to write."""

    def __init__(self, transport: Any, pieces: int) -> None:
        self.transport = transport
        self.pieces = pieces
        self.stopped = False

    def resumeProducing(self) -> None:
        """Write a piece."""
        self.transport.write(b"x")
        self.pieces -= 1
        if not self.pieces:
            self.transport.unregisterProducer()

    def stopProducing(self) -> None:
        """Take note that nothing more is wanted."""
        self.stopped = True


def test_producers() -> None:
    """A connection is closed when its producer has nothing more to write."""
    world = World()
    ours, theirs = world.connected()
    ours.transport.registerProducer(Producer(ours.transport, 1), True)
    ours.transport.unregisterProducer()
    ours.transport.registerProducer(Producer(ours.transport, 3), False)
    with pytest.raises(RuntimeError):
        ours.transport.registerProducer(Producer(ours.transport, 3), False)
    ours.transport.loseConnection()
    world.network.advance(2)
    assert theirs.received == b"xxx"
    assert isinstance(theirs.reason, error.ConnectionDone)
    late = Producer(ours.transport, 1)
    ours.transport.registerProducer(late, True)
    assert late.stopped


def test_producersEnd() -> None:
    """A producer learns that the connection is gone."""
    world = World()
    ours, theirs = world.connected()
    push, pull = Producer(ours.transport, 3), Producer(theirs.transport, 10**9)
    ours.transport.registerProducer(push, True)
    theirs.transport.abortConnection()
    theirs.transport.registerProducer(pull, False)
    world.network.advance(2)
    assert push.stopped
    assert pull.stopped
    assert world.leaks() == []
    assert theirs.received == b""


def test_down() -> None:
    """Connections of a host that is down hang."""
    world = World()
    ours, theirs = world.connected()
    theirs.transport.write(b"on its way")
    world.server.down = True
    ours.transport.write(b"?")
    theirs.transport.write(b"not sent")
    world.network.advance(5)
    assert (ours.received, theirs.received, ours.reason) == (b"on its way", b"", None)
    late = Streams()
    world.client.reactor.connectTCP("192.0.2.1", 53, late, timeout=3)
    world.network.advance(3)
    assert isinstance(late.error, error.TimeoutError)


def test_downMeanwhile() -> None:
    """A host that went down meanwhile isn't connected, though the other end is."""
    world = World()
    world.connect(timeout=5)
    world.network.advance(0.6)
    world.client.down = True
    world.network.advance(10)
    assert isinstance(world.ours.error, error.TimeoutError)
    assert world.ours.made is None
