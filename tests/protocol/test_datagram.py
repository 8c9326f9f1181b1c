"""Tests of L{txnames.protocol.datagram}."""

from typing import Any

import pytest
from twisted.internet.error import CannotListenError, ConnectionDone, MessageLengthError
from twisted.internet.task import Clock
from twisted.internet.udp import Port

from txnames import dns
from txnames.protocol.datagram import DNSDatagramProtocol

from ..deferreds import errorOf, resultOf
from .fakes import Answering, Controller, Octets, answerTo, query

SERVER = ("192.0.2.53", 53)


class Socket:
    """A transport that can fail."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.written: list[tuple[bytes, Any]] = []
        self.failure = failure

    def write(self, packet: bytes, addr: Any = None) -> None:
        """Take a datagram down, or fail."""
        if self.failure is not None:
            raise self.failure
        self.written.append((packet, addr))


def start(controller: Any, failure: Exception | None = None) -> tuple[DNSDatagramProtocol, Any, Clock]:
    """Start a protocol on a clock of its own."""
    clock = Clock()
    protocol = DNSDatagramProtocol(controller, clock)
    transport: Any = Socket(failure)
    protocol.makeConnection(transport)
    return protocol, transport, clock


# --- as a client ---


def test_query() -> None:
    """A question goes out with an ID that waits, and its reply fires the Deferred."""
    protocol, transport, clock = start(Controller())
    asked = protocol.query(SERVER, [dns.Query("www.example")])
    [(octets, address)] = transport.written
    assert address == SERVER
    assert list(protocol.liveMessages) == [int.from_bytes(octets[:2], "big")]
    protocol.datagramReceived(answerTo(octets).toStr(), SERVER)
    message = resultOf(asked)
    assert message.queries == [dns.Query("www.example")]
    assert protocol.liveMessages == {}
    assert clock.getDelayedCalls() == []


@pytest.mark.parametrize(
    ("host", "fields"),
    [
        ("192.0.2.54", {}),
        ("192.0.2.53", {"queries": [dns.Query("other.example")]}),
        ("192.0.2.53", {"queries": [dns.Query("www.example", dns.MX)]}),
        ("192.0.2.53", {"queries": []}),
    ],
)
def test_otherReplies(host: str, fields: dict[str, Any]) -> None:
    """A reply from elsewhere or to another question is dropped, and doesn't use the question up."""
    controller = Controller()
    protocol, transport, _ = start(controller)
    asked = protocol.query(SERVER, [dns.Query("www.example")])
    octets = transport.written[0][0]
    protocol.datagramReceived(answerTo(octets, **fields).toStr(), (host, 53))
    protocol.datagramReceived(answerTo(octets).toStr(), (SERVER[0], 54))
    assert not asked.called
    assert controller.received == []
    protocol.datagramReceived(answerTo(octets).toStr(), SERVER)
    assert asked.called


def test_errorWithoutQuestion() -> None:
    """A server that couldn't read the question may leave it out of its error."""
    protocol, transport, _ = start(Controller())
    asked = protocol.query(SERVER, [dns.Query("www.example")])
    protocol.datagramReceived(answerTo(transport.written[0][0], queries=[], rCode=dns.EFORMAT).toStr(), SERVER)
    assert resultOf(asked).rCode == dns.EFORMAT


def test_addressAsGiven() -> None:
    """An IPv6 address may be given in any spelling."""
    protocol, transport, _ = start(Controller())
    asked = protocol.query(("2001:DB8:0::1", 53), [dns.Query("www.example")])
    protocol.datagramReceived(answerTo(transport.written[0][0]).toStr(), ("2001:db8::1", 53))
    assert asked.called
    named = protocol.query(("<broadcast>", 53), [dns.Query("www.example")])
    protocol.datagramReceived(answerTo(transport.written[1][0]).toStr(), ("<broadcast>", 53))
    assert named.called


def test_timeout() -> None:
    """No reply in time is an error."""
    protocol, _, clock = start(Controller())
    asked = protocol.query(SERVER, [dns.Query("www.example")], timeout=4, id=9)
    clock.advance(3.9)
    assert list(protocol.liveMessages) == [9]
    clock.advance(0.2)
    failure = errorOf(asked)
    assert isinstance(failure, dns.DNSQueryTimeoutError)
    assert failure.id == 9
    assert protocol.liveMessages == {}


def test_cancel() -> None:
    """A cancelled question waits no longer, and its reply goes nowhere."""
    protocol, transport, clock = start(Controller())
    asked = protocol.query(SERVER, [dns.Query("www.example")])
    asked.addErrback(lambda _: None)
    asked.cancel()
    assert protocol.liveMessages == {}
    assert clock.getDelayedCalls() == []
    protocol.datagramReceived(answerTo(transport.written[0][0]).toStr(), SERVER)


def test_stop() -> None:
    """When the port is closed the questions fail."""
    protocol, _, clock = start(Controller())
    asked = protocol.query(SERVER, [dns.Query("www.example")])
    protocol.stopProtocol()
    assert isinstance(errorOf(asked), ConnectionDone)
    assert clock.getDelayedCalls() == []


def test_writeFails() -> None:
    """What the transport raises fails the question."""
    failure = RuntimeError("no")
    protocol, _, _ = start(Controller(), failure)
    assert errorOf(protocol.query(SERVER, [dns.Query("www.example")])) is failure
    assert protocol.liveMessages == {}


def test_listens() -> None:
    """A protocol that doesn't listen yet begins to when it has to ask."""
    protocol = DNSDatagramProtocol(Controller(), Clock())
    transport: Any = Socket()
    protocol.startListening = lambda: protocol.makeConnection(transport)  # type: ignore[method-assign]
    protocol.query(SERVER, [dns.Query("www.example")]).addErrback(lambda _: None)
    assert len(transport.written) == 1


def test_cannotListen() -> None:
    """That it can't fails the question."""

    class Reactor(Clock):
        def listenUDP(self, port: int, protocol: Any, **kwargs: Any) -> None:
            raise CannotListenError("", port, OSError())

    protocol = DNSDatagramProtocol(Controller(), Reactor())
    assert isinstance(errorOf(protocol.query(SERVER, [dns.Query("www.example")])), CannotListenError)


def test_resends() -> None:
    """Late replies to an ID that was chosen by the caller are dropped until it is forgotten."""
    controller = Controller()
    protocol, transport, clock = start(controller)
    errors = protocol.query(SERVER, [dns.Query("www.example")], id=5)
    clock.advance(10)
    assert isinstance(errorOf(errors), dns.DNSQueryTimeoutError)
    late = answerTo(transport.written[0][0]).toStr()
    protocol.datagramReceived(late, SERVER)
    assert controller.received == []
    protocol.removeResend(5)
    protocol.removeResend(5)
    protocol.datagramReceived(late, SERVER)
    assert len(controller.received) == 1


# --- as a server ---


@pytest.mark.parametrize("octets", [b"", b"\0\7", b"x" * 11, query().toStr()[:-1]])
def test_malformed(octets: bytes) -> None:
    """Octets that are no message are dropped where the controller wants messages."""
    controller = Controller()
    protocol, transport, _ = start(controller)
    protocol.datagramReceived(octets, SERVER)
    assert controller.received == []
    assert transport.written == []


def test_controller() -> None:
    """A controller gets requests as messages, which know how large their reply may be."""
    controller = Controller()
    protocol, transport, _ = start(controller)
    plain, modern = query(), query()
    modern.additional = [dns.OPTHeader(1400)]
    for message in (plain, modern):
        protocol.datagramReceived(message.toStr(), SERVER)
    assert [(one.maxSize, *rest) for one, *rest in controller.received] == [
        (512, protocol, SERVER),
        (1232, protocol, SERVER),
    ]
    reply = dns.Message(7, answer=1)
    protocol.writeMessage(reply, SERVER)
    assert transport.written == [(reply.toStr(), SERVER)]


def test_requestWithALiveID() -> None:
    """A request is no answer, whatever its ID."""
    controller = Controller()
    protocol, _, _ = start(controller)
    asked = protocol.query(SERVER, [dns.Query("www.example")], id=7)
    protocol.removeResend(7)
    protocol.datagramReceived(query(7).toStr(), SERVER)
    assert not asked.called
    assert len(controller.received) == 1


def test_octets() -> None:
    """A controller that takes octets gets those of requests, and its reply goes back."""
    controller = Answering()
    protocol, transport, _ = start(controller)
    protocol.datagramReceived(b"abc", SERVER)
    assert controller.requests == [(b"abc", SERVER)]
    assert transport.written == [(b"reply to abc", SERVER)]


@pytest.mark.parametrize("reply", [b"", None])
def test_octetsWithoutReply(reply: bytes | None) -> None:
    """No reply, or none yet, is nothing to send."""
    controller = Answering()
    controller.replies = lambda octets: reply
    protocol, transport, _ = start(controller)
    protocol.datagramReceived(b"abc", SERVER)
    assert transport.written == []


def test_octetsOfResponses() -> None:
    """A response is not among the requests."""
    controller = Answering()
    protocol, _, _ = start(controller)
    protocol.datagramReceived(answerTo(query().toStr()).toStr(), SERVER)
    assert controller.requests == []
    assert len(controller.received) == 1


@pytest.mark.parametrize("failure", [OSError(11, "again"), MessageLengthError("too long"), PermissionError()])
def test_lostReply(failure: Exception) -> None:
    """A reply that cannot be sent is lost, and nothing else."""
    protocol, transport, _ = start(Answering(), failure)
    protocol.datagramReceived(b"abc", SERVER)
    protocol.writeMessage(Octets(b"x"), SERVER)
    assert transport.written == []


@pytest.mark.parametrize("failure", [None, OSError(11, "again")])
def test_portOfTheReactor(failure: OSError | None) -> None:
    """Replies go to the socket of a port as they are; one that cannot be sent is lost."""
    sent: list[Any] = []

    class Raw:
        def sendto(self, octets: bytes, address: Any) -> None:
            sent.append((octets, address))
            if failure is not None:
                raise failure

    protocol = DNSDatagramProtocol(Answering(), Clock())
    port: Any = Port(0, protocol, reactor=Clock())
    port.socket = Raw()
    protocol.makeConnection(port)
    protocol.datagramReceived(b"abc", SERVER)
    assert sent == [(b"reply to abc", SERVER)]


def test_overriddenWrite() -> None:
    """A subclass that writes replies itself does so on any port."""
    written: list[Any] = []

    class Own(DNSDatagramProtocol):
        def writeOctets(self, octets: bytes, address: Any) -> None:
            written.append((octets, address))

    protocol = Own(Answering(), Clock())
    port: Any = Port(0, protocol, reactor=Clock())
    protocol.makeConnection(port)
    protocol.datagramReceived(b"abc", SERVER)
    assert written == [(b"reply to abc", SERVER)]


def test_lateReply() -> None:
    """A reply that is ready after the port was closed goes nowhere."""
    protocol, transport, _ = start(Controller())
    protocol.stopProtocol()
    protocol.writeMessage(Octets(b"x"), SERVER)
    assert transport.written == []
