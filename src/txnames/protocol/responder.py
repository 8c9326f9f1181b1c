"""From the octets of a request to those of its reply, whatever brought them.

A question is answered at once where C{answerNow} can do so: from the octets of the request (L{Request}) by way of an
L{Answer} to the octets of the reply, without a record or a message being made.  Everything else becomes a message,
and goes to C{messageReceived}.  What both ways must agree on is decided here and in L{txnames.protocol.request}: which
requests are faulty, and the bits, EDNS and size of their replies.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Container
from typing import Any

from twisted.internet import defer
from twisted.python import log
from twisted.python.failure import Failure
from zope.interface import implementer

from txnames.error import DNSDecodeError
from txnames.interfaces import IResponder
from txnames.protocol.limits import StreamLimits
from txnames.protocol.memo import Memo
from txnames.protocol.networks import LOCAL_NETWORKS, Networks
from txnames.protocol.request import UDP, UDP_SIZE, Address, Request, limitOf, optFor, optWireFor, readRequest
from txnames.protocol.signing import SigningProtocol
from txnames.tsig import Keyring, TSIGError, refuse, verify
from txnames.wire.edns import OPTHeader
from txnames.wire.message import Message
from txnames.wire.numbers import EFORMAT, ENOTIMP, ESERVER, OK, OP_QUERY, OP_UPDATE
from txnames.zone.answer import Answer

__all__ = ["Responder"]

_RECURSION_AVAILABLE = 0x0080

_MOST_FAILURES = 20
"""How many failures are logged at once; after these, one in each second."""


class _Exchange:
    """Stands in for a protocol where there is none: takes the reply to one request.

    @ivar transportName: how the request came.
    @ivar reply: a Deferred of the reply in wire form.
    """

    transport = None

    def __init__(self, transportName: str) -> None:
        self.transportName = transportName
        self.reply: defer.Deferred[bytes | None] = defer.Deferred()

    def writeMessage(self, message: Any, address: Any = None) -> None:
        """Take the reply; only the first one counts."""
        self.writeOctets(message.toStr())

    def writeOctets(self, octets: bytes, address: Any = None) -> None:
        """Take the reply in wire form; only the first one counts."""
        if not self.reply.called:
            self.reply.callback(octets)


@implementer(IResponder)
class Responder:
    """Answers requests as they stand on the wire.

    @cvar limits: what clients that connect are granted.
    @cvar nsid: the server's identifier for those who ask (RFC 5001), or C{None}.
    @cvar udpPayloadSize: the octets of the largest datagram that we take or send.
    @ivar reactor: tells the time; by default the global one, when it is first needed.
    @ivar keys: the keys by which requests may be signed (RFC 8945).
    @cvar wallClock: tells the time in seconds since 1970, which signatures bear.
    @ivar canRecurse: whether there is recursion to be had.
    @ivar allowRecursion: the clients that may have it, and learn what is in caches: by default those on this machine,
        on its links and in private networks.
    """

    limits = StreamLimits()
    nsid: bytes | None = None
    udpPayloadSize = UDP_SIZE
    reactor: Any = None
    keys: Keyring = Keyring()
    wallClock: Callable[[], float] = staticmethod(time.time)
    canRecurse = False
    allowRecursion: Container[str] = Networks(LOCAL_NETWORKS)

    # What takes the replies that are the same for each such request, if anything does.
    _memo: Memo | None = None
    _patience: float = _MOST_FAILURES
    _lastFailure: float = 0.0

    def answerNow(self, request: Request) -> Answer | None:
        """Answer a query at once, or leave it to L{messageReceived} by C{None}."""
        return None

    def messageReceived(self, message: Any, proto: Any, address: Any = None) -> None:
        """Take a request as a message, and see to it that the protocol's C{writeMessage} gets the reply."""
        raise NotImplementedError

    def respond(self, octets: bytes, address: Address, transport: str) -> defer.Deferred[bytes | None]:
        """Answer a request; see L{IResponder}."""
        exchange = _Exchange(transport)
        reply = self.octetsReceived(octets, exchange, address)
        if reply is not None and not exchange.reply.called:
            exchange.reply.callback(reply or None)
        return exchange.reply

    def octetsReceived(self, octets: bytes, protocol: Any, address: Address) -> bytes | None:
        """Answer a request that a protocol received.

        @return: the reply, empty where there is none; C{None} where it comes later, by the protocol's C{writeMessage}.
        """
        request = readRequest(octets, address, protocol.transportName)
        if request is None:
            return b""
        if request.signed:
            return self._signedReceived(request, protocol)
        return self._answered(request, protocol, 0)

    def _answered(self, request: Request, protocol: Any, spare: int) -> bytes | None:
        """Answer a request whose signature, if there was one, was verified.

        @param spare: the octets that the reply has to leave for its own signature.
        """
        try:
            if request.fault:
                return self._faultyReply(request)
            if request.flags < 0x0800:
                answer = self.answerNow(request)
                if answer is not None:
                    edns = request.edns
                    size = self.udpPayloadSize
                    reply = answer.toWire(
                        request.ident,
                        request.flags | _RECURSION_AVAILABLE if self.offersRecursion(request) else request.flags,
                        request.question,
                        limitOf(edns, request.transport, size) - spare,
                        None
                        if edns is None
                        else optWireFor(edns, request.transport, OK, size, self.nsid, self.limits.idle),
                    )
                    memo = self._memo
                    if memo is not None and not spare and request.transport == UDP:
                        if request.again is None:
                            memo.put(request.octets[2:], reply[2:])
                        else:
                            memo.putPassing(request.octets[2:], reply[2:], request.again)
                    return reply
            return self._passOn(request, protocol, spare)
        except Exception:
            self.logFailure(Failure())
            return request.emptyReply(ESERVER, self.offersRecursion(request), self._optOf(request))

    def _signedReceived(self, request: Request, protocol: Any) -> bytes | None:
        """Answer a request with a signature (RFC 8945 section 5.2), and sign the reply."""
        now = self.wallClock()
        try:
            octets, key, signature = verify(request.octets, self.keys, now)
        except TSIGError as error:
            self._logRefusal(request, error)
            reply = request.emptyReply(error.rcode, self.offersRecursion(request), self._optOf(request))
            return refuse(reply, error, now)
        except DNSDecodeError:
            return request.emptyReply(EFORMAT, self.offersRecursion(request), self._optOf(request))
        inner = readRequest(octets, request.address, request.transport)
        assert inner is not None
        inner.key = key.name
        signing = SigningProtocol(protocol, key, signature.mac, self.wallClock)
        found = self._answered(inner, signing, signing.spare)
        return signing.sign(found) if found else found

    def _faultyReply(self, request: Request) -> bytes:
        """The reply to a faulty request: FORMERR or BADVERS, but NOTIMP to an opcode that nobody knows."""
        rcode = request.fault if request.opcode == OP_QUERY else ENOTIMP
        return request.emptyReply(rcode, self.offersRecursion(request), self._optOf(request, rcode))

    def trusts(self, address: Address) -> bool:
        """Whether a client may have recursion and what is in caches; one without an address is within this process."""
        return address is None or address[0] in self.allowRecursion

    def offersRecursion(self, request: Request) -> bool:
        """Whether the client of a request is told that it can have recursion (RA)."""
        return self.canRecurse and self.trusts(request.address)

    def _passOn(self, request: Request, protocol: Any, spare: int) -> bytes | None:
        """Give a request to L{messageReceived}."""
        message = Message()
        if request.opcode == OP_UPDATE:
            # Its other records are of a kind of their own: some have no data (RFC 2136 section 2.4).
            message.id, message.opCode, message.recDes = request.ident, OP_UPDATE, request.recursionDesired
            message.queries = [request.query]
        else:
            message.fromStr(request.octets)
        message.maxSize = limitOf(request.edns, request.transport, self.udpPayloadSize) - spare
        request.trusted = self.trusts(request.address)
        message.request = request  # type: ignore[attr-defined]  # reason: goes with the message through all steps
        self.messageReceived(message, protocol, request.address)
        return None

    def optOf(self, request: Request) -> OPTHeader | None:
        """The OPT record of the reply to a request; C{None} where the request had none."""
        return optFor(request.edns, request.transport, OK, self.udpPayloadSize, self.nsid, self.limits.idle)

    def _optOf(self, request: Request, rcode: int = OK) -> bytes:
        """The same in wire form; empty where the request had none."""
        return optWireFor(request.edns, request.transport, rcode, self.udpPayloadSize, self.nsid, self.limits.idle)

    def logFailure(self, failure: Failure) -> None:
        """Log a failure that nobody foresaw; of many in a short time only some."""
        if self._mayLog():
            log.err(failure)

    def _logRefusal(self, request: Request, error: TSIGError) -> None:
        """Log that a signature is not as it should be; of many in a short time only some."""
        if self._mayLog():
            where = "somebody" if request.address is None else request.address[0]
            log.msg(f"a request of {where} for {request.query.name} was refused: {error}")

    def _mayLog(self) -> bool:
        """Whether there is something left of what may be logged in a short time."""
        now = self._seconds()
        self._patience = min(_MOST_FAILURES, self._patience + max(now - self._lastFailure, 0.0))
        self._lastFailure = now
        if self._patience < 1:
            return False
        self._patience -= 1
        return True

    def _seconds(self) -> float:
        """The time on the reactor's clock."""
        if self.reactor is None:
            from twisted.internet import reactor

            self.reactor = reactor
        return float(self.reactor.seconds())
