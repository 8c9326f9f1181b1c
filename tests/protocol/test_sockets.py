"""Tests of L{txnames.protocol.sockets}."""

from collections import Counter
from random import Random
from typing import Any

import pytest
from twisted.internet.error import CannotListenError
from twisted.python.failure import Failure

from txnames.protocol.peer import Peer
from txnames.protocol.pending import Pending
from txnames.protocol.randomness import RandomOctets
from txnames.protocol.reply import Reply
from txnames.protocol.sockets import QuerySocket, SocketPool

from ..deferreds import resultOf
from .wires import OTHER, SERVER, ConnectingWires, Wires

SIX = ("2001:db8::53", 53)


class Asking:
    """Takes down what a pool says; it is who asks, too."""

    def __init__(self, wires: Wires, **bounds: Any) -> None:
        self.wires = wires
        self.received: list[tuple[Pending, bytes]] = []
        self.refused: list[tuple[Pending, str]] = []
        self.pool = SocketPool(
            wires, RandomOctets(Random(1)), lambda *what: self.received.append(what), self.refuse, **bounds
        )
        self.count = 0

    def refuse(self, pending: Pending, reason: str) -> None:
        """Take it down, and wait no longer."""
        self.refused.append((pending, reason))
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

    def ask(self, server: tuple[str, int] = SERVER, wait: bool = True, draw: int | None = None) -> Pending:
        """Send a question; C{draw} chooses the socket."""
        self.count += 1
        peer = Peer(server)
        pending = Pending(self, self, peer, b"\0", b"\0\1\0\1", b"\0\0", 3.0, False, False)
        pending.ident = self.count.to_bytes(2, "big")
        chosen = self.pool.choose(peer, self.count if draw is None else draw, self.wires.seconds())
        chosen.send(pending, pending.ident + b" asks")
        if not wait:
            self.cancelled(pending)
        return pending


def test_randomPorts() -> None:
    """Sockets are on random ports from 1024 up; questions are spread over them."""
    wires = Wires()
    asking = Asking(wires, maximum=64)
    for _ in range(240):
        asking.ask()
    assert len(wires.opened) == len(set(wires.opened)) == len(asking.pool) == 24
    assert min(wires.opened) >= 1024
    assert max(wires.opened) - min(wires.opened) > 30000
    assert sorted(wires.opened) != wires.opened
    assert wires.sizes == {4096}
    assert {socket.interface for socket in wires.open} == {""}
    counts = Counter(sent.transport for sent in wires.sent)
    assert set(counts.values()) <= set(range(9, 12))


def test_otherSeed() -> None:
    """Another source of randomness gives other ports."""
    ports = []
    for seed in (1, 2):
        wires = Wires()
        pool = SocketPool(wires, RandomOctets(Random(seed)), print, print)
        for draw in range(8):
            pool.choose(Peer(SERVER), draw, 0)
        ports.append(wires.opened)
    assert not set(ports[0]) & set(ports[1])


def test_portTaken() -> None:
    """A port that isn't free is let be; where none is, that is an error."""
    free = Wires()
    Asking(free).ask()
    wires = Wires()
    wires.taken = set(free.opened)
    Asking(wires).ask()
    assert len(wires.opened) == 1
    assert wires.opened != free.opened
    wires.taken = range(0x10000)
    with pytest.raises(CannotListenError):
        Asking(wires).ask()


def test_families() -> None:
    """Each family of addresses has sockets of its own."""
    wires = Wires()
    asking = Asking(wires, maximum=4)
    for _ in range(10):
        asking.ask(SIX, wait=False)
        asking.ask(SERVER, wait=False)
    assert Counter(socket.interface for socket in wires.open) == {"::": 1, "": 1}
    assert {(sent.address, sent.transport.interface) for sent in wires.sent} == {(SIX, "::"), (SERVER, "")}


def test_retiredByUses() -> None:
    """A socket that has asked enough is closed, and another takes its place."""
    wires = Wires()
    asking = Asking(wires, maximum=3, uses=5)
    for _ in range(50):
        asking.ask(wait=False)
        assert len(wires.open) == 1
    assert len(set(wires.opened)) == 10
    assert len(asking.pool) == 1
    assert set(Counter(sent.transport for sent in wires.sent).values()) == {5}


def test_retiredByAge() -> None:
    """A socket that is old is closed, and another takes its place."""
    wires = Wires()
    asking = Asking(wires, maximum=2, age=60)
    asking.ask(wait=False)
    wires.advance(59)
    asking.ask(wait=False)
    assert len(wires.opened) == 1
    wires.advance(1)
    asking.ask(wait=False)
    assert len(wires.opened) == 2
    assert wires.closed == wires.opened[:1]


def test_retiredWaits() -> None:
    """A socket that asks no more is closed when the last reply is there."""
    wires = Wires()
    asking = Asking(wires, maximum=4, uses=2)
    first, second, third = (asking.ask() for _ in range(3))
    assert len(wires.open) == 2
    assert third.place is not first.place
    wires.sent[0].give(b"\0\1 reply")
    assert asking.received == [(first, b"\0\1 reply")]
    asking.cancelled(first)
    assert wires.closed == []
    asking.cancelled(second)
    assert wires.closed == wires.opened[:1]
    assert len(asking.pool) == 1


def test_bound() -> None:
    """There are never more sockets than allowed: an old one goes on where it cannot be replaced."""
    wires = Wires()
    asking = Asking(wires, maximum=4, uses=2)
    waiting = [asking.ask() for _ in range(40)]
    assert len(wires.opened) == len(wires.open) == 2
    for pending in waiting:
        asking.cancelled(pending)
    asking.ask(wait=False)
    assert len(wires.open) <= 2
    assert len(wires.opened) == 3


def test_smallestBound() -> None:
    """A bound of one is one for each family."""
    wires = Wires()
    asking = Asking(wires, maximum=1, uses=2)
    for _ in range(10):
        asking.ask()
    assert len(wires.opened) == 1
    asking.ask(SIX)
    assert len(wires.opened) == 2


def test_roomForOthers() -> None:
    """Who has no socket yet gets one at the cost of one on which nothing waits."""
    wires = Wires()
    asking = Asking(wires, maximum=2, uses=2)
    asking.ask(wait=False)
    asking.ask(SIX, wait=False)
    assert len(wires.open) == 2
    asking = Asking(ConnectingWires(), maximum=2, connect=True)
    for number in range(10):
        asking.ask((f"192.0.2.{number}", 53), wait=False)
        assert len(asking.wires.open) <= 2
    assert len(asking.wires.opened) == 10


def test_source() -> None:
    """A datagram from elsewhere, or with the ID of no question, is dropped."""
    wires = Wires()
    asking = Asking(wires)
    asking.ask()
    wires.last.give(b"\0\1 reply", OTHER)
    wires.last.give(b"\0\1 reply", (SERVER[0], 54))
    wires.last.give(b"\0\2 reply")
    wires.last.give(b"")
    assert asking.received == []
    wires.last.give(b"\0\1 reply")
    assert len(asking.received) == 1


def test_scope() -> None:
    """A reply may come from the address with its scope or without."""
    server = ("fe80::1%7", 53)
    wires = Wires()
    asking = Asking(wires, connect=True)
    asking.ask(server)
    assert wires.last.address == ("fe80::1", 53, 0, 7)
    wires.last.give(b"\0\1 one", ("fe80::1", 53))
    wires.last.give(b"\0\1 two", ("fe80::1%7", 53))
    wires.last.give(b"\0\1 three", ("fe80::2", 53))
    assert [octets for _, octets in asking.received] == [b"\0\1 one", b"\0\1 two"]


def test_connected() -> None:
    """Connected sockets are for one server each; what is refused fails all that waits there."""
    wires = ConnectingWires()
    asking = Asking(wires, connect=True)
    first: Any = asking.ask(draw=0)
    second = asking.ask(OTHER)
    assert first.place is not second.place
    for _ in range(30):
        asking.ask()
    here = list(first.place.waiting.values())
    wires.sent[0].transport.protocol.connectionRefused()
    assert [pending for pending, _ in asking.refused] == here
    assert asking.refused[0] == (first, "Connection refused")
    assert first.place is None
    assert second.place is not None


def test_cancelledByRefusal() -> None:
    """A question that is cancelled because another one was refused isn't told so itself."""
    wires = ConnectingWires()
    asking = Asking(wires, maximum=1, connect=True)
    first, second = asking.ask(), asking.ask()

    def refused(pending: Pending, reason: str) -> None:
        asking.refuse(pending, reason)
        asking.cancelled(second)

    asking.pool.refused = refused
    wires.last.transport.protocol.connectionRefused()
    assert [pending for pending, _ in asking.refused] == [first]


def test_refusedOnSending() -> None:
    """The system says when a question is sent that the one before was refused: none of them has a chance."""
    wires = ConnectingWires()
    asking = Asking(wires, maximum=1, connect=True)
    first = asking.ask()
    wires.failure = ConnectionRefusedError()
    second = asking.ask()
    assert [pending for pending, _ in asking.refused] == [first, second]


def test_noRoom() -> None:
    """A datagram for which the system has no room is lost."""
    wires = Wires()
    wires.failure = BlockingIOError()
    pending = Asking(wires).ask()
    assert pending.place is not None


def test_cannotConnect() -> None:
    """A socket that cannot be connected is closed."""
    wires = ConnectingWires()
    wires.unreachable = OSError("no route")
    asking = Asking(wires, connect=True)
    with pytest.raises(OSError, match="no route"):
        asking.ask()
    assert wires.open == []
    assert len(asking.pool) == 0


def test_notConnectable() -> None:
    """Where transports cannot be connected, it is done without."""
    wires = Wires()
    asking = Asking(wires, connect=True)
    asking.ask()
    assert wires.last.address == SERVER
    assert isinstance(asking.wires.open[0].protocol, QuerySocket)


def test_closedBySystem() -> None:
    """A socket that the reactor closed is used no more, and what waits there fails."""
    wires = ConnectingWires()
    asking = Asking(wires, maximum=2, connect=True)
    pending = asking.ask()
    wires.open[0].stopListening()
    assert asking.refused == [(pending, "Connection refused")]
    assert len(asking.pool) == 0
    asking.ask()
    assert len(wires.opened) == 2


def test_retiredAndClosedBySystem() -> None:
    """The reactor may close a socket that waits for its last replies."""
    wires = ConnectingWires()
    asking = Asking(wires, maximum=4, uses=1, connect=True)
    first, _ = asking.ask(), asking.ask()
    wires.open[0].stopListening()
    assert [pending for pending, _ in asking.refused] == [first]
    assert len(asking.pool) == len(wires.open) == 1


def test_close() -> None:
    """All sockets are closed, those too on which replies are missing; that can be waited for."""
    wires = ConnectingWires()
    asking = Asking(wires, uses=1, maximum=8, connect=True)
    for _ in range(10):
        asking.ask()
    assert len(wires.open) > 1
    assert resultOf(asking.pool.close()) is None
    assert wires.open == []
    assert asking.refused == []
    assert len(asking.pool) == 0
    assert resultOf(asking.pool.close()) is None
