"""Test the server of override_server.py without a network.

Run it as ``python -m unittest test_workstations``, or by pytest or trial.
"""

from override_server import Workstations
from twisted.trial import unittest

from txnames import client, dns, server
from txnames.testing import Internet


class WorkstationsTests(unittest.SynchronousTestCase):
    """A server on one host, a client on another, and the server that it forwards to on a third."""

    def setUp(self) -> None:
        """Build that small Internet."""
        self.internet = Internet()
        self.internet.zone("net", "www A 192.0.2.80", "192.0.2.53")
        reactor = self.internet.host("10.0.0.1").reactor
        forwarder = client.Resolver(servers=[("192.0.2.53", 53)], reactor=reactor)
        factory = server.DNSServerFactory(authorities=[Workstations()], clients=[forwarder])
        reactor.listenUDP(53, dns.DNSDatagramProtocol(factory, reactor))

    def ask(self, name: str) -> list[str]:
        """The addresses that the server gives for a name, to a client of its own network."""
        asking = client.Resolver(servers=[("10.0.0.1", 53)], reactor=self.internet.host("10.0.0.7").reactor)
        answers, _, _ = self.internet.run(asking.lookupAddress(name))
        return [answer.payload.dottedQuad() for answer in answers]

    def test_computed(self) -> None:
        """The address follows from the number."""
        assert self.ask("workstation7.example.com") == ["172.16.0.7"]

    def test_forwarded(self) -> None:
        """All other names are for another server."""
        assert self.ask("www.net") == ["192.0.2.80"]
