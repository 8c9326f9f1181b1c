"""A secondary: it copies a zone from another server, keeps it in a folder, and answers from the copy.

Run it as ``python secondary_server.py PRIMARY[:PORT] ZONE KEYFILE FOLDER [PORT]``; the port is 10053 if none is given.
"""

import sys
from pathlib import Path

from twisted.internet import reactor

from txnames import dns, server
from txnames.keyfile import readKeys
from txnames.receiving import Primary
from txnames.replication import Replication
from txnames.secondary import SecondaryAuthority
from txnames.zonestore import ZoneStore


def makeFactory(primary: str, zone: str, keyfile: str, folder: str) -> server.DNSServerFactory:
    """Make the server's factory, and begin to copy the zone: messages to and from the primary are signed."""
    host, _, port = primary.partition(":")
    keys = readKeys(Path(keyfile).read_bytes(), keyfile)
    key = next(iter(keys.values()))
    copy = SecondaryAuthority(host, zone, primaries=[Primary(host, int(port or 53), key)])
    replication = Replication(store=ZoneStore(folder))
    replication.copy(copy)
    factory = server.DNSServerFactory(authorities=[copy])
    factory.keys = keys
    # What hears that the primary has a new version.
    factory.secondaries = replication.secondaries
    reactor.callWhenRunning(copy.start)
    reactor.addSystemEventTrigger("before", "shutdown", replication.stop)
    return factory


def main() -> None:
    """Listen on the loopback interface until the process is ended."""
    factory = makeFactory(*sys.argv[1:5])
    port = int(sys.argv[5]) if len(sys.argv) > 5 else 10053
    reactor.listenUDP(port, dns.DNSDatagramProtocol(factory), interface="127.0.0.1")
    reactor.listenTCP(port, factory, interface="127.0.0.1")
    reactor.run()


if __name__ == "__main__":
    main()
