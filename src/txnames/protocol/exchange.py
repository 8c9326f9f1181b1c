"""One question to one server, and its reply.

A question is sent with an ID, from a port, and with letters whose case nobody else knows, and a cookie; a reply counts
only if it has all of them (RFC 5452 section 9, RFC 7873 section 5.3).  What doesn't is dropped, and the question waits
on.  Some servers need to be asked again before there is a reply that counts:

  - one that complains of EDNS is asked without (RFC 6891 section 6.2.2);
  - one that doesn't send the case of letters back is asked with the name as it is;
  - one that sends a new cookie with BADCOOKIE is asked with that, and over TCP if that doesn't help;
  - one whose cookie is missing although it has one, or whose reply is truncated, is asked over TCP.

  - one that cannot be asked over TCP need not have a cookie any more, the next time.

All that happens in the time that the question has.  What is learned of a server stays with its L{Peer} for a while.
"""

from __future__ import annotations

from collections import OrderedDict
from random import Random
from struct import Struct
from typing import Any, Final

from twisted.internet import defer
from twisted.internet.error import ConnectionDone, InvalidAddressError
from twisted.python.failure import Failure

from txnames.error import DNSDecodeError, QueryTimeoutError, UnreachableError
from txnames.protocol.connections import ConnectionPool, QueryConnection
from txnames.protocol.deadlines import Deadlines
from txnames.protocol.peer import Peer, PeerTable
from txnames.protocol.pending import Pending, Receiver
from txnames.protocol.randomness import RandomOctets
from txnames.protocol.reply import Opt, Reply, findOpt
from txnames.protocol.request import TCP, UDP, UDP_SIZE
from txnames.protocol.sockets import SocketPool
from txnames.wire.header import Query
from txnames.wire.name import Name
from txnames.wire.numbers import EBADCOOKIE, EBADVERSION, EFORMAT, ENAME, ENOTIMP, IN, OK
from txnames.wire.options import COOKIE, KEEPALIVE

__all__ = ["Exchange"]

_HEADER: Final = 12
_packPair = Struct(">HH").pack
_readPair = Struct(">HH").unpack

_CASES: Final = bytes(0x20 if 0x41 <= octet & 0xDF <= 0x5A else 0 for octet in range(256))
"""Of each octet of a name, the bit that tells small letters from capitals; the lengths of labels have none."""

_FLAGS: Final = [bytes((rd, cd)) for cd in (0x00, 0x10) for rd in (0x00, 0x01)]
_ONE: Final = b"\0\1"
_COUNTS: Final = b"\0\1\0\0\0\0\0\0"
_COUNTS_OPT: Final = b"\0\1\0\0\0\0\0\1"
_TC: Final = 0x02
_COMPLAINTS: Final = (EFORMAT, ENOTIMP, EBADVERSION)
"""The response codes of servers that don't understand EDNS."""

_CLIENT: Final = 8
"""The octets of a client's cookie."""

_DISTINCT: Final = 12
"""The octets of a name that is not found in a message by chance."""

_DATAGRAM: Final = 4096


class Exchange:
    """Asks servers questions.

    One call of L{ask} is one attempt with one server.  Whether to try again, and whom to ask, is for the caller to
    say; what is to be known of a server for that is its L{peer}.

    @ivar reactor: what has the sockets and the time.
    @ivar edns: whether servers are asked with EDNS.
    @ivar udpPayloadSize: the octets that are taken in one datagram.
    @ivar randomCase: whether letters of names are sent in random case, for replies to have it too.
    @ivar cookies: whether servers are sent cookies.
    @ivar maximumInFlight: how many questions wait for replies at a time; more wait for their turn.
    """

    def __init__(
        self,
        reactor: Any = None,
        *,
        random: Random | None = None,
        sockets: int = 64,
        connections: int = 100,
        edns: bool = True,
        udpPayloadSize: int = UDP_SIZE,
        randomCase: bool = True,
        cookies: bool = True,
        maximumInFlight: int = 1000,
        connect: bool = False,
        socketUses: int = 512,
        socketAge: float = 60.0,
        idle: float = 5.0,
        peers: int = 10000,
    ) -> None:
        """Make one that has asked nothing yet.

        @param reactor: what has the sockets and the time; by default the global one, when the first question is asked.
        @param random: where ports, IDs, cookies and the case of letters come from; by default the system.
        @param sockets: how many UDP sockets there may be.
        @param connections: how many TCP connections there may be.
        @param connect: whether UDP sockets are connected, so that the system says where nobody listens; for those who
            ask a few servers only.
        @param socketUses: how many questions are sent from one UDP socket.
        @param socketAge: for how many seconds one is used.
        @param idle: for how many seconds a connection is kept while nothing waits, where the server says nothing of it.
        @param peers: how many servers are remembered.
        """
        self.reactor = reactor
        self.edns = edns
        self.udpPayloadSize = udpPayloadSize
        self.randomCase = randomCase
        self.cookies = cookies and edns
        self.maximumInFlight = maximumInFlight
        self._random = RandomOctets(random)
        self._peers = PeerTable(peers)
        self._inFlight = 0
        self._queue: OrderedDict[Pending, None] = OrderedDict()
        self._admitting = False
        self._closed: defer.Deferred[None] | None = None
        self._bounds = (sockets, connect, socketUses, socketAge, connections, idle)
        self._deadlines: Any = None
        self._sockets: Any = None
        self._connections: Any = None

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
        @param stream: whether to ask over TCP from the start.
        @return: a Deferred of the reply, whatever its response code.  It fails with L{QueryTimeoutError}; with
            L{UnreachableError} where the network says that the server cannot be reached; with C{CannotListenError}
            where no port is free; with C{InvalidAddressError} where the server is not given by its address; with
            C{ConnectionDone} where this exchange is closed.  To cancel it frees all that it took.
        """
        asked = _Asked()
        try:
            asked.pending = self.put(
                asked,
                server,
                name,
                _packPair(type, cls),
                (1 if recursionDesired else 0) | (2 if checkingDisabled else 0),
                timeout,
                dnssecOK,
                stream,
            )
        except InvalidAddressError:
            asked.failed(Failure())
        return asked

    def put(
        self,
        receiver: Receiver,
        server: tuple[str, int],
        name: bytes,
        suffix: bytes,
        flags: int,
        timeout: float,
        dnssecOK: bool,
        stream: bool,
    ) -> Pending:
        """Ask a server, as L{ask} does, for somebody who needs no Deferred.

        @param receiver: is told of the reply, or of the failure; perhaps before this method returns.
        @param suffix: type and class as octets.
        @param flags: 1 for RD, plus 2 for CD.
        @return: the question; to cancel it frees all that it took.
        @raise InvalidAddressError: the server is not given by its address.
        """
        peer = self._peers.get(server) or self.peer(server)
        if self._deadlines is None:
            self._start()
        pending = Pending(
            self,
            receiver,
            peer,
            name,
            suffix,
            _FLAGS[flags],
            timeout,
            dnssecOK,
            stream,
        )
        if self._closed is not None:
            pending.ended = True
            receiver.failed(Failure(ConnectionDone("the exchange is closed")))
        elif self._inFlight >= self.maximumInFlight or self._queue:
            self._queue[pending] = None
        else:
            self._begin(pending)
        return pending

    def peer(self, server: tuple[str, int]) -> Peer:
        """What is known of a server.

        @raise InvalidAddressError: it is not given by its address.
        """
        peer = self._peers.get(server)
        if peer is None:
            peer = Peer(server, self._random.take(_CLIENT) if self.cookies else b"")
            self._peers.add(peer)
        return peer

    def close(self) -> defer.Deferred[None]:
        """Fail what waits, and close all sockets and connections.

        @return: a Deferred that fires when all is closed.
        """
        if self._closed is None:
            self._closed = defer.succeed(None)
            if self._deadlines is not None:
                waiting = [*self._deadlines.clear(), *self._queue]
                self._queue.clear()
                closing = [self._sockets.close(), self._connections.close()]
                self._closed = defer.DeferredList(closing).addCallback(lambda _: None)
                for pending in waiting:
                    if isinstance(pending, Pending) and not pending.ended:
                        pending.ended = True
                        pending.place = pending.deadline = None
                        pending.receiver.failed(Failure(ConnectionDone("the exchange is closed")))
        done: defer.Deferred[None] = defer.Deferred()
        self._closed.addCallback(done.callback)
        return done

    # --- sending ---

    def _start(self) -> None:
        """Get ready for the first question."""
        if self.reactor is None:
            from twisted.internet import reactor

            self.reactor = reactor
        sockets, connect, uses, age, connections, idle = self._bounds
        self._deadlines = Deadlines(self.reactor)
        self._sockets = SocketPool(
            self.reactor,
            self._random,
            self._received,
            self._refused,
            maximum=sockets,
            connect=connect,
            uses=uses,
            age=age,
            size=max(_DATAGRAM, self.udpPayloadSize),
        )
        self._connections = ConnectionPool(
            self.reactor,
            self._random,
            self._deadlines,
            self._message,
            self._received,
            self._disconnected,
            maximum=connections,
            idle=idle,
        )

    def _begin(self, pending: Pending) -> None:
        """Let the time of a question begin, and send it."""
        self._inFlight += 1
        pending.started = now = self.reactor.seconds()
        pending.deadline = self._deadlines.add(now + pending.timeout, pending)
        self._send(pending, now)

    def _send(self, pending: Pending, now: float) -> None:
        """Send a question."""
        peer = pending.peer
        pending.sent = now
        pending.edns = edns = self.edns and not pending.plain and not peer.silent and now >= peer.plainUntil
        if pending.stream:
            pending.transport = TCP
            pending.question = pending.name + pending.suffix
            self._connections.send(pending)
            return
        name = pending.name
        size = len(name)
        octets = self._random.take(size + 4)
        pending.ident = ident = octets[:2]
        try:
            sender = self._sockets.choose(peer, octets[2] << 8 | octets[3], now)
            while ident in sender.waiting:
                pending.ident = ident = self._random.take(2)
            if self.randomCase and not pending.caseless and now >= peer.caselessUntil:
                letters = int.from_bytes(name.translate(_CASES), "big") & int.from_bytes(octets[4:], "big")
                name = (int.from_bytes(name, "big") ^ letters).to_bytes(size, "big")
            pending.question = question = name + pending.suffix
            if edns:
                opt = peer.opt(self.udpPayloadSize, pending.dnssecOK, False)
                sender.send(pending, ident + pending.flags + _COUNTS_OPT + question + opt)
            else:
                sender.send(pending, ident + pending.flags + _COUNTS + question)
        except OSError as error:
            self._refused(pending, str(error))
        except Exception as error:
            # Such as that no port is free.
            self._fail(pending, error)

    def _message(self, pending: Pending) -> bytes:
        """The message that asks a question over TCP."""
        if pending.edns:
            opt = pending.peer.opt(self.udpPayloadSize, pending.dnssecOK, True)
            return pending.ident + pending.flags + _COUNTS_OPT + pending.question + opt
        return pending.ident + pending.flags + _COUNTS + pending.question

    def _admit(self) -> None:
        """Let those that wait for it have their turn."""
        queue = self._queue
        if self._admitting or self._closed is not None:
            return
        self._admitting = True
        try:
            while queue and self._inFlight < self.maximumInFlight:
                pending, _ = queue.popitem(last=False)
                self._begin(pending)
        finally:
            self._admitting = False

    # --- what comes back ---

    def _received(self, pending: Pending, octets: bytes) -> None:
        """Take a message with the ID of a question, from who was asked."""
        question = pending.question
        peer = pending.peer
        rcode: int | None = octets[3] & 15 if len(octets) > _HEADER else EFORMAT
        # Most replies end as the server's last one did, so that there is nothing to be learned from them.
        if (
            rcode in (OK, ENAME)
            and octets[2] & 0xFA == 0x80
            and octets[4:6] == _ONE
            and octets.startswith(question, _HEADER)
            and pending.edns
            and peer.tail
            and octets.startswith(peer.tail, len(octets) - peer.tailSize)
        ):
            plain = True
            known = peer.serverCookie
            if known and not octets.endswith(known):
                peer.renew(octets[-len(known) :])
        else:
            plain = False
            rcode = self._examined(pending, octets)
            if rcode is None:
                return
        now = self.reactor.seconds()
        peer.answered(now - pending.sent)
        name = pending.name
        size = len(name)
        sent = question[:size]
        if sent != name and size >= _DISTINCT:
            # The server may have written the name out elsewhere too.
            octets = octets.replace(sent, name)
        if not octets.startswith(name, _HEADER):
            octets = octets[:_HEADER] + name + octets[_HEADER + size :]
        reply = Reply(octets, _HEADER + size + 4, rcode, peer.server, pending.transport, now - pending.started, plain)
        self._finish(pending)
        pending.receiver.replied(reply)

    def _examined(self, pending: Pending, octets: bytes) -> int | None:
        """Look closely at a message with the ID of a question, from who was asked.

        @return: the response code if it is the reply; otherwise C{None}, and all is done that it gives cause for.
        """
        question = pending.question
        end = _HEADER + len(question)
        if len(octets) < _HEADER or octets[2] & 0xF8 != 0x80:
            return None
        rcode = octets[3] & 15
        if pending.edns and rcode in _COMPLAINTS and octets[4:6] == b"\0\0":
            # Some servers are at such a loss with EDNS that they don't even repeat the question.
            self._complaint(pending)
            return None
        if octets[4:6] != _ONE or octets[_HEADER:end].lower() != question.lower():
            return None
        if not octets.startswith(question, _HEADER) and self._isCased(pending):
            self._miscased(pending)
            return None
        if octets[2] & _TC and pending.transport == UDP:
            self._overStream(pending)
            return None
        try:
            opt = findOpt(octets, end)
        except DNSDecodeError:
            # Who looks at the reply will see what is wrong with it.
            opt = None
        if opt is not None:
            rcode |= opt.extended << 4
        peer = pending.peer
        now = self.reactor.seconds()
        if pending.edns:
            if not self._ednsExamined(pending, opt, rcode):
                return None
        elif self.edns and rcode not in _COMPLAINTS and now >= peer.plainUntil:
            peer.plain(now)
        if pending.caseless and now >= peer.caselessUntil:
            peer.caseless(now)
        return rcode

    def _ednsExamined(self, pending: Pending, opt: Opt | None, rcode: int) -> bool:
        """Look closely at the OPT record of a message that answers a question with EDNS, and learn from it.

        @return: whether it is the reply; otherwise all is done that it gives cause for.
        """
        peer = pending.peer
        cookie = None if opt is None else opt.option(COOKIE)
        if cookie is None:
            if peer.serverCookie and pending.transport == UDP:
                self._overStream(pending)
                return False
        elif peer.cookie and cookie[:_CLIENT] != peer.cookie:
            return False
        if opt is not None or rcode not in _COMPLAINTS:
            peer.learn(b"" if cookie is None else cookie[_CLIENT:], b"" if opt is None else opt.tail)
        if rcode in _COMPLAINTS:
            self._complaint(pending)
            return False
        if pending.transport == UDP:
            if rcode == EBADCOOKIE:
                if pending.renewed or not peer.serverCookie:
                    self._overStream(pending)
                    return False
                pending.renewed = True
                self._again(pending)
                return False
        elif opt is not None:
            keep = opt.option(KEEPALIVE)
            if keep is not None and len(keep) == 2 and isinstance(pending.place, QueryConnection):
                pending.place.keep(int.from_bytes(keep, "big") / 10)
        return True

    def _isCased(self, pending: Pending) -> bool:
        """Whether a question was sent in random case, be it that of the name by chance."""
        if not self.randomCase or pending.caseless or pending.transport != UDP:
            return False
        return pending.sent >= pending.peer.caselessUntil

    # --- asking again ---

    def _miscased(self, pending: Pending) -> None:
        """Wait for a while for a reply that has the case of the question: this one may be forged.

        If none comes, the server does not send the case back, and is asked again without it, see L{expired}.
        """
        if not pending.miscased:
            pending.miscased = True
            now = self.reactor.seconds()
            left = max(0.0, pending.started + pending.timeout - now)
            self._deadlines.remove(pending.deadline)
            pending.deadline = self._deadlines.add(now + min(pending.peer.rto, left / 2), pending)

    def _again(self, pending: Pending) -> None:
        """Send a question again, in the time that it has left."""
        place = pending.place
        pending.place = None
        place.forget(pending)
        if pending.miscased:
            pending.miscased = False
            self._deadlines.remove(pending.deadline)
            pending.deadline = self._deadlines.add(pending.started + pending.timeout, pending)
        self._send(pending, self.reactor.seconds())

    def _complaint(self, pending: Pending) -> None:
        """Ask without EDNS; over TCP where a server with a cookie didn't send it with its complaint."""
        if pending.peer.serverCookie and pending.transport == UDP:
            self._overStream(pending)
        else:
            pending.plain = True
            self._again(pending)

    def _overStream(self, pending: Pending) -> None:
        """Ask over TCP."""
        pending.stream = True
        self._again(pending)

    def _disconnected(self, pending: Pending, reason: Failure, served: bool) -> None:
        """Ask on another connection, if the server closed one that was of use before (RFC 7766 section 6.2.4).

        There are servers that take one question for each connection: so all that wait get on, one by one.
        """
        if served:
            self._send(pending, self.reactor.seconds())
        else:
            self._refused(pending, reason.getErrorMessage())

    # --- the end ---

    def _finish(self, pending: Pending) -> None:
        """Free what a question took, and let the next one in."""
        pending.ended = True
        place = pending.place
        if place is not None:
            pending.place = None
            place.forget(pending)
        self._deadlines.remove(pending.deadline)
        pending.deadline = None
        self._inFlight -= 1
        if self._queue:
            self._admit()
        elif not self._inFlight:
            self._sockets.rest()

    def _fail(self, pending: Pending, reason: BaseException) -> None:
        """End a question with an error."""
        self._finish(pending)
        pending.receiver.failed(Failure(reason))

    def _refused(self, pending: Pending, reason: str) -> None:
        """End a question to a server that cannot be reached."""
        if pending.transport == TCP:
            pending.peer.forgetCookie()
        pending.peer.unreachable()
        self._fail(pending, UnreachableError(reason, reason=reason, **self._what(pending)))

    def expired(self, pending: Pending) -> None:
        """End a question whose time is up."""
        if pending.miscased:
            pending.caseless = True
            self._again(pending)
            return
        pending.place.gaveUp(pending)
        if pending.transport == TCP:
            pending.peer.forgetCookie()
        pending.peer.unanswered(pending.edns and pending.transport == UDP)
        self._fail(pending, QueryTimeoutError(int.from_bytes(pending.ident, "big"), **self._what(pending)))

    def cancelled(self, pending: Pending) -> None:
        """Free what a question took that nobody wants answered any more."""
        if pending.deadline is not None:
            self._finish(pending)
        else:
            pending.ended = True
            self._queue.pop(pending, None)

    def _what(self, pending: Pending) -> dict[str, Any]:
        """What an error says of a question."""
        type, cls = _readPair(pending.suffix)
        return {
            "question": Query(Name.fromWire(pending.name), type, cls),
            "server": pending.peer.server,
            "transport": pending.transport,
            "elapsed": self.reactor.seconds() - pending.started,
        }


class _Asked(defer.Deferred[Reply]):
    """The Deferred of a reply."""

    pending: Pending | None = None

    def __init__(self) -> None:
        super().__init__(_cancelled)

    def replied(self, reply: Reply) -> None:
        """Fire with the reply."""
        self.callback(reply)

    def failed(self, failure: Failure) -> None:
        """Fail."""
        self.errback(failure)


def _cancelled(asked: Any) -> None:
    """Take note that nobody wants the reply any more."""
    if asked.pending is not None:
        asked.pending.cancel()
