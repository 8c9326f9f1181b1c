"""A server whose answers are computed: 3.4.sum.example has the address 127.0.0.7.

Run it as ``python custom_resolver.py [PORT]``; the port is 10053 if none is given.
"""

import sys
from collections.abc import Sequence

from twisted.internet import defer, reactor

from txnames import dns, error, server

Sections = tuple[list[dns.RRHeader], list[dns.RRHeader], list[dns.RRHeader]]


class Sums:
    """A resolver for the names below sum.example; the method ``query`` is all that the chain of resolvers asks for."""

    def query(self, query: dns.Query, timeout: Sequence[int] | None = None) -> defer.Deferred[Sections]:
        """Answer with the sum of the labels in front of the zone's name.

        Fails with ``DomainError`` for names that are not its own, which lets the next resolver answer;
        with ``DNSQueryRefusedError`` for sums that it will not tell; and with ``AuthoritativeDomainError``
        for names that do not exist.
        """
        *labels, zone, example = query.name.name.lower().split(b".") if b"." in query.name.name else (b"", b"")
        if (zone, example) != (b"sum", b"example"):
            return defer.fail(error.DomainError(query.name.name))
        if not labels or not all(label.isdigit() for label in labels):
            return defer.fail(error.AuthoritativeDomainError(query.name.name))
        total = sum(map(int, labels))
        if total > 255:
            return defer.fail(error.DNSQueryRefusedError(query.name.name))
        if query.type != dns.A:
            return defer.succeed(([], [], []))
        payload = dns.Record_A(f"127.0.0.{total}", ttl=60)
        return defer.succeed(([dns.RRHeader(query.name.name, dns.A, dns.IN, 60, payload, auth=True)], [], []))


def main() -> None:
    """Listen on the loopback interface until the process is ended."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 10053
    factory = server.DNSServerFactory(authorities=[Sums()])
    reactor.listenUDP(port, dns.DNSDatagramProtocol(factory), interface="127.0.0.1")
    reactor.listenTCP(port, factory, interface="127.0.0.1")
    reactor.run()


if __name__ == "__main__":
    main()
