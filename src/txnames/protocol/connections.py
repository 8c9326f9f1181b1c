"""Connections on which questions are asked, many at a time (RFC 7766)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from twisted.internet import defer
from twisted.internet.protocol import ClientFactory, Protocol, connectionDone
from twisted.python.failure import Failure

from txnames.protocol.deadlines import Deadline, Deadlines
from txnames.protocol.peer import Peer
from txnames.protocol.pending import Pending
from txnames.protocol.randomness import RandomOctets

__all__ = ["ConnectionPool", "QueryConnection"]

_CONNECT: Final = 30.0
"""Seconds after which a connection that isn't there yet is given up; questions give up earlier, each for itself."""


class QueryConnection(Protocol):
    """A connection to a server, from when it is wanted until it is lost.

    @ivar peer: the server.
    @ivar waiting: the questions that wait for their replies here, by their IDs as octets.
    @ivar replies: how many messages came for which questions waited.
    @ivar idle: for how many seconds it is kept while nothing waits; the server may say (RFC 7828).
    @ivar retired: whether nothing new is asked here.
    @ivar failure: why it is lost, or was never there; C{None} before.
    """

    transport: Any = None

    def __init__(self, pool: ConnectionPool, peer: Peer) -> None:
        self.pool = pool
        self.peer = peer
        self.waiting: dict[bytes, Pending] = {}
        self.replies = 0
        self.idle = pool.idle
        self.retired = False
        self.failure: Failure | None = None
        self.connector: Any = None
        self._lastTime = float("-inf")
        self._buffer = bytearray()
        self._unsent: list[bytes] | None = []
        self._deadline: Deadline | None = None

    def send(self, pending: Pending, message: bytes) -> None:
        """Send a question, at once or when the connection is there."""
        if self._deadline is not None:
            self.pool.deadlines.remove(self._deadline)
            self._deadline = None
        pending.place = self
        self.waiting[pending.ident] = pending
        octets = len(message).to_bytes(2, "big") + message
        if self._unsent is None:
            self.transport.write(octets)
        else:
            self._unsent.append(octets)

    def connectionMade(self) -> None:
        """Send what waited for that."""
        octets, self._unsent = self._unsent or [], None
        if not self.waiting:
            self.close()
        else:
            self.transport.write(b"".join(octets))

    def dataReceived(self, data: bytes) -> None:
        """Take octets, and give each whole message to the question whose ID it has."""
        buffer = self._buffer
        buffer += data
        start, size = 0, len(buffer)
        self._lastTime = self.pool.reactor.seconds()
        while size - start >= 2:
            end = start + 2 + (buffer[start] << 8 | buffer[start + 1])
            if size < end:
                break
            octets = bytes(buffer[start + 2 : end])
            start = end
            pending = self.waiting.get(octets[:2])
            if pending is not None:
                self.replies += 1
                self.pool.received(pending, octets)
        del buffer[:start]

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell what waits here that no replies will come."""
        self.lost(reason)

    def lost(self, reason: Failure) -> None:
        """Tell what waits here that there is no connection, or none any more."""
        self.failure = reason
        self._unsent = None
        self._buffer.clear()
        if self._deadline is not None:
            self.pool.deadlines.remove(self._deadline)
            self._deadline = None
        waiting, self.waiting = self.waiting, {}
        self.pool.gone(self)
        for pending in waiting.values():
            # One may be cancelled because another failed.
            if pending.place is self:
                pending.place = None
                self.pool.lost(pending, reason, self.replies > 0)

    def forget(self, pending: Pending) -> None:
        """Have a question not wait here any more."""
        self.waiting.pop(pending.ident, None)
        if self.waiting or self.failure is not None:
            return
        pool = self.pool
        if self._unsent is not None or self.retired or pool.crowded:
            self.close()
        else:
            self._deadline = pool.deadlines.add(pool.reactor.seconds() + self.idle, self)

    def gaveUp(self, pending: Pending) -> None:
        """Take note that a question got no reply in time: if nothing came at all, nothing new is asked here."""
        if self._lastTime < pending.sent:
            self.retire()

    def keep(self, seconds: float) -> None:
        """Take note for how long the server keeps this connection while nothing waits."""
        self.idle = min(seconds, self.pool.longest)
        if not seconds:
            self.retire()

    def retire(self) -> None:
        """Ask nothing new here."""
        if not self.retired:
            self.retired = True
            self.pool.retired(self)

    def expired(self) -> None:
        """Close the connection after a time in which nothing happened."""
        self._deadline = None
        self.close()

    def close(self, abort: bool = False) -> None:
        """End the connection, or the attempt to connect."""
        self.retire()
        if self.transport is None:
            self.connector.stopConnecting()
        elif abort:
            # Not every transport can do that.
            getattr(self.transport, "abortConnection", self.transport.loseConnection)()
        else:
            self.transport.loseConnection()


class _Factory(ClientFactory):
    """Gives the one connection that was made before, as questions wait at it already."""

    noisy = False

    def __init__(self, connection: QueryConnection) -> None:
        self.connection = connection

    def buildProtocol(self, addr: Any) -> QueryConnection:
        """Give the connection."""
        return self.connection

    def clientConnectionFailed(self, connector: Any, reason: Failure) -> None:
        """Tell the connection."""
        self.connection.lost(reason)


class ConnectionPool:
    """The connections: each server has one, or a few where very much is asked.

    @ivar message: makes the message for a question that has its ID.
    @ivar received: called with the question and the octets for each message that has the ID of a question.
    @ivar lost: called with a question whose connection is lost, the reason, and whether any reply had come before.
    @ivar maximum: how many connections there may be; what needs one more has to wait.
    @ivar pipelined: how many questions wait at one connection before another one is opened.
    @ivar idle: for how many seconds a connection is kept while nothing waits, where the server says nothing of it.
    @ivar longest: for how many seconds it is kept at most, whatever the server says.
    """

    def __init__(
        self,
        reactor: Any,
        random: RandomOctets,
        deadlines: Deadlines,
        message: Callable[[Pending], bytes],
        received: Callable[[Pending, bytes], None],
        lost: Callable[[Pending, Failure, bool], None],
        *,
        maximum: int = 100,
        pipelined: int = 200,
        idle: float = 5.0,
        longest: float = 60.0,
    ) -> None:
        self.reactor = reactor
        self.random = random
        self.deadlines = deadlines
        self.message = message
        self.received = received
        self.lost = lost
        self.maximum = maximum
        self.pipelined = pipelined
        self.idle = idle
        self.longest = longest
        self._usable: dict[tuple[str, int], list[QueryConnection]] = {}
        self._all: dict[QueryConnection, None] = {}
        self._turn: dict[Pending, None] = {}
        self._closed: defer.Deferred[None] | None = None

    def __len__(self) -> int:
        """How many connections there are, with those that are not there yet, or not gone yet."""
        return len(self._all)

    def send(self, pending: Pending) -> None:
        """Send a question on a connection to its server, when there is one."""
        connection = self._choose(pending.peer)
        if connection is None:
            pending.place = self
            self._turn[pending] = None
            return
        if connection.failure is not None:
            self.lost(pending, connection.failure, False)
            return
        ident = self.random.take(2)
        while ident in connection.waiting:
            ident = self.random.take(2)
        pending.ident = ident
        connection.send(pending, self.message(pending))

    @property
    def crowded(self) -> bool:
        """Whether questions wait for a connection."""
        return bool(self._turn)

    def forget(self, pending: Pending) -> None:
        """Have a question not wait for a connection any more."""
        self._turn.pop(pending, None)

    def gaveUp(self, pending: Pending) -> None:
        """Take note that a question got no connection in time."""

    def _choose(self, peer: Peer) -> QueryConnection | None:
        """Choose a connection to a server, open one, or say that none is to be had now."""
        usable = self._usable.get(peer.server)
        chosen = min(usable, key=lambda one: len(one.waiting)) if usable else None
        if chosen is not None and len(chosen.waiting) < self.pipelined:
            return chosen
        if len(self._all) >= self.maximum:
            if chosen is None:
                # The connection that is closed in this one's favour ends a moment later.
                idle = next((one for one in self._all if not one.waiting and not one.retired), None)
                if idle is not None:
                    idle.close()
            return chosen
        connection = QueryConnection(self, peer)
        self._usable.setdefault(peer.server, []).append(connection)
        self._all[connection] = None
        connection.connector = self.reactor.connectTCP(
            peer.server[0], peer.server[1], _Factory(connection), timeout=_CONNECT
        )
        return connection

    def retired(self, connection: QueryConnection) -> None:
        """Ask nothing new on a connection."""
        usable = self._usable.get(connection.peer.server)
        if usable and connection in usable:
            usable.remove(connection)
            if not usable:
                del self._usable[connection.peer.server]

    def gone(self, connection: QueryConnection) -> None:
        """Take note that a connection is lost, and let those that wait for one have their turn."""
        self.retired(connection)
        self._all.pop(connection, None)
        if self._closed is not None:
            if not self._all and not self._closed.called:
                self._closed.callback(None)
            return
        turn, self._turn = self._turn, {}
        for pending in turn:
            self.send(pending)

    def close(self) -> defer.Deferred[None]:
        """Close all connections; nothing must wait at them any more."""
        self._closed = closed = defer.Deferred[None]()
        self._turn.clear()
        for connection in list(self._all):
            connection.waiting.clear()
            connection.close(abort=True)
        if not self._all and not closed.called:
            closed.callback(None)
        return closed
