"""Tests of L{txnames.srvconnect} beyond those of Twisted's own."""

from typing import Any

import pytest
from twisted.internet import defer
from twisted.internet import error as internetError
from twisted.internet.error import DNSLookupError
from twisted.internet.protocol import ClientFactory
from twisted.internet.testing import MemoryReactor
from twisted.python.failure import Failure

from txnames import client, dns
from txnames.srvconnect import SRVConnector


class Factory(ClientFactory):
    """Takes the end down."""

    reason: Any = None

    def clientConnectionFailed(self, connector: Any, reason: Any) -> None:
        """It failed."""
        self.reason = reason


def connecting(monkeypatch: pytest.MonkeyPatch, *records: dns.Record_SRV) -> tuple[Any, Factory, SRVConnector]:
    """Begin to connect to a service with these records."""

    class Resolver:
        def lookupService(self, name: bytes, timeout: Any = None) -> defer.Deferred[Any]:
            """Look the service up."""
            answers = [dns.RRHeader(name, dns.SRV, payload=record) for record in records]
            return defer.succeed((answers, [], []))

    monkeypatch.setattr(client, "theResolver", Resolver())
    reactor, factory = MemoryReactor(), Factory()
    connector = SRVConnector(reactor, "xmpp-client", "example.org", factory)
    connector.connect()
    return reactor, factory, connector


def refuse(reactor: Any) -> None:
    """Refuse the last connection."""
    reactor.tcpClients[-1][2].clientConnectionFailed(None, Failure(internetError.ConnectionRefusedError()))


def test_nextServer(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a refused connection the next server is tried, by priority; after the last one it has failed."""
    reactor, factory, _ = connecting(
        monkeypatch, dns.Record_SRV(20, 0, 2, "b.example"), dns.Record_SRV(10, 0, 1, "a.example")
    )
    refuse(reactor)
    assert [one[:2] for one in reactor.tcpClients] == [("a.example", 1), ("b.example", 2)]
    assert vars(factory).get("reason") is None
    refuse(reactor)
    assert factory.reason.check(internetError.ConnectionRefusedError)


def test_notOffered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A target of "." says that there is no such service, off the wire too."""
    message = dns.Message()
    message.answers = [dns.RRHeader("x", dns.SRV, payload=dns.Record_SRV(0, 0, 0, "."))]
    read = dns.Message()
    read.fromStr(message.toStr())
    reactor, factory, _ = connecting(monkeypatch, read.answers[0].payload)
    assert factory.reason.check(DNSLookupError)
    assert reactor.tcpClients == []


def test_fallback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without records the domain itself is the host."""
    reactor, _, connector = connecting(monkeypatch)
    assert reactor.tcpClients[0][:2] == ("example.org", "xmpp-client")
    connector.disconnect()


def test_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers of one priority are drawn by their weights."""
    records = [dns.Record_SRV(1, weight, weight, "host.example") for weight in (10, 90)]
    first = [connecting(monkeypatch, *records)[0].tcpClients[0][1] for _ in range(300)]
    assert 0.8 < first.count(90) / len(first) < 0.97


def test_noDomain() -> None:
    """Without a domain there is nothing to look up."""
    factory = Factory()
    SRVConnector(MemoryReactor(), "x", None, factory).connect()
    assert factory.reason.check(DNSLookupError)


@pytest.mark.parametrize("method", ["stopConnecting", "disconnect"])
def test_stopped(monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """Who gives up tries no other server; who then connects again does."""
    reactor, factory, connector = connecting(
        monkeypatch, dns.Record_SRV(10, 0, 1, "a.example"), dns.Record_SRV(20, 0, 2, "b.example")
    )
    connector.connector.__class__ = type("Refusing", (), {method: lambda self: refuse(reactor)})
    getattr(connector, method)()
    assert [one[:2] for one in reactor.tcpClients] == [("a.example", 1)]
    assert factory.reason.check(internetError.ConnectionRefusedError)
    connector.connect()
    assert [one[:2] for one in reactor.tcpClients] == [("a.example", 1), ("b.example", 2)]
