"""Sockets on random ports, from which questions are asked (RFC 5452 section 9.2)."""

from __future__ import annotations

import errno
import os
import socket
import weakref
from collections.abc import Callable
from typing import Any, Final

from twisted.internet import defer
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IReactorSocket
from twisted.internet.protocol import DatagramProtocol
from twisted.internet.udp import Port

from txnames.protocol.peer import Peer
from txnames.protocol.pending import Pending
from txnames.protocol.randomness import RandomOctets

__all__ = ["QuerySocket", "SocketPool"]

_LOWEST: Final = 1024
_PORTS: Final = 0x10000 - _LOWEST
_TRIES: Final = 32


class QuerySocket(DatagramProtocol):
    """A socket from which questions are asked.

    @ivar waiting: the questions that wait for their replies here, by their IDs as octets.
    @ivar key: what the socket is for: the family of addresses, or the server.
    @ivar peer: the server that it is connected to, or C{None}.
    @ivar born: when it was opened.
    @ivar uses: how many questions were sent from it.
    @ivar retired: whether no more are sent.
    @ivar system: the system's socket, where we may use that; C{None} otherwise.
    @ivar resting: whether nothing is read from it, since nothing waits for replies.
    """

    noisy = False
    transport: Any = None
    resting = False

    def __init__(self, pool: SocketPool, key: Any, born: float) -> None:
        self.pool = pool
        self.key = key
        self.born = born
        self.peer: Peer | None = None
        self.uses = 0
        self.retired = False
        self.waiting: dict[bytes, Pending] = {}
        self._received = pool.received
        self.system: Any = None
        self._write: Any = None

    def startProtocol(self) -> None:
        """Look how octets are best sent."""
        transport = self.transport
        # The port's own write looks at each address as if it came from a program, which takes longer than to send.
        self.system = transport.socket if type(transport) is Port else None
        self._write = transport.write if self.system is None else self.system.sendto
        if self.system is not None:
            self.pool.opened(self, self.system)

    def connect(self, peer: Peer) -> None:
        """Send to one server only, and hear from no other, if the transport can do that.

        @raise OSError: the system says that the server cannot be reached.
        """
        if hasattr(self.transport, "connect"):
            self.transport.connect(*peer.address)
            self.peer = peer
            self._write = self.transport.write if self.system is None else self.system.send

    def send(self, pending: Pending, message: bytes) -> None:
        """Send a question, and await its reply.

        @raise OSError: the system says that it cannot be sent.
        """
        pending.place = self
        self.waiting[pending.ident] = pending
        if self.resting:
            self.pool.wake(self)
        try:
            if self.peer is None:
                self._write(message, pending.peer.target)
            else:
                self._write(message)
        except BlockingIOError:
            # There is no room for it: it is lost, as datagrams are.
            pass
        except ConnectionRefusedError:
            # What nobody listened to was sent before.
            self.connectionRefused()

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        """Give a datagram to the question whose ID it has, if it comes from who was asked."""
        pending = self.waiting.get(datagram[:2])
        if pending is not None and (addr == pending.address or addr[:2] == pending.peer.server):
            self._received(pending, datagram)

    def forget(self, pending: Pending) -> None:
        """Have a question not wait here any more."""
        self.waiting.pop(pending.ident, None)
        if self.retired and not self.waiting:
            self.pool.drop(self)

    def gaveUp(self, pending: Pending) -> None:
        """Take note that a question got no reply in time: that says nothing of the socket."""

    def connectionRefused(self) -> None:
        """Tell what waits here that nobody listens there."""
        self._refused(os.strerror(errno.ECONNREFUSED))

    def stopProtocol(self) -> None:
        """Tell what waits here that no replies will come, where it isn't the pool that closes the socket.

        Some of Twisted's reactors close a socket on which there is an error but no data: that is how the network says
        that nobody listens.
        """
        if self.pool.lost(self):
            code = 0 if self.system is None else self.system.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            self._refused(os.strerror(code or errno.ECONNREFUSED))

    def _refused(self, reason: str) -> None:
        """Fail what waits here."""
        for pending in list(self.waiting.values()):
            # One may be cancelled because another failed.
            if pending.place is self:
                self.pool.refused(pending, reason)


class SocketPool:
    """Sockets on random ports: some of them are in use at a time, each for a bounded time.

    A question takes one of the sockets at random.  One that has asked enough, or is old enough, asks no more, is
    closed when no reply is missing, and has its place taken by another.

    A socket is for one family of addresses, or connected to one server: then the system says where nobody listens.

    @ivar received: called with the question and the octets for each datagram from who was asked that has its ID.
    @ivar refused: called with a question and the reason where the network says that the server isn't there.
    @ivar maximum: how many sockets there may be; but there is one for each family, or server, that is asked.
    @ivar connect: whether sockets are connected, where transports can be.
    @ivar uses: how many questions are sent from one socket.
    @ivar age: for how many seconds one is used.
    @ivar size: the octets of the largest datagram that is taken.
    """

    def __init__(
        self,
        reactor: Any,
        random: RandomOctets,
        received: Callable[[Pending, bytes], None],
        refused: Callable[[Pending, str], None],
        *,
        maximum: int = 64,
        connect: bool = False,
        uses: int = 512,
        age: float = 60.0,
        size: int = 4096,
    ) -> None:
        self.reactor = reactor
        self.random = random
        self.received = received
        self.refused = refused
        self.maximum = maximum
        self.connect = connect
        self.uses = uses
        self.age = age
        self.size = size
        # What is for one family or server; most of that in use, and the rest waiting for its last replies.
        self._share = max(1, maximum // 2)
        self._spread = max(1, self._share * 3 // 4)
        self._active: dict[Any, list[QuerySocket]] = {}
        self._counts: dict[Any, int] = {}
        self._all: dict[QuerySocket, None] = {}
        self._closing: set[defer.Deferred[Any]] = set()
        self._watched: dict[QuerySocket, None] = {}
        self._systems: set[socket.socket] = set()
        weakref.finalize(self, _closeSockets, self._systems)

    def __len__(self) -> int:
        """How many sockets there are."""
        return len(self._all)

    def choose(self, peer: Peer, draw: int, now: float) -> QuerySocket:
        """Choose a socket for a question.

        @param draw: a random number, at least 16 bits.
        @raise CannotListenError: there is none, and no port is to be had.
        @raise OSError: the system says that the server cannot be reached.
        """
        key = peer.server if self.connect and not peer.scoped else peer.family
        active = self._active.get(key)
        if active is None or (len(active) < self._spread and self._roomFor(key)):
            found = self._open(key, peer, now)
        else:
            place = draw % len(active)
            found = active[place]
            if found.uses >= self.uses or now - found.born >= self.age:
                found = self._replace(found, peer, now)
        found.uses += 1
        return found

    def _roomFor(self, key: Any) -> bool:
        """Whether there may be one more socket for this."""
        return len(self._all) < self.maximum and self._counts[key] < self._share

    def _replace(self, old: QuerySocket, peer: Peer, now: float) -> QuerySocket:
        """Have another socket take the place of an old one, unless the old one has to go first and cannot yet."""
        if old.waiting and not self._roomFor(old.key):
            return old
        self.retire(old)
        return self._open(old.key, peer, now)

    def _open(self, key: Any, peer: Peer, now: float) -> QuerySocket:
        """Open a socket on a random port."""
        if len(self._all) >= self.maximum:
            self._makeRoom()
        made = QuerySocket(self, key, now)
        bind = self._adopt if IReactorSocket.providedBy(self.reactor) else self._listen
        tries = _TRIES
        while tries:
            # Of a number of 24 bits, the remainder favours no port much.
            port = _LOWEST + int.from_bytes(self.random.take(3), "big") % _PORTS
            try:
                bind(port, made, peer.family)
                tries = 0
            except CannotListenError:
                tries -= 1
                if not tries:
                    raise
        self._all[made] = None
        self._counts[key] = self._counts.get(key, 0) + 1
        if key == peer.server:
            try:
                made.connect(peer)
            except OSError:
                self.drop(made)
                raise
        self._active.setdefault(key, []).append(made)
        return made

    def _listen(self, port: int, made: QuerySocket, family: int) -> None:
        """Open a socket on a port."""
        interface = "" if family == socket.AF_INET else "::"
        self.reactor.listenUDP(port, made, interface=interface, maxPacketSize=self.size)

    def _adopt(self, port: int, made: QuerySocket, family: int) -> None:
        """Open a socket on a port, and close it at once where somebody else has the port: C{listenUDP} doesn't."""
        interface = "" if family == socket.AF_INET else "::"
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as system:
                system.setblocking(False)
                system.bind((interface, port))
                self.reactor.adoptDatagramPort(system.fileno(), family, made, self.size)
        except OSError as error:
            raise CannotListenError(interface, port, error) from None

    def opened(self, socket: QuerySocket, system: socket.socket) -> None:
        """Take note of the system's socket of one that is open now."""
        self._watched[socket] = None
        self._systems.add(system)

    def rest(self) -> None:
        """Have the reactor watch no sockets, as nothing waits for replies.

        So a program whose questions are all answered has nothing of ours left in its reactor.
        """
        for one in self._watched:
            one.resting = True
            one.transport.stopReading()
        self._watched.clear()

    def wake(self, socket: QuerySocket) -> None:
        """Have the reactor watch a socket again."""
        socket.resting = False
        self._watched[socket] = None
        socket.transport.startReading()

    def _makeRoom(self) -> None:
        """Close a socket on which nothing waits, if there is one."""
        idle = next((one for one in self._all if not one.waiting), None)
        if idle is not None:
            self.retire(idle)

    def retire(self, socket: QuerySocket) -> None:
        """Ask nothing more from a socket, and close it when no reply is missing."""
        socket.retired = True
        self._deactivate(socket)
        if not socket.waiting:
            self.drop(socket)

    def _deactivate(self, socket: QuerySocket) -> None:
        """Ask nothing more from a socket."""
        active = self._active.get(socket.key, [])
        if socket in active:
            active.remove(socket)
            if not active:
                del self._active[socket.key]

    def drop(self, socket: QuerySocket) -> None:
        """Close a socket."""
        if self.lost(socket):
            closing = defer.maybeDeferred(socket.transport.stopListening)
            self._closing.add(closing)
            closing.addBoth(lambda _: self._closing.discard(closing))

    def lost(self, socket: QuerySocket) -> bool:
        """Take note that a socket is closed.

        @return: whether that is news.
        """
        if socket not in self._all:
            return False
        del self._all[socket]
        self._watched.pop(socket, None)
        self._systems.discard(socket.system)
        self._counts[socket.key] -= 1
        if not self._counts[socket.key]:
            del self._counts[socket.key]
        self._deactivate(socket)
        return True

    def close(self) -> defer.Deferred[None]:
        """Close all sockets; nothing must wait at them any more."""
        for one in list(self._all):
            one.waiting.clear()
            self.drop(one)
        return defer.DeferredList(list(self._closing)).addCallback(lambda _: None)


def _closeSockets(systems: set[socket.socket]) -> None:
    """Close the sockets of a pool that nobody has any more."""
    for system in systems:
        system.close()
