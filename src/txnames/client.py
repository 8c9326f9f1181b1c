"""Ask name servers: the resolver of an application, and functions that use the one of the process.

The functions of this module, C{lookupAddress} and the like, ask L{theResolver}, which is made when it is first needed.
The module itself provides C{IResolver}.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from random import Random
from struct import Struct
from typing import TYPE_CHECKING, Any, Final

from twisted.internet import defer
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IResolver
from twisted.internet.protocol import ClientFactory
from twisted.python import log
from twisted.python.failure import Failure
from zope.interface import implementer, moduleProvides

from txnames import cache, hosts, resolve
from txnames.common import ResolverBase, Timeout, nameOf
from txnames.error import DomainError
from txnames.interfaces import IRecursiveResolver
from txnames.lookups import LOOKUPS
from txnames.protocol.exchange import Exchange
from txnames.protocol.reply import Reply
from txnames.protocol.request import Request
from txnames.protocol.stream import DNSProtocol
from txnames.resolvconf import ResolvConf, candidates, parse
from txnames.searching import SystemResolver, inTurn
from txnames.selection import InOrder, RoundRobin, Strategy
from txnames.stub import Inquiry, sectionsOf
from txnames.wire.header import Query, RRHeader
from txnames.wire.message import Message
from txnames.wire.name import Name
from txnames.wire.numbers import AXFR, IN, OK, SOA

__all__ = [
    "AXFRController",
    "DNSClientFactory",
    "Resolver",
    "createResolver",
    "getHostByName",
    "getResolver",
    "query",
    "theResolver",
    *[kind.method for kind in LOOKUPS],
]

moduleProvides(IResolver)

_packPair = Struct(">HH").pack

_TIMEOUTS: Final = (1, 3, 11, 45)
"""The seconds that each server gets to answer, round by round."""

_RESOLV_CONF: Final = b"/etc/resolv.conf"
_HOSTS: Final = b"/etc/hosts"

_CHECK: Final = 5.0
"""The least seconds between two looks whether resolv.conf is another."""


@implementer(IRecursiveResolver)
class Resolver(ResolverBase):
    """Asks servers that find the answers.

    @ivar servers: the servers that were given, hosts and ports.
    @ivar dynServers: those that resolv.conf names.
    @ivar resolv: the file name of that.
    @ivar timeout: the seconds that each server gets to answer, round by round.
    @ivar domain: the local domain that resolv.conf names.
    @ivar search: the endings for relative names.
    @ivar configuration: all that resolv.conf says.
    @ivar strategy: puts the servers in order, see L{txnames.selection}.
    @ivar exchange: what asks single servers.
    @ivar factory: makes the connections of L{queryTCP}.
    @ivar connections: these.
    @ivar pending: the questions that wait for the connection.
    """

    index = 0
    timeout: Any = None
    factory: Any = None
    servers: Any = None
    dynServers: Sequence[tuple[str, int]] = ()
    pending: Any = None
    connections: Any = None
    resolv: Any = None
    domain: bytes = b""
    search: Sequence[bytes] = ()

    def __init__(
        self,
        resolv: Any = None,
        servers: Sequence[tuple[str, int]] | None = None,
        timeout: Any = _TIMEOUTS,
        reactor: Any = None,
        *,
        strategy: Strategy | None = None,
        exchange: Exchange | None = None,
        useStream: bool = False,
        random: Random | None = None,
        **fields: Any,
    ) -> None:
        """Make a resolver.

        @param resolv: the file name of a resolv.conf; C{None} for none.
        @param servers: the servers to ask, hosts and ports; before those of the file.
        @param timeout: the seconds that each server gets to answer, round by round; or one number.
        @param strategy: in which order servers are asked; by default as they stand, or in turn if the file says so.
        @param exchange: what asks single servers; by default one of its own, made with C{fields}.
        @param useStream: whether to ask over TCP only.
        @param random: where ports, IDs and the case of letters come from; by default the system.
        @param fields: arguments of L{Exchange}.
        @raise ValueError: neither a file nor servers.
        """
        super().__init__()
        if reactor is None:
            from twisted.internet import reactor
        self._reactor = reactor
        self.timeout = (timeout,) if isinstance(timeout, int | float) else timeout
        self.servers = [] if servers is None else servers
        self.resolv = resolv
        if not len(self.servers) and not resolv:
            raise ValueError("No nameservers specified")
        self._ownStrategy = strategy
        self._strategy: Strategy = InOrder() if strategy is None else strategy
        self._useStream = useStream
        self.exchange = (
            Exchange(reactor, random=random, **{"connect": True, **fields}) if exchange is None else exchange
        )
        self._inquiries: dict[Any, Inquiry] = {}
        self.configuration = ResolvConf()
        self._stamp: Any = None
        self._checked = 0.0
        self._loaded = False
        self.factory = DNSClientFactory(self, self.timeout)
        self.factory.noisy = False
        self.connections = []
        self.pending = []
        self._connectors: list[Any] = []
        self._transfers: set[AXFRController] = set()
        self.maybeParseConfig()

    # --- whom to ask ---

    @property
    def strategy(self) -> Strategy:
        """What puts the servers in order."""
        return self._strategy

    def _openFile(self, path: Any) -> Any:
        """Open the file."""
        return open(path, "rb")

    def maybeParseConfig(self) -> None:
        """Read resolv.conf, if it is another than it was; without one, the server of this machine is asked."""
        if not self.resolv:
            return
        self._checked = self._reactor.seconds() if hasattr(self._reactor, "seconds") else 0.0
        try:
            found = os.stat(self.resolv)
            stamp: Any = found.st_mtime_ns, found.st_size, found.st_ino
        except OSError:
            stamp = None
        if self._loaded and stamp == self._stamp:
            return
        self._loaded, self._stamp = True, stamp
        try:
            with self._openFile(self.resolv) as file:
                self.parseConfig(file)
        except OSError as error:
            if error.errno != 2:
                log.msg(f"{os.fsdecode(self.resolv)} was not read: {error.strerror or error}")
            self.parseConfig(())

    def parseConfig(self, resolvConf: Any) -> None:
        """Take the lines of a resolv.conf; octets, or text."""
        lines = [line.encode("utf-8", "surrogateescape") if isinstance(line, str) else line for line in resolvConf]
        self.configuration = found = parse(lines)
        servers = list(found.servers)
        if not servers and not len(self.servers):
            servers = [("127.0.0.1", 53)]
        self.dynServers = servers
        self.domain = found.domain
        self.search = list(found.search)
        if self._ownStrategy is None and found.rotate != isinstance(self._strategy, RoundRobin):
            self._strategy = RoundRobin() if found.rotate else InOrder()

    def pickServer(self) -> tuple[str, int] | None:
        """The next server in turn; C{None} if there is none."""
        self.maybeParseConfig()
        servers = [*self.servers, *self.dynServers]
        if not servers:
            return None
        self.index %= len(servers)
        self.index += 1
        found: tuple[str, int] = servers[self.index - 1]
        return found

    def _timeouts(self, timeout: Timeout) -> Sequence[float]:
        """The seconds that each server gets, round by round."""
        if timeout is None:
            said = self.configuration
            if self.timeout is _TIMEOUTS and (said.timeout is not None or said.attempts is not None):
                return (said.timeout or 5,) * (said.attempts or 2)
            return self.timeout  # type: ignore[no-any-return]  # reason: whatever sequence it was set to
        return (timeout,) if isinstance(timeout, int | float) else timeout

    # --- lookups ---

    def query(self, query: Query, timeout: Timeout = None) -> defer.Deferred[Any]:
        """Answer a question, of whatever type.

        @param timeout: the seconds that each server gets, round by round; C{None} for the resolver's own.
        @return: a Deferred of L{Sections}.  It fails with the errors of L{txnames.stub.sectionsOf}, with
            C{DNSQueryTimeoutError} where nobody answers in time, or with C{DNSServerError} where nobody can be reached.
        """
        if query.type == AXFR:
            return self.lookupZone(query.name.name, 10 if timeout is None else timeout)
        return self._ask(query.name.wire, query.type, query.cls, timeout, 0)

    def resolveRequest(self, request: Request) -> defer.Deferred[Any]:
        """Answer a request; DO and CD go to the servers.  See L{IRequestResolver}."""
        variant = request.variant
        return self._ask(request.name, request.type, request.cls, None, variant)

    def _lookup(self, name: bytes, cls: int, type: int, timeout: Timeout) -> defer.Deferred[Any]:
        """Look a name up; a relative one with the endings that resolv.conf says."""
        if type == AXFR:
            return self.lookupZone(name, 10 if timeout is None else timeout)
        if self.search and name[-1:] != b".":
            names = self.namesFor(name)
            if len(names) > 1:
                return inTurn(lambda one: self.query(Query(one, type, cls), timeout), names)
        return self._ask(Name(name).wire, type, cls, timeout, 0)

    def namesFor(self, name: Any) -> list[bytes]:
        """The names that a name may stand for, in the order in which they are asked for."""
        self._refresh()
        return candidates(nameOf(name), self.configuration)

    def _refresh(self) -> None:
        """Look whether resolv.conf is another, but not for each lookup."""
        if self.resolv and self._reactor.seconds() - self._checked >= _CHECK:
            self.maybeParseConfig()

    def _ask(
        self,
        name: bytes,
        type: int,
        cls: int,
        timeout: Timeout,
        variant: int,
        convert: Callable[[Reply, int], Any] = sectionsOf,
    ) -> defer.Deferred[Any]:
        """Ask a question, or wait for the answer to the same one that is on its way."""
        if self.resolv:
            self._refresh()
        timeouts = self._timeouts(timeout)
        # Who wants to wait for another time than the others has a question of his own.
        key: Any = (name.lower(), type, cls, variant)
        if timeout is not None:
            key += (tuple(timeouts),)
        inquiry = self._inquiries.get(key)
        if inquiry is not None:
            return inquiry.join(convert)
        servers = [*self.servers, *self.dynServers] if self.dynServers else self.servers
        if len(servers) > 1:
            servers = self._strategy.order(servers, self.exchange.peer)
        inquiry = Inquiry(
            self.exchange,
            name,
            _packPair(type, cls),
            servers,
            timeouts,
            variant,
            self._useStream or self.configuration.useStream,
            self._answered,
            key,
        )
        self._inquiries[key] = inquiry
        waiting = inquiry.join(convert)
        inquiry.ask()
        return waiting

    def _answered(self, inquiry: Inquiry) -> None:
        """Take note that a question is not on its way any more."""
        if self._inquiries.get(inquiry.key) is inquiry:
            del self._inquiries[inquiry.key]

    def close(self) -> defer.Deferred[None]:
        """End all lookups, timers, sockets and connections.

        @return: a Deferred that fires when that is done.
        """
        for connector in self._connectors:
            connector.disconnect()
        for controller in list(self._transfers):
            controller.connectionFailed(Failure(ConnectionDone("the resolver is closed")))
        return self.exchange.close()

    # --- messages ---

    def queryUDP(self, queries: Sequence[Query], timeout: Timeout = None) -> defer.Deferred[Message]:
        """Ask a question of the servers in turn.

        @return: a Deferred of the message that answers it, whatever its response code.
        """
        query = queries[0]
        return self._ask(query.name.wire, query.type, query.cls, timeout, 0, _messageOf)

    def queryTCP(self, queries: Any, timeout: Any = 10) -> defer.Deferred[Message]:
        """Ask questions over a connection to the server whose turn it is; there is one connection for all who ask.

        @param timeout: the seconds to wait for the connection, where this is the first one, and for the answer.
        @return: a Deferred of the message that answers them.
        """
        deferred: defer.Deferred[Message] = defer.Deferred()
        if self.connections:
            self.connections[0].query(queries, timeout).chainDeferred(deferred)
            return deferred
        self.pending.append((deferred, queries, timeout))
        if len(self.pending) == 1:
            server = self.pickServer()
            if server is None:
                self.pending.clear()
                return defer.fail(OSError("No domain name servers available"))
            seconds = timeout[-1] if isinstance(timeout, Sequence) else timeout
            self._connectors = [self._reactor.connectTCP(server[0], server[1], self.factory, timeout=seconds)]
        return deferred

    def connectionMade(self, protocol: Any) -> None:
        """Take note of a connection, and ask over it what waits."""
        self.connections.append(protocol)
        pending = list(self.pending)
        self.pending.clear()
        for deferred, queries, timeout in pending:
            protocol.query(queries, timeout).chainDeferred(deferred)

    def connectionLost(self, protocol: Any) -> None:
        """Take note that a connection is gone."""
        if protocol in self.connections:
            self.connections.remove(protocol)

    def connectionFailed(self, reason: Failure) -> None:
        """Fail all that waits for a connection."""
        pending = list(self.pending)
        self.pending.clear()
        for deferred, _, _ in pending:
            deferred.errback(reason)

    def messageReceived(self, message: Any, protocol: Any, address: Any = None) -> None:
        """Drop a message that answers nothing that was asked."""

    def filterAnswers(self, message: Any) -> Any:
        """What a message says: three lists of records.

        @return: these; a Deferred of them, where the message was truncated and has to be asked for over TCP; or a
            failure with the error for its response code.
        """
        if message.trunc:
            return self.queryTCP(message.queries).addCallback(self.filterAnswers)
        if message.rCode != OK:
            return Failure(self.exceptionForCode(message.rCode)(message))
        return message.answers, message.authority, message.additional

    # --- zones ---

    def lookupZone(self, name: Any, timeout: Any = 10) -> defer.Deferred[Any]:
        """Fetch all records of a zone from the server whose turn it is (RFC 5936).

        @param timeout: the seconds that may pass between two messages.
        @return: a Deferred of three lists of L{RRHeader}, of which the first begins and ends with the SOA record.
        """
        server = self.pickServer()
        if server is None:
            return defer.fail(OSError("No domain name servers available"))
        deferred: defer.Deferred[Any] = defer.Deferred()
        controller = AXFRController(nameOf(name), deferred)
        seconds = timeout[-1] if isinstance(timeout, Sequence) else timeout
        factory = DNSClientFactory(controller, seconds)
        factory.noisy = False
        connector = self._reactor.connectTCP(server[0], server[1], factory, timeout=seconds)
        controller.timeoutCall = self._reactor.callLater(seconds, controller.timeUp, connector)

        self._transfers.add(controller)

        def ended(result: Any) -> Any:
            self._transfers.discard(controller)
            if controller.timeoutCall is not None and controller.timeoutCall.active():
                controller.timeoutCall.cancel()
            connector.disconnect()
            return result

        controller.seconds = seconds
        return deferred.addBoth(ended).addCallback(lambda records: (records, [], []))


class AXFRController:
    """Gathers the records of a zone transfer.

    @ivar name: the zone.
    @ivar deferred: fires with the records, the SOA record first and last.
    @ivar soa: the first SOA record.
    @ivar records: what has come.
    @ivar pending: messages that came and were not looked at yet.
    @ivar timeoutCall: what gives up when nothing comes.
    """

    timeoutCall: Any = None
    seconds: float = 10

    def __init__(self, name: Any, deferred: defer.Deferred[Any]) -> None:
        self.soa: RRHeader | None = None
        self.records: list[RRHeader] = []
        self.pending: list[Any] = []
        self.name = name
        self.deferred = deferred

    def connectionMade(self, protocol: Any) -> None:
        """Ask for the zone."""
        message = Message(protocol.pickID(), recDes=0)
        message.queries = [Query(self.name, AXFR, IN)]
        protocol.writeMessage(message)

    def connectionLost(self, protocol: Any) -> None:
        """Fail, if the end of the zone has not come."""
        self._fail(DomainError(self.name, "the connection was lost before the end of the zone"))

    def connectionFailed(self, reason: Failure) -> None:
        """Fail: nobody takes the connection."""
        self._fail(reason)

    def timeUp(self, connector: Any = None) -> None:
        """Fail: nothing came for too long."""
        self._fail(defer.TimeoutError("zone lookup timed out"))

    def _fail(self, reason: Any) -> None:
        """Fail, unless it is over."""
        if self.deferred is not None and not self.deferred.called:
            self.deferred.errback(reason)

    def messageReceived(self, message: Any, protocol: Any) -> None:
        """Take the records of a message."""
        if self.deferred.called:
            return
        if message.rCode != OK:
            self._fail(ResolverBase.exceptionForCode(self, message.rCode)(message))  # type: ignore[arg-type]  # reason: it needs no self
            return
        if self.timeoutCall is not None and self.timeoutCall.active():
            self.timeoutCall.reset(self.seconds)
        for record in message.answers:
            self.records.append(record)
            if record.type != SOA:
                continue
            if self.soa is None:
                self.soa = record
            else:
                self.deferred.callback(self.records)
                return


class DNSClientFactory(ClientFactory):
    """Makes the protocols of connections to servers.

    @ivar controller: told of connections; see L{DNSProtocol}.
    @ivar timeout: the seconds that a connection may take to be made.
    """

    noisy = False

    def __init__(self, controller: Any, timeout: Any = 10) -> None:
        self.controller = controller
        self.timeout = timeout

    def clientConnectionLost(self, connector: Any, reason: Failure) -> None:
        """Let it be: the protocol has told the controller."""

    def clientConnectionFailed(self, connector: Any, reason: Failure) -> None:
        """Tell the controller that there will be no connection."""
        failed = getattr(self.controller, "connectionFailed", None)
        if failed is not None:
            failed(reason)

    def buildProtocol(self, addr: Any) -> Any:
        """Make a protocol."""
        protocol = DNSProtocol(self.controller, getattr(self.controller, "_reactor", None))
        protocol.factory = self
        return protocol


def _messageOf(reply: Reply, variant: int) -> Message:
    """The message that a reply is."""
    return reply.message


def createResolver(
    servers: Sequence[tuple[str, int]] | None = None,
    resolvconf: Any = None,
    hosts: Any = None,
    *,
    reactor: Any = None,
    **fields: Any,
) -> resolve.ResolverChain:
    """Make a resolver as applications need it: the hosts file, a cache, and servers.

    @param servers: the servers to ask, hosts and ports.  If these are given, and nothing else, nobody else is asked.
    @param resolvconf: the file name of a resolv.conf, whose servers are asked too; by default the system's.
    @param hosts: the file name of a hosts file; by default the system's.
    @param reactor: has all sockets and timers; by default the global one.
    @param fields: further arguments of L{Resolver}.
    """
    only = servers is not None
    if resolvconf is None and not only:
        resolvconf = _RESOLV_CONF
    if hosts is None and not only:
        hosts = _HOSTS
    asking = Resolver(resolvconf, servers, reactor=reactor, **fields)
    reactor = asking._reactor
    chain: list[Any] = [] if hosts is None else [_hosts.Resolver(hosts, reactor=reactor)]
    return SystemResolver([*chain, cache.CacheResolver(reactor=reactor), asking], asking)


_hosts = hosts

theResolver: Any = None
"""The resolver of the process; C{None} before it is first needed.  It may be replaced."""


def getResolver() -> Any:
    """The resolver of the process: made by L{createResolver} when it is first needed."""
    global theResolver
    if theResolver is None:
        theResolver = createResolver()
    return theResolver


def getHostByName(name: Any, timeout: Timeout = None, effort: int = 10) -> defer.Deferred[Any]:
    """Find an address of a host; see L{ResolverBase.getHostByName}."""
    found: defer.Deferred[Any] = getResolver().getHostByName(name, timeout, effort)
    return found


def query(query: Query, timeout: Timeout = None) -> defer.Deferred[Any]:
    """Answer a question; see L{ResolverBase.query}."""
    found: defer.Deferred[Any] = getResolver().query(query, timeout)
    return found


def _lookupOf(method: str, what: str) -> Callable[..., defer.Deferred[Any]]:
    """Make the function for a kind of lookup."""

    def lookup(name: Any, timeout: Timeout = None) -> defer.Deferred[Any]:
        found: defer.Deferred[Any] = getattr(getResolver(), method)(name, timeout)
        return found

    lookup.__name__ = lookup.__qualname__ = method
    lookup.__doc__ = f"""Look {what} up.

    @param name: the name to ask for: octets, text, or an IP address for its reverse name.
    @param timeout: the seconds to wait for each attempt; C{{None}} for the resolver's own.
    @return: a Deferred of three lists of L{{RRHeader}}: the answer, authority and additional sections.
    """
    return lookup


for _kind in LOOKUPS:
    setattr(sys.modules[__name__], _kind.method, _lookupOf(_kind.method, _kind.what))

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
