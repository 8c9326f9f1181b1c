"""Chains of resolvers: each is asked in turn, until one answers.

A resolver says "not mine, ask the next" by failing with a plain L{DomainError}.  The zones among the resolvers are one
resolver in effect, which stands where the first of them does: the most specific zone answers (RFC 1034 section 4.3.2
step 2), and aliases are followed from one zone into another.

Caches in a chain get what the resolvers behind them answer.  Resolvers that ask other servers, and caches, are passed
over for requests of clients that may not have recursion.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakValueDictionary

from twisted.internet import defer
from twisted.internet.error import TimeoutError as ConnectTimeoutError
from twisted.python.failure import Failure
from zope.interface import implementer

from txnames.common import ResolverBase, Timeout, asDeferred
from txnames.error import (
    AuthoritativeDomainError,
    DNSFormatError,
    DNSNameError,
    DNSNotImplementedError,
    DNSQueryRefusedError,
    DNSServerError,
    DNSUnknownError,
    DomainError,
    NoSuchNameError,
    NotResponsibleError,
    replyError,
)
from txnames.interfaces import ICache, IRecursiveResolver, IRequestResolver, IZoneSource
from txnames.protocol.request import Request
from txnames.wire.header import Query
from txnames.wire.numbers import ALL_RECORDS, EREFUSED, ESERVER, IN, OK, OPT
from txnames.zone.answer import Answer, Sections
from txnames.zone.lookup import ZoneTable, answerAcross
from txnames.zone.tree import Zone

__all__ = ["FailureHandler", "ResolverChain"]

# These are answers, though their class is below DomainError.
_answers = (
    DNSFormatError,
    DNSNameError,
    DNSNotImplementedError,
    DNSQueryRefusedError,
    DNSServerError,
    DNSUnknownError,
)
# Failures that say nothing of who could answer.
_unkept = (AuthoritativeDomainError, DNSNameError, defer.CancelledError)
_timeouts = (defer.TimeoutError, ConnectTimeoutError, TimeoutError)
_silent = (*_timeouts, NotImplementedError)


def _isNotMine(error: BaseException | None) -> bool:
    """Whether a resolver says by this that another should be asked."""
    return isinstance(error, NotResponsibleError) or (
        isinstance(error, DomainError) and not isinstance(error, _answers)
    )


class FailureHandler:
    """An errback that asks another resolver, where the failure says that one may.

    That is so for a plain L{DomainError}, for a timeout, and for C{NotImplementedError}; other failures stay.

    @ivar resolver: what to ask: a callable that takes the question and the timeout.
    @ivar query: the question.
    @ivar timeout: the seconds to wait for each attempt.
    """

    def __init__(self, resolver: Callable[..., Any], query: Query, timeout: Timeout) -> None:
        self.resolver = resolver
        self.query = query
        self.timeout = timeout

    def __call__(self, failure: Failure) -> Any:
        """Ask, or let the failure stay."""
        notMine = _isNotMine(failure.value)
        if not notMine and not isinstance(failure.value, _silent):
            return failure
        asked = asDeferred(self.resolver, self.query, self.timeout)
        if not notMine:
            # That somebody did not answer says more than that nobody else is responsible.
            asked.addErrback(lambda later: failure if _isNotMine(later.value) else later)
        return asked


@implementer(IRequestResolver)
class ResolverChain(ResolverBase):
    """Asks resolvers in turn.

    @ivar resolvers: the resolvers, anything with a method C{query(query, timeout)}; the list may change at any time.
    @ivar minimalAny: whether questions for ANY get one RRset (RFC 8482 section 4.1), not all.
    """

    minimalAny = True

    def __init__(self, resolvers: Sequence[Any]) -> None:
        super().__init__()
        self.resolvers = resolvers
        self._known: Sequence[Any] = ()
        # Those that are watched, by their identity: there may be thousands, which come and go.
        self._sources: WeakValueDictionary[int, Any] = WeakValueDictionary()
        self._zones = ZoneTable()
        self._first = 0
        self._others: list[Any] = []
        self._cached: Callable[[bytes, int, int, int], tuple[Answer, Callable[[], bool]] | None] | None = None
        self._fresh = False

    def zones(self) -> ZoneTable:
        """The zones that the resolvers hold; the table stays the same until one of them changes."""
        if not self._fresh or self._known != self.resolvers:
            self._arrange()
        return self._zones

    def _arrange(self) -> None:
        """Sort the resolvers into zones and others."""
        self._fresh = True
        # A copy of the same kind, so that it equals the original for as long as that does not change.
        self._known = self.resolvers[:]
        held: list[Zone] = []
        self._others = []
        self._first = -1
        for resolver in self._known:
            zone = None
            if IZoneSource.providedBy(resolver):
                if id(resolver) not in self._sources:
                    self._sources[id(resolver)] = resolver
                    resolver.watch(self._changed)
                zone = resolver.zone
            if zone is None:
                self._others.append(resolver)
            else:
                if self._first < 0:
                    self._first = len(self._others)
                held.append(zone)
        first = self._others[0] if self._others and self._first <= 0 else None
        self._cached = getattr(first, "answerNow", None) if ICache.providedBy(first) else None
        # Of two for the same name the first one counts.
        self._zones = ZoneTable(reversed(held))

    def _changed(self) -> None:
        """Take note that a zone is another now."""
        self._fresh = False

    def answer(self, name: bytes, type: int, cls: int) -> Answer | None:
        """Answer a question at once, if that is possible: from the zones, or because there is nobody else to ask.

        @param name: the name in wire form.
        """
        if not self._fresh or self._known != self.resolvers:
            self._arrange()
        if self._first > 0:
            return None
        answer = answerAcross(self._zones, name, type, cls, minimalAny=self.minimalAny)
        if answer is None and not self._others:
            return Answer(rcode=EREFUSED, authoritative=False)
        return answer

    def answerCached(self, name: bytes, type: int, cls: int, variant: int) -> tuple[Answer, Callable[[], bool]] | None:
        """Answer at once what L{answer} left open, if that is for a cache to say, and the cache knows.

        The client has to be one that may learn what is in caches.

        @return: the answer, and what says whether it may be given once more; see L{CacheResolver.answerNow}.
        """
        cached = self._cached
        return None if cached is None else cached(name, type, cls, variant)

    def resolveRequest(self, request: Request) -> defer.Deferred[Any]:
        """Answer a request; see L{IRequestResolver}."""
        return self._inTurn(request.query, None, request)

    def query(self, query: Query, timeout: Timeout = None) -> defer.Deferred[Any]:
        """Answer a question; fails as L{ResolverBase.query} says, with L{NotResponsibleError} where nobody answers."""
        return self._inTurn(query, timeout, None)

    def close(self) -> defer.Deferred[None]:
        """End all timers, sockets and lookups of the resolvers that have any.

        @return: a Deferred that fires when that is done.
        """
        closing = [asDeferred(resolver.close) for resolver in self.resolvers if hasattr(resolver, "close")]
        return defer.DeferredList(closing, consumeErrors=True).addCallback(lambda _: None)

    def _lookup(self, name: bytes, cls: int, type: int, timeout: Timeout) -> defer.Deferred[Any]:
        """Look a name up."""
        return self.query(Query(name, type, cls), timeout)

    def _inTurn(self, query: Query, timeout: Timeout, request: Request | None) -> defer.Deferred[Any]:
        """Ask one after the other."""
        self.zones()
        asks: list[Callable[..., Any]] = []
        caches: tuple[Any, ...] = ()
        for position, resolver in enumerate(self._others):
            if position == self._first:
                asks.append(self._askZones)
            if request is not None and _isOutOfReach(resolver, request):
                continue
            asks.append(_asking(resolver, request, caches))
            if ICache.providedBy(resolver):
                caches += (resolver,)
        if self._first == len(self._others):
            asks.append(self._askZones)
        asked: defer.Deferred[Any] = defer.fail(NotResponsibleError(query.name.name))
        for ask in asks:
            asked.addErrback(FailureHandler(ask, query, timeout))
        return asked.addErrback(_end, query, caches, 0 if request is None else request.variant, timeout)

    def _askZones(self, query: Query, timeout: Timeout) -> Sections:
        """Answer from the zones."""
        answer = answerAcross(self.zones(), query.name.wire, query.type, query.cls, minimalAny=self.minimalAny)
        if answer is None:
            raise NotResponsibleError(query.name.name)
        sections = answer.headers()
        if answer.rcode != OK:
            raise NoSuchNameError(query.name.name, sections)
        return sections


def _isOutOfReach(resolver: Any, request: Request) -> bool:
    """Whether a resolver is not for this request."""
    if IRecursiveResolver.providedBy(resolver):
        # What is no type of data (RFC 6895 section 3.1) is no question for others; nor is what concerns this server.
        return not request.recursion or request.cls != IN or request.type == OPT or 128 <= request.type < ALL_RECORDS
    # What others asked for lately is nothing that a stranger may learn.
    return not request.trusted and bool(ICache.providedBy(resolver))


def _asking(resolver: Any, request: Request | None, caches: tuple[Any, ...]) -> Callable[..., Any]:
    """What asks a resolver, by its richer method if there is a request to give it.

    @param caches: what gets the answer.
    """
    if request is not None and IRequestResolver.providedBy(resolver):

        def ask(query: Query, timeout: Timeout) -> Any:
            return resolver.resolveRequest(request)

    else:
        ask = resolver.query
    if not caches:
        return ask
    return lambda query, timeout: asDeferred(ask, query, timeout).addCallback(_remember, query, caches)


def _remember(response: Any, query: Query, caches: tuple[Any, ...]) -> Any:
    """Give an answer to the caches, unless they have it."""
    if not isinstance(response, Sections):
        response = Sections(*response)
    if not response.cached:
        for cache in caches:
            cache.cacheResult(query, response)
        response.cached = True
    return response


def _end(failure: Failure, query: Query, caches: tuple[Any, ...], variant: int, timeout: Timeout) -> Any:
    """What the end of the chain makes of the last failure: the same, or what a cache knew of old."""
    error = failure.value
    if _isNotMine(error):
        return failure if isinstance(error, NotResponsibleError) else Failure(NotResponsibleError(query.name.name))
    if timeout is not None and isinstance(error, _timeouts):
        # That somebody did not wait says nothing of what others get to know.
        return failure
    sections = getattr(error, "sections", None)
    learned = failure
    if sections is None and variant and not isinstance(error, _unkept):
        said = Sections([], [], [], ESERVER, variant=variant)
        learned = Failure(replyError(ESERVER, sections=said, errors=getattr(error, "errors", ())))
    if not isinstance(error, NoSuchNameError) and not (sections is not None and sections.cached):
        for cache in caches:
            old = cache.cacheFailure(query, learned)
            if old is not None:
                return old
    return failure
