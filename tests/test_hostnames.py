"""Tests of L{txnames.hostnames} and L{txnames.addressorder}."""

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
