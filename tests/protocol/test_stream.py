"""Tests of L{txnames.protocol.stream}."""

from typing import Any

import pytest
from twisted.internet.address import IPv4Address, UNIXAddress
from twisted.internet.error import ConnectionLost
from twisted.internet.protocol import Protocol
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from txnames import dns
from txnames.protocol.limits import StreamLimits
from txnames.protocol.stream import DNSProtocol

from ..deferreds import errorOf, resultOf
from .fakes import Answering, Controller, Octets, answerTo, query

PEER = IPv4Address("TCP", "192.0.2.9", 4321)


def start(controller: Any, peer: Any = PEER) -> tuple[DNSProtocol, StringTransport, Clock]:
    """Start a protocol on a clock of its own."""
    clock = Clock()
    protocol = DNSProtocol(controller, clock)
    transport = StringTransport(peerAddress=peer)
    Protocol.makeConnection(protocol, transport)
    return protocol, transport, clock


def framed(*messages: bytes) -> bytes:
    """Messages as they stand in a stream."""
    return b"".join(len(octets).to_bytes(2, "big") + octets for octets in messages)


def isClosing(transport: StringTransport) -> bool:
    """Whether the protocol closes the connection."""
    return transport.disconnecting


def isAborted(transport: StringTransport) -> bool:
    """Whether the protocol ended the connection at once."""
    return transport.disconnected


def lose(protocol: DNSProtocol) -> None:
    """Lose the connection."""
    protocol.connectionLost(Failure(ConnectionLost()))


# --- as a client ---


def test_query() -> None:
    """A question goes out, and its reply fires the Deferred."""
    controller = Controller()
    protocol, transport, clock = start(controller)
    assert controller.made == [protocol]
    asked = protocol.query([dns.Query("www.example")])
    octets = transport.value()[2:]
    assert transport.value() == framed(octets)
    assert list(protocol.liveMessages) == [int.from_bytes(octets[:2], "big")]
    protocol.dataReceived(framed(answerTo(octets).toStr()))
    assert resultOf(asked).queries == [dns.Query("www.example")]
    assert protocol.liveMessages == {}
    assert clock.getDelayedCalls() == []


def test_pipelined() -> None:
    """Several questions may wait at once, and be answered in any order."""
    protocol, transport, _ = start(Controller())
    names = ["a.example", "b.example"]
    asked = [protocol.query([dns.Query(name)]) for name in names]
    sent = transport.value()
    size = len(sent) // 2
    for octets in (sent[size + 2 :], sent[2:size]):
        protocol.dataReceived(framed(answerTo(octets).toStr()))
    assert [str(resultOf(one).queries[0].name) for one in asked] == names


def test_timeout() -> None:
    """No reply in time is an error."""
    protocol, _, clock = start(Controller())
    asked = protocol.query([dns.Query("www.example")], timeout=4)
    clock.advance(4)
    assert isinstance(errorOf(asked), dns.DNSQueryTimeoutError)


def test_connectionLost() -> None:
    """When the connection is lost the questions fail with the reason."""
    controller = Controller()
    protocol, _, clock = start(controller)
    asked = protocol.query([dns.Query("www.example")])
    lose(protocol)
    assert isinstance(errorOf(asked), ConnectionLost)
    assert clock.getDelayedCalls() == []
    assert controller.lost == [protocol]


def test_timeoutAtTheLoss() -> None:
    """A question whose time is over just when the connection is lost fails once."""
    protocol, _, clock = start(Controller())
    asked = protocol.query([dns.Query("www.example")], timeout=1)
    waiting = next(iter(protocol.liveMessages.values()))
    waiting.timeout.cancel()
    lose(protocol)
    assert isinstance(errorOf(asked), ConnectionLost)
    clock.advance(2)


def test_writeFails() -> None:
    """What the transport raises fails the question."""
    protocol, transport, _ = start(Controller())
    failure = RuntimeError("no")

    def write(data: bytes) -> None:
        raise failure

    transport.write = write  # type: ignore[method-assign]  # reason: fails
    assert errorOf(protocol.query([dns.Query("www.example")])) is failure


def test_serverCloses() -> None:
    """A client closes its side when the server does."""
    protocol, transport, _ = start(Controller())
    protocol.readConnectionLost()
    assert transport.disconnecting


# --- framing ---


def test_messageForTheController() -> None:
    """A controller gets requests as messages; octets that are none are dropped."""
    controller = Controller()
    protocol, transport, _ = start(controller)
    protocol.dataReceived(framed(b"", b"abc", query().toStr()))
    [(message, *rest)] = controller.received
    assert message.queries == query().queries
    assert rest == [protocol]
    reply = dns.Message(7, answer=1)
    protocol.writeMessage(reply)
    protocol.writeMessage(reply, ("192.0.2.9", 4321))
    assert transport.value() == framed(reply.toStr(), reply.toStr())


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
def test_anyChunks(step: int) -> None:
    """Messages are found however the stream is cut."""
    controller = Answering()
    protocol, transport, _ = start(controller)
    messages = [b"first", b"second" * 40, b"3rd"]
    stream = framed(*messages)
    for start_ in range(0, len(stream), step):
        protocol.dataReceived(stream[start_ : start_ + step])
    assert [octets for octets, _ in controller.requests] == messages
    assert transport.value() == framed(*[b"reply to " + octets for octets in messages])


def test_largest() -> None:
    """A message may have 65535 octets, each way."""
    controller = Answering()
    controller.replies = lambda octets: octets
    protocol, transport, _ = start(controller)
    octets = b"\0" * 65535
    protocol.dataReceived(framed(octets))
    assert transport.value() == framed(octets)


def test_repliesTogether() -> None:
    """Replies that are ready at once are written at once."""
    controller = Answering()
    protocol, transport, _ = start(controller)
    writes: list[bytes] = []
    transport.write = writes.append  # type: ignore[method-assign]  # reason: takes it down
    protocol.dataReceived(framed(b"abc", b"def"))
    assert writes == [framed(b"reply to abc", b"reply to def")]


# --- as a server ---


def test_peer() -> None:
    """The controller is told the client's address as it is over UDP, where there is one."""
    for peer, expected in ((PEER, ("192.0.2.9", 4321)), (UNIXAddress(None), None)):
        controller = Answering()
        protocol, _, _ = start(controller, peer)
        protocol.dataReceived(framed(b"abc", b"def"))
        assert controller.requests == [(b"abc", expected), (b"def", expected)]


def test_laterReplies() -> None:
    """Replies are sent as they become ready, in any order."""
    controller = Answering()
    controller.replies = lambda octets: None if octets == b"slow" else b"fast reply"
    protocol, transport, _ = start(controller)
    protocol.dataReceived(framed(b"slow", b"fast"))
    assert transport.value() == framed(b"fast reply")
    assert protocol.inFlight == 1
    protocol.writeMessage(Octets(b"slow reply"))
    assert transport.value() == framed(b"fast reply", b"slow reply")
    assert protocol.inFlight == 0


def test_replyDuringTheCall() -> None:
    """A controller may reply by the protocol before it returns."""
    controller = Answering()
    protocol, transport, _ = start(controller)

    def reply(octets: bytes) -> None:
        protocol.writeMessage(Octets(b"at once"))

    controller.replies = reply
    protocol.dataReceived(framed(b"abc"))
    assert transport.value() == framed(b"at once")
    assert protocol.inFlight == 0


def test_silence() -> None:
    """A request without a reply is done with."""
    controller = Answering()
    controller.replies = lambda octets: b""
    protocol, transport, _ = start(controller)
    protocol.dataReceived(framed(b"abc"))
    assert protocol.inFlight == 0
    assert transport.value() == b""


def test_tooManyInFlight() -> None:
    """While too many requests wait for their replies nothing is read; half of them later it is."""
    controller = Answering(StreamLimits(pipelined=4))
    controller.replies = lambda octets: None
    protocol, transport, _ = start(controller)
    protocol.dataReceived(framed(*[b"%03d" % number for number in range(6)]))
    assert len(controller.requests) == 4
    assert transport.producerState == "paused"
    protocol.writeMessage(Octets(b"1"))
    protocol.writeMessage(Octets(b"2"))
    assert transport.producerState == "paused"
    protocol.writeMessage(Octets(b"3"))
    assert transport.producerState == "producing"
    assert len(controller.requests) == 6
    assert protocol.inFlight == 3


def test_oneAtATime() -> None:
    """A limit of one request in flight works too."""
    controller = Answering(StreamLimits(pipelined=1))
    controller.replies = lambda octets: None
    protocol, _, _ = start(controller)
    protocol.dataReceived(framed(b"abc", b"def"))
    assert len(controller.requests) == 1
    protocol.writeMessage(Octets(b"1"))
    assert len(controller.requests) == 2


def test_clientThatDoesNotRead() -> None:
    """While the client doesn't take its replies nothing is read from it."""
    controller = Answering()
    protocol, transport, _ = start(controller)
    assert transport.producer is protocol
    assert transport.streaming
    protocol.pauseProducing()
    assert transport.producerState == "paused"
    protocol.dataReceived(framed(b"abc"))
    assert controller.requests == []
    protocol.pauseProducing()
    protocol.resumeProducing()
    assert transport.producerState == "producing"
    assert controller.requests == [(b"abc", ("192.0.2.9", 4321))]


def test_clientThatDoesNotReadAtAll() -> None:
    """Of many requests that come at once only some are answered before the client takes the replies."""
    controller = Answering()
    controller.replies = lambda octets: octets * 1000
    protocol, transport, _ = start(controller)
    writes: list[bytes] = []

    def write(data: bytes) -> None:
        writes.append(data)
        if len(writes) == 2:
            protocol.pauseProducing()

    transport.write = write  # type: ignore[method-assign]  # reason: has a limit
    protocol.dataReceived(framed(*[b"%03d" % number for number in range(100)]))
    assert len(controller.requests) == 22
    assert all(len(data) < 40000 for data in writes)
    protocol.resumeProducing()
    assert len(controller.requests) == 100
    assert b"".join(writes) == framed(*[b"%03d" % number * 1000 for number in range(100)])


def test_clientThatDoesNotReadWithManyInFlight() -> None:
    """Both reasons not to read have to be gone."""
    controller = Answering(StreamLimits(pipelined=1))
    controller.replies = lambda octets: None
    protocol, transport, _ = start(controller)
    protocol.dataReceived(framed(b"abc"))
    protocol.pauseProducing()
    protocol.writeMessage(Octets(b"1"))
    assert transport.producerState == "paused"
    protocol.resumeProducing()
    assert transport.producerState == "producing"


def test_idle() -> None:
    """A connection on which nothing happens is closed."""
    protocol, transport, clock = start(Answering(StreamLimits(idle=10)))
    clock.advance(9)
    protocol.dataReceived(framed(b"abc"))
    clock.advance(9)
    assert not isClosing(transport)
    clock.advance(1.1)
    assert transport.disconnecting
    assert transport.producer is None
    lose(protocol)
    assert clock.getDelayedCalls() == []


@pytest.mark.parametrize("end", ["idle", "readConnectionLost", "writeConnectionLost"])
def test_closedForAClientThatDoesNotRead(end: str) -> None:
    """A connection that is closed does not wait for ever for a client that doesn't take its last answers."""
    protocol, transport, clock = start(Answering(StreamLimits(idle=10)))
    protocol.dataReceived(framed(b"abc"))
    if end == "idle":
        clock.advance(10)
    else:
        getattr(protocol, end)()
    assert transport.disconnecting
    clock.advance(9)
    assert not isAborted(transport)
    clock.advance(1)
    assert isAborted(transport)
    assert clock.getDelayedCalls() == []
    lose(protocol)


def test_slowRequest() -> None:
    """Part of a request is nothing: a client cannot keep the connection by an octet now and then."""
    protocol, transport, clock = start(Answering(StreamLimits(idle=10)))
    for octet in framed(b"abcdefgh"):
        protocol.dataReceived(bytes([octet]))
        clock.advance(3)
        if transport.disconnecting:
            return
    pytest.fail("the connection is still open")


def test_busy() -> None:
    """A connection on which a reply is awaited may be idle for longer, but not for ever."""
    controller = Answering(StreamLimits(idle=10, busy=60))
    controller.replies = lambda octets: None
    protocol, transport, clock = start(controller)
    protocol.dataReceived(framed(b"abc"))
    for _ in range(5):
        clock.advance(11)
    assert not isClosing(transport)
    for _ in range(2):
        clock.advance(11)
    assert transport.disconnected
    lose(protocol)


def test_lossEndsTheTimer() -> None:
    """No timer stays when the connection is gone."""
    protocol, _, clock = start(Answering())
    lose(protocol)
    assert clock.getDelayedCalls() == []


def test_halfClosed() -> None:
    """A client that will ask nothing more gets its replies, then the connection is closed."""
    controller = Answering()
    controller.replies = lambda octets: None
    protocol, transport, _ = start(controller)
    protocol.dataReceived(framed(b"abc", b"def"))
    protocol.readConnectionLost()
    protocol.writeMessage(Octets(b"1"))
    assert not isClosing(transport)
    protocol.writeMessage(Octets(b"2"))
    assert transport.disconnecting
    assert transport.value() == framed(b"1", b"2")


def test_halfClosedWhileFull() -> None:
    """Requests that were not looked at yet are answered too."""
    controller = Answering(StreamLimits(pipelined=1))
    controller.replies = lambda octets: None
    protocol, transport, _ = start(controller)
    protocol.dataReceived(framed(b"abc", b"def"))
    protocol.readConnectionLost()
    protocol.writeMessage(Octets(b"1"))
    assert not isClosing(transport)
    protocol.writeMessage(Octets(b"2"))
    assert transport.disconnecting


def test_halfClosedWhenDone() -> None:
    """A client that has all its replies is rid of the connection at once."""
    protocol, transport, _ = start(Answering())
    protocol.dataReceived(framed(b"abc"))
    protocol.readConnectionLost()
    assert transport.disconnecting


def test_writeClosed() -> None:
    """A client that takes no replies any more is rid of the connection."""
    protocol, transport, _ = start(Answering())
    protocol.writeConnectionLost()
    assert transport.disconnecting
