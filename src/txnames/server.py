"""The server: takes requests, asks its resolvers, replies.

There are two ways from a request to its reply.  The long one goes through the steps that a subclass may override, as in
twisted.names: C{messageReceived}, C{allowQuery}, C{handleQuery}, the chain of resolvers, C{gotResolverResponse} or
C{gotResolverError}, C{sendReply}; the request and the reply are L{Message} objects.  The short one is taken for a
question that a zone answers, if no step is overridden (L{DNSServerFactory.answerNow}).  That both give the same replies
is tested for every question of the test zones.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from twisted.internet import defer
from twisted.internet.protocol import ServerFactory
from twisted.python import log
from twisted.python.failure import Failure

from txnames import dns
from txnames.common import asDeferred
from txnames.error import (
    AuthoritativeDomainError,
    DNSDecodeError,
    DNSFormatError,
    DNSNotImplementedError,
    DNSQueryRefusedError,
    DNSServerError,
    DNSUnknownError,
    DomainError,
    NotResponsibleError,
)
from txnames.interfaces import IRecursiveResolver, IRequestResolver
from txnames.protocol.memo import Hot, Memo
from txnames.protocol.request import UDP, Request, ednsOf, optFor
from txnames.protocol.responder import Responder
from txnames.protocol.stream import DNSProtocol
from txnames.resolve import ResolverChain
from txnames.wire.edns import OPTHeader
from txnames.wire.message import Message
from txnames.wire.numbers import (
    AXFR,
    EFORMAT,
    ENAME,
    ENOTAUTH,
    ENOTIMP,
    EREFUSED,
    ESERVER,
    IXFR,
    OK,
    OP_INVERSE,
    OP_NOTIFY,
    OP_QUERY,
    OP_STATUS,
    OP_UPDATE,
    OPT,
    typeName,
)
from txnames.zone.answer import Answer
from txnames.zone.lookup import ZoneTable

__all__ = ["DNSServerFactory", "rcodeOf"]

_codes: tuple[tuple[type[Exception], int], ...] = (
    (AuthoritativeDomainError, ENAME),
    (DNSFormatError, EFORMAT),
    (DNSServerError, ESERVER),
    (DNSNotImplementedError, ENOTIMP),
    (NotImplementedError, ENOTIMP),
    (DNSQueryRefusedError, EREFUSED),
    (DNSUnknownError, ESERVER),
    (DomainError, ENAME),
)

_quiet = (AuthoritativeDomainError, DomainError, NotImplementedError, defer.TimeoutError, TimeoutError)
"""Failures that are answers, and don't go to the log."""

_LARGEST_RCODE = 15
"""The largest response code that the header of a message has room for."""

_steps = (
    "_messageFactory",
    "_responseFromMessage",
    "allowQuery",
    "gotResolverError",
    "gotResolverResponse",
    "handleQuery",
    "messageReceived",
    "sendReply",
)
"""What a subclass may override so that a question for a zone has to go the long way."""


_steady = ("_answered", "answerNow", "offersRecursion", "optOf", "octetsReceived", "trusts")
"""What a subclass may override so that a reply need not be the same as one that was given before."""

_counters = frozenset({"_known", "_lastFailure", "_patience", "_short", "numPorts"})
"""What changes without a meaning for replies."""


def rcodeOf(error: BaseException | None) -> int:
    """The response code for a resolver's failure; SERVFAIL for one that doesn't say."""
    for kind, code in _codes:
        if isinstance(error, kind):
            return code
    return ESERVER


class DNSServerFactory(Responder, ServerFactory):
    """A server: makes the protocols for TCP connections, and is the controller of those and of the one for UDP.

    @ivar resolver: what is asked: a L{ResolverChain} of all resolvers given; may be replaced by anything with a
        method C{query}.
    @ivar cache: the last of the caches, which gets what the others answer; or C{None}.
    @ivar canRecurse: whether there is recursion to be had, of which clients that may have it are told (RA): whether
        there are resolvers among C{clients}.
    @ivar transfers: what sends zones to other servers, a L{txnames.transferring.Sender}; or C{None}.
    @ivar secondaries: what is told of changed zones, by C{notified(request)}, which gives the rcode of the reply; or
        C{None}.
    @ivar updates: what changes zones, by C{update(request)}, which gives that too or a Deferred of it; or C{None}.
    @ivar connections: the protocols of the connections that are open.
    @ivar verbose: how much is logged for each request: 0 nothing, 1 types and results, 2 questions too.
    """

    protocol = DNSProtocol
    cache: Any = None
    transfers: Any = None
    secondaries: Any = None
    updates: Any = None

    _messageFactory: ClassVar[Any] = Message
    _hot: Hot | None = None
    _known = -1
    _short = False

    def __init__(
        self,
        authorities: Sequence[Any] | None = None,
        caches: Sequence[Any] | None = None,
        clients: Sequence[Any] | None = None,
        verbose: int = 0,
        *,
        reactor: Any = None,
    ) -> None:
        """Make a server of resolvers.

        @param authorities: those that answer for zones of their own.
        @param caches: those that remember answers; the last one gets what others answer, by C{cacheResult}.
        @param clients: those that ask other servers.
        @param reactor: has the timers of connections; by default the global one.
        """
        self.canRecurse = bool(clients)
        if caches:
            self.cache = caches[-1]
        self.resolver: Any = ResolverChain([*(authorities or ()), *(caches or ()), *(clients or ())])
        self.verbose = verbose
        self.connections: list[Any] = []
        self._hosts: Counter[Any] = Counter()
        if reactor is not None:
            self.reactor = reactor

    # --- connections ---

    def buildProtocol(self, addr: Any) -> Any:
        """Make the protocol for a connection; C{None}, which closes it, where there are too many."""
        limits = self.limits
        host = getattr(addr, "host", None)
        if len(self.connections) >= limits.connections or (host and self._hosts[host] >= limits.perClient):
            return None
        protocol = self.protocol(self)
        protocol.factory = self
        if self.reactor is not None:
            protocol.reactor = self.reactor
        return protocol

    def connectionMade(self, protocol: Any) -> None:
        """Take note of a connection."""
        self.connections.append(protocol)
        self._hosts[_hostOf(protocol)] += 1

    def connectionLost(self, protocol: Any) -> None:
        """Take note that a connection is gone."""
        self.connections.remove(protocol)
        host = _hostOf(protocol)
        self._hosts[host] -= 1
        if self._hosts[host] <= 0:
            del self._hosts[host]

    # --- the short way ---

    def octetsReceived(self, octets: bytes, protocol: Any, address: Any) -> bytes | None:
        """Answer a request; from memory where the same one was answered before, and nothing has changed since."""
        memo: Memo | None = None
        if protocol.transportName == UDP:
            hot = self._hot or self._heat()
            if hot.chain is not None:
                if hot.zones is not hot.chain.zones():
                    hot = self._heat()
                memo = hot.memo
                if self.canRecurse and address is not None and not hot.trusts(address[0]):
                    memo = hot.others
                key = octets[2:]
                passing = memo.passing.get(key)
                if passing is not None and passing[1]():
                    return octets[:2] + passing[0]
                reply = memo.find(key)
                if reply is not None:
                    return octets[:2] + reply
        self.__dict__["_memo"] = memo
        return super().octetsReceived(octets, protocol, address)

    def octetsNew(self, octets: bytes, protocol: Any, address: Any) -> bytes | None:
        """Answer a request that what L{recaller} gave does not know; otherwise as L{octetsReceived} does."""
        self.__dict__["_memo"] = None if self._hot is None else self._hot.memo
        return super().octetsReceived(octets, protocol, address)

    def recaller(self) -> Callable[[bytes], bytes | None] | None:
        """What knows the replies to requests that came before, both without their IDs.

        @return: C{None} where who asks makes a difference, or nothing may be remembered.  Otherwise a function that is
            good until something changes.
        """
        hot = self._hot
        if hot is None or hot.chain is None or self.canRecurse or hot.zones is not hot.chain.zones():
            return None
        return hot.memo.find

    def _heat(self) -> Hot:
        """See whether replies may be remembered, and begin with none."""
        kind = type(self)
        chain = self.resolver
        changed = any(getattr(kind, name) is not getattr(DNSServerFactory, name) for name in _steady)
        if changed or any(name in self.__dict__ for name in _steady) or chain.__class__ is not ResolverChain:
            hot = Hot(None, None, self.allowRecursion)
        else:
            hot = Hot(chain, chain.zones(), self.allowRecursion)
        self.__dict__["_hot"] = hot
        return hot

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; what was remembered may not hold any more."""
        object.__setattr__(self, name, value)
        if name not in _counters:
            self.__dict__["_hot"] = None

    def answerNow(self, request: Request) -> Answer | None:
        """Answer a question from the zones, if none of the steps that would do so is overridden."""
        if len(self.__dict__) != self._known:
            self._look()
        resolver = self.resolver
        if not self._short or self.verbose or resolver.__class__ is not ResolverChain:
            return None
        if IXFR <= request.type <= AXFR:
            return None
        try:
            answer = resolver.answer(request.name, request.type, request.cls)
            if answer is None and self.trusts(request.address):
                cached = resolver.answerCached(request.name, request.type, request.cls, request.variant)
                if cached is not None:
                    answer, request.again = cached
            return answer
        except DNSServerError:
            # The long way finds the same, and what to say of it.
            return None

    def _look(self) -> None:
        """Look whether a step is overridden, by a subclass or in the instance."""
        self._known = 0
        self._known = len(self.__dict__)
        kind = type(self)
        self._short = not any(
            name in self.__dict__ or getattr(kind, name) is not getattr(DNSServerFactory, name) for name in _steps
        )

    def close(self) -> defer.Deferred[None]:
        """End all timers, sockets and lookups of the resolvers, and the connections.

        @return: a Deferred that fires when that is done.
        """
        for protocol in list(self.connections):
            transport = getattr(protocol, "transport", None)
            if transport is not None:
                transport.loseConnection()
        return asDeferred(getattr(self.resolver, "close", _nothing)).addCallback(_nothing)

    # --- messages ---

    def messageReceived(self, message: Any, proto: Any, address: Any = None) -> None:
        """Take a message, and hand it to the step for its opcode.

        A response is dropped: two servers could answer each other for ever.

        @param proto: has the reply sent, by C{writeMessage}.
        @param address: the client's host and port; by default the peer of the protocol's transport.
        """
        message.timeReceived = time.time()
        if message.answer:
            return
        if address is None:
            address = _peerOf(proto)
        if self.verbose:
            self._logMessage(message, address)
        if not self.allowQuery(message, proto, address):
            self.sendReply(proto, self._responseFromMessage(message=message, rCode=EREFUSED), address)
            return
        if message.opCode == OP_QUERY:
            self.handleQuery(message, proto, address)
        elif message.opCode == OP_INVERSE:
            self.handleInverseQuery(message, proto, address)
        elif message.opCode == OP_STATUS:
            self.handleStatus(message, proto, address)
        elif message.opCode == OP_NOTIFY:
            self.handleNotify(message, proto, address)
        else:
            self.handleOther(message, proto, address)

    def allowQuery(self, message: Any, protocol: Any, address: Any) -> bool:
        """Say whether a message is dealt with; otherwise the reply is REFUSED."""
        return bool(message.queries)

    def handleQuery(self, message: Any, protocol: Any, address: Any) -> Any:
        """Ask the resolver, and have its response or failure made a reply.

        @return: a Deferred that fires when the reply was sent.
        """
        query = message.queries[0]
        resolver = self.resolver
        request: Request | None = getattr(message, "request", None)
        if request is not None:
            request = request.asking(query)
            if IXFR <= request.type <= AXFR:
                self._transfer(message, request, protocol, address)
                return None
        try:
            if request is not None and IRecursiveResolver.providedBy(resolver) and not request.recursion:
                raise NotResponsibleError(query.name.name)
            if request is not None and IRequestResolver.providedBy(resolver):
                asked = resolver.resolveRequest(request)
            else:
                asked = resolver.query(query)
        except _quiet:
            asked = defer.fail()
        return (
            asDeferred(lambda: asked)
            .addCallback(self.gotResolverResponse, protocol, message, address)
            .addErrback(self._gotFailure, protocol, message, address)
            .addErrback(self.logFailure)
        )

    def _gotFailure(self, failure: Failure, protocol: Any, message: Any, address: Any) -> Any:
        """Have a reply made of a failure, unless there was one already."""
        if getattr(message, "replied", False):
            return failure
        return self.gotResolverError(failure, protocol, message, address)

    def _transfer(self, message: Any, request: Request, protocol: Any, address: Any) -> None:
        """Begin a zone transfer, or say why there is none."""
        zones = getattr(self.resolver, "zones", None)
        result: Any = EREFUSED
        if self.transfers is not None:
            opt = self.optOf(request)
            octets = bytearray()
            if opt is not None:
                opt.write(octets)
            result = self.transfers.send(ZoneTable() if zones is None else zones(), request, protocol, bytes(octets))
        elif zones is not None:
            zone = zones().find(request.name.lower(), request.cls)
            if zone is None or zone.apex != request.name.lower():
                result = ENOTAUTH
        if isinstance(result, bytes):
            protocol.writeOctets(result, address)
        elif result is not None:
            self.sendReply(protocol, self._responseFromMessage(message=message, rCode=result), address)

    def gotResolverResponse(self, response: Any, protocol: Any, message: Any, address: Any) -> None:
        """Make a reply of a resolver's response, and send it.

        @param response: three lists of records, for the answer, authority and additional sections; where it has
            C{rcode}, C{authoritative} and C{errors}, as L{txnames.zone.answer.Sections} does, these count too.
        """
        answers, authority, additional = response
        reply = self._responseFromMessage(
            message=message, rCode=OK, answers=answers, authority=authority, additional=additional
        )
        if hasattr(response, "rcode"):
            _complete(reply, response)
        if self.verbose:
            self._verboseLog(f"Lookup found {len(answers) + len(authority) + len(additional)} records")
        self.sendReply(protocol, reply, address)
        if self.cache is not None and answers and not getattr(response, "cached", False):
            # Whatever the cache makes of it.
            message.replied = True
            self.cache.cacheResult(message.queries[0], (answers, authority, additional))

    def gotResolverError(self, failure: Failure, protocol: Any, message: Any, address: Any) -> None:
        """Make a reply of a resolver's failure, and send it."""
        error = failure.value
        reply = self._responseFromMessage(message=message, rCode=rcodeOf(error))
        sections = getattr(error, "sections", None)
        if sections is not None:
            reply.answers, reply.authority = list(sections[0]), list(sections[1])
            reply.additional[:0] = _withoutOpt(sections[2])
            _complete(reply, sections)
        else:
            _addErrors(reply, getattr(error, "errors", ()))
        if not isinstance(error, _quiet):
            self.logFailure(failure)
        if self.verbose:
            self._verboseLog("Lookup failed")
        self.sendReply(protocol, reply, address)

    def _responseFromMessage(
        self,
        message: Any,
        rCode: int = OK,
        answers: list[Any] | None = None,
        authority: list[Any] | None = None,
        additional: list[Any] | None = None,
    ) -> Any:
        """Make the reply to a message."""
        if answers is None:
            answers = []
        reply = dns._responseFromMessage(
            responseConstructor=self._messageFactory,
            message=message,
            rCode=rCode,
            recAv=self.canRecurse,
            auth=any(answer.isAuthoritative() for answer in answers),
        )
        request = getattr(message, "request", None)
        if request is not None and not request.trusted:
            reply.recAv = False
        reply.answers = answers
        reply.authority = [] if authority is None else authority
        reply.additional = [] if additional is None else _withoutOpt(additional)
        reply.timeReceived = getattr(message, "timeReceived", None)
        reply.maxSize = getattr(message, "maxSize", 0)
        opt = _optOf(message, self.udpPayloadSize) if request is None else self.optOf(request)
        if opt is not None:
            reply.additional = [*reply.additional, opt]
        return reply

    def sendReply(self, protocol: Any, message: Any, address: Any) -> None:
        """Send a reply by the protocol on which the request came."""
        if self.verbose > 1:
            self._logReply(message)
        if address is None or isinstance(protocol, DNSProtocol):
            protocol.writeMessage(message)
        else:
            protocol.writeMessage(message, address)
        if self.verbose and getattr(message, "timeReceived", None) is not None:
            self._verboseLog(f"Processed query in {time.time() - message.timeReceived:.3f} seconds")

    def handleInverseQuery(self, message: Any, protocol: Any, address: Any) -> None:
        """Reply NOTIMP to an inverse query (RFC 3425)."""
        self._notImplemented("Inverse query", message, protocol, address)

    def handleStatus(self, message: Any, protocol: Any, address: Any) -> None:
        """Reply NOTIMP to a request for the server's status."""
        self._notImplemented("Status request", message, protocol, address)

    def handleNotify(self, message: Any, protocol: Any, address: Any) -> None:
        """Tell the secondaries that a zone changed (RFC 1996); reply NOTIMP if there are none."""
        request = getattr(message, "request", None)
        if self.secondaries is None or request is None:
            self._notImplemented("Notify message", message, protocol, address)
            return
        rcode = self.secondaries.notified(request)
        reply = self._responseFromMessage(message=message, rCode=rcode)
        reply.auth = rcode == OK
        self.sendReply(protocol, reply, address)

    def handleUpdate(self, message: Any, protocol: Any, address: Any) -> Any:
        """Have a zone changed (RFC 2136); reply NOTIMP if none may be.

        @return: a Deferred that fires when the reply was sent.
        """
        request = getattr(message, "request", None)
        if self.updates is None or request is None:
            self._notImplemented("Update message", message, protocol, address)
            return None
        asked = asDeferred(self.updates.update, request)
        return asked.addErrback(self._failedUpdate).addCallback(
            lambda rcode: self.sendReply(protocol, self._responseFromMessage(message=message, rCode=rcode), address)
        )

    def _failedUpdate(self, failure: Failure) -> int:
        """Log a failure that nobody foresaw."""
        self.logFailure(failure)
        return ESERVER

    def handleOther(self, message: Any, protocol: Any, address: Any) -> Any:
        """Pass an update on, and reply NOTIMP to any other opcode."""
        if message.opCode == OP_UPDATE:
            return self.handleUpdate(message, protocol, address)
        return self._notImplemented(f"Unknown op code ({message.opCode})", message, protocol, address)

    def _notImplemented(self, what: str, message: Any, protocol: Any, address: Any) -> None:
        """Reply NOTIMP."""
        if self.verbose:
            self._verboseLog(f"{what} from {address!r}")
        self.sendReply(protocol, self._responseFromMessage(message=message, rCode=ENOTIMP), address)

    # --- the log ---

    def _verboseLog(self, *args: Any) -> None:
        """Log something that is of interest only to those who want to know of each request."""
        if self.verbose > 0:
            log.msg(*args)

    def _logMessage(self, message: Any, address: Any) -> None:
        """Log what is asked, and by whom."""
        if not message.queries:
            what = "Empty"
        elif self.verbose > 1:
            what = " ".join([repr(query) for query in message.queries])
        else:
            what = " ".join([typeName(query.type) for query in message.queries])
        self._verboseLog(f"{what} query from {address!r}")

    def _logReply(self, message: Any) -> None:
        """Log the records of a reply."""
        sections = (
            ("Answers are", message.answers),
            ("Authority is", message.authority),
            ("Additional is", message.additional),
        )
        for what, records in sections:
            if records:
                self._verboseLog(what + " " + ", ".join([str(getattr(one, "payload", one)) for one in records]))
        if not any(records for _, records in sections):
            self._verboseLog("Replying with no answers")


def _complete(reply: Any, sections: Any) -> None:
    """Let a reply say what an answer says beyond its records."""
    # What only EDNS could say is between us and the server that said it, such as BADVERS.
    reply.rCode = sections.rcode if sections.rcode <= _LARGEST_RCODE else ESERVER
    reply.auth = sections.authoritative
    _addErrors(reply, getattr(sections, "errors", ()))


def _addErrors(reply: Any, errors: Sequence[Any]) -> None:
    """Let a reply with EDNS say why it is what it is (RFC 8914)."""
    if errors and reply.additional and isinstance(reply.additional[-1], OPTHeader):
        reply.additional[-1].options += errors


def _optOf(message: Any, size: int) -> Any:
    """The OPT record of the reply to a message that did not come as octets; C{None} if it had none itself."""
    try:
        return optFor(ednsOf(message), UDP, size=size)
    except (AttributeError, DNSDecodeError):
        return None


def _withoutOpt(records: Any) -> Any:
    """The records but for OPT, which is between neighbours and not passed on (RFC 6891 section 6.1.1)."""
    if any(record.type == OPT for record in records):
        return [record for record in records if record.type != OPT]
    return records


def _nothing(*_: Any) -> None:
    """Do nothing."""


def _peerOf(protocol: Any) -> tuple[Any, Any] | None:
    """The host and port at the other end of a connection, where they are known."""
    getPeer = getattr(getattr(protocol, "transport", None), "getPeer", None)
    if getPeer is None:
        return None
    peer = getPeer()
    host = getattr(peer, "host", None)
    return None if host is None else (host, getattr(peer, "port", None))


def _hostOf(protocol: Any) -> Any:
    """The host at the other end of a connection, where that is known."""
    peer = _peerOf(protocol)
    return None if peer is None else peer[0]
