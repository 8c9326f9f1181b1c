"""An authoritative server composed by hand: three zones from three sources, over UDP and TCP.

Run it as ``python zone_server.py [PORT]``; the port is 10053 if none is given.
"""

import sys
from pathlib import Path

from twisted.internet import reactor

from txnames import authority, dns, server

HERE = Path(__file__).parent


def makeFactory() -> server.DNSServerFactory:
    """Make the server's factory; it answers for the zones given and refuses all other questions."""
    fromPython = authority.PySourceAuthority(str(HERE / "example-domain.com"))
    fromZoneFile = authority.BindAuthority(str(HERE / "198.51.100.zone"))
    inMemory = authority.MemoryAuthority(
        "memory.example",
        [
            ("memory.example", dns.Record_SOA("ns1.memory.example", "root.memory.example", 1, ttl=60)),
            ("memory.example", dns.Record_NS("ns1.memory.example", ttl=60)),
            ("ns1.memory.example", dns.Record_A("192.0.2.53", ttl=60)),
            ("www.memory.example", dns.Record_TXT(b"made while the program runs", ttl=60)),
        ],
    )
    return server.DNSServerFactory(authorities=[fromPython, fromZoneFile, inMemory])


def main() -> None:
    """Listen on the loopback interface until the process is ended."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 10053
    factory = makeFactory()
    reactor.listenUDP(port, dns.DNSDatagramProtocol(factory), interface="127.0.0.1")
    reactor.listenTCP(port, factory, interface="127.0.0.1")
    reactor.run()


if __name__ == "__main__":
    main()
