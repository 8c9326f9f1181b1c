"""Tests of L{txnames.cache}."""

from collections.abc import Callable
from typing import Any

import pytest
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from txnames import dns, error
from txnames.cache import CacheResolver, Rank
from txnames.wire.options import ExtendedErrorOption
from txnames.zone.answer import Sections
from txnames.zone.rrset import packRecord

from .deferreds import errorOf, resultOf
from .zone.building import wire

QUERY = dns.Query("www.example")


def address(name: str = "www.example", ttl: int = 60, host: str = "192.0.2.1") -> dns.RRHeader:
    """An address record."""
    return dns.RRHeader(name, dns.A, dns.IN, ttl, dns.Record_A(host, ttl=ttl))


def soa(ttl: int = 600, minimum: int = 30) -> dns.RRHeader:
    """The SOA record of the zone."""
    return dns.RRHeader("example", dns.SOA, dns.IN, ttl, dns.Record_SOA("ns", "root", minimum=minimum, ttl=ttl))


def cache(**fields: Any) -> tuple[CacheResolver, Clock]:
    """A cache, and its clock."""
    clock = Clock()
    clock.advance(1000)
    return CacheResolver(reactor=clock, **fields), clock


def ttl(found: CacheResolver, query: dns.Query = QUERY) -> int:
    """The TTL of the first answer."""
    return int(resultOf(found.query(query))[0][0].ttl)


def unknown(found: CacheResolver, query: dns.Query = QUERY) -> bool:
    """Whether the cache does not know the answer to a question."""
    return found.lookup(query.name.wire, query.type, query.cls) is None


def test_timeGoesBy() -> None:
    """TTLs go down, and at the end nothing is left, not even a timer."""
    found, clock = cache()
    found.cacheResult(QUERY, ([address(), address(host="192.0.2.2", ttl=90)], [], []))
    assert ttl(found) == 60
    clock.advance(59.5)
    assert ttl(found) == 1
    clock.advance(0.5)
    assert unknown(found)
    clock.advance(10)
    assert clock.getDelayedCalls() == []
    assert found.statistics().entries == 0


@pytest.mark.parametrize(
    ("fields", "given", "kept"),
    [({}, 0, None), ({}, 2**31, None), ({}, 999999, 86400), ({"minimumTTL": 5}, 1, 5), ({"maximumTTL": 10}, 60, 10)],
)
def test_bounds(fields: Any, given: int, kept: int | None) -> None:
    """TTLs have bounds; one of 0, or beyond 31 bits, keeps an answer from being stored."""
    found, clock = cache(**fields)
    found.cacheResult(QUERY, ([address(ttl=given)], [], []))
    if kept is None:
        assert unknown(found)
        return
    clock.advance(kept - 0.5)
    assert not unknown(found)
    assert ttl(found) <= 1
    clock.advance(0.5)
    assert unknown(found)


def test_nothingThere() -> None:
    """That a name has no such records is kept for as long as the SOA record says, and only with one."""
    found, clock = cache()
    found.cacheResult(QUERY, Sections([], [], []))
    assert unknown(found)
    found.cacheResult(QUERY, Sections([], [soa()], []))
    answers, authority, _ = resultOf(found.query(QUERY))
    assert (answers, authority[0].ttl) == ([], 30)
    clock.advance(30)
    assert unknown(found)


def test_noSuchName() -> None:
    """That a name does not exist goes for all types, and for all names below it (RFC 8020)."""
    found, clock = cache()
    found.cacheResult(QUERY, Sections([], [soa()], [], 3))
    for query in (QUERY, dns.Query("WWW.example", dns.MX), dns.Query("a.b.www.example")):
        failed: Any = errorOf(found.query(query))
        assert isinstance(failed, error.DNSNameError)
        assert vars(failed)["sections"].cached
    assert unknown(found, dns.Query("example"))
    assert found.statistics().negative == 3
    clock.advance(30)
    assert unknown(found)


def test_aliasToNowhere() -> None:
    """A name that leads to one that does not exist exists itself."""
    found, _ = cache()
    alias = dns.RRHeader("www.example", dns.CNAME, dns.IN, 60, dns.Record_CNAME("no.example", ttl=60))
    found.cacheResult(QUERY, Sections([alias], [soa()], [], 3))
    assert isinstance(errorOf(found.query(QUERY)), error.DNSNameError)
    assert unknown(found, dns.Query("www.example", dns.MX))


def test_failures() -> None:
    """A failure is remembered, each time in a row for longer, and says so (RFC 9520)."""
    found, clock = cache()
    failure = Failure(error.replyError(2, errors=(ExtendedErrorOption(22),)))
    for seconds in (5, 10, 20):
        assert found.cacheFailure(QUERY, failure) is None
        failed: Any = errorOf(found.query(QUERY))
        assert isinstance(failed, error.DNSServerError)
        assert [one.info for one in vars(failed)["errors"]] == [22, 13]
        clock.advance(seconds)
        assert unknown(found)
    found.cacheFailure(QUERY, failure)
    found.cacheResult(QUERY, ([address()], [], []))
    assert ttl(found) == 60
    assert found.statistics().failures == 3


def test_stale() -> None:
    """If that is wanted, an answer past its time takes the place of a failure (RFC 8767)."""
    found, clock = cache(serveStale=100)
    found.cacheResult(QUERY, ([address()], [], []))
    clock.advance(60)
    assert unknown(found)
    old = found.cacheFailure(QUERY, Failure(error.QueryTimeoutError(QUERY)))
    assert old is not None
    assert (old[0][0].ttl, old.errors[0].info) == (30, 3)
    assert resultOf(found.query(QUERY))[0][0].ttl == 30
    clock.advance(100)
    assert found.cacheFailure(QUERY, Failure(error.QueryTimeoutError(QUERY))) is None
    assert found.statistics().stale == 2


def test_variants() -> None:
    """What was asked with DO or CD is no answer to those who ask without."""
    found, _ = cache()
    found.cacheResult(QUERY, Sections([address()], [], [], variant=1))
    assert unknown(found)
    assert found.lookup(QUERY.name.wire, dns.A, variant=1) is not None
    found.clearEntry(QUERY)
    assert found.lookup(QUERY.name.wire, dns.A, variant=1) is None


def test_leastRecentlyUsed() -> None:
    """There are so many entries and octets at most; what was not used for longest goes first."""
    found, _ = cache(maximumEntries=3)
    for number in range(3):
        found.cacheResult(dns.Query(f"n{number}.example"), ([address(f"n{number}.example")], [], []))
    ttl(found, dns.Query("n0.example"))
    found.cacheResult(dns.Query("n3.example"), ([address("n3.example")], [], []))
    assert [unknown(found, dns.Query(f"n{number}.example")) for number in range(4)] == [False, True, False, False]
    assert found.statistics().evicted == 1
    small, _ = cache(maximumOctets=5000)
    for number in range(50):
        small.cacheResult(dns.Query(f"n{number}.example"), ([address(f"n{number}.example")], [], []))
    assert 0 < small.statistics().octets <= 2500


def test_prefetch() -> None:
    """A popular answer is fetched anew, once, shortly before its time is up."""
    found, clock = cache()
    asked: list[dns.Query] = []
    found.prefetcher = asked.append
    found.cacheResult(QUERY, ([address()], [], []))
    for _ in range(5):
        ttl(found)
    assert asked == []
    clock.advance(55)
    for _ in range(3):
        ttl(found)
    assert asked == [QUERY]


def test_view() -> None:
    """What the cache holds can be looked at by question."""
    found, clock = cache()
    found.cacheResult(QUERY, ([address()], [], []))
    assert list(found.cache) == [QUERY]
    assert len(found.cache) == 1
    assert found.cache[QUERY][0] == clock.seconds()
    assert dns.Query("other.example") not in found.cache


def packedA(seconds: int = 60, host: int = 1) -> bytes:
    """A packed address record."""
    return packRecord(dns.A, dns.IN, seconds, bytes([192, 0, 2, host]))


def test_ranks() -> None:
    """Better data takes the place of worse, and not the other way round, until its time is up."""
    found, clock = cache()
    name = wire("ns.example.")
    assert found.store(name, packedA(), Rank.AUTHORITATIVE)
    assert not found.store(name, packedA(host=2), Rank.REFERRAL)
    assert found.find(name, dns.A, rank=Rank.AUTHORITATIVE) is not None
    clock.advance(60)
    assert found.find(name, dns.A) is None
    assert found.store(name, packedA(host=2), Rank.REFERRAL)
    assert found.find(name, dns.A, rank=Rank.ANSWER) is None
    assert found.find(name, dns.A, signed=True) is None
    assert found.store(name, packedA(host=3), Rank.ANSWER)
    assert not found.store(wire("zero.example."), packedA(0), Rank.ANSWER)
    found.rrsets.forget(name, dns.A)
    assert found.find(name, dns.A) is None


def test_ghosts() -> None:
    """A zone cannot prolong its own delegation (the ghost domain attack)."""
    found, clock = cache()
    ns = packRecord(dns.NS, dns.IN, 100, wire("ns.example."))
    assert found.store(wire("zone.example."), ns, Rank.REFERRAL)
    clock.advance(60)
    assert found.store(wire("zone.example."), ns, Rank.AUTHORITATIVE)
    clock.advance(40)
    assert found.find(wire("zone.example."), dns.NS) is None


def test_close() -> None:
    """A closed cache has no timer, and takes nothing."""
    found, clock = cache()
    found.cacheResult(QUERY, ([address()], [], []))
    resultOf(found.close())
    found.cacheResult(QUERY, ([address()], [], []))
    assert clock.getDelayedCalls() == []
    assert unknown(found)


def test_otherQuestions() -> None:
    """Zone transfers and their like are nothing to be kept, nor are their failures."""
    found, _ = cache()
    for type in (dns.AXFR, dns.IXFR):
        query = dns.Query("example", type)
        found.cacheResult(query, ([soa(), address(), soa()], [], []))
        found.cacheFailure(query, Failure(error.replyError(5)))
        assert unknown(found, query)
        assert errorOf(found.query(query)).__class__ is error.DomainError
    found.cacheResult(dns.Query("www.example", dns.ALL_RECORDS), ([address()], [], []))
    assert not unknown(found, dns.Query("www.example", dns.ALL_RECORDS))


def test_failuresInARow() -> None:
    """A success in between ends the row of failures."""
    found, clock = cache()
    failure = Failure(error.replyError(2))
    for _ in range(3):
        found.cacheFailure(QUERY, failure)
        clock.advance(5)
        assert errorOf(found.query(QUERY)).__class__ is error.DomainError
        found.cacheResult(QUERY, ([address(ttl=1)], [], []))
        clock.advance(1)


def test_answerNow() -> None:
    """A hit is answered at once, with the TTLs of the moment; what is not that plain is not."""
    clock = Clock()
    cache = CacheResolver(reactor=clock)
    query = dns.Query("www.example")
    name = query.name.wire
    assert cache.answerNow(name, dns.A, dns.IN, 0) is None
    record = dns.RRHeader("www.example", dns.A, ttl=60, payload=dns.Record_A("192.0.2.1", ttl=60))
    cache.cacheResult(query, Sections([record], [], []))
    clock.advance(10)
    found = cache.answerNow(dns.Name("WWW.example").wire, dns.A, dns.IN, 0)
    assert found is not None
    answer, again = found
    ((owner, packed),) = answer.answer
    assert owner == dns.Name("WWW.example").wire
    assert packed[6:10] == (50).to_bytes(4, "big")
    assert cache.statistics().hits == 1
    assert again()
    assert cache.statistics().hits == 2
    clock.advance(1)
    assert not again()
    assert cache.answerNow(name, dns.A, dns.IN, 1) is None
    cache.verbose = 1
    assert cache.answerNow(name, dns.A, dns.IN, 0) is None
    cache.verbose = 0
    clock.advance(51)
    assert cache.answerNow(name, dns.A, dns.IN, 0) is None


def test_answerNowIsNotForOthers() -> None:
    """A cache that prefetches, or has steps of its own, is asked the long way where that matters."""
    clock = Clock()

    class Own(CacheResolver):
        """Answers otherwise."""

        def query(self, query: Any, timeout: Any = None) -> Any:
            """Answer."""
            return super().query(query, timeout)

    query = dns.Query("www.example")
    answer = dns.RRHeader("www.example", dns.A, ttl=60, payload=dns.Record_A("192.0.2.1", ttl=60))
    own, popular = Own(reactor=clock), CacheResolver(reactor=clock)
    for one in (own, popular):
        one.cacheResult(query, Sections([answer], [], []))
    assert own.answerNow(query.name.wire, dns.A, dns.IN, 0) is None
    popular.prefetcher = lambda query: None
    assert [popular.answerNow(query.name.wire, dns.A, dns.IN, 0) is None for _ in range(3)] == [False, False, True]


def test_againNoMore() -> None:
    """An answer is not given again after it was taken away, or another took its place."""
    clock = Clock()
    cache = CacheResolver(reactor=clock)
    query = dns.Query("www.example")
    record = dns.RRHeader("www.example", dns.A, ttl=60, payload=dns.Record_A("192.0.2.1", ttl=60))
    changes: list[Callable[[], Any]] = [
        lambda: cache.clearEntry(query),
        lambda: cache.cacheResult(query, Sections([record], [], [])),
    ]
    for change in changes:
        cache.cacheResult(query, Sections([record], [], []))
        found = cache.answerNow(query.name.wire, dns.A, dns.IN, 0)
        assert found is not None
        again = found[1]
        assert again()
        change()
        assert not again()
