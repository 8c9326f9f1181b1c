"""Tests of L{txnames.resolve}."""

import gc
import weakref
from typing import Any

import pytest
from twisted.internet import defer
from twisted.internet.task import Clock
from zope.interface import implementer

from txnames import dns, error
from txnames.cache import CacheResolver
from txnames.interfaces import ICache, IRecursiveResolver, IRequestResolver
from txnames.protocol.request import Request, readRequest
from txnames.resolve import FailureHandler, ResolverChain
from txnames.testing import UDP, ZoneResolver
from txnames.wire.edns import EDNSMessage
from txnames.zone.answer import Sections

from .deferreds import errorOf, resultOf
from .zone.building import wire, zoneOf

QUERY = dns.Query("www.example", dns.A)
WWW = "www 60 A 192.0.2.1"


class Canned:
    """A resolver that does always the same."""

    def __init__(self, result: Any) -> None:
        self.result = result
        self.asked: list[Any] = []

    def query(self, query: dns.Query, timeout: Any = None) -> Any:
        """Give the result, or raise it."""
        self.asked.append((query, timeout))
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


def notMine() -> Canned:
    """A resolver that wants another one asked."""
    return Canned(error.DomainError())


def addresses(result: Any) -> list[str]:
    """The addresses in the answer section."""
    return [answer.payload.dottedQuad() for answer in result[0]]


def request(name: str, type: int = dns.A, dnssecOK: bool = False) -> Request:
    """A request as it comes from a client."""
    message = EDNSMessage(7, dnssecOK=dnssecOK)
    message.queries = [dns.Query(name, type)]
    read = readRequest(message.toStr(), ("192.0.2.9", 53), UDP)
    assert read is not None
    return read


# --- the chain ---


def test_asksInTurn() -> None:
    """The next one is asked when one says that the question isn't its own."""
    first, second, third = notMine(), Canned(([1], [], [])), Canned(([2], [], []))
    assert resultOf(ResolverChain([first, second, third]).query(QUERY, 5)) == ([1], [], [])
    assert first.asked == second.asked == [(QUERY, 5)]
    assert third.asked == []


def test_lookupsAskTheChain() -> None:
    """The methods for single types ask in turn too."""
    second = Canned(([1], [], []))
    assert resultOf(ResolverChain([notMine(), second]).lookupText("www.example", 3)) == ([1], [], [])
    assert second.asked == [(dns.Query("www.example", dns.TXT), 3)]


@pytest.mark.parametrize(
    "answer",
    [
        error.DNSFormatError(),
        error.DNSServerError(),
        error.DNSNameError(),
        error.DNSNotImplementedError(),
        error.DNSQueryRefusedError(),
        error.DNSUnknownError(),
        error.AuthoritativeDomainError(),
        KeyError(),
    ],
)
def test_errorsAreAnswers(answer: Exception) -> None:
    """All other failures are the answer, and nobody else is asked."""
    second = Canned(([], [], []))
    assert errorOf(ResolverChain([Canned(answer), second]).query(QUERY)) is answer
    assert second.asked == []


@pytest.mark.parametrize("silence", [defer.TimeoutError(), error.DNSQueryTimeoutError(1), NotImplementedError()])
def test_silence(silence: Exception) -> None:
    """Who doesn't answer is passed over; if nobody else answers, that is the failure."""
    assert resultOf(ResolverChain([Canned(silence), Canned(([1], [], []))]).query(QUERY)) == ([1], [], [])
    assert errorOf(ResolverChain([Canned(silence), notMine(), notMine()]).query(QUERY)) is silence
    refused = error.DNSQueryRefusedError()
    assert errorOf(ResolverChain([Canned(silence), Canned(refused)]).query(QUERY)) is refused


@pytest.mark.parametrize("resolvers", [[], [notMine()], [notMine(), notMine()], [ResolverChain([])]])
def test_endOfTheChain(resolvers: list[Any]) -> None:
    """Where nobody is responsible the failure says so: a L{DomainError} and a refusal."""
    failure = errorOf(ResolverChain(resolvers).query(QUERY))
    assert isinstance(failure, error.NotResponsibleError)
    assert isinstance(failure, error.DomainError)


def test_chainInAChain() -> None:
    """The end of one chain is not the end of the chain that it is in."""
    assert resultOf(ResolverChain([ResolverChain([]), Canned(([1], [], []))]).query(QUERY)) == ([1], [], [])


def test_coroutine() -> None:
    """A resolver's C{query} may be a coroutine function."""

    class Modern:
        async def query(self, query: dns.Query, timeout: Any = None) -> Any:
            return ([query.name], [], [])

    assert resultOf(ResolverChain([Modern()]).query(QUERY)) == ([QUERY.name], [], [])


def test_failureHandler() -> None:
    """The errback asks its resolver only after a failure that allows it."""
    asked = Canned(([1], [], []))
    handler = FailureHandler(asked.query, QUERY, 4)
    assert (handler.query, handler.timeout) == (QUERY, 4)
    assert resultOf(defer.fail(error.DomainError()).addErrback(handler)) == ([1], [], [])
    assert asked.asked == [(QUERY, 4)]
    assert isinstance(errorOf(defer.fail(KeyError()).addErrback(handler)), KeyError)


# --- zones ---


def test_mostSpecificZone() -> None:
    """The most specific zone answers, whatever the order."""
    parent = ZoneResolver(zoneOf("www.sub 60 A 192.0.2.1\nsub 60 NS ns.sub"))
    child = ZoneResolver(zoneOf("www 60 A 192.0.2.2", "sub.example."))
    for resolvers in ([parent, child], [child, parent]):
        result = resultOf(ResolverChain(resolvers).lookupAddress("www.sub.example"))
        assert addresses(result) == ["192.0.2.2"]
        assert result.authoritative


def test_sameZoneTwice() -> None:
    """Of two zones for the same name the first one counts."""
    one, two = (ZoneResolver(zoneOf(f"www 60 A 192.0.2.{number}")) for number in (1, 2))
    assert addresses(resultOf(ResolverChain([one, two]).query(QUERY))) == ["192.0.2.1"]


def test_aliasesAcrossZones() -> None:
    """An alias is followed into another zone."""
    here = ZoneResolver(zoneOf("www 60 CNAME www.other."))
    there = ZoneResolver(zoneOf(WWW, "other."))
    answers, _, _ = resultOf(ResolverChain([here, there]).query(QUERY))
    assert [answer.type for answer in answers] == [dns.CNAME, dns.A]


def test_zonesAndOthers() -> None:
    """The zones stand where the first of them does, and who stands before them is asked first."""
    before, after = notMine(), Canned(([], [], []))
    chain = ResolverChain([before, ZoneResolver(zoneOf(WWW)), after, ZoneResolver(zoneOf(WWW, "other."))])
    assert addresses(resultOf(chain.lookupAddress("www.other"))) == ["192.0.2.1"]
    assert len(before.asked) == 1
    assert after.asked == []
    assert resultOf(chain.lookupAddress("www.third")) == ([], [], [])


def test_noSuchName() -> None:
    """That a name doesn't exist is a failure, which has the answer with the SOA record."""
    failure = errorOf(ResolverChain([ZoneResolver(zoneOf(WWW))]).lookupAddress("nobody.example"))
    assert isinstance(failure, error.NoSuchNameError)
    assert isinstance(failure, error.AuthoritativeDomainError)
    assert failure.sections is not None
    assert [record.type for record in failure.sections[1]] == [dns.SOA]


def test_changedZone() -> None:
    """A zone that was replaced answers from the next question on; one that came or went does too."""
    source = ZoneResolver(None)
    chain = ResolverChain([source])
    assert isinstance(errorOf(chain.query(QUERY)), error.NotResponsibleError)
    for number in (1, 2):
        source.replace(zoneOf(f"www 60 A 192.0.2.{number}"))
        assert addresses(resultOf(chain.query(QUERY))) == [f"192.0.2.{number}"]
    source.replace(None)
    assert isinstance(errorOf(chain.query(QUERY)), error.NotResponsibleError)


def test_changedResolvers() -> None:
    """The list of resolvers may be changed at any time."""
    resolvers: list[Any] = []
    chain = ResolverChain(resolvers)
    errorOf(chain.query(QUERY))
    resolvers.append(ZoneResolver(zoneOf(WWW)))
    assert addresses(resultOf(chain.query(QUERY))) == ["192.0.2.1"]
    resolvers[0] = Canned(([], [], []))
    assert resultOf(chain.query(QUERY)) == ([], [], [])


def test_zonesThatAreGone() -> None:
    """A zone that was taken out of the chain is forgotten, and one that comes back is watched once."""
    source = ZoneResolver(zoneOf(WWW))
    resolvers: list[Any] = [source]
    chain = ResolverChain(resolvers)
    watched: list[Any] = []
    source.watch = watched.append  # type: ignore[assignment]  # reason: takes it down
    for _ in range(2):
        chain.zones()
        resolvers.clear()
        chain.zones()
        resolvers.append(source)
    chain.zones()
    assert len(watched) == 1
    resolvers.clear()
    chain.zones()
    gone = weakref.ref(source)
    del source
    watched.clear()
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("kind", [list, tuple])
def test_arrangedOnce(kind: type) -> None:
    """The zones are gathered when something changes, not for each question."""
    chain = ResolverChain(kind([ZoneResolver(zoneOf(WWW))]))
    table = chain.zones()
    resultOf(chain.query(QUERY))
    assert chain.zones() is table


def test_any() -> None:
    """ANY is answered with one RRset, or with all on request."""
    chain = ResolverChain([ZoneResolver(zoneOf(f"{WWW}\nwww 60 TXT text"))])
    query = dns.Query("www.example", dns.ALL_RECORDS)
    assert len(resultOf(chain.query(query))[0]) == 1
    chain.minimalAny = False
    assert len(resultOf(chain.query(query))[0]) == 2


# --- at once ---


def test_answer() -> None:
    """A question is answered at once if only zones can answer it, or none can."""
    zone = ZoneResolver(zoneOf(WWW))
    chain = ResolverChain([zone])
    for name, rcode in (("www.example.", dns.OK), ("no.example.", dns.ENAME), ("other.", dns.EREFUSED)):
        answer = chain.answer(wire(name), dns.A, dns.IN)
        assert answer is not None
        assert (answer.rcode, answer.authoritative) == (rcode, rcode != dns.EREFUSED)
    assert ResolverChain([notMine(), zone]).answer(wire("www.example."), dns.A, dns.IN) is None
    behind = ResolverChain([zone, notMine()])
    assert behind.answer(wire("www.example."), dns.A, dns.IN) is not None
    assert behind.answer(wire("other."), dns.A, dns.IN) is None


# --- requests ---


def test_resolveRequest() -> None:
    """A resolver that wants to know who asks is told; a plain one gets the question."""

    @implementer(IRequestResolver)
    class Curious(Canned):
        def resolveRequest(self, request: Request) -> Any:
            return self.query(request)  # type: ignore[arg-type]  # reason: takes it down

    plain, curious = notMine(), Curious(([1], [], []))
    made = request("www.example")
    assert resultOf(ResolverChain([plain, curious]).resolveRequest(made)) == ([1], [], [])
    assert plain.asked == [(QUERY, None)]
    assert curious.asked == [(made, None)]
    resultOf(ResolverChain([curious]).query(QUERY))
    assert curious.asked[1:] == [(QUERY, None)]


# --- caches, and resolvers that ask others ---


@implementer(ICache)
class Memory(Canned):
    """A cache that knows what it was given for life."""

    def __init__(self, result: Any = None, old: Any = None) -> None:
        super().__init__(error.DomainError() if result is None else result)
        self.stored: list[Any] = []
        self.old = old

    def cacheResult(self, query: dns.Query, payload: Any, cacheTime: Any = None) -> None:
        """Take note of an answer."""
        self.stored.append((query, payload))

    def cacheFailure(self, query: dns.Query, failure: Any) -> Any:
        """Take note of a failure."""
        self.stored.append((query, failure.value))
        return self.old


@implementer(IRecursiveResolver)
class Recursive(Canned):
    """A resolver that asks others."""

    def resolveRequest(self, request: Request) -> Any:
        """Give the result."""
        return self.query(request.query)


def test_cacheIsFilled() -> None:
    """What a resolver answers goes to the caches before it, once, and not to those behind it."""
    before, behind = Memory(), Memory()
    answer: Any = ([dns.RRHeader("www.example")], [], [])
    chain = ResolverChain([before, Canned(answer), behind])
    result = resultOf(chain.query(QUERY))
    assert result == answer
    assert before.stored == [(QUERY, answer)]
    assert behind.stored == []
    resultOf(ResolverChain([before, Canned(result)]).query(QUERY))
    assert len(before.stored) == 1


def test_cacheIsNotFilledFromItself() -> None:
    """What a cache or a zone answers is not stored."""
    cache = Memory(Sections([], [], [], cached=True))
    resultOf(ResolverChain([cache, Canned(None)]).query(QUERY))
    cache.result = error.replyError(3, sections=Sections([], [], [], 3, cached=True))
    errorOf(ResolverChain([cache]).query(QUERY))
    empty = Memory()
    resultOf(ResolverChain([empty, ZoneResolver(zoneOf(WWW))]).query(QUERY))
    assert isinstance(
        errorOf(ResolverChain([empty, ZoneResolver(zoneOf(WWW))]).query(dns.Query("no.example"))), error.NoSuchNameError
    )
    assert cache.stored == empty.stored == []


def test_failureIsCached() -> None:
    """A failure goes to the caches, and an answer past its time takes its place."""
    cache = Memory()
    failure = error.replyError(2)
    chain = ResolverChain([cache, Canned(failure)])
    assert errorOf(chain.query(QUERY)) is failure
    assert cache.stored == [(QUERY, failure)]
    cache.old = [], [], []
    assert resultOf(chain.query(QUERY)) is cache.old


def test_recursionOnlyWhereWanted() -> None:
    """Who wants no recursion gets what is known here; a stranger not even that."""
    cache, recursive = Memory(), Recursive(([], [], []))
    chain = ResolverChain([cache, recursive])
    asked = request("www.example")
    assert isinstance(errorOf(chain.resolveRequest(asked)), error.DNSQueryRefusedError)
    assert (len(cache.asked), recursive.asked) == (1, [])
    asked.flags |= 0x0100
    assert resultOf(chain.resolveRequest(asked)) == ([], [], [])
    assert len(recursive.asked) == 1
    asked.trusted = False
    assert isinstance(errorOf(chain.resolveRequest(asked)), error.DNSQueryRefusedError)
    assert (len(cache.asked), len(recursive.asked)) == (2, 1)


def test_impatience() -> None:
    """That somebody waited for a short while only is no failure for others."""
    cache = Memory()
    chain = ResolverChain([cache, Canned(error.QueryTimeoutError(QUERY))])
    assert isinstance(errorOf(chain.query(QUERY, [0.1])), error.QueryTimeoutError)
    assert cache.stored == []
    errorOf(chain.query(QUERY))
    assert len(cache.stored) == 1


@pytest.mark.parametrize(
    ("failure", "kept"),
    [
        (error.QueryTimeoutError(QUERY), True),
        (error.DNSServerError(), True),
        (error.DNSNameError(), False),
        (error.AuthoritativeDomainError(), False),
        (defer.CancelledError(), False),
    ],
)
@pytest.mark.parametrize("dnssecOK", [False, True])
def test_failureForWhoWantsDNSSEC(failure: Exception, kept: bool, dnssecOK: bool) -> None:
    """A failure without an answer in it is remembered for those who asked alike, if it is one."""
    cache = CacheResolver(reactor=Clock())
    asked = request("www.example", dnssecOK=dnssecOK)
    assert isinstance(errorOf(ResolverChain([cache, Canned(failure)]).resolveRequest(asked)), type(failure))
    assert cache.hasFailed(QUERY, int(dnssecOK)) is kept
    assert not cache.hasFailed(QUERY, int(not dnssecOK))
