"""A server that overrides one step: it counts the questions for each name, and tells the tally in a TXT record.

Run it as ``python counting_server.py [PORT]``, ask for a name in example-domain.com, then for
``tally.example-domain.com TXT``.
"""

import sys
from collections import Counter
from pathlib import Path
from typing import Any

from twisted.internet import reactor

from txnames import authority, dns, server

HERE = Path(__file__).parent


class TallyingServer(server.DNSServerFactory):
    """Knows how often it was asked for each name."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self.tally: Counter[bytes] = Counter()

    def handleQuery(self, message: dns.Message, protocol: Any, address: Any) -> Any:
        """Count the question; answer it here if it asks for the tally, else as every server does."""
        name = message.queries[0].name.name.lower()
        if name != b"tally.example-domain.com":
            self.tally[name] += 1
            return super().handleQuery(message, protocol, address)
        # A string has 255 octets at most, and a name may have more.
        lines = [b"%s: %d" % (counted[:240], times) for counted, times in self.tally.most_common(5)]
        records = [dns.RRHeader(name, dns.TXT, dns.IN, 0, dns.Record_TXT(*lines, ttl=0), auth=True)]
        self.gotResolverResponse((records, [], []), protocol, message, address)
        return None


def main() -> None:
    """Listen on the loopback interface until the process is ended."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 10053
    factory = TallyingServer([authority.BindAuthority(str(HERE / "example-domain.com.zone"))])
    reactor.listenUDP(port, dns.DNSDatagramProtocol(factory), interface="127.0.0.1")
    reactor.listenTCP(port, factory, interface="127.0.0.1")
    reactor.run()


if __name__ == "__main__":
    main()
