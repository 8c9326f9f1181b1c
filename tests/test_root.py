"""Tests of L{txnames.root}: what is not a scenario of its own in tests/scenarios."""

from typing import Any

import pytest
from twisted.internet import defer

from txnames import client, dns, error, root
from txnames.iteration.hints import readHints
from txnames.testing import Internet

from .deferreds import errorOf

ROOT, SERVER, HOST = "198.41.0.4", "192.0.2.1", "192.0.2.99"


@pytest.fixture
def internet() -> Internet:
    """A root, and a zone."""
    internet = Internet()
    internet.zone(".", "", ROOT)
    internet.zone("example", "www A 192.0.2.80", SERVER)
    return internet


class Bootstrapping:
    """A resolver that gives addresses when it is told to."""

    def __init__(self) -> None:
        self.asked: dict[str, defer.Deferred[Any]] = {}

    def getHostByName(self, name: str) -> defer.Deferred[Any]:
        """Take the name down."""
        self.asked[name] = defer.Deferred()
        return self.asked[name]


def test_bootstrap(internet: Internet, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lookups wait for the addresses of the root's servers, and then find their answers."""
    reactor = internet.host(HOST).reactor
    real = root.Resolver
    monkeypatch.setattr(root, "Resolver", lambda *hints, **fields: real(*hints, **{**fields, "reactor": reactor}))
    finding = Bootstrapping()
    resolver: Any = root.bootstrap(finding)
    assert sorted(finding.asked) == [f"{letter}.root-servers.net" for letter in "abcdefghijklm"]
    waiting = [resolver.lookupAddress("www.example"), resolver.getHostByName("www.example")]
    for name, asked in finding.asked.items():
        asked.callback(ROOT) if name < "c" else asked.errback(error.DNSNameError(name))
    assert resolver.hints == [ROOT, ROOT]
    assert internet.run(waiting[0])[0][0].payload.dottedQuad() == "192.0.2.80"
    assert internet.run(waiting[1]) == "192.0.2.80"
    assert not hasattr(root.bootstrap(Bootstrapping()), "nothing")


def test_bootstrapInVain() -> None:
    """Where no address is found, lookups fail rather than wait for ever."""
    finding = Bootstrapping()
    resolver: Any = root.bootstrap(finding)
    waiting = resolver.lookupAddress("www.example")
    for asked in finding.asked.values():
        asked.errback(error.DNSNameError("nobody"))
    assert isinstance(errorOf(waiting), error.DNSServerError)
    assert isinstance(errorOf(resolver.lookupAddress("www.example")), error.DNSServerError)


def test_resolverFactory(internet: Internet) -> None:
    """A program's own factory makes what asks servers, one for each."""
    reactor: Any = internet.host(HOST).reactor
    made: list[tuple[str, int]] = []

    def factory(reactor: Any, servers: list[tuple[str, int]]) -> client.Resolver:
        made.extend(servers)
        return client.Resolver(servers=servers, reactor=reactor)

    resolver = root.Resolver([ROOT], reactor=reactor, resolverFactory=factory, priming=False)
    assert internet.run(resolver.lookupAddress("www.example"))[0][0].payload.dottedQuad() == "192.0.2.80"
    internet.run(resolver.lookupIPV6Address("www.example"))
    assert made == [(ROOT, 53), (SERVER, 53)]
    internet.run(resolver.close())


def test_badArguments() -> None:
    """What makes no sense is refused at once."""
    with pytest.raises(ValueError, match="minimisation"):
        root.Resolver([ROOT], minimisation="much")


def test_closed(internet: Internet) -> None:
    """A closed resolver says so."""
    resolver = root.Resolver([ROOT], reactor=internet.host(HOST).reactor)
    internet.run(resolver.close())
    failure: Any = errorOf(resolver.lookupAddress("www.example"))
    assert "closed" in failure.errors[0].text


@pytest.mark.parametrize(
    ("name", "type", "found"),
    [
        ("localhost", dns.A, ["127.0.0.1"]),
        ("me.localhost", dns.AAAA, ["::1"]),
        ("localhost", dns.MX, []),
        ("nobody.invalid", dns.A, None),
        ("hidden.onion", dns.A, None),
    ],
)
def test_specialNames(internet: Internet, name: str, type: int, found: list[str] | None) -> None:
    """Names that are nobody's are answered without asking anybody (RFC 6761 section 6, RFC 7686 section 2)."""
    resolver = root.Resolver([ROOT], reactor=internet.host(HOST).reactor)
    asked = resolver.query(dns.Query(name, type))
    if found is None:
        assert isinstance(errorOf(asked), error.DNSNameError)
    else:
        assert [one.payload.toText() for one in internet.run(asked)[0]] == found
    assert internet.asked() == []


def test_sharedAndCancelled(internet: Internet) -> None:
    """Who waits for the same answer shares the search, which ends when nobody waits any more."""
    reactor: Any = internet.host(HOST).reactor
    resolver = root.Resolver([ROOT], reactor=reactor, priming=False)
    first, second = (resolver.lookupAddress("www.example") for _ in range(2))
    first.cancel()
    assert isinstance(errorOf(first), defer.CancelledError)
    assert internet.run(second)[0][0].payload.dottedQuad() == "192.0.2.80"
    third, fourth = (resolver.lookupIPV6Address("www.example") for _ in range(2))
    for one in (third, fourth):
        one.cancel()
        assert isinstance(errorOf(one), defer.CancelledError)
    internet.run(resolver.close())
    assert not reactor.getDelayedCalls()


def test_hintsWithoutAddresses() -> None:
    """A file of hints needs addresses."""
    with pytest.raises(ValueError, match="no addresses"):
        readHints(b". 3600000 NS a.root-servers.net.\n")


def test_factoryIsClosed(internet: Internet) -> None:
    """What a program's own factory made is closed with the resolver."""
    host = internet.host(HOST)
    reactor: Any = host.reactor
    resolver = root.Resolver([ROOT], reactor=reactor, resolverFactory=client.Resolver, priming=False)
    internet.run(resolver.lookupAddress("www.example"))
    assert host.leaks() != []
    internet.run(resolver.close())
    internet.advance(2)
    assert host.leaks() == []


def test_neverCame() -> None:
    """Where a resolver does not come, lookups fail, those that wait and those that are still to come."""
    coming: defer.Deferred[Any] = defer.Deferred()
    resolver: Any = root.DeferredResolver(coming)
    waiting = resolver.lookupAddress("www.example")
    coming.errback(ValueError("none"))
    assert isinstance(errorOf(waiting), ValueError)
    assert isinstance(errorOf(resolver.getHostByName("www.example")), ValueError)


def test_otherClass(internet: Internet) -> None:
    """Names of other classes than IN are for another resolver: there are no servers to begin with."""
    resolver = root.Resolver([ROOT], reactor=internet.host(HOST).reactor, priming=False)
    failed = errorOf(resolver.query(dns.Query("www.example", dns.A, dns.CH)))
    assert type(failed) is error.DomainError


def test_notProlonged(internet: Internet) -> None:
    """Who asks again and again does not make an answer last longer than it may."""
    internet.add("example", "short 10 A 192.0.2.81")
    resolver = root.Resolver([ROOT], reactor=internet.host(HOST).reactor, priming=False)
    for _ in range(25):
        internet.run(resolver.lookupAddress("short.example"))
        internet.advance(0.5)
    assert len(internet.asked(SERVER)) == 2


def test_clearEntry(internet: Internet) -> None:
    """An answer that is to be forgotten is, however it is remembered."""
    resolver = root.Resolver([ROOT], reactor=internet.host(HOST).reactor, priming=False)
    for name in ("www.example", "alias.example"):
        internet.servers[SERVER].serve("example", "www A 192.0.2.80 \n alias CNAME www")
        internet.run(resolver.lookupAddress(name))
        internet.servers[SERVER].serve("example", "www A 192.0.2.99 \n alias A 192.0.2.99")
        resolver.cache.clearEntry(dns.Query(name))
        assert internet.run(resolver.lookupAddress(name))[0][0].payload.dottedQuad() == "192.0.2.99"
