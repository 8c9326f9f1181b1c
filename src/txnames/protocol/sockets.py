"""Sockets on random ports, from which questions are asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from twisted.internet import defer
from twisted.internet.error import CannotListenError
from twisted.internet.protocol import DatagramProtocol
from twisted.internet.udp import Port

from txnames.protocol.randomness import RandomOctets

if TYPE_CHECKING:
    from txnames.protocol.pending import Pending

__all__ = ["QuerySocket", "SocketPool"]

_LOWEST: Final = 1024
_PORTS: Final = 0x10000 - _LOWEST
_TRIES: Final = 32


class QuerySocket(DatagramProtocol):
    """A socket from which questions are asked.

    @ivar waiting: the questions that wait for their replies here, by their IDs as octets.
    @ivar uses: how many questions were sent.
    @ivar born: when it was opened.
    @ivar key: what this socket is for; see L{SocketPool}.
    """

    noisy = False
    transport: Any = None

    def __init__(self, pool: SocketPool, key: Any, born: float) -> None:
        self.pool = pool
        self.key = key
        self.born = born
        self.uses = 0
        self.retired = False
        self.waiting: dict[bytes, Pending] = {}
        self._received = pool.received
        self._send: Any = None

    def startProtocol(self) -> None:
        """Look how octets are best sent."""
        # The port's own write looks at each address as if it came from a program, which takes longer than to send.
        self._send = self.transport.socket.sendto if type(self.transport) is Port else self.transport.write

    def send(self, octets: bytes, target: tuple[Any, ...]) -> None:
        """Send a datagram.

        @raise OSError: the system says that it cannot be sent.
        """
        self._send(octets, target)

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        """Give a datagram to the question whose ID it has, if it comes from who was asked."""
        pending = self.waiting.get(datagram[:2])
        if pending is not None and (addr == pending.address or addr[:2] == pending.peer.server):
            self._received(pending, datagram)

    def forget(self, ident: bytes) -> None:
        """Have nothing wait for a reply with this ID any more."""
        del self.waiting[ident]
        if self.retired and not self.waiting:
            self.pool.drop(self)


class SocketPool:
    """Sockets on random ports: some of them are in use at a time, each for a bounded time.

    A question takes one of the sockets at random.  One that has asked enough, or is old enough, asks no more, is
    closed when no reply is missing, and has its place taken by another.

    @ivar received: called with the question and the datagram for each datagram from who was asked.
    @ivar maximum: how many sockets there may be in total.
    @ivar spread: of how many one is drawn.
    @ivar uses: how many questions are sent from one socket.
    @ivar age: for how many seconds one is used.
    @ivar size: the largest datagram that is taken.
    """

    def __init__(
        self,
        reactor: Any,
        random: RandomOctets,
        received: Callable[[Pending, bytes], None],
        *,
        maximum: int = 64,
        spread: int = 16,
        uses: int = 512,
        age: float = 60.0,
        size: int = 4096,
    ) -> None:
        self.reactor = reactor
        self.random = random
        self.received = received
        self.maximum = maximum
        self.spread = min(spread, maximum)
        self.uses = uses
        self.age = age
        self.size = size
        self._active: dict[Any, list[QuerySocket]] = {}
        self._all: set[QuerySocket] = set()

    def __len__(self) -> int:
        """How many sockets there are."""
        return len(self._all)

    def choose(self, key: str, draw: int, now: float) -> QuerySocket:
        """Choose a socket for a question.

        @param key: the interface: empty for IPv4, C{"::"} for IPv6.
        @param draw: a random number, at least 16 bits.
        @raise CannotListenError: there is none, and no port is to be had.
        """
        active = self._active.get(key)
        if active is None:
            active = self._active[key] = []
        if len(active) < self.spread and len(self._all) < self.maximum:
            found = self._open(key, now)
            active.append(found)
        else:
            place = draw % len(active)
            found = active[place]
            if found.uses >= self.uses or now - found.born >= self.age:
                found = self._replace(active, place, now)
        found.uses += 1
        return found

    def _replace(self, active: list[QuerySocket], place: int, now: float) -> QuerySocket:
        """Put a new socket in the place of an old one, if there may be one more."""
        old = active[place]
        if old.waiting and len(self._all) >= self.maximum:
            return old
        new = active[place] = self._open(old.key, now)
        old.retired = True
        if not old.waiting:
            self.drop(old)
        return new

    def _open(self, key: str, now: float) -> QuerySocket:
        """Open a socket on a random port."""
        made = QuerySocket(self, key, now)
        for attempt in range(_TRIES):
            # One number of 24 bits favours no port much.
            port = _LOWEST + int.from_bytes(self.random.take(3), "big") % _PORTS
            try:
                self.reactor.listenUDP(port, made, interface=key, maxPacketSize=self.size)
                break
            except CannotListenError:
                if attempt == _TRIES - 1:
                    raise
        self._all.add(made)
        return made

    def drop(self, socket: QuerySocket) -> None:
        """Close a socket."""
        self._all.discard(socket)
        defer.maybeDeferred(socket.transport.stopListening)

    def close(self) -> defer.Deferred[None]:
        """Close all sockets."""
        closing = [defer.maybeDeferred(socket.transport.stopListening) for socket in self._all]
        self._all.clear()
        self._active.clear()
        return defer.DeferredList(closing, consumeErrors=True).addCallback(lambda _: None)
