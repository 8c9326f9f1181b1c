"""A server that computes some answers and forwards all other questions: workstation7.example.com has 172.16.0.7.

Run it as ``python override_server.py [PORT [SERVER SERVERPORT]]``.  The port is 10053 if none is given; whom to ask for
all other names says the system's resolv.conf, unless a server is given.
"""

import re
import sys
from collections.abc import Sequence

from twisted.internet import defer, reactor

from txnames import client, dns, error, server

Sections = tuple[list[dns.RRHeader], list[dns.RRHeader], list[dns.RRHeader]]


class Workstations:
    """Knows the addresses of the workstations without a list of them."""

    pattern = re.compile(rb"workstation(\d{1,3})\.example\.com", re.IGNORECASE)

    def query(self, query: dns.Query, timeout: Sequence[float] | None = None) -> defer.Deferred[Sections]:
        """Compute the address, or leave the question to the next resolver."""
        found = self.pattern.fullmatch(query.name.name)
        if found is None or int(found[1]) > 255:
            return defer.fail(error.DomainError(query.name.name))
        if query.type != dns.A:
            return defer.succeed(([], [], []))
        payload = dns.Record_A(f"172.16.0.{int(found[1])}", ttl=3600)
        return defer.succeed(([dns.RRHeader(query.name, dns.A, dns.IN, 3600, payload, auth=True)], [], []))


def main() -> None:
    """Listen on the loopback interface until the process is ended."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 10053
    if len(sys.argv) > 3:
        forwarder = client.Resolver(servers=[(sys.argv[2], int(sys.argv[3]))])
    else:
        forwarder = client.Resolver(resolv="/etc/resolv.conf")
    factory = server.DNSServerFactory(authorities=[Workstations()], clients=[forwarder])
    reactor.listenUDP(port, dns.DNSDatagramProtocol(factory), interface="127.0.0.1")
    reactor.listenTCP(port, factory, interface="127.0.0.1")
    reactor.run()


if __name__ == "__main__":
    main()
