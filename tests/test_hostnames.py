"""Tests of L{txnames.hostnames} and L{txnames.addressorder}."""

from pathlib import Path
from typing import Any

import pytest
from twisted.internet import defer
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IHostnameResolver, IHostResolution
from twisted.internet.task import Clock
from zope.interface.verify import verifyObject

from txnames import client, dns, error
from txnames.addressorder import ordered
from txnames.hostnames import HostnameResolver, installResolvers
from txnames.testing import Internet


class Receiver:
    """Takes down what happens."""

    def __init__(self) -> None:
        self.began: list[Any] = []
        self.addresses: list[Any] = []
        self.completed = 0

    def resolutionBegan(self, resolution: Any) -> None:
        """It begins."""
        self.began.append(resolution)

    def addressResolved(self, address: Any) -> None:
        """An address is found."""
        self.addresses.append(address)

    def resolutionComplete(self) -> None:
        """It is over."""
        self.completed += 1


class Asked:
    """A resolver whose answers come when the test says so."""

    def __init__(self) -> None:
        self.cancelled = 0
        self.v4: defer.Deferred[Any] = defer.Deferred(self._cancel)
        self.v6: defer.Deferred[Any] = defer.Deferred(self._cancel)

    def _cancel(self, _: Any) -> None:
        """Take note."""
        self.cancelled += 1

    def lookupAddress(self, name: str) -> defer.Deferred[Any]:
        """Look IPv4 addresses up."""
        return self.v4

    def lookupIPV6Address(self, name: str) -> defer.Deferred[Any]:
        """Look IPv6 addresses up."""
        return self.v6


ALIAS = dns.RRHeader("www.example", dns.CNAME, payload=dns.Record_CNAME("host.example"))
V4 = dns.RRHeader("host.example", dns.A, payload=dns.Record_A("192.0.2.1"))
V6 = dns.RRHeader("host.example", dns.AAAA, payload=dns.Record_AAAA("2001:db8::1"))


def test_bothFamilies() -> None:
    """Both families are asked for at once; the best address comes first, with port and transport."""
    asked, receiver = Asked(), Receiver()
    resolver = HostnameResolver(asked)
    verifyObject(IHostnameResolver, resolver)
    resolution = resolver.resolveHostName(receiver, "www.example", 80, transportSemantics="UDP")
    verifyObject(IHostResolution, resolution)
    assert receiver.began == [resolution]
    asked.v4.callback(([ALIAS, V4], [], []))
    assert not receiver.completed
    asked.v6.callback(([ALIAS, V6], [], []))
    assert vars(receiver)["completed"] == 1
    assert receiver.addresses == [IPv6Address("UDP", "2001:db8::1", 80), IPv4Address("UDP", "192.0.2.1", 80)]


def test_oneFamily() -> None:
    """One family may be all that is wanted, or all that there is."""
    asked, receiver = Asked(), Receiver()
    HostnameResolver(asked).resolveHostName(receiver, "www.example", addressTypes=[IPv4Address])
    asked.v4.callback(([V4], [], []))
    assert (len(receiver.addresses), receiver.completed) == (1, 1)
    asked, receiver = Asked(), Receiver()
    HostnameResolver(asked).resolveHostName(receiver, "www.example")
    asked.v6.errback(error.DNSNameError())
    asked.v4.callback(([V4], [], []))
    assert (len(receiver.addresses), receiver.completed) == (1, 1)


@pytest.mark.parametrize("literal", ["192.0.2.1", "2001:db8::1"])
def test_literals(literal: str) -> None:
    """An address is itself, and nobody is asked."""
    receiver = Receiver()
    HostnameResolver(object()).resolveHostName(receiver, literal, 443)
    assert [(one.host, one.port) for one in receiver.addresses] == [(literal, 443)]
    assert receiver.completed == 1


def test_cancel() -> None:
    """A cancelled resolution cancels its lookups, and is over."""
    asked, receiver = Asked(), Receiver()
    HostnameResolver(asked).resolveHostName(receiver, "www.example").cancel()
    assert (asked.cancelled, receiver.addresses, receiver.completed) == (2, [], 1)


def test_theResolver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a resolver of its own it asks that of the process."""
    asked, receiver = Asked(), Receiver()
    monkeypatch.setattr(client, "theResolver", asked)
    HostnameResolver().resolveHostName(receiver, "www.example")
    asked.v4.callback(([V4], [], []))
    asked.v6.callback(([], [], []))
    assert receiver.completed == 1


def test_installResolvers() -> None:
    """One call installs both kinds of resolvers."""

    class Reactor(Clock):
        installed: Any = None
        named: Any = None

        def installResolver(self, resolver: Any) -> None:
            self.installed = resolver

        def installNameResolver(self, resolver: Any) -> None:
            self.named = resolver

    reactor = Reactor()
    made = installResolvers(reactor)
    assert reactor.installed is made
    assert reactor.named.resolver is made
    assert installResolvers(reactor, "another") == reactor.installed == "another"


def test_order() -> None:
    """Native IPv6 comes before IPv4, that before transition mechanisms; loopback before all; else the order stays."""
    addresses = ["2002::1", "192.0.2.2", "192.0.2.1", "fd00::1", "2001:db8::2", "2001:db8::1", "::1", "2001::1"]
    assert ordered(addresses) == [
        *("::1", "2001:db8::2", "2001:db8::1", "192.0.2.2", "192.0.2.1", "2002::1", "2001::1", "fd00::1"),
    ]


class Searching:
    """A resolver that knows endings for names."""

    def __init__(self, found: dict[str, list[dns.RRHeader] | Exception]) -> None:
        self.found = found
        self.asked: list[str] = []

    def namesFor(self, name: str) -> list[bytes]:
        """Two names."""
        return [name.encode() + b".one", name.encode() + b".two."]

    def lookup(self, family: str, name: Any) -> defer.Deferred[Any]:
        """What was found."""
        self.asked.append(f"{name.decode()} {family}")
        result = self.found.get(self.asked[-1], error.DNSNameError())
        return defer.fail(result) if isinstance(result, Exception) else defer.succeed((result, [], []))

    def lookupAddress(self, name: Any) -> defer.Deferred[Any]:
        """Look IPv4 addresses up."""
        return self.lookup("4", name)

    def lookupIPV6Address(self, name: Any) -> defer.Deferred[Any]:
        """Look IPv6 addresses up."""
        return self.lookup("6", name)


@pytest.mark.parametrize(
    ("found", "count", "asked"),
    [
        ({"www.one. 4": [V4], "www.two. 4": [V4], "www.two. 6": [V6]}, 1, 2),
        ({"www.two. 4": [V4], "www.two. 6": [V6]}, 2, 4),
        ({"www.one. 4": error.DNSServerError(), "www.two. 6": [V6]}, 1, 4),
        ({"www.one. 4": error.DNSQueryTimeoutError(1), "www.two. 6": [V6]}, 0, 2),
        ({}, 0, 4),
    ],
    ids=["first", "second", "failure", "silence", "none"],
)
def test_search(found: dict[str, Any], count: int, asked: int) -> None:
    """All addresses are those of one host, the first that has any, and not of two with different endings."""
    resolver, receiver = Searching(found), Receiver()
    HostnameResolver(resolver).resolveHostName(receiver, "www")
    assert (len(receiver.addresses), receiver.completed) == (count, 1)
    assert resolver.asked == ["www.one. 6", "www.one. 4", "www.two. 6", "www.two. 4"][:asked]


def test_cancelledSearch(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cancelled resolution asks for no further names."""
    resolver, receiver = Searching({}), Receiver()
    waiting: defer.Deferred[Any] = defer.Deferred()
    monkeypatch.setattr(resolver, "lookupAddress", lambda name: waiting)
    HostnameResolver(resolver).resolveHostName(receiver, "www").cancel()
    assert (resolver.asked, receiver.addresses, receiver.completed) == (["www.one. 6"], [], 1)


def test_searchBySystem(tmp_path: Path) -> None:
    """With the endings of resolv.conf, a host that has no IPv6 address gets none of another host's."""
    internet = Internet()
    internet.serve("192.0.2.53", {"one.example": "host A 192.0.2.1", "two.example": "host AAAA 2001:db8::2"})
    (tmp_path / "resolv.conf").write_text("nameserver 192.0.2.53\nsearch one.example two.example\n")
    (tmp_path / "hosts").write_text("192.0.2.7 here\n")
    files: dict[str, Any] = {"resolvconf": str(tmp_path / "resolv.conf"), "hosts": str(tmp_path / "hosts")}
    resolver = client.createResolver(reactor=internet.host("192.0.2.99").reactor, **files)
    for name, address in (("host", "192.0.2.1"), ("here", "192.0.2.7"), ("host.two.example", "2001:db8::2")):
        receiver = Receiver()
        HostnameResolver(resolver).resolveHostName(receiver, name)
        internet.advance(5)
        assert ([one.host for one in receiver.addresses], receiver.completed) == ([address], 1)
    internet.run(resolver.close())
