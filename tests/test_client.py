"""Tests of L{txnames.client} and L{txnames.stub}, with servers on a network in memory."""

import ipaddress
import os
from pathlib import Path
from typing import Any

import pytest
from twisted.internet import defer
from twisted.internet.error import ConnectionDone, DNSLookupError, InvalidAddressError
from twisted.internet.error import TimeoutError as ConnectTimeoutError

from txnames import client, dns, error, resolve
from txnames.selection import RoundRobin
from txnames.testing import Incoming, Internet, Outgoing
from txnames.testing.behaviours import hangsUp, lame, loses, only, silent, slow, truncated

from .deferreds import errorOf

FIRST, SECOND, HOST = "192.0.2.1", "192.0.2.2", "192.0.2.99"
ZONE = """
www A 192.0.2.80
www AAAA 2001:db8::80
six AAAA 2001:db8::6
alias CNAME www
outside CNAME short.
literal CNAME 192.0.2.7.
loop CNAME pool
pool CNAME loop
empty TXT none
xn--bcher-kva A 192.0.2.81
80.2.0.192.in-addr.arpa PTR www
"""


class World:
    """Two servers with the same zones, and a host that asks."""

    def __init__(self) -> None:
        self.internet = Internet()
        zones = {"example": ZONE, "short": "@ A 192.0.2.82", "2.0.192.in-addr.arpa": "80 PTR www.example."}
        self.servers = [self.internet.serve(address, zones) for address in (FIRST, SECOND)]
        self.host = self.internet.host(HOST)
        self.reactor: Any = self.host.reactor

    def resolver(self, *servers: str, **fields: Any) -> client.Resolver:
        """A resolver that asks these."""
        return client.Resolver(servers=[(one, 53) for one in servers or (FIRST,)], reactor=self.reactor, **fields)

    def fails(self, deferred: defer.Deferred[Any], limit: float = 200.0) -> BaseException:
        """What a lookup fails with."""
        try:
            found = self.internet.run(deferred, limit)
        except Exception as failure:
            return failure
        raise AssertionError(found)

    def counts(self) -> list[int]:
        """How often each server was asked."""
        return [len(self.internet.asked(address)) for address in (FIRST, SECOND)]


@pytest.fixture
def world() -> World:
    """Such a world."""
    return World()


def addresses(sections: Any) -> list[str]:
    """The addresses in an answer."""
    return [one.payload.toText() for one in sections[0] if one.type in (dns.A, dns.AAAA)]


def test_lookups(world: World) -> None:
    """Names are octets, text, names or addresses; each kind of lookup asks for its type."""
    resolver = world.resolver()
    for name in (b"www.example", "www.example", "www.example.", dns.Name("www.example")):
        assert addresses(world.internet.run(resolver.lookupAddress(name))) == ["192.0.2.80"]
    assert addresses(world.internet.run(resolver.lookupIPV6Address("www.example"))) == ["2001:db8::80"]
    assert addresses(world.internet.run(resolver.lookupAddress("bücher.example"))) == ["192.0.2.81"]
    pointer = world.internet.run(resolver.lookupPointer(ipaddress.ip_address("192.0.2.80")))
    assert [one.payload.toText() for one in pointer[0]] == ["www.example."]
    assert isinstance(errorOf(defer.maybeDeferred(resolver.lookupAddress, 7)), TypeError)


def test_queryOfAnyType(world: World) -> None:
    """A question may be for any type, and the answer says what it says."""
    resolver = world.resolver()
    sections = world.internet.run(resolver.query(dns.Query("empty.example", dns.TXT)))
    assert [one.payload.toText() for one in sections[0]] == ['"none"']
    sections = world.internet.run(resolver.query(dns.Query("empty.example", 65280)))
    assert sections[0] == []
    assert sections[1][0].type == dns.SOA


def test_errorsSayWhatHappened(world: World) -> None:
    """A response code is an error of its class, which knows the server, the transport and the message."""
    failure: Any = world.fails(world.resolver().lookupAddress("nobody.example"))
    assert issubclass(type(failure), error.DNSNameError)
    assert failure.server == (FIRST, 53)
    assert failure.transport == "udp"
    assert failure.args[0].rCode == dns.ENAME
    assert "nobody.example IN A: NXDOMAIN from 192.0.2.1" in str(failure)


def test_sharing(world: World) -> None:
    """Who asks what is being asked waits for the same answer, each with lists of its own."""
    resolver = world.resolver()
    asked = [
        resolver.lookupAddress("WWW.example"),
        resolver.lookupAddress("www.example"),
        resolver.queryUDP([dns.Query("www.example")]),
    ]
    first, second, message = (world.internet.run(one) for one in asked)
    assert world.counts() == [1, 0]
    assert addresses(first) == addresses(second) == ["192.0.2.80"]
    first[0].clear()
    assert addresses(second) == ["192.0.2.80"]
    assert message.answers[0].payload.dottedQuad() == "192.0.2.80"


def test_cancelled(world: World) -> None:
    """A question ends when nobody waits for its answer any more, and not before."""
    resolver = world.resolver()
    world.servers[0].behaves(slow(1))
    first, second = resolver.lookupAddress("www.example"), resolver.lookupAddress("www.example")
    first.cancel()
    assert isinstance(errorOf(first), defer.CancelledError)
    assert world.reactor.getDelayedCalls()
    second.cancel()
    assert isinstance(errorOf(second), defer.CancelledError)
    assert not world.reactor.getDelayedCalls()
    assert addresses(world.internet.run(resolver.lookupAddress("www.example"))) == ["192.0.2.80"]


def test_cancelledByAnother(world: World) -> None:
    """One that waits may be cancelled by another that has its answer."""
    resolver = world.resolver()
    first, second = resolver.lookupAddress("www.example"), resolver.lookupAddress("www.example")
    first.addCallback(lambda sections: second.cancel() or sections)
    assert addresses(world.internet.run(first)) == ["192.0.2.80"]
    assert isinstance(errorOf(second), defer.CancelledError)


def test_theNextServer(world: World) -> None:
    """A server that doesn't answer has the next one asked; one that says it cannot isn't asked again."""
    resolver = world.resolver(FIRST, SECOND)
    world.servers[0].behaves(silent)
    assert addresses(world.internet.run(resolver.lookupAddress("www.example"))) == ["192.0.2.80"]
    assert world.counts() == [1, 1]
    world.internet.forget()
    world.servers[0].behaves(lame())
    assert addresses(world.internet.run(resolver.lookupAddress("alias.example"))) == ["192.0.2.80"]
    assert world.counts() == [1, 1]


def test_allTimeOut(world: World) -> None:
    """Each server is asked once with each timeout; then the lookup fails, after just that time."""
    resolver = world.resolver(FIRST, SECOND, timeout=(1, 3))
    for server in world.servers:
        server.behaves(silent)
    began = world.reactor.seconds()
    failure = world.fails(resolver.lookupAddress("www.example"))
    assert isinstance(failure, error.DNSQueryTimeoutError)
    assert world.reactor.seconds() - began == pytest.approx(8)
    assert world.counts() == [2, 2]
    began = world.reactor.seconds()
    world.fails(resolver.lookupAddress("www.example", timeout=2))
    assert world.reactor.seconds() - began == pytest.approx(4)


@pytest.mark.parametrize(
    ("others", "asked", "total"), [([], [0, 0.25], 4), ([SECOND], [0, 0.25, 0.5, 3.5], 8)], ids=["one", "two"]
)
def test_lostDatagram(world: World, others: list[str], asked: list[float], total: float) -> None:
    """A server that lately answered in a moment is soon asked again, or another one; the whole takes no less time."""
    resolver = world.resolver(FIRST, *others)
    world.internet.run(resolver.lookupAddress("www.example"))
    world.servers[0].behaves(silent if others else loses(1))
    began = world.reactor.seconds()
    world.internet.run(resolver.lookupAddress("alias.example"))
    assert world.reactor.seconds() - began == pytest.approx(0.27)
    world.servers[0].behaviours.clear()
    world.internet.run(resolver.lookupAddress("www.example"))
    for server in world.servers:
        server.behaves(silent)
    world.internet.forget()
    began = world.reactor.seconds() + 0.01
    assert isinstance(world.fails(resolver.lookupAddress("www.example", (1, 3))), error.DNSQueryTimeoutError)
    assert [one.time - began for one in world.internet.asked()] == pytest.approx(asked, abs=0.001)
    assert world.reactor.seconds() - began == pytest.approx(total - 0.01)


@pytest.mark.parametrize("fields", [{"useStream": True}, {}], ids=["connection", "failure"])
def test_patience(world: World, fields: dict[str, Any]) -> None:
    """Connections need more time than that, and so does a server that did not answer the last time."""
    resolver = world.resolver(**fields)
    world.internet.run(resolver.lookupAddress("www.example"))
    world.servers[0].behaves(silent)
    for _ in range(1 if fields else 2):
        world.internet.forget()
        world.fails(resolver.lookupAddress("www.example", (1, 3)))
    first, second = [one.time for one in world.internet.asked()]
    assert second - first >= 1


def test_nobodyCanAnswer(world: World) -> None:
    """What a server said is told, rather than that another did not answer."""
    world.servers[0].behaves(silent)
    world.servers[1].behaves(lame())
    failure = world.fails(world.resolver(FIRST, SECOND, timeout=1).lookupAddress("www.example"))
    assert isinstance(failure, error.DNSQueryRefusedError)
    for server in world.servers:
        server.behaves(lame(dns.ESERVER))
    failure = world.fails(world.resolver(FIRST, SECOND).lookupAddress("www.example"))
    assert isinstance(failure, error.DNSServerError)


def test_badServers(world: World) -> None:
    """Without any server there is nobody to make a resolver of; a server is an address."""
    with pytest.raises(ValueError, match="nameservers"):
        client.Resolver()
    resolver = client.Resolver(servers=[("ns.example", 53)], reactor=world.reactor)
    assert isinstance(errorOf(resolver.lookupAddress("www.example")), InvalidAddressError)
    resolver.servers = []
    assert isinstance(errorOf(resolver.lookupAddress("www.example")), error.DNSQueryTimeoutError)
    assert resolver.pickServer() is None
    assert isinstance(errorOf(resolver.queryTCP([dns.Query("www.example")])), OSError)
    assert isinstance(errorOf(resolver.lookupZone("example")), OSError)


def test_closed(world: World) -> None:
    """A resolver that is closed fails what waits, and leaves nothing behind."""
    resolver = world.resolver()
    world.servers[0].behaves(silent)
    waiting = resolver.lookupAddress("www.example")
    world.internet.run(resolver.close())
    assert isinstance(errorOf(waiting), ConnectionDone)
    assert isinstance(errorOf(resolver.lookupAddress("www.example")), ConnectionDone)
    assert not world.reactor.getDelayedCalls()


def test_closedTransfer(world: World) -> None:
    """The transfer of a zone ends too, with its connection and its timer."""
    resolver = world.resolver()
    world.servers[0].behaves(silent)
    waiting = resolver.lookupZone("example")
    world.internet.advance(1)
    world.internet.run(resolver.close())
    assert isinstance(errorOf(waiting), ConnectionDone)
    world.internet.advance(1)
    assert world.host.leaks() == []


def test_unconnected(world: World) -> None:
    """A connection that does not come about is waited for as long as the answer may take."""
    began = world.reactor.seconds()
    for timeout in (1, (1, 2)):
        asked = world.resolver("192.0.2.200").queryTCP([dns.Query("www.example")], timeout=timeout)
        assert isinstance(world.fails(asked), ConnectTimeoutError)
    assert world.reactor.seconds() - began == pytest.approx(3)


def test_stream(world: World) -> None:
    """Questions may go over TCP only; what was truncated does by itself."""
    resolver = world.resolver(useStream=True)
    world.internet.run(resolver.lookupAddress("www.example"))
    world.servers[0].behaves(truncated)
    world.internet.run(world.resolver().lookupAddress("www.example"))
    assert [asked.transport for asked in world.internet.asked(FIRST)] == ["tcp", "udp", "tcp"]


def test_timeoutsOfOthers(world: World) -> None:
    """Who asks what is being asked, but with other timeouts, waits for as long as these say, whatever comes first."""
    resolver = client.createResolver(servers=[(FIRST, 53)], reactor=world.reactor)
    world.servers[0].behaves(slow(0.5))
    began = world.reactor.seconds()
    ended: list[tuple[bool, int]] = []
    for timeout in ([30.0], [0.1], None, 2):
        asked = resolver.lookupAddress("www.example", timeout=timeout)
        asked.addCallbacks(lambda _: True, lambda _: False)
        asked.addCallback(lambda found: ended.append((found, round((world.reactor.seconds() - began) * 10))))
    world.internet.advance(40)
    assert ended == [(False, 1), (True, 5), (True, 5), (True, 5)]
    asked = resolver.lookupAddress("alias.example", timeout=[0.1])
    assert isinstance(world.fails(asked), error.DNSQueryTimeoutError)
    assert addresses(world.internet.run(resolver.lookupAddress("alias.example"))) == ["192.0.2.80"]


@pytest.mark.parametrize("count", [1, 2])
def test_garbage(world: World, count: int) -> None:
    """A reply that cannot be read has the next server asked; it is the failure where there is none."""

    def cuts(incoming: Incoming, outgoing: list[Outgoing]) -> list[Outgoing]:
        return [one._replace(octets=one.octets[:40]) for one in outgoing]

    for server in world.servers[:count]:
        server.behaves(cuts)
    resolver = world.resolver(FIRST, SECOND)
    asked = [resolver.lookupAddress("www.example"), resolver.queryUDP([dns.Query("www.example")])]
    if count == 1:
        assert addresses(world.internet.run(asked[0])) == ["192.0.2.80"]
        assert len(world.internet.run(asked[1]).answers) == 1
    else:
        for one in asked:
            assert isinstance(world.fails(one), error.DNSDecodeError)
    assert world.counts() == [1, 1]


def test_queryTCP(world: World) -> None:
    """C{queryTCP} asks over one connection for all, made when it is first needed."""
    resolver = world.resolver()
    asked = [resolver.queryTCP([dns.Query(name)]) for name in ("www.example", "alias.example")]
    for one in asked:
        assert world.internet.run(one).answers[-1].payload.dottedQuad() == "192.0.2.80"
    world.internet.run(resolver.queryTCP([dns.Query("www.example")]))
    assert len(resolver.connections) == 1
    resolver.close()
    world.internet.advance(1)
    assert resolver.connections == []


def test_queryTCPRefused(world: World) -> None:
    """Where nobody takes the connection, all that waits fails."""
    world.servers[0].refuseTCP()
    resolver = world.resolver()
    asked = [resolver.queryTCP([dns.Query("www.example")]) for _ in range(2)]
    for one in asked:
        assert world.fails(one)


def test_filterAnswers(world: World) -> None:
    """C{filterAnswers} gives the sections of a message, or its error; a truncated one is asked for again."""
    resolver = world.resolver()
    message = world.internet.run(resolver.queryUDP([dns.Query("www.example")]))
    assert addresses(resolver.filterAnswers(message)) == ["192.0.2.80"]
    message.rCode = dns.ENAME
    assert resolver.filterAnswers(message).check(error.DNSNameError)
    message.trunc = 1
    assert addresses(world.internet.run(resolver.filterAnswers(message))) == ["192.0.2.80"]


def test_zone(world: World) -> None:
    """A question for AXFR fetches the zone, however it is asked; a server that hangs up, or is silent, fails it."""
    resolver = world.resolver()
    for asked in (resolver.lookupZone("example"), resolver.query(dns.Query("example", dns.AXFR))):
        assert isinstance(world.fails(asked), error.DomainError)
    world.servers[0].behaves(hangsUp)
    assert isinstance(world.fails(resolver.lookupZone("example")), error.DomainError)
    world.servers[0].behaves(silent)
    began = world.reactor.seconds()
    assert isinstance(world.fails(resolver.lookupZone("example", timeout=(1, 4))), defer.TimeoutError)
    assert world.reactor.seconds() - began == pytest.approx(4)


# --- resolv.conf ---


def write(path: Path, text: str, moment: int) -> None:
    """Write a file, as of some second."""
    path.write_text(text)
    os.utime(path, (moment, moment))


def test_resolvConf(world: World, tmp_path: Path) -> None:
    """Servers, timeouts and endings come from resolv.conf, which is read again when it is another."""
    path = tmp_path / "resolv.conf"
    write(path, f"nameserver {FIRST}\nsearch example\noptions timeout:2 attempts:1\n", 1)
    resolver = client.Resolver(resolv=str(path), reactor=world.reactor)
    assert addresses(world.internet.run(resolver.lookupAddress("www"))) == ["192.0.2.80"]
    assert addresses(world.internet.run(resolver.lookupAddress("short."))) == ["192.0.2.82"]
    write(path, f"nameserver {SECOND}\nnameserver {FIRST}\noptions rotate use-vc\n", 2)
    world.internet.run(resolver.lookupAddress("www.example"))
    assert world.counts() == [3, 0]
    world.internet.advance(10)
    world.internet.run(resolver.lookupAddress("www.example"))
    assert world.counts()[1] == 1
    assert isinstance(resolver.strategy, RoundRobin)
    assert world.internet.asked(SECOND)[-1].transport == "tcp"
    path.unlink()
    world.internet.advance(10)
    resolver.maybeParseConfig()
    assert resolver.dynServers == [("127.0.0.1", 53)]


def test_noResolvConf(world: World, tmp_path: Path) -> None:
    """A file that cannot be read leaves the server of this machine."""
    resolver = client.Resolver(resolv=str(tmp_path), reactor=world.reactor)
    assert resolver.pickServer() == ("127.0.0.1", 53)


def test_timesOfResolvConf(world: World, tmp_path: Path) -> None:
    """The file's timeout and attempts hold unless the program has its own."""
    path = tmp_path / "resolv.conf"
    path.write_text(f"nameserver {FIRST}\noptions timeout:2 attempts:3\n")
    world.servers[0].behaves(silent)
    cases: list[tuple[dict[str, Any], int]] = [({}, 6), ({"timeout": (1,)}, 1)]
    for fields, seconds in cases:
        resolver = client.Resolver(resolv=str(path), reactor=world.reactor, **fields)
        began = world.reactor.seconds()
        world.fails(resolver.lookupAddress("www.example"))
        assert world.reactor.seconds() - began == pytest.approx(seconds)


# --- hosts ---


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("www.example", "192.0.2.80"),
        ("alias.example", "192.0.2.80"),
        ("six.example", "2001:db8::6"),
        ("outside.example", "192.0.2.82"),
        ("192.0.2.9", "192.0.2.9"),
        ("2001:db8::9", "2001:db8::9"),
    ],
)
def test_getHostByName(world: World, name: str, address: str) -> None:
    """A host has an IPv4 address before an IPv6 one; aliases are followed, and addresses are what they are."""
    assert world.internet.run(world.resolver().getHostByName(name)) == address


@pytest.mark.parametrize("name", ["empty.example", "loop.example"])
def test_noHost(world: World, name: str) -> None:
    """A name without an address is none of a host."""
    assert isinstance(world.fails(world.resolver().getHostByName(name)), (DNSLookupError, error.ResolverError))


# --- the resolver of the process ---


def test_createResolver(world: World, tmp_path: Path) -> None:
    """Applications get the hosts file, a cache and servers; with servers alone nobody else is asked."""
    path = tmp_path / "hosts"
    path.write_text("192.0.2.5 here\n")
    resolver = client.createResolver(servers=[(FIRST, 53)], hosts=str(path), reactor=world.reactor)
    assert addresses(world.internet.run(resolver.lookupAddress("here"))) == ["192.0.2.5"]
    for _ in range(2):
        assert addresses(world.internet.run(resolver.lookupAddress("www.example"))) == ["192.0.2.80"]
    assert world.counts() == [1, 0]
    only = client.createResolver(servers=[(FIRST, 53)], reactor=world.reactor)
    assert isinstance(world.fails(only.lookupAddress("here")), error.DomainError)
    for one in (resolver, only):
        world.internet.run(one.close())
    assert not world.reactor.getDelayedCalls()


def test_search(world: World, tmp_path: Path) -> None:
    """The endings of resolv.conf complete the names that applications ask for."""
    conf, hosts = tmp_path / "resolv.conf", tmp_path / "hosts"
    conf.write_text(f"nameserver {FIRST}\nsearch nowhere.example empty.example example\n")
    hosts.write_text("")
    resolver = client.createResolver(resolvconf=str(conf), hosts=str(hosts), reactor=world.reactor)
    assert addresses(world.internet.run(resolver.lookupAddress("www"))) == ["192.0.2.80"]
    assert world.internet.run(resolver.getHostByName("www")) == "192.0.2.80"
    # The last name that is tried is the one without an ending.
    assert isinstance(world.fails(resolver.lookupAddress("nobody")), error.DNSQueryRefusedError)
    assert world.internet.run(resolver.lookupText("six"))[0] == []


def configured(world: World, folder: Path, conf: str, hosts: str = "") -> resolve.ResolverChain:
    """The resolver of a system with these files."""
    (folder / "resolv.conf").write_text(f"nameserver {FIRST}\n{conf}\n")
    (folder / "hosts").write_text(hosts)
    return client.createResolver(
        resolvconf=str(folder / "resolv.conf"), hosts=str(folder / "hosts"), reactor=world.reactor
    )


def test_hostsBeforeSearch(world: World, tmp_path: Path) -> None:
    """A name that the hosts file has as it stands is nobody else's, and nobody is asked for its addresses."""
    world.servers[0].serve("corp.example", "* A 203.0.113.66 \n * AAAA 2001:db8::66 \n * MX 1 mail")
    resolver = configured(world, tmp_path, "search corp.example", "127.0.0.1 localhost\n2001:db8::1 six\n")
    assert addresses(world.internet.run(resolver.lookupAddress("localhost"))) == ["127.0.0.1"]
    assert addresses(world.internet.run(resolver.lookupIPV6Address("localhost"))) == []
    assert addresses(world.internet.run(resolver.lookupAllRecords("LOCALHOST"))) == ["127.0.0.1"]
    assert world.internet.run(resolver.getHostByName("localhost")) == "127.0.0.1"
    assert world.internet.run(resolver.getHostByName("six")) == "2001:db8::1"
    assert resolver.namesFor("six") == [b"six"]
    assert world.counts() == [0, 0]
    assert len(world.internet.run(resolver.lookupMailExchange("six"))[0]) == 1
    assert addresses(world.internet.run(resolver.lookupAddress("seven"))) == ["203.0.113.66"]


def test_searchGoesOn(world: World, tmp_path: Path) -> None:
    """A domain whose servers fail ends no search; if nothing is found, the failure is what is told."""
    world.servers[0].behaves(only(lame(dns.ESERVER), below="broken.example"), only(lame(dns.ENAME), name="nobody"))
    resolver = configured(world, tmp_path, "search broken.example bad..example example")
    assert addresses(world.internet.run(resolver.lookupAddress("www"))) == ["192.0.2.80"]
    assert isinstance(world.fails(resolver.lookupAddress("nobody")), error.DNSServerError)
    assert world.internet.run(resolver.lookupText("six"))[0] == []


def test_searchForTransfers(world: World, tmp_path: Path) -> None:
    """The name of a zone that is to be transferred is what it is."""
    resolver = configured(world, tmp_path, "search example")
    assert isinstance(world.fails(resolver.lookupZone("short")), error.DomainError)
    assert [str(asked) for asked in world.internet.asked(FIRST)] == [f"{FIRST} short. AXFR"]


def test_moduleFunctions(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The module asks the resolver of the process, which is made once."""
    monkeypatch.setattr(client, "theResolver", world.resolver())
    assert addresses(world.internet.run(client.lookupAddress("www.example"))) == ["192.0.2.80"]
    assert world.internet.run(client.getHostByName("alias.example")) == "192.0.2.80"
    assert addresses(world.internet.run(client.query(dns.Query("www.example")))) == ["192.0.2.80"]
    monkeypatch.setattr(client, "theResolver", None)
    made = client.getResolver()
    assert isinstance(made, resolve.ResolverChain)
    assert client.getResolver() is made
