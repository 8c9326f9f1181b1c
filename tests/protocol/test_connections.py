"""Tests of L{txnames.protocol.connections}."""

from random import Random
from typing import Any

from twisted.internet import error
from twisted.python.failure import Failure

from txnames.protocol.connections import ConnectionPool, QueryConnection
from txnames.protocol.deadlines import Deadlines
from txnames.protocol.peer import Peer
from txnames.protocol.pending import Pending
from txnames.protocol.randomness import RandomOctets
from txnames.protocol.reply import Reply

from .wires import OTHER, SERVER, Connection, Wires


class Asking:
    """Takes down what a pool says; it is who asks, too."""

    def __init__(self, **bounds: Any) -> None:
        self.wires = Wires()
        self.received: list[tuple[Pending, bytes]] = []
        self.lost: list[tuple[Pending, type[BaseException] | None, bool]] = []
        self.deadlines = Deadlines(self.wires)
        self.pool = ConnectionPool(
            self.wires,
            RandomOctets(Random(1)),
            self.deadlines,
            lambda pending: pending.ident + b" asks",
            self.receive,
            lambda pending, reason, served: self.lost.append((pending, reason.type, served)),
            **bounds,
        )

    def receive(self, pending: Pending, octets: bytes) -> None:
        """Take a reply down."""
        self.received.append((pending, octets))
        self.cancelled(pending)

    def cancelled(self, pending: Pending) -> None:
        """Wait no longer."""
        place = pending.place
        if place is not None:
            pending.place = None
            place.forget(pending)

    def expired(self, pending: Pending) -> None:
        """Not of interest here."""

    def replied(self, reply: Reply) -> None:
        """Not of interest here."""

    def failed(self, failure: Failure) -> None:
        """Not of interest here."""

    def ask(self, server: tuple[str, int] = SERVER) -> Pending:
        """Send a question."""
        pending = Pending(self, self, Peer(server), b"\0", b"\0\1\0\1", b"\0\0", 3.0, False, True)
        pending.sent = self.wires.seconds()
        self.pool.send(pending)
        return pending

    def connect(self, number: int = -1) -> Connection:
        """Let an attempt to connect succeed."""
        connection = self.wires.connections[number]
        connection.connect()
        return connection


def test_pipelined() -> None:
    """Questions to a server share a connection; answers come in any order."""
    asking = Asking()
    first, second = asking.ask(), asking.ask()
    assert len(asking.wires.connections) == 1
    assert asking.wires.connections[0].address == SERVER
    assert asking.wires.sent == []
    asking.connect()
    third = asking.ask()
    sent = asking.wires.sent
    assert [one.octets for one in sent] == [one.ident + b" asks" for one in (first, second, third)]
    assert len({first.ident, second.ident, third.ident}) == 3
    for one in reversed(sent):
        one.give(one.octets[:2] + b" reply")
    assert [pending for pending, _ in asking.received] == [third, second, first]
    assert asking.received[0][1] == third.ident + b" reply"


def test_pieces() -> None:
    """A reply may come in pieces, or with others at once."""
    asking = Asking()
    first, second = asking.ask(), asking.ask()
    protocol = asking.connect().protocol
    stream = b"\0\4" + first.ident + b"ab" + b"\0\3" + second.ident + b"c"
    for octet in stream[:-1]:
        protocol.dataReceived(bytes([octet]))
    assert asking.received == [(first, first.ident + b"ab")]
    protocol.dataReceived(stream[-1:] + b"\0\0" + b"\0\1x" + b"\0\2zz")
    assert asking.received[1:] == [(second, second.ident + b"c")]
    third, fourth = asking.ask(), asking.ask()
    protocol.dataReceived(b"\0\2" + third.ident + b"\0\2" + fourth.ident)
    assert [pending for pending, _ in asking.received[2:]] == [third, fourth]


def test_idle() -> None:
    """A connection on which nothing waits is kept for a while, and used again."""
    asking = Asking(idle=5.0)
    asking.ask()
    connection = asking.connect()
    asking.wires.last.give(asking.wires.last.octets)
    asking.wires.advance(4.9)
    assert asking.ask().place is connection.protocol
    assert len(asking.deadlines) == 0
    asking.wires.advance(30)
    asking.wires.last.give(asking.wires.last.octets)
    asking.wires.advance(4.9)
    assert asking.wires.connections == [connection]
    asking.wires.advance(0.2)
    asking.wires.advance(0)
    assert asking.wires.connections == []
    assert len(asking.pool) == 0
    assert asking.wires.getDelayedCalls() == []


def test_keep() -> None:
    """The server may say for how long an idle connection is kept, within bounds; 0 ends it with the last reply."""
    asking = Asking(idle=5.0, longest=60.0)
    asking.ask()
    protocol = asking.connect().protocol
    protocol.keep(20.0)
    assert protocol.idle == 20
    protocol.keep(90.0)
    assert protocol.idle == 60
    assert not protocol.retired
    other = asking.ask()
    protocol.keep(0.0)
    asking.ask()
    assert len(asking.wires.connections) == 2
    asking.wires.sent[0].give(asking.wires.sent[0].octets)
    asking.wires.advance(0)
    assert len(asking.wires.connections) == 2
    asking.cancelled(other)
    asking.wires.advance(0)
    assert len(asking.wires.connections) == 1


def test_lost() -> None:
    """What waits on a connection that is lost is told, and whether the connection was ever of use."""
    asking = Asking()
    first, second = asking.ask(), asking.ask()
    connection = asking.connect()
    connection.lose(error.ConnectionLost())
    assert asking.lost == [(first, error.ConnectionLost, False), (second, error.ConnectionLost, False)]
    assert first.place is None
    assert len(asking.pool) == 0
    asking.lost.clear()
    third, fourth = asking.ask(), asking.ask()
    connection = asking.connect()
    asking.wires.last.give(asking.wires.last.octets)
    assert asking.received[0][0] is fourth
    connection.lose()
    assert [(pending, served) for pending, _, served in asking.lost] == [(third, True)]


def test_lostIdle() -> None:
    """A connection may be lost while nothing waits."""
    asking = Asking()
    asking.ask()
    connection = asking.connect()
    asking.wires.last.give(asking.wires.last.octets)
    connection.lose()
    assert asking.lost == []
    assert asking.wires.getDelayedCalls() == []
    asking.ask()
    assert len(asking.wires.connections) == 1


def test_cancelledByLoss() -> None:
    """A question that is cancelled because another one lost its connection isn't told so itself."""
    asking = Asking()
    first, second = asking.ask(), asking.ask()
    lost = asking.pool.lost

    def losing(*what: Any) -> None:
        lost(*what)
        asking.cancelled(second)

    asking.pool.lost = losing
    asking.connect().lose()
    assert [pending for pending, *_ in asking.lost] == [first]


def test_failed() -> None:
    """What waits for a connection that doesn't come is told."""
    asking = Asking()
    pending = asking.ask()
    asking.wires.connections[0].fail(error.TimeoutError())
    assert asking.lost == [(pending, error.TimeoutError, False)]
    assert len(asking.pool) == 0


def test_failedAtOnce() -> None:
    """An attempt to connect may fail before there is anything to wait."""
    asking = Asking()

    class Failing(Connection):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            self.factory.clientConnectionFailed(self, Failure(error.TimeoutError()))

    asking.wires.connectTCP = lambda *args, timeout: Failing(asking.wires, *args, timeout)  # type: ignore[method-assign]  # reason: for this test
    pending = asking.ask()
    assert asking.lost == [(pending, error.TimeoutError, False)]
    assert len(asking.pool) == 0


def test_cancelledBeforeConnected() -> None:
    """An attempt to connect ends when nothing waits for it any more."""
    asking = Asking()
    first, second = asking.ask(), asking.ask()
    asking.cancelled(first)
    assert len(asking.wires.connections) == 1
    asking.cancelled(second)
    assert asking.wires.connections == []
    assert asking.lost == []
    assert len(asking.pool) == 0


def test_deaf() -> None:
    """A connection on which nothing came since a question was sent is asked nothing new when that gives up."""
    asking = Asking()
    first, second = asking.ask(), asking.ask()
    connection = asking.connect()
    asking.wires.advance(1)
    connection.protocol.gaveUp(first)
    asking.cancelled(first)
    third = asking.ask()
    assert third.place is not second.place
    assert len(asking.wires.connections) == 2
    asking.cancelled(second)
    asking.wires.advance(0)
    assert len(asking.wires.connections) == 1


def test_slow() -> None:
    """A connection on which something came is of use even if a question got no reply."""
    asking = Asking()
    asking.wires.advance(1)
    first, second = asking.ask(), asking.ask()
    connection = asking.connect()
    connection.protocol.dataReceived(b"\0\2" + second.ident)
    connection.protocol.gaveUp(first)
    assert not connection.protocol.retired


def test_several() -> None:
    """Where very many questions wait on a connection, there is another one."""
    asking = Asking(pipelined=2)
    places = [asking.ask().place for _ in range(5)]
    assert [places.count(place) for place in dict.fromkeys(places)] == [2, 2, 1]
    assert len(asking.wires.connections) == 3
    asking.connect(2).lose()
    assert asking.ask().place not in places
    assert len(asking.wires.connections) == 3


def test_bound() -> None:
    """There are never more connections than allowed; who finds none has to wait, or shares."""
    asking = Asking(maximum=1, pipelined=1)
    first, second = asking.ask(), asking.ask()
    assert first.place is second.place
    other: Any
    connection: Any
    other, cancelled, third = asking.ask(OTHER), asking.ask(OTHER), asking.ask(OTHER)
    assert asking.pool in (other.place,)
    asking.cancelled(cancelled)
    assert len(asking.wires.connections) == 1
    connection = asking.connect()
    connection.protocol.gaveUp(first)
    asking.cancelled(first)
    asking.cancelled(second)
    asking.wires.advance(0)
    assert connection.lost
    assert [one.address for one in asking.wires.connections] == [OTHER]
    assert isinstance(other.place, QueryConnection)
    assert other.place is third.place
    asking.pool.gaveUp(first)


def test_roomForOthers() -> None:
    """An idle connection is closed for one to another server."""
    asking = Asking(maximum=2)
    asking.ask()
    asking.connect()
    asking.wires.last.give(asking.wires.last.octets)
    busy = asking.ask(("192.0.2.55", 53))
    asking.connect()
    other, third = asking.ask(OTHER), asking.ask(OTHER)
    assert len(asking.wires.connections) == 2
    asking.wires.advance(0)
    assert [one.address for one in asking.wires.connections] == [("192.0.2.55", 53), OTHER]
    assert other.place is third.place is not busy.place


def test_close() -> None:
    """All connections and attempts are ended; that can be waited for."""
    asking = Asking(maximum=2)
    asking.ask()
    connection = asking.connect()
    asking.ask(OTHER)
    asking.ask(("192.0.2.55", 53))
    closed = asking.pool.close()
    fired: list[None] = []
    closed.addCallback(fired.append)
    assert fired == []
    asking.wires.advance(0)
    assert fired == [None]
    assert connection.lost
    assert asking.wires.connections == []
    assert asking.lost == []
    assert asking.wires.getDelayedCalls() == []


def test_closeWithoutAny() -> None:
    """Without connections all is closed at once."""
    assert Asking().pool.close().called


def test_abort() -> None:
    """A connection is cut where the transport can do that, so that nobody has to read what was written."""
    asking = Asking()
    asking.ask()
    connection: Any = asking.connect()
    aborted: list[bool] = []
    connection.abortConnection = lambda: aborted.append(True)
    asking.pool.close()
    assert aborted == [True]


def test_connectedTooLate() -> None:
    """A connection that comes when nothing waits for it any more is closed."""
    asking = Asking()
    pending = asking.ask()
    connection = asking.wires.connections[0]
    connection.stopConnecting = lambda: None  # type: ignore[method-assign]  # reason: it is too late
    asking.cancelled(pending)
    asking.connect()
    asking.wires.advance(0)
    assert connection.lost


def test_sameIdent() -> None:
    """No two questions on a connection have the same ID."""
    asking = Asking()
    octets = iter([b"\0\1", b"\0\1", b"\0\1", b"\0\2"])

    class Few(RandomOctets):
        def take(self, count: int) -> bytes:
            return next(octets)

    asking.pool.random = Few()
    assert [asking.ask().ident for _ in range(2)] == [b"\0\1", b"\0\2"]
