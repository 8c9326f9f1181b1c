"""Tests of L{txnames.protocol.responder}."""

from typing import Any

import pytest
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from zope.interface.verify import verifyClass

from txnames import dns
from txnames.interfaces import IResponder
from txnames.protocol.request import TCP, UDP, Request
from txnames.protocol.responder import Responder
from txnames.zone.answer import Answer

from ..deferreds import resultOf
from .fakes import Octets, query

CLIENT = ("192.0.2.1", 5353)


class Recording(Responder):
    """Takes messages down, and answers nothing by itself."""

    def __init__(self) -> None:
        self.messages: list[tuple[Any, ...]] = []

    def messageReceived(self, message: Any, proto: Any, address: Any = None) -> None:
        """Take it down."""
        self.messages.append((message, proto, address))


def test_interface() -> None:
    """It is what answers requests in wire form."""
    assert verifyClass(IResponder, Responder)


def test_passesOn() -> None:
    """What isn't answered at once becomes a message, which knows its request and how large the reply may be."""
    responder = Recording()
    for transport, size in ((UDP, 512), (TCP, 65535)):
        replied = responder.respond(query().toStr(), CLIENT, transport)
        message, exchange, address = responder.messages[-1]
        assert message.queries == query().queries
        assert message.maxSize == size
        assert isinstance(message.request, Request)
        assert address == CLIENT
        assert not replied.called
        exchange.writeMessage(Octets(b"reply"), CLIENT)
        exchange.writeMessage(Octets(b"another"), CLIENT)
        assert resultOf(replied) == b"reply"


def test_octetsReceived() -> None:
    """A protocol is given as it is, and gets later replies by its C{writeMessage}."""

    class Protocol:
        transportName = UDP

    responder, protocol = Recording(), Protocol()
    assert responder.octetsReceived(query().toStr(), protocol, CLIENT) is None
    assert responder.messages[0][1] is protocol
    assert responder.octetsReceived(b"", protocol, CLIENT) == b""
    assert len(responder.messages) == 1


def test_answerNow() -> None:
    """An answer at once is sent at once, with the bits of the request."""

    class Refusing(Recording):
        def answerNow(self, request: Request) -> Answer | None:
            return Answer(dns.EREFUSED, False)

    request = query()
    request.recDes = request.checkingDisabled = 1
    reply = dns.Message()
    reply.fromStr(resultOf(Refusing().respond(request.toStr(), CLIENT, UDP)) or b"")
    assert (reply.id, reply.rCode, reply.recDes, reply.checkingDisabled, reply.auth) == (7, dns.EREFUSED, 1, 1, 0)


def test_notItself() -> None:
    """Messages are for subclasses."""
    with pytest.raises(NotImplementedError):
        Responder().messageReceived(query(), None)
    assert Responder().answerNow(None) is None  # type: ignore[arg-type]  # reason: is not looked at


@pytest.mark.parametrize(("opcode", "rcode"), [(0, dns.EFORMAT), (2, dns.ENOTIMP), (5, dns.ENOTIMP)])
@pytest.mark.parametrize("questions", [0, 2])
def test_ednsOfFaultyRequests(questions: int, opcode: int, rcode: int) -> None:
    """The reply to a request with EDNS has it too, though not just one question was asked."""
    request = dns.Message(7)
    request.opCode = opcode
    request.queries = [dns.Query("www.example")] * questions
    for opts in ([], [dns.OPTHeader(4096, dnssecOK=True)]):
        request.additional = [*opts]
        reply = dns.Message()
        reply.fromStr(resultOf(Recording().respond(request.toStr(), CLIENT, UDP)) or b"")
        assert (reply.rCode, reply.queries) == (rcode, [])
        assert [(one.type, one.cls) for one in reply.additional] == [(dns.OPT, 1232)] * len(opts)


def test_clockOfTheLog(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many failures as many are logged as the time on the reactor's clock allows; by default the global one."""
    clock = Clock()
    logged: list[Any] = []
    monkeypatch.setattr("txnames.protocol.responder.log.err", logged.append)
    responder = Recording()
    responder.reactor = clock
    for expected in (20, 5):
        logged.clear()
        for _ in range(100):
            responder.logFailure(Failure(KeyError(5)))
        assert len(logged) == expected
        clock.advance(5)
    other = Recording()
    other.logFailure(Failure(KeyError(5)))
    assert other.reactor is not None


@pytest.mark.parametrize("opcode", [0, 2])
def test_recordsThatAreNone(opcode: int) -> None:
    """A message whose records cannot be read is faulty, whatever its opcode."""
    request = query()
    request.opCode = opcode
    octets = request.toStr()[:11] + b"\1" + request.toStr()[12:]
    reply = dns.Message()
    reply.fromStr(resultOf(Recording().respond(octets, CLIENT, UDP)) or b"")
    assert reply.rCode == (dns.ENOTIMP if opcode else dns.EFORMAT)
