"""A server that forwards: it asks another one, and remembers what that says.

Run it as ``python simple_server.py [PORT [SERVER SERVERPORT]]``.  The port is 10053 if none is given; whom to ask says
the system's resolv.conf, unless a server is given.
"""

import sys

from twisted.internet import reactor

from txnames import cache, client, dns, server


def main() -> None:
    """Listen on the loopback interface until the process is ended."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 10053
    if len(sys.argv) > 3:
        forwarder = client.Resolver(servers=[(sys.argv[2], int(sys.argv[3]))])
    else:
        forwarder = client.Resolver(resolv="/etc/resolv.conf")
    factory = server.DNSServerFactory(caches=[cache.CacheResolver()], clients=[forwarder])
    reactor.listenUDP(port, dns.DNSDatagramProtocol(factory), interface="127.0.0.1")
    reactor.listenTCP(port, factory, interface="127.0.0.1")
    reactor.run()


if __name__ == "__main__":
    main()
