"""Copies of two zones of one server, as an application: run it as ``twistd -ny secondary.tac``."""

from twisted.application import internet, service

from txnames import dns, server
from txnames.secondary import Secondaries, SecondaryAuthorityService

PRIMARY = ("127.0.0.1", 10053)
PORT = 10054

application = service.Application("secondary")
copies = SecondaryAuthorityService.fromServerAddressAndDomains(PRIMARY, ["example.com", "example.net"])
copies.setServiceParent(application)

factory = server.DNSServerFactory(authorities=[copies.getAuthority()])
# What hears that the primary has a new version.
factory.secondaries = Secondaries(copies.domains)
for listening in (
    internet.UDPServer(PORT, dns.DNSDatagramProtocol(factory), interface="127.0.0.1"),
    internet.TCPServer(PORT, factory, interface="127.0.0.1"),
):
    listening.setServiceParent(application)
