"""Tests of L{txnames.testing}."""

from twisted.internet.interfaces import IResolver
from zope.interface.verify import verifyObject

from tests.deferreds import errorOf, resultOf
from tests.zone.building import zoneOf
from txnames import dns, error, server
from txnames.interfaces import IZoneSource
from txnames.testing import TCP, Client, ZoneResolver

ZONE = "www 60 A 192.0.2.1"


def test_client() -> None:
    """A client asks a server, with EDNS unless told otherwise."""
    client = Client(server.DNSServerFactory([ZoneResolver(zoneOf(ZONE))]))
    reply = resultOf(client.ask("www.example", recDes=True))
    assert (reply.answers[0].payload, reply.ednsVersion, reply.recDes) == (dns.Record_A("192.0.2.1", ttl=60), 0, 1)
    assert resultOf(client.ask("www.example", ednsVersion=None)).ednsVersion is None


def test_clientWithoutReply() -> None:
    """There may be no reply."""
    client = Client(server.DNSServerFactory(), transport=TCP)
    assert resultOf(client.ask("www.example", answer=True)) is None
    assert resultOf(client.send(b"")) is None


def test_zoneResolver() -> None:
    """The resolver answers from its zone, whichever that is."""
    resolver = ZoneResolver(zoneOf(ZONE))
    assert verifyObject(IResolver, resolver)
    assert verifyObject(IZoneSource, resolver)
    assert len(resultOf(resolver.lookupAddress("www.example"))[0]) == 1
    assert isinstance(errorOf(resolver.lookupAddress("www.other")), error.NotResponsibleError)
    changes: list[int] = []
    resolver.watch(lambda: changes.append(1))
    resolver.replace(None)
    assert changes == [1]
    assert isinstance(errorOf(resolver.lookupAddress("www.example")), error.NotResponsibleError)
