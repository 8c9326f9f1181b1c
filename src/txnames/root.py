"""The iterative resolver: it finds answers from the root of the name space on, by itself.

One budget bounds what a request may cost, whatever servers do; what a server says is believed for its own zone only; no
server, zone or chain of aliases can make it go on for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from random import Random, SystemRandom
from typing import Any, Final

from twisted.internet import defer
from twisted.python import log
from twisted.python.failure import Failure
from zope.interface import implementer

from txnames.cache import CacheResolver, Rank, packed
from txnames.common import ResolverBase, Timeout, asDeferred
from txnames.error import DomainError, replyError
from txnames.interfaces import IRecursiveResolver
from txnames.iteration.hints import hintsOf
from txnames.iteration.walk import Budget, Found, Stuck, Walk, addressOf
from txnames.protocol.exchange import Exchange
from txnames.protocol.networks import Networks
from txnames.protocol.request import Request
from txnames.records.address import Record_A, Record_AAAA
from txnames.wire.header import Query, RRHeader
from txnames.wire.name import ROOT, Name, suffixes
from txnames.wire.numbers import AAAA, ENAME, ESERVER, IN, NS, OK, A
from txnames.wire.options import ExtendedErrorOption
from txnames.zone.answer import Sections

__all__ = ["DeferredResolver", "Resolver", "bootstrap", "makePlaceholder"]

Server = tuple[str, int]

_QUERIES: Final = 60
_SECONDS: Final = 10.0
_NEW: Final = 0.15
"""The seconds that a server of which nothing is known is taken to need."""

_PRIMERS: Final = 3
_UNPRIMED: Final = 300.0
"""How many of the root's servers are asked who they are; and after how many seconds again, if they did not say."""

_LAME: Final = 60.0
_MOST_LAME: Final = 10_000

_NOWHERE: Final = frozenset({Name("invalid").wire, Name("onion").wire})
"""Names that are never asked for (RFC 6761 section 6.4, RFC 7686)."""

_LOCALHOST: Final = Name("localhost").wire


@implementer(IRecursiveResolver)
class Resolver(ResolverBase):
    """Finds answers from the root on.

    @ivar hints: the addresses of the root's servers that were given, as they were given.
    @ivar servers: the servers of the root that are known, hosts and ports; those of the hints to begin with.
    @ivar maximumQueries: how many questions may be sent for one request.
    @ivar cache: what was learned: answers, and the servers of zones.
    @ivar exchange: what asks single servers.
    @ivar minimisation: C{"off"}, C{"relaxed"} or C{"strict"}.
    @ivar primed: whether the root's servers were asked for themselves.
    @ivar closed: whether this resolver was closed.
    """

    port = 53

    def __init__(
        self,
        hints: Any = None,
        maximumQueries: int = _QUERIES,
        reactor: Any = None,
        resolverFactory: Callable[..., Any] | None = None,
        *,
        exchange: Exchange | None = None,
        cache: CacheResolver | None = None,
        minimisation: str = "relaxed",
        stubs: Mapping[str, Sequence[Server]] | None = None,
        forwards: Mapping[str, Sequence[Server]] | None = None,
        families: Iterable[int] = (4, 6),
        priming: bool = True,
        random: Random | None = None,
        seconds: float = _SECONDS,
        avoid: Iterable[str] = (),
        specialNames: bool = True,
        **fields: Any,
    ) -> None:
        """Make a resolver that knows nothing yet but where to begin.

        @param hints: addresses of the root's servers, or pairs of these and ports; by default those of the Internet.
        @param maximumQueries: how many questions may be sent for one request.
        @param reactor: has all sockets and timers; by default the global one.
        @param resolverFactory: makes what asks servers, in the place of C{exchange}: called with C{reactor} and
            C{servers}, it gives something with a method C{query(query, timeout)}.
        @param exchange: what asks single servers; by default one of its own, made with C{fields}.
        @param cache: what remembers; by default one of its own.
        @param minimisation: how much of a name servers get to see (RFC 9156): C{"off"} for all, C{"strict"} for no more
            than they need, C{"relaxed"} for all only where a server could not cope with less.
        @param stubs: servers that are responsible for some zones, by the zones' names.
        @param forwards: servers that find answers, by the zones for which they are asked.
        @param families: the versions of IP by which servers are asked, the preferred one first.
        @param priming: whether the root's servers are first asked who they are (RFC 8109).
        @param random: where ports, IDs and the order of servers come from; by default the system.
        @param seconds: how long a request may take.
        @param avoid: networks in which no server is ever asked.
        @param specialNames: whether localhost, invalid and onion are answered here (RFC 6761, RFC 7686).
        @param fields: arguments of L{Exchange}.
        @raise ValueError: something of this makes no sense.
        """
        super().__init__()
        if minimisation not in ("off", "relaxed", "strict"):
            raise ValueError(f"minimisation is off, relaxed or strict, not {minimisation!r}")
        families = tuple(families)
        found = hintsOf(hints)
        self.servers = [server for server in found if (6 if ":" in server[0] else 4) in families]
        self.hints = [server for server, _ in found] if hints is None else list(hints)
        self.maximumQueries = maximumQueries
        self._reactor = reactor
        self.random = SystemRandom() if random is None else random
        self.exchange: Any = Exchange(reactor, random=random, **fields) if exchange is None else exchange
        if resolverFactory is not None:
            self.exchange = _FactoryExchange(resolverFactory, reactor, self.exchange)
        self.cache = CacheResolver(reactor=reactor) if cache is None else cache
        self.minimisation = minimisation
        self.addressTypes = [{4: A, 6: AAAA}[family] for family in families]
        self.priming = priming
        self.secondsPerRequest = seconds
        self.specialNames = specialNames
        self.closed = False
        self.primed = False
        self._priming: defer.Deferred[None] | None = None
        self._unprimed = float("-inf")
        self._avoid = Networks(avoid)
        self._configured: dict[bytes, tuple[list[Server], bool]] = {}
        for zones, recursive in ((stubs, False), (forwards, True)):
            for zone, servers in (zones or {}).items():
                self._configured[Name(zone).folded] = hintsOf(servers), recursive
        self.cache.apexes.update(self._configured)
        self._lame: dict[tuple[bytes, Server], float] = {}
        self._flying: dict[Any, _Shared] = {}
        self.seeking: dict[tuple[bytes, int], list[defer.Deferred[Any]]] = {}

    # --- for the walk ---

    def seconds(self) -> float:
        """The time on the reactor's clock."""
        if self._reactor is None:
            from twisted.internet import reactor

            self._reactor = reactor
        return float(self._reactor.seconds())

    def configured(self, zone: Name) -> tuple[list[Server], bool] | None:
        """The servers that were configured for a zone, and whether they find answers for others."""
        return self._configured.get(zone.folded)

    def forwarded(self, name: bytes) -> tuple[Name, list[Server], bool] | None:
        """The nearest zone above a name that was configured, and its servers, if these find answers for others.

        @param name: in wire form.
        """
        for wire in suffixes(name) if self._configured else ():
            found = self._configured.get(wire.lower())
            if found is not None:
                return (Name.fromWire(wire), *found) if found[1] else None
        return None

    def avoids(self, server: Server) -> bool:
        """Whether a server is never asked."""
        return server[0] in self._avoid

    def isLame(self, zone: Name, server: Server) -> bool:
        """Whether a server was found not to serve a zone a short while ago."""
        until = self._lame.get((zone.folded, server))
        return until is not None and until > self.seconds()

    def isDead(self, server: Server) -> bool:
        """Whether a server did not answer for a while, though it was asked more than once."""
        peer = self.exchange.peer(server)
        return bool(peer.failures) and bool(peer.until > self.seconds())

    def setLame(self, zone: Name, server: Server) -> None:
        """Remember that a server does not serve a zone."""
        if len(self._lame) >= _MOST_LAME:
            self._lame.clear()
        self._lame[zone.folded, server] = self.seconds() + _LAME

    def ordered(self, servers: Sequence[Server]) -> list[Server]:
        """Servers, the fastest first, new ones among them, silent ones after them."""

        def cost(server: Server) -> tuple[float, float]:
            peer = self.exchange.peer(server)
            return peer.failures * 10.0 + (_NEW if peer.srtt is None else peer.srtt), self.random.random()

        return sorted(servers, key=cost)

    async def prime(self, walk: Walk) -> None:
        """Ask the root's servers who they are, once (RFC 8109); if nobody answers, the hints have to do."""
        if not self.priming or self.primed or ROOT in self._configured or self.seconds() < self._unprimed:
            return
        if self._priming is not None:
            waiting: defer.Deferred[None] = defer.Deferred()
            self._priming.addBoth(lambda _: waiting.callback(None))
            await waiting
            return
        done: defer.Deferred[None] = defer.Deferred()
        self._priming = done
        try:
            for server in self.ordered(self.servers)[:_PRIMERS]:
                message = await walk.message(server, Name(), NS)
                if message is None:
                    continue
                servers = [one for one in message.answers if not one.name and one.type == NS and one.cls == IN]
                names = {one.payload.name.folded for one in servers}
                addresses = [one for one in message.additional if one.name.folded in names and one.cls == IN]
                if any(one.type in self.addressTypes for one in addresses):
                    for owner, data in packed([*servers, *[one for one in addresses if one.type in (A, AAAA)]]):
                        self.cache.store(owner, data, Rank.AUTHORITATIVE if owner == ROOT else Rank.ADDITIONAL)
                    # The hints stay: who knows which of all these will be there tomorrow.
                    found = [(addressOf(one), self.port) for one in addresses if one.type in self.addressTypes]
                    self.servers = list(dict.fromkeys([*found, *self.servers]))
                    self.primed = True
                    return
            self._unprimed = self.seconds() + _UNPRIMED
        finally:
            self._priming = None
            done.callback(None)

    # --- requests ---

    def query(self, query: Query, timeout: Timeout = None) -> defer.Deferred[Any]:
        """Find the answer to a question.

        @return: a Deferred of L{Sections}.  It fails with C{DNSNameError} for a name that does not exist, and with
            C{DNSServerError} where no answer was to be found; C{errors} say why.  One of a class other than IN is for
            somebody else: L{DomainError}.
        """
        return self._shared(query, 0)

    def resolveRequest(self, request: Request) -> defer.Deferred[Any]:
        """Answer a request; see L{IRequestResolver}."""
        return self._shared(request.query, request.variant)

    def _lookup(self, name: bytes, cls: int, type: int, timeout: Timeout) -> defer.Deferred[Any]:
        """Look a name up."""
        return self.query(Query(name, type, cls), timeout)

    def _shared(self, query: Query, variant: int) -> defer.Deferred[Any]:
        """Find an answer, or wait for the one that is being looked for."""
        if query.cls != IN:
            return defer.fail(DomainError(query.name.name))
        key = query.name.folded, query.type, query.cls, variant
        shared = self._flying.get(key)
        if shared is None:
            shared = self._flying[key] = _Shared(lambda: self._flying.pop(key, None))
            waiting = shared.join()
            shared.start(defer.ensureDeferred(self._resolve(query, variant)))
            return waiting
        return shared.join()

    async def _resolve(self, query: Query, variant: int) -> Sections:
        """Find the answer to a question."""
        began = self.seconds()
        budget = Budget(self.maximumQueries, began + self.secondsPerRequest)
        try:
            if self.closed:
                raise Stuck(23, "closed")
            found = self._special(query)
            if found is None:
                found = await Walk(self, budget, variant).resolve(query.name, query.type)
        except Stuck as stuck:
            errors = (ExtendedErrorOption(stuck.info, str(stuck)),)
            sections = Sections([], [], [], ESERVER, errors=errors, variant=variant)
            elapsed = self.seconds() - began
            raise replyError(ESERVER, sections=sections, question=query, errors=errors, elapsed=elapsed) from None
        rcode, answers, authority = found
        sections = Sections(answers, authority, [], rcode, variant=variant)
        if self.cache.lookup(query.name.wire, query.type, IN, variant) is None:
            self.cache.cacheResult(query, sections)
        sections.cached = True
        if rcode != OK:
            raise replyError(rcode, sections=sections, question=query)
        return sections

    def _special(self, query: Query) -> Found | None:
        """The answer for a name that is nobody's but this machine's."""
        if not self.specialNames:
            return None
        last = suffixes(query.name.folded)[-2:][0]
        if last in _NOWHERE:
            return ENAME, [], []
        if last != _LOCALHOST:
            return None
        payload = {A: Record_A("127.0.0.1", ttl=60), AAAA: Record_AAAA("::1", ttl=60)}.get(query.type)
        return OK, [] if payload is None else [RRHeader(query.name, query.type, IN, 60, payload)], []

    def close(self) -> defer.Deferred[None]:
        """End all lookups, timers and sockets.

        @return: a Deferred that fires when that is done.
        """
        self.closed = True
        self.cache.close()
        done: defer.Deferred[None] = self.exchange.close()
        return done


class _Shared:
    """A question whose answer several may wait for."""

    def __init__(self, ended: Callable[[], Any]) -> None:
        self._ended = ended
        self._waiting: list[defer.Deferred[Any]] = []
        self._found: defer.Deferred[Any] | None = None

    def join(self) -> defer.Deferred[Any]:
        """Wait; cancelled, no longer, and if nobody else does, the search ends."""
        deferred: defer.Deferred[Any] = defer.Deferred(self._cancelled)
        self._waiting.append(deferred)
        return deferred

    def start(self, found: defer.Deferred[Any]) -> None:
        """Give the result to all who wait when it comes."""
        self._found = found
        found.addBoth(self._give)

    def _give(self, result: Any) -> None:
        """Give the result to all who wait."""
        self._ended()
        waiting, self._waiting = self._waiting, []
        for deferred in waiting:
            if isinstance(result, Failure):
                deferred.errback(result)
            else:
                deferred.callback(result)

    def _cancelled(self, deferred: defer.Deferred[Any]) -> None:
        """Have one wait no longer."""
        if deferred in self._waiting:
            self._waiting.remove(deferred)
            if not self._waiting and self._found is not None:
                self._ended()
                self._found.cancel()


class _FactoryExchange:
    """Asks servers by way of what a program's own factory makes."""

    def __init__(self, factory: Callable[..., Any], reactor: Any, exchange: Exchange) -> None:
        self.factory = factory
        self.reactor = reactor
        self.exchange = exchange
        self._made: dict[Server, Any] = {}

    def peer(self, server: Server) -> Any:
        """What is known of a server."""
        return self.exchange.peer(server)

    def ask(self, server: Server, name: bytes, type: int, cls: int = IN, **fields: Any) -> defer.Deferred[Any]:
        """Ask a server."""
        resolver = self._made.get(server)
        if resolver is None:
            resolver = self._made[server] = self.factory(reactor=self.reactor, servers=[server])
        query = Query(Name.fromWire(name), type, cls)
        return defer.maybeDeferred(resolver.queryUDP, [query], (fields["timeout"],)).addCallback(_Received)

    def close(self) -> defer.Deferred[None]:
        """Close what was made."""
        made, self._made = self._made, {}
        closing = [asDeferred(one.close) for one in made.values() if hasattr(one, "close")]
        closing.append(self.exchange.close())
        return defer.DeferredList(closing, consumeErrors=True).addCallback(lambda _: None)


class _Received:
    """A message as the walk takes it."""

    def __init__(self, message: Any) -> None:
        self.message = message
        self.rcode = message.rCode


def makePlaceholder(deferred: defer.Deferred[Any], name: str) -> Callable[..., Any]:
    """Make a function that calls the method of a resolver which a Deferred will give.

    @param name: the name of the method.
    """

    def placeholder(*args: Any, **kwargs: Any) -> Any:
        return deferred.addCallback(lambda resolver: getattr(resolver, name)(*args, **kwargs))

    return placeholder


class DeferredResolver:
    """Stands for a resolver that is still to come: lookups wait for it, and fail if it does not come.

    @ivar waiting: the Deferreds of the lookups that wait.
    """

    def __init__(self, resolverDeferred: defer.Deferred[Any]) -> None:
        self.waiting: list[defer.Deferred[Any]] = []
        self._failure: Failure | None = None
        resolverDeferred.addCallbacks(self.gotRealResolver, self._failed)

    def gotRealResolver(self, resolver: Any) -> None:
        """Become the resolver that has come, and let the lookups go on."""
        waiting = self.waiting
        self.__dict__ = resolver.__dict__
        self.__class__ = resolver.__class__
        for deferred in waiting:
            deferred.callback(resolver)

    def _failed(self, failure: Failure) -> None:
        """Take note that there will be no resolver, and fail the lookups, all that are still to come as well."""
        self._failure = failure
        waiting, self.waiting = self.waiting, []
        for deferred in waiting:
            deferred.errback(failure)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("lookup") or name in ("getHostByName", "query"):
            if self._failure is not None:
                return makePlaceholder(defer.fail(self._failure), name)
            self.waiting.append(defer.Deferred())
            return makePlaceholder(self.waiting[-1], name)
        raise AttributeError(name)


def bootstrap(resolver: Any, resolverFactory: Callable[..., Any] | None = None) -> DeferredResolver:
    """Make an iterative resolver whose hints another resolver finds: the addresses of the 13 root servers.

    @param resolver: has a method C{getHostByName}.  Where it finds no address at all, all lookups fail.
    @param resolverFactory: see L{Resolver}.
    @return: a resolver that is of use at once; lookups wait for the addresses.
    """
    names = [f"{letter}.root-servers.net" for letter in "abcdefghijklm"]
    lookups = [resolver.getHostByName(name).addErrback(lambda _: None) for name in names]

    def found(results: list[tuple[bool, Any]]) -> Resolver:
        hints = [address for succeeded, address in results if succeeded and address]
        if not hints:
            # Lookups fail then, which is better than to have them wait for ever.
            log.msg("the addresses of no root server are to be found")
        return Resolver(hints, resolverFactory=resolverFactory)

    return DeferredResolver(defer.DeferredList(lookups).addCallback(found))
