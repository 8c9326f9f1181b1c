"""Tests of L{txnames.protocol.exchange}."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from twisted.internet import defer, error
from twisted.internet.defer import CancelledError

from txnames import dns
from txnames.error import DNSDecodeError, QueryTimeoutError, UnreachableError
from txnames.protocol.exchange import Exchange
from txnames.protocol.reply import Reply
from txnames.wire.numbers import EBADCOOKIE, EBADVERSION
from txnames.wire.options import COOKIE, EDE, KEEPALIVE

from ..deferreds import errorOf, resultOf
from .wires import NAME, OTHER, SERVER, ConnectingWires, Connection, Sent, Wires

SERVER_COOKIE = b"servercookie"
RECORD = dns.RRHeader("www.example", dns.A, ttl=60, payload=dns.Record_A("192.0.2.1", ttl=60))


class Asking:
    """An exchange on a reactor without a network."""

    def __init__(self, wires: Wires | None = None, **arguments: Any) -> None:
        self.wires = Wires() if wires is None else wires
        self.exchange = Exchange(self.wires, random=Random(1), **arguments)

    def ask(
        self, server: tuple[str, int] = SERVER, name: bytes = NAME, timeout: float = 3.0, **arguments: Any
    ) -> defer.Deferred[Reply]:
        """Ask for an address."""
        return self.exchange.ask(server, name, dns.A, timeout=timeout, **arguments)

    @property
    def last(self) -> Sent:
        """What was sent last."""
        return self.wires.last

    def answered(self, **fields: Any) -> Reply:
        """Ask, and have the server answer."""
        asked = self.ask()
        self.last.answer(**fields)
        reply: Reply = resultOf(asked)
        return reply

    def connect(self) -> Connection:
        """Let the last attempt to connect succeed."""
        connection = self.wires.connections[-1]
        connection.connect()
        return connection

    def quiet(self) -> bool:
        """Whether nothing waits."""
        return not self.wires.getDelayedCalls() and not any(one.protocol.waiting for one in self.wires.open)


def withCookie(sent: Sent, server: bytes = SERVER_COOKIE) -> dict[str, Any]:
    """The fields of a reply with a cookie."""
    client = sent.option(COOKIE)
    assert client is not None
    return {"options": {COOKIE: client[:8] + server}}


# --- questions and replies ---


def test_ask() -> None:
    """A question goes out with EDNS and a cookie; its reply is decoded when somebody looks."""
    asking = Asking()
    asked = asking.ask()
    [sent] = asking.wires.sent
    assert sent.address == SERVER
    message = sent.message
    assert message.queries == [dns.Query("www.example", dns.A)]
    assert (message.opCode, message.answer, message.recDes, message.checkingDisabled) == (0, 0, 0, 0)
    assert (message.ednsVersion, message.maxSize, message.dnssecOK) == (0, 1232, False)
    assert len(sent.option(COOKIE) or b"") == 8
    asking.wires.advance(0.25)
    sent.answer(answers=[RECORD], rCode=0)
    reply = resultOf(asked)
    assert reply.message.answers == [RECORD]
    assert reply.message.additional == []
    assert (reply.server, reply.transport, reply.elapsed, reply.rcode) == (SERVER, "udp", 0.25, 0)
    assert reply.errors == ()
    assert asking.exchange.peer(SERVER).srtt == 0.25
    assert asking.quiet()


@pytest.mark.parametrize("recursionDesired", [False, True])
@pytest.mark.parametrize("checkingDisabled", [False, True])
@pytest.mark.parametrize("dnssecOK", [False, True])
@pytest.mark.parametrize("stream", [False, True])
def test_flags(recursionDesired: bool, checkingDisabled: bool, dnssecOK: bool, stream: bool) -> None:
    """RD, CD and DO are as wanted, over UDP and TCP."""
    asking = Asking()
    asking.ask(recursionDesired=recursionDesired, checkingDisabled=checkingDisabled, dnssecOK=dnssecOK, stream=stream)
    if stream:
        asking.connect()
    message = asking.last.message
    assert (bool(message.recDes), bool(message.checkingDisabled), message.dnssecOK) == (
        recursionDesired,
        checkingDisabled,
        dnssecOK,
    )
    assert message.queries == [dns.Query("www.example", dns.A)]


def test_arguments() -> None:
    """Without EDNS there are no cookies either; the size is as wanted; other classes can be asked for."""
    asking = Asking(edns=False)
    asking.ask()
    assert asking.last.message.ednsVersion is None
    asking.last.answer()
    assert asking.exchange.peer(SERVER).plainUntil == 0
    asking = Asking(udpPayloadSize=8000, cookies=False, randomCase=False)
    asked = asking.exchange.ask(SERVER, NAME, dns.TXT, dns.CH, timeout=1)
    message = asking.last.message
    assert message.maxSize == 8000
    assert message.options == []
    assert message.queries == [dns.Query("www.example", dns.TXT, dns.CH)]
    assert NAME in asking.last.octets
    assert asking.wires.sizes == {8000}
    asking.last.answer(options={COOKIE: b"unwanted and odd"})
    assert asked.called


@pytest.mark.parametrize("rcode", [0, 2, 3, 5, 1 << 4 | 5, 0xFFF])
def test_anyResponseCode(rcode: int) -> None:
    """A reply is a reply whatever its response code, 12 bits with EDNS."""
    assert Asking().answered(rCode=rcode).rcode == rcode


def test_errors() -> None:
    """The server's reasons come with the reply."""
    reply = Asking().answered(rCode=2, options={EDE: b"\0\x16no route"})
    assert [(error.info, error.text) for error in reply.errors] == [(22, "no route")]


def test_unpredictable() -> None:
    """IDs, ports and the case of letters differ from question to question, and between sources of randomness."""
    asking, other = Asking(), Asking()
    other.exchange = Exchange(other.wires, random=Random(2))
    for _ in range(20):
        asking.ask()
        other.ask()
    for one in asking, other:
        assert len({sent.octets[:2] for sent in one.wires.sent}) == 20
        assert len({sent.octets[12:25] for sent in one.wires.sent}) > 15
        assert len(set(one.wires.opened)) == 20
    assert asking.wires.sent[0].octets != other.wires.sent[0].octets
    assert not set(asking.wires.opened) & set(other.wires.opened)


def test_sameIdent() -> None:
    """Two questions that wait at one socket don't have the same ID."""

    class Twice(Random):
        """Draws the same octets again and again."""

        def getrandbits(self, k: int) -> int:
            """Draw them."""
            return int.from_bytes(b"\x77" * 1020 + b"\1\2\3\4", "big")

    wires = Wires()
    exchange = Exchange(wires, random=Twice(), sockets=1)
    for _ in range(2):
        exchange.ask(SERVER, NAME, dns.A, timeout=3)
    first, second = wires.sent
    assert first.transport is second.transport
    assert first.octets[:2] != second.octets[:2]


def test_spelling() -> None:
    """A reply has the name as it was asked for, wherever it was sent back in the random case."""
    name = dns.Name("Some-Long-Name.Example").wire
    asking = Asking()
    asked = asking.ask(name=name)
    sent = asking.last
    spelled = sent.octets[12 : 12 + len(name)]
    assert spelled != name
    assert spelled.lower() == name.lower()
    # This name is not compressed.
    record = spelled + b"\0\1\0\1\0\0\0\0\0\4\1\2\3\4"
    sent.give(sent.octets[:2] + b"\x84\0\0\1\0\1\0\0\0\0" + spelled + b"\0\1\0\1" + record)
    reply = resultOf(asked)
    assert reply.octets.count(name) == 2
    assert reply.message.queries[0].name.wire == reply.message.answers[0].name.wire == name


def test_spellingOfShortNames() -> None:
    """Octets that look like a short name are let be."""
    name = b"\1A\1b\0"
    asking = Asking()
    while True:
        asked = asking.ask(name=name)
        sent = asking.last
        spelled = sent.octets[12:17]
        if spelled != name:
            break
    sent.give(
        sent.octets[:2] + b"\x84\0\0\1\0\1\0\0\0\0" + sent.octets[12:21] + b"\xc0\x0c\0\x10\0\1\0\0\0\0\0\5" + spelled
    )
    reply = resultOf(asked)
    assert reply.octets[12:17] == name
    assert reply.octets.endswith(spelled)


def test_malformed() -> None:
    """A reply to this question is one even if its records cannot be read: who looks at them sees that."""
    asking = Asking()
    asked = asking.ask()
    sent = asking.last
    sent.give(sent.octets[:2] + b"\x84\0\0\1\0\1\0\0\0\1" + sent.octets[12:29] + b"\xc0")
    reply = resultOf(asked)
    with pytest.raises(DNSDecodeError):
        _ = reply.message


# --- replies that don't count ---


def flipped(position: int, bits: int) -> Callable[[bytes], bytes]:
    """Flip bits of an octet."""
    return lambda octets: octets[:position] + bytes([octets[position] ^ bits]) + octets[position + 1 :]


@pytest.mark.parametrize(
    "change",
    [
        flipped(0, 1),
        flipped(1, 0x80),
        flipped(2, 0x80),
        flipped(2, 0x08),
        flipped(2, 0x40),
        flipped(4, 1),
        flipped(5, 1),
        flipped(5, 2),
        flipped(15, 1),
        flipped(26, 4),
        flipped(28, 2),
        lambda octets: octets[:2],
        lambda octets: octets[:11],
        lambda octets: octets[:12],
        lambda octets: octets[:20],
        lambda octets: octets[:4] + bytes(8),
        lambda octets: b"",
    ],
)
@pytest.mark.parametrize("known", [False, True])
def test_wrong(change: Callable[[bytes], bytes], known: bool) -> None:
    """What has another ID, QR, opcode or question is no reply, and the question waits on."""
    asking = Asking()
    if known:
        asking.answered()
        assert asking.exchange.peer(SERVER).tail
    asked = asking.ask()
    sent = asking.last
    count = len(asking.wires.sent)
    genuine = sent.reply(answers=[RECORD])
    sent.give(change(genuine))
    assert len(asking.wires.sent) == count
    sent.give(genuine, OTHER)
    sent.give(genuine, (SERVER[0], 54))
    assert not asked.called
    sent.give(genuine)
    assert resultOf(asked).message.answers == [RECORD]


def test_wrongSocket() -> None:
    """What comes to another port is no reply."""
    asking = Asking()
    asked = asking.ask()
    asking.ask()
    first, second = asking.wires.sent
    second.give(first.reply())
    assert not asked.called
    first.answer()
    assert asked.called


def test_wrongCookie() -> None:
    """What has another cookie is no reply."""
    asking = Asking()
    for _ in range(2):
        asked = asking.ask()
        sent = asking.last
        sent.answer(options={COOKIE: b"wrongone" + SERVER_COOKIE})
        assert not asked.called
        sent.answer(**withCookie(sent))
        assert asked.called


def test_late() -> None:
    """What comes after the reply, after the time is up, or after all was cancelled goes nowhere."""
    asking = Asking()
    asked = asking.ask()
    asking.last.answer()
    asking.last.answer()
    assert asked.called
    asked = asking.ask()
    asking.wires.advance(3)
    asking.last.answer()
    assert isinstance(errorOf(asked), QueryTimeoutError)


# --- time ---


def test_timeout() -> None:
    """Without a reply a question ends when its time is up, and says what was asked of whom."""
    asking = Asking()
    asked = asking.ask(timeout=2.5)
    asking.wires.advance(2.4)
    assert not asked.called
    asking.wires.advance(0.1)
    failure = errorOf(asked)
    assert isinstance(failure, QueryTimeoutError)
    assert str(failure) == "www.example IN A: no answer in time from 192.0.2.53 port 53 over UDP after 2.50 s"
    assert failure.id == int.from_bytes(asking.last.octets[:2], "big")
    assert asking.exchange.peer(SERVER).failures == 1
    assert asking.exchange.peer(SERVER).rto == 0.8
    assert asking.quiet()


def test_oneDelayedCall() -> None:
    """However many questions wait, the reactor has one delayed call."""
    asking = Asking()
    waiting = [asking.ask(timeout=5 - number / 100) for number in range(100)]
    assert len(asking.wires.getDelayedCalls()) == 1
    for asked in waiting:
        asked.addErrback(lambda _: None)
    asking.wires.advance(4.5)
    assert [asked.called for asked in waiting] == [False] * 50 + [True] * 50
    asking.wires.advance(1)
    assert all(asked.called for asked in waiting)
    assert asking.quiet()


def test_timeIsShared() -> None:
    """Asking again doesn't make the time longer."""
    asking = Asking()
    asked = asking.ask(timeout=3)
    asking.wires.advance(2)
    asking.last.answer(rCode=dns.EFORMAT, ednsVersion=None)
    assert len(asking.wires.sent) == 2
    asking.wires.advance(1)
    assert isinstance(errorOf(asked), QueryTimeoutError)


# --- cancellation, and bounds ---


def test_cancel() -> None:
    """A cancelled question frees what it took."""
    asking = Asking(maximumInFlight=1)
    first, second = asking.ask(), asking.ask()
    first.addErrback(lambda failure: failure.trap(CancelledError))
    first.cancel()
    assert len(asking.wires.sent) == 2
    asking.last.answer()
    assert second.called
    assert asking.quiet()


def test_queue() -> None:
    """Of many questions, so many wait at a time, and the others have their turns in order; their time begins then."""
    asking = Asking(maximumInFlight=2)
    waiting = [asking.ask(timeout=3) for _ in range(5)]
    assert len(asking.wires.sent) == 2
    waiting[2].addErrback(lambda failure: failure.trap(CancelledError))
    waiting[2].cancel()
    asking.wires.advance(2)
    asking.wires.sent[0].answer()
    assert waiting[0].called
    assert len(asking.wires.sent) == 3
    asking.wires.advance(1)
    assert isinstance(errorOf(waiting[1]), QueryTimeoutError)
    asking.wires.advance(1.5)
    assert not waiting[3].called
    asking.wires.advance(1)
    assert isinstance(errorOf(waiting[3]), QueryTimeoutError)
    asking.last.answer()
    assert waiting[4].called
    assert asking.quiet()


def test_askedMeanwhile() -> None:
    """Who asks when a reply comes is served after those that wait already."""
    asking = Asking(maximumInFlight=1, randomCase=False)
    names = [dns.Name(f"name{number}.example").wire for number in range(3)]
    first, _ = asking.ask(name=names[0]), asking.ask(name=names[1])
    first.addCallback(lambda _: [asking.ask(name=names[2])])
    asking.last.answer()
    asking.last.answer()
    assert [name in sent.octets for name, sent in zip(names, asking.wires.sent, strict=True)] == [True] * 3


def test_manyFailAtOnce() -> None:
    """Ten thousand questions that cannot be sent fail one after the other."""
    asking = Asking(maximumInFlight=1)
    asked = asking.ask()
    waiting = [asking.ask() for _ in range(10000)]
    asking.wires.failure = OSError("network is unreachable")
    asking.last.answer()
    assert asked.called
    for one in waiting:
        assert isinstance(errorOf(one), UnreachableError)
    assert asking.quiet()


def test_tenThousand() -> None:
    """Ten thousand questions at once are all answered, from no more sockets than allowed."""
    asking = Asking(sockets=16, maximumInFlight=500, socketUses=100)
    waiting = [asking.ask() for _ in range(10000)]
    for number in range(10000):
        assert len(asking.wires.open) <= 16
        asking.wires.sent[number].answer()
    assert all(asked.called for asked in waiting)
    assert len(set(asking.wires.opened)) > 40
    assert asking.quiet()


def test_peersAreForgotten() -> None:
    """Of so many servers what is known is kept."""
    asking = Asking(peers=10)
    peers = [asking.exchange.peer((f"192.0.2.{number}", 53)) for number in range(20)]
    assert asking.exchange.peer(peers[15].server) is peers[15]
    assert asking.exchange.peer(peers[5].server) is not peers[5]
    assert len({peer.cookie for peer in peers}) == 20


# --- what goes wrong ---


def test_unreachable() -> None:
    """A question that cannot be sent fails with what the system says."""
    asking = Asking()
    asking.wires.failure = OSError(101, "Network is unreachable")
    failure = errorOf(asking.ask())
    assert isinstance(failure, UnreachableError)
    assert "Network is unreachable" in str(failure)
    assert failure.server == SERVER
    assert asking.exchange.peer(SERVER).failures == 1
    assert asking.quiet()


def test_refused() -> None:
    """Where sockets are connected, the system says that nobody listens."""
    asking = Asking(ConnectingWires(), connect=True)
    asked = asking.ask()
    asking.last.transport.protocol.connectionRefused()
    failure = errorOf(asked)
    assert isinstance(failure, UnreachableError)
    assert str(failure).startswith("www.example IN A: Connection refused from 192.0.2.53 port 53 over UDP")
    assert asking.quiet()


def test_noPort() -> None:
    """Where no port is free, that is an error."""
    asking = Asking()
    asking.wires.taken = range(0x10000)
    assert isinstance(errorOf(asking.ask()), error.CannotListenError)
    assert asking.wires.getDelayedCalls() == []


def test_noAddress() -> None:
    """A server has to be given by its address."""
    asking = Asking()
    assert isinstance(errorOf(asking.ask(("localhost", 53))), error.InvalidAddressError)
    with pytest.raises(error.InvalidAddressError):
        asking.exchange.peer(("localhost", 53))


# --- the case of letters ---


def uncased(sent: Sent, **fields: Any) -> bytes:
    """A reply whose question is in small letters."""
    octets = sent.reply(**fields)
    return octets[:12] + octets[12:25].lower() + octets[25:]


def test_forgedCase() -> None:
    """A reply with other letters than the question doesn't count; the genuine one does."""
    asking = Asking()
    asked = asking.ask()
    sent = asking.last
    sent.give(uncased(sent, rCode=3))
    sent.give(uncased(sent, rCode=3))
    assert len(asking.wires.sent) == 1
    sent.answer()
    assert resultOf(asked).rcode == 0
    assert asking.exchange.peer(SERVER).caselessUntil == 0
    assert asking.quiet()


def test_caseless() -> None:
    """A server that doesn't send the case back is asked with the name as it is, and so for a while."""
    asking = Asking()
    name = dns.Name("Www.Example").wire
    asked = asking.ask(name=name)
    first = asking.last
    first.give(uncased(first))
    asking.wires.advance(0.4)
    assert len(asking.wires.sent) == 2
    assert name in asking.last.octets
    # It is too late for this.
    first.answer()
    assert not asked.called
    asking.last.give(uncased(asking.last))
    reply = resultOf(asked)
    assert name in reply.octets
    assert asking.exchange.peer(SERVER).caselessUntil == pytest.approx(900.4)
    asked = asking.ask(name=name)
    assert name in asking.last.octets
    asking.last.give(uncased(asking.last))
    assert asked.called
    asking.wires.advance(901)
    asking.ask(name=name)
    assert name not in asking.last.octets


def test_caselessTime() -> None:
    """That takes no more time than the question has."""
    asking = Asking()
    asked = asking.ask(timeout=0.3)
    asking.last.give(uncased(asking.last))
    asking.wires.advance(0.15)
    assert len(asking.wires.sent) == 2
    asking.wires.advance(0.15)
    assert isinstance(errorOf(asked), QueryTimeoutError)
    assert asking.exchange.peer(SERVER).caselessUntil == 0
    assert asking.quiet()


def test_complaintAfterForgedCase() -> None:
    """Being asked again for another reason gives a question its whole time back."""
    asking = Asking()
    asked = asking.ask()
    sent = asking.last
    sent.give(uncased(sent))
    sent.answer(trunc=True)
    asking.connect()
    asking.wires.advance(2)
    asking.last.answer()
    assert resultOf(asked).transport == "tcp"


# --- EDNS ---


@pytest.mark.parametrize("rcode", [dns.EFORMAT, dns.ENOTIMP, EBADVERSION])
def test_complaint(rcode: int) -> None:
    """A server that complains of EDNS is asked without it, and so for a quarter of an hour."""
    asking = Asking()
    asked = asking.ask()
    asking.last.answer(rCode=rcode, ednsVersion=None if rcode < 16 else 0)
    assert asking.last.message.ednsVersion is None
    asking.last.answer()
    assert resultOf(asked).rcode == 0
    asking.answered()
    assert len(asking.wires.sent) == 3
    assert asking.last.message.ednsVersion is None
    asking.wires.advance(901)
    asking.ask()
    assert asking.last.message.ednsVersion == 0


def test_complaintWithoutQuestion() -> None:
    """A server may not even repeat the question when it complains of EDNS; such a reply is no answer."""
    asking = Asking()
    asked = asking.ask()
    asking.last.answer(rCode=dns.EFORMAT, queries=[], ednsVersion=None)
    assert asking.last.message.ednsVersion is None
    asking.last.answer(rCode=dns.EFORMAT, queries=[])
    assert not asked.called
    asking.last.answer(rCode=3)
    assert resultOf(asked).rcode == 3


def test_complaintOfSomethingElse() -> None:
    """A server that complains of a question without EDNS too gives that as its reply; it may understand EDNS."""
    asking = Asking()
    asked = asking.ask()
    asking.last.answer(rCode=dns.ENOTIMP)
    asking.last.answer(rCode=dns.ENOTIMP)
    assert resultOf(asked).rcode == dns.ENOTIMP
    asking.ask()
    assert asking.last.message.ednsVersion == 0


def test_noOpt() -> None:
    """A server may take EDNS without a word."""
    asking = Asking()
    assert asking.answered(ednsVersion=None).rcode == 0
    assert asking.exchange.peer(SERVER).speaksEdns
    asking.ask().addErrback(lambda _: None)
    assert asking.last.message.ednsVersion == 0
    asking.wires.advance(3)
    asking.ask()
    assert asking.last.message.ednsVersion == 0


def test_silence() -> None:
    """A server that is silent to EDNS is asked without it the next time, and so for a while if that helps."""
    asking = Asking()
    asking.ask().addErrback(lambda _: None)
    asking.wires.advance(3)
    asking.answered()
    assert asking.last.message.ednsVersion is None
    asking.answered()
    assert asking.last.message.ednsVersion is None
    asking.wires.advance(901)
    asking.answered()
    assert asking.last.message.ednsVersion == 0


def test_dead() -> None:
    """A server that is silent either way is asked both ways, one after the other."""
    asking = Asking()
    for _ in range(4):
        asking.ask().addErrback(lambda _: None)
        asking.wires.advance(3)
    assert [sent.message.ednsVersion for sent in asking.wires.sent] == [0, None, 0, None]


def test_unaskedOpt() -> None:
    """An OPT record in a reply to a question without EDNS does no harm."""
    assert Asking(edns=False).answered(ednsVersion=0, rCode=5).rcode == 5


def test_learnedTail() -> None:
    """Replies that end as others before are known to; each other one is looked at."""
    asking = Asking()
    assert asking.answered().rcode == 0
    assert asking.answered(rCode=3).rcode == 3
    assert asking.answered(rCode=2).rcode == 2
    assert asking.answered(ednsVersion=None).rcode == 0
    assert asking.answered(rCode=3 << 4).rcode == 48
    assert asking.answered(rCode=3 << 4).rcode == 48
    assert asking.answered().rcode == 0


# --- TCP ---


def test_truncated() -> None:
    """A truncated reply is asked for again over TCP."""
    asking = Asking()
    asked = asking.ask()
    asking.last.answer(trunc=True)
    assert asking.wires.connections[0].address == SERVER
    asking.connect()
    sent = asking.last
    assert sent.transport is asking.wires.connections[0]
    assert NAME in sent.octets
    assert sent.option(KEEPALIVE) == b""
    sent.answer(answers=[RECORD])
    reply = resultOf(asked)
    assert reply.transport == "tcp"
    assert reply.message.answers == [RECORD]


def test_truncatedAnyhow() -> None:
    """A reply over TCP that is truncated nevertheless is what there is to be had."""
    asking = Asking()
    asked = asking.ask(stream=True)
    asking.connect()
    asking.last.answer(trunc=True)
    assert resultOf(asked).message.trunc


def test_stream() -> None:
    """Questions over TCP share a connection; what is no reply doesn't count there either."""
    asking = Asking()
    first: Any = asking.ask(stream=True)
    second = asking.ask(stream=True, name=dns.Name("other.example").wire)
    asking.connect()
    one, other = asking.wires.sent
    one.give(one.octets[:2] + other.reply()[2:])
    assert not first.called
    other.answer()
    one.answer()
    assert first.called
    assert second.called
    assert len(asking.wires.getDelayedCalls()) == 1
    asking.wires.advance(5)
    asking.wires.advance(0)
    assert asking.wires.connections == []
    assert asking.quiet()


def test_keepalive() -> None:
    """The server says for how long it keeps a connection (RFC 7828)."""
    asking = Asking()
    asking.ask(stream=True)
    connection = asking.connect()
    asking.last.answer(options={KEEPALIVE: b"\0\xc8"})
    assert connection.protocol.idle == 20
    asking.wires.advance(19)
    assert asking.wires.connections == [connection]
    asked = asking.ask(stream=True)
    asking.last.answer(options={KEEPALIVE: b"\0"})
    assert connection.protocol.idle == 20
    asked = asking.ask(stream=True)
    asking.last.answer(options={KEEPALIVE: b"\0\0"})
    assert asked.called
    asking.wires.advance(0)
    assert asking.wires.connections == []


def test_connectionRefused() -> None:
    """A server that takes no connections cannot be reached over TCP."""
    asking = Asking()
    asked = asking.ask()
    asking.last.answer(trunc=True)
    asking.wires.connections[0].fail()
    failure = errorOf(asked)
    assert isinstance(failure, UnreachableError)
    assert failure.transport == "tcp"
    assert asking.quiet()


def test_connectionLost() -> None:
    """A connection that is lost before it was of any use fails what waited."""
    asking = Asking()
    asked = asking.ask(stream=True)
    asking.connect().lose()
    assert isinstance(errorOf(asked), UnreachableError)


def test_askedOnAnother() -> None:
    """What waits on a connection that was of use is asked on another one when it is lost, if that is of use again."""
    asking = Asking()
    asking.ask(stream=True)
    connection = asking.connect()
    asking.last.answer()
    second: Any = asking.ask(stream=True)
    connection.lose()
    assert len(asking.wires.connections) == 1
    connection = asking.connect()
    third = asking.ask(stream=True)
    asking.last.answer(ednsVersion=None)
    assert third.called
    connection.lose()
    assert not second.called
    asking.connect().lose()
    assert isinstance(errorOf(second), UnreachableError)


def test_oneForEachConnection() -> None:
    """A server that takes one question for each connection answers all of several, which had to be sent again."""
    asking = Asking()
    asked = [asking.ask(stream=True, timeout=10) for _ in range(5)]
    for number, one in enumerate(asked):
        connection = asking.connect()
        asking.wires.sent[number - len(asked)].answer()
        connection.lose()
        assert resultOf(one).transport == "tcp"
    assert asking.wires.connections == []
    waiting = asking.ask(stream=True, timeout=2.5)
    for _ in range(3):
        connection = asking.connect()
        asking.last.give(asking.last.octets)
        connection.lose()
        asking.wires.advance(1)
    assert isinstance(errorOf(waiting), QueryTimeoutError)
    assert asking.quiet()


def test_streamTimeout() -> None:
    """A connection on which nothing comes isn't used again."""
    asking = Asking()
    asked = asking.ask(stream=True)
    connection = asking.connect()
    asking.wires.advance(3)
    failure = errorOf(asked)
    assert isinstance(failure, QueryTimeoutError)
    assert failure.transport == "tcp"
    assert not asking.exchange.peer(SERVER).silent
    asking.wires.advance(0)
    assert connection.lost
    assert asking.quiet()


def test_streamCancelled() -> None:
    """To cancel the only question that waits for a connection ends the attempt."""
    asking = Asking()
    asked = asking.ask(stream=True)
    asked.addErrback(lambda failure: failure.trap(CancelledError))
    asked.cancel()
    assert asking.wires.connections == []
    assert asking.quiet()


def test_streamWithoutEdns() -> None:
    """A server that complains of EDNS over TCP is asked without it there."""
    asking = Asking()
    asked = asking.ask(stream=True)
    asking.connect()
    asking.last.answer(rCode=dns.EFORMAT, ednsVersion=None)
    assert asking.last.message.ednsVersion is None
    asking.last.answer()
    assert resultOf(asked).transport == "tcp"
    assert len(asking.wires.connections) == 1


# --- cookies ---


def test_cookies() -> None:
    """The server's cookie is sent back to it; a new one takes its place."""
    asking = Asking()
    asking.ask()
    client = asking.last.option(COOKIE)
    asking.last.answer(**withCookie(asking.last))
    for number in range(3):
        asked = asking.ask()
        assert asking.last.option(COOKIE) == (client or b"") + (
            b"cookieNo%d" % number + b"xyz" if number else SERVER_COOKIE
        )
        asking.last.answer(**withCookie(asking.last, b"cookieNo%dxyz" % (number + 1)))
        assert asked.called
    asking.ask(OTHER)
    other = asking.last.option(COOKIE)
    assert len(other or b"") == 8
    assert other != client


def test_cookieOfOtherSize() -> None:
    """The server may send a cookie of another size the next time."""
    asking = Asking()
    asking.ask()
    asking.last.answer(**withCookie(asking.last))
    asked = asking.ask()
    asking.last.answer(**withCookie(asking.last, b"sixteen octets.."))
    assert asked.called
    asking.ask()
    assert (asking.last.option(COOKIE) or b"")[8:] == b"sixteen octets.."


@pytest.mark.parametrize("options", [{}, {COOKIE: b"short"}])
def test_missingCookie(options: dict[int, bytes]) -> None:
    """A reply without the cookie of a server that has one doesn't count: it is asked over TCP, which may clear that."""
    asking = Asking()
    asking.ask()
    asking.last.answer(**withCookie(asking.last))
    asked = asking.ask()
    asking.last.answer(options=options, rCode=3)
    assert not asked.called
    if options:
        asking.last.answer()
    asking.connect()
    asking.last.answer()
    reply = resultOf(asked)
    assert (reply.transport, reply.rcode) == ("tcp", 0)
    asking.answered()
    assert asking.last.transport in asking.wires.open


@pytest.mark.parametrize("silent", [False, True])
def test_cookieOfAnotherServer(silent: bool) -> None:
    """A server may have had a cookie once, and have none now, and take no connections: it is asked without them."""
    asking = Asking()
    asking.ask()
    asking.last.answer(**withCookie(asking.last))
    asked = asking.ask()
    asking.last.answer()
    if silent:
        asking.wires.advance(3)
    else:
        asking.wires.connections[0].fail()
    errorOf(asked)
    assert asking.answered().transport == "udp"
    asking.ask()
    assert len(asking.last.option(COOKIE) or b"") == 8


def test_missingCookieInComplaint() -> None:
    """A complaint without the cookie of a server that has one is looked into over TCP."""
    asking = Asking()
    asking.ask()
    asking.last.answer(**withCookie(asking.last))
    asked = asking.ask()
    asking.last.answer(rCode=dns.EFORMAT, queries=[], ednsVersion=None)
    asking.connect()
    asking.last.answer(**withCookie(asking.last))
    assert resultOf(asked).transport == "tcp"
    assert asking.exchange.peer(SERVER).serverCookie == SERVER_COOKIE


def test_badCookie() -> None:
    """A server that wants a newer cookie is asked again with that (RFC 7873 section 5.3)."""
    asking = Asking()
    asked = asking.ask()
    asking.last.answer(rCode=EBADCOOKIE, **withCookie(asking.last))
    assert (asking.last.option(COOKIE) or b"")[8:] == SERVER_COOKIE
    asking.last.answer(**withCookie(asking.last))
    assert resultOf(asked).transport == "udp"


def test_badCookieAgain() -> None:
    """If that doesn't help, it is asked over TCP."""
    asking = Asking()
    asked = asking.ask()
    for number in range(2):
        asking.last.answer(rCode=EBADCOOKIE, **withCookie(asking.last, b"cookieNo%d" % number))
    assert len(asking.wires.sent) == 2
    asking.connect()
    asking.last.answer(**withCookie(asking.last))
    assert resultOf(asked).transport == "tcp"


def test_badCookieWithoutCookie() -> None:
    """A server that wants a cookie but has none is asked over TCP; BADCOOKIE there is its reply."""
    asking = Asking()
    asked = asking.ask()
    asking.last.answer(rCode=EBADCOOKIE)
    asking.connect()
    asking.last.answer(rCode=EBADCOOKIE)
    assert resultOf(asked).rcode == EBADCOOKIE


# --- the end ---


def test_close() -> None:
    """To close an exchange fails what waits, and closes all sockets and connections; it can be done again."""
    asking = Asking(maximumInFlight=3)
    answered = asking.ask(stream=True)
    asking.connect()
    asking.last.answer()
    assert answered.called
    waiting = [asking.ask(), asking.ask(stream=True), asking.ask(OTHER, stream=True), asking.ask()]
    seen: list[Any] = []
    waiting[0].addErrback(lambda failure: seen.append((failure.type, asking.wires.open)))
    closed = asking.exchange.close()
    assert seen == [(error.ConnectionDone, [])]
    for asked in waiting[1:]:
        assert isinstance(errorOf(asked), error.ConnectionDone)
    again = asking.exchange.close()
    asking.wires.advance(0)
    assert resultOf(closed) is None
    assert resultOf(again) is None
    assert asking.wires.connections == []
    assert asking.quiet()
    assert isinstance(errorOf(asking.ask()), error.ConnectionDone)
    assert resultOf(asking.exchange.close()) is None


def test_closeCancels() -> None:
    """What is cancelled because something else failed isn't failed again."""
    asking = Asking()
    first = asking.ask()
    second: Any = asking.ask()
    second.addErrback(lambda failure: failure.trap(CancelledError))
    first.addErrback(lambda _: second.cancel())
    asking.exchange.close()
    assert second.called


def test_closeUnused() -> None:
    """An exchange that never asked anything is closed at once."""
    assert resultOf(Asking().exchange.close()) is None


def test_closedByReply() -> None:
    """An exchange may be closed by who gets a reply."""
    asking = Asking(maximumInFlight=1)
    first, second = asking.ask(), asking.ask()
    first.addCallback(lambda _: asking.exchange.close())
    asking.last.answer()
    assert isinstance(errorOf(second), error.ConnectionDone)
    assert asking.quiet()


def test_globalReactor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a reactor the global one is used, from the first question on."""
    wires = Wires()
    exchange = Exchange()
    monkeypatch.setattr("twisted.internet.reactor", wires, raising=False)
    exchange.ask(SERVER, NAME, dns.A, timeout=1).addErrback(lambda _: None)
    assert exchange.reactor is wires
    assert len(wires.sent) == 1
