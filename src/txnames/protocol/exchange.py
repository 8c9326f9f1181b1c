"""One question to one server, and its reply (RFC 5452)."""

from __future__ import annotations

import socket
from collections import deque
from random import Random
from struct import Struct
from typing import Any, Final

from twisted.internet import defer
from twisted.internet.error import CannotListenError, ConnectionDone
from twisted.python.failure import Failure

from txnames.error import DNSDecodeError, QueryTimeoutError, UnreachableError
from txnames.protocol.deadlines import Deadlines
from txnames.protocol.peer import Peer, PeerTable
from txnames.protocol.pending import Pending
from txnames.protocol.randomness import RandomOctets
from txnames.protocol.reply import Reply, findOpt
from txnames.protocol.request import UDP_SIZE
from txnames.protocol.sockets import SocketPool
from txnames.wire.header import Query
from txnames.wire.name import Name
from txnames.wire.numbers import EBADVERSION, EFORMAT, ENOTIMP, IN
from txnames.wire.options import COOKIE

__all__ = ["Exchange"]

_HEADER: Final = 12
_pair = Struct(">HH").pack
_CASES: Final = bytes(0x20 if 0x41 <= octet & 0xDF <= 0x5A else 0 for octet in range(256))
"""Of each octet, the bit that tells small letters from capitals; octets that are lengths of labels have none."""

_RD: Final = 0x01
_CD: Final = 0x10
_ONE: Final = b"\0\1\0\0\0\0\0\0"
_ONE_AND_OPT: Final = b"\0\1\0\0\0\0\0\1"


class Exchange:
    """Asks servers questions.

    One call of L{ask} is one attempt with one server: a datagram, and what follows from the reply (a truncated one is
    asked for again over TCP, a server that doesn't understand EDNS is asked without it).  Whether to ask again, and
    whom, is for the caller to say.
    """

    def __init__(
        self,
        reactor: Any = None,
        *,
        random: Random | None = None,
        sockets: int = 64,
        edns: bool = True,
        udpPayloadSize: int = UDP_SIZE,
        randomCase: bool = True,
        cookies: bool = True,
        maximumInFlight: int = 1000,
        connect: bool = False,
        maximumPeers: int = 10000,
    ) -> None:
        """Make one that has asked nothing yet.

        @param reactor: what has the sockets and the time; by default the global one, when the first question is asked.
        @param random: where ports, IDs, cookies and the case of letters come from; by default the system.
        @param sockets: how many UDP sockets there may be.
        @param edns: whether servers are asked with EDNS.
        @param udpPayloadSize: the octets that are taken in one datagram.
        @param randomCase: whether letters of names are sent in random case, for the reply to have it too.
        @param cookies: whether servers are sent cookies.
        @param maximumInFlight: how many questions wait for replies at a time; more wait for their turn.
        @param connect: whether UDP sockets are connected, so that the system says where nobody listens: for those
            who ask a few servers only.
        @param maximumPeers: how many servers are remembered.
        """
        self.reactor = reactor
        self.edns = edns
        self.udpPayloadSize = udpPayloadSize
        self.randomCase = randomCase
        self.cookies = cookies and edns
        self.maximumInFlight = maximumInFlight
        self.maximumSockets = sockets
        self.connect = connect
        self._random = RandomOctets(random)
        self._peers = PeerTable(maximumPeers)
        self._inFlight: set[Pending] = set()
        self._queue: deque[Pending] = deque()
        self._queued = 0
        self._closed: defer.Deferred[None] | None = None
        self._deadlines: Any = None
        self._sockets: Any = None

    def ask(
        self,
        server: tuple[str, int],
        name: bytes,
        type: int,
        cls: int = IN,
        *,
        timeout: float,
        recursionDesired: bool = False,
        dnssecOK: bool = False,
        checkingDisabled: bool = False,
        stream: bool = False,
    ) -> defer.Deferred[Reply]:
        """Ask a server.

        @param server: its IP address, with a scope where it needs one, and its port.
        @param name: the name in wire form.
        @param timeout: the seconds to wait for the reply, from when the question is sent.
        @param recursionDesired: RD.
        @param dnssecOK: DO, whether DNSSEC records are wanted.
        @param checkingDisabled: CD.
        @param stream: whether to ask over TCP.
        @return: a Deferred of the reply, whatever its response code.  It fails with L{QueryTimeoutError}, with
            L{UnreachableError} where the network says that the server cannot be reached, with C{CannotListenError}
            where no port is free, or with C{ConnectionDone} where this exchange was closed.  A cancelled one frees
            what it took.
        """
        if self._closed is not None:
            return defer.fail(ConnectionDone("the exchange is closed"))
        if self._deadlines is None:
            self._start()
        peer = self._peers.get(server) or self.peer(server)
        flags = bytes((_RD if recursionDesired else 0, _CD if checkingDisabled else 0))
        pending = Pending(self, peer, name, _pair(type, cls), flags, timeout, dnssecOK, stream)
        if len(self._inFlight) >= self.maximumInFlight:
            self._queue.append(pending)
        else:
            self._begin(pending)
        return pending

    def peer(self, server: tuple[str, int]) -> Peer:
        """What is known of a server."""
        peer = self._peers.get(server)
        if peer is None:
            peer = Peer(server, self._random.take(8) if self.cookies else b"")
            self._peers.add(peer)
        return peer

    def close(self) -> defer.Deferred[None]:
        """Fail what waits, and close all sockets.

        @return: a Deferred that fires when all is closed.
        """
        if self._closed is None:
            self._closed = defer.succeed(None)
            reason = ConnectionDone("the exchange is closed")
            waiting = [*self._inFlight, *self._queue]
            self._inFlight.clear()
            self._queue.clear()
            if self._deadlines is not None:
                self._deadlines.clear()
                self._closed = self._sockets.close()
            for pending in waiting:
                pending.deadline = pending.socket = None
                if not pending.called:
                    pending.errback(Failure(reason))
        done: defer.Deferred[None] = defer.Deferred()
        self._closed.addCallback(done.callback)
        return done

    # --- sending ---

    def _start(self) -> None:
        """Get ready for the first question."""
        if self.reactor is None:
            from twisted.internet import reactor

            self.reactor = reactor
        self._deadlines = Deadlines(self.reactor)
        self._sockets = SocketPool(
            self.reactor,
            self._random,
            self._received,
            maximum=self.maximumSockets,
            size=max(4096, self.udpPayloadSize),
        )

    def _begin(self, pending: Pending) -> None:
        """Let the time of a question begin, and send it."""
        self._inFlight.add(pending)
        now = self.reactor.seconds()
        pending.started = now
        pending.deadline = self._deadlines.add(now + pending.timeout, pending.expired)
        self._send(pending, now)

    def _send(self, pending: Pending, now: float) -> None:
        """Send a question in a datagram."""
        peer = pending.peer
        name = pending.name
        size = len(name)
        octets = self._random.take(size + 4)
        try:
            sender = self._sockets.choose(
                "" if peer.family == socket.AF_INET else "::", int.from_bytes(octets[2:4], "big"), now
            )
        except CannotListenError:
            self._fail(pending, Failure())
            return
        ident = octets[:2]
        waiting = sender.waiting
        while ident in waiting:
            ident = self._random.take(2)
        if self.randomCase and not pending.caseless and now >= peer.caselessUntil:
            pending.cased = True
            letters = int.from_bytes(name.translate(_CASES), "big") & int.from_bytes(octets[4:], "big")
            name = (int.from_bytes(name, "big") ^ letters).to_bytes(size, "big")
        else:
            pending.cased = False
        pending.question = question = name + pending.suffix
        pending.edns = edns = self.edns and not pending.plain and now >= peer.plainUntil and not peer.silent
        flags = pending.flags
        if edns:
            message = ident + flags + _ONE_AND_OPT + question + peer.opt(self.udpPayloadSize, pending.dnssecOK, False)
        else:
            message = ident + flags + _ONE + question
        pending.sent = now
        pending.ident = ident
        pending.socket = sender
        waiting[ident] = pending
        try:
            sender.send(message, peer.target)
        except OSError as error:
            self._fail(pending, Failure(self._unreachable(pending, str(error))))

    # --- what comes back ---

    def _received(self, pending: Pending, octets: bytes) -> None:
        """Take a datagram that bears the ID of a question, and comes from who was asked."""
        question = pending.question
        end = _HEADER + len(question)
        if len(octets) < end or octets[2] & 0xF8 != 0x80 or octets[4:6] != b"\0\1":
            return
        if not octets.startswith(question, _HEADER):
            if octets[_HEADER:end].lower() != question.lower():
                return
            if pending.cased:
                pending.caseless = True
                self._again(pending)
                return
        rcode = octets[3] & 15
        if pending.edns:
            try:
                opt = findOpt(octets, end)
            except DNSDecodeError:
                opt = None
            if opt is not None:
                rcode |= opt.extended << 4
                cookie = opt.option(COOKIE)
                if cookie is not None and cookie[:8] != pending.peer.cookie:
                    return
                pending.peer.speaksEdns = True
            if rcode in (EFORMAT, ENOTIMP, EBADVERSION):
                pending.plain = True
                self._again(pending)
                return
        now = self.reactor.seconds()
        pending.peer.answered(now - pending.sent)
        octets = octets[:_HEADER] + pending.name + octets[_HEADER + len(pending.name) :]
        reply = Reply(octets, end, rcode, pending.peer.server, pending.transport, now - pending.started)
        self._finish(pending)
        pending.callback(reply)

    def _again(self, pending: Pending) -> None:
        """Ask again, in the time that is left."""
        self._unhook(pending)
        self._send(pending, self.reactor.seconds())

    # --- the end ---

    def _unhook(self, pending: Pending) -> None:
        """Await the reply no longer where it is awaited."""
        sender = pending.socket
        if sender is not None:
            pending.socket = None
            sender.forget(pending.ident)

    def _finish(self, pending: Pending) -> None:
        """Free what a question took, and let the next one in."""
        self._unhook(pending)
        deadline = pending.deadline
        if deadline is not None:
            pending.deadline = None
            self._deadlines.remove(deadline)
        self._inFlight.discard(pending)
        while self._queue and len(self._inFlight) < self.maximumInFlight:
            following = self._queue.popleft()
            if not following.called:
                self._begin(following)

    def _fail(self, pending: Pending, reason: Failure) -> None:
        """End a question with an error."""
        self._finish(pending)
        if not pending.called:
            pending.errback(reason)

    def expired(self, pending: Pending) -> None:
        """End a question whose time is up."""
        pending.peer.timedOut()
        if pending.edns and not pending.peer.speaksEdns:
            pending.peer.silent = True
        self._fail(pending, Failure(QueryTimeoutError(pending.ident, **self._what(pending))))

    def cancelled(self, pending: Pending) -> None:
        """Free what a question took that nobody wants answered any more."""
        self._finish(pending)

    def _unreachable(self, pending: Pending, reason: str) -> UnreachableError:
        """The error for a server that cannot be reached."""
        return UnreachableError(reason, reason=reason, **self._what(pending))

    def _what(self, pending: Pending) -> dict[str, Any]:
        """What an error says of a question."""
        kind, cls = int.from_bytes(pending.suffix[:2], "big"), int.from_bytes(pending.suffix[2:], "big")
        return {
            "question": Query(Name.fromWire(pending.name), kind, cls),
            "server": pending.peer.server,
            "transport": pending.transport,
            "elapsed": self.reactor.seconds() - pending.started,
        }
