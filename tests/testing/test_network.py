"""Tests of L{txnames.testing.network}."""

from typing import Any

import pytest
from twisted.internet import defer
from twisted.internet.interfaces import IReactorTCP, IReactorTime, IReactorUDP
from twisted.internet.protocol import ClientFactory, Factory
from zope.interface.verify import verifyObject

from tests.zone.building import zoneOf
from txnames import dns
from txnames.server import DNSServerFactory
from txnames.testing import TCP, UDP, Network, ZoneResolver


class DNSClientFactory(ClientFactory):
    """Makes the protocol of a connection to a server."""

    noisy = False

    def __init__(self, controller: Any, reactor: Any) -> None:
        self.controller = controller
        self.reactor = reactor

    def buildProtocol(self, addr: Any) -> dns.DNSProtocol:
        """Make it."""
        return dns.DNSProtocol(self.controller, self.reactor)


def serving(network: Network, *addresses: str) -> Any:
    """A host with a name server on all its addresses, and the server's ports."""
    host = network.host(*addresses)
    factory = DNSServerFactory([ZoneResolver(zoneOf("www 60 A 192.0.2.80"))], reactor=host.reactor)
    ports: list[Any] = [host.reactor.listenTCP(53, factory, interface=address) for address in addresses]
    for address in addresses:
        protocol = dns.DNSDatagramProtocol(factory, host.reactor)
        ports.append(host.reactor.listenUDP(53, protocol, interface=address))
    return host, ports


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1"])
def test_datagrams(address: str) -> None:
    """A question goes to a server and its answer comes back, in twice the latency."""
    network = Network(latency=0.25)
    serving(network, "192.0.2.1", "2001:db8::1")
    client = network.host("192.0.2.2", "2001:db8::2")
    protocol = dns.DNSDatagramProtocol(None, client.reactor)
    client.reactor.listenUDP(0, protocol, interface="::" if ":" in address else "")
    before = network.seconds()
    reply = network.run(protocol.query((address, 53), [dns.Query("www.example")]))
    assert (len(reply.answers), network.seconds()) == (1, before + 0.5)
    question, answer = network.captured
    assert (question.destination, answer.source) == ((address, 53), (address, 53))
    assert question.source == answer.destination
    assert network.sent(address) == [question]
    assert network.sent(transport=UDP, source=address) == [answer]
    assert network.sent(transport=TCP) == []


def test_streams() -> None:
    """A question goes over a connection, and nothing is left when all is closed."""
    network = Network()
    host, ports = serving(network, "192.0.2.1")
    client = network.host("192.0.2.2")
    connected: defer.Deferred[Any] = defer.Deferred()
    lost: defer.Deferred[Any] = defer.Deferred()

    class Controller:
        """Learns of the connection."""

        def connectionMade(self, protocol: Any) -> None:
            """Take note of it."""
            connected.callback(protocol)

        def connectionLost(self, protocol: Any) -> None:
            """Take note of its end."""
            lost.callback(None)

    client.reactor.connectTCP("192.0.2.1", 53, DNSClientFactory(Controller(), client.reactor))
    protocol = network.run(connected)
    reply = network.run(protocol.query([dns.Query("www.example")]))
    assert len(reply.answers) == 1
    assert len(network.sent(transport=TCP)) == 2
    assert len(client.leaks()) == 1
    protocol.transport.loseConnection()
    network.run(lost)
    assert client.leaks() == []
    network.run(defer.gatherResults([port.stopListening() for port in ports]))
    network.advance(1)
    assert network.leaks() == host.leaks() == []


def test_interfaces() -> None:
    """A host's reactor is what its interfaces say."""
    reactor = Network().host("192.0.2.1").reactor
    for interface in (IReactorTime, IReactorUDP, IReactorTCP):
        assert verifyObject(interface, reactor)


def test_run() -> None:
    """Time passes until a Deferred fires or a coroutine ends, and no longer."""
    network = Network(start=1000)
    host = network.host("192.0.2.1")
    deferred: defer.Deferred[int] = defer.Deferred()
    host.reactor.callLater(5, deferred.callback, 7)
    assert network.run(deferred) == 7
    assert (network.seconds(), host.reactor.seconds()) == (1005, 1005)

    async def steps() -> str:
        """Wait once."""
        waiting: defer.Deferred[str] = defer.Deferred()
        host.reactor.callFromThread(waiting.callback, "done")
        return await waiting

    assert network.run(steps()) == "done"
    with pytest.raises(ZeroDivisionError):
        network.run(defer.execute(lambda: 1 / 0))
    with pytest.raises(AssertionError, match="no result"):
        network.run(defer.Deferred())
    host.reactor.callLater(100, print)
    with pytest.raises(AssertionError, match="after 60"):
        network.run(defer.Deferred())
    assert host.leaks() == ["<Host 192.0.2.1>: print to be called in 100.000 seconds"]


def test_callWhenRunning() -> None:
    """The reactor runs always."""
    seen: list[int] = []
    reactor = Network().host("192.0.2.1").reactor
    reactor.callWhenRunning(seen.append, 1)
    assert seen == [1]
    assert reactor.running


@pytest.mark.parametrize("address", ["192.0.2.1", "127.0.0.1", "::1", "name"])
def test_addressesOfHosts(address: str) -> None:
    """Each address is one host's, and is one."""
    network = Network()
    network.host("192.0.2.1")
    with pytest.raises(ValueError, match=r"address"):
        network.host("192.0.2.2", address)


def test_sameSeed() -> None:
    """With the same seed the same happens."""
    ports = [
        [Network(seed).host("192.0.2.1").reactor.listenTCP(0, Factory()).port for _ in range(2)] for seed in (1, 1, 2)
    ]
    assert ports[0] == ports[1] != ports[2]
    assert ports[0][0] == ports[0][1]
