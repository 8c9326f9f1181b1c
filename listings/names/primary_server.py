"""A primary whose zone the program makes: each new version goes to the secondaries that have the key.

Run it as ``python primary_server.py KEYFILE [PORT [SECONDARY:PORT ...]]``; the port is 10053 if none is given.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from twisted.internet import reactor, task

from txnames import dns, server
from txnames.authority import MemoryAuthority
from txnames.keyfile import readKeys
from txnames.notifying import Notifier, Target
from txnames.protocol.access import AccessList
from txnames.replication import Replication
from txnames.transferring import Sender

ZONE = "counter.example"


def soa(serial: int) -> tuple[str, dns.Record_SOA]:
    """The SOA record of a version: secondaries see that there is a new one by its serial."""
    return ZONE, dns.Record_SOA("ns1.dns.example", "root.dns.example", serial, 3600, 600, 86400, 60, ttl=60)


def makeFactory(keyfile: str, secondaries: Sequence[tuple[str, int]]) -> server.DNSServerFactory:
    """Make the server's factory, and change its zone each second."""
    keys = readKeys(Path(keyfile).read_bytes(), keyfile)
    key = next(iter(keys.values()))
    zone = MemoryAuthority(ZONE, [soa(1), (ZONE, dns.Record_NS("ns1.dns.example", ttl=60))])
    replication = Replication(
        Sender(AccessList([f"key:{key.name}"])),
        Notifier(reactor, targets=[Target(host, port, key) for host, port in secondaries]),
    )
    replication.publish(zone)
    factory = server.DNSServerFactory(authorities=[zone])
    factory.keys = keys
    factory.transfers = replication.sender

    def count() -> None:
        """Make the next version; those who are told of it ask for the differences."""
        serial = zone.soa[1].serial + 1
        seconds = dns.Record_TXT(b"%d seconds" % serial, ttl=1)
        zone.change(remove=[(f"now.{ZONE}", "TXT")], add=[soa(serial), (f"now.{ZONE}", seconds)])

    reactor.callWhenRunning(replication.start)
    reactor.callWhenRunning(task.LoopingCall(count).start, 1.0)
    reactor.addSystemEventTrigger("before", "shutdown", replication.stop)
    return factory


def main() -> None:
    """Listen on the loopback interface until the process is ended."""
    port = int(sys.argv[2]) if len(sys.argv) > 2 else 10053
    places = [place.split(":") for place in sys.argv[3:]]
    factory = makeFactory(sys.argv[1], [(host, int(number)) for host, number in places])
    reactor.listenUDP(port, dns.DNSDatagramProtocol(factory), interface="127.0.0.1")
    reactor.listenTCP(port, factory, interface="127.0.0.1")
    reactor.run()


if __name__ == "__main__":
    main()
